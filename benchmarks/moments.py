"""Means and covariances raced: the bench lineage against peers, the real lineage by itself, cohorts."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.context import Context
from benchmarks.interleave import Contestant, Times, race, ratios
from benchmarks.models import BENCH, BENCH_DAYS, MOVEMENT, Network
from benchmarks.workers import OURS

__all__ = ["errors", "run_cohort", "run_moments"]

_DAYS = list(BENCH_DAYS)
_REAL_DAYS = [0.0, 28.0]


def run_moments(context: Context) -> dict[str, Any]:
    """Race mean and covariance on day 28 at the bench lineage; time ours at the real lineage."""
    found: dict[str, Any] = {}
    for name, network in (("constant", BENCH), ("schedule", MOVEMENT)):
        reference = context.ask(OURS, "reference", network=network.plain(), days=_DAYS)
        times = race(context, _ways(context, network), title=f"moments, {name}")
        found[name] = _summary(times, reference)
    reference = context.ask(OURS, "reference", network=None, days=_REAL_DAYS)
    job = {"network": None, "days": _REAL_DAYS}
    ours = [_way("soleus", OURS, job), _way("soleus, nothing prepared", OURS, {**job, "how": "anew"})]
    times = race(context, ours, title="moments, real lineage")
    sizes = {key: reference[key] for key in ("microstates", "intervals", "readouts", "first_day")}
    found["real"] = _summary(times, reference) | sizes
    return found


def _way(label: str, program: str, job: dict[str, Any]) -> Contestant:
    return Contestant(label, program, "moments", job, count="repeats")


def _ways(context: Context, network: Network) -> list[Contestant]:
    job = {"network": network.plain(), "days": _DAYS}
    ways = [
        _way("soleus", OURS, job),
        _way("soleus, one call at a time", OURS, {**job, "how": "solve"}),
        _way("soleus, nothing prepared", OURS, {**job, "how": "anew"}),
        _way("diffrax", "diffrax", job),
        _way("SciPy expm", "scipy", job),
        _way("libRoadRunner (mean only)", "libroadrunner", job),
    ]
    return [w for w in ways if w.worker == OURS or w.worker in context.peers]


def _summary(times: dict[str, Times], reference: dict[str, Any]) -> dict[str, Any]:
    against = ratios(times, next(iter(times)))
    rows = []
    for label, found in times.items():
        row = found.plain() | {"ratio": against[label]}
        last = row.pop("last")
        if found.median_s is not None:
            row["ms"] = 1e3 * found.median_s
            row |= errors(last, reference)
            row["prepare_wall_s"] = last.get("prepare_wall_s")
            row["intervals"] = last.get("intervals")
        rows.append(row)
    return {"rows": rows}


def errors(answer: dict[str, Any], reference: dict[str, Any]) -> dict[str, float | None]:
    """Return the largest relative error of a mean, and of a covariance in units of the two sds."""
    mean = np.asarray(reference["mean"])
    exact = np.asarray(reference["covariance"])
    sd = np.sqrt(np.diag(exact))
    found: dict[str, float | None] = {
        "mean_error": float(np.max(np.abs(np.asarray(answer["mean"]) / mean - 1.0))),
        "covariance_error": None,
    }
    if "covariance" in answer:
        off = np.abs(np.asarray(answer["covariance"]) - exact) / np.outer(sd, sd)
        found["covariance_error"] = float(np.max(off))
    return found


def run_cohort(context: Context) -> dict[str, Any]:
    """Time the drawing of mice from exact moments, each mouse with its own rates."""
    ways = [
        Contestant("12 states, constant", OURS, "cohort", {"network": BENCH.plain(), "days": _DAYS}),
        Contestant("12 states, schedule", OURS, "cohort", {"network": MOVEMENT.plain(), "days": _DAYS}),
        Contestant("real lineage", OURS, "cohort", {"network": None, "days": _REAL_DAYS}),
    ]
    if "copasi" in context.peers:
        job = {"network": BENCH.plain(), "method": "adaptive", "days": _DAYS}
        ways.append(Contestant("COPASI adaptive SSA/tau, constant", "copasi", "simulate", job, exact=False))
    times = race(context, ways, title="cohort")
    rows = []
    for found in times.values():
        row = found.plain()
        last = row.pop("last")
        row["microstates"] = last.get("microstates")
        row["ms_per_mouse"] = None if found.median_s is None else 1e3 * found.median_s
        rows.append(row)
    return {"rows": rows}
