"""Rows of means, deviations, totals and numbers below each group are told by their values, words helping."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from soleus.exchange.reading import QuestionError, read

CONTROL, TREATED = (40, 38, 44, 41), (24, 29, 22, 27)
WAYS = {
    "mean": statistics.mean,
    "sd": statistics.stdev,
    "sem": lambda values: statistics.stdev(values) / len(values) ** 0.5,
    "n": len,
    "sum": sum,
}
LABELS = [
    *((("Schnitt {g}", "mean"),), (("Schnitt", "mean"), ("Stabw", "sd"), ("n", "n"))),
    *((("Moyenne", "mean"), ("Effectif", "n"), ("Total", "sum")), (("Effectif {g}", "n"),)),
    *((("Media {g}", "mean"), ("Dev. std {g}", "sd")), (("Media", "mean"), ("Dev. std.", "sd"), ("N", "n"))),
    (("Promedio {g}", "mean"), ("Desv. est. {g}", "sd"), ("Número", "n")),
    (("Moy. {g}", "mean"), ("Écart type {g}", "sd"), ("Err. std {g}", "sem")),
    *((("Ø {g}", "mean"), ("Anzahl Tiere", "n")), (("Numerosità {g}", "n"),), (("Avg. {g}", "mean"),)),
    # in no list of words: by their values alone
    (("foo {g}", "mean"), ("bar {g}", "sd"), ("baz", "n")),
]


def table(
    path: Path, rows: tuple[tuple[str, str], ...], *, filled: bool, below: bool, off: float = 0.0
) -> Path:
    lines, last = ["Tier,Gruppe,Zellen"], []
    for k, (group, values) in enumerate((("Sham", CONTROL), ("MCAO", TREATED))):
        lines += [f"{'KE'[k]}{i + 1},{group},{v}" for i, v in enumerate(values)]
        for label, way in rows:
            value = f"{WAYS[way](values) + off:.2f}".rstrip("0").rstrip(".")  # type: ignore[operator]
            last.append(f"{label.format(g=group)},{group if filled else ''},{value}")
        if not below:
            lines, last = lines + last, []
    path.write_text("\n".join(lines + last) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("filled", [True, False])
@pytest.mark.parametrize("below", [True, False])
@pytest.mark.parametrize("rows", LABELS, ids=lambda rows: rows[0][0])
def test_summaries_are_no_animals(
    rows: tuple[tuple[str, str], ...], filled: bool, below: bool, tmp_path: Path
) -> None:
    found = read(table(tmp_path / "a.csv", rows, filled=filled, below=below))
    assert found.observations.frame.groupby("group")["animal"].nunique().to_dict() == {"MCAO": 4, "Sham": 4}
    assert sum(len(left.rows) for left in found.plan.left_out) == 2 * len(rows)


def test_an_odd_id_without_agreement_is_asked_about_before_its_group(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", (("foo {g}", "mean"),), filled=False, below=False, off=1.1)
    with pytest.raises(QuestionError) as asked:
        read(path)
    assert [choice.word for choice in asked.value.question.choices] == ["summary", "animal"]


def test_an_animal_with_a_name_of_its_own_stays(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", (), filled=True, below=True)
    path.write_text(path.read_text() + "Emma,MCAO,31\n")
    assert read(path).observations.frame["animal"].nunique() == 9


def test_animals_with_names_are_animals(tmp_path: Path) -> None:
    names = ("Emma", "Otto", "Ida", "Karl", "Lotte", "Mia", "Nina", "Paul")
    lines = [f"{n},{'Sham' if k < 4 else 'MCAO'},{(*CONTROL, *TREATED)[k]}" for k, n in enumerate(names)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["Tier,Gruppe,Zellen", *lines]) + "\n")
    assert read(path).observations.frame["animal"].nunique() == 8
