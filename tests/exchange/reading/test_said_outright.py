"""What headers and cells say outright is not asked: counted areas, who counted, notes on empty rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from soleus.exchange.instruments.detect import detect_format
from soleus.exchange.reading import Imported, QuestionError, read

ANIMALS = ("c1", "c2", "c3", "c4", "h1", "h2", "h3", "h4")


def table(folder: Path, head: str, rows: list[str], name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def group(animal: str) -> str:
    return "control" if animal < "d" else "HU"


def role(imported: Imported, column: str) -> str:
    return next(c.role for c in imported.plan.columns if c.column == column)


@pytest.mark.parametrize(
    "header",
    ["Surface comptée (mm²)", "Volume contato (mm³)", "Volumen contado (mm3)", "gezähltes Volumen (mm³)",
     "Volume counted (mm3)", "área analizada (mm2)", "superficie esaminata (mm2)"],
)  # fmt: skip
def test_what_was_counted_in_is_divided_by(header: str, tmp_path: Path) -> None:
    rows = [f"{a},{group(a)},{20 + k},{0.3 + 0.01 * k}" for k, a in enumerate(ANIMALS)]
    imported = read(table(tmp_path, f"Mouse,Group,DCX+ cells,{header}", rows))
    assert any(header in line for line in imported.plan.divided)


def test_a_volume_that_nobody_says_was_counted_is_asked(tmp_path: Path) -> None:
    rows = [f"{a},{group(a)},{20 + k},{0.3 + 0.01 * k}" for k, a in enumerate(ANIMALS)]
    with pytest.raises(QuestionError) as asked:
        read(table(tmp_path, "Mouse,Group,DCX+ cells,Hippocampus volume (mm3)", rows))
    assert asked.value.question.about == "exposure"


@pytest.mark.parametrize("header", ["Bearbeiter", "Opérateur", "operador", "Operatrice", "Technician"])
def test_who_counted_is_the_observer(header: str, tmp_path: Path) -> None:
    rows = [f"{a},{group(a)},{'KM' if k % 2 else 'JS'},{20 + k}" for k, a in enumerate(ANIMALS)]
    imported = read(table(tmp_path, f"Mouse,Group,{header},DCX+ cells", rows))
    assert role(imported, header) == "observer"
    # Each counted other animals: nothing was averaged, and nothing says so.
    assert not any("averaged" in line for line in imported.plan.summed)


def test_two_observers_of_every_animal_are_averaged_and_that_is_said(tmp_path: Path) -> None:
    rows = [f"{a},{group(a)},{who},{20 + k}" for k, a in enumerate(ANIMALS) for who in ("KM", "JS")]
    imported = read(table(tmp_path, "Mouse,Group,Counted by,DCX+ cells", rows))
    assert any("2 observers counted each animal" in line for line in imported.plan.summed)


@pytest.mark.parametrize("note", ["tissue lost", "died", "verstorben", "morte"])
def test_a_note_on_rows_without_any_value_is_no_question(note: str, tmp_path: Path) -> None:
    rows = [f"{a},{group(a)},{'' if a in ('c4', 'h4') else 20 + k},{note if a in ('c4', 'h4') else ''}"
            for k, a in enumerate(ANIMALS)]  # fmt: skip
    imported = read(table(tmp_path, "Mouse,Group,DCX+ cells,comment", rows))
    assert role(imported, "comment") == "label"
    assert imported.observations.frame["animal"].nunique() in (6, 8)
    spoilt = [row.replace("c4,control,,", "c4,control,31,") for row in rows]
    with pytest.raises(QuestionError, match="left out"):
        read(table(tmp_path, "Mouse,Group,DCX+ cells,comment", spoilt))


def test_an_isa_table_that_holds_values_is_a_laboratorys_own(tmp_path: Path) -> None:
    head = (
        "Source Name\tCharacteristics[Organism]\tFactor Value[Spaceflight]\tSample Name\tParameter Value[{}]"
    )
    rows = [f"{a}\tMus\t{'Ground Control' if a < 'd' else 'Space Flight'}\t{a}_s\t{9 + k / 8}"
            for k, a in enumerate(ANIMALS)]  # fmt: skip
    path = table(tmp_path, head.format("Soleus wet mass, mg"), rows, "s.txt")
    imported = read(path)
    assert imported.mapping.groups.control == "Ground Control"
    assert set(imported.observations.frame["value_kind"]) == {"mass"}
    bare = [row.rsplit("\t", 1)[0] for row in rows]
    sample = table(tmp_path, head.rsplit("\t", 1)[0], bare, "s_samples.txt")
    assert detect_format(sample) == "isatab"
    settings = [f"{row}\t100" for row in bare]
    assert detect_format(table(tmp_path, head.format("read length"), settings, "s_more.txt")) == "isatab"
