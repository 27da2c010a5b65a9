"""Sheets of workbooks: .xlsx, .ods, and .xls (by xlrd)."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from soleus.errors import InputError, unknown_name
from soleus.exchange.readers import xlsx
from soleus.exchange.readers.archive import member_pieces, open_archive
from soleus.exchange.readers.cells import Cells
from soleus.exchange.readers.files import FILE_LIMIT, SheetsError, Source, read_bytes, refusal
from soleus.exchange.readers.grid import Grid, is_blank, tabulate
from soleus.exchange.readers.numbers import decimal_of
from soleus.exchange.readers.ods import read_ods
from soleus.exchange.readers.raw import Cell, RawTable

__all__ = ["header_of_sheet", "is_workbook", "read_sheet", "table_of_workbook"]

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOK, _RELATIONS, _STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
_CONTENT = "content.xml"
# A record of a cell takes six bytes or more: larger files hold more cells than are accepted.
_OLD_LIMIT = 32 * 2**20
_SHOWN = 20
# Cells that hold the header of any table, and rows below it.
_TOP = 50_000


def is_workbook(data: bytes) -> bool:
    """Tell by the first bytes: a file named .xls is often text, and the reverse."""
    return data.startswith((_ZIP, _OLE))


def read_sheet(
    path: str | Path,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    header_rows: int | None = None,
    limit: int = FILE_LIMIT,
) -> RawTable:
    """Read one sheet of a workbook.

    Parameters
    ----------
    path
        An .xlsx, .xlsm, .xls or .ods file.
    sheet
        Its name; None where only one visible sheet holds anything.
    header_row, header_rows
        Where the header is; None: found (see :func:`soleus.exchange.readers.grid.tabulate`).
    limit
        Largest size accepted, bytes.

    Raises
    ------
    InputError
        Names file, sheet, row and mend.
    """
    source, data = read_bytes(path, limit)
    return table_of_workbook(source, data, sheet=sheet, header_row=header_row, header_rows=header_rows)


def table_of_workbook(
    source: Source,
    data: bytes,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    header_rows: int | None = None,
) -> RawTable:
    """Make the table of a workbook whose bytes are at hand (see :func:`read_sheet`)."""
    grid = _old(source, data, sheet) if data.startswith(_OLE) else _new(source, data, sheet)
    return tabulate(grid, header_row=header_row, header_rows=header_rows)


def header_of_sheet(path: str | Path) -> tuple[str, ...]:
    """Return the header of the only sheet, without reading the rest (raises as :func:`read_sheet`)."""
    source, data = read_bytes(path)
    grid = _old(source, data, None) if data.startswith(_OLE) else _new(source, data, None, enough=_TOP)
    return tabulate(grid).header


def _new(source: Source, data: bytes, sheet: str | None, *, enough: int = 0) -> Grid:
    """Read .xlsx or .ods."""
    archive = open_archive(data, source)
    parts = archive.namelist()
    if _WORKBOOK in parts:
        return _xlsx(source, archive, sheet, enough=enough)
    if _CONTENT in parts:
        return _ods(source, archive, sheet, enough=enough)
    raise refusal(source.path, "is a zip file, but neither .xlsx nor .ods; unpack it, or save it as .xlsx")


def _xlsx(source: Source, archive: zipfile.ZipFile, sheet: str | None, *, enough: int) -> Grid:
    def part(name: str) -> Iterator[bytes]:
        return member_pieces(archive, name, source=source)

    with _placed(source):
        sheets, from_1904, where = xlsx.workbook_sheets(part(_WORKBOOK), part(_RELATIONS))

    @cache
    def strings() -> list[str]:
        with _placed(source):
            return xlsx.read_strings(part(where)) if where in archive.namelist() else []

    @cache
    def styles() -> xlsx.Styles:
        with _placed(source):
            known = _STYLES in archive.namelist()
            return xlsx.read_styles(part(_STYLES), from_1904=from_1904) if known else xlsx.Styles()

    def cells(name: str, enough: int) -> Cells:
        with _placed(source, name):
            return xlsx.read_cells(part(by_name[name].part), strings=strings, styles=styles, enough=enough)

    hidden = [one.name for one in sheets if one.hidden]
    by_name = {one.name: one for one in sheets}
    chosen = _choose(
        source, list(by_name), sheet=sheet, hidden=hidden, full=lambda name: bool(cells(name, 1).rows)
    )
    return _grid(source, chosen, cells(chosen, enough), hidden=hidden)


def _ods(source: Source, archive: zipfile.ZipFile, sheet: str | None, *, enough: int) -> Grid:
    with _placed(source, sheet):
        pieces = member_pieces(archive, _CONTENT, source=source)
        listed, _, cells = read_ods(pieces, sheet=sheet, enough=enough)
    sheets = {one.name: one for one in listed}
    hidden = [one.name for one in listed if one.hidden]
    chosen = _choose(source, list(sheets), sheet=sheet, hidden=hidden, full=lambda name: sheets[name].full)
    return _grid(source, chosen, cells, hidden=hidden)


@contextmanager
def _placed(source: Source, sheet: str | None = None) -> Iterator[None]:
    """Name file and sheet in errors that do not name them."""
    try:
        yield
    except InputError as error:
        text = str(error)
        raise (
            error if text.startswith(str(source.path)) else refusal(source.path, text, sheet=sheet)
        ) from None


def _choose(
    source: Source,
    names: Sequence[str],
    *,
    sheet: str | None,
    hidden: Sequence[str],
    full: Callable[[str], bool],
) -> str:
    if sheet is not None:
        if sheet not in names:
            raise refusal(source.path, str(unknown_name("sheet", sheet, names)))
        return sheet
    found = [name for name in names if name not in hidden and full(name)]
    if len(found) == 1:
        return found[0]
    if not found:
        more = f"; hidden sheets: {_listed(hidden)}; name one of them" if hidden else "; export it again"
        raise refusal(source.path, f"has no visible sheet with anything in it{more}")
    more = f" (hidden: {_listed(map(repr, hidden))})" if hidden else ""
    listed = _listed(map(repr, found))
    said = refusal(source.path, f"has several sheets: {listed}{more}; say which, as sheet")
    raise SheetsError(str(said), tuple(found))


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return ", ".join(known[:_SHOWN]) + more


def _grid(source: Source, sheet: str, cells: Cells, *, hidden: Sequence[str] = ()) -> Grid:
    with _placed(source, sheet):
        cells.checked()
    rows = cells.rows
    for row in rows:
        row.extend([None] * (cells.width - len(row)))
    notes = [f"sheet: {sheet}"]
    if hidden:
        notes.append(f"hidden sheets, not read: {_listed(hidden)}")
    if unseen := [row for row in cells.hidden_rows if row <= len(rows)]:
        shown = ", ".join(map(str, unseen[:8])) + (", ..." if len(unseen) > 8 else "")
        notes.append(f"rows that are hidden in the sheet are read like the others: {shown}")
    if not any(not is_blank(cell) for row in rows for cell in row):
        raise refusal(source.path, "is an empty sheet; name the right one", sheet=sheet)
    return Grid(
        source=source,
        cells=rows,
        numbers=range(1, len(rows) + 1),
        sheet=sheet,
        merges=cells.merges,
        notes=tuple(notes),
        decimal=decimal_of(cell for row in rows for cell in row if isinstance(cell, str)),
    )


def _cell(value: object) -> Cell:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    return str(value)


def _old(source: Source, data: bytes, sheet: str | None) -> Grid:
    """Read .xls."""
    import xlrd  # type: ignore[import-untyped,unused-ignore]

    if len(data) > _OLD_LIMIT:
        text = f"has {len(data) / 2**20:,.0f} MiB, of .xls {_OLD_LIMIT >> 20} are accepted; save it as .xlsx"
        raise refusal(source.path, text)
    try:
        # Ragged: else each sheet is laid out in full as far as its last cell.
        book: Any = xlrd.open_workbook(
            file_contents=data, logfile=io.StringIO(), formatting_info=True, ragged_rows=True
        )
        hidden = [s.name for s in book.sheets() if s.visibility]
        names = [s.name for s in book.sheets()]
        chosen = _choose(
            source, names, sheet=sheet, hidden=hidden, full=lambda name: book.sheet_by_name(name).nrows > 0
        )
        page = book.sheet_by_name(chosen)
        with _placed(source, chosen):
            cells = _old_cells(page, xlrd, book.datemode)
    except InputError:
        raise
    except Exception as error:  # xlrd meets damaged files with whatever breaks first
        if "encrypted" in str(error).lower():
            raise refusal(source.path, "is protected by a password; save it without one") from None
        why = str(error) or type(error).__name__
        text = f"cannot be read as a workbook ({why}); open it in a spreadsheet and save it as .xlsx"
        raise refusal(source.path, text) from None
    return _grid(source, chosen, cells, hidden=hidden)


def _old_cells(page: Any, xlrd: Any, datemode: int) -> Cells:
    cells = Cells()
    for row in range(page.nrows):
        for column, cell in enumerate(page.row(row)):
            value = _old_cell(cell, xlrd, datemode)
            if value is not None:
                cells.put(row, column, value)
    for top, left, low, right in page.merged_cells:
        cells.merge((top, left), (low - 1, right - 1))
    for row in sorted(number for number, info in page.rowinfo_map.items() if info.hidden):
        cells.hide(row)
    return cells


def _old_cell(cell: Any, xlrd: Any, datemode: int) -> Cell:
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return _cell(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _cell(xlrd.xldate_as_datetime(cell.value, datemode))
    return _cell(cell.value)
