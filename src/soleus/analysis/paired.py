"""The same animals under both conditions: one animal, one difference."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soleus.analysis.contrasts import Estimates
from soleus.analysis.nesting import Sample

__all__ = ["matched", "paired_difference"]


def matched(groups: Sequence[Sample]) -> tuple[Sample, Sample]:
    """Return the two groups with the animals that are in both, in one order."""
    one, other = groups
    place = {name: k for k, name in enumerate(other.names)}
    mine = [k for k, name in enumerate(one.names) if name in place]
    return one.only(mine), other.only([place[one.names[k]] for k in mine])


def paired_difference(treated: Sample, control: Sample, *, raw: bool) -> Estimates:
    """Return the mean difference within animals, of logs unless ``raw``; t on animals less one.

    Parameters
    ----------
    treated, control
        The same units in the same order, at least two.
    """
    values = [sample.value if raw else np.log(sample.value) for sample in (treated, control)]
    change = values[0] - values[1]
    n = len(change)
    se = float(change.std(ddof=1)) / np.sqrt(n)
    if float(np.ptp(change)) <= 1e-12 * (1.0 + float(np.abs(values[0]).max())):
        se = 0.0
    return Estimates(np.array(float(change.mean())), np.array(se), np.array(float(n - 1)))
