"""A posterior from its mode: Laplace's approximation, corrected by importance sampling and judged.

The proposal is a mixture of wide-tailed t distributions at the modes that a search from several starts
finds; its weights are Pareto-smoothed, and while their tail is too heavy the mixture grows where they are
largest. What is still too heavy at the end says ``reliable``: false.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from soleus.errors import InputError, NumericalError
from soleus.inference.mixture import TMixture
from soleus.inference.pareto import smooth_weights
from soleus.inference.peaks import LogDensity, Peak, find_peaks
from soleus.lineage.process import FloatArray

__all__ = ["Draws", "importance_sample", "laplace_sample", "sample_about"]

_ENOUGH = 100.0
_GOOD_K, _GOOD_SHARE = 0.5, 0.3
_WIDER = 1.5
# Times the width at a mode, and the share of the draws.
_WIDTHS = ((1.0, 0.7), (2.0, 0.2), (4.0, 0.1))


@dataclass(frozen=True)
class Draws:
    """Weighted draws of a posterior.

    Attributes
    ----------
    points, weights
        Shapes (N, P) and (N,); the weights add to 1.
    log_evidence
        Logarithm of the integral of the density.
    effective
        Effective number of draws.
    k_hat, k_limit
        Shape of the tail of the weights, and what it may not pass.
    centres
        The modes that the search found, highest first, shape (K, P); empty if there was no search.
    rounds, evaluations
        Rounds of sampling, and densities that were computed, the search for modes included.
    """

    points: FloatArray
    weights: FloatArray
    log_evidence: float
    effective: float
    k_hat: float
    k_limit: float
    centres: FloatArray
    rounds: int
    evaluations: int

    @property
    def reliable(self) -> bool:
        """Whether the tail of the weights is light enough and the effective number at least 100."""
        return self.k_hat <= self.k_limit and self.effective >= _ENOUGH


class _Counted:
    """A density that counts its calls; what is not a number has no probability."""

    def __init__(self, density: LogDensity) -> None:
        self._density = density
        self.calls = 0

    def __call__(self, x: FloatArray) -> float:
        self.calls += 1
        value = float(self._density(x))
        return -math.inf if math.isnan(value) else value


def laplace_sample(
    density: LogDensity,
    *,
    starts: Sequence[FloatArray],
    rng: np.random.Generator,
    draws: int = 2000,
    rounds: int = 10,
    df: float = 5.0,
) -> Draws:
    """Return weighted draws of a density from its modes.

    Parameters
    ----------
    density
        Log-density up to a constant, of unconstrained coordinates, shape (P,), scaled so that the prior is
        a few units wide (a standard normal, say): modes are sought in [-4, 4].
    starts
        Where the search starts, each of shape (P,); several, where there may be several modes.
    draws, rounds, df
        See :func:`importance_sample`.
    """
    if not starts:
        raise InputError("give at least one start for the search of the mode")
    counted = _Counted(density)
    peaks = find_peaks(counted, starts=[np.asarray(x, dtype=float) for x in starts])
    found = sample_about(counted, peaks, rng=rng, draws=draws, rounds=rounds, df=df)
    return replace(found, evaluations=counted.calls)


def sample_about(
    density: LogDensity,
    peaks: Sequence[Peak],
    *,
    rng: np.random.Generator,
    draws: int = 2000,
    rounds: int = 10,
    df: float = 5.0,
) -> Draws:
    """Return weighted draws of a density whose modes are known; see :func:`laplace_sample`."""
    found = importance_sample(density, _proposal(peaks, df), rng=rng, draws=draws, rounds=rounds)
    return replace(found, centres=np.array([p.centre for p in peaks]))


def _proposal(peaks: Sequence[Peak], df: float) -> TMixture:
    """Return the first proposal: at each mode its own width, and wider for what bends away from it."""
    top = peaks[0].log_evidence
    shares, centres, scales = [], [], []
    for peak in peaks:
        share = max(math.exp(peak.log_evidence - top), 0.1)
        for widening, part in _WIDTHS:
            shares.append(share * part)
            centres.append(peak.centre)
            scales.append(widening**2 * peak.covariance)
    return TMixture.of(centres, scales, shares=shares, df=df)


def importance_sample(
    density: LogDensity,
    proposal: TMixture,
    *,
    rng: np.random.Generator,
    draws: int = 2000,
    rounds: int = 10,
) -> Draws:
    """Return weighted draws from a proposal that grows where the posterior is more than it says.

    Parameters
    ----------
    draws
        Of the first round, shape (N,); each further round adds a quarter of it.
    rounds
        At most so many; they end when ``k_hat`` is below 0.5 and the effective number is 30 % of ``draws``,
        and 100.

    Raises
    ------
    NumericalError
        If the density is 0 at every draw.

    Notes
    -----
    Incremental mixture importance sampling (Raftery and Bao 2010, doi 10.1111/j.1541-0420.2010.01399.x): each
    round adds a component at the draw of largest weight, as wide as the draws about it, here also one fitted
    to all draws; all draws are weighted by the mixture of all components. What no draw has come near can
    still be missed: only several starts, and wide tails, guard against that.
    """
    if draws < 50 or rounds < 1:
        raise InputError(f"draws must be at least 50 and rounds at least 1, got {draws} and {rounds}")
    counted = _Counted(density)
    points = proposal.draw(rng, draws)
    values = np.array([counted(x) for x in points])
    if not np.any(np.isfinite(values)):
        raise NumericalError("the density is 0 at every draw of the proposal; it lies elsewhere")
    found = smooth_weights(values - proposal.log_density(points))
    done = 1
    enough = max(_ENOUGH, _GOOD_SHARE * draws)
    while done < rounds and (found.k_hat > min(_GOOD_K, found.k_limit) or found.effective < enough):
        new = draws // 8
        for scope in (_whole, _about_worst):
            centre, scale = scope(points, values - proposal.log_density(points))
            proposal = proposal.with_component(centre, scale, share=new / (len(points) + new))
            added = proposal.part(-1).draw(rng, new)
            points = np.concatenate([points, added])
            values = np.concatenate([values, [counted(x) for x in added]])
        found = smooth_weights(values - proposal.log_density(points))
        done += 1
    return Draws(
        points=points,
        weights=found.weights,
        log_evidence=found.log_mean,
        effective=found.effective,
        k_hat=found.k_hat,
        k_limit=found.k_limit,
        centres=np.empty((0, proposal.dimension)),
        rounds=done,
        evaluations=counted.calls,
    )


def _whole(points: FloatArray, raw: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return centre and scale of all draws by their smoothed weights, half as wide again."""
    weights = smooth_weights(raw).weights
    mean = weights @ points
    away = points - mean
    return mean, _WIDER**2 * (away.T @ (away * weights[:, None]))


def _about_worst(points: FloatArray, raw: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the draw of largest weight, and the scale of the tenth of the draws that is nearest to it.

    Each is weighted half by its importance and half alike; near is judged by the spread of the whole.
    """
    weights = np.exp(raw - np.logaddexp.reduce(raw))
    centre = points[int(np.argmax(raw))]
    values, vectors = np.linalg.eigh(_whole(points, raw)[1])
    white = (points - centre) @ (vectors / np.sqrt(np.maximum(values, 1e-9 * values[-1])))
    near = np.argsort(np.sum(white**2, axis=1), kind="stable")[: max(len(points) // 10, 10 * points.shape[1])]
    pull = 0.5 * weights[near] / weights[near].sum() + 0.5 / len(near)
    away = points[near] - centre
    return centre, (away * pull[:, None]).T @ away
