"""Cells that are struck out or coloured in a spreadsheet: a laboratory's way to mark a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soleus.errors import InputError
from soleus.exchange.readers.archive import member_pieces, open_archive
from soleus.exchange.readers.xlsx import workbook_sheets
from soleus.exchange.readers.xml_walk import Attributes, walk

if TYPE_CHECKING:
    from soleus.exchange.readers.files import Source

__all__ = ["Marked", "marked_cells"]

_ZIP = b"PK\x03\x04"
_WORKBOOK, _RELATIONS, _STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"


@dataclass(frozen=True, slots=True)
class Marked:
    """Cells by their place: row (from 1) and letters of the column."""

    struck: frozenset[tuple[int, str]] = frozenset()
    coloured: frozenset[tuple[int, str]] = frozenset()


def marked_cells(data: bytes, sheet: str | None, source: Source) -> Marked:
    """Return the struck-out cells of a sheet of an .xlsx file, and those with a background of their own.

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
        return Marked()
    archive = open_archive(data, source)
    names = archive.namelist()
    if _STYLES not in names or _WORKBOOK not in names:
        return Marked()

    def part(name: str) -> Iterator[bytes]:
        return member_pieces(archive, name, source=source)

    try:
        struck, coloured = _marked_styles(part(_STYLES))
        if not struck and not coloured:
            return Marked()
        sheets, _, _ = workbook_sheets(part(_WORKBOOK), part(_RELATIONS))
        where = next((one.part for one in sheets if sheet is None or one.name == sheet), None)
        if where is None:
            return Marked()
        found = _cells_of(part(where), struck | coloured)
    except InputError:
        return Marked()  # what is damaged is told by the reader of the cells
    return Marked(
        frozenset(place for place, style in found if style in struck),
        frozenset(place for place, style in found if style in coloured),
    )


def _marked_styles(data: Iterator[bytes]) -> tuple[set[str], set[str]]:
    """Return the numbers of cell styles whose font is struck out, and of those with a solid fill."""
    fonts: list[bool] = []
    fills: list[bool] = []
    struck: set[str] = set()
    coloured: set[str] = set()
    section, count = "", 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal section, count
        plain = name.rpartition("}")[2]
        if plain in ("fonts", "fills", "cellXfs", "cellStyleXfs", "dxfs"):
            section, count = plain, 0
        elif plain == "font" and section == "fonts":
            fonts.append(False)
        elif plain == "strike" and section == "fonts" and fonts:
            fonts[-1] = attributes.get("val", "1") not in ("0", "false")
        elif plain == "patternFill" and section == "fills":
            fills.append(attributes.get("patternType") == "solid")
        elif plain == "fgColor" and section == "fills" and fills:
            white = attributes.get("rgb", "").upper()[-6:] == "FFFFFF" or attributes.get("theme") == "0"
            fills[-1] = fills[-1] and not white
        elif plain == "xf" and section == "cellXfs":
            if _of(fonts, attributes.get("fontId", "0")):
                struck.add(str(count))
            if _of(fills, attributes.get("fillId", "0")):
                coloured.add(str(count))
            count += 1

    walk(data, start=start)
    return struck, coloured


def _of(flags: list[bool], number: str) -> bool:
    return number.isascii() and number.isdigit() and int(number) < len(flags) and flags[int(number)]


def _cells_of(data: Iterator[bytes], styles: set[str]) -> set[tuple[tuple[int, str], str]]:
    found: set[tuple[tuple[int, str], str]] = set()

    def start(name: str, attributes: Attributes) -> None:
        if attributes.get("s") in styles and name.rpartition("}")[2] == "c":
            reference = attributes.get("r", "")
            row = "".join(c for c in reference if c.isdigit())
            if row.isascii() and row:
                found.add(((int(row), reference.rstrip("0123456789")), attributes["s"]))

    walk(data, start=start)
    return found
