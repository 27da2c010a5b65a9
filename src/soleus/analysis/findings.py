"""What the linter of designs finds, in one shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from soleus.observations import strata_of
from soleus.schema.analysis import Finding, Severity

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Finding", "Severity", "blocks", "day_words", "finding", "listed", "log_spread", "percent"]

USUAL_SPREAD = 0.3
"""Between-animal SD of logs of this field's counts, taken where the data cannot tell."""


def finding(code: str, severity: Severity, where: str, consequence: str, mend: str) -> Finding:
    """Return one finding."""
    return Finding(code=code, severity=severity, where=where, consequence=consequence, mend=mend)


def day_words(frame: pd.DataFrame, day: object) -> str:
    """Return " on day 28"; nothing where the table has no other day and this one is 0, as if it had none."""
    number = float(str(day))
    return "" if frame["day"].nunique() < 2 and number == 0.0 else f" on day {number:g}"


def blocks(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the rows of each read-out, day, niche, assay and level that are not excluded, with a name."""
    kept = frame[~frame["excluded"].to_numpy(dtype=bool)]
    key = ["readout", "day", "niche", "assay", "unit_level", "value_kind", *strata_of(kept.columns)]
    for names, rows in kept.groupby(key, sort=False, dropna=False):
        within = "".join(f", {word}" for word in (names[2], *names[6:]) if isinstance(word, str))
        when = day_words(frame, names[1])
        yield f"{names[0]}{when}{within}", rows


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
