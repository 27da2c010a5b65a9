"""Shares of cells in animals of clusters that hold both groups: beta-binomial within random clusters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.predictor import eta_of, slopes_of, started

__all__ = ["BetaBinomialMixed"]

Array = NDArray[np.float64]
_NODES = 31
_FAR = 30.0


@lru_cache(maxsize=1)
def _hermite() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.hermite.hermgauss(_NODES)
    return np.sqrt(2.0) * nodes, np.log(weights) - 0.5 * np.log(np.pi)


@dataclass(frozen=True, eq=False)
class BetaBinomialMixed:
    """Marked cells among cells looked at; beta around a share whose logit shifts with the cluster.

    logit share = x b + u, u ~ Normal(0, sigma^2) for each cluster; parameters b, log precision, log sigma.

    Parameters
    ----------
    trials
        Shape (clusters, animals), cells looked at; NaN where a cluster has no such animal.
    design
        Shape (clusters, animals, p): the linear predictor.

    Notes
    -----
    The integral over u by Gauss-Hermite quadrature at 31 nodes.
    """

    trials: Array
    design: Array

    def start(self, data: Array) -> Array:
        """Begin at the least squares of logits, precision 30 and sigma 0.3."""
        there = ~np.isnan(self.trials)
        n, y = np.where(there, self.trials, 0.0), np.where(there, data, 0.0)
        out = np.empty((len(data), self.design.shape[-1] + 2))
        out[:, :-2] = started(self.design, np.log((y + 0.5) / (n - y + 0.5)), n)
        out[:, -2], out[:, -1] = np.log(30.0), np.log(0.3)
        return out

    def bounds(self) -> tuple[Array, Array]:
        """Bound precision and sigma where they can no longer be told from none."""
        far = np.full(self.design.shape[-1], _FAR)
        low, high = np.log(1e-2), np.log(1e6)
        return np.array([*-far, low, np.log(1e-3)]), np.array([*far, high, np.log(5.0)])

    def log_prob(self, data: Array, theta: Array) -> tuple[Array, Array]:
        """Return log-likelihoods and gradients."""
        from scipy.special import betaln, digamma, expit, gammaln, logsumexp

        there = ~np.isnan(self.trials)
        n, y = np.where(there, self.trials, 0.0)[..., None], np.where(there, data, 0.0)[..., None]
        z, log_weights = _hermite()
        u = np.exp(theta[:, -1])[:, None, None, None] * z
        logit = eta_of(self.design, theta)[..., None] + u
        share, rest, precision = expit(logit), expit(-logit), np.exp(theta[:, -2])[:, None, None, None]
        a, b = np.maximum(share * precision, 1e-12), np.maximum(rest * precision, 1e-12)
        each = np.where(there[..., None], betaln(y + a, n - y + b) - betaln(a, b), 0.0)
        joint = each.sum(axis=2) + log_weights
        total = logsumexp(joint, axis=2)
        choose = np.where(there, (gammaln(n + 1.0) - gammaln(y + 1.0) - gammaln(n - y + 1.0))[..., 0], 0.0)
        posterior = np.exp(joint - total[..., None])[:, :, None, :]
        common = digamma(precision) - digamma(n + precision)
        of_a = digamma(y + a) - digamma(a) + common
        of_b = digamma(n - y + b) - digamma(b) + common
        score = np.where(there[..., None], (of_a - of_b) * precision * share * rest, 0.0) * posterior
        gradient = np.empty_like(theta)
        gradient[:, :-2] = slopes_of(self.design, score.sum(axis=3))
        kept = np.where(there[..., None], of_a * a + of_b * b, 0.0) * posterior
        gradient[:, -2] = kept.sum(axis=(1, 2, 3))
        gradient[:, -1] = (score * u).sum(axis=(1, 2, 3))
        return (total + choose.sum(axis=2)).sum(axis=1), gradient

    def simulate(self, theta: Array, rng: np.random.Generator) -> Array:
        """Draw clusters, the share of each animal, then its cells."""
        from scipy.special import expit

        there = ~np.isnan(self.trials)
        u = rng.normal(size=(len(theta), len(self.trials), 1)) * np.exp(theta[:, -1, None, None])
        logit = eta_of(self.design, theta) + u
        precision = np.exp(theta[:, -2, None, None])
        a, b = (np.maximum(expit(sign * logit) * precision, 1e-9) for sign in (1.0, -1.0))
        share = np.nan_to_num(rng.beta(a, b), nan=0.5)
        return rng.binomial(np.where(there, self.trials, 0).astype(np.int64), share).astype(np.float64)
