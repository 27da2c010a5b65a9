"""Compile a declarative lineage to the arrays of :class:`~soleus.lineage.process.Process`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from soleus.lineage.check import full_place
from soleus.lineage.model import Lineage
from soleus.lineage.parts import Jump, Transition
from soleus.lineage.process import (
    CompiledJump,
    Microstate,
    Process,
    ProcessArrays,
)

__all__ = ["compile_lineage"]

_OUTSIDE = "outside"


class _Exit(NamedTuple):
    source: int
    rate: float
    role: int
    transition: int
    advance: bool
    shape: float


@dataclass
class _Builder:
    """Rows of the arrays while they are being written."""

    roles: tuple[str, ...]
    transitions: list[str] = field(default_factory=list)
    exits: list[_Exit] = field(default_factory=list)
    exit_fates: list[int] = field(default_factory=lambda: [0])
    fates: list[tuple[float, int]] = field(default_factory=list)
    fate_daughters: list[int] = field(default_factory=lambda: [0])
    daughters: list[int] = field(default_factory=list)

    def role(self, name: str | None) -> int:
        return -1 if name is None else self.roles.index(name)

    def add_exit(
        self,
        source: int,
        rate: float,
        *,
        role: str,
        transition: int,
        advance: bool = False,
        shape: float = 0.0,
    ) -> None:
        self.exits.append(_Exit(source, rate, self.role(role), transition, advance, shape))

    def add_fate(self, probability: float, role: str | None, daughters: list[int]) -> None:
        self.fates.append((probability, self.role(role)))
        self.daughters.extend(daughters)
        self.fate_daughters.append(len(self.daughters))

    def close_exit(self) -> None:
        self.exit_fates.append(len(self.fates))


def compile_lineage(lineage: Lineage, *, whole_waits: bool = False) -> Process:
    """Return the process of a lineage.

    An Erlang wait of mean tau and k stages becomes k microstates, each left at rate k / tau;
    every other exit of the place is repeated in each stage.

    Parameters
    ----------
    whole_waits
        Keep each Erlang wait as one microstate with a gamma clock of that whole shape. It is the
        same process counted by phase instead of by stage, faster to simulate, for ``cells`` only.
    """
    if whole_waits:
        lineage = replace(lineage, transitions=tuple(map(_as_gamma, lineage.transitions)))
    stages = _stages(lineage)
    microstates, first = _microstates(lineage, stages)
    builder = _Builder(lineage.roles)
    for transition in lineage.transitions:
        _add_transition(builder, lineage, transition, stages, first)
    if lineage.sources:
        _add_sources(builder, lineage, len(microstates), first)
        microstates.append(Microstate(_OUTSIDE, _OUTSIDE, 0, False))
    jumps = tuple(_compile_jump(j, lineage, stages, first, len(microstates)) for j in lineage.jumps)
    return _finish(builder, lineage, microstates, jumps)


def _as_gamma(transition: Transition) -> Transition:
    if transition.stages == 1:
        return transition
    return replace(transition, stages=1, shape=float(transition.stages))


def _stages(lineage: Lineage) -> dict[str, int]:
    stages = dict.fromkeys(lineage.places(), 1)
    for transition in lineage.transitions:
        place = full_place(lineage, transition.source, where=transition.name)
        stages[place] = max(stages[place], transition.stages)
    return stages


def _microstates(lineage: Lineage, stages: dict[str, int]) -> tuple[list[Microstate], dict[str, int]]:
    states: list[Microstate] = []
    first: dict[str, int] = {}
    for cell_type in lineage.types:
        for phase in cell_type.phases:
            place = f"{cell_type.name}.{phase.name}"
            first[place] = len(states)
            states += [Microstate(cell_type.name, phase.name, k, phase.cycling) for k in range(stages[place])]
    return states, first


def _add_transition(
    builder: _Builder, lineage: Lineage, transition: Transition, stages: dict[str, int], first: dict[str, int]
) -> None:
    place = full_place(lineage, transition.source, where=transition.name)
    index = len(builder.transitions)
    builder.transitions.append(transition.name)
    shape = 0.0
    if transition.shape is not None and transition.shape != 1.0 and transition.mean_days is not None:
        shape = float(transition.shape)
        rate = shape / transition.mean_days
    elif transition.mean_days is not None:
        rate = transition.stages / transition.mean_days
    else:
        rate = transition.rate_per_day or 0.0
    is_clock = transition.stages > 1
    for stage in range(stages[place]):
        source = first[place] + stage
        advance = is_clock and stage < transition.stages - 1
        builder.add_exit(source, rate, role=transition.role, transition=index, advance=advance, shape=shape)
        if advance:
            builder.add_fate(1.0, None, [source + 1])
        else:
            for fate in transition.fates:
                ends = [
                    first[full_place(lineage, d, where=transition.name)]
                    for d, number in fate.daughters.items()
                    for _ in range(number)
                ]
                builder.add_fate(fate.probability, fate.role, ends)
        builder.close_exit()


def _add_sources(builder: _Builder, lineage: Lineage, outside: int, first: dict[str, int]) -> None:
    for source in lineage.sources:
        index = len(builder.transitions)
        builder.transitions.append(source.name)
        builder.add_exit(outside, source.rate_per_day, role=source.role, transition=index)
        builder.add_fate(1.0, None, [outside, first[full_place(lineage, source.target, where=source.name)]])
        builder.close_exit()


def _compile_jump(
    jump: Jump, lineage: Lineage, stages: dict[str, int], first: dict[str, int], n: int
) -> CompiledJump:
    rows: list[dict[int, float]] = [{i: 1.0} for i in range(n)]
    for place, targets in jump.moves.items():
        origin = full_place(lineage, place, where=jump.name)
        for stage in range(stages[origin]):
            row = first[origin] + stage
            rows[row][row] -= sum(targets.values())
            for target, probability in targets.items():
                if target is None:
                    continue
                end = full_place(lineage, target, where=jump.name)
                keeps_stage = stages[end] == stages[origin]
                lands = first[end] + (stage if keeps_stage else 0)
                rows[row][lands] = rows[row].get(lands, 0.0) + probability
    # What rounding left of a place that empties completely must not become a negative probability.
    clipped = [{j: min(max(p, 0.0), 1.0) for j, p in row.items()} for row in rows]
    return CompiledJump.of(jump.name, jump.day, clipped)


def _finish(
    builder: _Builder, lineage: Lineage, microstates: list[Microstate], jumps: tuple[CompiledJump, ...]
) -> Process:
    exits = builder.exits
    # Engines find a microstate's exits as one run, a gamma clock at its head.
    order = sorted(range(len(exits)), key=lambda e: (exits[e].source, exits[e].shape == 0.0))
    fates = [f for e in order for f in range(builder.exit_fates[e], builder.exit_fates[e + 1])]
    spans = [builder.daughters[builder.fate_daughters[f] : builder.fate_daughters[f + 1]] for f in fates]
    exits = [exits[e] for e in order]
    number = [builder.exit_fates[e + 1] - builder.exit_fates[e] for e in order]
    arrays = ProcessArrays(
        exit_source=np.array([e.source for e in exits], dtype=np.int64),
        exit_rate=np.array([e.rate for e in exits], dtype=np.float64),
        exit_role=np.array([e.role for e in exits], dtype=np.int64),
        exit_shape=np.array([e.shape for e in exits], dtype=np.float64),
        exit_fates=np.cumsum([0, *number]).astype(np.int64),
        fate_probability=np.array([builder.fates[f][0] for f in fates], dtype=np.float64),
        fate_role=np.array([builder.fates[f][1] for f in fates], dtype=np.int64),
        fate_daughters=np.cumsum([0, *(len(d) for d in spans)]).astype(np.int64),
        daughters=np.array([j for d in spans for j in d], dtype=np.int64),
    )
    return Process(
        name=lineage.name,
        microstates=tuple(microstates),
        roles=builder.roles,
        transitions=tuple(builder.transitions),
        arrays=arrays,
        exit_transition=np.array([e.transition for e in exits], dtype=np.int64),
        advance=np.array([e.advance for e in exits], dtype=np.bool_),
        jumps=jumps,
        has_outside=bool(lineage.sources),
    )
