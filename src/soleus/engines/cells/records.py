"""What the exact engine is asked to remember, and what it hands back: pulses, snapshots, trees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.errors import InputError, ModelError, UnsupportedError, unknown_name
from soleus.lineage import Process
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["Pulse", "Snapshot", "Trees"]


@dataclass(frozen=True, slots=True, eq=False)
class Pulse:
    """A thymidine analogue (BrdU, EdU, CldU, IdU) that is available from one day to another.

    A cell that is in S phase at any time in ``[start_day, end_day)``, already or newly, takes the
    label up to its full level. Each division halves it.

    Parameters
    ----------
    start_day, end_day
        Days on the axis of the modifiers. Equal days make a pulse of an instant.
    phases
        Phases in which it is taken up.
    types
        Cell types that take it up; None for all.
    weights
        Instead of phases and types: 1 for each microstate that takes it up and 0 for each other,
        shape (n,).

    Notes
    -----
    A label that is met again before it is diluted is set back to full (an approximation: uptake adds
    up in a cell). Clearance in minutes to hours is the window's length, for the user to state.
    Halving at division is the principle of label retention: Wilson et al. 2008
    (doi 10.1016/j.cell.2008.10.048).
    """

    name: str
    start_day: float
    end_day: float
    phases: tuple[str, ...] = ("S",)
    types: tuple[str, ...] | None = None
    weights: FloatArray | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.start_day) and np.isfinite(self.end_day)):
            raise ModelError(f"pulse {self.name!r}: start_day and end_day must be finite days")
        if self.end_day < self.start_day:
            raise ModelError(
                f"pulse {self.name!r} ends on day {self.end_day:g}, before it starts on day "
                f"{self.start_day:g}; exchange the two"
            )

    def taken_up(self, process: Process) -> NDArray[np.bool_]:
        """Return which microstates take the label up, shape (n,).

        Raises
        ------
        ModelError
            If the process has none of them.
        UnsupportedError
            If a microstate takes up a part of it.
        """
        if self.weights is None:
            weights = in_phases(process, self.phases, self.types)
        else:
            weights = np.asarray(self.weights)
            if weights.shape != (process.n_states,):
                raise InputError(
                    f"pulse {self.name!r}: weights must have shape ({process.n_states},), one for each "
                    f"microstate of {process.name!r}, got {weights.shape}"
                )
            if np.any((weights != 0.0) & (weights != 1.0)):
                raise UnsupportedError(
                    f"pulse {self.name!r}: weights must be 0 or 1; partial uptake is not offered, divide "
                    "the phase into stages or microstates that take it up and others"
                )
        taken = weights.astype(np.bool_)
        if process.has_outside:
            taken[-1] = False
        if not taken.any():
            where = "its weights are 0" if self.weights is not None else f"no {self.types} has {self.phases}"
            raise ModelError(
                f"pulse {self.name!r} is taken up nowhere in lineage {process.name!r}: {where}; name phases "
                "in which these types make DNA"
            )
        return taken


def in_phases(process: Process, phases: tuple[str, ...], types: tuple[str, ...] | None) -> NDArray[np.bool_]:
    """Return which microstates lie in the given phases of the given types (None: all), shape (n,)."""
    inside = process.microstates[: process.n_states - int(process.has_outside)]
    for kind, given, known in (
        ("phase", phases, {m.phase for m in inside}),
        ("cell type", types or (), {m.type for m in inside}),
    ):
        for name in given:
            if name not in known:
                raise unknown_name(kind, name, known)
    chosen = process.weights(lambda m: m.phase in phases and (types is None or m.type in types))
    return chosen.astype(np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Every living cell on each sampling day, with what its line of descent went through.

    N rows, one a living cell and sampling day, in order of days. Cells that are there at the start
    count as born, and as having entered their microstate, on the first day.

    Attributes
    ----------
    days
        Sampling days, shape (D,).
    pulses
        Names of the K pulses.
    day
        Index of the sampling day, shape (N,).
    microstate
        Index of the microstate, shape (N,).
    founder
        Index of the founding cell, shape (N,): cells of the start in order of microstate, then cells
        from outside. With ``label_clones_on``: cells alive on that day, in order of microstate, and
        -1 for cells without a clone label.
    generation
        Divisions since the label of each pulse was last taken up, -1 if never, shape (N, K).
    born
        Day of the division or arrival that made the cell, shape (N,).
    synthesis_from, synthesis_to
        Days when the cell, or the mother that it came from, was last in S phase: NaN if never; no end
        while the cell is there, shape (N,).
    founder_microstate, founder_day
        Where and when each of the C founders was first seen, shape (C,).
    """

    process: Process
    days: FloatArray
    pulses: tuple[str, ...]
    day: IntArray
    microstate: IntArray
    founder: IntArray
    generation: NDArray[np.int32]
    born: FloatArray
    synthesis_from: FloatArray
    synthesis_to: FloatArray
    founder_microstate: IntArray
    founder_day: FloatArray

    def counts(self) -> IntArray:
        """Return cells per sampling day and microstate, shape (D, n), as ``simulate_cells`` does."""
        n = self.process.n_states
        flat = np.bincount(self.day * n + self.microstate, minlength=len(self.days) * n)
        counts = flat.reshape(len(self.days), n).astype(np.int64)
        if self.process.has_outside:
            counts[:, -1] = 1
        return counts

    def generations(self, pulse: str) -> NDArray[np.int32]:
        """Return divisions since the label was last taken up, -1 if never, shape (N,)."""
        if pulse not in self.pulses:
            raise unknown_name("pulse", pulse, self.pulses)
        return self.generation[:, self.pulses.index(pulse)]

    def levels(self, pulse: str) -> FloatArray:
        """Return the label of each cell as a share of the full level, shape (N,); 0 if never labelled."""
        g = self.generations(pulse)
        return np.where(g < 0, 0.0, np.exp2(-g.astype(np.float64)))

    def clone_sizes(self, weights: FloatArray | None = None) -> FloatArray:
        """Return cells of each clone on each day, shape (D, C); extinct clones count 0.

        Parameters
        ----------
        weights
            Which cells count, shape (n,), as of ``Process.count``; None for all.
        """
        clones = len(self.founder_microstate)
        own = self.founder >= 0
        value = None if weights is None else np.asarray(weights, dtype=float)[self.microstate[own]]
        sizes = np.bincount(
            self.day[own] * clones + self.founder[own], weights=value, minlength=len(self.days) * clones
        )
        return sizes.reshape(len(self.days), clones).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Clone trees: one row per stay of a cell in a microstate; rows of a cell follow each other.

    A cell stays the same over exits that replace it by exactly one daughter and over jumps. A fate with
    two or more daughters is a division; all its daughters are new cells.

    Attributes
    ----------
    start_day, end_day
        Days between which cells were followed.
    cell, mother
        Identity of the cell and of its mother (-1 for founders and for cells from outside), shape (S,).
    founder
        Index of the founding cell, as in :class:`Snapshot`, shape (S,).
    microstate
        Shape (S,).
    enters, leaves
        Days, shape (S,); a living cell leaves on ``end_day``.
    ending
        Fate that ended the stay (index of ``process.arrays.fate_probability``), -1 for a cell alive at the
        end, -2 for a jump, shape (S,).
    founder_microstate, founder_day
        Where and when each of the C founders was first seen, shape (C,).
    """

    process: Process
    start_day: float
    end_day: float
    cell: IntArray
    mother: IntArray
    founder: IntArray
    microstate: IntArray
    enters: FloatArray
    leaves: FloatArray
    ending: IntArray
    founder_microstate: IntArray
    founder_day: FloatArray

    def alive(self, day: float) -> NDArray[np.bool_]:
        """Return which stays hold a living cell on a day, shape (S,); before a jump on that day."""
        if not self.start_day <= day <= self.end_day:
            raise InputError(
                f"day {day:g} must lie in [{self.start_day:g}, {self.end_day:g}], where cells were followed"
            )
        if day == self.start_day:
            first = np.ones(len(self.cell), dtype=np.bool_)
            first[1:] = self.cell[1:] != self.cell[:-1]
            return np.asarray(first & (self.enters == day) & (self.mother < 0))
        return (self.enters < day) & (day <= self.leaves)

    def counts(self, day: float) -> IntArray:
        """Return cells per microstate on a day, shape (n,), as a row of ``simulate_cells``."""
        found = np.bincount(self.microstate[self.alive(day)], minlength=self.process.n_states)
        if self.process.has_outside:
            found[-1] = 1
        return found.astype(np.int64)

    def clone_sizes(self, day: float) -> IntArray:
        """Return living cells of each clone on a day, shape (C,); extinct clones count 0."""
        own = self.founder[self.alive(day)]
        return np.bincount(own, minlength=len(self.founder_microstate)).astype(np.int64)

    def transitions(self) -> IntArray:
        """Return the transition that ended each stay (index of ``process.transitions``), or -1, -2."""
        found = self.ending.copy()
        by_fate = found >= 0
        exits = np.searchsorted(self.process.arrays.exit_fates, found[by_fate], side="right") - 1
        found[by_fate] = self.process.exit_transition[exits]
        return found
