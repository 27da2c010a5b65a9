"""Score a table under a bound study: the other half of the hinge.

Published summaries are independent given the parameters. Counts of one animal share its niche
size, its own rates and the demographic noise of its cells; these are marginalised as follows.

* Niche size is integrated jointly for all read-outs of the animal, on a grid that closes in on the
  integrand: its log is concave, and many read-outs make it far narrower than the prior.
* The animal's own rates and the demographic noise enter each read-out as a log-normal factor whose
  log-variance is computed from the process: demographic from the exact covariance, rates by
  three-point Gauss-Hermite quadrature of the log mean, role by role. That this factor is taken as
  independent between read-outs is an approximation; its size is tested against simulation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from scipy.special import logsumexp

from soleus.assays import CountAssay, PublishedMean, log_variance
from soleus.engines import mean_cells, readout_moments
from soleus.errors import InputError, unknown_name
from soleus.lineage.process import FloatArray, IntArray
from soleus.observations import Observations
from soleus.study.experiment import Experiment

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["log_prob", "pointwise_published"]

# Assay, counts of the units, mean of the true cells, log-variance of the true cells.
_Counted = tuple[CountAssay, IntArray, float, float]

_GRID, _FINE = 31, 81
_WIDEST = 30.0
_NEGLIGIBLE = 30.0


@dataclass(frozen=True, slots=True)
class _Summary:
    """One published mean of a table."""

    assay: PublishedMean
    group: str
    day: float
    value: float
    se: float


def log_prob(
    experiment: Experiment, observations: Observations, theta: Mapping[str, float] | None = None
) -> float:
    """Return the log-probability of a table.

    Parameters
    ----------
    theta
        Numbers to use instead of the experiment's own (see :meth:`Experiment.at`).

    Raises
    ------
    InputError
        If a row's assay, group or day is not in the study, or a summary lacks its error.
    """
    here = experiment if theta is None else experiment.at(theta)
    frame = observations.frame
    frame = frame[~frame["excluded"].astype(bool)]
    summaries = _summaries(here, frame)
    counts = frame[frame["unit_level"] != "group"]
    return _published(here, summaries) + _animals(here, counts, _means(here, counts))


def pointwise_published(experiment: Experiment, observations: Observations) -> list[tuple[float, float]]:
    """Return, for each published mean in order, its prediction (scaled) and its standardised residual."""
    summaries = _summaries(experiment, observations.frame)
    return [
        (s.assay.scale * mean, s.assay.standardised(s.value, s.se, mean_cells=mean))
        for s, mean in zip(summaries, _summary_means(experiment, summaries), strict=True)
    ]


def _assay_of(experiment: Experiment, name: str) -> CountAssay | PublishedMean:
    for assay in experiment.study.assays:
        if assay.name == name:
            return assay
    known = [a.name for a in experiment.study.assays]
    raise unknown_name(f"assay of study {experiment.study.name!r}", name, known)


def _summaries(experiment: Experiment, frame: pd.DataFrame) -> list[_Summary]:
    """Return the group-level rows as published means."""
    rows = frame[frame["unit_level"] == "group"]
    columns = (rows[c].tolist() for c in ("assay", "group", "day", "value", "se"))
    found = []
    for name, group, day, value, se in zip(*columns, strict=True):
        assay = _assay_of(experiment, str(name))
        if not isinstance(assay, PublishedMean):
            raise InputError(f"assay {assay.name!r} counts animals; its rows cannot have unit_level 'group'")
        if not se > 0.0:
            raise InputError(
                f"{assay.readout.name!r} on day {day:g}: a published mean needs its standard error "
                "in column 'se'"
            )
        found.append(_Summary(assay, str(group), float(day), float(value), float(se)))
    return found


def _summary_means(experiment: Experiment, summaries: list[_Summary]) -> list[float]:
    """Return the predicted mean cells of each published mean."""
    index = _index(experiment)
    means = {
        group: _means_on(experiment, group, {s.day for s in summaries if s.group == group})
        for group in {s.group for s in summaries}
    }
    return [float(means[s.group][s.day][index[s.assay.readout.name]]) for s in summaries]


def _published(experiment: Experiment, summaries: list[_Summary]) -> float:
    return math.fsum(
        s.assay.log_prob(s.value, s.se, mean_cells=mean)
        for s, mean in zip(summaries, _summary_means(experiment, summaries), strict=True)
    )


def _means_on(experiment: Experiment, group: str, days: set[float]) -> dict[float, FloatArray]:
    ordered = tuple(sorted(days))
    return dict(zip(ordered, experiment.true_means(group, days=ordered), strict=True))


def _means(experiment: Experiment, rows: pd.DataFrame) -> dict[str, dict[float, FloatArray]]:
    return {
        str(group): _means_on(experiment, str(group), {float(d) for d in part["day"]})
        for group, part in rows.groupby("group", sort=False)
    }


def _index(experiment: Experiment) -> dict[str, int]:
    return {r.name: i for i, r in enumerate(experiment.readouts)}


def _animals(
    experiment: Experiment, rows: pd.DataFrame, means: Mapping[str, dict[float, FloatArray]]
) -> float:
    if rows.empty:
        return 0.0
    spread = log_variance(experiment.study.variation.niche_size_cv)
    variances: dict[tuple[str, float], FloatArray] = {}
    index = _index(experiment)
    total = 0.0
    for identity, animal in rows.groupby(["animal", "group", "day"], sort=False):
        _, group, day = cast("tuple[str, str, float]", identity)
        key = (group, day)
        if key not in variances:
            variances[key] = _log_variances(experiment, *key)
        counted: list[_Counted] = []
        for name, units in animal.groupby("assay", sort=False):
            assay = _assay_of(experiment, str(name))
            if not isinstance(assay, CountAssay):
                raise InputError(f"assay {assay.name!r} does not count cells of animals")
            r = index[assay.readout.name]
            counts = units["value"].to_numpy(dtype=np.int64)
            counted.append((assay, counts, float(means[key[0]][key[1]][r]), float(variances[key][r])))
        total += _over_sizes(counted, spread)
    return total


def _over_sizes(counted: list[_Counted], spread: float) -> float:
    """Return the log-probability of one animal's counts, its niche size integrated out."""

    def given(x: FloatArray) -> FloatArray:
        sizes = np.exp(math.sqrt(spread) * x - 0.5 * spread)
        scores = [
            assay.log_prob(counts, mean_cells=mean * sizes, animal_log_variance=variance)
            for assay, counts, mean, variance in counted
        ]
        return np.asarray(np.sum(scores, axis=0))

    if spread == 0.0:
        return float(given(np.zeros(1))[0])
    return _log_integral(lambda x: given(x) - 0.5 * x * x) - 0.5 * math.log(2.0 * math.pi)


def _log_integral(log_f: Callable[[FloatArray], FloatArray]) -> float:
    """Return the log of the integral of exp(log_f), log_f concave, by the trapezium rule.

    The grid closes in until what is not negligible fills half of it; there a finer one is exact to
    rounding for a normal peak, and to 1e-5 for one as skewed as a log-probability of no cells.
    """
    low, high = -_WIDEST, _WIDEST
    while True:
        x = np.linspace(low, high, _GRID)
        y = log_f(x)
        kept = np.flatnonzero(y > y.max() - _NEGLIGIBLE)
        low, high = float(x[max(kept[0] - 1, 0)]), float(x[min(kept[-1] + 1, _GRID - 1)])
        if len(kept) > _GRID // 2:
            x = np.linspace(low, high, _FINE)
            return float(logsumexp(log_f(x)) + math.log(x[1] - x[0]))


def _log_variances(experiment: Experiment, group: str, day: float) -> FloatArray:
    """Return the log-variance of each read-out between animals of average niche size, shape (R,)."""
    modifiers = experiment.modifiers(group)
    moments = readout_moments(
        experiment.process,
        modifiers,
        experiment.start,
        weights=experiment.weights,
        days=[day],
        tolerance=1e-6,
    )
    mean = moments.mean[0]
    # A read-out without cells has no spread.
    demographic = np.diag(moments.covariance[0, :, 0, :]) / np.where(mean > 0.0, mean, np.inf) ** 2
    return np.asarray(np.log1p(demographic) + _rate_variances(experiment, group, day))


def _rate_variances(experiment: Experiment, group: str, day: float) -> FloatArray:
    total = np.zeros(len(experiment.readouts))
    base = experiment.modifiers(group)
    for role, cv in experiment.study.variation.role_cv.items():
        spread = math.sqrt(log_variance(cv))
        logs = []
        for node in (-math.sqrt(3.0), 0.0, math.sqrt(3.0)):
            modifiers = base.scaled({role: math.exp(spread * node)})
            cells = mean_cells(experiment.process, modifiers, experiment.start, days=[day], tolerance=1e-10)
            logs.append(np.log(np.maximum(experiment.weights @ cells[0], 1e-300)))
        weights = np.array([1.0, 4.0, 1.0]) / 6.0
        values = np.array(logs)
        total += weights @ values**2 - (weights @ values) ** 2
    return total
