"""Equivalence of two groups within a declared margin, and the number of animals that it would take."""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.answers import Effect, Equivalence, Undetermined, cannot, plural
from soleus.errors import InputError

__all__ = ["equivalence", "n_for_equivalence", "tost_p_value", "tost_power"]

ALPHA = 0.05
POWER = 0.8
MOST = 10_000
_NODES = 200


def equivalence(effect: Effect, *, margin: float) -> Equivalence | Undetermined:
    """Test whether a ratio lies within [1 / margin, margin], by two one-sided t tests at 5 %.

    Parameters
    ----------
    effect
        A ratio or odds ratio with a standard error and degrees of freedom.
    margin
        Above 1; declared before the data were seen.

    Returns
    -------
    Equivalence or Undetermined
        With the 90 % interval. Where the interval crosses a margin the verdict is "undecided", and
        ``n_needed`` says how many units per group would decide for a true ratio of 1.

    Raises
    ------
    InputError
        A margin that is not above 1.

    Notes
    -----
    Schuirmann (1987), doi 10.1007/BF01068419. Assumes the spread of the data at hand to be the true
    one for ``n_needed``.
    """
    limit = _log_margin(margin)
    if effect.scale == "difference":
        return cannot("the margin is a ratio and the effect a difference; analyse the read-out on logs")
    if effect.se is None or effect.df is None:
        return cannot(
            f"{effect.method} has no t reference for two one-sided tests; choose the default method"
        )
    from scipy.special import stdtrit

    log_ratio = effect.link_estimate
    half = float(stdtrit(effect.df, 1.0 - ALPHA)) * effect.se
    low, high = math.exp(log_ratio - half), math.exp(log_ratio + half)
    p = tost_p_value(log_ratio, se=effect.se, df=effect.df, log_margin=limit)
    answer = partial(_answer, (margin, low, high, p))
    shown = f"90 % interval {low:.3g} to {high:.3g}, margin {1 / margin:.3g} to {margin:.3g}"
    if p <= ALPHA:
        said = f"equivalent within the margin ({shown})"
        return answer("equivalent", None, said)
    if low >= margin or high <= 1.0 / margin:
        said = f"different by more than the margin ({shown})"
        return answer("beyond the margin", None, said)
    spread = effect.se / math.sqrt(sum(1.0 / n for n in effect.n.values()))
    needed = n_for_equivalence(spread, margin=margin)
    many = f"more than {MOST:,} {effect.unit}s" if needed is None else plural(needed, effect.unit)
    said = (
        f"cannot be decided from these data ({shown}); {many} per group would find a true ratio of 1"
        f" equivalent in {POWER:.0%} of studies, at the spread seen here"
    )
    return answer("undecided", needed, said)


def _answer(
    numbers: tuple[float, float, float, float],
    verdict: Literal["equivalent", "beyond the margin", "undecided"],
    needed: int | None,
    said: str,
) -> Equivalence:
    margin, low, high, p = numbers
    return Equivalence(
        margin=margin, low=low, high=high, level=1 - 2 * ALPHA, p_value=p, verdict=verdict, n_needed=needed,
        power=POWER, statement=said,
    )  # fmt: skip


def tost_p_value(log_ratio: float, *, se: float, df: float, log_margin: float) -> float:
    """Return the larger of the p values of the two one-sided t tests."""
    from scipy.special import stdtr

    above = stdtr(df, -(log_ratio + log_margin) / se)
    below = stdtr(df, -(log_margin - log_ratio) / se)
    return float(max(above, below))


def tost_power(*, se: float, df: float, log_margin: float, log_ratio: float = 0.0) -> float:
    """Return the probability that two one-sided t tests at 5 % both reject.

    Parameters
    ----------
    se
        True standard error of the log ratio.
    df
        Degrees of freedom of its estimate.
    log_margin
        Log of the upper margin.
    log_ratio
        True log ratio.

    Notes
    -----
    Exact for normal logs: the estimated standard error is integrated over its chi distribution
    (as Owen's Q; Phillips 1990, doi 10.1007/BF01063556).
    """
    from scipy.special import gammaln, ndtr, stdtrit

    t = float(stdtrit(df, 1.0 - ALPHA))
    width = 12.0 / math.sqrt(2.0 * df)
    start, end = max(0.0, 1.0 - width), min(1.0 + width, log_margin / (t * se))
    if end <= start:
        return 0.0
    nodes, weights = _legendre()
    s = start + (end - start) * (nodes + 1.0) / 2.0
    log_density = (
        math.log(2.0) + (df / 2.0) * math.log(df / 2.0) - gammaln(df / 2.0)
        + (df - 1.0) * np.log(s) - df * s**2 / 2.0
    )  # fmt: skip
    inside = ndtr((log_margin - log_ratio) / se - t * s) - ndtr((-log_margin - log_ratio) / se + t * s)
    return float((weights * np.exp(log_density) * np.maximum(inside, 0.0)).sum() * (end - start) / 2.0)


def n_for_equivalence(spread: float, *, margin: float, power: float = POWER) -> int | None:
    """Return the units per group for which two one-sided tests reach ``power`` at a true ratio of 1.

    Parameters
    ----------
    spread
        Standard deviation of the log of a unit's value within a group.
    margin
        Upper margin of the ratio, above 1.
    power
        Between 0 and 1.

    Returns
    -------
    int or None
        None where 10,000 would not do.
    """
    limit = _log_margin(margin)

    def reaches(n: int) -> bool:
        found = tost_power(se=spread * math.sqrt(2.0 / n), df=2.0 * n - 2.0, log_margin=limit)
        return found >= power

    if not reaches(MOST):
        return None
    low, high = 1, MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high


@lru_cache(maxsize=1)
def _legendre() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return nodes, weights


def _log_margin(margin: float) -> float:
    if not (math.isfinite(margin) and margin > 1.0):
        raise InputError(f"an equivalence margin is a ratio above 1, such as 1.25, got {margin:g}")
    return math.log(margin)
