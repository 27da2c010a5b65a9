"""Twenty molecules under a schedule: programs that draw the next event at today's rate miss what comes.

X -> Y at a rate that rises from almost nothing. Each molecule is still there at time T with probability
``exp(-int_0^T k)``, so the number left is binomial, whatever the output grid.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.context import Context
from benchmarks.models import Law, Network, Reaction
from benchmarks.workers import OURS, WorkerError

__all__ = ["MOLECULES", "SMOOTH", "STEP", "Grid", "expected_left", "grids", "run", "verdict"]

MOLECULES = 20
LIMIT_Z = 4.0
_MOST_S = 8.0
_MICE = 4_000


def _network(law: Law) -> Network:
    return Network(f"low copy, {law.kind}", {"X": MOLECULES}, (Reaction("go", "X", ("Y",), 1.0, True),), law)


SMOOTH = _network(Law("power", 0.0005, 10.0, 8.0))
STEP = _network(Law("step", 0.0005, 1.0, 5.0))


@dataclass(frozen=True, slots=True)
class Grid:
    """A test on one output grid."""

    label: str
    network: Network
    days: tuple[float, ...]


def grids() -> tuple[Grid, ...]:
    """Return both tests on a fine grid, a coarse one that misses the step, and the ends alone."""

    def even(last: float, points: int) -> tuple[float, ...]:
        return tuple(last * i / (points - 1) for i in range(points))

    return (
        Grid("smooth, 101 points", SMOOTH, even(10.0, 101)),
        Grid("smooth, 4 points", SMOOTH, even(10.0, 4)),
        Grid("smooth, ends only", SMOOTH, even(10.0, 2)),
        Grid("step, 71 points", STEP, even(7.0, 71)),
        Grid("step, 4 points", STEP, even(7.0, 4)),
        Grid("step, ends only", STEP, even(7.0, 2)),
    )


def expected_left(law: Law, day: float) -> float:
    """Return the exact mean number left of the 20 on ``day``."""
    if law.kind == "power":
        hazard = law.a * day + law.b / (law.c + 1.0) * (day / law.b) ** (law.c + 1.0)
    elif law.kind == "step":
        hazard = law.a * min(day, law.c) + law.b * max(0.0, day - law.c)
    else:
        hazard = law.a * day + law.b * law.c * (1.0 - math.exp(-day / law.c))
    return MOLECULES * math.exp(-hazard)


def verdict(left: list[float], law: Law, day: float) -> dict[str, Any]:
    """Return mean left, z and whether the test is passed (the standard error is the exact one)."""
    exact = expected_left(law, day)
    variance = exact * (1.0 - exact / MOLECULES)
    mean = sum(left) / len(left)
    z = (mean - exact) / math.sqrt(variance / len(left))
    return {"left": mean, "exact": exact, "z": z, "mice": len(left), "passed": abs(z) <= LIMIT_Z}


_WAYS: tuple[tuple[str, str, str, bool], ...] = (
    # label, program, method, only for the step
    ("soleus", OURS, "exact", False),
    ("COPASI direct", "copasi", "direct", False),
    ("COPASI next reaction", "copasi", "next", False),
    ("COPASI direct, step as an event", "copasi", "direct, step as an event", True),
    ("bioscrape", "bioscrape", "direct", False),
    ("libRoadRunner", "libroadrunner", "direct", False),
    ("libRoadRunner, step as an event", "libroadrunner", "direct, step as an event", True),
    ("GillesPy2 C++", "gillespy2", "direct", False),
    ("crn-jax", "crn_jax", "direct", False),
)

_NOTES = {
    "libRoadRunner, step as an event": "it warns that a simulation with an event in time is not precise",
}


def run(context: Context) -> dict[str, Any]:
    """Run both tests with every program."""
    rows = []
    for label, program, method, only_step in _WAYS:
        if program != OURS and program not in context.peers:
            continue
        context.tell(f"low copy: {label}")
        cells = {}
        for grid in grids():
            law = grid.network.law
            if law is None or (only_step and law.kind != "step"):
                continue
            try:
                cells[grid.label] = _cell(context, program, method, grid, law)
            except WorkerError as error:
                cells[grid.label] = {"problem": str(error), "passed": False}
        rows.append({"label": label, "program": program, "cells": cells, "note": _NOTES.get(label)})
    found = {g.label: expected_left(g.network.law, g.days[-1]) for g in grids() if g.network.law}
    return {"rows": rows, "exact": found, "limit_z": LIMIT_Z, "grids": [g.label for g in grids()]}


def _cell(context: Context, program: str, method: str, grid: Grid, law: Law) -> dict[str, Any]:
    job = {"network": grid.network.plain(), "method": method, "days": list(grid.days)}
    context.ask(program, "simulate", mice=1, seed=7, **job)  # whatever is compiled, is compiled now
    second = context.ask(program, "simulate", mice=20, seed=7, **job)
    cost = max(second["cpu_s"] / 20.0, 1e-6)
    wanted = _MICE // 10 if context.quick else _MICE
    mice = max(40, min(wanted, int(_MOST_S / cost)))
    answer = context.ask(program, "simulate", mice=mice, seed=1_007, **job)
    at = grid.network.species.index("X")
    found = verdict([row[at] for row in answer["finals"]], law, grid.days[-1])
    return found | {"us_per_mouse": 1e6 * answer["cpu_s"] / mice, "law": asdict(law)}
