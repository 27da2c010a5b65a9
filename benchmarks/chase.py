"""Phase lengths from a published EdU chase, by soleus and by its authors' program; writes ``chase.json``.

``python -m benchmarks.chase --data FOLDER``: about five minutes on one core, nearly all of it the peer's. The
folder holds the authors' ``edu_positive_fractions.csv`` and ``steady_state.csv`` (Tet21N cells of Jolly et
al. 2022, doi 10.1016/j.crmeth.2022.100315; the example of their repository). The fractions are of all cells.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.environments import make
from benchmarks.peers.protocol import single_thread
from benchmarks.workers import peer
from soleus.provenance import versions

__all__ = ["TABLES", "main", "rows"]

_STORE = Path(__file__).resolve().parent / "chase.json"
_PEER = "cycleflow"
TABLES = ("edu_positive_fractions.csv", "steady_state.csv")
_SEED = 1
_WALKERS, _STEPS, _BURN_IN = 32, 1500, 300
_LONGEST_S = 1800.0
# Their example notebook starts here and prints this log-posterior.
_THEIR_START = [1.258, 2.9, 0.87, 2.66, 10.0, 0.00006, 0.2, 0.1]
_THEIR_VALUE = -380.6674944140367
_SHOWN = {
    "g1_hours": "G1, h",
    "s_hours": "S, h",
    "g2m_hours": "G2M, h",
    "cycle_hours": "cycle, h",
    "doubling_hours": "doubling time, h",
    "g0_share": "share in G0",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run both fits, write their figures and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chase", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {' and '.join(TABLES)}")
    parser.add_argument("--out", type=Path, default=_STORE, help="file to write")
    parser.add_argument("--steps", type=int, default=_STEPS, help="steps of each of the peer's walkers")
    options = parser.parse_args(arguments)
    single_thread()
    chase, steady = (pd.read_csv(options.data / name, skipinitialspace=True) for name in TABLES)
    results: dict[str, Any] = {
        "soleus": _ours(chase, steady),
        "cycleflow": _theirs(chase, steady, options.steps),
    }
    results["data"] = {
        "citation": "doi:10.1016/j.crmeth.2022.100315",
        "sha256": {n: hashlib.sha256((options.data / n).read_bytes()).hexdigest() for n in TABLES},
    }
    results["environment"] = versions() | {"date": datetime.date.today().isoformat()}
    options.out.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(rows(results)) + f"\nwritten: {options.out}\n")
    return 0


def _ours(chase: pd.DataFrame, steady: pd.DataFrame) -> dict[str, Any]:
    from soleus.inference.chase import fit_chase

    cpu, wall = time.process_time(), time.perf_counter()
    found = fit_chase(chase, steady, seed=_SEED)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {
        "cpu_s": cpu,
        "wall_s": wall,
        "posterior": _plain(found.intervals),
        "posterior_under_their_prior": _plain(found.reweighted(_their_prior(found.draws))),
        "g1_stages": {str(k): p for k, p in found.g1_stages.items()},
        "independent_draws": found.effective,
        "k_hat": found.k_hat,
        "reliable": found.reliable,
        "fit_probability": found.fit_probability,
        "log_evidence": found.log_evidence,
        "shrinkage": dict(found.shrinkage),
        "evaluations": found.evaluations,
        "seed": found.seed,
    }


def _their_prior(draws: Mapping[str, Any]) -> Any:
    """Return the density of CycleFlow's prior over ours at each draw.

    Theirs is flat in stages per hour, up to 6 in G1, ours in the logarithms of lengths; and with no late
    stage of S in the gate of G2M their gate of S is empty, so that at least one of 15 must be.
    """
    stages_per_hour = draws["g1_stages"] / draws["g1_hours"]
    flat = stages_per_hour / (draws["s_hours"] * draws["g2m_hours"])
    return np.where((stages_per_hour < 6.0) & (draws["late"] >= 1.0 / 15.0), flat, 0.0)


def _theirs(chase: pd.DataFrame, steady: pd.DataFrame, steps: int) -> dict[str, Any]:
    environment = make(_PEER)
    if environment.problem is not None:
        raise SystemExit(f"{_PEER}: {environment.problem}")
    table = {str(name).strip(): chase[name].astype(float).tolist() for name in chase}
    table["hours"] = table.pop("time_point")
    job: dict[str, Any] = {
        "chase": table,
        "steady": {name: steady[name].astype(float).tolist() for name in ("mean", "error")},
    }
    with peer(_PEER, environment.python) as worker:
        version = worker.ask("hello")["version"]
        value = worker.ask("density", theta=_THEIR_START, **job)["log_posterior"]
        if abs(value - _THEIR_VALUE) > 1e-6:
            raise SystemExit(
                f"{_PEER} gives {value} where its authors print {_THEIR_VALUE}: other data or version"
            )
        sampling = {"seed": _SEED, "walkers": _WALKERS, "steps": steps, "burn_in": min(_BURN_IN, steps // 3)}
        found = worker.ask("fit", timeout_s=_LONGEST_S, **job, **sampling)
    return {"version": version, **found}


def _plain(intervals: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    return {name: {"low": i.low, "median": i.median, "high": i.high} for name, i in intervals.items()}


def rows(results: Mapping[str, Any]) -> list[str]:
    """Return the table of both fits as lines of Markdown."""
    ours, theirs = results["soleus"], results["cycleflow"]
    sides = (ours["posterior"], ours["posterior_under_their_prior"], theirs["posterior"])
    lines = [
        "| median (95 % interval) | soleus | soleus, their prior | CycleFlow 1.2 |",
        "|---|---|---|---|",
    ]
    for name, label in _SHOWN.items():
        digits = 3 if name == "g0_share" else 2
        cells = [
            f"{s[name]['median']:.{digits}f} ({s[name]['low']:.{digits}f} to {s[name]['high']:.{digits}f})"
            for s in sides
        ]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    lines.append(f"| CPU time, s | {ours['cpu_s']:.0f} | with it | {theirs['cpu_s']:.0f} |")
    lines.append(
        f"| independent draws | {ours['independent_draws']:.0f} | | {theirs['independent_draws']:.0f} |"
    )
    return lines


if __name__ == "__main__":
    sys.exit(main())
