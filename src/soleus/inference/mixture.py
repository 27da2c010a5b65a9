"""Mixtures of multivariate t distributions: proposals that can be drawn, evaluated and added to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soleus.errors import InputError
from soleus.lineage.process import FloatArray

__all__ = ["TMixture"]

_FLOOR = 1e-6


@dataclass(frozen=True)
class TMixture:
    """A mixture of multivariate t distributions with common degrees of freedom.

    Attributes
    ----------
    shares
        Shape (K,), adding to 1.
    centres
        Shape (K, P).
    factors
        Lower Cholesky factors of the scale matrices, shape (K, P, P).
    df
        Degrees of freedom; low ones give the wide tails that importance sampling needs.
    """

    shares: FloatArray
    centres: FloatArray
    factors: FloatArray
    df: float = 5.0

    @staticmethod
    def of(
        centres: Sequence[FloatArray],
        scales: Sequence[FloatArray],
        *,
        shares: Sequence[float],
        df: float = 5.0,
    ) -> TMixture:
        """Return a mixture from scale matrices, each of shape (P, P)."""
        weight = np.asarray(shares, dtype=float)
        if len(weight) == 0 or not (np.all(weight > 0.0) and df > 0.0):
            raise InputError(f"a mixture needs shares and df above 0, got {list(shares)} and {df}")
        factors = np.array([_cholesky(np.asarray(s, dtype=float)) for s in scales])
        return TMixture(weight / weight.sum(), np.array(centres, dtype=float), factors, df)

    @property
    def dimension(self) -> int:
        """Number of coordinates P."""
        return int(self.centres.shape[1])

    def draw(self, rng: np.random.Generator, number: int) -> FloatArray:
        """Return independent draws, shape (N, P)."""
        # As many of each component as its share says, the fraction by lot: less noise than by lot alone.
        place = (rng.random() + np.arange(number)) / number
        component = np.minimum(np.searchsorted(np.cumsum(self.shares), place), len(self.shares) - 1)
        normal = rng.standard_normal((number, self.dimension))
        stretch = np.sqrt(self.df / rng.chisquare(self.df, number))
        moved = np.einsum("nij,nj->ni", self.factors[component], normal)
        return np.asarray(self.centres[component] + stretch[:, None] * moved)

    def log_densities(self, points: FloatArray) -> FloatArray:
        """Return the log-density of each component times its share, shape (N, K)."""
        away = points[:, None, :] - self.centres
        inverse = np.linalg.inv(self.factors)
        distance = np.sum(np.einsum("kij,nkj->nki", inverse, away) ** 2, axis=2)
        p, df = self.dimension, self.df
        constant = math.lgamma(0.5 * (df + p)) - math.lgamma(0.5 * df) - 0.5 * p * math.log(df * math.pi)
        volume = np.log(np.diagonal(self.factors, axis1=1, axis2=2)).sum(axis=1)
        return np.asarray(np.log(self.shares) + constant - volume - 0.5 * (df + p) * np.log1p(distance / df))

    def log_density(self, points: FloatArray) -> FloatArray:
        """Return the log-density of the mixture, shape (N,)."""
        return np.asarray(np.logaddexp.reduce(self.log_densities(points), axis=1))

    def with_component(self, centre: FloatArray, scale: FloatArray, *, share: float) -> TMixture:
        """Return the mixture with one more component, which takes ``share`` of it."""
        return TMixture(
            np.append((1.0 - share) * self.shares, share),
            np.concatenate([self.centres, centre[None]]),
            np.concatenate([self.factors, _cholesky(scale)[None]]),
            self.df,
        )

    def part(self, component: int) -> TMixture:
        """Return one component alone."""
        one = slice(component, component + 1) if component >= 0 else slice(component, None)
        return TMixture(np.ones(1), self.centres[one], self.factors[one], self.df)


def _cholesky(scale: FloatArray) -> FloatArray:
    """Return the Cholesky factor, lifting directions that have (nearly) no width."""
    values, vectors = np.linalg.eigh(0.5 * (scale + scale.T))
    lowest = _FLOOR * max(float(values[-1]), 1e-12)
    return np.asarray(np.linalg.cholesky((vectors * np.maximum(values, lowest)) @ vectors.T))
