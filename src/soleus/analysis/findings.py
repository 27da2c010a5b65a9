"""What the linter of designs finds, in one shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from soleus.analysis.nesting import Sample, samples
from soleus.observations import strata_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Block", "Finding", "Severity", "blocks", "listed", "log_spread", "percent"]

Severity = Literal["error", "warning", "note"]
_KEY = ("readout", "day", "niche", "assay", "unit_level", "value_kind")
_LOOKED_AT = ("group", "animal", "value", "exposure", "denominator", "se", "side", "observer")
USUAL_SPREAD = 0.3
"""Between-animal SD of logs of this field's counts, taken where the data cannot tell."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness of a design.

    Parameters
    ----------
    code
        Stable name, such as "pseudoreplication".
    severity
        "error": no analysis mends it; "warning": the answer changes if it is not minded; "note".
    where
        Read-out and day, or the whole table.
    consequence
        What it does, in numbers.
    mend
        What to do.
    """

    code: str
    severity: Severity
    where: str
    consequence: str
    mend: str


class Block:
    """The rows of one read-out, day, niche, assay and level that are not excluded, with a name.

    Its units are made once for all that look at them.
    """

    def __init__(self, where: str, rows: pd.DataFrame) -> None:
        self.where, self.rows = where, rows

    @cached_property
    def samples(self) -> Mapping[str, Sample]:
        """The units of every group."""
        return samples(self.rows, list(self.rows["group"].unique()))


def blocks(frame: pd.DataFrame) -> Iterator[Block]:
    """Yield the blocks of a table, in order of appearance."""
    # The columns that are looked at: a copy of all would be the largest thing in memory.
    every = [*_KEY, *strata_of(frame.columns)]
    kept = frame[[*every, *_LOOKED_AT]]
    excluded = frame["excluded"].to_numpy(dtype=bool)
    kept = kept[~excluded] if excluded.any() else kept
    several = kept["day"].nunique() > 1
    for names, rows in kept.groupby(every, sort=False, dropna=False):
        within = "".join(f", {word}" for word in (names[2], *names[len(_KEY) :]) if isinstance(word, str))
        when = f" on day {float(str(names[1])):g}" if several else ""
        yield Block(f"{names[0]}{when}{within}", rows)


def listed(names: Sequence[object], most: int = 4) -> str:
    """Return "a, b, c and 5 more"."""
    shown = ", ".join(map(str, names[:most]))
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def percent(share: float) -> str:
    """Return a share as a percentage with as many digits as it deserves."""
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"


def log_spread(samples: Sequence[np.ndarray[tuple[int], np.dtype[np.float64]]]) -> float | None:
    """Return the pooled SD of logs of positive values within groups; None where there is none."""
    logs = [np.log(values[values > 0.0]) for values in samples]
    df = sum(max(len(values) - 1, 0) for values in logs)
    if df < 2:
        return None
    total = sum(float(((values - values.mean()) ** 2).sum()) for values in logs if len(values) > 1)
    spread = float(np.sqrt(total / df))
    return spread if spread > 1e-9 else None
