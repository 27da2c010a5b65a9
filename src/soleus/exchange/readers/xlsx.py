"""Excel's .xlsx, read from its XML: every cell as it stands, its errors and uncomputed formulas told.

Parts and elements by ECMA-376, https://ecma-international.org/publications-and-standards/standards/ecma-376/
"""

from __future__ import annotations

import datetime as dt
import math
import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from soleus.errors import InputError
from soleus.exchange.readers.cells import NO_VALUE, Cells, limited, local_names
from soleus.exchange.readers.raw import Cell
from soleus.exchange.readers.xml_walk import Attributes, walk

__all__ = ["Styles", "WorkbookSheet", "read_cells", "read_strings", "read_styles", "workbook_sheets"]

Pieces = Iterable[bytes]

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})", re.ASCII)
_STRINGS = 8_000_000
_ALL_STRINGS = 2**26
_SHEETS = 1000
_STYLES = 65_536  # Excel's own limit is 65,490
_LAST_DAY = 2_958_466
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
# Formats 14 to 22, 27 to 36, 45 to 47 and 50 to 58 of every workbook are dates; 46 is [h]:mm:ss.
_DATES = frozenset((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)))
_UNREAD = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE | re.DOTALL)
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_CLOCK = re.compile(r"general|[^dmyhse]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WorkbookSheet:
    """A sheet by its name, the part that holds it, and whether it is hidden."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True)
class Styles:
    """Which styles of cells show a number as a date or as a duration, and from which day days count."""

    dates: frozenset[str] = frozenset()
    durations: frozenset[str] = frozenset()
    from_1904: bool = False

    def value(self, number: float, style: str) -> Cell:
        """Return what a number with a style shows: a date or duration as text, else the number."""
        if style in self.durations and abs(number) < _LAST_DAY:
            return str(dt.timedelta(days=number))
        if style not in self.dates or not 0 <= number < _LAST_DAY:
            return number
        if number < 1:
            return _moment(number, dt.datetime(2000, 1, 1)).time().isoformat()
        if self.from_1904:
            day = dt.datetime(1904, 1, 1)
        else:
            # Excel counts a 29 February 1900 that never was.
            day = dt.datetime(1899, 12, 30 if number >= 60 else 31)
        try:
            when = _moment(number, day)
        except OverflowError:
            return number
        return (when.date() if when.time() == dt.time() else when).isoformat()


def _moment(days: float, start: dt.datetime) -> dt.datetime:
    """Return a moment to the millisecond, as spreadsheets do."""
    return start + dt.timedelta(milliseconds=round(days * 86_400_000))


def workbook_sheets(workbook: Pieces, relations: Pieces) -> tuple[list[WorkbookSheet], bool, str | None]:
    """Read the list of sheets.

    Returns
    -------
    tuple
        The sheets in order, whether days count from 1904, and the part of the shared strings.

    Raises
    ------
    InputError
        As :func:`soleus.exchange.readers.xml_walk.walk`; too many sheets, or two of one name.
    """
    listed: list[tuple[str, str, bool]] = []
    targets: dict[str, str] = {}
    strings: list[str] = []
    from_1904 = False
    local = local_names()

    def sheet(name: str, attributes: Attributes) -> None:
        nonlocal from_1904
        plain = {local[key]: value for key, value in attributes.items()}
        if local[name] == "sheet" and {"name", "id"} <= plain.keys():
            hidden = plain.get("state", "visible") in ("hidden", "veryHidden")
            listed.append((plain["name"], plain["id"], hidden))
            if len(listed) > _SHEETS:
                raise InputError(f"has more than {_SHEETS:,} sheets; save the one to read by itself")
        elif local[name] == "workbookPr":
            from_1904 = plain.get("date1904") in ("1", "true")

    def relation(name: str, attributes: Attributes) -> None:
        if local[name] == "Relationship" and {"Id", "Target"} <= attributes.keys():
            targets[attributes["Id"]] = attributes["Target"]
            if attributes.get("Type", "").endswith("/sharedStrings"):
                strings.append(_part(attributes["Target"]))

    walk(workbook, start=sheet)
    walk(relations, start=relation)
    found = [WorkbookSheet(name, _part(targets.get(key, "")), hidden) for name, key, hidden in listed]
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise InputError("has two sheets of one name; open it in a spreadsheet and save it again")
    return found, from_1904, strings[0] if strings else None


def _part(target: str) -> str:
    whole = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return posixpath.normpath(whole)


def read_strings(data: Pieces) -> list[str]:
    """Read the strings that cells share; a declared number of them is not believed (raises as ``walk``)."""
    found: list[str] = []
    parts: list[str] = []
    local = local_names()
    length = total = aside = 0
    inside = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal inside, length, aside
        name = local[name]
        if name == "si":
            parts.clear()
            length = 0
        elif name == "rPh":  # how Japanese text is spoken
            aside += 1
        inside = name == "t" and not aside

    def end(name: str) -> None:
        nonlocal inside, aside, total
        inside = False
        name = local[name]
        if name == "rPh":
            aside -= 1
        elif name == "si":
            total += length
            if total > _ALL_STRINGS:
                raise InputError(f"holds more than {_ALL_STRINGS:,} characters of text; export fewer columns")
            found.append(_plain("".join(parts)))

    def text(more: str) -> None:
        nonlocal length
        if inside:
            length = limited(parts, more, length)

    walk(data, start=start, end=end, text=text, limit=_STRINGS)
    return found


def read_styles(data: Pieces, *, from_1904: bool = False) -> Styles:
    """Read which styles of cells are dates (raises as ``walk``)."""
    formats: dict[str, str] = {}
    dates: set[str] = set()
    durations: set[str] = set()
    local = local_names()
    inside = False
    count = 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal inside, count
        name = local[name]
        if name == "cellXfs":
            inside = True
        elif name == "numFmt" and len(formats) < _STYLES:
            formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:1000]
        elif name == "xf" and inside:
            kind = _kind(attributes.get("numFmtId", "0"), formats)
            if kind == "date":
                dates.add(str(count))
            elif kind == "duration":
                durations.add(str(count))
            count += 1
            if count > _STYLES:
                raise InputError("has more styles of cells than a spreadsheet holds; save it again")

    def end(name: str) -> None:
        nonlocal inside
        if local[name] == "cellXfs":
            inside = False

    walk(data, start=start, end=end)
    return Styles(frozenset(dates), frozenset(durations), from_1904)


def _kind(number: str, formats: dict[str, str]) -> str:
    if number in formats:
        code = _UNREAD.sub("", formats[number].partition(";")[0])
        if _ELAPSED.search(code):
            return "duration"
        letters = _CLOCK.sub("", code.replace("E+", "").replace("E-", "").replace("e+", "").replace("e-", ""))
        return "date" if letters.strip("eE") or "am/pm" in code.lower() else "number"
    if number == "46":
        return "duration"
    return "date" if number.isdigit() and len(number) < 4 and int(number) in _DATES else "number"


def _plain(text: str) -> str:
    """Undo the escapes of characters that XML cannot hold (``_x000D_``)."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def _place(reference: str) -> tuple[int, int] | None:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - 64
    return max(int(match[2]) - 1, 0), column - 1


class _Columns(dict[str, int]):
    """Letters of a column to its number; each is worked out once."""

    def __missing__(self, letters: str) -> int:
        place = _place(letters + "1")
        self[letters] = number = -1 if place is None else place[1]
        return number


class _Sheet:
    """Follows the cells of one worksheet."""

    def __init__(self, strings: Callable[[], list[str]], styles: Callable[[], Styles], cells: Cells) -> None:
        self.cells = cells
        self._strings, self._styles = strings, styles
        self._local = local_names()
        self._columns = _Columns()
        self._row, self._column = -1, -1
        self._type = self._style = ""
        self._formula = self._inside = self._shown = False
        self._aside = False
        self._text: list[str] = []
        self._length = 0

    def start(self, name: str, attributes: Attributes) -> None:
        name = self._local[name]
        if name == "c":
            self._cell(attributes)
        elif name == "v":
            self._inside = self._shown = True
        elif name == "t":
            # Text of a cell itself, but not how it is spoken.
            self._inside = self._shown = not self._aside
        elif name == "rPh":
            self._aside = True
        elif name == "f":
            self._formula = True
        elif name == "row":
            given = attributes.get("r", "")
            self._row = int(given) - 1 if _short(given) and given != "0" else self._row + 1
            self._column = -1
            if attributes.get("hidden") in ("1", "true"):
                self.cells.hide(self._row)
        elif name == "mergeCell":
            first, _, last = attributes.get("ref", "")[:40].partition(":")
            corners = _place(first), _place(last or first)
            if corners[0] is not None and corners[1] is not None:
                self.cells.merge(corners[0], corners[1])

    def _cell(self, attributes: Attributes) -> None:
        reference = attributes.get("r", "")
        letters = reference.rstrip("0123456789")
        column = self._columns[letters] if 0 < len(letters) < 4 else -1
        # The row as well: a cell is where its reference says, whatever row it stands in.
        if column >= 0 and reference[len(letters) :] == str(self._row + 1):
            self._column = column
        else:
            place = _place(reference)
            self._row, self._column = place or (max(self._row, 0), self._column + 1)
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._formula = self._shown = self._inside = self._aside = False
        self._text.clear()
        self._length = 0

    def text(self, text: str) -> None:
        if self._inside:
            self._length = limited(self._text, text, self._length)

    def end(self, name: str) -> None:
        name = self._local[name]
        if name in ("v", "t"):
            self._inside = False
        elif name == "rPh":
            self._aside = False
        elif name == "c" and (self._shown or self._formula):
            text = "".join(self._text)
            value = self._value(text)
            if self._formula and not text and self._type != "str":
                # A formula may well give an empty text (=""): its type says so then.
                value = NO_VALUE
            if value is not None:
                self.cells.put(self._row, self._column, value)

    def _value(self, text: str) -> Cell:
        if self._type == "s":
            return self._shared(text)
        if self._type in ("str", "inlineStr"):
            return _plain(text) or None
        if self._type == "b":
            return "true" if text.strip() in ("1", "true") else "false"
        if self._type in ("e", "d") or not text.strip():
            return text or None
        try:
            number = float(text)
        except ValueError:
            return text
        if not math.isfinite(number) or "_" in text:
            return text
        return self._styles().value(number, self._style) if self._style else number

    def _shared(self, text: str) -> Cell:
        strings = self._strings()
        plain = text.strip()
        if not _short(plain) or int(plain) >= len(strings):
            raise InputError(
                f"row {self._row + 1} shares text {plain[:40]!r} that the file does not hold; save it again"
            )
        return strings[int(plain)] or None


def _short(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) < 9


def read_cells(
    data: Pieces, *, strings: Callable[[], list[str]], styles: Callable[[], Styles], enough: int = 0
) -> Cells:
    """Read one worksheet.

    Parameters
    ----------
    data
        Its part.
    strings, styles
        Of the workbook, read when first needed.
    enough
        Stop after so many cells; 0 for all.

    Raises
    ------
    InputError
        As :func:`soleus.exchange.readers.xml_walk.walk` and :class:`Cells`; text that is not there.
    """
    sheet = _Sheet(strings, styles, Cells(enough=enough))
    walk(data, start=sheet.start, end=sheet.end, text=sheet.text)
    return sheet.cells
