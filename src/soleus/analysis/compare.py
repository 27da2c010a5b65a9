"""One contrast of groups of independent units, by the method that the plan declares or the default."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.answers import Effect, Scale, Undetermined, cannot, plural
from soleus.analysis.contrasts import Estimates, quasi_binomial, quasi_poisson, welch
from soleus.analysis.nesting import Carrier, Sample
from soleus.errors import InputError
from soleus.streams import Streams

__all__ = ["ASSUMPTIONS", "METHODS", "WORDS", "Settings", "compare", "effect_from"]

Array = NDArray[np.float64]

METHODS: dict[Carrier, tuple[str, ...]] = {
    "rate": ("welch-log", "quasi-poisson", "nb-mixed"),
    "proportion": ("quasi-binomial", "beta-binomial", "welch-log"),
    "mean": ("welch-log", "welch"),
}
"""The methods for each kind of number; the first is the default (see :func:`compare`)."""

WORDS = {
    "welch-log": "Welch t test on log {unit} values",
    "welch": "Welch t test on {unit} values",
    "quasi-poisson": "quasi-Poisson on {unit} totals, offset log exposure, t(N - groups)",
    "quasi-binomial": "quasi-binomial on {unit} totals, logit link, t(N - groups)",
    "nb-mixed": "negative-binomial mixed model, random {unit}, offset log exposure, parametric bootstrap",
    "beta-binomial": "beta-binomial on {unit} totals, logit link, parametric bootstrap",
}
_INDEPENDENT = "{unit}s are independent of each other"
ASSUMPTIONS = {
    "welch-log": (_INDEPENDENT, "logs of {unit} values are roughly symmetric; spreads may differ"),
    "welch": (_INDEPENDENT, "{unit} values are roughly symmetric; spreads may differ"),
    "quasi-poisson": (_INDEPENDENT, "variance proportional to the mean, by one factor in all groups"),
    "quasi-binomial": (_INDEPENDENT, "variance proportional to the binomial's, by one factor in all groups"),
    "nb-mixed": (
        _INDEPENDENT,
        "log rates of {unit}s normal, sections negative binomial around them, alike in both groups",
    ),
    "beta-binomial": (_INDEPENDENT, "shares of {unit}s follow a beta distribution, alike in both groups"),
}
_SIMULATED = ("nb-mixed", "beta-binomial")
_FEW = 3


@dataclass(frozen=True, slots=True)
class Settings:
    """What all comparisons of an analysis share.

    Parameters
    ----------
    level
        Of the intervals.
    draws
        Data sets simulated by a parametric bootstrap.
    seed
        Of the simulations.
    unit
        What is independent: "animal", "cage", "litter" or "culture".
    """

    level: float = 0.95
    draws: int = 999
    seed: int = 0
    unit: str = "animal"


def compare(
    groups: Sequence[Sample], weights: Sequence[float], *, what: Carrier, method: str, settings: Settings
) -> Effect | Undetermined:
    """Contrast groups on the scale of the method.

    Parameters
    ----------
    groups, weights
        The groups and their weights, (1, -1) for treated over control.
    what
        What their numbers are.
    method
        One of :data:`METHODS`, or "default": Welch on logs for counts, densities, masses and times
        (quasi-Poisson where a zero count forbids logs, raw values where a mass, time or share without
        a denominator has no log), quasi-binomial for proportions.
    settings
        What all comparisons of an analysis share.

    Raises
    ------
    InputError
        A method that does not suit the numbers, or a simulated one for more than two groups.
    """
    if method != "default" and method not in METHODS[what]:
        raise InputError(f"method {method!r} does not suit a {what}; allowed: {', '.join(METHODS[what])}")
    for sample in groups:
        if len(sample) < 2:
            have = plural(len(sample), settings.unit)
            return cannot(f"group {sample.group!r} has {have} and its spread needs at least 2")
    chosen = _default(groups, what) if method == "default" else method
    lacking = _lacking(groups, what, chosen, settings.unit)
    if lacking is not None:
        return cannot(lacking)
    if chosen in _SIMULATED:
        return _simulated(groups, weights, method=chosen, settings=settings)
    found = _estimates(groups, weights, chosen)
    return effect_from(found, groups, method=chosen, settings=settings)


def effect_from(
    found: Estimates, groups: Sequence[Sample], *, method: str, settings: Settings
) -> Effect | Undetermined:
    """Put an estimate into words; or say why it is none."""
    estimate, se, df = (float(part) for part in (found.estimate, found.se, found.df))
    if se == 0.0:
        return cannot(
            f"no {settings.unit} differs from another of its group, so that chance cannot be gauged"
        )
    bounds = [float(bound) for bound in found.interval(settings.level)]
    scale = _scale(method)
    if not all(map(math.isfinite, bounds)):
        return cannot(f"the {settings.unit}s differ so much that the interval has no finite bounds")
    if scale != "difference":
        estimate, *bounds = _exp(estimate), *map(_exp, bounds)
        if not (bounds[0] > 0.0 and math.isfinite(bounds[1])):
            return cannot(
                f"the {settings.unit}s differ so much that the interval of the ratio has no finite bounds"
            )
    return Effect(
        scale=scale,
        estimate=estimate,
        low=bounds[0],
        high=bounds[1],
        level=settings.level,
        p_value=float(found.p_value),
        df=df,
        n={sample.group: len(sample) for sample in groups},
        unit=settings.unit,
        method=WORDS[method].format(unit=settings.unit),
        assumptions=tuple(line.format(unit=settings.unit) for line in ASSUMPTIONS[method]),
        se=se,
        note=_few_note(groups, settings.unit),
    )


def _default(groups: Sequence[Sample], what: Carrier) -> str:
    positive = all(bool((sample.total > 0).all()) for sample in groups)
    if what == "rate":
        return "welch-log" if positive else "quasi-poisson"
    if what == "proportion":
        return "quasi-binomial"
    return "welch-log" if positive else "welch"


def _lacking(groups: Sequence[Sample], what: Carrier, method: str, unit: str) -> str | None:
    """Say what the data lack for a method; None where they lack nothing."""
    for sample in groups:
        whole = f"all {plural(len(sample), unit)} of group {sample.group!r}"
        if _scale(method) != "difference" and not sample.total.any():
            return f"{whole} have the value 0"
        if what == "proportion" and method != "welch-log" and (sample.total == sample.size).all():
            return f"{whole} have the share 1"
    if method == "welch-log" and not all((sample.total > 0).all() for sample in groups):
        mends = {
            "rate": "leave the method to the default",
            "proportion": "leave the method to the default",
            "mean": "declare the method 'welch', or give counts and their exposures instead",
        }
        return f"{_a(unit)} has a value of 0 or less, which has no log; {mends[what]}"
    return None


def _estimates(groups: Sequence[Sample], weights: Sequence[float], method: str) -> Estimates:
    totals, sizes = [g.total for g in groups], [g.size for g in groups]
    if method == "quasi-poisson":
        return quasi_poisson(totals, sizes, weights)
    if method == "quasi-binomial":
        return quasi_binomial(totals, sizes, weights)
    values = [g.value for g in groups]
    with np.errstate(over="ignore", invalid="ignore"):
        return welch([np.log(v) for v in values] if method == "welch-log" else values, weights)


def _simulated(
    groups: Sequence[Sample], weights: Sequence[float], *, method: str, settings: Settings
) -> Effect | Undetermined:
    if tuple(weights) != (1.0, -1.0):
        raise InputError(f"method {method!r} compares two groups; use the default for a 2 x 2 design")
    from soleus.analysis.bootstrap import parametric_bootstrap
    from soleus.analysis.likelihoods import BetaBinomial, Likelihood, NegativeBinomialMixed

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
    rng = Streams(settings.seed).generator("parametric bootstrap")
    found = parametric_bootstrap(model, data, draws=settings.draws, rng=rng, level=settings.level)
    few = _few_note(groups, settings.unit)
    if min(len(sample) for sample in groups) <= _FEW:
        # Measured (benchmarks.error_rates); the spread that it simulates comes from the same few units.
        few = f"with {_FEW} {settings.unit}s a group or fewer it rejects a true null in 7 to 8 % of studies"
    notes = [f"p from {found.draws} simulated data sets, Monte-Carlo error {found.p_error:.2g}", note, few]
    low, high = _exp(found.low), _exp(found.high)
    if not (low > 0.0 and math.isfinite(high)):
        return cannot(
            f"the {settings.unit}s differ so much that the interval of the ratio has no finite bounds"
        )
    return Effect(
        scale=_scale(method),
        estimate=_exp(found.estimate),
        low=low,
        high=high,
        level=settings.level,
        p_value=found.p_value,
        df=None,
        n={sample.group: len(sample) for sample in groups},
        unit=settings.unit,
        method=WORDS[method].format(unit=settings.unit),
        assumptions=tuple(line.format(unit=settings.unit) for line in ASSUMPTIONS[method]),
        note="; ".join(part for part in notes if part),
    )


def _padded(groups: Sequence[Sample]) -> tuple[Array, Array]:
    """Return counts and exposures, shape (units, most rows), NaN where a unit has fewer."""
    parts = [part for sample in groups for part in sample.parts]
    width = max(len(values) for values, _ in parts)
    counts, exposure = np.full((2, len(parts), width), np.nan)
    for k, (values, sizes) in enumerate(parts):
        counts[k, : len(values)], exposure[k, : len(sizes)] = values, sizes
    return counts, exposure


def _scale(method: str) -> Scale:
    if method == "welch":
        return "difference"
    return "odds ratio" if method in ("quasi-binomial", "beta-binomial") else "ratio"


def _few_note(groups: Sequence[Sample], unit: str) -> str | None:
    fewest = min(len(sample) for sample in groups)
    return f"only {plural(fewest, unit)} in the smallest group" if fewest < _FEW else None


def _exp(value: float) -> float:
    return math.exp(value) if value < 700.0 else math.inf


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
