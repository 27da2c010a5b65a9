"""Columns of a large QuPath export, and the counting of its objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from soleus.exchange.instruments.source import Text
from soleus.exchange.readers.files import refusal

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]

__all__ = ["Coded", "coded", "first_filled", "read_columns", "repeated", "tally"]


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of words.

    Parameters
    ----------
    words
        The different words, in order of appearance.
    codes
        Index of each row's word, shape (rows,).
    """

    words: tuple[str, ...]
    codes: Codes


def read_columns(
    text: Text, separator: str, *, width: int, keep: Sequence[int], plain: Sequence[int] = ()
) -> pa.Table:
    """Read some columns of a file below its header, as text.

    Parameters
    ----------
    text
        The file.
    separator
        Between the cells.
    width
        Number of columns of the file.
    keep
        Indices of the columns of words to read.
    plain
        Indices of columns whose cells nearly all differ, kept as they are.

    Returns
    -------
    pyarrow.Table
        Columns named by their index; row k is row k + 2 of the file.

    Raises
    ------
    InputError
        A row with another number of cells than the header, or text that cannot be read.
    """

    if b"\n" not in text.data.rstrip(b"\r\n\0") and b"\r" not in text.data.rstrip(b"\r\n\0"):
        raise refusal(text.path, "has a header and no rows; export it again with its objects")
    types = {str(index): False for index in plain} | {str(index): True for index in keep}
    table, ragged = _parse(text, separator, width=width, types=types, threads=True)
    if ragged:
        _, ragged = _parse(text, separator, width=width, types=types, threads=False)
        row, cells = ragged[0]
        mend = "the file is cut off or was saved with another separator: export it again"
        raise refusal(text.path, f"has {cells} cells, the header has {width}; {mend}", row=row)
    whole: pa.Table = table.unify_dictionaries().combine_chunks()
    return whole


def _parse(
    text: Text, separator: str, *, width: int, types: dict[str, bool], threads: bool
) -> tuple[pa.Table, list[tuple[int, int]]]:
    import pyarrow as pa
    from pyarrow import csv

    ragged: list[tuple[int, int]] = []

    def refuse(row: csv.InvalidRow) -> str:
        ragged.append((row.number or 0, row.actual_columns))
        return "skip"

    data = text.data.rstrip(b"\r\n")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        data = text.decoded()[0].rstrip("\r\n").encode("utf-8")
    names = [str(index) for index in range(width)]
    words = pa.dictionary(pa.int32(), pa.string())
    try:
        table = csv.read_csv(
            pa.BufferReader(data),
            read_options=csv.ReadOptions(use_threads=threads, column_names=names, skip_rows=1),
            parse_options=csv.ParseOptions(
                delimiter=separator, ignore_empty_lines=False, invalid_row_handler=refuse
            ),
            convert_options=csv.ConvertOptions(
                include_columns=list(types),
                column_types={name: words if few else pa.string() for name, few in types.items()},
                strings_can_be_null=False,
                null_values=[],
            ),
        )
    except pa.ArrowInvalid as error:
        raise refusal(text.path, f"cannot be read as a table ({error}); export it again") from error
    return table, ragged


def coded(table: pa.Table, index: int) -> Coded:
    """Return one column as words and codes; blanks around words are cut.

    Parameters
    ----------
    table
        As :func:`read_columns` returns.
    index
        Column of the file.
    """
    column = table.column(str(index)).chunk(0)
    raw = [str(word).strip() for word in column.dictionary.to_pylist()]
    codes = column.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    words = tuple(dict.fromkeys(raw))
    place = {word: number for number, word in enumerate(words)}
    return Coded(words, np.array([place[word] for word in raw], dtype=np.int64)[codes])


def first_filled(column: Coded) -> int | None:
    """Return the first row whose cell is not empty; None where there is none."""
    full = np.array([bool(word) and word.lower() != "nan" for word in column.words])[column.codes]
    return int(full.argmax()) if full.any() else None


def repeated(table: pa.Table, index: int) -> tuple[int, str] | None:
    """Return the first row, and word, of a plain column that occurred before; None where all differ.

    Empty cells are not compared.
    """
    import pyarrow.compute as pc

    column = table.column(str(index))
    empty = pc.sum(pc.equal(column, "")).as_py() or 0
    if pc.count_distinct(column).as_py() + max(empty - 1, 0) == len(column):
        return None
    words = column.to_pandas()
    again = words.duplicated() & (words != "")
    row = int(again.to_numpy().argmax())
    return row, str(words.iloc[row])


def tally(units: Codes, kinds: Codes, shape: tuple[int, int]) -> tuple[Codes, Codes]:
    """Count objects by unit and kind.

    Parameters
    ----------
    units, kinds
        Codes of each object, shape (objects,).
    shape
        Number of units and of kinds.

    Returns
    -------
    tuple
        Counts and first row of each pair (-1 where there is none), both of ``shape``.
    """
    flat = units * shape[1] + kinds
    counts = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)
    first = np.full(shape[0] * shape[1], -1, dtype=np.int64)
    pairs, rows = np.unique(flat, return_index=True)
    first[pairs] = rows
    return counts.astype(np.int64), first.reshape(shape)
