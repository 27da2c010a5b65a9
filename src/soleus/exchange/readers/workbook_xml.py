"""What calamine does not say of a sheet: its true extent, its error cells, formulas without a value.

calamine gives error cells and formulas that were never computed as empty cells, and lays a sheet with one
cell in its last corner out in full. Both are found here, in the XML, before calamine opens the file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from soleus.errors import InputError

__all__ = ["CELL_LIMIT", "SheetScan", "parse_xml", "scan_ods", "scan_xlsx", "sheet_parts"]

CELL_LIMIT = 20_000_000
"""Cells of a sheet, from its first corner to its last cell."""

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_NO_VALUE = "formula without a value"

Attributes = dict[str, str]


@dataclass
class SheetScan:
    """One sheet.

    Parameters
    ----------
    rows, columns
        Extent of the cells that hold something.
    faults
        Zero-based (row, column) to what stands there: an error value, or a formula without a value.
    merges
        Merged cells: first row, first column, last row, last column.
    hidden_rows
        Rows that the user does not see, 1-based.
    """

    rows: int = 0
    columns: int = 0
    faults: dict[tuple[int, int], str] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)

    def reach(self, row: int, column: int) -> None:
        """Extend to a cell, zero-based."""
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)


def parse_xml(
    data: bytes,
    *,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Walk through XML that declares no entities; names come without their prefix.

    Raises
    ------
    InputError
        Not well formed, or with a document type (entity bombs need one).
    """
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise InputError("declares XML entities, which no spreadsheet does; save the file again")

    def local(name: str) -> str:
        return name.rpartition("}")[2]

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: start(
        local(name), {local(key): value for key, value in attributes.items()}
    )
    if end is not None:
        parser.EndElementHandler = lambda name: end(local(name))
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise InputError(f"holds damaged XML ({error}); was it cut short? Save it again") from None


def sheet_parts(workbook: bytes, relations: bytes) -> dict[str, str]:
    """Return sheet name to the path of its part in an .xlsx file."""
    ids: list[tuple[str, str]] = []
    targets: dict[str, str] = {}

    def sheet(name: str, attributes: Attributes) -> None:
        if name == "sheet" and {"name", "id"} <= attributes.keys():
            ids.append((attributes["name"], attributes["id"]))

    def relation(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and {"Id", "Target"} <= attributes.keys():
            targets[attributes["Id"]] = attributes["Target"]

    parse_xml(workbook, start=sheet)
    parse_xml(relations, start=relation)
    found = {}
    for name, key in ids:
        target = targets.get(key, "")
        whole = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        found[name] = posixpath.normpath(whole)
    return found


def _place(reference: str) -> tuple[int, int] | None:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - 64
    return int(match[2]) - 1, column - 1


class _XlsxSheet:
    """Follows the cells of one worksheet."""

    def __init__(self) -> None:
        self.scan = SheetScan()
        self._row, self._column = -1, -1
        self._error = self._formula = self._in_value = self._shown = self._string = False
        self._text: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            given = attributes.get("r", "")
            self._row = int(given) - 1 if given.isascii() and given.isdigit() else self._row + 1
            self._column = -1
            if attributes.get("hidden") in ("1", "true"):
                self.scan.hidden_rows.append(self._row + 1)
        elif name == "c":
            place = _place(attributes.get("r", ""))
            self._row, self._column = place or (self._row, self._column + 1)
            self._error = attributes.get("t") == "e"
            self._string = attributes.get("t") == "str"
            self._formula = self._shown = False
            self._text = []
        elif name == "f":
            self._formula = True
        elif name in ("v", "is"):
            self._in_value = True
        elif name == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            corners = _place(first), _place(last or first)
            if corners[0] is not None and corners[1] is not None:
                self.scan.merges.append((*corners[0], *corners[1]))

    def text(self, text: str) -> None:
        if self._in_value:
            self._text.append(text)

    def end(self, name: str) -> None:
        if name in ("v", "is"):
            self._in_value = False
            self._shown = True
        elif name == "c":
            value = "".join(self._text)
            if self._shown or self._formula:
                self.scan.reach(self._row, self._column)
            if self._error:
                self.scan.faults[self._row, self._column] = value
            elif self._formula and not value and not self._string:
                # A formula may well give an empty text (=""): its type says so then.
                self.scan.faults[self._row, self._column] = _NO_VALUE


def scan_xlsx(data: bytes) -> SheetScan:
    """Scan one worksheet of an .xlsx file (raises as :func:`parse_xml`)."""
    sheet = _XlsxSheet()
    parse_xml(data, start=sheet.start, end=sheet.end, text=sheet.text)
    return sheet.scan


class _OdsSheets:
    """Follows the tables of content.xml, with its repeated rows and cells."""

    def __init__(self) -> None:
        self.scans: dict[str, SheetScan] = {}
        self._scan = SheetScan()
        self._row = self._column = 0
        self._repeat_row = self._repeat = 1
        self._inside = self._error = self._filled = self._formula = False
        self._text: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "table":
            self._scan = self.scans.setdefault(attributes.get("name", ""), SheetScan())
            self._row = 0
        elif name == "table-row":
            self._repeat_row = _repeated(attributes.get("number-rows-repeated"))
            self._column = 0
            if attributes.get("visibility") in ("collapse", "filter"):
                self._scan.hidden_rows.append(self._row + 1)
        elif name in ("table-cell", "covered-table-cell"):
            self._repeat = _repeated(attributes.get("number-columns-repeated"))
            self._inside = True
            self._text = []
            # LibreOffice writes the type of an error twice: "string" for all, "error" for itself.
            self._error = attributes.get("value-type") == "error"
            self._formula = "formula" in attributes
            self._filled = "value-type" in attributes
            down = _repeated(attributes.get("number-rows-spanned"))
            right = _repeated(attributes.get("number-columns-spanned"))
            if down > 1 or right > 1:
                corner = (self._row + down - 1, self._column + right - 1)
                self._scan.merges.append((self._row, self._column, *corner))

    def text(self, text: str) -> None:
        if self._inside:
            self._text.append(text)

    def end(self, name: str) -> None:
        if name == "table-row":
            self._row += self._repeat_row
        elif name in ("table-cell", "covered-table-cell"):
            text = "".join(self._text).strip()
            if text or self._filled or self._formula:
                self._scan.reach(self._row + self._repeat_row - 1, self._column + self._repeat - 1)
            if self._error or text.startswith(("#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "Err:")):
                self._scan.faults[self._row, self._column] = text or "#ERROR"
            elif self._formula and not self._filled:
                self._scan.faults[self._row, self._column] = _NO_VALUE
            self._column += self._repeat
            self._inside = False


def _repeated(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 1


def scan_ods(content: bytes) -> dict[str, SheetScan]:
    """Scan content.xml of an .ods file: sheet name to its scan (raises as :func:`parse_xml`)."""
    sheets = _OdsSheets()
    parse_xml(content, start=sheets.start, end=sheets.end, text=sheets.text)
    return sheets.scans
