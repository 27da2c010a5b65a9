"""The ratio of a treated group over its control, with the animal as the unit.

Sections of one animal are not independent: a t test on sections rejects a true null of this
field's size in a third of studies. Here sections are summed within their animal first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from soleus.errors import InputError, unknown_name
from soleus.schema.run import EffectEstimate, Interval

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from soleus.observations import Observations

__all__ = ["LogRatio", "Undetermined", "animal_effect", "quasi_poisson", "ratio_effect", "welch_of_logs"]

LEVEL = 0.95
WELCH = "Welch t test on log animal means"
QUASI_POISSON = "quasi-Poisson on animal totals, offset log exposure, t(N - 2)"


@dataclass(frozen=True, slots=True)
class Undetermined:
    """The answer where the data cannot carry one; false in a condition.

    Parameters
    ----------
    note
        "cannot be told from these data, because ...".
    """

    note: str

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class LogRatio:
    """A log ratio with its standard error and the degrees of freedom of its t reference."""

    estimate: float
    se: float
    df: float

    @property
    def p_value(self) -> float:
        """Two-sided p value of no effect."""
        from scipy.special import stdtr

        return float(2.0 * stdtr(self.df, -abs(self.estimate) / self.se))

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the lower and upper bound of the ratio (not of its log)."""
        from scipy.special import stdtrit

        half = float(stdtrit(self.df, 0.5 + level / 2.0)) * self.se
        with np.errstate(over="ignore"):
            low, high = np.exp([self.estimate - half, self.estimate + half])
        return float(low), float(high)


def ratio_effect(
    observations: Observations,
    *,
    readout: str,
    day: float,
    treated: str,
    control: str,
    niche: str | None = None,
    assay: str | None = None,
) -> EffectEstimate | Undetermined:
    """Estimate the ratio of ``treated`` over ``control`` for one read-out on one day.

    Parameters
    ----------
    observations
        The table.
    readout, day
        What, and when (days since the intervention began).
    treated, control
        Names of the two groups.
    niche, assay
        Needed only where the read-out occurs in more than one of them.

    Returns
    -------
    EffectEstimate or Undetermined
        The ratio with a 95 % interval and a p value; or, where the data cannot carry one, the reason.

    Raises
    ------
    InputError
        Unknown read-out, day or group; published summaries, which have no animals.

    Notes
    -----
    Default: Welch's t test on the log of each animal's value (total count over total exposure;
    mean for anything that is not a count). Where an animal has no cells, logs do not exist and
    quasi-Poisson on animal totals takes its place. Both hold about 5 % false positives at 5
    animals a group; neither assumes that counts are Poisson.
    """
    _check_groups(observations, treated, control)
    table = observations.animal_values(readout, day, niche=niche, assay=assay)
    return animal_effect(table, treated=treated, control=control)


def animal_effect(table: pd.DataFrame, *, treated: str, control: str) -> EffectEstimate | Undetermined:
    """Estimate the ratio of two groups from one row per animal.

    Parameters
    ----------
    table
        As :meth:`~soleus.observations.Observations.animal_values` returns it.
    treated, control
        Names of the two groups.
    """
    is_count = bool((table["value_kind"] == "count").all())
    arms = [_arm(table, group, is_count) for group in (treated, control)]
    for arm, group in zip(arms, (treated, control), strict=True):
        if len(arm.total) < 2:
            return _cannot(f"group {group!r} has {_animals(len(arm.total))} and its spread needs at least 2")
        if not arm.total.any():
            return _cannot(f"all {len(arm.total)} animals of group {group!r} have the value 0")
    if all((arm.total > 0).all() for arm in arms):
        found = welch_of_logs(arms[0].density, arms[1].density)
        return _answer(found, WELCH, arms)
    if is_count:
        found = quasi_poisson(arms[0].total, arms[1].total, exposures=(arms[0].exposure, arms[1].exposure))
        return _answer(found, QUASI_POISSON, arms)
    return _cannot("an animal has the value 0, which has no log; give the counts and their exposures instead")


def welch_of_logs(treated: NDArray[np.float64], control: NDArray[np.float64]) -> LogRatio | None:
    """Compare the mean logs of two groups without assuming equal spread.

    Parameters
    ----------
    treated, control
        Positive values, one an animal, at least two a group.

    Returns
    -------
    LogRatio or None
        Log ratio of geometric means; None where no animal differs from another in its group.

    Notes
    -----
    Degrees of freedom by Welch (1947), doi 10.1093/biomet/34.1-2.28.
    """
    logs = [np.log(values) for values in (treated, control)]
    # A spread at the level of rounding is no spread.
    if all(np.ptp(values) <= 1e-12 * (1.0 + np.abs(values).max()) for values in logs):
        return None
    shares = [float(np.var(values, ddof=1)) / len(values) for values in logs]
    variance = sum(shares)
    df = variance**2 / sum(share**2 / (len(v) - 1) for share, v in zip(shares, logs, strict=True))
    return LogRatio(float(logs[0].mean() - logs[1].mean()), math.sqrt(variance), df)


def quasi_poisson(
    treated: NDArray[np.float64],
    control: NDArray[np.float64],
    *,
    exposures: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> LogRatio | None:
    """Compare two groups of counts whose variance is proportional to their mean.

    Parameters
    ----------
    treated, control
        Total count of each animal; at least one cell in each group.
    exposures
        Total exposure of each animal, in the same order.

    Returns
    -------
    LogRatio or None
        Log ratio of rates; None where the counts show no dispersion at all.

    Notes
    -----
    With two groups and a log link the fit is closed: a group's rate is its total count over its
    total exposure. Dispersion by Pearson's X2 over N - 2 (Wedderburn 1974, doi 10.1093/biomet/61.3.439).
    """
    counts = (treated, control)
    totals = [float(values.sum()) for values in counts]
    rates = [total / float(exposure.sum()) for total, exposure in zip(totals, exposures, strict=True)]
    pearson = 0.0
    for values, exposure, rate in zip(counts, exposures, rates, strict=True):
        expected = rate * exposure
        pearson += float(((values - expected) ** 2 / expected).sum())
    df = len(treated) + len(control) - 2
    # Pearson's sum at the level of rounding is no dispersion.
    if pearson <= 1e-12 * sum(totals):
        return None
    variance = pearson / df * (1.0 / totals[0] + 1.0 / totals[1])
    return LogRatio(math.log(rates[0] / rates[1]), math.sqrt(variance), float(df))


@dataclass(frozen=True, slots=True)
class _Arm:
    group: str
    total: NDArray[np.float64]
    exposure: NDArray[np.float64]

    @property
    def density(self) -> NDArray[np.float64]:
        return self.total / self.exposure


def _arm(table: pd.DataFrame, group: str, is_count: bool) -> _Arm:
    rows = table[(table["group"] == group).to_numpy(dtype=bool)]
    total = rows["value"].to_numpy(dtype=np.float64)
    # Only a count is divided by its exposure, or by the cells it was taken of; a density already is.
    for column in ("exposure", "denominator") if is_count else ():
        exposure = rows[column].to_numpy(dtype=np.float64)
        if not np.isnan(exposure).any():
            return _Arm(group, total, exposure)
    return _Arm(group, total, np.ones_like(total))


def _check_groups(observations: Observations, treated: str, control: str) -> None:
    for group in (treated, control):
        if group not in observations.groups:
            raise unknown_name("group", group, observations.groups)
    if treated == control:
        raise InputError(f"treated and control are both {treated!r}; name two groups")


def _answer(found: LogRatio | None, method: str, arms: list[_Arm]) -> EffectEstimate | Undetermined:
    if found is None:
        return _cannot("no animal differs from another of its group, so that chance cannot be gauged")
    low, high = found.interval()
    if not (low > 0.0 and math.isfinite(high)):
        return _cannot("the animals differ so much that the interval of the ratio has no finite bounds")
    ratio = Interval(value=math.exp(found.estimate), low=low, high=high, level=LEVEL)
    fewest = min(len(arm.total) for arm in arms)
    note = f"only {_animals(fewest)} in the smaller group" if fewest < 3 else None
    return EffectEstimate(ratio=ratio, p_value=found.p_value, method=method, note=note)


def _cannot(reason: str) -> Undetermined:
    return Undetermined(f"cannot be told from these data, because {reason}")


def _animals(number: int) -> str:
    return f"{number} animal" if number == 1 else f"{number} animals"
