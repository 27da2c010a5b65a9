"""A compiled lineage: microstates, exits and fates as plain arrays.

A microstate is one stage of one phase of one cell type. Every engine reads these arrays and
nothing else of the lineage, so all of them solve the same process:

* exits are sorted by source; exit ``e`` leaves microstate ``exit_source[e]`` with hazard
  ``exit_rate[e] * m[exit_role[e]](t)`` per day where ``exit_shape[e]`` is 0;
* elsewhere it is a gamma clock: the exit happens when its ``exit_rate * m``, cumulated since the cell
  entered, reaches a gamma number of that shape. A microstate has at most one, its first exit;
* it draws fate ``f`` among ``exit_fates[e]:exit_fates[e + 1]`` with probability proportional to
  ``fate_probability[f] * m[fate_role[f]](t)`` (weight 1 where ``fate_role`` is -1);
* the cell is replaced by ``daughters[fate_daughters[f]:fate_daughters[f + 1]]``.

Sources are exits of one immortal microstate, the last one, whose fates return it together with
the new cell; engines need no other rule for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from soleus.errors import unknown_name

__all__ = ["CompiledJump", "FloatArray", "IntArray", "Microstate", "Process", "ProcessArrays", "Switch"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Microstate(NamedTuple):
    """One stage of one phase of one cell type; ``outside`` is where sources come from.

    ``levels`` holds the level of each tag that the process was crossed with.
    """

    type: str
    phase: str
    stage: int
    cycling: bool
    levels: tuple[int, ...] = ()


class ProcessArrays(NamedTuple):
    """What a compiled kernel reads (all arrays are C-contiguous)."""

    exit_source: IntArray
    exit_rate: FloatArray
    exit_role: IntArray
    exit_shape: FloatArray
    exit_fates: IntArray
    fate_probability: FloatArray
    fate_role: IntArray
    fate_daughters: IntArray
    daughters: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class CompiledJump:
    """At ``day`` each cell moves, stays or leaves, independently.

    Attributes
    ----------
    first, target, share
        A cell in microstate i moves to ``target[k]`` with probability ``share[k]`` for k from ``first[i]``
        to before ``first[i + 1]``, targets ascending; what is left of 1 leaves.
    """

    name: str
    day: float
    first: IntArray
    target: IntArray
    share: FloatArray

    @staticmethod
    def of(name: str, day: float, moves: Sequence[Mapping[int, float]]) -> CompiledJump:
        """Return a jump from the moves of each microstate, ``{target: probability}``."""
        rows = [sorted((j, p) for j, p in row.items() if p != 0.0) for row in moves]
        flat = [pair for row in rows for pair in row]
        return CompiledJump(
            name,
            day,
            np.cumsum([0, *map(len, rows)]).astype(np.int64),
            np.array([j for j, _ in flat], dtype=np.int64),
            np.array([p for _, p in flat], dtype=np.float64),
        )

    def moves(self, state: int) -> dict[int, float]:
        """Return where cells of a microstate go, and with what probability."""
        here = slice(int(self.first[state]), int(self.first[state + 1]))
        return dict(zip(self.target[here].tolist(), self.share[here].tolist(), strict=True))

    @property
    def source(self) -> IntArray:
        """Microstate of each move, shape of ``target``."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first)).astype(np.int64)

    @property
    def matrix(self) -> FloatArray:
        """Probabilities from row to column, shape (n, n); large for a large process."""
        n = len(self.first) - 1
        full = np.zeros((n, n))
        full[self.source, self.target] = self.share
        return full

    def forward(self, cells: FloatArray) -> FloatArray:
        """Return mean cells after the jump, shape (n,)."""
        landed = np.zeros(len(self.first) - 1)
        np.add.at(landed, self.target, cells[self.source] * self.share)
        return landed

    def back(self, readouts: FloatArray) -> FloatArray:
        """Return what a cell before the jump is expected to be read as after it, shape (n, C)."""
        taken = np.zeros_like(readouts)
        np.add.at(taken, self.source, self.share[:, None] * readouts[self.target])
        return taken


@dataclass(frozen=True, eq=False, slots=True)
class Switch:
    """Multiplier of a role, and of roles below it, that belongs to the process: a label's availability.

    Parameters
    ----------
    edges, values
        Days, shape (K + 1,), increasing, and the multiplier between them, shape (K,), at least 0.
    before, after
        The multiplier before the first and after the last edge.
    """

    role: str
    edges: FloatArray
    values: FloatArray
    before: float
    after: float

    def at(self, days: FloatArray) -> FloatArray:
        """Return the multiplier just after each day, shape (...,)."""
        padded = np.concatenate([[self.before], self.values, [self.after]])
        return np.asarray(padded[np.searchsorted(self.edges, days, side="right")])


@dataclass(frozen=True, eq=False)
class Process:
    """A lineage as arrays.

    Attributes
    ----------
    microstates
        Length n; the last is the outside world if the lineage has sources.
    roles
        Length R, the rows that modifiers fill.
    transitions
        Names; ``exit_transition[e]`` indexes them.
    advance
        Length E, True where the exit only moves on to the next stage of an Erlang wait.
    has_outside
        Whether the last microstate is the immortal source of cells.
    tags
        Names of the tags that it was crossed with, in the order of ``Microstate.levels``.
    untagged
        For a crossed process, index of each microstate in the one that was crossed, shape (n,).
    switches
        Multipliers of roles that come with the tags; every engine applies them.
    """

    name: str
    microstates: tuple[Microstate, ...]
    roles: tuple[str, ...]
    transitions: tuple[str, ...]
    arrays: ProcessArrays
    exit_transition: IntArray
    advance: NDArray[np.bool_]
    jumps: tuple[CompiledJump, ...]
    has_outside: bool
    tags: tuple[str, ...] = ()
    untagged: IntArray | None = None
    switches: tuple[Switch, ...] = ()

    @property
    def n_states(self) -> int:
        """Number of microstates, the outside included."""
        return len(self.microstates)

    @property
    def gamma_transitions(self) -> tuple[str, ...]:
        """Names of the transitions with a gamma wait, which only the engine ``cells`` solves."""
        clocks = self.exit_transition[self.arrays.exit_shape > 0.0]
        return tuple(dict.fromkeys(self.transitions[t] for t in clocks))

    def weights(self, chosen: Callable[[Microstate], float]) -> FloatArray:
        """Return read-out weights, shape (n,), from a function of the microstate.

        The outside world is never counted.
        """
        values = np.array([float(chosen(m)) for m in self.microstates])
        if self.has_outside:
            values[-1] = 0.0
        return values

    def level(self, tag: str) -> IntArray:
        """Return the level of a tag by microstate, shape (n,)."""
        if tag not in self.tags:
            raise unknown_name(f"tag of process {self.name!r}", tag, self.tags)
        place = self.tags.index(tag)
        return np.array([m.levels[place] for m in self.microstates], dtype=np.int64)

    def count(self, *types: str) -> FloatArray:
        """Return weights that count the cells of the given types, shape (n,)."""
        known = {m.type for m in self.microstates}
        for name in types:
            if name not in known:
                raise unknown_name("cell type", name, known)
        return self.weights(lambda m: m.type in types)

    def entry(self, place: str) -> int:
        """Return the microstate where a cell enters a place (``type`` or ``type.phase``)."""
        type_name, _, phase = place.partition(".")
        for index, state in enumerate(self.microstates):
            if state.type == type_name and phase in ("", state.phase) and state.stage == 0:
                return index
        raise unknown_name("place", place, {f"{m.type}.{m.phase}" for m in self.microstates})
