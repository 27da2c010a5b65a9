"""Cages and litters that hold both groups: all animals in one model with a random effect of the cluster."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.answers import Effect, Undetermined, cannot, plural
from soleus.analysis.designed import complete, on_scale
from soleus.analysis.linear import design_of, shown_name
from soleus.analysis.mixed import fit_mixed
from soleus.analysis.nesting import Carrier, Sample
from soleus.analysis.simulated import bootstrapped
from soleus.analysis.wording import Settings, Words, effect_from
from soleus.errors import InputError

__all__ = ["by_cluster", "compare_mixed"]

Array = NDArray[np.float64]
_MANY = 10


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
    a beta-binomial one, both with a parametric bootstrap of two groups.
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
    return _simulated(groups, weights, what=what, settings=settings)


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
    more = {"design": design.words, "cluster": shown_name(cluster)}
    found = fitted.contrast(design.contrast)
    effect = effect_from(
        found, asked, method="mixed" if raw else "mixed-log", what=what, settings=settings, more=more
    )
    if not isinstance(effect, Effect) or len(set(names)) >= _MANY or _all_mixed(whole, cluster):
        return effect
    # Measured (benchmarks.error_designs); Satterthwaite's degrees of freedom know little of so few.
    note = (
        f"with fewer than {_MANY} {shown_name(cluster)}s of which some hold one group only, a mixed"
        " model rejects"
        " a true null in about 7 % of studies"
    )
    said = f"{effect.note}; {note}" if effect.note else note
    return effect.model_copy(update={"note": said})


def _all_mixed(groups: Sequence[Sample], cluster: str) -> bool:
    seen = [set(map(str, sample.marks[cluster])) for sample in groups]
    return all(one == seen[0] for one in seen)


def _simulated(
    groups: Sequence[Sample], weights: Sequence[float], *, what: Carrier, settings: Settings
) -> Effect | Undetermined:
    from soleus.analysis.likelihoods import Likelihood, NegativeBinomialMixed
    from soleus.analysis.mixed_shares import BetaBinomialMixed

    asked = [g for g, w in zip(groups, weights, strict=True) if w != 0.0]
    if [w for w in weights if w != 0.0] != [1.0, -1.0] or settings.blocks or settings.covariates:
        raise InputError(
            "a mixed model of counts or shares compares two groups, without blocks or covariates"
        )
    for sample in asked:
        if not sample.total.any():
            return cannot(f"all {plural(len(sample), 'animal')} of group {sample.group!r} have the value 0")
    cluster = str(settings.cluster)
    data, size, treated = by_cluster(asked, cluster)
    key = "mixed-counts"
    found: Likelihood
    if what == "proportion":
        key, found = "mixed-shares", BetaBinomialMixed(size, treated)
    else:
        found = NegativeBinomialMixed(size, treated)
    words = Words(key, what, settings, {"cluster": shown_name(cluster)})
    return bootstrapped(found, data, asked, words=words, notes=[])


def by_cluster(groups: Sequence[Sample], cluster: str) -> tuple[Array, Array, Array]:
    """Return totals, sizes and the treated, shape (clusters, most animals), sizes NaN where there is none."""
    rows: dict[str, list[tuple[float, float, float]]] = {}
    for sample, on in zip(groups, (1.0, 0.0), strict=True):
        parts = zip(sample.marks[cluster], sample.total, sample.size, strict=True)
        for name, total, size in parts:
            rows.setdefault(str(name), []).append((float(total), float(size), on))
    width = max(map(len, rows.values()))
    data, sizes, treated = (
        np.zeros((len(rows), width)),
        np.full((len(rows), width), np.nan),
        np.zeros((len(rows), width)),
    )
    for k, own in enumerate(rows.values()):
        for j, (total, size, on) in enumerate(own):
            data[k, j], sizes[k, j], treated[k, j] = total, size, on
    return data, sizes, treated
