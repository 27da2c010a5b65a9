"""Cages and litters that hold both groups: all animals in one model with a random effect of the cluster."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.answers import Effect, Undetermined, cannot, plural
from soleus.analysis.designed import complete, on_scale
from soleus.analysis.linear import design_of, shown_name
from soleus.analysis.mixed import fit_mixed, kenward_roger
from soleus.analysis.nesting import Carrier, Sample
from soleus.analysis.simulated import simulated
from soleus.analysis.wording import Settings, effect_from
from soleus.errors import InputError

__all__ = ["compare_mixed"]

Array = NDArray[np.float64]


def compare_mixed(
    groups: Sequence[Sample], weights: Sequence[float], *, what: Carrier, method: str, settings: Settings
) -> Effect | Undetermined:
    """Compare groups whose animals share cages or litters with animals of other groups.

    Parameters
    ----------
    groups, weights, what, method, settings
        As for :func:`~soleus.analysis.compare.compare`; ``settings.cluster`` names the mark.

    Notes
    -----
    Logs and values by a linear mixed model; counts of which one is 0 by a negative-binomial one and shares by
    a beta-binomial one, both with a parametric bootstrap.
    """
    cluster = str(settings.cluster)
    homeless = sum(entry is None for sample in groups for entry in sample.marks[cluster])
    if homeless:
        names = " and ".join(repr(sample.group) for sample in groups)
        return cannot(f"{plural(homeless, 'animal')} of {names} has no {shown_name(cluster)} in the table")
    if method in ("welch-log", "pooled-log", "welch", "pooled"):
        return _linear(groups, weights, raw=not method.endswith("log"), what=what, settings=settings)
    if method not in ("robust", "nb-mixed", "beta-binomial"):
        raise InputError(f"--cluster knows no method {method!r} where clusters hold several groups; omit it")
    key = "mixed-shares" if what == "proportion" else "mixed-counts"
    return simulated(groups, weights, what=what, method=key, settings=settings)


def _linear(
    groups: Sequence[Sample], weights: Sequence[float], *, raw: bool, what: Carrier, settings: Settings
) -> Effect | Undetermined:
    cluster = str(settings.cluster)
    whole = [complete(g, (*settings.blocks, *settings.covariates)) for g in groups]
    whole = [on_scale(g, settings.covariates, log=not raw) for g in whole]
    value = np.concatenate([g.value for g in whole])
    if not raw and not (value > 0.0).all():
        return cannot("an animal has a value of 0 or less, which has no log; declare the method 'welch'")
    design = design_of(whole, weights, blocks=settings.blocks, covariates=settings.covariates)
    names = [str(entry) for g in whole for entry in g.marks[cluster]]
    code = np.unique(names, return_inverse=True)[1]
    y = value if raw else np.log(value)
    fitted = fit_mixed(y, design.matrix, cluster=code)
    if fitted is None or len(y) - design.matrix.shape[1] < 2:
        here = plural(len(set(names)), shown_name(cluster))
        return cannot(
            f"{plural(len(y), 'animal')} in {here} leave no degree of freedom for the spread within them"
        )
    asked = [g for g, w in zip(groups, weights, strict=True) if w != 0.0]
    # Satterthwaite's degrees of freedom take a spread of clusters that is estimated as 0 for known: where
    # some clusters hold one group only that rejects a true null in up to 7 % of studies
    # (benchmarks.error_designs).
    plain = _all_mixed(whole, cluster)
    found = (
        fitted.contrast(design.contrast)
        if plain
        else kenward_roger(fitted, design.matrix, design.contrast, cluster=code)
    )
    df = "Satterthwaite df" if plain else "Kenward-Roger df"
    more = {"design": design.words, "cluster": shown_name(cluster), "df": df}
    return effect_from(
        found, asked, method="mixed" if raw else "mixed-log", what=what, settings=settings, more=more
    )


def _all_mixed(groups: Sequence[Sample], cluster: str) -> bool:
    seen = [set(map(str, sample.marks[cluster])) for sample in groups]
    return all(one == seen[0] for one in seen)
