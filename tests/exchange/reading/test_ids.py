"""Ids that name a part of an animal: whatever stands between the two, a part is no animal."""

from __future__ import annotations

from pathlib import Path

import pytest

from soleus.analysis.declaration import AnalysisPlan
from soleus.analysis.plan import analyse
from soleus.exchange.reading import QuestionError, read

COUNTS = {"co1": 40, "co2": 38, "co3": 44, "ex1": 24, "ex2": 29, "ex3": 22}


def table(folder: Path, form: str, parts: tuple[str, ...] = ("1", "2")) -> Path:
    """Six animals with two rows each; ``form`` makes an id of animal and part."""
    lines = ["Animal;Group;Cell count"]
    for animal, count in COUNTS.items():
        group = "control" if animal.startswith("co") else "exercised"
        lines += [f'"{form.format(a=animal, p=part)}";{group};{count}' for part in parts]
    path = folder / "table.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def animals(path: Path, *answers: str) -> set[tuple[str, ...]]:
    """Return the animals in each comparison, as read."""
    imported = read(path, answers=list(answers))
    plan = AnalysisPlan(control=imported.plan.mapping.groups.control)
    results = analyse(imported.observations, plan=plan)
    assert results is not None
    return {tuple(sorted(imported.observations.frame["animal"].astype(str).unique()))}


@pytest.mark.parametrize(
    "form",
    [
        "{a} (sez. {p})",
        "{a} (slice {p})",
        "{a} [section {p}]",
        "{a} (corte {p})",
        "{a}, coupe {p}",
        "{a}; Schnitt {p}",
        "{a}#slice{p}",
        "{a} / tranche {p}",
        "{a}|sec.{p}",
        "{a} (sección {p})",
        "{a} ({p}. Schnitt)",
        "{a} – fetta n° {p}",
        "{a}{{lame {p}}}",
        "{a} (Objektträger {p})",
        "{a} (Faser {p})",
        "{a}, Bild {p}",
        "{a} (campo {p})",
        "{a}:crypt {p}",
    ],
)
def test_a_part_that_says_so_is_no_animal(form: str, tmp_path: Path) -> None:
    assert animals(table(tmp_path, form)) == {tuple(COUNTS)}


@pytest.mark.parametrize(
    "form",
    ["{a} ({p})", "{a} [{p}]", "{a}, {p}", "{a}#{p}", "{a} / {p}", "{a}+{p}", "{a} n°{p}", "{a} (zorp {p})"]
    + ["{a}s{p}"],
)
def test_a_part_that_does_not_say_what_it_is_is_asked_with_its_animal(form: str, tmp_path: Path) -> None:
    path = table(tmp_path, form)
    with pytest.raises(QuestionError) as asked:
        read(path)
    assert asked.value.question.id == "Animal"
    assert asked.value.question.examples[0][1] == "co1"
    assert animals(path, "Animal=prefix") == {tuple(COUNTS)}


@pytest.mark.parametrize("form", ["{a} ({p})", "{a}, {p}", "{a} [{p}]"])
def test_sides_in_brackets_are_parts(form: str, tmp_path: Path) -> None:
    assert animals(table(tmp_path, form, ("links", "rechts"))) == {tuple(COUNTS)}


@pytest.mark.parametrize("form", ["{a} (slice {p[0]}, {p[1]})", "{a}_s{p[0]}_{p[1]}", "{a}_{p[1]}_s{p[0]}"])
def test_a_section_and_a_side_are_both_parts(form: str, tmp_path: Path) -> None:
    parts = tuple(("12"[s], "LR"[h]) for s in (0, 1) for h in (0, 1))
    lines = ["Animal;Group;Cell count"]
    for animal, count in COUNTS.items():
        group = "control" if animal.startswith("co") else "exercised"
        lines += [f"{form.format(a=animal, p=part)};{group};{count}" for part in parts]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert animals(path) == {tuple(COUNTS)}


def test_regions_and_days_in_brackets_are_compared_apart(tmp_path: Path) -> None:
    imported = read(table(tmp_path, "{a} (day {p})", ("3", "7")))
    assert set(imported.observations.frame["day"]) == {3.0, 7.0}
    imported = read(table(tmp_path, "{a} [{p}]", ("CA1", "CA3")))
    assert set(imported.observations.frame["niche"].astype(str)) == {"CA1", "CA3"}


def test_numbered_animals_of_litters_stay_animals(tmp_path: Path) -> None:
    imported = read(table(tmp_path, "{a} (pup {p})"))
    assert imported.observations.frame["animal"].nunique() == 12
