"""Files that are more than one plain table: sheets, folders, keys, samples, Prism, struck-out cells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import xlsxwriter

from soleus import analyse
from soleus.errors import InputError
from soleus.exchange.instruments import prism_table, write_pzfx
from soleus.exchange.readers import QuestionError, load_mapping
from soleus.schema.analysis import AnalysisResult

RATIO = pytest.approx(0.6118, rel=1e-3)
CONTROL = [["m1", 40], ["m2", 38], ["m3", 44]]
TREATED = [["m4", 24], ["m5", 29], ["m6", 22]]


def book(path: Path, sheets: dict[str, list[list]]) -> Path:
    """Write a workbook; a cell in a tuple is struck out, one in a set is yellow."""
    with xlsxwriter.Workbook(str(path)) as workbook:
        struck = workbook.add_format({"font_strikeout": True})
        yellow = workbook.add_format({"bg_color": "#FFFF00"})
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if isinstance(cell, tuple):
                        sheet.write(r, c, cell[0], struck)
                    elif isinstance(cell, set):
                        sheet.write(r, c, next(iter(cell)), yellow)
                    elif cell is not None:
                        sheet.write(r, c, cell)
    return path


def only(result: AnalysisResult) -> tuple[float, dict[str, int]]:
    (comparison,) = result.comparisons
    assert comparison.effect is not None
    return comparison.effect.estimate, comparison.effect.n


def test_a_sheet_for_each_group_is_read_together_by_one_word(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx", {"Sham": [["Animal", "Ki67"], *CONTROL], "MCAO": [["Animal", "Ki67"], *TREATED]}
    )
    with pytest.raises(QuestionError) as asked:
        analyse(path)
    assert [choice.word for choice in asked.value.question.choices] == ["groups", "animals", "Sham", "MCAO"]
    assert list(tmp_path.iterdir()) == [path]
    estimate, n = only(analyse(path, answers=["sheet=groups"], seed=1))
    assert (estimate, n) == (RATIO, {"MCAO": 3, "Sham": 3})
    # What was answered is kept, and is used without being asked again.
    assert only(analyse(path, seed=1)) == (estimate, n)


def test_a_folder_of_one_file_a_group(tmp_path: Path) -> None:
    folder = tmp_path / "groups"
    folder.mkdir()
    for name, rows in (("control", CONTROL), ("HLU", TREATED)):
        text = "\n".join(["Animal,Ki67", *(f"{a},{v}" for a, v in rows)]) + "\n"
        (folder / f"{name}.csv").write_text(text)
    with pytest.raises(QuestionError, match="2 tables"):
        analyse(folder)
    assert only(analyse(folder, answers=["file=groups"], seed=1, keep=False)) == (
        RATIO,
        {"HLU": 3, "control": 3},
    )


def test_a_blinded_table_is_joined_with_its_key(tmp_path: Path) -> None:
    table, key = tmp_path / "blind.csv", tmp_path / "codes.csv"
    table.write_text("Code,Count\n" + "".join(f"X{k},{v}\n" for k, (_, v) in enumerate([*CONTROL, *TREATED])))
    lines = [f"X{k},{a},{'ctrl' if k < 3 else 'HU'}" for k, (a, _) in enumerate([*CONTROL, *TREATED])]
    key.write_text("Code,Mouse,Group\n" + "\n".join(lines) + "\n")
    assert only(analyse(table, key=key, seed=1)) == (RATIO, {"HU": 3, "ctrl": 3})
    key.write_text("Code,Mouse,Group\n" + "\n".join(lines[:-1]) + "\n")
    with pytest.raises(InputError, match=r"'X5' is not in codes\.csv"):
        analyse(table, key=key)


def test_samples_of_isa_tab_are_joined(tmp_path: Path) -> None:
    samples, table = tmp_path / "s_study.txt", tmp_path / "counts.csv"
    header = "Source Name\tSample Name\tFactor Value[Hindlimb Unloading]\n"
    groups = ["Normally Loaded Control"] * 3 + ["Hindlimb Unloaded"] * 3
    samples.write_text(header + "".join(f"A{k}\ts{k}\t{g}\n" for k, g in enumerate(groups)))
    table.write_text(
        "Sample,Count\n" + "".join(f"s{k},{v}\n" for k, (_, v) in enumerate([*CONTROL, *TREATED]))
    )
    found = analyse(table, samples=samples, seed=1)
    assert only(found) == (RATIO, {"Hindlimb Unloaded": 3, "Normally Loaded Control": 3})
    with pytest.raises(InputError, match="--samples s_study.txt"):
        analyse(samples)


def test_factor_values_with_the_values_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "isa.csv"
    rows = [*(("Ground Control", a, v) for a, v in CONTROL), *(("Space Flight", a, v) for a, v in TREATED)]
    text = "Source Name,Sample Name,Factor Value[Spaceflight],Ki67 cells\n"
    path.write_text(text + "".join(f"{a},{a}_s,{g},{v}\n" for g, a, v in rows))
    assert only(analyse(path, seed=1)) == (RATIO, {"Space Flight": 3, "Ground Control": 3})


def test_a_struck_out_cell_is_left_out_and_said(tmp_path: Path) -> None:
    rows = [["Animal", "Group", "Ki67"], *([a, "control", v] for a, v in CONTROL), ["m9", "control", (300,)]]
    rows += [[a, "HLU", v] for a, v in TREATED]
    found = analyse(book(tmp_path / "a.xlsx", {"Sheet1": rows}), seed=1)
    assert only(found) == (RATIO, {"HLU": 3, "control": 3})
    assert found.reading is not None
    assert [(entry.rows, entry.why) for entry in found.reading.left_out] == [
        ([5], "struck out in the sheet (Ki67)")
    ]


def test_coloured_rows_are_asked_about_and_a_groups_colour_is_not(tmp_path: Path) -> None:
    rows = [["Animal", "Group", "Ki67"], *([a, "control", v] for a, v in CONTROL)]
    rows += [[{"m9"}, {"control"}, {300}], *([a, "HLU", v] for a, v in TREATED)]
    path = book(tmp_path / "a.xlsx", {"Sheet1": rows})
    with pytest.raises(QuestionError, match="rows 5 are coloured"):
        analyse(path)
    found = analyse(path, answers=["coloured=exclude"], seed=1, keep=False)
    assert only(found) == (RATIO, {"HLU": 3, "control": 3})
    assert found.reading is not None
    assert [(entry.rows, entry.why) for entry in found.reading.left_out] == [
        ([5], "coloured in the sheet, left out as you said")
    ]
    kept = analyse(path, answers=["coloured=keep"], seed=1, keep=False)
    assert only(kept)[1] == {"HLU": 3, "control": 4}
    assert kept.reading is not None and any("coloured" in note for note in kept.reading.notes)
    painted = [["Animal", "Group", "Ki67"], *([{a}, {"control"}, {v}] for a, v in CONTROL)]
    painted += [[a, "HLU", v] for a, v in [*TREATED, *((f"{a}b", v) for a, v in TREATED)]]
    assert only(analyse(book(tmp_path / "b.xlsx", {"S": painted}), seed=1))[1] == {"HLU": 6, "control": 3}


def test_several_tables_of_prism_are_one_word(tmp_path: Path) -> None:
    path = tmp_path / "two.pzfx"
    tables = [prism_table(name, {"control": [40, 38, 44], "HLU": [24, 29, 22]}) for name in ("Ki67", "DCX")]
    write_pzfx(tables, path)
    with pytest.raises(QuestionError, match="holds 2 tables") as asked:
        analyse(path)
    assert [choice.word for choice in asked.value.question.choices] == ["Ki67", "DCX"]
    found = analyse(path, answers=["sheet=DCX", "group-per-column"], seed=1, keep=False)
    assert only(found) == (RATIO, {"HLU": 3, "control": 3}) and found.comparisons[0].readout == "DCX"


def test_prism_tables_ask_once_and_are_answered_in_one_word(tmp_path: Path) -> None:
    path = tmp_path / "a.pzfx"
    write_pzfx([prism_table("Ki67", {"control": [40, 38, 44], "HLU": [24, 29, 22]})], path)
    with pytest.raises(QuestionError, match="Is each column a group"):
        analyse(path)
    found = analyse(path, answers=["group-per-column"], seed=1, keep=False)
    assert only(found) == (RATIO, {"HLU": 3, "control": 3})
    assert found.comparisons[0].readout == "Ki67"


def test_an_export_of_qupath_saved_as_a_workbook_is_the_same_file(tmp_path: Path) -> None:
    lines = [["Image", "Object ID", "Object type", "Classification"]]
    for group, animal, cells in (
        ("sham", "rat1", 9),
        ("sham", "rat2", 11),
        ("stroke", "rat3", 5),
        ("stroke", "rat4", 6),
    ):
        lines += [[f"{group}_{animal}_s1.tif", f"{animal}-{k}", "Cell", "Ki67"] for k in range(cells)]
    text = tmp_path / "cells.tsv"
    text.write_text("\n".join("\t".join(line) for line in lines) + "\n")
    saved = book(tmp_path / "cells.xlsx", {"Sheet1": lines})
    assert only(analyse(text, seed=1)) == only(analyse(saved, seed=1))


def test_an_image_table_of_cellprofiler_under_any_name(tmp_path: Path) -> None:
    path = tmp_path / "final counts.csv"
    rows = "".join(
        f"{k},{v},{g}_m{k}_s1.tif\n"
        for k, (g, v) in enumerate(
            [("sham", 40), ("sham", 38), ("sham", 44), ("MCAO", 24), ("MCAO", 29), ("MCAO", 22)], 1
        )
    )
    path.write_text("ImageNumber,Count_DCX,FileName_DAPI\n" + rows)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    assert only(analyse(path, seed=1)) == (RATIO, {"MCAO": 3, "sham": 3})


def test_the_plan_written_down_reads_the_file_again(tmp_path: Path) -> None:
    path, plan = tmp_path / "a.csv", tmp_path / "plan.yaml"
    rows = [
        f"{a}_{side},{g},{v}"
        for g, part in (("ctrl", CONTROL), ("HU", TREATED))
        for a, v in part
        for side in "LR"
    ]
    path.write_text("Mouse,Group,Count\n" + "\n".join(rows) + "\n")
    first = analyse(path, seed=1, write_mapping=plan)
    kept = load_mapping(plan)
    assert kept.version == "soleus.mapping/2"
    assert kept.roles["Group"] == "group: the header 'Group' names the group"
    again = analyse(path, seed=1, mapping=plan)
    assert (
        json.loads(again.model_dump_json())["comparisons"]
        == json.loads(first.model_dump_json())["comparisons"]
    )
    assert first.reading is not None and again.reading is not None
    assert (again.reading.summed, again.reading.control_reason) == (
        first.reading.summed,
        first.reading.control_reason,
    )
    assert {c.told for c in again.reading.columns} == {"mapping"}
