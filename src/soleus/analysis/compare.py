"""One contrast of groups of independent units, by the method that the plan declares or the default."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soleus.analysis import contrasts
from soleus.analysis.answers import Effect, Undetermined, cannot, plural
from soleus.analysis.clusters import compare_mixed
from soleus.analysis.contrasts import Estimates
from soleus.analysis.designed import designed
from soleus.analysis.methods import LOGS, METHODS, SIMULATED, lacking
from soleus.analysis.nesting import Carrier, Sample
from soleus.analysis.paired import matched, paired_difference
from soleus.analysis.simulated import simulated
from soleus.analysis.wording import Settings, effect_from, noted, with_article
from soleus.analysis.zeros import without_any
from soleus.errors import InputError

__all__ = ["Settings", "compare", "plain_estimates"]

_FEW_CELLS = 25
_NUMBER = {"density": "robust"}


def compare(
    groups: Sequence[Sample],
    weights: Sequence[float],
    *,
    what: Carrier,
    method: str,
    settings: Settings,
    kind: str = "count",
) -> Effect | Undetermined:
    """Contrast groups on the scale of the method.

    Parameters
    ----------
    groups, weights
        The groups and their weights, (1, -1) for treated over control; a group of weight 0 takes part where
        blocks, covariates or clusters are estimated from all groups.
    what, kind
        What their numbers are, and their value kind.
    method
        One of :data:`~soleus.analysis.methods.METHODS`, or "default": Welch on logs for counts, densities,
        masses and times; group totals with a robust variance for shares, and for counts and densities where
        a zero forbids logs; raw values for scores, and where a mass or time has no log.
    settings
        What all comparisons of an analysis share.

    Raises
    ------
    InputError
        A method that does not suit the numbers or the design, or a block that is confounded.
    """
    if method != "default" and method not in METHODS[what]:
        raise InputError(f"method {method!r} does not suit a {what}; allowed: {', '.join(METHODS[what])}")
    kept = [(g, w) for g, w in zip(groups, weights, strict=True) if w != 0.0]
    asked, own = [g for g, _ in kept], [w for _, w in kept]
    if settings.paired:
        asked = list(matched(asked)) if len(asked) == 2 else asked
    for sample in asked:
        if len(sample) < 2:
            have = plural(len(sample), settings.unit)
            both = " in both groups" if settings.paired else ""
            return cannot(f"group {sample.group!r} has {have}{both} and its spread needs at least 2")
    chosen = _default(groups if _modelled(settings) else asked, what, kind) if method == "default" else method
    if not (settings.paired or _modelled(settings)):
        none = without_any(asked, own, what=what, method=chosen, settings=settings)
        if none is not None:
            return none
    if settings.paired:
        return _paired(asked, own, what=what, method=chosen, settings=settings)
    if settings.cluster is not None:
        return compare_mixed(groups, weights, what=what, method=chosen, settings=settings)
    if chosen in SIMULATED:
        return simulated(groups, weights, what=what, method=chosen, settings=settings)
    if settings.blocks or settings.covariates:
        return designed(groups, weights, what=what, method=chosen, settings=settings)
    missing = lacking(asked, what, chosen, settings.unit)
    if missing is not None:
        return cannot(missing)
    return _plain(asked, own, what=what, method=chosen, settings=settings)


def _plain(
    groups: Sequence[Sample], weights: Sequence[float], *, what: Carrier, method: str, settings: Settings
) -> Effect | Undetermined:
    """Contrast groups without anything beside them."""
    found = plain_estimates(groups, weights, method, what=what)
    effect = effect_from(found, groups, method=method, what=what, settings=settings)
    if what != "proportion" or method != "robust" or not isinstance(effect, Effect):
        return effect
    fewest = min(min(float(g.total.sum()), float((g.size - g.total).sum())) for g in groups)
    if fewest >= _FEW_CELLS:
        return effect
    # Measured (benchmarks.error_rates, shares of 0.03): 92.5 to 98.4 %.
    return noted(
        effect, f"a group has {fewest:.0f} cells of one kind: such intervals hold the truth in 92-98 %"
    )


def _modelled(settings: Settings) -> bool:
    return settings.cluster is not None or bool(settings.blocks or settings.covariates)


def _default(groups: Sequence[Sample], what: Carrier, kind: str) -> str:
    if what == "proportion":
        return "robust"
    if kind == "score":
        return "welch"
    if all(bool((sample.total > 0).all()) for sample in groups):
        return "welch-log"
    return "robust" if what == "rate" else _NUMBER.get(kind, "welch")


def plain_estimates(
    groups: Sequence[Sample], weights: Sequence[float], method: str, *, what: Carrier
) -> Estimates:
    """Return a contrast of groups without anything beside them."""
    totals, sizes = [g.total for g in groups], [g.size for g in groups]
    if method == "quasi-poisson":
        return contrasts.quasi_poisson(totals, sizes, weights)
    if method == "quasi-binomial":
        return contrasts.quasi_binomial(totals, sizes, weights)
    if method == "robust":
        return contrasts.totals_robust(totals, sizes, weights, shares=what == "proportion")
    if method == "empirical-logit":
        odds = [np.log((t + 0.5) / (s - t + 0.5)) for t, s in zip(totals, sizes, strict=True)]
        return contrasts.welch(odds, weights)
    values = [g.value for g in groups]
    with np.errstate(over="ignore", invalid="ignore"):
        used = [np.log(v) for v in values] if method in LOGS else values
        if method.startswith("pooled"):
            return contrasts.pooled(used, weights)
        return contrasts.welch(used, weights)


def _paired(
    groups: Sequence[Sample], weights: Sequence[float], *, what: Carrier, method: str, settings: Settings
) -> Effect | Undetermined:
    if tuple(weights) != (1.0, -1.0) or settings.blocks or settings.covariates or settings.cluster:
        raise InputError(
            "--paired compares two conditions of the same animals and takes no block, covariate, baseline or"
            " cluster beside it; leave one of them out"
        )
    if method not in ("welch-log", "welch", "robust"):
        raise InputError(f"--paired knows no method {method!r}; leave the method out")
    raw = method == "welch"
    if not raw and not all((sample.value > 0.0).all() for sample in groups):
        if what != "mean":
            return cannot(
                f"{with_article(settings.unit)} has no cell under one condition, and its ratio has no log;"
                " give the densities as scores to compare differences"
            )
        raw = True
    lost = plural(len(groups[0]), settings.unit)
    found = paired_difference(groups[0], groups[1], raw=raw)
    key = "paired" if raw else "paired-log"
    effect = effect_from(found, groups, method=key, what=what, settings=settings)
    if isinstance(effect, Effect) and what == "proportion":
        note = f"{lost}: a ratio of shares, not of odds"
        return effect.model_copy(update={"note": note})
    return effect
