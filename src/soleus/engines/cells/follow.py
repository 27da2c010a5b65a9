"""The public face of cell histories: snapshots of labelled cells, and clone trees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soleus.engines.cells.carried import STAY, Column, Labels, Limits, Recorded, Used
from soleus.engines.cells.histories import run_histories
from soleus.engines.cells.random import seed_words
from soleus.engines.cells.records import Pulse, Snapshot, Trees, in_phases
from soleus.engines.cells.solve import CellSimulator, _draw_start, prepare_cells
from soleus.engines.start import Start
from soleus.errors import InputError, NumericalError, UnsupportedError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray, IntArray
from soleus.movement import Modifiers

__all__ = ["follow_cells", "grow_trees"]

_MAX_CELLS = 5_000_000
_MAX_STAYS = 5_000_000
_MAX_EVENTS = 20_000_000_000
_NO_LIMIT = np.iinfo(np.int64).max


def follow_cells(
    process: Process,
    modifiers: Modifiers,
    start: Start,
    *,
    days: Sequence[float],
    rng: np.random.Generator,
    pulses: Sequence[Pulse] = (),
    synthesis: Sequence[str] | None = None,
    label_clones_on: float | None = None,
    max_cells: int = _MAX_CELLS,
    max_events: int = _MAX_EVENTS,
) -> Snapshot:
    """Simulate one animal exactly and return every living cell on each sampling day.

    The numbers of cells have the distribution of :func:`simulate_cells`; labels change nothing.

    Parameters
    ----------
    days
        Increasing sampling days, shape (D,), within the modifiers' edges. A sample on the day of a
        jump, pulse or clone label is taken before it; a pulse finds cells where a jump of that day puts them.
    rng
        The animal's own stream.
    pulses
        Thymidine analogues; any number.
    synthesis
        Phases whose last days each cell carries; None for S where the lineage has such a phase.
    label_clones_on
        Day on which every living cell founds a clone of its own (sparse or multicolour labelling); None:
        the cells of the start and those from outside do.
    max_cells
        Stop with an error beyond this many rows of the snapshot, about 0.2 kB each at the peak.
    max_events
        Stop with an error beyond this many events.

    Raises
    ------
    InputError
        If a day or a pulse does not fit the process.
    UnsupportedError
        If a pulse starts before the process does.
    NumericalError
        If a limit is passed.

    Examples
    --------
    >>> import numpy as np
    >>> from soleus.engines import Pulse, Start, follow_cells
    >>> from soleus.lineage import CellType, Fate, Lineage, Phase, Transition, compile_lineage
    >>> from soleus.movement import Modifiers
    >>> stem = CellType("stem", "stem cell", (Phase("S", cycling=True),))
    >>> divide = Transition("divide", "division", "stem", (Fate("two", 1.0, {"stem": 2}),), rate_per_day=0.5)
    >>> process = compile_lineage(Lineage("yule", (stem,), (divide,)))
    >>> cells = follow_cells(
    ...     process,
    ...     Modifiers.none(0, 2),
    ...     Start.given(process, {"stem": 10}),
    ...     days=[2.0],
    ...     rng=np.random.default_rng(1),
    ...     pulses=[Pulse("EdU", 0.0, 0.0)],
    ... )
    >>> float(cells.levels("EdU").sum())  # label is shared out, never lost
    10.0
    """
    animal = prepare_cells(process, modifiers, start, days=days)
    sampled = np.asarray(days, dtype=np.float64)
    labels = _labels(process, pulses, synthesis, label_clones_on)
    _check_days(modifiers, pulses, label_clones_on, last=sampled[-1])
    limits = _limits(animal, sampled, rows=max_cells, events=max_events)
    found = _run(animal, rng, labels, limits)
    if found.used[Used.ROWS] > max_cells:
        raise NumericalError(
            f"more than {max_cells} living cells over all sampling days; give fewer days, a smaller start "
            "or a larger max_cells, or count with simulate_cells"
        )
    if found.used[Used.EVENTS] > max_events:
        raise NumericalError(
            f"more than {max_events:g} events in one animal; shorten the study, lower the growth, or "
            "use the moments engine"
        )
    names = tuple(p.name for p in pulses)
    return _snapshot(process, sampled, names, found, renumber=label_clones_on is not None)


def grow_trees(
    process: Process,
    modifiers: Modifiers,
    start: Start,
    *,
    until: float,
    rng: np.random.Generator,
    max_stays: int = _MAX_STAYS,
) -> Trees:
    """Simulate one animal exactly and return the tree of every clone.

    Parameters
    ----------
    until
        Last day, within the modifiers' edges and later than the first.
    rng
        The animal's own stream.
    max_stays
        Stop with an error beyond this many stays, about 0.2 kB each at the peak.

    Raises
    ------
    InputError
        If no time passes before ``until``.
    NumericalError
        If there are more than ``max_stays`` stays.
    """
    animal = prepare_cells(process, modifiers, start, days=[until])
    if animal.tables is None:
        raise InputError(f"until must be later than day {modifiers.edges[0]:g}, where the process starts")
    limits = _limits(animal, np.empty(0), stays=max_stays)
    found = _run(animal, rng, _labels(process, (), None, None), limits)
    number = found.used[Used.STAYS]
    if number > max_stays:
        raise NumericalError(
            f"more than {max_stays} stays of cells; grow fewer clones at a time, stop on an earlier day, or "
            "give a larger max_stays"
        )
    stays = dict(zip(STAY, found.stays[:number].T, strict=True))
    clones = found.clones[: found.used[Used.CLONES]].T
    return Trees(
        process=process,
        start_day=float(modifiers.edges[0]),
        end_day=float(until),
        cell=_whole(stays["cell"]),
        mother=_whole(stays["mother"]),
        founder=_whole(stays["founder"]),
        microstate=_whole(stays["microstate"]),
        enters=stays["enters"].copy(),
        leaves=stays["leaves"].copy(),
        ending=_whole(stays["ending"]),
        founder_microstate=_whole(clones[Column.STATE]),
        founder_day=clones[Column.ENTERED].copy(),
    )


def _whole(column: FloatArray) -> IntArray:
    return column.astype(np.int64)


def _labels(
    process: Process, pulses: Sequence[Pulse], synthesis: Sequence[str] | None, clones_on: float | None
) -> Labels:
    names = [p.name for p in pulses]
    if len(set(names)) < len(names):
        raise InputError(f"two pulses have the same name, got {names}; name each once")
    taken: NDArray[np.bool_] = np.zeros((len(pulses), process.n_states), dtype=np.bool_)
    for k, pulse in enumerate(pulses):
        taken[k] = pulse.taken_up(process)
    if synthesis is None:
        in_synthesis = process.weights(lambda m: m.phase == "S").astype(np.bool_)
    else:
        in_synthesis = in_phases(process, tuple(synthesis), None)
    return Labels(
        begins=np.array([p.start_day for p in pulses], dtype=np.float64),
        ends=np.array([p.end_day for p in pulses], dtype=np.float64),
        taken=taken,
        synthesis=in_synthesis,
        clones_on=np.nan if clones_on is None else float(clones_on),
        daughters=np.diff(process.arrays.fate_daughters),
    )


def _check_days(modifiers: Modifiers, pulses: Sequence[Pulse], clones_on: float | None, last: float) -> None:
    first = modifiers.edges[0]
    for pulse in pulses:
        if pulse.start_day < first:
            raise UnsupportedError(
                f"pulse {pulse.name!r} starts on day {pulse.start_day:g}, before day {first:g}, where the "
                "process starts: what cells did then is not simulated; start the process earlier"
            )
    if clones_on is not None and not first <= clones_on < last:
        raise InputError(
            f"label_clones_on must lie in [{first:g}, {last:g}), from the start to the last sampling day; "
            f"got {clones_on:g}"
        )


def _limits(
    animal: CellSimulator,
    days: FloatArray,
    *,
    rows: int = _NO_LIMIT,
    stays: int | None = None,
    events: int = _NO_LIMIT,
) -> Limits:
    sample_at = animal.schedule.sample_at[: len(days)]
    passed = np.searchsorted(sample_at, np.arange(len(animal.schedule.times)), side="right")
    most = np.full(6, _NO_LIMIT, dtype=np.int64)
    most[Used.ROWS], most[Used.EVENTS] = rows, events
    if stays is not None:
        most[Used.STAYS] = stays
    return Limits(days=days, passed=passed.astype(np.int64), stays=stays is not None, most=most)


def _run(animal: CellSimulator, rng: np.random.Generator, labels: Labels, limits: Limits) -> Recorded:
    process = animal.process
    founders = _draw_start(process, animal.start, rng)
    outside = process.n_states - 1 if process.has_outside else -1
    if outside >= 0:
        founders[outside] = 0
    if animal.tables is None:
        return _at_start(founders, labels, day=float(animal.schedule.times[0]))
    return run_histories(*animal.tables, founders, outside, seed_words(rng), labels, limits)


def _at_start(founders: IntArray, labels: Labels, *, day: float) -> Recorded:
    """Return the rows of the cells of the start, where no time passes."""
    number = int(founders.sum())
    rows = np.full((number, Column.PULSES + len(labels.begins)), -1.0)
    states = np.repeat(np.arange(len(founders)), founders)
    rows[:, Column.STATE], rows[:, Column.CLONE], rows[:, Column.PIECE] = states, np.arange(number), 0.0
    rows[:, Column.ENTERED] = rows[:, Column.BORN] = day
    rows[:, Column.FROM], rows[:, Column.TO] = np.where(labels.synthesis[states], day, np.nan), np.nan
    return Recorded(rows, rows, rows, np.array([number, 0, number, -1, number, 0]))


def _snapshot(
    process: Process, days: FloatArray, pulses: tuple[str, ...], found: Recorded, *, renumber: bool
) -> Snapshot:
    """Return a run's rows by day; ``renumber``: its clones by microstate, not as they were met."""
    rows, clones = found.rows[: found.used[Used.ROWS]], found.clones[: found.used[Used.CLONES]]
    rows = rows[np.argsort(rows[:, Column.PIECE], kind="stable")]
    by_state = np.arange(len(clones))
    if renumber:
        by_state = np.argsort(clones[:, Column.STATE], kind="stable")
    rank = np.full(len(clones) + 1, -1)  # its last place answers for cells without a clone, -1
    rank[by_state] = np.arange(len(clones))
    return Snapshot(
        process=process,
        days=days,
        pulses=pulses,
        day=_whole(rows[:, Column.PIECE]),
        microstate=_whole(rows[:, Column.STATE]),
        founder=rank[_whole(rows[:, Column.CLONE])],
        generation=rows[:, Column.PULSES :].astype(np.int32),
        born=rows[:, Column.BORN].copy(),
        synthesis_from=rows[:, Column.FROM].copy(),
        synthesis_to=rows[:, Column.TO].copy(),
        founder_microstate=_whole(clones[by_state, Column.STATE]),
        founder_day=clones[by_state, Column.ENTERED],
    )
