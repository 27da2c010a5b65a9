"""Draw the read-outs of many animals, each with its own rates and start.

The rule, by the mean of a read-out in the average animal:

* ``FEW`` = 200 cells or more: normal, with the exact mean and covariance of the animal (central limit
  theorem over its founders);
* below: a count distribution with the exact mean and variance, tied to the others by a Gaussian copula
  of their exact correlations (see ``draw``);
* below ``RARE`` = 20, where that would be off by more than about 1 % of probability: the sub-lineage of
  that read-out is followed cell by cell, given its input. The events that send cells into it are counted
  in spans of time; their numbers are drawn with all other read-outs from exact moments as above, their
  times within a span follow the average animal's. Common read-outs that hold cells of the sub-lineage
  take them from it, so that all stay consistent.

A sub-lineage with more than ``MOST`` expected founders, or one that a jump leads into, falls back to the
second rule.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from soleus.engines.cells.solve import CellSimulator, prepare_cells
from soleus.engines.cohort.draw import draw_cohort
from soleus.engines.cohort.split import Split, split_process
from soleus.engines.moments import mean_cells
from soleus.engines.moments.prepared import PreparedMoments, prepare_days, prepare_moments
from soleus.engines.moments.validate import checked_weights
from soleus.engines.start import Start
from soleus.lineage import Process
from soleus.lineage.process import FloatArray, IntArray
from soleus.movement import Modifiers

__all__ = ["MOST", "RARE", "CohortSampler", "prepare_cohort"]

RARE = 20.0
MOST = 20_000.0
_SPANS = 8


def prepare_cohort(
    process: Process,
    modifiers: Modifiers,
    start: Start,
    *,
    weights: FloatArray,
    day: float,
    tolerance: float = 1e-4,
) -> CohortSampler:
    """Return a sampler of animals of one group on one day.

    Parameters
    ----------
    start
        The average animal's; a Poisson start, as animals differ.
    weights
        Shape (R, n): read-out r of a state x is ``weights[r] @ x``.
    day
        Sampling day, within the modifiers' edges.
    tolerance
        Relative error of means and covariances.
    """
    rows = checked_weights(process, weights)
    whole = prepare_moments(process, modifiers, start, weights=rows, days=[day], tolerance=tolerance)
    mean = whole.solve().mean[0]
    rare = np.flatnonzero((mean > 0.0) & (mean < RARE))
    if len(rare):
        chosen = np.flatnonzero(np.any(rows[rare] != 0.0, axis=0))
        split = split_process(process, chosen)
        if split is not None:
            part = _prepare_part(split, modifiers, start, rows, day=day, tolerance=tolerance)
            if part is not None:
                return CohortSampler(process, rows, part.moments, part)
    return CohortSampler(process, rows, whole, None)


@dataclass(frozen=True, slots=True)
class _Part:
    """The sub-lineage: how it is simulated, and when its input comes.

    Attributes
    ----------
    arrival
        For each token and span, days and the share of the span's events before each, (2, points).
    """

    split: Split
    moments: PreparedMoments | None
    cells: CellSimulator
    arrival: tuple[tuple[FloatArray, ...], ...]


def _prepare_part(
    split: Split, modifiers: Modifiers, start: Start, weights: FloatArray, *, day: float, tolerance: float
) -> _Part | None:
    own = Start(start.mean[split.below], poisson=start.poisson)
    cells = prepare_cells(split.downstream, modifiers, own, days=[day])
    if split.upstream is None:
        return _Part(split, None, cells, ()) if start.mean[split.below].sum() <= MOST else None
    n, tokens = split.upstream.n_states, len(split.tokens)
    mean = np.zeros(n)
    mean[_places(split)] = start.mean[split.above]
    above = replace(start, mean=mean, has_outside=split.upstream.has_outside)
    rows = np.zeros((len(weights), n))
    rows[:, _places(split)] = weights[:, split.above]
    if split.upstream.has_outside:
        rows[:, -1] = 0.0
    grid = np.unique(np.concatenate([np.linspace(modifiers.edges[0], day, 257), modifiers.edges]))
    grid = grid[grid <= day]
    arrived = mean_cells(split.upstream, modifiers, above, days=grid.tolist())[:, split.tokens]
    if arrived[-1].sum() + start.mean[split.below].sum() > MOST:
        return None
    ends = _span_ends(grid, arrived.sum(axis=1))
    token_rows = np.zeros((tokens, n))
    token_rows[np.arange(tokens), split.tokens] = 1.0
    of_day = [token_rows] * (len(ends) - 1) + [np.concatenate([token_rows, rows])]
    moments = prepare_days(
        split.upstream, modifiers, above, of_day=of_day, days=ends.tolist(), tolerance=tolerance
    )
    arrival = tuple(_arrival(grid, arrived[:, k], ends) for k in range(tokens))
    return _Part(split, moments, cells, arrival)


def _places(split: Split) -> IntArray:
    """Return where the microstates above lie upstream: the outside comes after the tokens."""
    places = np.arange(len(split.above))
    if split.upstream is not None and split.upstream.has_outside:
        places[-1] += len(split.tokens)
    return places


def _span_ends(grid: FloatArray, arrived: FloatArray) -> FloatArray:
    """Return the last days of spans with equal numbers of events."""
    if arrived[-1] <= 0.0:
        return grid[-1:]
    wanted = np.arange(1, _SPANS) / _SPANS * arrived[-1]
    inner = grid[np.searchsorted(arrived, wanted)]
    return np.unique(np.concatenate([inner[inner > grid[0]], grid[-1:]]))


def _arrival(grid: FloatArray, arrived: FloatArray, ends: FloatArray) -> tuple[FloatArray, ...]:
    """Return, for each span, days and the share of its events before each."""
    spans = []
    for first, last in zip([grid[0], *ends[:-1]], ends, strict=True):
        inside = (grid >= first) & (grid <= last)
        own = arrived[inside] - arrived[inside][0]
        share = own / own[-1] if own[-1] > 0.0 else np.linspace(0.0, 1.0, len(own))
        spans.append(np.array([grid[inside], share]))
    return tuple(spans)


@dataclass(frozen=True, slots=True)
class CohortSampler:
    """Draws animals of one group on one day; :func:`prepare_cohort` makes it.

    Attributes
    ----------
    moments
        Of the whole process, or of what lies upstream of the sub-lineage.
    part
        The sub-lineage that is followed cell by cell; None if no read-out is rare.
    """

    process: Process
    weights: FloatArray
    moments: PreparedMoments | None
    part: _Part | None

    def draw(self, own: FloatArray, starts: FloatArray, words: NDArray[np.uint64]) -> FloatArray:
        """Return the read-outs of N animals, shape (N, R).

        Parameters
        ----------
        own
            Factors on the process' roles, shape (N, roles).
        starts
            Mean cells per microstate at the start, shape (N, n).
        words
            Of the animals' own streams (see :meth:`soleus.streams.Streams.words`), shape (N, 4).
        """
        if self.part is None and self.moments is not None:
            return draw_cohort(*self.moments.columns(own=own, starts=starts), words)
        part, number = self.part, len(words)
        assert part is not None
        tokens = np.zeros((number, 0, 0))
        cells = np.zeros((number, len(self.weights)))
        if part.moments is not None:
            tokens, cells = _drawn_above(part, part.moments, own, starts, words)
        for k in range(number):
            # What follows the draw from moments must not repeat its numbers.
            rng = np.random.Generator(np.random.PCG64(words[k]))
            simulator = part.cells.with_factors(own[k], starts[k][part.split.below])
            found = simulator.run(rng, entries=_entries(part, tokens[k], rng))[0]
            cells[k] += self.weights[:, part.split.below] @ found
        return cells


def _drawn_above(
    part: _Part,
    moments: PreparedMoments,
    own: FloatArray,
    starts: FloatArray,
    words: NDArray[np.uint64],
) -> tuple[FloatArray, FloatArray]:
    """Return the events of each span and token, (N, spans, tokens), and the read-outs upstream, (N, R)."""
    split, kinds = part.split, len(part.split.tokens)
    above = np.zeros((len(starts), moments.process.n_states))
    above[:, _places(split)] = starts[:, split.above]
    mean, covariance = moments.columns(own=own, starts=above)
    # Tokens are never lost, so what a span adds is the difference of two numbers of tokens.
    spans = len(moments.days)
    change = np.eye(mean.shape[1])
    for column in range(kinds, spans * kinds):
        change[column, column - kinds] = -1.0
    drawn = draw_cohort(mean @ change.T, change @ covariance @ change.T, words)
    return drawn[:, : spans * kinds].reshape(len(drawn), spans, kinds), drawn[:, spans * kinds :]


def _entries(part: _Part, tokens: FloatArray, rng: np.random.Generator) -> tuple[IntArray, FloatArray]:
    """Return where and when cells enter the sub-lineage."""
    states: list[IntArray] = [np.zeros(0, dtype=np.int64)]
    times: list[FloatArray] = [np.zeros(0)]
    for span, of_span in enumerate(tokens):
        for kind, events in enumerate(of_span.astype(np.int64)):
            days, share = part.arrival[kind][span]
            when = np.minimum(np.interp(rng.random(events), share, days), np.nextafter(days[-1], -np.inf))
            for state in part.split.entering[kind]:
                states.append(np.full(events, state, dtype=np.int64))
                times.append(when)
    return np.concatenate(states), np.concatenate(times)
