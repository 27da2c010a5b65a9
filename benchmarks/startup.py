"""First calls in fresh processes, with and without compiled code on disk, and the use of two cores."""

from __future__ import annotations

import os
import tempfile
from statistics import median
from typing import Any

from benchmarks.context import Context
from benchmarks.models import BENCH, BENCH_DAYS
from benchmarks.workers import WorkerError, ours

__all__ = ["run_cores", "run_first_call"]

_DAYS = list(BENCH_DAYS)


def run_first_call(context: Context) -> dict[str, Any]:
    """Time the first call of each engine in a fresh process, on the wall, imports not counted.

    The cache of compiled code is a folder of its own: empty at first, then as the first process left it.
    """
    repeats = 1 if context.quick else 3
    found: dict[str, Any] = {}
    for what in ("cells", "moments"):
        context.tell(f"first call: {what}")
        with tempfile.TemporaryDirectory(prefix="soleus-bench-") as folder:
            cold = _first_call(what, folder)
            warm = [_first_call(what, folder) for _ in range(repeats)]
        found[what] = {
            "cold_s": cold["first_s"],
            "warm_s": median(w["first_s"] for w in warm),
            "again_s": median(w["again_s"] for w in warm),
            "changed_s": median(w["changed_s"] for w in warm),
        }
    return found


def _first_call(what: str, folder: str) -> dict[str, Any]:
    with ours(extra={"NUMBA_CACHE_DIR": folder}) as worker:
        return worker.ask("first_call", network=BENCH.plain(), days=_DAYS, what=what)


def run_cores(context: Context) -> dict[str, Any]:
    """Time a cohort of the real study on one core and on two, on the wall."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found: dict[str, Any] = {"cores": available}
    if available < 2:
        return found | {"problem": "this machine lends one core"}
    rounds = 1 if context.quick else 3
    for engine, animals in (("moments", 4 if context.quick else 1500), ("cells", 1 if context.quick else 16)):
        context.tell(f"two cores: {engine}")
        answers = []
        try:
            with ours(extra={"SOLEUS_BENCH_ALL_CORES": "1"}) as worker:
                for number in range(rounds):
                    answers.append(worker.ask("cores", animals=animals, seed=11 + number, engine=engine))
        except WorkerError as error:
            found[engine] = {"problem": str(error)}
            continue
        found[engine] = {
            "wall_1_s": median(a["wall_1_s"] for a in answers),
            "wall_2_s": median(a["wall_2_s"] for a in answers),
            "speed_up": median(a["wall_1_s"] / a["wall_2_s"] for a in answers),
            "same": all(a["same"] for a in answers),
            "animals": answers[0]["animals"],
        }
    return found
