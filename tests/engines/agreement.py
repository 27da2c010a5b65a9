"""Whether simulated read-outs have the exact moments: statistics with stated chances, from both sides."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

__all__ = ["Exact", "compare", "disagreements", "score"]

FEW = 200.0  # cells seen over all runs, below which a read-out is too rare for the normal law of its mean


class Exact(NamedTuple):
    """Mean, (K,), and covariance, (K, K), of K read-outs; derivatives of the mean by log rates, (Q, K)."""

    mean: np.ndarray
    covariance: np.ndarray
    slopes: np.ndarray


def _common(exact: Exact, runs: int) -> np.ndarray:
    """Return which read-outs vary and are not too rare."""
    variance = np.diag(exact.covariance)
    return (variance > 1e-9 * variance.max()) & (exact.mean * runs > FEW)


def _whitener(covariance: np.ndarray) -> np.ndarray:
    """Return W, (K, k), with uncorrelated unit variances in ``x @ W``; k is the rank."""
    sd = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(sd, sd))
    keep = values > 1e-7
    return vectors[:, keep] / sd[:, None] / np.sqrt(values[keep])


def score(exact: Exact, rate: int, *, runs: int) -> float:
    """Return the mean of z in the direction of a rate, where that rate is a factor e higher."""
    keep = _common(exact, runs)
    return float(
        np.linalg.norm(exact.slopes[rate, keep] @ _whitener(exact.covariance[np.ix_(keep, keep)]))
        * np.sqrt(runs)
    )


def compare(found: np.ndarray, exact: Exact, *, singly: bool = True) -> dict[str, float]:
    """Return z values of runs, (N, K), against exact moments; each is standard normal if they agree.

    ``means``: all means together (Hotelling); ``spread``: all variances together, in the directions
    that the exact covariance makes uncorrelated; ``rate q``: means in the direction in which rate q moves
    them, which is the most powerful for a small error of that rate; ``covariance i,j``: one by one, if
    ``singly`` (of a few hundred runs each is too skewed to be normal).
    """
    runs = len(found)
    keep = _common(exact, runs)
    off = found[:, keep] - exact.mean[keep]
    covariance = exact.covariance[np.ix_(keep, keep)]
    white = _whitener(covariance)
    apart = off @ white
    shift = apart.mean(axis=0) * np.sqrt(runs)
    size = (apart**2).mean(axis=1)
    z = {
        "means": float(_z_of_upper_tail(stats.chi2(apart.shape[1]), float(shift @ shift))),
        "spread": float((size.mean() - 1.0) / (size.std() / np.sqrt(runs))),
    }
    for q, slope in enumerate(exact.slopes[:, keep] @ white):
        if np.any(slope):
            z[f"rate {q}"] = float(slope @ shift / np.linalg.norm(slope))
    if not singly:
        return z
    products = off[:, :, None] * off[:, None, :]
    z_products = (products.mean(axis=0) - covariance) / (products.std(axis=0) / np.sqrt(runs))
    for i in range(len(covariance)):
        for j in range(i + 1):
            z[f"covariance {i},{j}"] = float(z_products[i, j])
    return z


def _z_of_upper_tail(law, value: float) -> float:
    """Return the normal number with the same upper tail probability, and so the same lower one."""
    z = stats.norm.isf(law.sf(value))
    return z if np.isfinite(z) else stats.norm.ppf(law.cdf(value)) if z < 0.0 else 40.0


def disagreements(found: np.ndarray, exact: Exact, *, budget: float, singly: bool = True) -> list[str]:
    """Return the z values that lie too far out on either side, worst first, for a false-alarm budget."""
    z = compare(found, exact, singly=singly)
    limit = stats.norm.isf(0.5 * budget / len(z))
    beyond = sorted((-abs(value), name) for name, value in z.items() if not abs(value) < limit)
    return [f"{name}: {z[name]:.1f} (limit {limit:.1f})" for _, name in beyond]
