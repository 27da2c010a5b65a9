"""The table: one tidy frame for virtual and real counts, valid from the moment it exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from soleus.errors import InputError, unknown_name
from soleus.observations.normalise import normalise
from soleus.observations.schema import PAIRED
from soleus.observations.validate import validate

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Observations"]


@dataclass(frozen=True, eq=False)
class Observations:
    """Observations of a study, one value a row.

    Parameters
    ----------
    frame
        Rows with the columns of :data:`soleus.observations.COLUMNS`; optional ones may be absent.
        A copy is kept, with every column, in order, each with its type; in text, runs of blanks and
        control characters become one blank, and empty text counts as missing.
    factors
        Factor name to its levels, control first, for designs of more than one factor; the levels
        stand in columns ``factor:<name>``.
    provenance
        Where the table came from: run id, seed, versions, as text; ``design: paired`` where animals are in
        several groups, each compared within itself.

    Raises
    ------
    InputError
        The table cannot be right; the message names column, row and mend.
    """

    frame: pd.DataFrame
    factors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        factors = {name: tuple(levels) for name, levels in self.factors.items()}
        frame = normalise(self.frame, factors)
        provenance = {str(key): str(value) for key, value in self.provenance.items()}
        validate(frame, factors, paired=provenance.get("design") == PAIRED)
        object.__setattr__(self, "frame", frame)
        object.__setattr__(self, "factors", MappingProxyType(factors))
        object.__setattr__(self, "provenance", MappingProxyType(provenance))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Observations):
            return NotImplemented
        same = dict(self.factors) == dict(other.factors) and dict(self.provenance) == dict(other.provenance)
        return same and self.frame.equals(other.frame)

    __hash__ = None  # type: ignore[assignment]  # a table is compared, never a key

    def __len__(self) -> int:
        return len(self.frame)

    def __reduce__(self) -> tuple[Any, ...]:
        # Mapping proxies do not travel between processes; plain dicts do.
        return Observations, (self.frame, dict(self.factors), dict(self.provenance))

    def noted(self, **provenance: str) -> Observations:
        """Return the same rows with more said about where they came from."""
        # The rows are valid already; to look at a million of them again takes seconds.
        other = object.__new__(Observations)
        said = MappingProxyType({**self.provenance, **provenance})
        for name, value in (("frame", self.frame), ("factors", self.factors), ("provenance", said)):
            object.__setattr__(other, name, value)
        return other

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups, in order of appearance."""
        return tuple(self.frame["group"].drop_duplicates())

    @property
    def readouts(self) -> tuple[str, ...]:
        """The read-outs, in order of appearance."""
        return tuple(self.frame["readout"].drop_duplicates())

    def days(self, readout: str) -> tuple[float, ...]:
        """Return the days on which a read-out was taken, ascending."""
        return tuple(sorted(set(self._of(readout)["day"])))

    def rows(
        self,
        readout: str,
        day: float,
        *,
        niche: str | None = None,
        assay: str | None = None,
        unit_level: str | None = None,
    ) -> pd.DataFrame:
        """Return the rows of one read-out on one day that are not excluded.

        Parameters
        ----------
        readout, day
            What, and when (days since the intervention began).
        niche, assay, unit_level
            Needed only where the read-out occurs in more than one of them.

        Raises
        ------
        UnknownNameError
            No such read-out.
        InputError
            Nothing on that day, or more than one niche, assay, level, kind or study to choose from.
        """
        frame = self._of(readout)
        here = frame[frame["day"] == day]
        if here.empty:
            days = ", ".join(f"{known:g}" for known in self.days(readout))
            raise InputError(f"{readout!r} has no value on day {day:g}; it has values on day {days}")
        for column, wanted in (("niche", niche), ("assay", assay), ("unit_level", unit_level)):
            if wanted is not None:
                here = here[(here[column] == wanted).fillna(False).astype(bool)]
        if here.empty:
            raise InputError(f"{readout!r} on day {day:g} has no row with that niche, assay and unit_level")
        here = here[~here["excluded"].astype(bool)]
        for column in ("study", "niche", "assay", "unit_level", "value_kind"):
            found = list(here[column].drop_duplicates())
            if len(found) > 1:
                raise InputError(
                    f"{readout!r} on day {day:g} occurs with more than one {column}:"
                    f" {', '.join(map(str, found))}; say which, or rows would be counted twice"
                )
        return here

    def _of(self, readout: str) -> pd.DataFrame:
        frame = self.frame[(self.frame["readout"] == readout).to_numpy(dtype=bool)]
        if frame.empty:
            raise unknown_name("readout", readout, self.readouts)
        return frame
