"""One process with everything that SBML can say, and how far a document is from the engine."""

from __future__ import annotations

import libsbml
import numpy as np
import sbml_reader

from soleus.engines import Start, mean_cells
from soleus.lineage import CellType, Fate, Lineage, Phase, Process, Source, Transition, compile_lineage
from soleus.movement import Modifiers

DAYS = (-0.5, 0.4, 1.7, 4.0)


def full_process() -> Process:
    """Return Erlang stages, competing exits, weighted fates, constant fates and a source."""
    types = (
        CellType("stem", "stem", (Phase("G1", cycling=True), Phase("S", cycling=True))),
        CellType("blast", "blast", (Phase("p"),)),
    )
    fates = (
        Fate("renew", 0.3, {"stem": 2}, role="fate.renew"),
        Fate("split", 0.5, {"stem": 1, "blast": 2}),
        Fate("lose", 0.2, role="fate.lose"),
    )
    transitions = (
        Transition("G1 to S", "division", "stem.G1", (Fate("on", 1.0, {"stem.S": 1}),), rate_per_day=0.8),
        Transition("divide", "division", "stem.S", fates, mean_days=0.9, stages=4),
        Transition("dies", "death", "stem.S", (Fate("gone", 1.0),), rate_per_day=0.1),
        Transition(
            "blast ends",
            "maturation",
            "blast",
            (Fate("gone", 0.7), Fate("back", 0.3, {"stem": 1})),
            mean_days=1.5,
        ),
    )
    source = Source("enter", "export", "blast", 6.5)
    return compile_lineage(Lineage("full & <odd> name", types, transitions, (source,), founders=("stem",)))


def full_modifiers(process: Process) -> Modifiers:
    edges = np.array([-1.0, 0.0, 0.75, 1.2, 3.0, 4.0])
    values = np.random.default_rng(5).uniform(0.3, 2.0, (len(process.roles), 5))
    return Modifiers(edges, process.roles, values)


def full_start(process: Process) -> Start:
    return Start.given(process, {"stem": 40, "blast": 9})


def distance(
    document: libsbml.SBMLDocument, process: Process, modifiers: Modifiers, start: Start, days
) -> float:
    """Return the largest relative distance of the document's amounts from the engine's means."""
    read = sbml_reader.solve(document, np.asarray(days) - modifiers.edges[0])
    return from_engine(read, process, modifiers, start, days)


def from_engine(read: np.ndarray, process: Process, modifiers: Modifiers, start: Start, days) -> float:
    exact = mean_cells(process, modifiers, start, days=days)
    exact = exact[:, : process.n_states - process.has_outside]
    assert read.shape == exact.shape
    # The scale holds off numbers that only rounding decides.
    return float(np.max(np.abs(read - exact) / np.maximum(exact, 1e-6 * exact.max())))
