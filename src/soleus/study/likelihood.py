"""Score a table under a bound study: the other half of the hinge.

Published summaries are independent given the parameters. Counts of one animal share its niche
size, its own rates and the demographic noise of its cells; these are marginalised as follows.

* Niche size is integrated by Gauss-Hermite quadrature, jointly for all read-outs of the animal.
* The animal's own rates and the demographic noise enter each read-out as a log-normal factor whose
  log-variance is computed from the process: demographic from the exact covariance, rates by
  three-point Gauss-Hermite quadrature of the log mean, role by role. That this factor is taken as
  independent between read-outs is an approximation; its size is tested against simulation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logsumexp

from soleus.assays import CountAssay, PublishedMean, log_variance
from soleus.engines import readout_moments
from soleus.errors import InputError, unknown_name
from soleus.lineage.process import FloatArray
from soleus.observations import Observations
from soleus.study.experiment import Experiment

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["log_prob", "pointwise_published"]

_SIZE_NODES = 40


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
    assays = {a.name: a for a in here.study.assays}
    for name in frame["assay"].unique():
        if name not in assays:
            raise unknown_name(f"assay of study {here.study.name!r}", str(name), assays)
    means = {str(g): _means(here, str(g), part) for g, part in frame.groupby("group", sort=False)}
    published = frame["assay"].map(lambda a: isinstance(assays[a], PublishedMean)).astype(bool)
    total = _published(here, frame[published], means)
    return total + _animals(here, frame[~published], means)


def _means(experiment: Experiment, group: str, rows: pd.DataFrame) -> dict[float, FloatArray]:
    days = tuple(sorted({float(d) for d in rows["day"]}))
    return dict(zip(days, experiment.true_means(group, days=days), strict=True))


def _index(experiment: Experiment) -> dict[str, int]:
    return {r.name: i for i, r in enumerate(experiment.readouts)}


def pointwise_published(experiment: Experiment, observations: Observations) -> list[tuple[float, float]]:
    """Return, for each published mean in order, its prediction (scaled) and its standardised residual."""
    frame = observations.frame
    means = {str(g): _means(experiment, str(g), part) for g, part in frame.groupby("group", sort=False)}
    result = []
    for assay, row, mean in _published_rows(experiment, frame, means):
        result.append(
            (assay.scale * mean, assay.standardised(float(row.value), float(row.se), mean_cells=mean))
        )
    return result


def _published_rows(experiment: Experiment, rows: pd.DataFrame, means: Mapping[str, dict[float, FloatArray]]):  # type: ignore[no-untyped-def]
    assays = {a.name: a for a in experiment.study.assays}
    index = _index(experiment)
    for row in rows.itertuples():
        assay = assays[row.assay]
        if not isinstance(assay, PublishedMean):
            raise InputError(f"assay {assay.name!r} is not a published summary")
        if not row.se > 0.0:
            raise InputError(
                f"{row.readout!r} on day {row.day:g}: a published mean needs its standard error in column 'se'"
            )
        yield assay, row, float(means[row.group][float(row.day)][index[assay.readout.name]])


def _published(
    experiment: Experiment, rows: pd.DataFrame, means: Mapping[str, dict[float, FloatArray]]
) -> float:
    return math.fsum(
        assay.log_prob(float(row.value), float(row.se), mean_cells=mean)
        for assay, row, mean in _published_rows(experiment, rows, means)
    )


def _animals(
    experiment: Experiment, rows: pd.DataFrame, means: Mapping[str, dict[float, FloatArray]]
) -> float:
    if rows.empty:
        return 0.0
    x, w = np.polynomial.hermite_e.hermegauss(_SIZE_NODES)
    spread = log_variance(experiment.study.variation.niche_size_cv)
    sizes = np.exp(math.sqrt(spread) * x - 0.5 * spread)
    log_weights = np.log(w) - 0.5 * math.log(2.0 * math.pi)
    variances: dict[tuple[str, float], FloatArray] = {}
    assays = {a.name: a for a in experiment.study.assays}
    index = _index(experiment)
    total = 0.0
    for (_, group, day), animal in rows.groupby(["animal", "group", "day"], sort=False):
        key = (str(group), float(day))
        if key not in variances:
            variances[key] = _log_variances(experiment, *key)
        scores = np.zeros(len(sizes))
        for name, units in animal.groupby("assay", sort=False):
            assay = assays[str(name)]
            if not isinstance(assay, CountAssay):
                raise InputError(f"assay {assay.name!r} does not count cells of animals")
            r = index[assay.readout.name]
            scores += assay.log_prob(
                units["value"].to_numpy(dtype=float),
                mean_cells=means[key[0]][key[1]][r] * sizes,
                animal_log_variance=float(variances[key][r]),
            )
        total += float(logsumexp(log_weights + scores))
    return total


def _log_variances(experiment: Experiment, group: str, day: float) -> FloatArray:
    """Return the log-variance of each read-out between animals of average niche size, shape (R,)."""
    modifiers = experiment.modifiers(group)
    moments = readout_moments(
        experiment.process, modifiers, experiment.start, weights=experiment.weights, days=[day], tolerance=1e-6
    )
    mean = np.maximum(moments.mean[0], 1e-300)
    demographic = np.diag(moments.covariance[0, :, 0, :]) / mean**2
    return np.log1p(demographic) + _rate_variances(experiment, group, day)


def _rate_variances(experiment: Experiment, group: str, day: float) -> FloatArray:
    from soleus.engines import mean_cells

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
