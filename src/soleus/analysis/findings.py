"""What the linter of designs finds, in one shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from soleus.analysis.nesting import Sample, samples
from soleus.observations import strata_of
from soleus.schema.analysis import Finding, Severity

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Block",
    "Finding",
    "Severity",
    "blocks",
    "day_words",
    "finding",
    "listed",
    "log_spread",
    "percent",
]

_KEY = ("readout", "day", "niche", "assay", "unit_level", "value_kind")
_LOOKED_AT = ("group", "animal", "value", "exposure", "denominator", "se", "side", "observer")
USUAL_SPREAD = 0.3
"""Between-animal SD of logs of this field's counts, taken where the data cannot tell."""


def finding(code: str, severity: Severity, where: str, consequence: str, mend: str) -> Finding:
    """Return one finding."""
    return Finding(code=code, severity=severity, where=where, consequence=consequence, mend=mend)


def day_words(frame: pd.DataFrame, day: object) -> str:
    """Return " on day 28"; nothing where the table has no other day and this one is 0, as if it had none."""
    number = float(str(day))
    return "" if number == 0.0 and frame["day"].nunique() < 2 else f" on day {number:g}"


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
    key = [*_KEY, *strata_of(frame.columns)]
    kept = frame[[*key, *_LOOKED_AT]]
    excluded = frame["excluded"].to_numpy(dtype=bool)
    kept = kept[~excluded] if excluded.any() else kept
    for names, rows in kept.groupby(key, sort=False, dropna=False):
        within = "".join(f", {word}" for word in (names[2], *names[6:]) if isinstance(word, str))
        yield Block(f"{names[0]}{day_words(frame, names[1])}{within}", rows)


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
