"""A slow, obvious twin of the exact engine for waits that are not memoryless, for tests only.

Each cell is followed by itself in plain Python. From cut to cut (modifier edges, jumps, sampling days)
its hazards and the speed of its gamma clock are constant: the earliest of the cut, a memoryless exit and
the end of its clock is what happens to it.
"""

from __future__ import annotations

import numpy as np
from gillespie_twin import role_multiplier

from soleus.engines import Start
from soleus.lineage import Process
from soleus.movement import Modifiers

__all__ = ["follow_each"]


class _Piece:
    """Exits of each microstate between two cuts: (hazard or speed, fates with their chances)."""

    def __init__(self, process: Process, modifiers: Modifiers, day: float) -> None:
        a = process.arrays
        multiplier = [role_multiplier(role, modifiers, day) for role in process.roles]
        self.exits: list[list[tuple[float, list[tuple[float, list[int]]]]]] = [
            [] for _ in process.microstates
        ]
        self.clock: list[tuple[float, list[tuple[float, list[int]]]] | None] = [None] * process.n_states
        for e, i in enumerate(a.exit_source.tolist()):
            fates = []
            for f in range(a.exit_fates[e], a.exit_fates[e + 1]):
                weight = a.fate_probability[f]
                if a.fate_role[f] >= 0:
                    weight *= multiplier[a.fate_role[f]]
                fates.append((weight, a.daughters[a.fate_daughters[f] : a.fate_daughters[f + 1]].tolist()))
            found = (a.exit_rate[e] * multiplier[a.exit_role[e]], fates)
            if a.exit_shape[e] > 0.0:
                self.clock[i] = found
            else:
                self.exits[i].append(found)


def _choose(options, rng: np.random.Generator):
    """Return the second of one (weight, thing), drawn by weight."""
    rest = rng.random() * sum(weight for weight, _ in options)
    for weight, thing in options:
        rest -= weight
        if rest < 0.0:
            return thing
    return options[-1][1]


def _lands(row: np.ndarray, rng: np.random.Generator) -> int | None:
    """Return where a jump puts a cell, or None if it leaves."""
    return _choose([*zip(row, range(len(row)), strict=True), (max(0.0, 1.0 - row.sum()), None)], rng)


def follow_each(
    process: Process, modifiers: Modifiers, start: Start, *, days: list[float], rng: np.random.Generator
) -> np.ndarray:
    """Return cells per day and microstate, shape (D, n), of one animal."""
    a, n = process.arrays, process.n_states
    shape = [0.0] * n
    for e in np.flatnonzero(a.exit_shape > 0.0):
        shape[a.exit_source[e]] = float(a.exit_shape[e])
    jumps = {j.day: j.matrix for j in process.jumps if j.day >= modifiers.edges[0]}
    cuts = sorted({*modifiers.edges.tolist(), *days, *jumps})
    pieces = [_Piece(process, modifiers, cut) for cut in cuts[:-1]]
    number = start.mean.copy()
    if start.poisson:
        inside = n - process.has_outside
        number[:inside] = rng.poisson(start.mean[:inside])
    counts = np.zeros((len(days), n), dtype=int)
    # A cell: microstate, day, its piece, whether it stands at the cut there, what is left of its clock.
    waiting = [(i, cuts[0], 0, True, None) for i in range(n) for _ in range(int(number[i]))]
    while waiting:
        i, now, k, at_cut, left = waiting.pop()
        if at_cut:
            if cuts[k] in days:
                counts[days.index(cuts[k]), i] += 1
            if cuts[k] in jumps:
                to = _lands(jumps[cuts[k]][i], rng)
                if to is None:
                    continue
                left = left if shape[to] == shape[i] else None
                i = to
            if k == len(cuts) - 1:
                continue
        if left is None and shape[i]:
            left = rng.gamma(shape[i])
        hazard = sum(rate for rate, _ in pieces[k].exits[i])
        leaves = now + rng.exponential(1.0 / hazard) if hazard > 0.0 else np.inf
        speed = pieces[k].clock[i][0] if shape[i] else 0.0
        ends = now + left / speed if speed > 0.0 else np.inf
        if min(leaves, ends) >= cuts[k + 1]:
            left = left - speed * (cuts[k + 1] - now) if shape[i] else None
            waiting.append((i, cuts[k + 1], k + 1, True, left))
            continue
        fates = pieces[k].clock[i][1] if ends < leaves else _choose(pieces[k].exits[i], rng)
        waiting += [(j, min(leaves, ends), k, False, None) for j in _choose(fates, rng)]
    return counts
