"""Methods whose reference is simulated: the likelihoods of counts and shares, put to the data.

Groups, blocks and covariates stand in one linear predictor; sections lie in animals, or animals in clusters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.answers import Effect, Undetermined, cannot, plural
from soleus.analysis.bootstrap import Joint, joint_bootstrap, parametric_bootstrap
from soleus.analysis.designed import complete, on_scale
from soleus.analysis.likelihoods import BetaBinomial, Likelihood, NegativeBinomialMixed
from soleus.analysis.linear import Design, design_of, shown_name
from soleus.analysis.methods import lacking
from soleus.analysis.mixed_shares import BetaBinomialMixed
from soleus.analysis.nesting import Carrier, Sample
from soleus.analysis.predictor import turned
from soleus.analysis.wording import FEW, Settings, Words, exp_or_inf, put
from soleus.streams import Streams

__all__ = ["Posed", "jointly", "posed", "simulated"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Posed:
    """Data in the shape of their likelihood, and that likelihood for a linear predictor of the units.

    Parameters
    ----------
    data
        One data set.
    model
        From a design of shape (units, p) to the likelihood.
    one_count
        Each unit has one count only, so that the spread within it cannot be told.
    """

    data: Array
    model: Callable[[Array], Likelihood]
    one_count: bool = False


def posed(groups: Sequence[Sample], *, what: Carrier, cluster: str | None) -> Posed:
    """Put groups to the likelihood that suits them: shares or counts, in clusters or not."""
    total, size = (np.concatenate(x) for x in ([g.total for g in groups], [g.size for g in groups]))
    if cluster is not None:
        place = _places([str(entry) for g in groups for entry in g.marks[cluster]])
        there = place >= 0
        sizes = np.where(there, size[place], np.nan)
        family = BetaBinomialMixed if what == "proportion" else NegativeBinomialMixed
        return Posed(
            np.where(there, total[place], 0.0),
            lambda x: family(sizes, np.where(there[..., None], x[place], 0.0)),
        )
    if what == "proportion":
        return Posed(total, lambda x: BetaBinomial(size, x))
    data, exposure = _padded(groups)
    single = exposure.shape[1] == 1
    there = ~np.isnan(exposure)[..., None]
    return Posed(
        data,
        lambda x: NegativeBinomialMixed(exposure, np.where(there, x[:, None, :], 0.0), poisson=single),
        single,
    )


def simulated(
    groups: Sequence[Sample], weights: Sequence[float], *, what: Carrier, method: str, settings: Settings
) -> Effect | Undetermined:
    """Contrast groups by a likelihood, with blocks and covariates beside them and clusters around them.

    Parameters
    ----------
    groups, weights, what, settings
        As for :func:`~soleus.analysis.compare.compare`.
    method
        "nb-mixed" or "beta-binomial", or "mixed-counts" or "mixed-shares" in clusters.
    """
    asked = [g for g, w in zip(groups, weights, strict=True) if w != 0.0]
    found = _ready(groups, weights, what=what, method=method, settings=settings)
    if isinstance(found, Undetermined):
        return found
    whole, design = found
    put_to = posed(whole, what=what, cluster=settings.cluster)
    note = few = None
    if put_to.one_count:
        note = f"one count a {settings.unit}: Poisson around it, since more cannot be told from it"
    if min(len(sample) for sample in asked) <= FEW:
        # Measured (benchmarks.error_rates); the spread that it simulates comes from the same few units.
        few = f"with {FEW} {settings.unit}s a group or fewer it rejects a true null in 7 to 8 % of studies"
    rng = Streams(settings.seed).generator("parametric bootstrap")
    model = put_to.model(turned(design.matrix, design.contrast))
    one = parametric_bootstrap(model, put_to.data, draws=settings.draws, rng=rng, level=settings.level)
    low, high = exp_or_inf(one.low), exp_or_inf(one.high)
    if not (low > 0.0 and math.isfinite(high)):
        return cannot(
            f"the {settings.unit}s differ so much that the interval of the ratio has no finite bounds"
        )
    said = f"p from {one.draws} simulated data sets, Monte-Carlo error {one.p_error:.2g}"
    more = {"design": design.words, "cluster": shown_name(settings.cluster or "")}
    numbers = (exp_or_inf(one.estimate), low, high, one.p_value)
    return put(Words(method, what, settings, more), asked, numbers=numbers, notes=[said, note, few])


def jointly(
    groups: Sequence[Sample], contrasts: Sequence[Sequence[float]], *, what: Carrier, settings: Settings
) -> list[Joint]:
    """Return simultaneous p values and intervals of several contrasts of one model.

    Parameters
    ----------
    groups
        All of them; those without an entry in a block or covariate are an error of the caller.
    contrasts
        One weight a group each.
    what, settings
        As for :func:`simulated`.
    """
    log = [on_scale(g, settings.covariates, log=True) for g in groups]
    designs = [
        design_of(log, weights, blocks=settings.blocks, covariates=settings.covariates)
        for weights in contrasts
    ]
    put_to = posed(log, what=what, cluster=settings.cluster)
    # Without any effect all groups are one; blocks and covariates stay.
    beside = designs[0].matrix[:, len(groups) :]
    null = put_to.model(np.column_stack([np.ones(len(beside)), beside]))
    models = [put_to.model(turned(d.matrix, d.contrast)) for d in designs]
    rng = Streams(settings.seed).generator("joint bootstrap")
    return joint_bootstrap(models, null, put_to.data, draws=settings.draws, rng=rng, level=settings.level)


def _ready(
    groups: Sequence[Sample], weights: Sequence[float], *, what: Carrier, method: str, settings: Settings
) -> tuple[list[Sample], Design] | Undetermined:
    """Return the groups and their linear predictor, or what the data lack."""
    asked = [g for g, w in zip(groups, weights, strict=True) if w != 0.0]
    missing = lacking(asked, what, method, settings.unit)
    if missing is not None:
        return cannot(missing)
    modelled = bool(settings.blocks or settings.covariates or settings.cluster)
    used = [(g, w) for g, w in zip(groups, weights, strict=True) if modelled and len(g) or w != 0.0]
    columns = (*settings.blocks, *settings.covariates)
    whole = [complete(g, columns) for g, _ in used]
    lost = sum(len(g) for g, _ in used) - sum(map(len, whole))
    if lost:
        names = ", ".join(map(shown_name, columns))
        return cannot(f"{plural(lost, settings.unit)} without an entry in {names}; give it, or exclude them")
    whole = [on_scale(g, settings.covariates, log=True) for g in whole]
    own = [w for _, w in used]
    design = design_of(whole, own, blocks=settings.blocks, covariates=settings.covariates)
    if len(design.matrix) - np.linalg.matrix_rank(design.matrix) < 1:
        return cannot("groups, blocks and covariates leave no degree of freedom")
    return whole, design


def _places(clusters: Sequence[str]) -> NDArray[np.intp]:
    """Return the place of each unit in its cluster, shape (clusters, most units), -1 where there is none."""
    rows: dict[str, list[int]] = {}
    for k, name in enumerate(clusters):
        rows.setdefault(name, []).append(k)
    out = np.full((len(rows), max(map(len, rows.values()))), -1, dtype=np.intp)
    for row, members in zip(out, rows.values(), strict=True):
        row[: len(members)] = members
    return out


def _padded(groups: Sequence[Sample]) -> tuple[Array, Array]:
    """Return counts and exposures, shape (units, most rows), NaN where a unit has fewer."""
    parts = [part for sample in groups for part in sample.parts]
    width = max(len(values) for values, _ in parts)
    counts, exposure = np.full((2, len(parts), width), np.nan)
    for k, (values, sizes) in enumerate(parts):
        counts[k, : len(values)], exposure[k, : len(sizes)] = values, sizes
    return counts, exposure
