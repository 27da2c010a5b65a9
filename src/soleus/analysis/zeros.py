"""A group without any cell has no ratio with two bounds: an exact p value and the bound that it has."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from soleus.analysis.answers import Effect, Undetermined, cannot, plural
from soleus.analysis.methods import SIMULATED, scale_of
from soleus.analysis.nesting import Carrier, Sample
from soleus.analysis.permutation import permutation_p_value, zero_group_bound
from soleus.analysis.wording import Settings, Words, put
from soleus.streams import Streams

__all__ = ["without_any"]


def without_any(
    groups: Sequence[Sample], weights: Sequence[float], *, what: Carrier, method: str, settings: Settings
) -> Effect | Undetermined | None:
    """Answer where a group has no cell at all: an exact p value and an upper bound; None where none lacks."""
    if scale_of(method, what) == "difference" or method in SIMULATED or len(groups) != 2:
        return None
    empty = [sample for sample in groups if not sample.total.any()]
    if len(empty) != 1 or settings.paired or tuple(weights) != (1.0, -1.0):
        return None
    one, other = groups
    counts, sizes = np.concatenate([one.total, other.total]), np.concatenate([one.size, other.size])
    treated = np.arange(len(counts)) < len(one)
    rng = Streams(settings.seed).generator("permutation")
    p, exact = permutation_p_value(counts, sizes, treated, rng=rng)
    full = other if empty[0] is one else one
    how = "exact permutation" if exact else "permutation"
    bound = (
        zero_group_bound(full.total, zeros=len(empty[0]), level=settings.level)
        if what != "mean"
        else math.inf
    )
    if empty[0] is other or not math.isfinite(bound):
        limit = "" if not math.isfinite(bound) else f"; it is at least {1.0 / bound:.3g}"
        return cannot(
            f"all {plural(len(empty[0]), settings.unit)} of group {empty[0].group!r} have the value"
            " 0, so that"
            f" no ratio of the groups is finite and bounded{limit} ({how} p = {p:.2g})"
        )
    words = Words("permutation", what, settings)
    note = (
        f"no cell in any {settings.unit} of {one.group!r}: the ratio is below {bound:.3g}, {how} p = {p:.4f}"
    )
    return put(words, groups, numbers=(0.0, 0.0, bound, p), notes=[note])
