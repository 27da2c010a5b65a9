"""The public face of the exact engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soleus.engines.cells.kernel import Timeline, hazard_table, run_cells
from soleus.engines.schedule import build_schedule
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
    sample_of_cut = np.full(len(schedule.times), -1, dtype=np.int64)
    sample_of_cut[schedule.sample_at] = np.arange(len(schedule.sample_at))
    line = Timeline(
        schedule.times, schedule.role_values, schedule.jump_at, schedule.jump_matrices, sample_of_cut
    )
    counts, events = run_cells(
        process.arrays,
        _exits_of(process),
        hazard_table(process.arrays, schedule.role_values, process.n_states),
        line,
        _draw_start(process, start, rng),
        len(schedule.sample_at),
        rng,
        max_events,
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


def _exits_of(process: Process) -> IntArray:
    """Return where each microstate's exits start in the arrays, shape (n + 1,)."""
    counts = np.bincount(process.arrays.exit_source, minlength=process.n_states)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
