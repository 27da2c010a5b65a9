"""A text file of an instrument: its encoding, its separator, its cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from soleus.exchange.readers.files import Source, read_bytes, refusal
from soleus.exchange.readers.sheets import table_of_workbook
from soleus.exchange.readers.text import decode

__all__ = ["SEPARATORS", "Sheet", "Text", "header_of", "load", "shorten", "sheet_of"]

SEPARATORS = {"\t": "tab", ",": "comma", ";": "semicolon"}

_LIMIT = 4 * 2**30
_SMALL = 64 * 2**20
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_CONTAINERS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class Text:
    """A file's bytes, which are text.

    Parameters
    ----------
    source
        File and hash.
    data
        Its bytes.
    """

    source: Source
    data: bytes

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    def decoded(self) -> tuple[str, tuple[str, ...]]:
        """Return the whole file as text, and notes on how it was read."""
        return decode(self.data, self.source)

    def notes(self) -> list[str]:
        """Return what the user should know of the file as text."""
        notes = list(self.decoded()[1]) if len(self.data) < _SMALL else []
        if self.data[-2:].strip(b"\x00")[-1:] not in (b"\n", b"\r"):  # UTF-16 adds a zero byte
            notes.append("The last row has no line end; was the file cut short?")
        return notes


@dataclass(frozen=True, slots=True)
class Sheet:
    """A small table of text cells.

    Parameters
    ----------
    header
        Names of the columns, stripped.
    rows
        Cells, stripped; each as long as the header.
    numbers
        Row of the file of each, from 1.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]

    def column(self, name: str) -> list[str]:
        """Return the cells of one column."""
        index = self.header.index(name)
        return [row[index] for row in self.rows]


def load(path: str | Path, *, limit: int = _LIMIT) -> Text:
    """Read a text file.

    Parameters
    ----------
    path
        The file.
    limit
        Largest size, bytes.

    Raises
    ------
    InputError
        No such file, empty, too large, or neither text nor a workbook of one sheet.
    """
    source, data = read_bytes(path, limit)
    if data.startswith(_CONTAINERS):
        return _of_workbook(source, data)
    return Text(source, data)


def _of_workbook(source: Source, data: bytes) -> Text:
    """Read an export that was opened in a spreadsheet and saved there: its one sheet as text."""
    table = table_of_workbook(source, data, header_row=1, header_rows=1)
    written = io.StringIO()
    writer = csv.writer(written, delimiter="\t", lineterminator="\n")
    writer.writerow(table.header)
    for row in table.rows:
        writer.writerow(["" if c is None else f"{c:.15g}" if isinstance(c, float) else c for c in row])
    return Text(source, written.getvalue().encode())


def header_of(text: Text, separator: str | None = None) -> tuple[tuple[str, ...], str]:
    """Return the cells of the first row, and the separator.

    Raises
    ------
    InputError
        The row is blank, or has no separator.
    """
    # The first row of a large file is read alone; UTF-16 cannot be cut at a byte.
    end = -1 if text.data.startswith(_WIDE) else text.data.find(b"\n")
    data = text.data if end < 0 else text.data[: end + 1]
    lines = decode(data, text.source)[0].splitlines()
    if not lines or not lines[0].strip():
        raise refusal(text.path, "the first row is blank; the header must stand there", row=1)
    found = separator or _separator(lines[0])
    if found is None:
        problem = f"the header {lines[0][:60]!r} has no separator"
        mend = "separate the columns by tab, comma or semicolon, as the program's own export does"
        raise refusal(text.path, f"{problem}; {mend}", row=1)
    return tuple(cell.strip() for cell in _cells(lines[0], found)), found


def _cells(line: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=mark), [])
    except csv.Error:  # a cell of more than 131,072 characters: nothing that this mark separates
        return []


def _separator(line: str) -> str | None:
    """Return the separator that cuts a header into the most cells; None where none occurs."""
    counts = {mark: len(_cells(line, mark)) for mark in SEPARATORS}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] > 1 else None


def sheet_of(text: Text, separator: str | None = None, *, headers: int = 1) -> Sheet:
    """Read a whole small table as text; the last header row names the columns.

    Parameters
    ----------
    text
        The file.
    separator
        Guessed from the first row where None.
    headers
        Number of header rows.

    Raises
    ------
    InputError
        No rows, or a row with another number of cells than the header.
    """
    _, mark = header_of(text, separator)
    reader = csv.reader(io.StringIO(text.decoded()[0], newline=""), delimiter=mark)
    header: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    try:
        for index, cells in enumerate(reader):
            row = tuple(cell.strip() for cell in cells)
            if index < headers:
                header = row
            elif any(row):
                rows.append(_as_long(row, len(header), path=text.path, number=reader.line_num))
                numbers.append(reader.line_num)
    except csv.Error as error:
        raise refusal(text.path, f"{error}; export it again", row=reader.line_num) from error
    if not rows:
        raise refusal(text.path, "has a header and no rows; export it again with its data")
    return Sheet(header, tuple(rows), tuple(numbers))


def _as_long(row: tuple[str, ...], width: int, *, path: Path, number: int) -> tuple[str, ...]:
    if len(row) > width and not any(row[width:]):
        row = row[:width]  # programs end rows with a separator
    if len(row) != width:
        problem = f"has {len(row)} cells, the header has {width}"
        mend = "the file is cut off or was saved with another separator: export it again"
        raise refusal(path, f"{problem}; {mend}", row=number)
    return row


def shorten(names: Sequence[str], limit: int = 5) -> str:
    """List the first names, and say how many more there are."""
    shown = ", ".join(repr(name) for name in names[:limit])
    more = len(names) - limit
    return f"{shown} and {more} more" if more > 0 else shown
