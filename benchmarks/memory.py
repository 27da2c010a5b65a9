"""Peak resident memory, each case in a process of its own."""

from __future__ import annotations

from typing import Any

from benchmarks.context import Context
from benchmarks.models import BENCH, BENCH_DAYS, Network
from benchmarks.workers import OURS, WorkerError

__all__ = ["run"]

_DAYS = list(BENCH_DAYS)
_PEERS = {
    "copasi": "COPASI direct",
    "bioscrape": "bioscrape",
    "gillespy2": "GillesPy2 C++",
    "libroadrunner": "libRoadRunner",
    "crn_jax": "crn-jax",
}


def run(context: Context) -> dict[str, Any]:
    """Return MiB after loading, after one mouse and after many, and of our larger cases."""
    many = 5 if context.quick else 100
    rows = []
    for program, label in {OURS: "soleus", **_PEERS}.items():
        if program != OURS and program not in context.peers:
            continue
        context.tell(f"memory: {label}")
        method = "exact" if program == OURS else "direct"
        try:
            rows.append({"label": label} | _mice(context, program, method, many))
        except WorkerError as error:
            rows.append({"label": label, "problem": str(error)})
    return {"mice": many, "rows": rows, "ours": _ours(context)}


def _mice(context: Context, program: str, method: str, many: int) -> dict[str, float]:
    # crn-jax compiles for each size of batch, so it takes a smaller one.
    mice = min(many, 10) if program == "crn_jax" else many
    job: dict[str, Any] = {"network": BENCH.plain(), "method": method, "days": _DAYS, "seed": 5}
    with context.fresh(program) as worker:
        worker.ask("hello")
        loaded = worker.ask("peak")["peak_mib"]
        worker.ask("simulate", mice=1, **job)
        one = worker.ask("peak")["peak_mib"]
        worker.ask("simulate", mice=mice, **job)
        return {"loaded": loaded, "one": one, "many": worker.ask("peak")["peak_mib"], "mice": mice}


def _ours(context: Context) -> list[dict[str, Any]]:
    """Return the peaks of our engines where cells, microstates or animals are many."""
    tenfold = Network("tenfold", {name: 10 * number for name, number in BENCH.start.items()}, BENCH.reactions)
    few, more = (4, 8) if context.quick else (200, 800)
    cases: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (
            "exact, ten times the cells",
            "simulate",
            {"network": tenfold.plain(), "method": "exact", "days": _DAYS, "mice": 2, "seed": 1},
        ),
        (
            "exact, real lineage",
            "simulate",
            {"network": None, "method": "exact", "days": [0.0, 28.0], "mice": 2, "seed": 1},
        ),
        ("moments, real lineage", "moments", {"network": None, "days": [0.0, 28.0], "repeats": 2}),
        (f"study, {few} animals", "study", {"animals": few, "seed": 1}),
        (f"study, {more} animals", "study", {"animals": more, "seed": 1}),
    )
    rows = []
    for label, task, job in cases:
        context.tell(f"memory: {label}")
        try:
            with context.fresh(OURS) as worker:
                worker.ask(task, **job)
                rows.append({"label": label, "peak_mib": worker.ask("peak")["peak_mib"]})
        except WorkerError as error:
            rows.append({"label": label, "problem": str(error)})
    return rows
