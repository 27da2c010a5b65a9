"""Has soleus become slower or hungrier? ``python -m benchmarks.regression``, under a minute, no peers.

Each case is timed in turn with a calibration: fixed work of NumPy and plain Python. The ratio of the two
hardly depends on how fast the machine is, or how busy. It is held against ``bounds.json``, which stores the
ratio and the peak memory that were measured when the bounds were last set (``--update``); a case fails where
it passes its bound times the tolerance.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.models import BENCH, BENCH_DAYS, MOVEMENT, Network
from benchmarks.workers import Worker, WorkerError, ours

__all__ = ["CASES", "MEMORY", "Case", "failures", "main", "measure_peaks", "measure_ratios"]

BOUNDS = Path(__file__).resolve().parent / "bounds.json"
TOLERANCE = 2.0
_ROUNDS = 5
_ROUND_S = 0.15
_CALIBRATIONS = 8
_PLANTED = 3


@dataclass(frozen=True, slots=True)
class Case:
    """A task of ``ours.py``; ``count`` names its number of repeats, empty where it has none."""

    task: str
    job: Mapping[str, Any]
    count: str = ""


def _simulate(network: Network | None, method: str = "exact") -> Case:
    plain = None if network is None else network.plain()
    days = [0.0, 28.0] if network is None else list(BENCH_DAYS)
    return Case("simulate", {"network": plain, "method": method, "days": days, "seed": 1}, "mice")


def _moments(network: Network | None) -> Case:
    plain = None if network is None else network.plain()
    return Case("moments", {"network": plain, "days": [0.0, 28.0]}, "repeats")


_TENFOLD = Network("tenfold", {k: 10 * v for k, v in BENCH.start.items()}, BENCH.reactions)

CASES: dict[str, Case] = {
    "exact": _simulate(BENCH),
    "exact, schedule": _simulate(MOVEMENT),
    "exact, Erlang cycles": _simulate(BENCH, "erlang:4"),
    "exact, real lineage": _simulate(None),
    "moments": _moments(BENCH),
    "moments, schedule": _moments(MOVEMENT),
    "moments, real lineage": _moments(None),
    "cohort, real lineage": Case("cohort", {"network": None, "days": [0.0, 28.0], "seed": 1}, "mice"),
}
MEMORY: dict[str, Case] = {
    "exact, ten times the cells": Case("simulate", {**_simulate(_TENFOLD).job, "mice": 1}),
    "moments, real lineage": Case("moments", {**_moments(None).job, "repeats": 2}),
    "study, 100 animals": Case("study", {"animals": 100, "seed": 1}),
}


def measure_ratios(worker: Worker, names: Sequence[str], *, plant: str | None = None) -> dict[str, float]:
    """Return each case's CPU time over that of the calibration: the median over the rounds.

    Parameters
    ----------
    plant
        A case whose work is done three times over: what the check must notice.
    """
    repeats = {}
    for name in names:
        case = CASES[name]
        worker.ask(case.task, **case.job, **{case.count: 1})
        cost = worker.ask(case.task, **case.job, **{case.count: 1})["cpu_s"]
        repeats[name] = max(1, min(1000, round(_ROUND_S / max(cost, 1e-6))))
    found: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(_ROUNDS):
        for name in names:
            case, number = CASES[name], repeats[name]
            unit = worker.ask("calibrate", repeats=_CALIBRATIONS)["cpu_s"] / _CALIBRATIONS
            done = number * (_PLANTED if name == plant else 1)
            spent = worker.ask(case.task, **case.job, **{case.count: done})["cpu_s"]
            found[name].append(spent / number / unit)
    return {name: median(values) for name, values in found.items()}


def measure_peaks(names: Sequence[str]) -> dict[str, float]:
    """Return the peak memory of each case in a process of its own, in MiB."""
    found = {}
    for name in names:
        with ours() as worker:
            worker.ask(MEMORY[name].task, **MEMORY[name].job)
            found[name] = float(worker.ask("peak")["peak_mib"])
    return found


def failures(
    measured: Mapping[str, Mapping[str, float]], bounds: Mapping[str, Any], *, tolerance: float = TOLERANCE
) -> list[str]:
    """Return a message for each measured figure that passes its bound or has none.

    Parameters
    ----------
    measured, bounds
        ``{"ratio": {case: times the calibration}, "peak_mib": {case: MiB}}``.
    """
    units = {"ratio": "times the calibration", "peak_mib": "MiB at peak"}
    said = []
    for kind, figures in measured.items():
        for name, figure in figures.items():
            bound = bounds.get(kind, {}).get(name)
            if bound is None:
                said.append(f"{name}: no bound is stored for {kind}; run with --update on a good state")
            elif not figure <= tolerance * bound:
                said.append(
                    f"{name}: {figure:.3g} {units[kind]}, stored {bound:.3g}, allowed {tolerance:g} times "
                    "that; find what became costlier, or set new bounds with --update and say why"
                )
    return said


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.regression", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="CASE", choices=[*CASES, *MEMORY], help="these cases")
    parser.add_argument("--update", action="store_true", help="store what is measured as the bounds")
    parser.add_argument(
        "--plant", metavar="CASE", choices=list(CASES), help="triple a case's work: must fail"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, compare and return the exit status: 1 if a bound was passed."""
    options = _parser().parse_args(arguments)
    chosen = options.only or [*CASES, *MEMORY]
    try:
        with ours() as worker:
            timed = [name for name in CASES if name in chosen]
            ratios = measure_ratios(worker, timed, plant=options.plant)
        peaks = measure_peaks([name for name in MEMORY if name in chosen])
    except WorkerError as error:
        sys.stderr.write(f"regression: could not measure: {error}\n")
        return 1
    measured = {"ratio": ratios, "peak_mib": peaks}
    bounds: dict[str, Any] = json.loads(BOUNDS.read_text(encoding="utf-8")) if BOUNDS.exists() else {}
    if options.update:
        merged = {kind: bounds.get(kind, {}) | _rounded(figures) for kind, figures in measured.items()}
        BOUNDS.write_text(json.dumps(merged, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        sys.stdout.write(f"stored {BOUNDS.name}\n")
        return 0
    for kind, figures in measured.items():
        for name, figure in figures.items():
            stored = bounds.get(kind, {}).get(name, float("nan"))
            sys.stdout.write(f"{kind:9s} {name:28s} {figure:9.3g}  stored {stored:.3g}\n")
    said = failures(measured, bounds)
    for line in said:
        sys.stderr.write(f"FAILED {line}\n")
    return int(bool(said))


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{figure:.3g}") for name, figure in figures.items()}


if __name__ == "__main__":
    sys.exit(main())
