"""Workbooks cell by cell against another reader of the same files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from made_files import ods, replace_part, xlsx

from soleus.exchange.reading import read_raw

calamine = pytest.importorskip("python_calamine")

DATES = (
    "yyyy-mm-dd",
    "hh:mm",
    "[h]:mm",
    "d.m.yy hh:mm",
    "[$-409]d-mmm-yy",
    "mm:ss.0",
    "AM/PM",
    "[ss]",
    "yyyy;@",
)
NUMBERS = (
    "0.00",
    "General",
    "[Red]0",
    '"day" 0',
    "@",
    '#,##0 "h"',
    "0.00E+00",
    "\\d0",
    "_-* #,##0_d",
    "[$€-407] 0",
)
SERIALS = (0, 0.5, 1, 45.25, 59, 60, 61, 45000, 45000.75, 1.5)


def shown(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value) if value not in (None, "") else None


def expected(path: Path) -> list[list[object]]:
    rows = calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [[shown(value) for value in row] for row in rows]


def formatted(path: Path, *, date_1904: bool) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"date_1904": date_1904}) as book:
        page = book.add_worksheet("A")
        page.write_row(0, 0, ["form", *(f"c{n}" for n in range(len(SERIALS)))])
        forms = [*DATES, *NUMBERS, *(14, 22, 27, 36, 37, 45, 46, 47, 49, 50, 58, 9, 12)]
        for row, form in enumerate(forms, 1):
            style = book.add_format({"num_format": form})
            page.write(row, 0, str(form))
            for column, serial in enumerate(SERIALS, 1):
                page.write_number(row, column, serial, style)
    return path


@pytest.mark.parametrize("date_1904", [False, True])
def test_dates_durations_and_numbers_are_told_apart_as_elsewhere(date_1904: bool, tmp_path: Path) -> None:
    path = formatted(tmp_path / "a.xlsx", date_1904=date_1904)
    theirs = expected(path)
    ours = [list(row) for row in read_raw(path).rows]
    assert ours == theirs[1:]
    kinds = {type(cell) for row in ours[: len(DATES)] for cell in row[1:]}
    assert kinds == {str}
    assert {type(cell) for row in ours[len(DATES) : len(DATES) + len(NUMBERS)] for cell in row[1:]} == {float}


TEXTS = [
    ["name", "one", "two", "three", "four"],
    ["  blanks  ", "two\nlines", "a_x0041_b", "µ ä 日本", True],
    ["=1+1", "#notes", 1e-300, -0.0, 123456789012],
    [None, "x", None, 2.5, False],
]


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_texts_and_numbers_are_those_of_another_reader(form: str, tmp_path: Path) -> None:
    if form == "xlsx":
        rows = [[f"'{c}" if isinstance(c, str) and c.startswith("=") else c for c in row] for row in TEXTS]
        path = xlsx(tmp_path / "a.xlsx", {"A": rows})
    else:
        rows = [[c for c in row if not isinstance(c, bool)] for row in TEXTS]
        path = ods(tmp_path / "a.ods", {"A": [*rows[:2], *rows[3:]]})
    theirs = expected(path)
    raw = read_raw(path)
    width = len(raw.header)
    assert [list(row) for row in raw.rows] == [row[:width] for row in theirs[1:]]


def test_rich_text_is_joined_and_how_it_is_spoken_is_left_out(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"A": [["name", "group"], ["m1", "x"]]})
    rich = b'<si><r><t>bo</t></r><r><t xml:space="preserve">ld </t></r><rPh><t>spoken</t></rPh></si>'
    replace_part(path, "xl/sharedStrings.xml", lambda data: data.replace(b"<si><t>m1</t></si>", rich))
    assert read_raw(path).rows[0][0] == "bold "
    assert expected(path)[1][0] == "bold "
