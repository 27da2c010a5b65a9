"""Ids that come again in each experiment, run or replicate: asked in one word, never called sections."""

from __future__ import annotations

from pathlib import Path

import pytest

from soleus.exchange.reading import QuestionError, read

HEADERS = [
    *(("Experiment", "Exp I", "Exp II"), ("Experiment", "1", "2"), ("Versuch", "A", "B"), ("Run", "1", "2")),
    *(
        ("Expérience", "1", "2"),
        ("Experimento", "E1", "E2"),
        ("Esperimento", "1", "2"),
        ("Cohort", "C1", "C2"),
    ),
    *(("Replicate", "1", "2"), ("Replikat", "R1", "R2"), ("Durchgang", "1", "2"), ("Exp", "1", "2")),
]
VALUES = (("ctrl", 40), ("ctrl", 38), ("ctrl", 44), ("HU", 24), ("HU", 29), ("HU", 22))


def table(path: Path, header: tuple[str, str, str], *, mixed: bool = False) -> Path:
    lines = [f"{header[0]},Mouse,Group,BrdU+ cells"]
    for k, run in enumerate(header[1:]):
        for place, (group, value) in enumerate(VALUES):
            number = (place * 5) % 6 if mixed and k else place
            lines.append(f"{run},{number + 1},{group},{value + 3 * k}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("header", HEADERS, ids=lambda h: h[0])
@pytest.mark.parametrize("mixed", [False, True])
def test_each_answer_is_one_word_and_holds(header: tuple[str, str, str], mixed: bool, tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", header, mixed=mixed)
    name = header[0]
    with pytest.raises(QuestionError) as asked:
        read(path)
    assert asked.value.question.id == name
    words = [choice.word for choice in asked.value.question.choices]
    assert words[:2] == ["anew", "within"]
    assert "remove" not in str(asked.value)
    found = read(path, answers=[f"{name}=anew"])
    assert found.observations.frame.groupby("group")["animal"].nunique().to_dict() == {"ctrl": 6, "HU": 6}
    assert found.mapping.columns.blocks == (name,)
    within = read(path, answers=[f"{name}=within"])
    assert within.mapping.columns.strata == (name,)
    assert len(within.observations.frame) == 12


def test_ids_of_their_own_are_not_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [f"Exp {k % 2},m{k},{g},{v}" for k, (g, v) in enumerate(VALUES)]
    path.write_text("\n".join(["Experiment,Mouse,Group,BrdU+ cells", *lines]) + "\n")
    assert read(path).observations.frame["animal"].nunique() == 6


def test_replicates_of_named_animals_are_parts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [f"m{k},{g},{r},{v + r}" for k, (g, v) in enumerate(VALUES) for r in (1, 2)]
    path.write_text("\n".join(["Mouse,Group,Replicate,BrdU+ cells", *lines]) + "\n")
    assert read(path).observations.frame["animal"].nunique() == 6
