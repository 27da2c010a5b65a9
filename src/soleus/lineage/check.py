"""Refuse a lineage that cannot be right, naming the place and the mend."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Integral, Real

from soleus.errors import ModelError, unknown_name
from soleus.lineage.parts import Declared, Fate, Jump, Source, Transition

__all__ = ["check_lineage", "full_place"]

_SUM_TOLERANCE = 1e-9
_RESERVED = "outside"


def full_place(lineage: Declared, place: str, *, where: str) -> str:
    """Return ``type.phase`` for a place; a bare type means its first phase."""
    type_name, _, phase_name = place.partition(".")
    for cell_type in lineage.types:
        if cell_type.name != type_name:
            continue
        phases = [p.name for p in cell_type.phases]
        if not phase_name:
            return f"{type_name}.{phases[0]}"
        if phase_name in phases:
            return place
        raise ModelError(f"{where}: type {type_name!r} has no phase {phase_name!r}; it has {phases}")
    raise ModelError(f"{where}: {unknown_name('cell type', type_name, (t.name for t in lineage.types))}")


def check_lineage(lineage: Declared) -> None:
    """Raise :class:`ModelError` for the first fault found."""
    _check_types(lineage)
    _check_unique("transition", (t.name for t in lineage.transitions))
    _check_unique("source", (s.name for s in lineage.sources))
    _check_unique("jump", (j.name for j in lineage.jumps))
    for transition in lineage.transitions:
        _check_transition(lineage, transition)
    for source in lineage.sources:
        _check_source(lineage, source)
    for jump in lineage.jumps:
        _check_jump(lineage, jump)
    _check_clocks(lineage)
    _check_reachable(lineage)


def _check_types(lineage: Declared) -> None:
    if not lineage.types:
        raise ModelError(f"lineage {lineage.name!r} has no cell types; declare at least one")
    _check_unique("cell type", (t.name for t in lineage.types))
    for cell_type in lineage.types:
        if "." in cell_type.name or not cell_type.name:
            raise ModelError(f"cell type {cell_type.name!r}: a name is not empty and holds no dot")
        if cell_type.name == _RESERVED:
            raise ModelError(f"cell type {_RESERVED!r}: that is where sources come from; take another name")
        if not cell_type.phases:
            raise ModelError(f"cell type {cell_type.name!r} has no phase; give it one, e.g. G0")
        _check_unique(f"phase of {cell_type.name!r}", (p.name for p in cell_type.phases))
        for phase in cell_type.phases:
            if "." in phase.name or not phase.name:
                raise ModelError(
                    f"phase {phase.name!r} of {cell_type.name!r}: a name is not empty and holds no dot"
                )


def _check_unique(kind: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ModelError(f"{kind} {name!r} is declared twice; names are unique")
        seen.add(name)


def _check_transition(lineage: Declared, transition: Transition) -> None:
    where = f"transition {transition.name!r}"
    full_place(lineage, transition.source, where=f"{where}, source")
    if (transition.rate_per_day is None) == (transition.mean_days is None):
        raise ModelError(f"{where}: give exactly one of rate_per_day and mean_days")
    if transition.rate_per_day is not None:
        _check_number(transition.rate_per_day, f"{where}: rate_per_day", minimum=0.0)
        if transition.stages != 1:
            raise ModelError(f"{where}: a rate has one stage; give mean_days for an Erlang wait")
    else:
        _check_number(transition.mean_days or 0.0, f"{where}: mean_days", minimum=0.0, strict=True)
    if not _is_whole(transition.stages) or transition.stages < 1:
        raise ModelError(f"{where}: stages must be a whole number of at least 1, got {transition.stages}")
    if transition.shape is not None:
        _check_number(transition.shape, f"{where}: shape", minimum=0.0, strict=True)
        if transition.mean_days is None or transition.stages != 1:
            raise ModelError(f"{where}: a gamma wait has mean_days and shape, no rate_per_day and no stages")
    if not transition.role:
        raise ModelError(f"{where}: a transition has a role, e.g. 'division.stem' or 'death.neuroblast'")
    _check_fates(lineage, transition.fates, where)


def _check_fates(lineage: Declared, fates: tuple[Fate, ...], where: str) -> None:
    if not fates:
        raise ModelError(f"{where}: has no fate; death is one fate without daughters")
    _check_unique(f"{where}, fate", (f.name for f in fates))
    for fate in fates:
        _check_number(fate.probability, f"{where}, fate {fate.name!r}: probability", minimum=0.0)
        for place, number in fate.daughters.items():
            full_place(lineage, place, where=f"{where}, fate {fate.name!r}")
            if not _is_whole(number) or number < 1:
                raise ModelError(
                    f"{where}, fate {fate.name!r}: number of {place!r} daughters must be a whole "
                    f"number of at least 1, got {number}"
                )
    total = math.fsum(f.probability for f in fates)
    if abs(total - 1.0) > _SUM_TOLERANCE:
        raise ModelError(f"{where}: probabilities of its fates must add to 1, they add to {total:.9g}")


def _check_source(lineage: Declared, source: Source) -> None:
    where = f"source {source.name!r}"
    full_place(lineage, source.target, where=f"{where}, target")
    _check_number(source.rate_per_day, f"{where}: rate_per_day", minimum=0.0)
    if not source.role:
        raise ModelError(f"{where}: a source has a role")


def _check_jump(lineage: Declared, jump: Jump) -> None:
    where = f"jump {jump.name!r}"
    _check_number(jump.day, f"{where}: day", minimum=-math.inf)
    seen: set[str] = set()
    for place, targets in jump.moves.items():
        full = full_place(lineage, place, where=where)
        if full in seen:
            raise ModelError(f"{where}: place {full!r} is listed twice")
        seen.add(full)
        for target, probability in targets.items():
            if target is not None:
                full_place(lineage, target, where=where)
            _check_number(probability, f"{where}: probability from {place!r}", minimum=0.0)
        total = math.fsum(targets.values())
        if total > 1.0 + _SUM_TOLERANCE:
            raise ModelError(f"{where}: probabilities from {place!r} add to {total:.9g}, more than 1")


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _check_number(value: object, what: str, *, minimum: float, strict: bool = False) -> None:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ModelError(f"{what} must be a number, got {value!r}")
    number = float(value)
    if not math.isfinite(number) or number < minimum or (strict and number == minimum):
        bound = "above" if strict else "at least"
        raise ModelError(f"{what} must be finite and {bound} {minimum:g}, got {value!r}")


def _check_clocks(lineage: Declared) -> None:
    clocks: dict[str, str] = {}
    for transition in lineage.transitions:
        if transition.stages == 1 and transition.shape is None:
            continue
        place = full_place(lineage, transition.source, where=transition.name)
        if place in clocks:
            raise ModelError(
                f"place {place!r} has two clocks, {clocks[place]!r} and {transition.name!r}; "
                "one clock per phase: give one of them a rate"
            )
        clocks[place] = transition.name


def _check_reachable(lineage: Declared) -> None:
    founders = lineage.founders or (lineage.types[0].name,)
    reached = {full_place(lineage, place, where="founders") for place in founders}
    reached |= {full_place(lineage, s.target, where=s.name) for s in lineage.sources}
    steps: dict[str, set[str]] = {}
    for transition in lineage.transitions:
        place = full_place(lineage, transition.source, where=transition.name)
        for fate in transition.fates:
            ends = {full_place(lineage, d, where=transition.name) for d in fate.daughters}
            steps.setdefault(place, set()).update(ends)
    for jump in lineage.jumps:
        for place, targets in jump.moves.items():
            ends = {full_place(lineage, t, where=jump.name) for t in targets if t is not None}
            steps.setdefault(full_place(lineage, place, where=jump.name), set()).update(ends)
    queue = list(reached)
    while queue:
        for place in steps.get(queue.pop(), set()) - reached:
            reached.add(place)
            queue.append(place)
    lost = [p for p in lineage.places() if p not in reached]
    if lost:
        raise ModelError(
            f"nobody can reach {lost[0]!r} from the founders {list(founders)} or a source; "
            "add a fate that leads there, name it in founders, or remove it"
        )
