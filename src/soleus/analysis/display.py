"""Bootstrap intervals of a group's mean for drawing only; the reported interval is the analysis' own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.answers import Undetermined, cannot, plural
from soleus.streams import Streams

__all__ = ["MORE_THAN", "DisplayInterval", "display_interval"]

MORE_THAN = 10


@dataclass(frozen=True, slots=True)
class DisplayInterval:
    """Mean of a group and its bootstrap interval, for drawing only."""

    mean: float
    low: float
    high: float
    level: float
    label: str = "BCa bootstrap of animals, for display only"


def display_interval(
    values: NDArray[np.float64], *, seed: int, level: float = 0.95, draws: int = 4999
) -> DisplayInterval | Undetermined:
    """Return the bias-corrected and accelerated bootstrap interval of the mean of more than 10 animals.

    Parameters
    ----------
    values
        One an animal.
    seed
        Of the resampling.
    level, draws
        Of the interval, and resamples.

    Notes
    -----
    ``scipy.stats.bootstrap`` (Efron 1987, doi 10.1080/01621459.1987.10478410). With 10 animals or
    fewer its coverage falls well short, and there is no answer.
    """
    if len(values) <= MORE_THAN:
        return cannot(
            f"a bootstrap of {plural(len(values), 'animal')} falls short of its level; it needs more than"
            f" {MORE_THAN}"
        )
    if float(np.ptp(values)) == 0.0:
        return cannot("no animal differs from another")
    from scipy.stats import bootstrap

    rng = Streams(seed).generator("display")
    found = bootstrap(
        (values,), np.mean, n_resamples=draws, confidence_level=level, method="BCa", rng=rng
    ).confidence_interval
    return DisplayInterval(float(values.mean()), float(found.low), float(found.high), level)
