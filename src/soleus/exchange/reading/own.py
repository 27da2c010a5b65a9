"""Tables that soleus wrote, as it wrote them or saved again by a spreadsheet, and how they are read.

The fault: a run's table that went through Excel (semicolons, decimal commas, .xlsx) is asked about column by
column, although its header says what everything is.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.errors import InputError
from soleus.exchange.readers.files import SheetsError
from soleus.exchange.readers.mapping import Columns, Mapping, Values
from soleus.exchange.readers.numbers import is_missing, numbers
from soleus.exchange.readers.sheets import header_of_sheet, is_workbook
from soleus.exchange.reading.control import likely_control
from soleus.exchange.reading.plan import ColumnReading, ReadingPlan
from soleus.exchange.reading.tables import read_raw
from soleus.exchange.reading.told import rows_left_out, said_summed, said_within
from soleus.observations import Observations
from soleus.observations.csv_text import unguarded
from soleus.observations.schema import COLUMNS, FACTOR_PREFIX, Column, design_column

if TYPE_CHECKING:
    import pandas as pd

    from soleus.exchange.readers.raw import Cell, RawTable

__all__ = ["own_plan", "read_saved_again"]

_REQUIRED = frozenset(column.name for column in COLUMNS if column.required)
_HEAD = 100_000
_YES = frozenset("true wahr vrai verdadero vero yes ja 1 1.0".split())
_NO = frozenset("false falsch faux falso no nein 0 0.0".split())
_READ_AS = {"niche": "region", "day": "time", "readout": "read-out", "exposure": "exposure", "value": "value"}


def read_saved_again(path: str | Path) -> Observations | None:
    """Read a table of soleus that another program saved; None where it is none.

    Raises
    ------
    InputError
        Its header is that of soleus, and a cell cannot be right; names file, row, column and mend.
    """
    if not _has_own_header(Path(path)):
        return None
    raw = read_raw(path)
    if not set(raw.header) >= _REQUIRED:
        return None
    import pandas as pd

    kinds = {column.name: column for column in COLUMNS}
    frame = pd.DataFrame(
        {name: _column(raw, name, kinds.get(name) or design_column(name)) for name in raw.header}
    )
    factors = {
        name.removeprefix(FACTOR_PREFIX): tuple(dict.fromkeys(frame[name].dropna()))
        for name in raw.header
        if name.startswith(FACTOR_PREFIX)
    }
    try:
        return Observations(frame, factors=factors, provenance={})
    except InputError as error:
        raise type(error)(f"{raw.path}: {error}") from error


def _has_own_header(path: Path) -> bool:
    """Tell by the first line of a text, or the header of the only sheet."""
    if not os.path.isfile(path):  # which takes names of any length
        return False
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if is_workbook(head):
        try:
            return set(header_of_sheet(path)) >= _REQUIRED
        except (SheetsError, InputError):
            return False
    first = head.decode("utf-8-sig", errors="replace").partition("\n")[0].strip().replace('"', "")
    return any(set(first.split(separator)) >= _REQUIRED for separator in (";", "\t", ","))


def _column(raw: RawTable, name: str, column: Column | None) -> pd.Series:
    import pandas as pd

    kind = "text" if column is None else column.kind
    if kind in ("float", "integer"):
        found = pd.Series(numbers(raw, name))
        return found.astype("Int64") if kind == "integer" else found
    if kind == "flag":
        return pd.Series([_flag(raw, name, cell) for cell in raw.cells(name)], dtype="boolean")
    return pd.Series([_text(cell) for cell in raw.cells(name)], dtype="object")


def _text(cell: Cell) -> str | None:
    if cell is None or (
        isinstance(cell, str) and is_missing(cell) and cell.casefold() not in ("none", "null")
    ):
        return None
    return f"{cell:.15g}" if isinstance(cell, float) else unguarded(str(cell))


def _flag(raw: RawTable, name: str, cell: Cell) -> bool | None:
    text = _text(cell)
    if text is None:
        return None
    if text.casefold() in _YES | _NO:
        return text.casefold() in _YES
    raise raw.refusal(f"{text!r} is neither true nor false; write one of them", column=name)


def own_plan(observations: Observations, control: str | None, *, said: str | None = None) -> ReadingPlan:
    """Return how a table of soleus is read: by its own columns, every row a value.

    Parameters
    ----------
    control
        The control that the table names; None where it names none.
    said
        The control that the user named.
    """
    chosen, why = said or control, "you named it" if said else "the table names it"
    if chosen is None:
        chosen, why = likely_control(observations.groups), "it is named like a control"
    frame = observations.frame
    given = [str(name) for name in frame.columns if frame[name].notna().any()]
    reason = "a column of soleus' own table"
    return ReadingPlan(
        mapping=Mapping(
            columns=Columns(animal="animal", group="group", readout="readout"),
            values=(Values(column="value"),),
        ),
        columns=tuple(
            ColumnReading(name, _READ_AS.get(name, name), reason, "header", not name.startswith("label:"))
            for name in given
        ),
        left_out=tuple(rows_left_out(frame)),
        rows=int((~frame["excluded"].to_numpy(dtype=bool)).sum()),
        control=chosen,
        control_reason="" if chosen is None else why,
        summed=tuple(said_summed(frame)),
        within=tuple(said_within(frame)),
    )
