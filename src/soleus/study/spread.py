"""How the true read-outs of animals of average niche size spread: cells by chance, and own rates."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from soleus.assays import log_variance
from soleus.engines import mean_cells, readout_moments
from soleus.lineage.process import FloatArray
from soleus.study.experiment import Experiment

__all__ = ["Relative", "relative_covariance"]

_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Relative:
    """Spread of the true read-outs between animals, apart from niche size.

    Attributes
    ----------
    covariance
        Covariance divided by both means, shape (R, R).
    log_variance
        Variance of the logarithms, shape (R,).
    """

    covariance: FloatArray
    log_variance: FloatArray


def relative_covariance(experiment: Experiment, group: str, day: float) -> Relative:
    """Return the spread of all read-outs of a group on a day.

    Notes
    -----
    Demographic noise from the exact covariance at the average niche size; the animals' own rates by
    three-point Gauss-Hermite quadrature of the log means, role by role.
    """
    moments = readout_moments(
        experiment.process,
        experiment.modifiers(group),
        experiment.start,
        weights=experiment.weights,
        days=[day],
        tolerance=_TOLERANCE,
    )
    # A read-out without cells has no spread.
    mean = np.where(moments.mean[0] > 0.0, moments.mean[0], np.inf)
    demographic = moments.covariance[0, :, 0, :] / np.outer(mean, mean)
    rates = _of_rates(experiment, group, day)
    return Relative(demographic + rates, np.log1p(np.diag(demographic)) + np.diag(rates))


def _of_rates(experiment: Experiment, group: str, day: float) -> FloatArray:
    """Return the covariance of the logs of mean read-outs over the animals' own rates, shape (R, R)."""
    size = len(experiment.readouts)
    total = np.zeros((size, size))
    base = experiment.modifiers(group)
    weights = np.array([1.0, 4.0, 1.0]) / 6.0
    for role, cv in experiment.study.variation.role_cv.items():
        spread = math.sqrt(log_variance(cv))
        logs = []
        for node in (-math.sqrt(3.0), 0.0, math.sqrt(3.0)):
            modifiers = base.scaled({role: math.exp(spread * node)})
            cells = mean_cells(experiment.process, modifiers, experiment.start, days=[day], tolerance=1e-10)
            logs.append(np.log(np.maximum(experiment.weights @ cells[0], 1e-300)))
        values = np.array(logs)
        centred = values - weights @ values
        total += np.einsum("k,kr,ks->rs", weights, centred, centred)
    return total
