"""Cells that are struck out in a spreadsheet: a laboratory's way to leave a value out."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from soleus.errors import InputError
from soleus.exchange.readers.archive import open_archive, read_member
from soleus.exchange.readers.workbook_xml import Attributes, parse_xml, sheet_parts

if TYPE_CHECKING:
    from soleus.exchange.readers.files import Source

__all__ = ["struck_cells"]

_STYLES = "xl/styles.xml"


def struck_cells(data: bytes, sheet: str | None, source: Source) -> set[tuple[int, str]]:
    """Return the struck-out cells of a sheet of an .xlsx file: row (from 1) and letters of the column.

    Parameters
    ----------
    data
        The workbook.
    sheet
        Its name; None for the only one.
    source
        Where it is from, for messages.
    """
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return set()
    archive = open_archive(data, source)
    names = archive.namelist()
    if _STYLES not in names or "xl/workbook.xml" not in names:
        return set()
    try:
        styles = _struck_styles(read_member(archive, _STYLES, source=source))
        if not styles:
            return set()
        parts = sheet_parts(
            read_member(archive, "xl/workbook.xml", source=source),
            read_member(archive, "xl/_rels/workbook.xml.rels", source=source),
        )
        part = parts.get(sheet or "", next(iter(parts.values()), ""))
        return _cells_of(read_member(archive, part, source=source), styles)
    except InputError:
        return set()  # what is damaged is told by the reader of the cells


def _struck_styles(data: bytes) -> set[str]:
    """Return the numbers of cell styles whose font is struck out."""
    fonts: list[bool] = []
    styles: set[str] = set()
    section, count = "", 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal section, count
        if name in ("fonts", "cellXfs", "cellStyleXfs", "dxfs"):
            section, count = name, 0
        elif name == "font" and section == "fonts":
            fonts.append(False)
        elif name == "strike" and section == "fonts" and fonts:
            fonts[-1] = attributes.get("val", "1") not in ("0", "false")
        elif name == "xf" and section == "cellXfs":
            font = attributes.get("fontId", "0")
            if font.isdigit() and int(font) < len(fonts) and fonts[int(font)]:
                styles.add(str(count))
            count += 1

    parse_xml(data, start=start)
    return styles


def _cells_of(data: bytes, styles: set[str]) -> set[tuple[int, str]]:
    found: set[tuple[int, str]] = set()

    def start(name: str, attributes: Attributes) -> None:
        if name == "c" and attributes.get("s") in styles:
            reference = attributes.get("r", "")
            row = "".join(c for c in reference if c.isdigit())
            if row:
                found.add((int(row), reference.rstrip("0123456789")))

    parse_xml(data, start=start)
    return found
