"""This project's own cases, asked as a peer is asked: one JSON job a line (see ``peers/protocol.py``).

Everything that the comparison runs of soleus is in this file: to measure a new entry point, add a
task here and name it in the section that asks for it.
"""

from __future__ import annotations

from benchmarks.peers.protocol import Prepared, Timed, peak_mib, serve, single_thread

if __name__ == "__main__":
    import os

    # ``cores`` is measured on the wall with all of them; everything else on one.
    if os.environ.get("SOLEUS_BENCH_ALL_CORES") is None:
        single_thread()

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.cases import (
    INTERVALS,
    Case,
    bench_case,
    expected_events,
    network_of,
    real_case,
    resting_case,
)
from soleus.engines import (
    PreparedMoments,
    ReadoutMoments,
    prepare_cells,
    prepare_cohort,
    prepare_moments,
    readout_moments,
    standard_normals,
)
from soleus.streams import Streams

__all__ = ["TASKS"]


def _build(network: dict[str, Any], method: str, days: list[float], intervals: int) -> Case:
    return bench_case(network_of(network), method, days, intervals=intervals)


def resting_sbml() -> dict[str, Any]:
    """Return the resting lineage as SBML, with the ids of its species and the weights of the read-outs."""
    from soleus.exchange import sbml_text

    case = resting_case()
    text = sbml_text(case.process, case.modifiers, case.start)
    species = re.findall(r'<species id="([^"]+)"', text)
    return {"sbml": text, "species": species, "weights": case.weights.tolist()}


_bench = Prepared(_build)
_real = Prepared(lambda method: resting_case() if method == "resting" else real_case())


def _case(
    network: dict[str, Any] | None, method: str, days: list[float], intervals: int = INTERVALS
) -> tuple[Case, dict[str, float]]:
    """Return a prepared case and what preparing it cost; no network: the real lineage, by method."""
    if network is None:
        return _real.get(method=method)
    return _bench.get(network=network, method=method, days=days, intervals=intervals)


def simulate(
    network: dict[str, Any] | None,
    method: str,
    days: list[float],
    mice: int,
    seed: int,
    intervals: int = INTERVALS,
) -> dict[str, Any]:
    """Run the exact engine, one mouse after another, each with its own stream."""
    case, cost = _case(network, method, days, intervals)
    streams = Streams(seed)
    finals = []
    with Timed() as spent:
        simulator = prepare_cells(case.process, case.modifiers, case.start, days=days)
        for mouse in range(mice):
            cells = simulator.run(streams.generator("cells", mouse))
            finals.append(case.weights @ cells[-1])
    answer = {"cpu_s": spent.cpu_s, "mice": mice, "finals": np.array(finals).tolist()}
    return answer | _sizes(case) | cost


def moments(
    network: dict[str, Any] | None,
    days: list[float],
    repeats: int,
    method: str = "exact",
    intervals: int = INTERVALS,
    how: str = "batch",
) -> dict[str, Any]:
    """Mean and covariance of every read-out on the last day.

    ``how``: ``batch``: prepared once, then all repeats in one call, each its own animal; ``solve``:
    prepared once, then one call a repeat; ``anew``: nothing prepared, by the series with its bound.
    """
    case, cost = _case(network, method, days, intervals)
    if how == "anew":
        found = _moments(case, days[-1], tolerance=1e-6)
        with Timed() as spent:
            for _ in range(repeats):
                found = _moments(case, days[-1], tolerance=1e-6)
    else:
        with Timed() as preparing:
            ready = _prepared(case, days[-1])
        found = ready.solve()
        own = np.ones((repeats, len(case.process.roles)))
        with Timed() as spent:
            if how == "batch":
                ready.batch(own=own)
            else:
                for _ in range(repeats):
                    ready.solve()
        cost = cost | {"prepare_s": preparing.cpu_s, "steps": ready.steps}
    answer = {"cpu_s": spent.cpu_s, "repeats": repeats} | _plain(found)
    return answer | _sizes(case) | cost


def _prepared(case: Case, day: float) -> PreparedMoments:
    return prepare_moments(
        case.process, case.modifiers, case.start, weights=case.weights, days=[day], tolerance=2e-6
    )


def reference(network: dict[str, Any] | None, days: list[float], method: str = "exact") -> dict[str, Any]:
    """Mean, covariance and events, at a tolerance and on a grid far finer than those that are timed."""
    if network is None:
        case = _case(None, method, days)[0]
    else:
        case = _build(network, method, days, 12 * INTERVALS)
    found = _moments(case, days[-1], tolerance=1e-10)
    return _plain(found) | {"events": expected_events(case, days[-1])} | _sizes(case)


def _moments(case: Case, day: float, *, tolerance: float) -> ReadoutMoments:
    return readout_moments(
        case.process, case.modifiers, case.start, weights=case.weights, days=[day], tolerance=tolerance
    )


def _plain(found: ReadoutMoments) -> dict[str, Any]:
    return {"mean": found.mean[0].tolist(), "covariance": found.covariance[0, :, 0, :].tolist()}


def _sizes(case: Case) -> dict[str, Any]:
    return {
        "first_day": float(case.modifiers.edges[0]),
        "microstates": case.process.n_states,
        "intervals": len(case.modifiers.edges) - 1,
        "readouts": len(case.weights),
    }


def cohort(network: dict[str, Any] | None, days: list[float], mice: int, seed: int) -> dict[str, Any]:
    """Draw the read-outs of mice that each have rates of their own, from exact moments."""
    case, cost = _case(network, "exact", days)
    streams = Streams(seed)
    start = replace(case.start, poisson=True)
    sampler = prepare_cohort(
        case.process, case.modifiers, start, weights=case.weights, day=days[-1], tolerance=1e-4
    )
    with Timed() as spent:
        for first in range(0, mice, 64):
            there = range(first, min(mice, first + 64))
            factors = np.ones((len(there), len(case.process.roles)))
            factors[:, :4] = np.exp(0.15 * standard_normals(streams.words("rates", there), 4))
            starts = np.repeat(start.mean[None], len(there), axis=0)
            sampler.draw(factors, starts, streams.words("cells", there))
    return {"cpu_s": spent.cpu_s, "mice": mice} | _sizes(case) | cost


def cores(animals: int, seed: int, engine: str) -> dict[str, Any]:
    """Simulate the real study on one and on two cores; say whether the tables are the same."""
    from soleus.api import load_study
    from soleus.study import bind
    from soleus.study import simulate as simulate_study

    experiment = bind(load_study("leg-day").with_animals(animals))
    tables = []
    seconds = {}
    simulate_study(bind(load_study("leg-day").with_animals(2)), seed, engine=engine)  # type: ignore[arg-type]
    for workers in (1, 2):
        with Timed() as spent:
            table = simulate_study(experiment, seed, engine=engine, workers=workers)  # type: ignore[arg-type]
        seconds[workers] = spent.wall_s
        tables.append(table.frame)
    same = bool(tables[0].equals(tables[1]))
    return {"wall_1_s": seconds[1], "wall_2_s": seconds[2], "same": same, "animals": animals * 2}


def study(animals: int, seed: int) -> dict[str, Any]:
    """Simulate the main study with so many animals in all (for its memory)."""
    from soleus.api import load_study
    from soleus.study import bind
    from soleus.study import simulate as simulate_study

    plan = load_study("leg-day")
    experiment = bind(plan.with_animals(max(1, animals // len(plan.groups))))
    with Timed() as spent:
        table = simulate_study(experiment, seed)
    return {"cpu_s": spent.cpu_s, "rows": len(table.frame)}


def first_call(network: dict[str, Any], days: list[float], what: str) -> dict[str, Any]:
    """Time the first call of an engine in this process, then a call with other rates and other mice."""
    other = {**network, "reactions": [{**r, "rate": r["rate"] * 1.1} for r in network["reactions"]]}

    def once(plain: dict[str, Any], mice: int) -> float:
        with Timed() as spent:
            if what == "cells":
                simulate(plain, "exact", days, mice, 1)
            else:
                moments(plain, days, mice)
        return float(spent.wall_s)

    first = once(network, 1)
    return {"first_s": first, "again_s": once(network, 1), "changed_s": once(other, 3) / 3.0}


def calibrate(repeats: int) -> dict[str, Any]:
    """Fixed work that no change of this project changes: random draws and plain Python, about 10 ms."""
    rng = np.random.Generator(np.random.PCG64(1))
    total = 0.0
    with Timed() as spent:
        for _ in range(repeats):
            for _ in range(8):
                total += float(rng.standard_exponential(100_000).sum())
            for number in range(60_000):
                total += number * 0.5
    return {"cpu_s": spent.cpu_s, "repeats": repeats, "total": total}


def hello() -> dict[str, Any]:
    """Return the version."""
    from soleus import __version__

    return {"version": f"soleus {__version__}", "peak_mib": peak_mib()}


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "hello": hello,
    "simulate": simulate,
    "moments": moments,
    "reference": reference,
    "cohort": cohort,
    "cores": cores,
    "study": study,
    "resting_sbml": resting_sbml,
    "first_call": first_call,
    "calibrate": calibrate,
}

if __name__ == "__main__":
    serve(TASKS)
