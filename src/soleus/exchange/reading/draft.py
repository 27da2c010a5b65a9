"""What has been made out of a table so far: the plan while it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from soleus.exchange.readers.mapping import Constants, Exposure, Factor, Filter, LeftOut, NameRule, Values
from soleus.exchange.readers.question import Answers
from soleus.exchange.readers.raw import RawTable
from soleus.exchange.reading.plan import ColumnReading, Told
from soleus.exchange.reading.view import View

__all__ = ["NOTHING_SAID", "Draft", "Wanted", "listed", "quoted_names"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller has said beside answers.

    Parameters
    ----------
    control, contrasts
        Of the comparison.
    factorial
        Two treatments are analysed as a 2 x 2 design: their combinations are the groups.
    cluster
        "cage" or "litter", if they are the unit.
    """

    control: str | None = None
    contrasts: tuple[tuple[str, str], ...] = ()
    factorial: bool = False
    cluster: str | None = None


NOTHING_SAID = Wanted()


@dataclass
class Draft:
    """A plan while it is drawn.

    Parameters
    ----------
    raw
        The table as it was read.
    view
        Its rows that count, as the detectors see them.
    answers, wanted
        What the user said.
    """

    raw: RawTable
    view: View
    answers: Answers
    wanted: Wanted = NOTHING_SAID
    columns: dict[str, Any] = field(default_factory=dict)
    readings: dict[str, ColumnReading] = field(default_factory=dict)
    values: list[Values] = field(default_factory=list)
    exposure: Exposure | None = None
    constants: Constants = Constants()
    factors: dict[str, Factor] = field(default_factory=dict)
    names: list[NameRule] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    exclude: list[Filter] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    fill_down: list[str] = field(default_factory=list)
    rows_are: str | None = None
    layout: str | None = None
    day_unit: str | None = None
    decimal: Literal[".", ","] | None = None
    control: str | None = None
    control_reason: str = ""
    contrasts: tuple[tuple[str, str], ...] = ()
    summed: list[str] = field(default_factory=list)
    divided: list[str] = field(default_factory=list)
    within: list[str] = field(default_factory=list)
    made_of: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def animal(self) -> str | None:
        """The column of animals; None while none is known."""
        found = self.columns.get("animal")
        return found if isinstance(found, str) else None

    @property
    def group(self) -> str | None:
        """The column of groups; None while none is known."""
        found = self.columns.get("group")
        return found if isinstance(found, str) else None

    def read(self, column: str, role: str, reason: str, told: Told = "header", *, used: bool = True) -> None:
        """Say what a column is."""
        self.readings[column] = ColumnReading(column, role, reason, told, used)

    def take(
        self, field_name: str, column: str, reason: str, told: Told = "header", *, role: str | None = None
    ) -> None:
        """Give a column to a field of the mapping, and say what it is."""
        if field_name in ("strata", "blocks", "covariates", "labels"):
            self.columns[field_name] = (*self.columns.get(field_name, ()), column)
        else:
            self.columns[field_name] = column
        self.read(column, role or field_name, reason, told, used=field_name not in ("labels",))

    @property
    def free(self) -> list[str]:
        """Columns without a role, in the order of the file."""
        return [name for name in self.view.names if name not in self.readings]

    def groups_of(self) -> tuple[str, ...]:
        """Return the words of the group's column."""
        return self.view[self.group].words if self.group in self.view.names else ()


def listed(names: Sequence[object], most: int = 6) -> str:
    """Return "a, b and 3 more"."""
    shown = ", ".join(map(str, names[:most]))
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def quoted_names(names: Sequence[object], most: int = 8) -> str:
    """Return names in quotes, so that "saline, WT" is one."""
    return listed([f'"{name}"' for name in names], most)
