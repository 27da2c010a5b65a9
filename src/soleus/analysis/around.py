"""What stands around an effect: the same contrast without each unit in turn, and by other methods."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soleus.analysis.answers import Effect, LeaveOneOut
from soleus.analysis.compare import compare
from soleus.analysis.methods import LIKELIHOODS
from soleus.analysis.nesting import Carrier, Sample
from soleus.analysis.wording import Settings
from soleus.errors import InputError

__all__ = ["leave_one_out", "sensitivity"]

_MOST = 40
_SIMULATED = (*LIKELIHOODS, "permutation")
_FAR = 4.0
_OTHERS = {
    "welch-log": ("robust", "welch", "pooled-log"),
    "welch": ("pooled", "welch-log"),
    "robust": ("quasi-poisson", "quasi-binomial", "empirical-logit"),
    "linear-log": ("robust",),
    "pooled-log": ("welch-log",),
    "pooled": ("welch",),
    "quasi-poisson": ("robust",),
    "quasi-binomial": ("robust", "empirical-logit"),
    "empirical-logit": ("robust",),
}


def leave_one_out(
    effect: Effect,
    groups: Sequence[Sample],
    weights: Sequence[float],
    *,
    what: Carrier,
    method: str,
    settings: Settings,
    kind: str,
) -> LeaveOneOut | None:
    """Return what the effect becomes without each unit in turn; None where a group has 3 units or fewer.

    Parameters
    ----------
    effect
        With all of them.
    groups, weights, what, method, settings, kind
        As for :func:`~soleus.analysis.compare.compare`.
    """
    sizes = [len(g) for g, w in zip(groups, weights, strict=True) if w != 0.0]
    if effect.key in _SIMULATED or min(sizes) < 4 or sum(sizes) > _MOST or settings.cluster is not None:
        return None
    found: list[tuple[float, str, str, float, Effect]] = []
    centre = effect.link_estimate
    for g, (sample, weight) in enumerate(zip(groups, weights, strict=True)):
        for k in range(len(sample) if weight != 0.0 else 0):
            rest = list(groups)
            rest[g] = sample.only([j for j in range(len(sample)) if j != k])
            one = compare(rest, weights, what=what, method=method, settings=settings, kind=kind)
            if isinstance(one, Effect):
                shift = one.link_estimate - centre
                found.append((shift, sample.names[k], sample.group, float(sample.value[k]), one))
    if len(found) < 4:
        return None
    by_size = sorted(found, key=lambda each: -abs(each[0]))
    shift, name, group, value, one = by_size[0]
    second = abs(next((each[0] for each in by_size[1:] if each[1] != name), 0.0))
    spread = one.se if one.se is not None else 0.0
    estimates = [each[4].estimate for each in found]
    return LeaveOneOut(
        low=float(np.min(estimates)), high=float(np.max(estimates)), without=name, group=group, value=value,
        estimate=one.estimate, estimate_low=one.low, estimate_high=one.high, p_value=one.p_value,
        gross=abs(shift) > _FAR * second and abs(shift) > spread,
    )  # fmt: skip


def sensitivity(
    effect: Effect,
    groups: Sequence[Sample],
    weights: Sequence[float],
    *,
    what: Carrier,
    settings: Settings,
    kind: str,
) -> tuple[Effect, ...]:
    """Return the same contrast by other defensible methods, in as far as they suit the data."""
    out = []
    for method in _OTHERS.get(effect.key, ()):
        try:
            one = compare(groups, weights, what=what, method=method, settings=settings, kind=kind)
        except InputError:
            continue  # it does not suit these numbers
        if isinstance(one, Effect):
            out.append(one)
    return tuple(out[:3])
