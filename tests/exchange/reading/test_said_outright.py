"""What headers and cells say outright is not asked: counted areas, who counted, notes on empty rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from soleus.errors import InputError
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


@pytest.mark.parametrize(
    "header",
    ["images analysed", "Bilder ausgewertet", "images analysées", "campos analizados", "campi contati",
     "Fields counted", "sections per mouse", "Schnitte pro Tier"],
)  # fmt: skip
def test_how_many_images_were_looked_at_is_divided_by(header: str, tmp_path: Path) -> None:
    rows = [f"{a},{group(a)},{20 + k},{3 + k % 3}" for k, a in enumerate(ANIMALS)]
    imported = read(table(tmp_path, f"Mouse,Group,DCX+ cells,{header}", rows))
    assert any(header in line for line in imported.plan.divided), imported.plan
    assert role(imported, header) == "exposure"


@pytest.mark.parametrize(
    ("header", "kind"),
    [("Femur BMD (mg/cm²)", "level"), ("BMD (g/cm2)", "level"), ("Tb BMD (mgHA/cm3)", "level"),
     ("Specific force (N/mm2)", "level"), ("Bone (mg/mm3)", "level"), ("Stress mN/mm2", "level"),
     ("Stress_mN/mm2", "level"), ("Stress.mN/mm2", "level"),
     ("Ki67 (cells/mm2)", "density"), ("Ki67 (N/mm2)", "density")],
)  # fmt: skip
def test_an_amount_per_area_is_no_density_of_cells(header: str, kind: str, tmp_path: Path) -> None:
    rows = [f"{a},{group(a)},{61.5 + k}" for k, a in enumerate(ANIMALS)]
    imported = read(table(tmp_path, f"Mouse,Group,{header}", rows))
    assert set(imported.observations.frame["value_kind"]) == {kind}


@pytest.mark.parametrize(
    ("control", "treated"),
    [("sedentary", "runner"), ("SED", "EX"), ("sédentaire", "course"), ("untrained", "trained"),
     ("young", "old"), ("jung", "alt"), ("ambulatory", "HLU"), ("lean", "obese")],
)  # fmt: skip
def test_what_the_others_are_compared_with_is_known_and_said(
    control: str, treated: str, tmp_path: Path
) -> None:
    rows = [f"{a},{control if a < 'd' else treated},{20 + k}" for k, a in enumerate(ANIMALS)]
    imported = read(table(tmp_path, "Mouse,Group,DCX+ cells", rows))
    assert imported.plan.control == control and imported.plan.control_reason


@pytest.mark.parametrize(
    "labels", [("young", "old", "old runner"), ("young sedentary", "young run", "old sedentary", "old run")]
)
def test_the_young_are_no_control_of_the_trained_old(labels: tuple[str, ...], tmp_path: Path) -> None:
    rows = [f"a{k}{g[:2]}{len(g)},{g},{20 + k}" for g in labels for k in range(4)]
    with pytest.raises(QuestionError) as asked:
        read(table(tmp_path, "Mouse,Group,DCX+ cells", rows))
    assert asked.value.question.id == "control"


def test_durations_with_their_unit_are_times(tmp_path: Path) -> None:
    rows = [f"{a},{group(a)},35 day,{20 + k}" for k, a in enumerate(ANIMALS)]
    assert (
        role(read(table(tmp_path, "Mouse,Group,Study duration,DCX+ cells", rows)), "Study duration")
        == "label"
    )
    rows = [f"{a}{d},{group(a)},{d} day,{20 + k}" for k, a in enumerate(ANIMALS) for d in (7, 35)]
    imported = read(table(tmp_path, "Mouse,Group,Duration,DCX+ cells", rows))
    assert role(imported, "Duration") == "time"
    assert set(imported.observations.frame["day"]) == {7.0, 35.0}


@pytest.mark.parametrize(("word", "value"), [("thousands", 89431.0), ("decimals", 89.431)])
def test_a_comma_that_may_be_either_is_one_word(word: str, value: float, tmp_path: Path) -> None:
    rows = [f'{a},{group(a)},"89,43{k}"' for k, a in enumerate(ANIMALS, start=1)]
    path = table(tmp_path, "Mouse,Group,NeuN density (cells/mm3)", rows)
    with pytest.raises(QuestionError, match="89431 or 89.431"):
        read(path)
    assert read(path, answers=[f"decimal={word}"]).observations.frame["value"].iloc[0] == pytest.approx(value)


def test_each_column_decides_its_own_mark(tmp_path: Path) -> None:
    # Thousands with commas in one column, tenths with points in the other.
    rows = [f'{a},{group(a)},"1,089,43{k}",{20 + k / 10:.1f}' for k, a in enumerate(ANIMALS, start=1)]
    frame = read(table(tmp_path, "Mouse,Group,DCX+ cells,Body weight (g)", rows)).observations.frame
    assert frame.loc[frame["readout"] == "DCX+ cells", "value"].iloc[0] == 1089431


@pytest.mark.parametrize("header", ["NeuN cells", "Zellzahl", "Iba1 (cells/mm3)"])
def test_counts_of_which_every_cell_may_have_thousands_are_asked_about(header: str, tmp_path: Path) -> None:
    rows = [f"{a},{group(a)},1.52{k}" for k, a in enumerate(ANIMALS, start=1)]
    path = table(tmp_path, f"Mouse,Group,{header}", rows)
    with pytest.raises(QuestionError, match="1521 or 1.521"):
        read(path)
    assert read(path, answers=["decimal=thousands"]).observations.frame["value"].min() == 1521
    weights = read(table(tmp_path, "Mouse,Group,Soleus (g)", rows, "g.csv"))
    assert weights.observations.frame["value"].min() == pytest.approx(1.521)


@pytest.mark.parametrize("mark", [",", "."])
def test_cells_of_a_million_tell_the_mark_of_the_others(mark: str, tmp_path: Path) -> None:
    rows = [
        f"{a};{group(a)};1.089.43{k}" if k % 2 else f"{a};{group(a)};949.02{k}" for k, a in enumerate(ANIMALS)
    ]
    lines = [row.replace(".", mark) for row in rows]
    values = read(table(tmp_path, "Mouse;Group;DCX+ cells", lines)).observations.frame["value"]
    assert sorted(values)[0] == 949020 and sorted(values)[-1] == 1089437


def test_dates_without_marks_are_never_tested(tmp_path: Path) -> None:
    rows = [f"{a},{group(a)},2023110{k},{20 + k}" for k, a in enumerate(ANIMALS, start=1)]
    imported = read(table(tmp_path, "Mouse,Group,Accession,DCX+ cells", rows))
    assert role(imported, "Accession") == "label"


def test_sessions_that_only_order_the_treatments_are_no_strata(tmp_path: Path) -> None:
    drugs = ("saline", "low", "high")
    rows = [f"a{k},{(k + s) % 3 + 1},{drug},{20 + k + s}" for k in range(6) for s, drug in enumerate(drugs)]
    path = table(tmp_path, "Animal,Session,Drug,Distance (m)", rows)
    with pytest.raises(QuestionError) as asked:
        read(path)
    assert [choice.word for choice in asked.value.question.choices] == ["Drug"]
    said = ["group=Drug", "control=saline", "animals=paired"]
    imported = read(path, answers=said)
    assert role(imported, "Session") == "label" and not imported.plan.within


def test_what_the_file_calls_its_parts_is_what_is_said(tmp_path: Path) -> None:
    rows = [f"{a},{group(a)},{n},{20.5 + k + n}" for k, a in enumerate(ANIMALS) for n in (1, 2, 3)]
    (line,) = read(table(tmp_path, "Mouse,Group,Fibre,CSA (µm²)", rows)).plan.summed
    assert "3 of 'Fibre' of each animal are averaged" in line


@pytest.mark.parametrize(
    "note", ["999 = section lost", "* mouse c3 re-imaged", '"Note: fields are 20x; counted blind"']
)
def test_a_note_below_the_table_is_no_row(note: str, tmp_path: Path) -> None:
    rows = [f"{a},{group(a)},{20 + k}" for k, a in enumerate(ANIMALS)]
    imported = read(table(tmp_path, "Mouse,Group,DCX+ cells", [*rows, "", note]))
    assert imported.observations.frame["animal"].nunique() == 8
    assert any("row 11 below the table" in one for one in imported.notes)


@pytest.mark.parametrize("cut", ["h4", "mouse h4"])
def test_a_row_that_was_cut_short_is_no_note(cut: str, tmp_path: Path) -> None:
    rows = [f"{a},{group(a)},{20 + k}" for k, a in enumerate(ANIMALS[:-1])]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["Mouse,Group,DCX+ cells", *rows, cut]), encoding="utf-8")
    with pytest.raises(InputError, match="cut short"):
        read(path)


def test_thousands_with_blanks_are_numbers(tmp_path: Path) -> None:
    rows = [f"{a};{group(a)};{1 + k % 2} {600 + k}" for k, a in enumerate(ANIMALS)]
    frame = read(table(tmp_path, "Souris;Groupe;Cellules Ki67", rows)).observations.frame
    assert sorted(frame["value"])[0] == 1600
    mixed = [*rows[:-1], "h4;HU;12 34"]
    with pytest.raises(InputError, match="several"):
        read(table(tmp_path, "Souris;Groupe;Cellules Ki67", mixed))


def test_all_cells_are_what_the_marked_ones_were_counted_among(tmp_path: Path) -> None:
    rows = [f"{a},{group(a)},{20 + k},{400 + 7 * k}" for k, a in enumerate(ANIMALS)]
    imported = read(table(tmp_path, "Mouse,Group,Caspase+ cells,All cells (DAPI)", rows))
    assert [entry.denominator for entry in imported.mapping.values] == ["All cells (DAPI)"]


def test_a_blind_code_is_a_code_and_no_flag(tmp_path: Path) -> None:
    rows = [f"X{k}{a},{20 + k}" for k, a in enumerate(ANIMALS)]
    path = table(tmp_path, "Blind code,DCX+ cells", rows)
    key = [f"X{k}{a},{a},{group(a)}" for k, a in enumerate(ANIMALS)]
    keyed = table(tmp_path, "Blind code,Mouse,Group", key, "key.csv")
    frame = read(path, key=keyed).observations.frame
    assert set(frame["animal"]) == set(ANIMALS) and set(frame["group"]) == {"control", "HU"}
