"""The public face of the exact engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soleus.engines.cells.kernel import Outcomes, Timeline, run_cells
from soleus.engines.cells.random import seed_words
from soleus.engines.schedule import Schedule, build_schedule
from soleus.engines.start import Start
from soleus.errors import InputError, NumericalError
from soleus.lineage import Process
from soleus.lineage.process import IntArray
from soleus.movement import Modifiers

__all__ = ["simulate_cells"]


def simulate_cells(
    process: Process,
    modifiers: Modifiers,
    start: Start,
    *,
    days: Sequence[float],
    rng: np.random.Generator,
    max_events: int = 20_000_000_000,
) -> IntArray:
    """Simulate one animal exactly and return its cells, shape (D, n).

    Parameters
    ----------
    days
        Increasing sampling days, shape (D,), within the modifiers' edges.
    rng
        The animal's own stream.
    max_events
        Stop with an error beyond this many events (a culture that grows without bound).

    Raises
    ------
    NumericalError
        If the number of events passes ``max_events``.
    """
    if start.mean.shape != (process.n_states,):
        raise InputError(
            f"start has {start.mean.shape[0]} microstates, process {process.name!r} has {process.n_states}"
        )
    schedule = build_schedule(process, modifiers, days)
    founders = _draw_start(process, start, rng)
    counts, events = run_cells(
        _outcomes(process, schedule), _timeline(schedule, days), founders, seed_words(rng), max_events
    )
    if events < 0:
        raise NumericalError(
            f"more than {max_events:g} events in one animal; shorten the study, lower the growth, or "
            "use the moments engine"
        )
    return np.asarray(counts)


def _draw_start(process: Process, start: Start, rng: np.random.Generator) -> IntArray:
    cells = np.round(start.mean).astype(np.int64)
    if start.poisson:
        inside = process.n_states - int(process.has_outside)
        cells[:inside] = rng.poisson(start.mean[:inside])
    return cells


def _timeline(schedule: Schedule, days: Sequence[float]) -> Timeline:
    """Return the pieces, merged where only a sampling day divides them."""
    keep = _kept_cuts(schedule)
    return Timeline(
        np.ascontiguousarray(schedule.times[keep]),
        np.ascontiguousarray(schedule.jump_at[keep]),
        schedule.jump_matrices,
        np.asarray(days, dtype=np.float64),
    )


def _kept_cuts(schedule: Schedule) -> IntArray:
    """Return the cuts at which a rate changes or a jump acts, and both ends."""
    changes = np.any(np.diff(schedule.role_values, axis=0) != 0.0, axis=1)
    inner = np.flatnonzero(changes | (schedule.jump_at[1:-1] >= 0)) + 1
    return np.concatenate([[0], inner, [len(schedule.times) - 1]]).astype(np.int64)


def _outcomes(process: Process, schedule: Schedule) -> Outcomes:
    """Return hazards and cumulated fate shares per piece."""
    a, n = process.arrays, process.n_states
    values = schedule.role_values[_kept_cuts(schedule)[:-1]]
    hazard = np.zeros((len(values), n))
    if not len(a.exit_source):
        nothing = np.zeros((len(values), 0))
        return Outcomes(hazard, nothing, np.zeros(n + 1, dtype=np.int64), a.fate_daughters, a.daughters)
    hazard_of_exit = a.exit_rate * values[:, a.exit_role]
    weight = np.where(a.fate_role < 0, 1.0, values[:, a.fate_role]) * a.fate_probability
    per_exit = np.add.reduceat(weight, a.exit_fates[:-1], axis=1)
    number = np.diff(a.exit_fates)
    of_fate = weight * np.repeat(hazard_of_exit / per_exit, number, axis=1)
    source = np.repeat(a.exit_source, number)
    np.add.at(hazard.T, a.exit_source, hazard_of_exit.T)
    first = np.searchsorted(source, np.arange(n + 1)).astype(np.int64)
    cumulated = np.cumsum(of_fate, axis=1)
    before = np.where(first[:-1] > 0, cumulated[:, np.maximum(first[:-1] - 1, 0)], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        threshold = (cumulated - before[:, source]) / hazard[:, source]
    # The last possible fate takes what rounding leaves, so that no draw falls beyond it.
    for i in np.flatnonzero(np.diff(first)):
        span = slice(first[i], first[i + 1])
        possible = of_fate[:, span] > 0.0
        final = possible.shape[1] - 1 - np.argmax(possible[:, ::-1], axis=1)
        columns = np.arange(possible.shape[1])
        threshold[:, span] = np.where(columns >= final[:, None], np.inf, threshold[:, span])
    return Outcomes(
        np.ascontiguousarray(hazard),
        np.ascontiguousarray(threshold),
        first,
        a.fate_daughters,
        a.daughters,
    )
