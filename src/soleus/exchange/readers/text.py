"""CSV, TSV and their relatives: encoding, separator and decimal mark are found, never assumed."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.errors import InputError
from soleus.exchange.readers.cells import COLUMN_LIMIT
from soleus.exchange.readers.columns import LARGE, plain_columns
from soleus.exchange.readers.files import FILE_LIMIT, Source, read_bytes, refusal
from soleus.exchange.readers.grid import Grid, tabulate
from soleus.exchange.readers.numbers import decimal_of
from soleus.exchange.readers.raw import RawTable
from soleus.observations.csv_text import is_own_header, unguarded_frame

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SEPARATORS", "decode", "read_text", "table_of_text"]

SEPARATORS = {"\t": "tab", ";": "semicolon", ",": "comma"}
_SAMPLE = 200
_HEAD = 5000
_START = 2**22
_MOST_CELLS = 20_000_000
_MOST_ROWS = 2_500_000
_SEP_LINE = re.compile(r"sep=(.)")


def decode(data: bytes, source: Source) -> tuple[str, tuple[str, ...]]:
    """Decode a file: a byte order mark, UTF-8, UTF-16 by its zeros, else Windows-1252.

    Returns
    -------
    tuple
        The text, with line ends as they stand, and notes.

    Raises
    ------
    InputError
        None of them fits.
    """
    wide = [half.count(0) for half in (data[:4096:2], data[1:4096:2])]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif max(wide) > 0:
        encoding = "utf-16-be" if wide[0] > wide[1] else "utf-16-le"
    else:
        encoding = "utf-8-sig"
    try:
        text, notes = data.decode(encoding), ()
    except UnicodeDecodeError as error:
        if encoding != "utf-8-sig":
            what = f"is not valid {encoding.upper()} ({error.reason}); was it cut short? Save it as UTF-8"
            raise refusal(source.path, what) from None
        return _legacy(data, source)
    if "\0" in text:
        raise refusal(source.path, "holds NUL characters and is no text; export it again as CSV")
    return text, notes


def _legacy(data: bytes, source: Source) -> tuple[str, tuple[str, ...]]:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        what = f"byte {data[error.start]:#04x} is neither UTF-8 nor Windows-1252; save the file as UTF-8"
        raise refusal(source.path, what, row=line) from None
    return text, ("the file is not UTF-8 and is read as Windows-1252 (µ, ä and the like)",)


def read_text(
    path: str | Path,
    *,
    header_row: int | None = None,
    header_rows: int | None = None,
    limit: int = FILE_LIMIT,
) -> RawTable:
    """Read a table of text with any of the usual separators.

    Parameters
    ----------
    path
        The file.
    header_row, header_rows
        Where the header is; None: found (see :func:`soleus.exchange.readers.grid.tabulate`).
    limit
        Largest size accepted, bytes.

    Raises
    ------
    InputError
        Names file, row and mend.
    """
    source, data = read_bytes(path, limit)
    return table_of_text(source, data, header_row=header_row, header_rows=header_rows)


def table_of_text(
    source: Source, data: bytes, *, header_row: int | None = None, header_rows: int | None = None
) -> RawTable:
    """Make the table of a text file whose bytes are at hand (see :func:`read_text`)."""
    raw = _table(source, data, header_row=header_row, header_rows=header_rows)
    if not is_own_header(list(raw.header)):
        return raw
    return RawTable.from_frame(
        unguarded_frame(raw.frame),
        source=source,
        row_numbers=raw.row_numbers,
        notes=raw.notes,
        decimal=raw.decimal,
    )


def _table(source: Source, data: bytes, *, header_row: int | None, header_rows: int | None) -> RawTable:
    text, notes = decode(data, source)
    if text.count("\n") > _MOST_ROWS and text.rstrip("\r\n").count("\n") > _MOST_ROWS:
        what = f"has more than {_MOST_ROWS:,} rows; export one row an image or an animal, or split the table"
        raise refusal(source.path, what)
    text, skipped, given = _without_sep_line(text)
    sample = _start_of(text)
    separator = given or _separator(sample, source, whole=len(sample) == len(text))
    if len(text) >= LARGE and not skipped and header_row in (None, 1) and header_rows in (None, 1):
        frame = plain_columns(text, separator)
        if frame is not None:
            return _large(frame, source, separator=separator, notes=notes)
    cells: list[list[str]] = []
    numbers: list[int] = []
    room = _MOST_CELLS
    for row, record in _records(text, separator, source):
        room -= max(len(record), 1)
        if len(record) > COLUMN_LIMIT or room < 0:
            raise refusal(source.path, _too_many(len(record)), row=row + skipped)
        if any(cell.strip() for cell in record):
            cells.append(record)
            numbers.append(row + skipped)
    if not cells:
        raise refusal(source.path, "holds blanks only; export the table again")
    notes += _without_notes_below(cells, numbers, complete=text.endswith(("\n", "\r")))
    _rectangular(cells, numbers, source, separator=separator, header_row=header_row)
    if not text.endswith(("\n", "\r")):
        notes += (f"row {numbers[-1]} is the last and has no line end; was the file cut short?",)
    grid = Grid(
        source=source,
        cells=cells,
        numbers=numbers,
        notes=(f"separator: {SEPARATORS.get(separator, repr(separator))}", *notes),
        decimal=_decimal(cells, separator),
    )
    return tabulate(grid, header_row=header_row, header_rows=header_rows)


def _without_notes_below(cells: list[list[str]], numbers: list[int], *, complete: bool) -> tuple[str, ...]:
    """Take lines of words below the table away, and say so; a row that was cut short is none of them."""
    gone: list[int] = []
    least = 2 if complete else 4
    while len(cells) > 2 and len(cells[-1]) == 1 and len(cells[-2]) + len(cells[0]) > 2:
        words = re.findall(r"[^\W\d_]{2,}", cells[-1][0])
        marked = cells[-1][0].lstrip()[:1] in "*#†‡"
        if not (len(words) >= least or (words and marked and complete)):
            break
        cells.pop()
        gone.insert(0, numbers.pop())
    if not gone:
        return ()
    rows = ", ".join(map(str, gone))
    return (f"row {rows} below the table holds words only: a note, not read",)


def _start_of(text: str) -> str:
    """Return the lines that tell the separator."""
    if len(text) <= _START:
        return text
    return text[: text.rfind("\n", 0, _START) + 1] or text[:_START]


def _too_many(width: int) -> str:
    if width > COLUMN_LIMIT:
        return f"has {width:,} cells, {COLUMN_LIMIT:,} columns are accepted; export fewer, or one value a row"
    return f"is beyond the {_MOST_CELLS:,} cells that are accepted; export fewer columns"


def _large(frame: pd.DataFrame, source: Source, *, separator: str, notes: tuple[str, ...]) -> RawTable:
    head = frame.iloc[:_HEAD].astype("object")
    cells = [[cell for cell in row if isinstance(cell, str)] for row in head.itertuples(index=False)]
    return RawTable.from_frame(
        frame,
        source=source,
        row_numbers=range(2, len(frame) + 2),
        notes=(f"separator: {SEPARATORS.get(separator, repr(separator))}", *notes),
        decimal=_decimal(cells, separator),
    )


def _decimal(cells: list[list[str]], separator: str) -> str | None:
    proven = decimal_of(itertools.chain.from_iterable(cells))
    # Semicolons are written where the comma is the decimal mark: there 1.234 is not simply 1.234.
    return "," if proven is None and separator == ";" else proven


def _without_sep_line(text: str) -> tuple[str, int, str | None]:
    """Take off Excel's first line ``sep=;``."""
    first, end, rest = text.partition("\n")
    match = _SEP_LINE.fullmatch(first.strip("\r\ufeff "))
    return (rest, 1, match[1]) if match and end else (text, 0, None)


def _records(text: str, separator: str, source: Source) -> Iterator[tuple[int, list[str]]]:
    """Yield records with the row of the file in which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            what = f"cannot be split into cells ({error}): a quote is not closed or stands in the wrong place"
            raise refusal(source.path, f"{what}; mend the quote", row=before + 1) from None
        yield before + 1, record
        before = reader.line_num


def _separator(text: str, source: Source, *, whole: bool) -> str:
    """Choose the separator under which the rows are of one width; refuse where none or two do.

    Of a text that is not the ``whole`` file, an end within a quote is no fault.
    """
    fits: dict[str, int] = {}
    seen: dict[str, int] = {}
    broken: InputError | None = None
    for separator in SEPARATORS:
        sample: list[list[str]] = []
        try:
            for _, record in itertools.islice(_records(text, separator, source), _SAMPLE):
                if any(record):
                    sample.append(record)
        except InputError as error:
            if whole or not sample:
                broken = broken or error
                continue
        widths = [_width(record) for record in sample]
        body = widths[len(widths) // 2 :] if widths else []
        if not body or max(body) < 2:
            continue
        seen[separator] = max(body)
        if len(set(map(len, sample[len(sample) // 2 :]))) == 1:
            fits[separator] = len(sample[-1])
    chosen = fits or seen
    if not chosen and broken is not None:
        raise broken
    if not chosen:
        names = ", ".join(SEPARATORS.values())
        what = f"no separator found: no row has two cells between any of {names}; export it with one of these"
        raise refusal(source.path, what, row=1)
    header = next(line for line in text.splitlines() if line.strip())
    # Decimal commas make commas frequent: the separator is the one that the header has too.
    in_header = {s: n for s, n in chosen.items() if s in header} or chosen
    return max(in_header, key=lambda s: (in_header[s], -list(SEPARATORS).index(s)))


def _width(record: list[str]) -> int:
    """Count the cells up to the last that is not blank."""
    return max((i for i, cell in enumerate(record, 1) if cell.strip()), default=0)


def _rectangular(
    cells: list[list[str]],
    numbers: list[int],
    source: Source,
    *,
    separator: str,
    header_row: int | None,
) -> None:
    """Bring all rows to one width: trailing blank cells are free, anything else is refused."""
    titles = 0
    if header_row is None:
        titles = next((i for i, r in enumerate(cells) if _width(r) > 1), 0)
    elif header_row in numbers:
        titles = numbers.index(header_row)
    named, nominal = _width(cells[titles]), len(cells[titles])
    if header_row is None:
        for record, row in zip(cells[:titles], numbers[:titles], strict=True):
            _no_header(record[0], nominal, source, row=row)
    width = named
    for record, row in zip(cells[titles:], numbers[titles:], strict=True):
        full = _width(record)
        if full > nominal or len(record) < named:
            raise refusal(source.path, _ragged(record, nominal, separator), row=row)
        width = max(width, full)
    for i, record in enumerate(cells):
        cells[i] = (record + [""] * width)[:width]


def _no_header(line: str, width: int, source: Source, *, row: int) -> None:
    """Refuse to take for a title what is a header with another separator."""
    for separator, name in SEPARATORS.items():
        if line.count(separator) == width - 1:
            what = f"is separated by {name}s, the rows below are not: use one separator throughout"
            raise refusal(source.path, what, row=row)


def _ragged(record: list[str], width: int, separator: str) -> str:
    name = SEPARATORS.get(separator, repr(separator))
    text = f"has {len(record)} cells between {name}s, the header has {width}; "
    others = [
        other for s, other in SEPARATORS.items() if s != separator and any(s in cell for cell in record)
    ]
    if len(record) == 1 and others:
        return text + f"the row holds a {others[0]}: use one separator throughout"
    if len(record) < width:
        return text + "was the row, or the file, cut short? Export it again"
    if separator == ",":
        return text + "a decimal comma in a comma-separated file? Quote such cells, or separate by semicolons"
    return text + "remove the surplus cells, or quote a cell that holds the separator"
