"""Split a process into a sub-lineage that is followed cell by cell and what lies upstream of it.

The sub-lineage holds given microstates and everything that their cells can become, so nothing leaves
it. Upstream, each event that sends cells into it leaves a token besides; tokens are counted like cells,
so that the input has exact moments together with every other read-out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soleus.lineage import Microstate, Process
from soleus.lineage.process import CompiledJump, IntArray, ProcessArrays

__all__ = ["Split", "split_process"]


@dataclass(frozen=True, slots=True)
class Split:
    """Two processes in place of one.

    Attributes
    ----------
    upstream
        Everything else, followed by one token for each kind of input; None if nothing is upstream.
    above, below
        Microstates of the whole process that ``upstream`` (before its tokens) and ``downstream`` hold.
    tokens
        Microstates of the tokens in ``upstream``.
    entering
        For each token, the microstates of ``downstream`` that one event puts a cell into.
    """

    upstream: Process | None
    downstream: Process
    above: IntArray
    below: IntArray
    tokens: IntArray
    entering: tuple[tuple[int, ...], ...]


def split_process(process: Process, chosen: IntArray) -> Split | None:
    """Return the process split at the sub-lineage of the chosen microstates, or None.

    None if a jump leads into the sub-lineage or out of it: such cells are no single events.
    """
    inside = _descendants(process, chosen)
    if process.gamma_transitions or any(_crosses(jump, inside) for jump in process.jumps):
        return None
    below = np.flatnonzero(inside)
    above = np.flatnonzero(~inside)
    downstream = _restricted(process, below, tokens=())
    new = {int(i): k for k, i in enumerate(below)}
    kinds = _kinds(process, inside)
    entering = tuple(tuple(new[i] for i in kind) for kind in kinds)
    upstream = _restricted(process, above, tokens=kinds) if len(above) else None
    first = len(above) - int(process.has_outside and len(above) > 0)
    return Split(upstream, downstream, above, below, first + np.arange(len(kinds)), entering)


def _daughters(process: Process, fate: int) -> IntArray:
    a = process.arrays
    return a.daughters[a.fate_daughters[fate] : a.fate_daughters[fate + 1]]


def _source_of_fate(process: Process) -> IntArray:
    return np.repeat(process.arrays.exit_source, np.diff(process.arrays.exit_fates))


def _descendants(process: Process, chosen: IntArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    source = _source_of_fate(process)
    inside = np.zeros(process.n_states, dtype=np.bool_)
    waiting = [int(i) for i in chosen]
    while waiting:
        i = waiting.pop()
        if not inside[i]:
            inside[i] = True
            waiting += [int(j) for f in np.flatnonzero(source == i) for j in _daughters(process, int(f))]
            waiting += [int(j) for jump in process.jumps for j in jump.moves(i)]
    return inside


def _crosses(jump: CompiledJump, inside: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> bool:
    return bool(np.any(~inside[jump.source] & inside[jump.target]))


def _kinds(
    process: Process, inside: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> tuple[tuple[int, ...], ...]:
    """Return the different sets of daughters that events upstream put into the sub-lineage."""
    found: dict[tuple[int, ...], None] = {}
    for fate, source in enumerate(_source_of_fate(process)):
        entered = tuple(int(j) for j in _daughters(process, fate) if inside[j])
        if entered and not inside[source]:
            found[entered] = None
    return tuple(found)


def _restricted(process: Process, kept: IntArray, *, tokens: tuple[tuple[int, ...], ...]) -> Process:
    """Return the process of the kept microstates, with a token for each kind of daughters that leave them.

    The outside stays the last microstate.
    """
    a, has_outside = process.arrays, bool(process.has_outside and process.n_states - 1 in kept)
    states = [process.microstates[i] for i in kept]
    new = {int(i): k for k, i in enumerate(kept)}
    at = len(states) - int(has_outside)
    token = {kind: at + k for k, kind in enumerate(tokens)}
    states[at:at] = [Microstate(f"token {k + 1}", "token", 0, False) for k in range(len(tokens))]
    if has_outside:
        new[process.n_states - 1] = len(states) - 1
    exits = np.flatnonzero(np.isin(a.exit_source, kept))
    fates = [f for e in exits for f in range(a.exit_fates[e], a.exit_fates[e + 1])]
    born = []
    for fate in fates:
        daughters = [int(j) for j in _daughters(process, fate)]
        gone = tuple(j for j in daughters if j not in new)
        born.append([new[j] for j in daughters if j in new] + ([token[gone]] if gone else []))
    arrays = ProcessArrays(
        exit_source=np.array([new[int(i)] for i in a.exit_source[exits]], dtype=np.int64),
        exit_rate=a.exit_rate[exits],
        exit_role=a.exit_role[exits],
        exit_shape=a.exit_shape[exits],
        exit_fates=np.cumsum([0, *(a.exit_fates[exits + 1] - a.exit_fates[exits])]).astype(np.int64),
        fate_probability=a.fate_probability[fates],
        fate_role=a.fate_role[fates],
        fate_daughters=np.cumsum([0, *map(len, born)]).astype(np.int64),
        daughters=np.array([j for own in born for j in own], dtype=np.int64),
    )
    jumps = tuple(_padded(j, kept, new, len(states)) for j in process.jumps)
    return Process(
        name=process.name,
        microstates=tuple(states),
        roles=process.roles,
        transitions=process.transitions,
        arrays=arrays,
        exit_transition=process.exit_transition[exits],
        advance=process.advance[exits],
        jumps=jumps,
        has_outside=has_outside,
        switches=process.switches,
    )


def _padded(jump: CompiledJump, kept: IntArray, new: dict[int, int], size: int) -> CompiledJump:
    """Return the jump among the kept microstates; tokens stay where they are."""
    rows: list[dict[int, float]] = [{i: 1.0} for i in range(size)]
    for i in kept:
        rows[new[int(i)]] = {new[j]: p for j, p in jump.moves(int(i)).items() if j in new}
    return CompiledJump.of(jump.name, jump.day, rows)
