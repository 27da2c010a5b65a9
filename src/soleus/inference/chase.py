"""Phase lengths of a growing culture from an EdU pulse and chase by flow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import gammaincc

from soleus.errors import InputError
from soleus.inference.chase_data import ChaseData
from soleus.inference.chase_model import ChaseModel
from soleus.inference.chase_posterior import ChasePosterior, weighted_intervals
from soleus.inference.chase_priors import Range, merged_ranges
from soleus.inference.laplace import Draws, sample_about
from soleus.inference.peaks import find_square_peaks
from soleus.lineage.process import FloatArray
from soleus.streams import Streams, draw_seed

__all__ = ["G1_STAGES", "fit_chase"]

_STARTS = 4
_FEWEST = 50
_COUNTS = 0.01


G1_STAGES = (2, 5, 8, 12, 16, 20, 25, 30)


@dataclass(frozen=True)
class _Surface:
    """The log-posterior for one number of stages; the prior of each coordinate is a standard normal."""

    data: ChaseData
    model: ChaseModel
    ranges: Mapping[str, Range]
    solved: dict[bytes, tuple[FloatArray, FloatArray]] = field(default_factory=dict)

    def theta(self, x: FloatArray) -> dict[str, float]:
        return {name: r.value(float(v)) for (name, r), v in zip(self.ranges.items(), x, strict=True)}

    def residuals(self, x: FloatArray) -> FloatArray:
        """Return residuals over errors, shape (M,), with those of the prior; each point is solved once."""
        return np.concatenate([self._solve(x)[0], x])

    def expected(self, x: FloatArray) -> FloatArray:
        """Return the labelled fractions, shape (T, 3)."""
        return self._solve(x)[1]

    def _solve(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        key = x.tobytes()
        if key not in self.solved:
            labelled, steady = self.model.fractions(self.theta(x))
            away = (labelled - self.data.labelled) / self.data.labelled_error
            off = (steady - self.data.steady) / self.data.steady_error
            every = np.concatenate([away.ravel(), off])
            self.solved[key] = every[~np.isnan(every)], labelled
        return self.solved[key]

    def __call__(self, x: FloatArray) -> float:
        return -0.5 * float(np.sum(self.residuals(x) ** 2))

    def constant(self) -> float:
        """Return what makes prior times likelihood a density of the parameters and the data."""
        errors = np.concatenate([self.data.labelled_error.ravel(), self.data.steady_error])
        there = ~np.isnan(np.concatenate([self.data.labelled.ravel(), self.data.steady]))
        normal = 0.5 * (len(self.ranges) + self.data.number) * math.log(2.0 * math.pi)
        return -normal - float(np.sum(np.log(errors[there])))


def fit_chase(
    chase: pd.DataFrame,
    steady: pd.DataFrame | None = None,
    *,
    seed: int | None = None,
    ranges: Mapping[str, Range] | None = None,
    g1_stages: Sequence[int] = G1_STAGES,
    other_stages: tuple[int, int] = (15, 15),
    uptake_per_hour: float = 5.0,
    draws: int = 4000,
    level: float = 0.95,
) -> ChasePosterior:
    """Return the lengths of G1, S and G2M of a growing culture, with intervals.

    Parameters
    ----------
    chase
        One row a time: ``hours`` (or ``time_point``) after the analogue was added; ``mean_G1``, ``mean_S``,
        ``mean_G2``: cells that are labelled **and** in that DNA-content gate over **all** cells; ``err_G1``,
        ``err_S``, ``err_G2``: their standard errors.
    steady
        One row a gate: ``phase``, ``mean``, ``error``: all cells of the gate over all cells.
    seed
        Of the draws; drawn and recorded if left out.
    ranges
        Priors by name, in place of those of ``soleus.inference.chase_priors.RANGES``.
    g1_stages
        Numbers of Erlang stages of G1 that are tried, increasing; all whole numbers between the first and the
        last are alike beforehand, and each stands for those nearest to it.
    other_stages
        Stages of S and of G2M.
    uptake_per_hour
        Hazard of a cell in S to become labelled at first; it fades with mean time ``fading_hours``.
    draws
        Of all numbers of stages together, at first; the ends of 95 % intervals want a few hundred effective.
    level
        Probability of the intervals.

    Notes
    -----
    Assumes stable growth, G0 that is never left, label that is seen for the whole chase, and independent
    normal errors as given. Death at the same rate in all phases changes no fraction: growth and doubling
    time are those of divisions, before losses. Right for exponentially growing cultures and chases up to
    about two cycles. The analogue is not washed out but fades.

    The posterior of each number of stages is that of :func:`soleus.inference.laplace.sample_about`; they are
    weighted by their evidence. Data and model: Jolly et al. 2022 (doi 10.1016/j.crmeth.2022.100315).
    """
    data = ChaseData.of(chase, steady)
    if not 0.0 < level < 1.0:
        raise InputError(f"level must lie between 0 and 1, got {level}")
    stages = _checked_stages(g1_stages)
    priors = merged_ranges(ranges)
    number = draw_seed() if seed is None else seed
    streams = Streams(number)
    scatter = streams.generator("chase starts").standard_normal((_STARTS - 1, len(priors)))
    starts: list[FloatArray] = [np.zeros(len(priors)), *(0.7 * scatter)]
    each = max(math.ceil(draws / len(stages)), _FEWEST)
    surfaces, found = [], []
    for k in stages:
        model = ChaseModel.of(data.hours.tolist(), stages=(k, *other_stages), uptake_per_hour=uptake_per_hour)
        surface = _Surface(data, model, priors)
        peaks = find_square_peaks(surface.residuals, starts=starts)
        sample = sample_about(surface, peaks, rng=streams.generator("chase draws", k), draws=each)
        # Modes move little from one number of stages to the next.
        starts = [p.centre for p in peaks]
        surfaces.append(surface)
        found.append(sample)
    return _gathered(stages, surfaces, found, level=level, seed=number)


def _checked_stages(given: Sequence[int]) -> tuple[int, ...]:
    stages = tuple(given)
    whole = all(type(k) is int and k >= 1 for k in stages)
    if not stages or not whole or any(b <= a for a, b in zip(stages, stages[1:], strict=False)):
        raise InputError(f"g1_stages must be increasing whole numbers of at least 1, got {list(given)}")
    return stages


def _stage_prior(stages: tuple[int, ...]) -> FloatArray:
    """Return how many whole numbers each tried number stands for, as shares."""
    every = np.arange(stages[0], stages[-1] + 1)
    nearest = np.argmin(np.abs(every[:, None] - np.array(stages)), axis=1)
    return np.bincount(nearest, minlength=len(stages)) / len(every)


def _gathered(
    stages: tuple[int, ...], surfaces: Sequence[_Surface], found: Sequence[Draws], *, level: float, seed: int
) -> ChasePosterior:
    """Return the posterior over all numbers of stages, each weighted by its evidence."""
    logs = np.array([f.log_evidence for f in found]) + np.log(_stage_prior(stages))
    total = float(np.logaddexp.reduce(logs))
    share = np.exp(logs - total)
    weights = np.concatenate([s * f.weights for s, f in zip(share, found, strict=True)])
    points = np.concatenate([f.points for f in found])
    names = tuple(surfaces[0].ranges)
    values, misfit, expected = _solved(stages, surfaces, found, weights)
    counted = [f for s, f in zip(share, found, strict=True) if s > _COUNTS]
    middle = weights @ points
    spread = weights @ (points - middle) ** 2
    data = surfaces[0].data
    return ChasePosterior(
        intervals=weighted_intervals(values, weights, level=level),
        level=level,
        draws=values,
        weights=weights,
        g1_stages=dict(zip(stages, share.tolist(), strict=True)),
        log_evidence=total + surfaces[0].constant(),
        effective=1.0 / float(np.sum(weights**2)),
        k_hat=max(f.k_hat for f in counted),
        reliable=all(f.reliable for f in counted),
        shrinkage=dict(zip(names, (1.0 - spread).tolist(), strict=True)),
        fit_probability=float(weights @ gammaincc(0.5 * data.number, 0.5 * misfit)),
        expected=expected,
        evaluations=sum(len(s.solved) for s in surfaces),
        seed=seed,
    )


def _solved(
    stages: tuple[int, ...], surfaces: Sequence[_Surface], found: Sequence[Draws], weights: FloatArray
) -> tuple[dict[str, FloatArray], FloatArray, FloatArray]:
    """Return parameters and what follows from them, chi-squared, and the mean of the expected fractions."""
    rows, misfit = [], []
    expected = np.zeros_like(surfaces[0].data.labelled)
    number = 0
    for k, surface, sample in zip(stages, surfaces, found, strict=True):
        for x in sample.points:
            theta = surface.theta(x)
            growth, shares = surface.model.growth(theta)
            resting = float(shares[[m.phase == "G0" for m in surface.model.process.microstates]].sum())
            expected += weights[number] * surface.expected(x)
            misfit.append(float(np.sum(surface.residuals(x)[: -len(x)] ** 2)))
            theta["cycle_hours"] = theta["g1_hours"] + theta["s_hours"] + theta["g2m_hours"]
            theta["growth_per_hour"] = growth / 24.0
            theta["doubling_hours"] = 24.0 * math.log(2.0) / growth
            rows.append(theta | {"g0_share": resting, "g1_stages": float(k)})
            number += 1
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return columns, np.array(misfit), expected
