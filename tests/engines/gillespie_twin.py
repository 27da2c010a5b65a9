"""A slow, obvious twin of the exact engine: Gillespie's direct method in plain Python, for tests only.

Rates are constant between two cuts (modifier edges, jumps, sampling days). If the next event would
fall beyond the cut, time moves to the cut and the wait is drawn anew, which memorylessness allows.
"""

from __future__ import annotations

import numpy as np

from soleus.engines import Start
from soleus.lineage import Process
from soleus.movement import Modifiers

__all__ = ["gillespie", "role_multiplier"]


def role_multiplier(role: str, modifiers: Modifiers, day: float) -> float:
    """Return the product of all modifiers that name a role, just after ``day``."""
    k = max(i for i, edge in enumerate(modifiers.edges[:-1]) if edge <= day)
    product = 1.0
    for name, row in zip(modifiers.roles, modifiers.values, strict=True):
        if role == name or role.startswith(name + "."):
            product *= float(row[k])
    return product


def _reactions(process: Process, modifiers: Modifiers, day: float) -> list[tuple[int, float, list[int]]]:
    """Return (source, hazard per cell, daughters) of each exit and fate."""
    a, reactions = process.arrays, []
    for e, source in enumerate(a.exit_source):
        hazard = a.exit_rate[e] * role_multiplier(process.roles[a.exit_role[e]], modifiers, day)
        fates = range(a.exit_fates[e], a.exit_fates[e + 1])
        weights = [a.fate_probability[f] for f in fates]
        for k, f in enumerate(fates):
            if a.fate_role[f] >= 0:
                weights[k] *= role_multiplier(process.roles[a.fate_role[f]], modifiers, day)
        for f, weight in zip(fates, weights, strict=True):
            born = a.daughters[a.fate_daughters[f] : a.fate_daughters[f + 1]]
            reactions.append((int(source), float(hazard * weight / sum(weights)), [int(j) for j in born]))
    return reactions


def _run(cells: list[int], reactions, span: float, rng: np.random.Generator) -> None:
    """Let events happen for ``span`` days at constant rates."""
    t = 0.0
    while True:
        rates = [cells[source] * hazard for source, hazard, _ in reactions]
        total = sum(rates)
        if total == 0.0:
            return
        t += rng.exponential(1.0 / total)
        if t >= span:
            return
        rest = rng.random() * total
        for rate, (source, _, born) in zip(rates, reactions, strict=True):
            rest -= rate
            if rest < 0.0:
                cells[source] -= 1
                for j in born:
                    cells[j] += 1
                break


def _jump(cells: list[int], matrix: np.ndarray, rng: np.random.Generator) -> list[int]:
    after = np.zeros(len(cells), dtype=int)
    for i, number in enumerate(cells):
        leave = max(0.0, 1.0 - float(matrix[i].sum()))
        after += rng.multinomial(number, [*matrix[i], leave])[:-1]
    return after.tolist()


def gillespie(
    process: Process, modifiers: Modifiers, start: Start, *, days: list[float], rng: np.random.Generator
) -> np.ndarray:
    """Return cells per day and microstate, shape (D, n), of one animal."""
    cells = [int(m) for m in start.mean]
    if start.poisson:
        inside = len(cells) - process.has_outside
        cells[:inside] = rng.poisson(start.mean[:inside]).tolist()
    jumps = {j.day: j.matrix for j in process.jumps if j.day >= modifiers.edges[0]}
    cuts = sorted({*modifiers.edges, *days, *jumps})
    found = []
    for cut, following in zip(cuts, cuts[1:] + [cuts[-1]], strict=True):
        if cut in days:
            found.append(list(cells))
            if len(found) == len(days):
                break
        if cut in jumps:
            cells = _jump(cells, jumps[cut], rng)
        _run(cells, _reactions(process, modifiers, cut), following - cut, rng)
    return np.array(found)
