"""OpenDocument sheets (.ods), read from content.xml; repeats are laid out only where they hold something.

Elements by OpenDocument 1.3, https://docs.oasis-open.org/office/OpenDocument/v1.3/
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from soleus.errors import InputError
from soleus.exchange.readers.cells import NO_VALUE, TEXT_LIMIT, Cells, limited, local_names
from soleus.exchange.readers.raw import Cell
from soleus.exchange.readers.xml_walk import Attributes, walk

__all__ = ["OdsSheet", "read_ods"]

_ERRORS = ("#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "Err:")
_NUMBERS = ("float", "percentage", "currency")
_PERIOD = re.compile(r"PT(?:(\d{1,2})H)?(?:(\d{1,2})M)?(?:(\d{1,2}(?:[.,]\d*)?)S)?", re.ASCII)
_CALCEXT = "calc:xmlns:calcext"
_TABLE = "opendocument:xmlns:table:"
_SHEETS = 1000
_STYLES = 65_536
_FAR = 10**9


@dataclass(slots=True)
class OdsSheet:
    """A sheet by its name, whether it is hidden, and whether it holds anything."""

    name: str
    hidden: bool
    full: bool = False


class _Tables:
    """Follows the tables of content.xml, with their repeated rows and cells.

    One is kept: the one wanted, or the first visible one that holds anything.
    """

    def __init__(self, wanted: str | None, enough: int) -> None:
        self.sheets: list[OdsSheet] = []
        self.kept: str | None = None
        self.cells = Cells()
        self._wanted, self._enough = wanted, enough
        self._local = local_names()
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._depth = 0  # of tables: one inside a cell is none of ours
        self._reading = False
        self._row = self._column = 0
        self._repeat_row = self._repeat = 1
        self._value: Attributes = {}
        self._aside = 0
        self._in_cell = self._in_text = False
        self._text: list[str] = []
        self._paragraphs = self._length = 0
        self._pending: list[tuple[int, int, Cell]] = []

    def start(self, name: str, attributes: Attributes) -> None:
        name = self._local[name]
        if name in ("table-cell", "covered-table-cell"):
            if self._depth == 1:
                self._cell(attributes)
        elif name == "table-row":
            if self._depth == 1:
                plain = self._plain(attributes)
                self._repeat_row, self._column = _repeated(plain.get("number-rows-repeated")), 0
                if self._reading and plain.get("visibility") in ("collapse", "filter"):
                    self.cells.hide(self._row)
        elif name == "table":
            self._table(attributes)
        elif name == "annotation":
            self._aside += 1
        elif self._in_cell and not self._aside:
            self._inside(name, attributes)
        elif name == "style":
            self._style = self._plain(attributes).get("name", "")
        elif name == "table-properties":
            if self._plain(attributes).get("display") == "false" and len(self._hidden_styles) < _STYLES:
                self._hidden_styles.add(self._style)

    def _plain(self, attributes: Attributes) -> Attributes:
        return {self._local[key]: value for key, value in attributes.items()}

    def _table(self, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > 1:
            return
        named = {self._local[key]: value for key, value in attributes.items() if _TABLE in key}
        name = named.get("name", "")
        if any(one.name == name for one in self.sheets):
            raise InputError("has two sheets of one name; open it in a spreadsheet and save it again")
        if len(self.sheets) >= _SHEETS:
            raise InputError(f"has more than {_SHEETS:,} sheets; save the one to read by itself")
        hidden = named.get("style-name", "") in self._hidden_styles
        self.sheets.append(OdsSheet(name, hidden))
        self._reading = self.kept is None and (not hidden if self._wanted is None else name == self._wanted)
        if self._reading:
            self.cells = Cells(enough=self._enough)
        self._row = 0

    def _cell(self, attributes: Attributes) -> None:
        # The type of an error is written twice: "string" for all, "error" for itself.
        error = any(
            _CALCEXT in key and key.endswith("}value-type") and value == "error"
            for key, value in attributes.items()
        )
        plain = {self._local[key]: value for key, value in attributes.items() if _CALCEXT not in key}
        if error:
            plain["value-type"] = "error"
        self._value = plain
        self._repeat = _repeated(plain.get("number-columns-repeated"))
        self._in_cell, self._in_text = True, False
        self._text.clear()
        self._paragraphs = self._length = 0
        down, right = (_repeated(plain.get(f"number-{what}-spanned")) for what in ("rows", "columns"))
        if self._reading and (down > 1 or right > 1):
            here = (self._row, self._column)
            self.cells.merge(here, (here[0] + down - 1, here[1] + right - 1))

    def _inside(self, name: str, attributes: Attributes) -> None:
        """Follow the text of a cell: paragraphs, and the blanks that are elements."""
        if name == "p":
            self._in_text = True
            if self._paragraphs:
                self._add("\n")
            self._paragraphs += 1
        elif name == "s":
            self._add(" " * min(_repeated(self._plain(attributes).get("c")), TEXT_LIMIT + 1))
        elif name == "tab":
            self._add("\t")
        elif name == "line-break":
            self._add("\n")

    def _add(self, text: str) -> None:
        self._length = limited(self._text, text, self._length)

    def text(self, text: str) -> None:
        if self._in_text and not self._aside:
            self._add(text)

    def end(self, name: str) -> None:
        name = self._local[name]
        if name in ("table-cell", "covered-table-cell"):
            if self._depth == 1:
                self._put(self._found())
                self._column = min(self._column + self._repeat, _FAR)
                self._in_cell = self._in_text = False
        elif name == "p":
            self._in_text = False
        elif name == "annotation":
            self._aside -= 1
        elif name == "table-row" and self._depth == 1:
            self._repeated_row()
            self._row = min(self._row + self._repeat_row, _FAR)
        elif name == "table":
            self._depth -= 1
            if not self._depth:
                self._reading = False

    def _found(self) -> Cell:
        """Return what the cell shows."""
        text, given = "".join(self._text), self._value
        kind = given.get("value-type")
        if kind == "error" or text.strip().startswith(_ERRORS):
            return text.strip() or "#ERROR"
        if kind in _NUMBERS:
            return _number(given.get("value", text))
        if kind == "boolean":
            return "true" if given.get("boolean-value") == "true" else "false"
        if kind == "date":
            return given.get("date-value") or text or None
        if kind == "time":
            return _period(given.get("time-value", "")) or text or None
        if kind is None and "formula" in given:
            return NO_VALUE
        # A text that differs from what is shown stands in an attribute.
        return text or given.get("string-value") or None

    def _put(self, value: Cell) -> None:
        if value is None:
            return
        self.sheets[-1].full = True
        if not self._reading:
            return
        self.kept = self.sheets[-1].name
        # Before anything is laid out: a repeat may be a thousand million.
        self.cells.reach(self._row + self._repeat_row - 1, self._column + self._repeat - 1)
        for column in range(self._column, self._column + self._repeat):
            self.cells.put(self._row, column, value)
            if self._repeat_row > 1:
                self._pending.append((self._row, column, value))

    def _repeated_row(self) -> None:
        for row in range(self._row + 1, self._row + self._repeat_row) if self._pending else ():
            for _, column, value in self._pending:
                self.cells.put(row, column, value)
        self._pending.clear()


def _repeated(text: str | None) -> int:
    if not text or not (text.isascii() and text.isdigit()):
        return 1
    return max(int(text), 1) if len(text) < 10 else _FAR


def _number(text: str) -> Cell:
    try:
        number = float(text)
    except ValueError:
        return text or None
    return number if math.isfinite(number) and "_" not in text else text


def _period(text: str) -> str:
    """Return PT12H30M00S as the time 12:30:00; what is no time of a day stays as it stands."""
    match = _PERIOD.fullmatch(text[:60])
    if match is None:
        return text
    hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in match.groups())
    span = dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return (dt.datetime(2000, 1, 1) + span).time().isoformat() if span < dt.timedelta(days=1) else text


def read_ods(
    content: Iterable[bytes], *, sheet: str | None = None, enough: int = 0
) -> tuple[list[OdsSheet], str | None, Cells]:
    """List the sheets and read one of them, in one go.

    Parameters
    ----------
    content
        The part content.xml.
    sheet
        The one to read; None: the first that is visible and holds anything.
    enough
        Stop after so many cells; 0 for all.

    Returns
    -------
    tuple
        The sheets (those before the stop), the name of the one that was read, and its cells.

    Raises
    ------
    InputError
        As :func:`soleus.exchange.readers.xml_walk.walk` and :class:`soleus.exchange.readers.cells.Cells`.
    """
    tables = _Tables(sheet, enough)
    walk(content, start=tables.start, end=tables.end, text=tables.text)
    return tables.sheets, tables.kept, tables.cells
