"""Exact engines raced: constant rates, the movement schedule, Erlang and gamma cycles, the real lineage."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.agreement import judge
from benchmarks.context import Context
from benchmarks.interleave import Contestant, Times, race, ratios
from benchmarks.models import BENCH, BENCH_DAYS, BENCH_EVENTS, MOVEMENT, MOVEMENT_EVENTS, Network
from benchmarks.workers import OURS

__all__ = ["run_constant", "run_cycles", "run_real", "run_resting", "run_schedule"]

_DAYS = list(BENCH_DAYS)
_REAL_DAYS = [0.0, 28.0]
_CRN_BATCH = 100
_CRN_ROUNDS = 2


def _peers(context: Context, network: Network) -> list[Contestant]:
    """Return the peers' ways of simulating a network."""
    plain = network.plain()

    def way(label: str, program: str, method: str, *, exact: bool = True, **more: Any) -> Contestant:
        job = {"network": plain, "method": method, "days": _DAYS}
        return Contestant(label, program, "simulate", job, exact=exact, **more)

    ways = [
        way("COPASI direct", "copasi", "direct"),
        way("COPASI next reaction", "copasi", "next"),
        way("COPASI adaptive SSA/tau", "copasi", "adaptive", exact=False),
        way("bioscrape", "bioscrape", "direct"),
        way("GillesPy2 C++", "gillespy2", "direct"),
        way("libRoadRunner", "libroadrunner", "direct"),
    ]
    if not (context.quick and network.law is None):
        batch = 4 if context.quick else _CRN_BATCH
        ways.append(way("crn-jax, batch of 100", "crn_jax", "direct", batch=batch, rounds=_CRN_ROUNDS))
    return [w for w in ways if w.worker in context.peers]


def _ours(label: str, network: Network | None, method: str, days: list[float]) -> Contestant:
    plain = None if network is None else network.plain()
    return Contestant(label, OURS, "simulate", {"network": plain, "method": method, "days": days})


def _summary(times: dict[str, Times], events: float, reference: dict[str, Any]) -> dict[str, Any]:
    """Return the table of a race: times, ratios and agreement with the exact moments."""
    base = next(iter(times))
    against = ratios(times, base)
    rows = []
    for label, found in times.items():
        row = found.plain() | {"ratio": against[label]}
        if found.median_s is not None:
            row["ns_per_event"] = 1e9 * found.median_s / events
            row["ms_per_mouse"] = 1e3 * found.median_s
        if len(found.finals) >= 20:
            row["agreement"] = judge(found.finals, reference["mean"], reference["covariance"]).plain()
        rows.append(row)
    fastest = [r for r in rows[1:] if r["ratio"] is not None and r["exact"] and r["worker"] != OURS]
    best = min(fastest, key=lambda r: float(r["ratio"]), default=None)
    return {
        "rows": rows,
        "events": events,
        "fastest_peer": best["label"] if best else None,
        "fastest_peer_ratio": best["ratio"] if best else None,
    }


def run_constant(context: Context) -> dict[str, Any]:
    """Race every program at the bench lineage."""
    reference = context.ask(OURS, "reference", network=BENCH.plain(), days=_DAYS)
    ways = [_ours("soleus", BENCH, "exact", _DAYS), *_peers(context, BENCH)]
    times = race(context, ways, title="exact, constant rates", sample=context.sample)
    return _summary(times, BENCH_EVENTS, reference)


def run_schedule(context: Context) -> dict[str, Any]:
    """Race every program under the movement schedule."""
    reference = context.ask(OURS, "reference", network=MOVEMENT.plain(), days=_DAYS)
    ways = [_ours("soleus", MOVEMENT, "exact", _DAYS), *_peers(context, MOVEMENT)]
    times = race(context, ways, title="exact, schedule", sample=context.sample, seed=30_000)
    return _summary(times, MOVEMENT_EVENTS, reference)


def run_cycles(context: Context) -> dict[str, Any]:
    """Time Erlang and gamma cycles of shape 4; no peer offers them.

    A gamma wait of shape 4 is an Erlang wait of 4 stages, so both have the same exact moments.
    """
    found: dict[str, Any] = {}
    for name, network in (("constant", BENCH), ("schedule", MOVEMENT)):
        job = {"network": network.plain(), "days": _DAYS, "method": "erlang:4"}
        reference = context.ask(OURS, "reference", **job)
        ways = [
            _ours("soleus, Erlang(4) cycles", network, "erlang:4", _DAYS),
            _ours("soleus, gamma(4) cycles", network, "gamma:4", _DAYS),
        ]
        times = race(context, ways, title=f"cycles, {name}", sample=context.sample, seed=40_000)
        found[name] = _summary(times, float(reference["events"]), reference)
    return found


def run_real(context: Context) -> dict[str, Any]:
    """Time the exact engine at the catalogue's SVZ lineage, in the unloaded group of its main study."""
    reference = context.ask(OURS, "reference", network=None, days=_REAL_DAYS)
    ways = [_ours("soleus", None, "exact", _REAL_DAYS)]
    times = race(context, ways, title="exact, real lineage", sample=context.sample // 3, seed=50_000)
    found = _summary(times, float(reference["events"]), reference)
    return found | _sizes(reference)


def run_resting(context: Context) -> dict[str, Any]:
    """Race the programs that read SBML at the same lineage at rest, its rates constant."""
    reference = context.ask(OURS, "reference", network=None, days=_REAL_DAYS, method="resting")
    given = context.ask(OURS, "resting_sbml")
    weights = np.asarray(given["weights"])
    network = {"sbml": given["sbml"], "species": given["species"]}
    ways = [_ours("soleus", None, "resting", _REAL_DAYS)]
    # Those that take seconds a mouse are asked for one mouse in a few rounds.
    programs: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("COPASI direct", "copasi", {}),
        ("libRoadRunner", "libroadrunner", {"batch": 1, "rounds": 2}),
        ("bioscrape", "bioscrape", {"batch": 1, "rounds": 2}),
    )
    for label, program, effort in programs:
        if program in context.peers:
            job = {"network": network, "method": "direct", "days": _REAL_DAYS}
            ways.append(Contestant(label, program, "simulate", job, **effort))
    times = race(context, ways, title="exact, real lineage at rest", sample=context.sample // 3, seed=60_000)
    for found in times.values():
        if found.worker != OURS and found.finals:
            found.finals = (np.asarray(found.finals) @ weights.T).tolist()
    return _summary(times, float(reference["events"]), reference) | _sizes(reference)


def _sizes(reference: dict[str, Any]) -> dict[str, Any]:
    return {key: reference[key] for key in ("microstates", "intervals", "readouts", "first_day")}
