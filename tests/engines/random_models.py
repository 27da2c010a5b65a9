"""Random processes with everything that the process allows, from one number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from soleus.engines import Start
from soleus.lineage import CellType, Fate, Jump, Lineage, Phase, Process, Source, Transition, compile_lineage
from soleus.movement import Modifiers

__all__ = ["Case", "random_case", "random_lineage"]


class Case(NamedTuple):
    process: Process
    modifiers: Modifiers
    start: Start
    weights: np.ndarray
    days: list[float]


def _fates(rng: np.random.Generator, names: list[str], label: str) -> tuple[Fate, ...]:
    number = int(rng.integers(1, 4))
    shares = rng.dirichlet(np.ones(number))
    shares[-1] = 1.0 - shares[:-1].sum()
    fates = []
    for f, share in enumerate(shares):
        daughters: dict[str, int] = {}
        for name in rng.choice(names, size=int(rng.integers(0, 4)), p=_forward(len(names))):
            daughters[str(name)] = daughters.get(str(name), 0) + 1
        role = f"fate.{label}.{f}" if rng.random() < 0.5 else None
        fates.append(Fate(f"f{f}", float(share), daughters, role=role))
    return tuple(fates)


def _forward(n: int) -> np.ndarray:
    return np.arange(1, n + 1) / np.arange(1, n + 1).sum()


def random_lineage(rng: np.random.Generator, *, faster: float = 1.0) -> Lineage:
    """Return 2 to 5 types with Erlang waits, competing exits, fates, a source and a jump."""
    names = [f"c{k}" for k in range(int(rng.integers(2, 6)))]
    types = tuple(CellType(k, k, (Phase("p"),)) for k in names)
    transitions: list[Transition] = []
    for name in names:
        mean, stages = float(rng.uniform(0.3, 3.0)), int(rng.integers(1, 5))
        fates = _fates(rng, names, name)
        transitions.append(
            Transition(
                f"{name} clock", f"division.{name}", name, fates, mean_days=mean / faster, stages=stages
            )
        )
        if rng.random() < 0.7:
            rate = float(10.0 ** rng.uniform(-2.0, 0.5))
            transitions.append(
                Transition(f"{name} dies", "death", name, (Fate("gone", 1.0),), rate_per_day=rate)
            )
        if rng.random() < 0.4:
            to = str(rng.choice(names))
            transitions.append(
                Transition(
                    f"{name} turns",
                    "return",
                    name,
                    (Fate("to", 1.0, {to: 1}),),
                    rate_per_day=float(rng.uniform(0, 1)),
                )
            )
    sources = ()
    if rng.random() < 0.6:
        sources = (Source("enter", "entry", str(rng.choice(names)), float(rng.uniform(0.5, 9.0))),)
    jump = Jump("pulse", 1.3, {names[0]: {names[1]: 0.35, None: 0.2}})
    return Lineage("random", types, tuple(transitions), sources, (jump,), founders=tuple(names))


def random_case(seed: int, *, faster: float = 1.0) -> Case:
    """Return a process with modifiers, a start, read-outs and days; ``faster`` scales its first clocks."""
    rng = np.random.default_rng(seed)
    process = compile_lineage(random_lineage(rng, faster=faster))
    edges = np.array([0.0, *np.sort(rng.uniform(0.2, 2.8, 3)), 3.0])
    roles = process.roles
    modifiers = Modifiers(edges, roles, rng.uniform(0.2, 2.0, (len(roles), 4)))
    names = sorted({m.type for m in process.microstates} - {"outside"})
    cells = {k: float(rng.integers(0, 40)) for k in names}
    cells[names[0]] += 1.0
    start = Start.given(process, cells, poisson=bool(rng.random() < 0.5))
    weights = rng.normal(size=(3, process.n_states))
    weights[0] = np.abs(weights[0])
    if process.has_outside:
        weights[:, -1] = 0.0
    return Case(process, modifiers, start, weights, [0.8, 1.3, 3.0])
