"""How the true read-outs of animals of average niche size spread: cells by chance, and own rates."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from soleus.assays import log_variance
from soleus.engines import mean_cells, readout_moments
from soleus.lineage.process import FloatArray
from soleus.study.experiment import Experiment

__all__ = ["RATE_WEIGHTS", "Relative", "relative_covariance"]

RATE_WEIGHTS = np.array([1.0, 4.0, 1.0]) / 6.0
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
    demographic
        The part of ``covariance`` that is chance, not the animals' own rates, shape (R, R).
    own_rates
        What the animals' own rates add to the log of each mean, at the nodes of three-point
        Gauss-Hermite quadrature, shape (roles, 3, R); weights are :data:`RATE_WEIGHTS`.
    """

    covariance: FloatArray
    log_variance: FloatArray
    demographic: FloatArray
    own_rates: FloatArray


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
    own = _of_rates(experiment, group, day)
    rates = np.einsum("k,akr,aks->rs", RATE_WEIGHTS, own, own)
    variance = np.log1p(np.diag(demographic)) + np.diag(rates)
    return Relative(demographic + rates, variance, demographic, own)


def _of_rates(experiment: Experiment, group: str, day: float) -> FloatArray:
    """Return deviations of the logs of mean read-outs at the nodes of each role, (roles, 3, R)."""
    found = np.empty((len(experiment.study.variation.role_cv), 3, len(experiment.readouts)))
    base = experiment.modifiers(group)
    roles = experiment.study.variation.role_cv.items()
    for own, (role, cv) in zip(found, roles, strict=True):
        spread = math.sqrt(log_variance(cv))
        logs = []
        for node in (-math.sqrt(3.0), 0.0, math.sqrt(3.0)):
            modifiers = base.scaled({role: math.exp(spread * node)})
            cells = mean_cells(experiment.process, modifiers, experiment.start, days=[day], tolerance=1e-10)
            logs.append(np.log(np.maximum(experiment.weights @ cells[0], 1e-300)))
        own[:] = np.array(logs) - RATE_WEIGHTS @ np.array(logs)
    return found
