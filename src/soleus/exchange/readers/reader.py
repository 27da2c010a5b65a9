"""One call for a laboratory's table: read the file, find its mapping, make observations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from soleus.errors import InputError
from soleus.exchange.readers.files import read_bytes, refusal
from soleus.exchange.readers.guess import Guess, guess
from soleus.exchange.readers.mapping import Constants, Mapping
from soleus.exchange.readers.numbers import numbers
from soleus.exchange.readers.raw import RawTable
from soleus.exchange.readers.sheets import is_workbook, table_of_workbook
from soleus.exchange.readers.store import load_mapping, mapping_path
from soleus.exchange.readers.table import to_observations
from soleus.exchange.readers.text import table_of_text
from soleus.exchange.readers.totals import totals
from soleus.observations import Observations

__all__ = ["Imported", "UndecidedError", "read", "read_raw"]


@dataclass(frozen=True, slots=True)
class Imported:
    """A file as observations.

    Parameters
    ----------
    observations
        The table.
    mapping
        How the columns were understood.
    notes
        What the user should know: separator, hidden sheets, what was assumed.
    raw
        The table as it stands in the file.
    guessed
        The mapping was guessed just now, and is not kept yet (see ``save_mapping``).
    """

    observations: Observations
    mapping: Mapping
    notes: tuple[str, ...]
    raw: RawTable
    guessed: bool


class UndecidedError(InputError):
    """The header leaves something open; the guess so far is at hand, to be written for editing.

    Parameters
    ----------
    raw, guess
        The table, and the mapping with its doubts.
    """

    def __init__(self, raw: RawTable, guess: Guess) -> None:
        self.raw, self.guess = raw, guess
        listed = "; ".join(guess.doubts)
        place = str(raw.path) if raw.sheet is None else f"{raw.path}, sheet {raw.sheet!r}"
        super().__init__(
            f"{place}: the columns cannot all be told: {listed}. State it in {mapping_path(raw.path).name}"
        )

    def __reduce__(self) -> tuple[type[UndecidedError], tuple[RawTable, Guess]]:
        return type(self), (self.raw, self.guess)


def read_raw(path: str | Path, *, sheet: str | None = None, mapping: Mapping | None = None) -> RawTable:
    """Read a table of text or a sheet, by what the file holds and not by its name.

    Parameters
    ----------
    path
        The file.
    sheet
        Sheet of a workbook; None: that of the mapping, or the only one.
    mapping
        Says where sheet and header are, if it is known.

    Raises
    ------
    InputError
        Names file, sheet, row and mend.
    """
    source, data = read_bytes(path)
    row = None if mapping is None else mapping.header_row
    depth = None if mapping is None else mapping.header_rows
    wanted = sheet or (None if mapping is None else mapping.sheet)
    if is_workbook(data):
        return table_of_workbook(source, data, sheet=wanted, header_row=row, header_rows=depth)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise refusal(path, "is XML or HTML, not a table; export it as CSV, or save it as .xlsx")
    if sheet is not None:
        raise refusal(path, f"is text and has no sheets, so no sheet {sheet!r}; leave sheet out")
    return table_of_text(source, data, header_row=row, header_rows=depth)


def read(
    path: str | Path,
    *,
    mapping: Mapping | str | Path | None = None,
    sheet: str | None = None,
    paired: bool = False,
) -> Imported:
    """Read a laboratory's table as observations.

    Parameters
    ----------
    path
        CSV, TSV or other text with separators, .xlsx, .xls or .ods.
    mapping
        A mapping, or the path of one; None: the one kept beside the file, else a guess.
    sheet
        Sheet of a workbook.
    paired
        The same animals stand in several groups, on purpose.

    Raises
    ------
    UndecidedError
        No mapping is kept, and the header does not say enough.
    InputError
        The file or the mapping cannot be right; names file, row and mend.
    """
    known = _known(path, mapping)
    raw = read_raw(path, sheet=sheet, mapping=known)
    if known is not None:
        return _imported(raw, known, notes=raw.notes, guessed=False, paired=paired)
    made = guess(raw)
    if made.doubts:
        raise UndecidedError(raw, made)
    return _imported(raw, made.mapping, notes=(*raw.notes, *made.assumed), guessed=True, paired=paired)


def _imported(
    raw: RawTable, mapping: Mapping, *, notes: tuple[str, ...], guessed: bool, paired: bool
) -> Imported:
    observations = to_observations(raw, mapping, paired=paired)
    for total, parts in _totals(raw, mapping).items():
        notes += (f"{total!r} is in every row the sum of {', '.join(parts)}: the same cells once more",)
    return Imported(observations, mapping, notes, raw, guessed)


def _totals(raw: RawTable, mapping: Mapping) -> dict[str, tuple[str, ...]]:
    """Find read-outs that are sums of others, among the counts of a wide table."""
    import numpy as np

    names = [entry.column for entry in mapping.values if entry.kind == "count" and entry.given == Constants()]
    if len(names) < 3:
        return {}
    columns = [numbers(raw, n, decimal=mapping.decimal, missing=mapping.missing, whole=True) for n in names]
    return totals(np.stack(columns, axis=1), names)


def _known(path: str | Path, mapping: Mapping | str | Path | None) -> Mapping | None:
    if isinstance(mapping, Mapping):
        return mapping
    if mapping is not None:
        return load_mapping(mapping)
    beside = mapping_path(path)
    return load_mapping(beside) if beside.is_file() else None
