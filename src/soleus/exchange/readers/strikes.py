"""Cells that are struck out in a spreadsheet: a laboratory's way to leave a value out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from soleus.errors import InputError
from soleus.exchange.readers.archive import member_pieces, open_archive
from soleus.exchange.readers.xlsx import workbook_sheets
from soleus.exchange.readers.xml_walk import Attributes, walk

if TYPE_CHECKING:
    from soleus.exchange.readers.files import Source

__all__ = ["struck_cells"]

_ZIP = b"PK\x03\x04"
_WORKBOOK, _RELATIONS, _STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"


def struck_cells(data: bytes, sheet: str | None, source: Source) -> set[tuple[int, str]]:
    """Return the struck-out cells of a sheet of an .xlsx file: row (from 1) and letters of the column.

    Parameters
    ----------
    data
        The workbook.
    sheet
        Its name; None for the first.
    source
        Where it is from, for messages.
    """
    if not data.startswith(_ZIP):
        return set()
    archive = open_archive(data, source)
    names = archive.namelist()
    if _STYLES not in names or _WORKBOOK not in names:
        return set()

    def part(name: str) -> Iterator[bytes]:
        return member_pieces(archive, name, source=source)

    try:
        styles = _struck_styles(part(_STYLES))
        if not styles:
            return set()
        sheets, _, _ = workbook_sheets(part(_WORKBOOK), part(_RELATIONS))
        where = next((one.part for one in sheets if sheet is None or one.name == sheet), None)
        return set() if where is None else _cells_of(part(where), styles)
    except InputError:
        return set()  # what is damaged is told by the reader of the cells


def _struck_styles(data: Iterator[bytes]) -> set[str]:
    """Return the numbers of cell styles whose font is struck out."""
    fonts: list[bool] = []
    styles: set[str] = set()
    section, count = "", 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal section, count
        plain = name.rpartition("}")[2]
        if plain in ("fonts", "cellXfs", "cellStyleXfs", "dxfs"):
            section, count = plain, 0
        elif plain == "font" and section == "fonts":
            fonts.append(False)
        elif plain == "strike" and section == "fonts" and fonts:
            fonts[-1] = attributes.get("val", "1") not in ("0", "false")
        elif plain == "xf" and section == "cellXfs":
            font = attributes.get("fontId", "0")
            if font.isascii() and font.isdigit() and int(font) < len(fonts) and fonts[int(font)]:
                styles.add(str(count))
            count += 1

    walk(data, start=start)
    return styles


def _cells_of(data: Iterator[bytes], styles: set[str]) -> set[tuple[int, str]]:
    found: set[tuple[int, str]] = set()

    def start(name: str, attributes: Attributes) -> None:
        if attributes.get("s") in styles and name.rpartition("}")[2] == "c":
            reference = attributes.get("r", "")
            row = "".join(c for c in reference if c.isdigit())
            if row.isascii() and row:
                found.add((int(row), reference.rstrip("0123456789")))

    walk(data, start=start)
    return found
