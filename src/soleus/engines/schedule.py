"""Cut time into the pieces on which every rate is constant, with what happens at their ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soleus.errors import InputError, ModelError
from soleus.lineage import CompiledJump, Process, Switch
from soleus.lineage.process import FloatArray, IntArray
from soleus.movement import Modifiers, role_hits

__all__ = ["Schedule", "build_schedule", "jump_rows", "refuse_dead_fates"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Time cut at modifier edges, jumps and sampling days.

    Attributes
    ----------
    times
        Cuts, shape (P + 1,).
    role_values
        Multipliers per piece, shape (P, R).
    jump_at
        For each cut the index of the jump that acts there, or -1, shape (P + 1,).
    jumps
        The J jumps, in order of their days.
    sample_at
        For each sampling day the index of its cut, shape (D,). A sample on the day of a jump is
        taken just before the jump.
    """

    times: FloatArray
    role_values: FloatArray
    jump_at: IntArray
    jumps: tuple[CompiledJump, ...]
    sample_at: IntArray


def build_schedule(process: Process, modifiers: Modifiers, days: Sequence[float]) -> Schedule:
    """Return the schedule of a process under modifiers, sampled on ``days`` (increasing).

    Raises
    ------
    InputError
        If a day lies outside the modifiers' edges or the days do not increase.
    """
    sampling = np.asarray(days, dtype=float)
    start, end = modifiers.edges[0], modifiers.edges[-1]
    increasing = sampling.ndim == 1 and len(sampling) > 0 and bool(np.all(np.diff(sampling) > 0.0))
    if not (increasing and np.all(np.isfinite(sampling))):
        raise InputError(f"sampling days must be a non-empty increasing list, got {list(days)}")
    if sampling[0] < start or sampling[-1] > end:
        raise InputError(
            f"sampling days must lie in [{start:g}, {end:g}], the span of the modifiers; got "
            f"{sampling[0]:g} to {sampling[-1]:g}"
        )
    for jump in process.jumps:
        if jump.day < start:
            raise InputError(
                f"jump {jump.name!r} on day {jump.day:g} lies before day {start:g}, where the process "
                "starts; it would be ignored"
            )
    jumps = [j for j in process.jumps if j.day < sampling[-1]]
    if len({j.day for j in jumps}) < len(jumps):
        raise InputError("two jumps on one day: their order is not defined; merge them into one")
    _refuse_early(process.switches, start)
    inner = np.concatenate([modifiers.edges, *(s.edges for s in process.switches)])
    inner = inner[inner < sampling[-1]]
    times = np.unique(np.concatenate([inner, sampling, [j.day for j in jumps]]))
    if len(times) == 1:
        times = np.array([start, start])
    piece = np.clip(np.searchsorted(modifiers.edges, times[:-1], side="right") - 1, 0, None)
    values = modifiers.on_roles(process.roles)[:, np.minimum(piece, modifiers.values.shape[1] - 1)]
    for switch in process.switches:
        values[list(role_hits(process.roles, (switch.role,))[0])] *= switch.at(times[:-1])
    refuse_dead_fates(process, values)
    jump_at = np.full(len(times), -1, dtype=np.int64)
    for index, jump in enumerate(jumps):
        jump_at[np.searchsorted(times, jump.day)] = index
    return Schedule(
        times=times,
        role_values=np.ascontiguousarray(values.T),
        jump_at=jump_at,
        jumps=tuple(jumps),
        sample_at=np.searchsorted(times, sampling).astype(np.int64),
    )


def _refuse_early(switches: Sequence[Switch], start: float) -> None:
    for switch in switches:
        if switch.edges[0] < start:
            raise InputError(
                f"{switch.role!r} begins on day {switch.edges[0]:g}, before day {start:g}, where the process "
                "starts; start the process earlier"
            )


def jump_rows(jumps: Sequence[CompiledJump], n: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Return all jumps as rows for a kernel: first move of each microstate, (J, n + 1), targets, shares."""
    before = np.cumsum([0, *(len(j.target) for j in jumps)])[:-1]
    first = [j.first + b for j, b in zip(jumps, before, strict=True)]
    none: tuple[list[IntArray], list[FloatArray]] = ([np.zeros(0, dtype=np.int64)], [np.zeros(0)])
    return (
        np.array(first, dtype=np.int64).reshape(len(jumps), n + 1),
        np.concatenate([j.target for j in jumps] or none[0]),
        np.concatenate([j.share for j in jumps] or none[1]),
    )


def refuse_dead_fates(process: Process, values: FloatArray) -> None:
    """Refuse multipliers, shape (R, pieces), that leave a transition without a possible fate."""
    if values.min(initial=1.0) > 0.0 and process.arrays.fate_probability.min(initial=1.0) > 0.0:
        return
    a = process.arrays
    weight = np.where(a.fate_role[:, None] < 0, 1.0, values[a.fate_role])
    total = np.add.reduceat(a.fate_probability[:, None] * weight, a.exit_fates[:-1], axis=0)
    dead = np.flatnonzero((total <= 0.0).any(axis=1))
    if len(dead):
        name = process.transitions[process.exit_transition[dead[0]]]
        raise ModelError(
            f"transition {name!r}: the weights of all its fates are 0 at some time; no fate can be drawn"
        )
