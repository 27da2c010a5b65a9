"""Sheets: merged headers, title rows, errors of formulas, hidden sheets, three formats."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_files import ods, replace_part, xls, xlsx

from soleus.errors import InputError
from soleus.exchange.reading import read, read_raw

HEADER = ["Mouse", "Group", "Section", "Ki67", "Area (mm2)"]
ROWS = [["M1", "control", 1, 12, 0.25], ["M1", "control", 2, "-", 0.25], ["M2", "HU", 1, 7, 0.5]]


def written(folder: Path, form: str, sheets: dict[str, list[list]]) -> Path:
    make = {"xlsx": xlsx, "ods": ods}[form]
    return make(folder / f"counts.{form}", sheets)


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_a_sheet_is_read_value_for_value(form: str, tmp_path: Path) -> None:
    imported = read(written(tmp_path, form, {"Counts": [HEADER, *ROWS]}))
    frame = imported.observations.frame
    assert list(frame["animal"]) == ["M1", "M1", "M2"]
    assert list(frame["section"]) == ["1", "2", "1"]
    assert list(frame["value"])[::2] == [12.0, 7.0]
    assert frame["exclusion_reason"].iloc[1] == "'-' in the file"
    assert list(frame["exposure"]) == [0.25, 0.25, 0.5]
    assert list(frame["source_row"]) == [2, 3, 4]
    assert imported.mapping.sheet == "Counts"


def test_an_old_workbook_is_read_and_its_hidden_sheets_are_named(tmp_path: Path) -> None:
    imported = read(xls(tmp_path / "a.xls"))
    frame = imported.observations.frame
    assert list(frame["value"])[:3] == [12.0, 15.0, 7.0]
    assert bool(frame["excluded"].iloc[3])
    assert "hidden sheets, not read: alt, Fehler" in imported.notes
    with pytest.raises(InputError, match="sheet 'Fehler', row 2, column 'Ki67': '#DIV/0!' is an error"):
        read(tmp_path / "a.xls", sheet="Fehler")


def test_a_text_file_named_xls_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "Results.xls"
    path.write_text("animal\tgroup\tcount\nM1\tcontrol\t3\nM2\tHU\t4\n")
    assert list(read(path).observations.frame["value"]) == [3.0, 4.0]


MERGED = [
    ["Section", None, None, None, None],
    [None, "M1", "M2", "M3", "M4"],
    [1, 3, 4, 5, 6],
    [2, 7, 8, None, "n.d."],
]
GROUPS = [("Ki67", (0, 1, 0, 2), "control"), ("Ki67", (0, 3, 0, 4), "HU")]


def test_groups_in_merged_cells_and_animals_below_them(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"Ki67": MERGED}, merges=GROUPS)
    assert read_raw(path).header == ("Section", "control | M1", "control | M2", "HU | M3", "HU | M4")
    frame = read(path).observations.frame
    assert list(frame["animal"]) == ["M1", "M2", "M3", "M4"] * 2
    assert list(frame["group"]) == ["control", "control", "HU", "HU"] * 2
    assert list(frame["section"]) == ["1"] * 4 + ["2"] * 4
    assert list(frame["value"])[:6] == [3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    assert list(frame["excluded"])[6:] == [True, True]
    assert set(frame["readout"]) == {"Ki67"}
    assert list(frame["source_row"]) == [3] * 4 + [4] * 4


def test_animals_numbered_anew_in_each_group_are_different_animals(tmp_path: Path) -> None:
    rows = [MERGED[0], [None, 1, 2, 1, 2], MERGED[2]]
    path = xlsx(tmp_path / "a.xlsx", {"Ki67": rows}, merges=GROUPS)
    assert list(read(path).observations.frame["animal"]) == ["control-1", "control-2", "HU-1", "HU-2"]


def test_animals_merged_down_several_rows_are_filled(tmp_path: Path) -> None:
    rows = [["Mouse", "Group", "Field", "DCX"], [None, None, 1, 5], [None, None, 2, 6], ["M2", "HU", 1, 7]]
    merges = [("S", (1, 0, 2, 0), "M1"), ("S", (1, 1, 2, 1), "control")]
    frame = read(xlsx(tmp_path / "a.xlsx", {"S": rows}, merges=merges)).observations.frame
    assert list(frame["animal"]) == ["M1", "M1", "M2"]
    assert list(frame["group"]) == ["control", "control", "HU"]


def test_animals_written_once_above_blanks_are_asked_for(tmp_path: Path) -> None:
    rows = [
        ["Mouse", "Group", "Field", "DCX"],
        ["M1", "control", 1, 5],
        [None, None, 2, 6],
        ["M2", "HU", 1, 7],
    ]
    path = xlsx(tmp_path / "a.xlsx", {"S": rows})
    with pytest.raises(InputError, match=r"(?s)row 3 has values and no animal.*blanks=repeat"):
        read(path)


def test_titles_and_units_around_the_header(tmp_path: Path) -> None:
    rows = [
        ["Experiment 3"],
        [],
        ["Mouse", "Group", "Ki67", "Area"],
        [None, None, "cells", "mm²"],
        ["M1", "control", 3, 0.5],
        ["M2", "HU", 4, 0.25],
    ]
    imported = read(xlsx(tmp_path / "a.xlsx", {"S": rows}))
    frame = imported.observations.frame
    assert list(frame["source_row"]) == [5, 6]
    assert list(frame["exposure"]) == [0.5, 0.25]
    assert set(frame["readout"]) == {"Ki67"}
    assert any("title" in note for note in imported.notes)


def test_the_one_visible_sheet_is_taken_and_formulas_with_a_value_are_read(tmp_path: Path) -> None:
    rows = [["Mouse", "Group", "Ki67"], ["M1", "control", None], ["M2", "HU", 4]]
    formulas = {("S", 1, 2): ("=1+2", 3), ("old", 0, 0): ("=1/0", "#DIV/0!")}
    path = xlsx(tmp_path / "a.xlsx", {"S": rows, "old": [[1]]}, hidden=("old",), formulas=formulas)
    imported = read(path)
    assert list(imported.observations.frame["value"]) == [3.0, 4.0]
    assert "hidden sheets, not read: old" in imported.notes


def test_an_error_in_a_column_that_is_not_used_does_no_harm(tmp_path: Path) -> None:
    rows = [["Mouse", "Group", "Ki67", "Comment"], ["M1", "control", 3, "a"], ["M2", "HU", 4, None]]
    path = xlsx(tmp_path / "a.xlsx", {"S": rows}, formulas={("S", 2, 3): ("=1/0", "#DIV/0!")})
    assert list(read(path).observations.frame["value"]) == [3.0, 4.0]
    assert read_raw(path).rows[1][3] == "#DIV/0!"


def test_an_error_in_the_last_row_is_not_lost(tmp_path: Path) -> None:
    rows = [["Mouse", "Group", "Section", "Ki67"], ["M1", "control", 1, 3], ["M2", "HU", 1, 4]]
    errors = {("S", 3, c): ("=1/0", "#DIV/0!") for c in range(4)}
    with pytest.raises(InputError, match="row 4"):
        read(xlsx(tmp_path / "a.xlsx", {"S": rows}, formulas=errors))


def test_a_sheet_has_the_name_of_its_own_namespace(tmp_path: Path) -> None:
    table = b'<table:table table:name="Counts"'
    path = replace_part(
        ods(tmp_path / "a.ods", {"Counts": [HEADER, *ROWS]}),
        "content.xml",
        lambda data: data.replace(table, table + b' xml:name="x"'),
    )
    assert read(path).mapping.sheet == "Counts"
