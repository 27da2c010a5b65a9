"""Excel and OpenDocument sheets (.xlsx, .ods by calamine; .xls by xlrd, which alone tells its errors)."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from soleus.errors import InputError, unknown_name
from soleus.exchange.readers.archive import open_archive, read_member
from soleus.exchange.readers.files import FILE_LIMIT, SheetsError, Source, read_bytes, refusal
from soleus.exchange.readers.grid import Grid, is_blank, tabulate
from soleus.exchange.readers.numbers import decimal_of
from soleus.exchange.readers.raw import Cell, RawTable
from soleus.exchange.readers.workbook_xml import CELL_LIMIT, SheetScan, scan_ods, scan_xlsx, sheet_parts

__all__ = ["is_workbook", "read_sheet", "table_of_workbook"]

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


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


def _new(source: Source, data: bytes, sheet: str | None) -> Grid:
    """Read .xlsx or .ods."""
    archive = open_archive(data, source)
    parts = archive.namelist()
    try:
        if _WORKBOOK in parts:
            where = sheet_parts(
                read_member(archive, _WORKBOOK, source=source),
                read_member(archive, _RELATIONS, source=source),
            )
            scans = {n: scan_xlsx(read_member(archive, part, source=source)) for n, part in where.items()}
        elif "content.xml" in parts:
            scans = scan_ods(read_member(archive, "content.xml", source=source))
        else:
            raise InputError("is a zip file, but neither .xlsx nor .ods; unpack it, or save it as .xlsx")
    except InputError as error:
        raise _placed(source, error) from None
    for name, scan in scans.items():
        if scan.rows * scan.columns > CELL_LIMIT:
            text = (
                f"has cells as far as row {scan.rows:,} and column {scan.columns:,}, {CELL_LIMIT:,} cells are"
                " accepted; delete what stands far outside the table"
            )
            raise refusal(source.path, text, sheet=name)
    return _by_calamine(source, _repacked(archive, source), sheet=sheet, scans=scans)


def _placed(source: Source, error: InputError) -> InputError:
    text = str(error)
    return error if text.startswith(str(source.path)) else refusal(source.path, text)


def _repacked(archive: zipfile.ZipFile, source: Source) -> bytes:
    """Pack the parts that were checked anew: what calamine unpacks is then what was judged."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as clean:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")) or name == "mimetype":
                clean.writestr(name, read_member(archive, name, source=source))
    return target.getvalue()


def _by_calamine(source: Source, data: bytes, *, sheet: str | None, scans: dict[str, SheetScan]) -> Grid:
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_object(io.BytesIO(data))
        hidden = [
            entry.name for entry in book.sheets_metadata if entry.visible != calamine.SheetVisibleEnum.Visible
        ]
        chosen = _choose(source, book.sheet_names, sheet=sheet, hidden=hidden, scans=scans)
        if chosen not in scans:
            raise refusal(source.path, "has no part that could be checked; save the file again", sheet=chosen)
        rows = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except InputError:
        raise
    except BaseException as error:  # calamine's panics are no Exceptions
        if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
            raise
        text = f"cannot be read as a workbook ({error}); open it in a spreadsheet and save it again"
        raise refusal(source.path, text) from None
    scan = scans[chosen]
    cells = [[_cell(value) for value in row] for row in rows]
    return _grid(source, chosen, cells, scan=scan, hidden=hidden)


def _choose(
    source: Source,
    names: Sequence[str],
    *,
    sheet: str | None,
    hidden: Sequence[str],
    scans: dict[str, SheetScan],
) -> str:
    if sheet is not None:
        if sheet not in names:
            raise refusal(source.path, str(unknown_name("sheet", sheet, names)))
        return sheet
    full = [name for name in names if name not in hidden and scans.get(name, SheetScan(1)).rows]
    if len(full) == 1:
        return full[0]
    if not full:
        more = f"; hidden sheets: {', '.join(hidden)}; name one of them" if hidden else "; export it again"
        raise refusal(source.path, f"has no visible sheet with anything in it{more}")
    listed = ", ".join(map(repr, full))
    more = f" (hidden: {', '.join(map(repr, hidden))})" if hidden else ""
    said = refusal(source.path, f"has several sheets: {listed}{more}; say which, as sheet")
    raise SheetsError(str(said), tuple(full))


def _grid(
    source: Source,
    sheet: str,
    cells: list[list[Cell]],
    *,
    scan: SheetScan,
    hidden: Sequence[str] = (),
) -> Grid:
    width = max([len(row) for row in cells] + [column + 1 for _, column in scan.faults])
    height = max([len(cells)] + [row + 1 for row, _ in scan.faults])
    cells = [row + [None] * (width - len(row)) for row in cells]
    cells += [[None] * width for _ in range(height - len(cells))]
    for (row, column), fault in scan.faults.items():
        # calamine leaves these empty, and an empty cell would pass for a missing value.
        cells[row][column] = fault
    notes = [f"sheet: {sheet}"]
    if hidden:
        notes.append(f"hidden sheets, not read: {', '.join(hidden)}")
    if unseen := [row for row in scan.hidden_rows if row <= len(cells)]:
        shown = ", ".join(map(str, unseen[:8])) + (", ..." if len(unseen) > 8 else "")
        notes.append(f"rows that are hidden in the sheet are read like the others: {shown}")
    words = (cell for row in cells for cell in row if isinstance(cell, str))
    merges = [m for m in scan.merges if m[2] < len(cells) and m[3] < width]
    if not any(not is_blank(cell) for row in cells for cell in row):
        raise refusal(source.path, "is an empty sheet; name the right one", sheet=sheet)
    return Grid(
        source=source,
        cells=cells,
        numbers=range(1, len(cells) + 1),
        sheet=sheet,
        merges=merges,
        notes=tuple(notes),
        decimal=decimal_of(words),
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

    try:
        book: Any = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), formatting_info=True)
        full = {s.name: SheetScan(rows=s.nrows, columns=s.ncols) for s in book.sheets()}
        hidden = [s.name for s in book.sheets() if s.visibility]
        chosen = _choose(source, list(full), sheet=sheet, hidden=hidden, scans=full)
        page = book.sheet_by_name(chosen)
        cells = [[_old_cell(cell, xlrd, book.datemode) for cell in page.row(r)] for r in range(page.nrows)]
        scan = SheetScan(page.nrows, page.ncols)
        scan.merges = [(top, left, low - 1, right - 1) for top, low, left, right in page.merged_cells]
        scan.hidden_rows = _hidden_rows(page.rowinfo_map.items())
    except InputError:
        raise
    except Exception as error:  # xlrd meets damaged files with whatever breaks first
        if "encrypted" in str(error).lower():
            raise refusal(source.path, "is protected by a password; save it without one") from None
        text = f"cannot be read as a workbook ({error}); open it in a spreadsheet and save it as .xlsx"
        raise refusal(source.path, text) from None
    return _grid(source, chosen, cells, scan=scan, hidden=hidden)


def _hidden_rows(rows: Iterable[tuple[int, Any]]) -> list[int]:
    return sorted(number + 1 for number, info in rows if info.hidden)


def _old_cell(cell: Any, xlrd: Any, datemode: int) -> Cell:
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return _cell(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _cell(xlrd.xldate_as_datetime(cell.value, datemode))
    return _cell(cell.value)
