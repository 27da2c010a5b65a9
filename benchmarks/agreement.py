"""Do a program's animals have the exact moments? Tests of all means together and of each variance.

Given n animals with read-outs x, exact mean ``mu`` and exact covariance ``V``:

* means: ``n (mean(x) - mu)^T V^+ (mean(x) - mu)`` is chi-squared with as many degrees of freedom as V
  has rank; it is too large where a mean is off and too small where animals are not independent;
* variances: ``z = (s^2 - V_rr) / se`` for each read-out, with the standard error of a sample variance,
  ``se^2 = V_rr^2 (2 / (n - 1) + k / n)``, k the sample's excess kurtosis (0 where it is negative).

A program agrees where the p value of the means lies in [LEVEL / 2, 1 - LEVEL / 2] and no z of a variance
is beyond the two-sided quantile of ``LEVEL / number of read-outs``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2, norm

__all__ = ["LEVEL", "Verdict", "judge"]

LEVEL = 1e-3
_FEWEST = 20
_RANK_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the tests say of one program.

    Attributes
    ----------
    animals
        How many were compared.
    mean_p
        p value of all means together (upper tail).
    worst_mean_z, worst_variance_z
        The largest z of a mean and of a variance, with its sign.
    variance_limit
        Beyond this, in either direction, a variance disagrees.
    """

    animals: int
    mean_p: float
    worst_mean_z: float
    worst_variance_z: float
    variance_limit: float
    means_agree: bool
    variances_agree: bool

    @property
    def agrees(self) -> bool:
        """Whether means and variances agree."""
        return self.means_agree and self.variances_agree

    def plain(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self) | {"agrees": self.agrees, "level": LEVEL}


def judge(
    finals: Sequence[Sequence[float]] | npt.NDArray[np.float64],
    mean: Sequence[float] | npt.NDArray[np.float64],
    covariance: Sequence[Sequence[float]] | npt.NDArray[np.float64],
    *,
    level: float = LEVEL,
) -> Verdict:
    """Compare animals with exact moments.

    Parameters
    ----------
    finals
        Shape (animals, read-outs).
    mean, covariance
        Exact, shapes (read-outs,) and (read-outs, read-outs).

    Raises
    ------
    ValueError
        For fewer than 20 animals, or numbers that are not finite.
    """
    x = np.asarray(finals, dtype=float)
    mu, v = np.asarray(mean, dtype=float), np.asarray(covariance, dtype=float)
    n = len(x)
    if n < _FEWEST:
        raise ValueError(f"{n} animals are too few to compare; give at least {_FEWEST}")
    if not np.all(np.isfinite(x)):
        raise ValueError("the animals hold numbers that are not finite")
    sd = np.sqrt(np.diag(v))
    off = (x.mean(axis=0) - mu) / sd
    statistic, rank = _distance(off, v / np.outer(sd, sd), n)
    mean_p = float(chi2.sf(statistic, rank))
    variance_z = _variance_z(x, np.diag(v))
    limit = float(norm.isf(0.5 * level / len(mu)))
    mean_z = off * np.sqrt(n)
    return Verdict(
        animals=n,
        mean_p=mean_p,
        worst_mean_z=float(mean_z[np.argmax(np.abs(mean_z))]),
        worst_variance_z=float(variance_z[np.argmax(np.abs(variance_z))]),
        variance_limit=limit,
        means_agree=bool(0.5 * level <= mean_p <= 1.0 - 0.5 * level),
        variances_agree=bool(np.max(np.abs(variance_z)) <= limit),
    )


def _distance(
    off: npt.NDArray[np.float64], correlation: npt.NDArray[np.float64], n: int
) -> tuple[float, int]:
    values, vectors = np.linalg.eigh(0.5 * (correlation + correlation.T))
    kept = values > _RANK_TOLERANCE * values[-1]
    along = vectors[:, kept].T @ off
    return float(n * np.sum(along**2 / values[kept])), int(kept.sum())


def _variance_z(x: npt.NDArray[np.float64], variance: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    n = len(x)
    centred = x - x.mean(axis=0)
    sample = centred.var(axis=0, ddof=1)
    second = np.mean(centred**2, axis=0)
    kurtosis = np.mean(centred**4, axis=0) / np.where(second > 0.0, second, 1.0) ** 2 - 3.0
    se = variance * np.sqrt(2.0 / (n - 1) + np.maximum(kurtosis, 0.0) / n)
    return np.asarray((sample - variance) / se)
