"""What our engines are given: the models of the comparison, bound to processes, modifiers and starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from benchmarks.models import Law, Network, Reaction, cycles_lineage, lineage_of
from soleus.engines import Start, mean_cells
from soleus.lineage import Process, compile_lineage
from soleus.movement import LogTerm, ModifierGrid, Modifiers

__all__ = [
    "INTERVALS",
    "Case",
    "bench_case",
    "expected_events",
    "law_modifiers",
    "network_of",
    "real_case",
    "resting_case",
]

# Intervals of the grid of a smooth law, each of two values (order 4). The errors that they leave in mean
# and covariance, below 1e-5, are measured and reported with the times.
INTERVALS = 17
_POINTS_A_DAY = 20
_Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """What an engine is given: a process, its modifiers, its start and the read-outs."""

    process: Process
    modifiers: Modifiers
    start: Start
    weights: _Floats


def network_of(plain: dict[str, Any]) -> Network:
    """Return a network from its plain data."""
    law = None if plain["law"] is None else Law(**plain["law"])
    reactions = tuple(Reaction(**{**r, "products": tuple(r["products"])}) for r in plain["reactions"])
    return Network(plain["name"], plain["start"], reactions, law)


def law_modifiers(law: Law | None, days: Sequence[float], *, intervals: int = INTERVALS) -> Modifiers:
    """Return a law on a grid whose intervals each leave about the same error.

    The error of an interval of length h goes with ``h^5 |m'|``, so the density of the edges goes with
    the fifth root of ``|m'|``.
    """
    first, last = days[0], days[-1]
    if law is None:
        return Modifiers.none(first, last)
    if law.kind == "step":
        return Modifiers(np.array([first, law.c, last]), ("timed",), np.array([[law.a, law.b]]))

    def value(t: _Floats) -> _Floats:
        return law.a + (law.b * np.exp(-t / law.c) if law.kind == "relax" else (t / law.b) ** law.c)

    t = np.linspace(first, last, 20_001)
    density = np.abs(np.gradient(value(t), t)) ** 0.2 + 1e-3
    below = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(t))])
    edges = np.interp(np.linspace(0.0, below[-1], intervals + 1), below, t)
    terms = [LogTerm("law", "timed", lambda days: np.log(value(days)))]
    # The cumulated hazard is all that matters to a law of one step; its interval means have it exactly.
    order = 4 if law.kind == "relax" else 2
    return ModifierGrid.build(terms, edges, order=order).modifiers({})


def bench_case(network: Network, method: str, days: Sequence[float], *, intervals: int = INTERVALS) -> Case:
    """Return the case of a network.

    Parameters
    ----------
    method
        ``exact`` as it is; ``erlang:K`` or ``gamma:K`` with cycles of shape K.
    """
    kind, _, shape = method.partition(":")
    if kind == "exact":
        lineage = lineage_of(network)
    elif kind == "erlang":
        lineage = cycles_lineage(network, stages=int(shape))
    else:
        lineage = cycles_lineage(network, shape=float(shape))
    process = compile_lineage(lineage)
    start = Start.given(process, dict(network.start))
    weights = np.array([process.count(name) for name in network.species])
    return Case(process, law_modifiers(network.law, days, intervals=intervals), start, weights)


def expected_events(case: Case, last: float) -> float:
    """Return the expected events of one animal up to day ``last``, stages of Erlang waits not counted."""
    first = case.modifiers.edges[0]
    count = int(round((last - first) * _POINTS_A_DAY))
    edges = np.unique(np.concatenate([case.modifiers.edges, np.linspace(first, last, count + 1)]))
    edges = edges[(edges >= first) & (edges <= last)]
    nodes, node_weights = np.polynomial.legendre.leggauss(3)
    half = 0.5 * np.diff(edges)
    times = (edges[:-1, None] + half[:, None] * (1.0 + nodes)).ravel()
    means = mean_cells(case.process, case.modifiers, case.start, days=times.tolist(), tolerance=1e-9)
    a = case.process.arrays
    values = case.modifiers.on_roles(case.process.roles)
    piece = np.searchsorted(case.modifiers.edges, times, side="right") - 1
    rates = a.exit_rate * values[a.exit_role][:, piece].T * ~case.process.advance
    flow = np.sum(rates * means[:, a.exit_source], axis=1)
    return float(np.sum(flow * (half[:, None] * node_weights).ravel()))


def real_case() -> Case:
    """Return the unloaded group of the catalogue's main study on the fitted SVZ lineage."""
    from soleus.api import load_study
    from soleus.study import bind

    study = load_study("leg-day")
    gains = {m.name: 0.5 for m in study.mechanisms if m.on}
    experiment = bind(study, gains=gains)
    group = study.treated[0].name
    return Case(experiment.process, experiment.modifiers(group), experiment.start, experiment.weights)


def resting_case() -> Case:
    """Return the real lineage as peers can be given it too: constant rates, whole numbers at the start."""
    case = real_case()
    start = Start(np.round(case.start.mean), poisson=False, has_outside=case.process.has_outside)
    return replace(case, modifiers=Modifiers.none(0.0, 28.0), start=start)
