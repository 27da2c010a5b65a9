"""Cross a process with tags: every microstate once for each level that its cells can have.

Tags change nothing in what cells do (but for a label's declared toxicity): summed over levels, the
crossed process is the one that was crossed. Levels that no cell can reach are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from soleus.errors import ModelError, UnsupportedError, unknown_name
from soleus.lineage.process import (
    CompiledJump,
    FloatArray,
    Microstate,
    Process,
    ProcessArrays,
    Switch,
)
from soleus.lineage.rules import Rules, rules_of
from soleus.lineage.tags import Label, Tag

__all__ = ["cross", "embed"]

_State = tuple[int, int]


def cross(process: Process, tags: Sequence[Tag]) -> Process:
    """Return the process crossed with tags, in order.

    Parameters
    ----------
    tags
        Names must differ; a process may be crossed again with other tags.

    Raises
    ------
    ModelError
        If a tag is there already.
    UnsupportedError
        If a label is taken up at a rate, or a marker fades, in a microstate with a gamma wait; if a
        jump brings cells into S phase while a label is there.
    """
    for tag in tags:
        process = _cross_one(process, tag)
    return process


def embed(crossed: Process, mean: FloatArray) -> FloatArray:
    """Return cells of the untagged process as cells without any tag, shape (n,)."""
    if crossed.untagged is None:
        return mean
    bare = np.array([not any(m.levels) for m in crossed.microstates])
    return np.where(bare, np.asarray(mean, dtype=float)[crossed.untagged], 0.0)


@dataclass
class _Rows:
    """Rows of the crossed arrays while they are being written."""

    roles: list[str]
    transitions: list[str]
    exit_source: list[int] = field(default_factory=list)
    exit_rate: list[float] = field(default_factory=list)
    exit_role: list[int] = field(default_factory=list)
    exit_shape: list[float] = field(default_factory=list)
    exit_transition: list[int] = field(default_factory=list)
    advance: list[bool] = field(default_factory=list)
    exit_fates: list[int] = field(default_factory=lambda: [0])
    fate_probability: list[float] = field(default_factory=list)
    fate_role: list[int] = field(default_factory=list)
    fate_daughters: list[int] = field(default_factory=lambda: [0])
    daughters: list[int] = field(default_factory=list)

    def role(self, name: str) -> int:
        if name not in self.roles:
            self.roles.append(name)
        return self.roles.index(name)

    def transition(self, name: str) -> int:
        if name not in self.transitions:
            self.transitions.append(name)
        return self.transitions.index(name)

    def add_fate(self, probability: float, role: int, daughters: Sequence[int]) -> None:
        self.fate_probability.append(probability)
        self.fate_role.append(role)
        self.daughters.extend(daughters)
        self.fate_daughters.append(len(self.daughters))

    def add_exit(self, source: int, rate: float, *, role: int, transition: int) -> None:
        self.exit_source.append(source)
        self.exit_rate.append(rate)
        self.exit_role.append(role)
        self.exit_transition.append(transition)
        self.exit_shape.append(0.0)
        self.advance.append(False)

    def arrays(self) -> ProcessArrays:
        whole, real = np.int64, np.float64
        return ProcessArrays(
            exit_source=np.array(self.exit_source, dtype=whole),
            exit_rate=np.array(self.exit_rate, dtype=real),
            exit_role=np.array(self.exit_role, dtype=whole),
            exit_shape=np.array(self.exit_shape, dtype=real),
            exit_fates=np.array(self.exit_fates, dtype=whole),
            fate_probability=np.array(self.fate_probability, dtype=real),
            fate_role=np.array(self.fate_role, dtype=whole),
            fate_daughters=np.array(self.fate_daughters, dtype=whole),
            daughters=np.array(self.daughters, dtype=whole),
        )


def _cross_one(process: Process, tag: Tag) -> Process:
    if tag.name in process.tags:
        raise ModelError(f"process {process.name!r} is crossed with {tag.name!r} already; name each tag once")
    _check_toxicity(process, tag)
    rules = rules_of(process, tag)
    _check_jumps(process, tag, rules)
    states = _reachable(process, rules)
    index = {state: k for k, state in enumerate(states)}
    rows = _Rows(list(process.roles), list(process.transitions))
    for place, state in enumerate(states):
        for e in _exits_of(process, state[0]):
            _copy_exit(rows, process, rules, index=index, place=place, exit_=e, level=state[1])
        _own_exit(rows, rules, index=index, place=place, state=state)
    untagged = np.arange(process.n_states) if process.untagged is None else process.untagged
    return Process(
        name=process.name,
        microstates=tuple(_tagged(process.microstates[i], g) for i, g in states),
        roles=tuple(rows.roles),
        transitions=tuple(rows.transitions),
        arrays=rows.arrays(),
        exit_transition=np.array(rows.exit_transition, dtype=np.int64),
        advance=np.array(rows.advance, dtype=np.bool_),
        jumps=_jumps(process, tag, rules, index),
        has_outside=process.has_outside,
        tags=(*process.tags, tag.name),
        untagged=np.array([untagged[i] for i, _ in states], dtype=np.int64),
        switches=(*process.switches, *_switches(rows, process, tag)),
    )


def _tagged(state: Microstate, level: int) -> Microstate:
    return state._replace(levels=(*state.levels, level))


def _check_toxicity(process: Process, tag: Tag) -> None:
    for name in tag.toxicity if isinstance(tag, Label) else ():
        if name not in process.transitions:
            raise unknown_name(f"transition (toxicity of {tag.name!r})", name, process.transitions)
        here = process.exit_transition == process.transitions.index(name)
        if np.any(process.advance[here]) or np.any(process.arrays.exit_shape[here] > 0.0):
            raise UnsupportedError(
                f"toxicity of {tag.name!r} cannot act on {name!r}: it is a wait in stages, not a hazard; "
                "name a transition with a rate"
            )


def _check_jumps(process: Process, tag: Tag, rules: Rules) -> None:
    if not (isinstance(tag, Label) and rules.on_landing):
        return
    for jump in process.jumps:
        enters = bool(np.any(~rules.window[jump.source] & rules.window[jump.target]))
        if enters and any(start < jump.day < end for start, end in tag.pulses):
            raise UnsupportedError(
                f"jump {jump.name!r} brings cells into S phase while {tag.name!r} is there; end the pulse "
                "before it, or give uptake_per_day"
            )


def _exits_of(process: Process, state: int) -> range:
    first, last = np.searchsorted(process.arrays.exit_source, [state, state + 1])
    return range(int(first), int(last))


def _fates_of(process: Process, exit_: int) -> Iterator[tuple[int, list[int]]]:
    a = process.arrays
    for f in range(int(a.exit_fates[exit_]), int(a.exit_fates[exit_ + 1])):
        yield f, a.daughters[a.fate_daughters[f] : a.fate_daughters[f + 1]].tolist()


def _landings(
    process: Process, rules: Rules, state: _State, daughters: Sequence[int]
) -> tuple[list[_State], list[_State]]:
    """Return where daughters land if no label is about, and if it is."""
    i, g = state
    arrives = process.has_outside and i == process.n_states - 1
    divides = len(daughters) >= 2 and not arrives
    missed, taken = [], []
    for j in daughters:
        if process.has_outside and j == process.n_states - 1:
            kept, fresh = 0, False
        else:
            kept = rules.kept(g, source=i, daughter=j, divides=divides)
            fresh = rules.taken_on_landing(i, daughter=j, divides=divides or arrives)
        missed.append((j, kept))
        taken.append((j, 1 if fresh else kept))
    return missed, taken


def _reachable(process: Process, rules: Rules) -> list[_State]:
    """Return all microstates and levels that cells without the tag can come to, in order."""
    todo = [(i, 0) for i in range(process.n_states)]
    seen = set(todo)

    def visit(states: Sequence[_State]) -> None:
        for state in states:
            if state not in seen:
                seen.add(state)
                todo.append(state)

    while todo:
        i, g = state = todo.pop()
        for e in _exits_of(process, i):
            for _, daughters in _fates_of(process, e):
                missed, taken = _landings(process, rules, state, daughters)
                visit(missed)
                visit(taken)
        moved = rules.moves_to(i, g)
        if moved is not None:
            visit([(i, moved)])
        if rules.pulsed[i]:
            visit([(i, 1)])
        for jump in process.jumps:
            visit([(j, rules.kept(g, source=i, daughter=j, divides=False)) for j in jump.moves(i)])
    return sorted(seen)


def _copy_exit(
    rows: _Rows,
    process: Process,
    rules: Rules,
    *,
    index: dict[_State, int],
    place: int,
    exit_: int,
    level: int,
) -> None:
    """Write an exit of the process for one level of its source."""
    a, t = process.arrays, int(process.exit_transition[exit_])
    source = int(a.exit_source[exit_])
    extra = rules.toxicity.get(process.transitions[t], 0.0) if level > 0 else 0.0
    rate, role = float(a.exit_rate[exit_]) + extra, int(a.exit_role[exit_])
    rows.add_exit(place, rate, role=role, transition=t)
    rows.exit_shape[-1], rows.advance[-1] = float(a.exit_shape[exit_]), bool(process.advance[exit_])
    for f, daughters in _fates_of(process, exit_):
        missed, taken = _landings(process, rules, (source, level), daughters)
        p, role = float(a.fate_probability[f]), int(a.fate_role[f])
        if missed == taken:
            rows.add_fate(p, role, [index[s] for s in missed])
            continue
        # The same fate twice, weighted by whether label is about; their weights add to the old one.
        base = "landing" if role < 0 else process.roles[role]
        for how, states in (("taken", taken), ("missed", missed)):
            rows.add_fate(p, rows.role(f"{base}.{rules.name}.{how}"), [index[s] for s in states])
    rows.exit_fates.append(len(rows.fate_probability))


def _own_exit(rows: _Rows, rules: Rules, *, index: dict[_State, int], place: int, state: _State) -> None:
    """Write the tag's own exit, if it has one here: uptake at a rate, or fading."""
    moved = rules.moves_to(*state)
    if moved is None:
        return
    role, name = rows.role(rules.move_role), rows.transition(rules.move_role.replace(".", " "))
    rows.add_exit(place, rules.move_rate, role=role, transition=name)
    rows.add_fate(1.0, -1, [index[state[0], moved]])
    rows.exit_fates.append(len(rows.fate_probability))


def _switches(rows: _Rows, process: Process, tag: Tag) -> list[Switch]:
    if not isinstance(tag, Label):
        return []
    new = rows.roles[len(process.roles) :]
    return [tag.availability(role, missed=role.endswith(".missed")) for role in new]


def _jumps(process: Process, tag: Tag, rules: Rules, index: dict[_State, int]) -> tuple[CompiledJump, ...]:
    """Return the jumps of the process with levels, and those of the label's pulses, by day."""
    by_day: dict[float, CompiledJump] = {}
    for jump in process.jumps:
        rows = [
            {
                index[j, rules.kept(g, source=i, daughter=j, divides=False)]: p
                for j, p in jump.moves(i).items()
            }
            for i, g in index
        ]
        by_day[jump.day] = CompiledJump.of(jump.name, jump.day, rows)
    if isinstance(tag, Label) and rules.pulsed.any():
        filled = [index[i, 1 if rules.pulsed[i] else g] for i, g in index]
        for day in dict.fromkeys(start for start, _ in tag.pulses):
            by_day[day] = _pulsed(tag.name, day, filled, by_day.get(day))
    return tuple(by_day[day] for day in sorted(by_day))


def _pulsed(name: str, day: float, filled: list[int], before: CompiledJump | None) -> CompiledJump:
    """Return a pulse, after a jump of that day: cells that it moves are labelled where they land."""
    if before is None:
        return CompiledJump.of(name, day, [{place: 1.0} for place in filled])
    rows: list[dict[int, float]] = []
    for state in range(len(filled)):
        row: dict[int, float] = {}
        for j, p in before.moves(state).items():
            row[filled[j]] = row.get(filled[j], 0.0) + p
        rows.append(row)
    return CompiledJump.of(f"{before.name}, {name}", day, rows)
