"""The public face of the exact engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from soleus.engines.cells.kernel import Marks, run_cells
from soleus.engines.cells.random import seed_words
from soleus.engines.cells.tables import (
    Fates,
    Hazards,
    Jumps,
    changes_of,
    tabulate_fates,
    tabulate_hazards,
    tabulate_jumps,
)
from soleus.engines.schedule import Schedule, build_schedule
from soleus.engines.start import Start
from soleus.errors import InputError, NumericalError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray, IntArray
from soleus.movement import Modifiers

__all__ = ["CellSimulator", "prepare_cells", "simulate_cells"]

_MAX_EVENTS = 20_000_000_000
_NOBODY = (np.zeros(0, dtype=np.int64), np.zeros(0))


def simulate_cells(
    process: Process,
    modifiers: Modifiers,
    start: Start,
    *,
    days: Sequence[float],
    rng: np.random.Generator,
    max_events: int = _MAX_EVENTS,
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
    return prepare_cells(process, modifiers, start, days=days).run(rng, max_events=max_events)


def prepare_cells(
    process: Process, modifiers: Modifiers, start: Start, *, days: Sequence[float]
) -> CellSimulator:
    """Return a simulator of animals that share process, modifiers, start and sampling days.

    Parameters
    ----------
    days
        Increasing sampling days, shape (D,), within the modifiers' edges.
    """
    if start.mean.shape != (process.n_states,):
        raise InputError(
            f"start has {start.mean.shape[0]} microstates, process {process.name!r} has {process.n_states}"
        )
    schedule = build_schedule(process, modifiers, days)
    return CellSimulator(process, schedule, start, _tables(process, schedule))


def _tables(process: Process, schedule: Schedule) -> tuple[Hazards, Fates, Jumps] | None:
    if schedule.times[-1] == schedule.times[0]:
        return None
    return (
        tabulate_hazards(process, schedule),
        tabulate_fates(process, schedule),
        tabulate_jumps(process, schedule),
    )


@dataclass(frozen=True, slots=True)
class CellSimulator:
    """Simulates animals one after another; :func:`prepare_cells` makes it.

    Attributes
    ----------
    tables
        What the kernel reads; None if no time passes.
    """

    process: Process
    schedule: Schedule
    start: Start
    tables: tuple[Hazards, Fates, Jumps] | None

    def with_factors(self, own: FloatArray, start: FloatArray) -> CellSimulator:
        """Return the simulator of an animal with its own rates and start.

        Parameters
        ----------
        own
            Factors on the process' roles, shape (R,).
        start
            Mean cells per microstate at the start, shape (n,).
        """
        schedule = replace(self.schedule, role_values=self.schedule.role_values * own)
        own_start = replace(self.start, mean=start)
        return CellSimulator(self.process, schedule, own_start, _tables(self.process, schedule))

    def run(
        self,
        rng: np.random.Generator,
        *,
        max_events: int = _MAX_EVENTS,
        entries: tuple[IntArray, FloatArray] | None = None,
    ) -> IntArray:
        """Simulate one animal from its own stream and return its cells, shape (D, n).

        Parameters
        ----------
        entries
            Microstates and days of cells that enter besides, each shape (E,); days from the start to
            before the last sampling day.

        Raises
        ------
        NumericalError
            If the number of events passes ``max_events``.
        """
        founders = _draw_start(self.process, self.start, rng)
        if self.tables is None:
            return founders[None, :]
        outside = self.process.n_states - 1 if self.process.has_outside else -1
        inside = founders.copy()
        if outside >= 0:
            inside[outside] = 0
        states, times = entries if entries is not None else _NOBODY
        marks, events = run_cells(*self.tables, inside, outside, (states, times), seed_words(rng), max_events)
        if events < 0:
            raise NumericalError(
                f"more than {max_events:g} events in one animal; shorten the study, lower the growth, or "
                "use the moments engine"
            )
        counts = _counts(self.process, self.schedule, founders, marks)
        for day, cut in enumerate(self.schedule.sample_at):
            # Cells that entered before a day are counted with what became of them.
            before = times < self.schedule.times[cut]
            counts[day] += np.bincount(states[before], minlength=counts.shape[1])
        return counts


def _draw_start(process: Process, start: Start, rng: np.random.Generator) -> IntArray:
    cells = np.round(start.mean).astype(np.int64)
    if start.poisson:
        inside = process.n_states - int(process.has_outside)
        cells[:inside] = rng.poisson(start.mean[:inside])
    return cells


def _counts(process: Process, schedule: Schedule, founders: IntArray, marks: Marks) -> IntArray:
    """Return cells on sampling days from what happened before each."""
    happened = np.zeros((marks.fated.shape[0], marks.fated.shape[1] + 1))
    np.cumsum(marks.fated, axis=1, out=happened[:, 1:])
    # Whole numbers stay exact in floating point up to 2**53, and a product of floats is fast.
    gained = happened[:, schedule.sample_at].T @ changes_of(process)
    counts = founders + np.rint(gained).astype(np.int64)
    for cut in np.flatnonzero(schedule.jump_at >= 0):
        # A sample on the day of a jump is taken before it.
        counts[schedule.sample_at > cut] += marks.jumped[schedule.jump_at[cut]]
    return np.asarray(counts)
