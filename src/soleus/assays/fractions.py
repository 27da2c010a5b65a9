"""Shares of a population: flow cytometry, and any count of cells in exclusive categories.

Of an animal's cells in K categories (DNA content, label and DNA content, a marker) with true numbers X,
unit u (a tube, a replicate) reads ``n_u`` events,

``y_u ~ Multinomial(n_u, w_u)``,  ``w_u ~ Dirichlet(concentration * p)``,  ``p = X C / sum(X C)``

with C the gating errors (row: true category, column: gate). A concentration of infinity is plain
multinomial reading.

To score, the categories are split off one after the other: the first against the rest, the second
against what is left, and so on. Given X this is exact. Across animals the log-odds of each split are
taken as normal, with the mean and the variance that cells and animals give them to second order,
independent between splits, and integrated out on a grid that closes in on them; all units of
an animal share them. Tested against simulation: with categories that vary by 22 per cent between animals
the error is below what 2000 animals show; use it for coefficients of variation up to about 0.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln

from soleus.assays.quadrature import log_normal_mean
from soleus.assays.readouts import CellReadout, tags_of
from soleus.errors import InputError, ModelError
from soleus.lineage import Tag
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["FractionAssay"]

_MIN_LOG_PROB = -1e300
_LARGE = 1e9


@dataclass(frozen=True, slots=True)
class FractionAssay:
    """Events of a population, sorted into exclusive categories.

    Parameters
    ----------
    categories
        Read-outs of the K categories; they share no cell.
    events
        Events read per unit.
    units
        Tubes or replicates per animal.
    confusion
        Gating errors, K rows of K shares that add to 1: a cell of category i is read in gate j with the
        probability ``confusion[i][j]``; None: none.
    concentration
        Of the Dirichlet distribution of a unit's shares around the animal's: 1 / (1 + concentration) of
        the largest possible variance; infinity: none.
    recovery
        Share of the animal's cells that reach the instrument, in (0, 1]; with fewer than ``events``
        of them, all are read. Only for simulation: the score takes the events as they are.

    Notes
    -----
    Events are independent given the shares: doublets must be gated out. Needs many more cells than
    events, or else ``recovery``: reading the same few cells leaves no multinomial noise.
    """

    name: str
    label: str
    categories: tuple[CellReadout, ...]
    events: int
    units: int = 1
    unit_level: str = "animal"
    confusion: tuple[tuple[float, ...], ...] | None = None
    concentration: float = math.inf
    recovery: float = 1.0

    def __post_init__(self) -> None:
        where, k = f"assay {self.name!r}", len(self.categories)
        if k < 2:
            raise ModelError(f"{where}: needs at least 2 categories, got {k}")
        if self.events < 1 or self.units < 1:
            raise ModelError(f"{where}: needs an event and a unit, got {self.events} and {self.units}")
        if not self.concentration > 0.0:
            raise ModelError(f"{where}: concentration must be above 0, got {self.concentration}")
        if not 0.0 < self.recovery <= 1.0:
            raise ModelError(f"{where}: recovery must lie in (0, 1], got {self.recovery}")
        matrix = self.gating
        if matrix.shape != (k, k) or np.any(matrix < 0.0) or np.any(np.abs(matrix.sum(axis=1) - 1.0) > 1e-9):
            raise ModelError(f"{where}: confusion must be {k} rows of {k} shares that add to 1")

    @property
    def readouts(self) -> tuple[CellReadout, ...]:
        """The read-outs whose true cells it needs: its categories."""
        return self.categories

    @property
    def tags(self) -> tuple[Tag, ...]:
        """What the process must be crossed with."""
        return tags_of(self.categories)

    @property
    def gating(self) -> FloatArray:
        """The gating errors, shape (K, K)."""
        if self.confusion is None:
            return np.eye(len(self.categories))
        return np.array(self.confusion, dtype=float)

    def shares(self, cells: FloatArray) -> FloatArray:
        """Return what the gates would read of true cells without noise, shapes (..., K)."""
        gated = np.asarray(cells, dtype=float) @ self.gating
        total = gated.sum(axis=-1, keepdims=True)
        return np.asarray(gated / np.where(total > 0.0, total, np.nan))

    def draw(self, cells: FloatArray, words: NDArray[np.uint64]) -> FloatArray:
        """Draw the events of many animals, shape (N, units, K); NaN where an animal has no such cells.

        Parameters
        ----------
        cells
            True cells of the categories, shape (N, K).
        words
            Of each animal's own stream, shape (N, 4).
        """
        shares, totals = self.shares(cells), np.asarray(cells, dtype=float).sum(axis=1)
        found = np.full((len(shares), self.units, len(self.categories)), np.nan)
        for k, (share, total) in enumerate(zip(shares, totals, strict=True)):
            if total > 0.0:
                rng = np.random.Generator(np.random.Philox(key=words[k, :2]))
                found[k] = [self._read(share, total, rng) for _ in range(self.units)]
        return found

    def _read(self, share: FloatArray, total: float, rng: np.random.Generator) -> IntArray:
        events = self.events
        if self.recovery < 1.0:
            events = min(events, int(rng.binomial(round(total), self.recovery)))
        if math.isfinite(self.concentration):
            weights = rng.gamma(np.maximum(self.concentration * share, 1e-300))
            share = weights / weights.sum() if weights.sum() > 0.0 else share
        return np.asarray(rng.multinomial(events, share / share.sum()))

    def log_prob(
        self, counts: FloatArray, *, mean_cells: FloatArray, relative_covariance: FloatArray
    ) -> FloatArray:
        """Return the log-probability of one animal's events, shape (M,).

        Parameters
        ----------
        counts
            Shape (units read, K); a unit with a missing value is left out.
        mean_cells
            Predicted means of the true cells of the categories, shape (M, K).
        relative_covariance
            Covariance of those cells between animals, divided by both means, shape (K, K).

        Raises
        ------
        InputError
            If an event count is negative or not whole.
        """
        read = self._checked(counts)
        means = np.atleast_2d(np.asarray(mean_cells, dtype=float))
        gated, shift, variance = self._splits(means, np.asarray(relative_covariance, dtype=float))
        left = read.sum(axis=1)
        result = np.full(len(means), float((gammaln(left + 1.0) - gammaln(read + 1.0).sum(axis=1)).sum()))
        remaining = gated.sum(axis=1)
        whole = remaining.copy()
        for j in range(read.shape[1] - 1):
            rest = np.maximum(remaining - gated[:, j], 0.0)
            concentration = self.concentration * remaining / whole
            spread = _Spread(shift[:, j], np.sqrt(variance[:, j]), concentration)
            result += _split(read[:, j], left - read[:, j], odds=(gated[:, j], rest), spread=spread)
            left, remaining = left - read[:, j], rest
        return np.asarray(np.maximum(result, _MIN_LOG_PROB))

    def _checked(self, counts: FloatArray) -> FloatArray:
        read: FloatArray = np.atleast_2d(np.asarray(counts, dtype=float))
        if read.shape[1] != len(self.categories):
            raise InputError(
                f"assay {self.name!r}: counts have {read.shape[1]} columns, it has {len(self.categories)} "
                "categories"
            )
        read = read[np.isfinite(read).all(axis=1)]
        if np.any(read < 0.0) or np.any(read != np.round(read)):
            raise InputError(
                f"assay {self.name!r}: events are whole numbers of at least 0; give counts, not percentages "
                "(a frequency needs the count of its parent)"
            )
        return read

    def _splits(self, means: FloatArray, relative: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return mean cells by gate, (M, K), and each split's log-odds: shift and variance, (M, K - 1).

        The shift is how far the mean log-odds lie from the log-odds of the means, to second order.
        """
        c = self.gating
        gated = means @ c
        k = c.shape[1]
        absolute = np.einsum("ia,mi,ij,mj,jb->mab", c, means, relative, means, c, optimize=True)
        shift, variance = np.empty((2, len(means), k - 1))
        for j in range(k - 1):
            contrast = np.zeros((len(means), k))
            rest = gated[:, j + 1 :].sum(axis=1)
            contrast[:, j] = 1.0 / np.where(gated[:, j] > 0.0, gated[:, j], np.inf)
            contrast[:, j + 1 :] = -1.0 / np.where(rest > 0.0, rest, np.inf)[:, None]
            variance[:, j] = np.einsum("ma,mab,mb->m", contrast, absolute, contrast)
            part, left = np.maximum(contrast, 0.0), np.minimum(contrast, 0.0)
            spread = [np.einsum("ma,mab,mb->m", one, absolute, one) for one in (part, left)]
            shift[:, j] = 0.5 * (spread[1] - spread[0])
        return gated, shift, np.maximum(variance, 0.0)


class _Spread(NamedTuple):
    """Of a split's log-odds between animals, and of units within one: shift, deviation, concentration."""

    shift: FloatArray
    sd: FloatArray
    concentration: FloatArray


def _split(
    part: FloatArray, rest: FloatArray, *, odds: tuple[FloatArray, FloatArray], spread: _Spread
) -> FloatArray:
    """Return the log-probability of one split of all units, (M,), without binomial coefficients."""
    result = np.zeros(len(spread.sd))
    for m, (a, b) in enumerate(zip(*odds, strict=True)):
        if a <= 0.0 or b <= 0.0:
            impossible = part.any() if a <= 0.0 else rest.any()
            result[m] = _MIN_LOG_PROB if impossible else 0.0
            continue
        centre = math.log(a / b) + float(spread.shift[m])
        result[m] = _integrated(part, rest, centre, float(spread.sd[m]), float(spread.concentration[m]))
    return result


def _given(part: FloatArray, rest: FloatArray, logit: FloatArray, concentration: float) -> FloatArray:
    """Return the log-probability of all units at log-odds of shape (Q,)."""
    log_p, log_q = -np.logaddexp(0.0, -logit), -np.logaddexp(0.0, logit)
    if concentration > _LARGE:
        return np.asarray(part.sum() * log_p + rest.sum() * log_q)
    alpha, beta = concentration * np.exp(log_p)[:, None], concentration * np.exp(log_q)[:, None]
    alpha, beta = np.maximum(alpha, 1e-300), np.maximum(beta, 1e-300)
    return np.asarray((betaln(alpha + part, beta + rest) - betaln(alpha, beta)).sum(axis=1))


def _integrated(part: FloatArray, rest: FloatArray, centre: float, sd: float, concentration: float) -> float:
    """Return the log of the split's probability over a normal distribution of its log-odds."""
    if sd == 0.0:
        return float(_given(part, rest, np.array([centre]), concentration)[0])

    return log_normal_mean(lambda z: _given(part, rest, centre + sd * z, concentration))
