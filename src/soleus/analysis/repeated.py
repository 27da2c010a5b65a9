"""The same animals on several days: does the course differ between the groups?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.answers import Effect
from soleus.analysis.methods import ASSUMPTIONS, WORDS
from soleus.analysis.mixed import fit_mixed
from soleus.analysis.nesting import Sample
from soleus.analysis.wording import Settings

__all__ = ["group_by_day", "is_repeated"]

_FEWEST_DAYS = 3


def is_repeated(by_day: Mapping[float, Mapping[str, Sample]]) -> bool:
    """Whether most animals have values on three days or more."""
    seen: dict[str, int] = {}
    for samples in by_day.values():
        for sample in samples.values():
            for name in sample.names:
                seen[name] = seen.get(name, 0) + 1
    return len(by_day) >= _FEWEST_DAYS and sum(n >= _FEWEST_DAYS for n in seen.values()) > 0.5 * len(seen)


def group_by_day(
    by_day: Mapping[float, Mapping[str, Sample]], pair: Sequence[str], *, raw: bool, settings: Settings
) -> Effect | None:
    """Return by how much a group changes faster than another a day, with an intercept and slope an animal.

    Parameters
    ----------
    by_day
        Day to the units of each group.
    pair
        Treated and control; all groups are in the model.
    raw
        Analyse values, not logs.
    settings
        The level and what a unit is called.

    Returns
    -------
    Effect or None
        The ratio of the two daily factors (or the difference of daily changes); None where values have no log
        or a group has fewer than two animals.
    """
    groups = list(dict.fromkeys(name for samples in by_day.values() for name in samples))
    y, day, group, animal = [], [], [], []
    for when, samples in by_day.items():
        for k, name in enumerate(groups):
            sample = samples.get(name)
            if sample is None:
                continue
            y += sample.value.tolist()
            day += [when] * len(sample)
            group += [k] * len(sample)
            animal += list(sample.names)
    value, at, code = np.array(y), np.array(day), np.array(group)
    who: dict[str, set[str]] = {name: set() for name in groups}
    for k, name in zip(group, animal, strict=True):
        who[groups[k]].add(name)
    if min(len(who[name]) for name in pair) < 2 or (not raw and not (value > 0.0).all()):
        return None
    indicators = (code[:, None] == np.arange(len(groups))).astype(float)
    centred = at - at.mean()
    x = np.column_stack([indicators, indicators * centred[:, None]])
    codes: NDArray[np.intp] = np.unique(animal, return_inverse=True)[1]
    fitted = fit_mixed(value if raw else np.log(value), x, cluster=codes, slope=at)
    if fitted is None:
        return None
    weights = np.zeros(x.shape[1])
    weights[len(groups) + groups.index(pair[0])], weights[len(groups) + groups.index(pair[1])] = 1.0, -1.0
    found = fitted.contrast(weights)
    low, high = (float(b) for b in found.interval(settings.level))
    back = (lambda v: v) if raw else math.exp
    if not (math.isfinite(low) and math.isfinite(high)) or float(found.se) == 0.0:
        return None
    scale = "values" if raw else "log values"
    return Effect(
        scale="difference" if raw else "ratio",
        estimate=back(float(found.estimate)), low=back(low), high=back(high), level=settings.level,
        p_value=float(found.p_value), df=float(found.df), se=float(found.se),
        n={name: len(who[name]) for name in pair}, unit=settings.unit, key="group-by-day",
        method=WORDS["group-by-day"].format(unit=settings.unit, what=scale),
        assumptions=tuple(line.format(unit=settings.unit) for line in ASSUMPTIONS["group-by-day"]),
        note="how much faster a day: the ratio of the two groups' daily factors" if not raw else None,
    )  # fmt: skip
