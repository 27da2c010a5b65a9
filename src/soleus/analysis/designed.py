"""A contrast with blocks or covariates beside the groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from soleus.analysis import linear
from soleus.analysis.answers import Effect, Undetermined, cannot, plural
from soleus.analysis.methods import lacking
from soleus.analysis.nesting import Carrier, Sample
from soleus.analysis.wording import Settings, effect_from
from soleus.errors import InputError

__all__ = ["complete", "designed", "on_scale"]


def designed(
    groups: Sequence[Sample], weights: Sequence[float], *, what: Carrier, method: str, settings: Settings
) -> Effect | Undetermined:
    """Contrast with blocks or covariates beside the groups."""
    modelled = {"welch-log": "linear-log", "pooled-log": "linear-log", "welch": "linear", "pooled": "linear"}
    kinds = ("shares-robust", "shares-quasi") if what == "proportion" else ("rates-robust", "rates-quasi")
    modelled |= {"robust": kinds[0], "quasi-poisson": kinds[1], "quasi-binomial": kinds[1]}
    if method not in modelled:
        raise InputError(f"--block and --covariate know no method {method!r}; leave the method out")
    key = modelled[method]
    asked = [g for g, w in zip(groups, weights, strict=True) if w != 0.0]
    missing_value = lacking(asked, what, "welch-log" if key == "linear-log" else method, settings.unit)
    if missing_value is not None:
        return cannot(missing_value)
    whole = [complete(g, (*settings.blocks, *settings.covariates)) for g in groups]
    lost = sum(map(len, groups)) - sum(map(len, whole))
    if lost:
        missing = ", ".join(map(linear.shown_name, (*settings.blocks, *settings.covariates)))
        return cannot(
            f"{plural(lost, settings.unit)} without an entry in {missing}; give it, or exclude them"
        )
    groups = [on_scale(g, settings.covariates, log=not key == "linear") for g in whole]
    design = linear.design_of(groups, weights, blocks=settings.blocks, covariates=settings.covariates)
    total, size = (np.concatenate(x) for x in ([g.total for g in groups], [g.size for g in groups]))
    if key.startswith("linear"):
        y = total / size
        found = linear.least_squares(np.log(y) if key == "linear-log" else y, design)
    else:
        shares = what == "proportion"
        found = linear.fit_rates(total, size, design, shares=shares, pooled=key.endswith("quasi"))
    if found is None:
        return cannot("groups, blocks and covariates leave no degree of freedom, or a block holds no cell")
    return effect_from(found, asked, method=key, what=what, settings=settings, more={"design": design.words})


def complete(sample: Sample, columns: Sequence[str]) -> Sample:
    """Return the units that have an entry in every column."""
    kept = [k for k in range(len(sample)) if all(sample.marks[name][k] is not None for name in columns)]
    return sample if len(kept) == len(sample) else sample.only(kept)


def on_scale(sample: Sample, covariates: Sequence[str], *, log: bool) -> Sample:
    """Return covariates on the scale of the analysis: logs of positive ones where it is one of logs."""
    marks = dict(sample.marks)
    for name in covariates:
        numbers = [float(str(entry)) for entry in marks[name]]
        if log and min(numbers, default=1.0) > 0.0:
            marks[name] = tuple(math.log(number) for number in numbers)
        else:
            marks[name] = tuple(numbers)
    return replace(sample, marks=marks)
