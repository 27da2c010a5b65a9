"""Two likelihoods of groups, blocks and covariates, for many data sets at once.

Negative binomial sections within random animals, and beta-binomial animals.

The first parameters of each are the coefficients of its linear predictor, of which the second is the
contrast on the link scale; the rest is nuisance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.maximise import maximise
from soleus.analysis.predictor import eta_of, slopes_of, started

__all__ = ["BetaBinomial", "Likelihood", "NegativeBinomialMixed", "fit"]

Array = NDArray[np.float64]

NODES = 9
_NEWTON = 12
# Beyond these a spread between animals, or between sections, cannot be told from none.
_LOG_SIGMA = (np.log(1e-3), np.log(5.0))
_LOG_SIZE = (np.log(1e-2), np.log(1e6))
_LOG_PRECISION = (np.log(1e-2), np.log(1e6))
_FAR = 30.0


class Likelihood(Protocol):
    """A model of groups; ``data`` has shape (sets, ...), parameters (sets, coefficients and nuisances)."""

    def start(self, data: Array) -> Array:
        """Return where the search begins."""
        ...

    def bounds(self) -> tuple[Array, Array]:
        """Return the lower and upper bounds of the parameters."""
        ...

    def log_prob(self, data: Array, theta: Array) -> tuple[Array, Array]:
        """Return the log-likelihood (sets,) and its gradient."""
        ...

    def simulate(self, theta: Array, rng: np.random.Generator) -> Array:
        """Draw one data set for each row of parameters."""
        ...


def fit(model: Likelihood, data: Array, *, effect: Array | float | None = None) -> tuple[Array, Array]:
    """Return the maximum-likelihood parameters and log-likelihoods of many data sets.

    Parameters
    ----------
    model
        The likelihood.
    data
        Shape (sets, ...), as the model takes it.
    effect
        Hold the contrast at this value (one, or one a data set); None leaves it free.
    """
    low, high = (np.repeat(bound[None], len(data), axis=0) for bound in model.bounds())
    if effect is not None:
        low[:, 1] = high[:, 1] = effect
    objective: Callable[[Array, NDArray[np.intp]], tuple[Array, Array]] = lambda theta, rows: model.log_prob(  # noqa: E731
        data[rows], theta
    )
    return maximise(objective, model.start(data), (low, high))


@dataclass(frozen=True, eq=False)
class NegativeBinomialMixed:
    """Counts of sections, negative binomial around their animal's rate, which is log-normal.

    log mean = log exposure + x b + u, u ~ Normal(0, sigma^2); variance mean + mean^2 / size.

    Parameters
    ----------
    exposure
        Shape (animals, sections), NaN where an animal has no such section.
    design
        Shape (animals, sections, p): the linear predictor, see :func:`~soleus.analysis.predictor.turned`.
    poisson
        Hold the size at its upper bound: with one count an animal it cannot be told from sigma.

    Notes
    -----
    The integral over u by adaptive Gauss-Hermite quadrature at 9 nodes (Pinheiro and Bates 1995,
    doi 10.1080/10618600.1995.10474663). Parameters: b, log size, log sigma.
    """

    exposure: Array
    design: Array
    poisson: bool = False

    def start(self, data: Array) -> Array:
        """Begin at the least squares of logs, size 5 and sigma 0.3."""
        there = ~np.isnan(self.exposure)
        area = np.where(there, self.exposure, 1.0)
        p = self.design.shape[-1]
        out = np.empty((len(data), p + 2))
        out[:, :p] = started(self.design, np.log((np.where(there, data, 0.0) + 0.5) / area), there * area)
        out[:, p], out[:, p + 1] = np.log(5.0), np.log(0.3)
        return out

    def bounds(self) -> tuple[Array, Array]:
        """Bound size and sigma where they can no longer be told from none."""
        size = _LOG_SIZE[1] if self.poisson else _LOG_SIZE[0]
        far = np.full(self.design.shape[-1], _FAR)
        return np.array([*-far, size, _LOG_SIGMA[0]]), np.array([*far, _LOG_SIZE[1], _LOG_SIGMA[1]])

    def log_prob(self, data: Array, theta: Array) -> tuple[Array, Array]:
        """Return log-likelihoods and gradients (Fisher's identity, by the same quadrature)."""
        from scipy.special import digamma, gammaln, logsumexp

        there = ~np.isnan(self.exposure)
        y = np.where(there, data, 0.0)
        eta = np.log(np.where(there, self.exposure, 1.0)) + eta_of(self.design, theta)
        size, sigma = np.exp(theta[:, -2])[:, None, None], np.exp(theta[:, -1])[:, None]
        mode, curve = _mode(y, eta, there, size=size, sigma=sigma)
        nodes, log_weights = _hermite()
        u = mode[..., None] + np.sqrt(2.0 / curve)[..., None] * nodes
        mean = np.exp(eta[..., None] + u[:, :, None, :])
        y4, size4, there4 = y[..., None], size[..., None], there[..., None]
        # In terms of mean / size, so that a Poisson limit of a million keeps its digits.
        log1p = np.log1p(mean / size4)
        log_mean = eta[..., None] + u[:, :, None, :]
        inner = np.where(there4, y4 * (log_mean - np.log(size4) - log1p) - size4 * log1p, 0.0).sum(axis=2)
        joint = inner - 0.5 * (u / sigma[..., None]) ** 2 + nodes**2 + log_weights
        constant = np.where(there, gammaln(y + size) - gammaln(size) - gammaln(y + 1.0), 0.0).sum(axis=2)
        share = logsumexp(joint, axis=2)
        log_lik = constant + share + 0.5 * np.log(2.0 / curve) - np.log(sigma) - 0.5 * np.log(2.0 * np.pi)
        posterior = np.exp(joint - share[..., None])
        pull = np.where(there4, (y4 - mean) / (1.0 + mean / size4), 0.0)
        score = (posterior[:, :, None, :] * pull).sum(axis=3)
        known = np.where(there, digamma(y + size) - digamma(size), 0.0).sum(axis=2)
        of_size = np.where(there4, (mean - y4) / (size4 + mean) - log1p, 0.0).sum(axis=2)
        gradient = np.empty_like(theta)
        gradient[:, :-2] = slopes_of(self.design, score)
        gradient[:, -2] = (size[..., 0] * (known + (posterior * of_size).sum(axis=2))).sum(axis=1)
        gradient[:, -1] = ((posterior * (u / sigma[..., None]) ** 2).sum(axis=2) - 1.0).sum(axis=1)
        return log_lik.sum(axis=1), gradient

    def simulate(self, theta: Array, rng: np.random.Generator) -> Array:
        """Draw animals, then their sections."""
        there = ~np.isnan(self.exposure)
        u = rng.normal(size=(len(theta), len(self.exposure))) * np.exp(theta[:, -1, None])
        log_rate = eta_of(self.design, theta) + u[..., None]
        mean = np.exp(np.minimum(log_rate, 60.0)) * np.where(there, self.exposure, 1.0)
        size = np.exp(theta[:, -2])[:, None, None]
        # Poisson above 1e15 overflows; no section holds that many cells.
        drawn = rng.poisson(np.minimum(rng.gamma(np.broadcast_to(size, mean.shape)) * mean / size, 1e15))
        return np.where(there, drawn, 0).astype(np.float64)


def _mode(
    y: Array, eta: Array, there: NDArray[np.bool_], *, size: Array, sigma: Array
) -> tuple[Array, Array]:
    """Return each animal's most probable deviation and the curvature there, by Newton's method."""
    u, curve = np.zeros(y.shape[:2]), np.ones(y.shape[:2])
    for last in range(_NEWTON + 1):
        ratio = np.exp(eta + u[..., None])
        damp = 1.0 + ratio / size
        curve = np.where(there, (y / size + 1.0) * ratio / damp**2, 0.0).sum(axis=2) + 1.0 / sigma**2
        if last == _NEWTON:
            break
        slope = np.where(there, (y - ratio) / damp, 0.0).sum(axis=2) - u / sigma**2
        step = np.clip(slope / curve, -1.0, 1.0)
        u = u + step
        if np.abs(step).max(initial=0.0) < 1e-9:
            break
    return u, curve


@lru_cache(maxsize=1)
def _hermite() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.hermite.hermgauss(NODES)
    return nodes, np.log(weights)


@dataclass(frozen=True, eq=False)
class BetaBinomial:
    """Marked cells among cells looked at; each animal has its own share, beta around its group's.

    Parameters
    ----------
    trials
        Shape (animals,), cells looked at.
    design
        Shape (animals, p): the linear predictor.

    Notes
    -----
    logit share = x b; intraclass correlation 1 / (1 + precision). Parameters: b, log precision.
    Williams (1975), doi 10.2307/2529820.
    """

    trials: Array
    design: Array

    def start(self, data: Array) -> Array:
        """Begin at the least squares of logits and precision 30."""
        out = np.empty((len(data), self.design.shape[-1] + 1))
        logits = np.log((data + 0.5) / (self.trials - data + 0.5))
        out[:, :-1] = started(self.design, logits, self.trials)
        out[:, -1] = np.log(30.0)
        return out

    def bounds(self) -> tuple[Array, Array]:
        """Bound the precision where it can no longer be told from none."""
        far = np.full(self.design.shape[-1], _FAR)
        return np.array([*-far, _LOG_PRECISION[0]]), np.array([*far, _LOG_PRECISION[1]])

    def log_prob(self, data: Array, theta: Array) -> tuple[Array, Array]:
        """Return log-likelihoods and gradients."""
        from scipy.special import betaln, digamma, expit, gammaln

        logit = eta_of(self.design, theta)
        share, rest = expit(logit), expit(-logit)
        precision = np.exp(theta[:, -1, None])
        a, b, n = share * precision, rest * precision, self.trials
        a, b = np.maximum(a, 1e-12), np.maximum(b, 1e-12)
        choose = gammaln(n + 1.0) - gammaln(data + 1.0) - gammaln(n - data + 1.0)
        log_lik = choose + betaln(data + a, n - data + b) - betaln(a, b)
        common = digamma(precision) - digamma(n + precision)
        of_a = digamma(data + a) - digamma(a) + common
        of_b = digamma(n - data + b) - digamma(b) + common
        score = (of_a - of_b) * precision * share * rest
        gradient = np.empty_like(theta)
        gradient[:, :-1] = slopes_of(self.design, score)
        gradient[:, -1] = (of_a * a + of_b * b).sum(axis=1)
        return log_lik.sum(axis=1), gradient

    def simulate(self, theta: Array, rng: np.random.Generator) -> Array:
        """Draw each animal's share, then its cells."""
        from scipy.special import expit

        logit = eta_of(self.design, theta)
        precision = np.exp(theta[:, -1, None])
        a, b = (np.maximum(expit(sign * logit) * precision, 1e-9) for sign in (1.0, -1.0))
        share = np.nan_to_num(rng.beta(a, b), nan=0.5)
        return rng.binomial(self.trials.astype(np.int64), share).astype(np.float64)
