"""The reading plan: what every column and row of a file means, and why.

It is what questions are asked about, what screen, JSON and report show under "How your file was read", and,
written down, the mapping file (``soleus.mapping/2``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from soleus.exchange.readers.mapping import Mapping

__all__ = ["ColumnReading", "ReadingPlan", "RowsLeftOut", "Told"]

Told = Literal["header", "content", "confirmed", "mapping"]
"""How a role was told: by the header, by the cells, by the user, or by the mapping file."""


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """One column of the file.

    Parameters
    ----------
    column
        Its name in the file.
    role
        What it is: animal, group, factor, time, region, section, field, side, replicate, read-out, value,
        denominator, exposure, covariate, cage, litter, batch, observer, label, date, excluded, ...
    reason
        Why, in words.
    told
        By what.
    used
        Whether it takes part in the analysis; labels and dates are kept and do not.
    """

    column: str
    role: str
    reason: str
    told: Told
    used: bool = True


@dataclass(frozen=True, slots=True)
class RowsLeftOut:
    """Rows that are no observations: summaries, notes, empty rows, excluded animals."""

    rows: tuple[int, ...]
    why: str


@dataclass(frozen=True)
class ReadingPlan:
    """The whole interpretation of a file.

    Parameters
    ----------
    mapping
        The instructions by which the table is read; written down, they are the mapping file.
    columns
        Every column of the file with its role and the reason.
    left_out
        Rows that did not become values, and why.
    rows
        Rows that became values; of the table as it was read.
    control
        The control group; None where none could be told.
    control_reason
        How it was chosen.
    summed
        What was summed or averaged within an animal, one sentence each.
    divided
        What is divided by what, one sentence each.
    within
        What groups are compared within, one sentence each.
    made_of
        Columns and values that are made of others, one sentence each.
    notes
        Whatever else the reader of the answer must know.
    """

    mapping: Mapping
    columns: tuple[ColumnReading, ...] = ()
    left_out: tuple[RowsLeftOut, ...] = ()
    rows: int = 0
    control: str | None = None
    control_reason: str = ""
    summed: tuple[str, ...] = ()
    divided: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    made_of: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def unused(self) -> tuple[ColumnReading, ...]:
        """Columns that take no part in the analysis."""
        return tuple(column for column in self.columns if not column.used)
