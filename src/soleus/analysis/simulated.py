"""Methods whose reference is simulated: the likelihoods of counts and shares, put to the data."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.answers import Effect, Undetermined, cannot
from soleus.analysis.bootstrap import parametric_bootstrap
from soleus.analysis.likelihoods import BetaBinomial, Likelihood, NegativeBinomialMixed
from soleus.analysis.nesting import Carrier, Sample
from soleus.analysis.wording import FEW, Settings, Words, exp_or_inf, put
from soleus.errors import InputError
from soleus.streams import Streams

__all__ = ["bootstrapped", "simulated"]

Array = NDArray[np.float64]


def simulated(
    groups: Sequence[Sample], weights: Sequence[float], *, method: str, settings: Settings
) -> Effect | Undetermined:
    """Compare two groups by a likelihood of sections within animals, or of shares of animals."""
    if tuple(weights) != (1.0, -1.0):
        raise InputError(f"method {method!r} compares two groups; use the default for a 2 x 2 design")
    treated = np.repeat([1.0, 0.0], [len(sample) for sample in groups])
    model: Likelihood
    note = None
    if method == "beta-binomial":
        model = BetaBinomial(np.concatenate([g.size for g in groups]), treated)
        data = np.concatenate([g.total for g in groups])
    else:
        data, exposure = _padded(groups)
        single = exposure.shape[1] == 1
        model = NegativeBinomialMixed(exposure, treated, poisson=single)
        if single:
            note = f"one count a {settings.unit}: Poisson around it, since more cannot be told from it"
    what: Carrier = "proportion" if method == "beta-binomial" else "rate"
    few = None
    if min(len(sample) for sample in groups) <= FEW:
        # Measured (benchmarks.error_rates); the spread that it simulates comes from the same few units.
        few = f"with {FEW} {settings.unit}s a group or fewer it rejects a true null in 7 to 8 % of studies"
    return bootstrapped(model, data, groups, words=Words(method, what, settings), notes=[note, few])


def bootstrapped(
    model: Likelihood, data: Array, groups: Sequence[Sample], *, words: Words, notes: Sequence[str | None]
) -> Effect | Undetermined:
    """Return the effect of a likelihood whose reference is simulated."""
    settings = words.settings
    rng = Streams(settings.seed).generator("parametric bootstrap")
    found = parametric_bootstrap(model, data, draws=settings.draws, rng=rng, level=settings.level)
    low, high = exp_or_inf(found.low), exp_or_inf(found.high)
    if not (low > 0.0 and math.isfinite(high)):
        return cannot(
            f"the {settings.unit}s differ so much that the interval of the ratio has no finite bounds"
        )
    said = f"p from {found.draws} simulated data sets, Monte-Carlo error {found.p_error:.2g}"
    numbers = (exp_or_inf(found.estimate), low, high, found.p_value)
    return put(words, groups, numbers=numbers, notes=[said, *notes])


def _padded(groups: Sequence[Sample]) -> tuple[Array, Array]:
    """Return counts and exposures, shape (units, most rows), NaN where a unit has fewer."""
    parts = [part for sample in groups for part in sample.parts]
    width = max(len(values) for values, _ in parts)
    counts, exposure = np.full((2, len(parts), width), np.nan)
    for k, (values, sizes) in enumerate(parts):
        counts[k, : len(values)], exposure[k, : len(sizes)] = values, sizes
    return counts, exposure
