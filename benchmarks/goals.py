"""The goals, row by row: what was aimed at, what was measured, reached or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["GOALS", "Goal", "Row", "rows"]

Results = Mapping[str, Any]

_NOT_RUN = "not run"


# ns per event of COPASI's direct method on the machine, and the day, that the goals were set on (112 to 120).
_COPASI_THEN = 116.0


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the goals table; ``reached`` is None where nothing was measured."""

    job: str
    best_peer: str
    goal: str
    measured: str
    reached: bool | None

    def plain(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: its text and the function that judges the results of its sections.

    ``judge`` returns (best peer, measured, reached); it may raise KeyError, TypeError or IndexError
    where its sections were not run or had a problem.
    """

    job: str
    goal: str
    judge: Callable[[Results], tuple[str, str, bool]]


def rows(results: Results) -> list[Row]:
    """Return every goal with what was measured."""
    return [_row(goal, results) for goal in GOALS]


def _row(goal: Goal, results: Results) -> Row:
    if goal.judge is _posterior:
        return Row(goal.job, "NUTS, 19-27 s (measured earlier)", goal.goal, "not yet: a later issue", None)
    try:
        best, measured, reached = goal.judge(results)
    except (KeyError, TypeError, IndexError):
        return Row(goal.job, "-", goal.goal, _NOT_RUN, None)
    return Row(goal.job, best, goal.goal, measured, reached)


def _ns(section: Mapping[str, Any], number: int = 0) -> float:
    return float(section["rows"][number]["ns_per_event"])


def _fastest(section: Mapping[str, Any]) -> str:
    for row in section["rows"]:
        if row["label"] == section["fastest_peer"]:
            return f"{row['label']}, {row['ns_per_event']:.0f} ns"
    return "none"


def _agreed(section: Mapping[str, Any], number: int = 0) -> bool:
    return bool(section["rows"][number]["agreement"]["agrees"])


def _scaled(results: Results, ns: float) -> str:
    """Say what a time would be where COPASI takes what it took when the goals were set."""
    for row in results["exact"]["rows"]:
        if row["label"] == "COPASI direct" and row["ns_per_event"]:
            return f" ({ns * _COPASI_THEN / row['ns_per_event']:.1f} at the speed of the goals' machine)"
    return ""


def _constant(results: Results) -> tuple[str, str, bool]:
    section = results["exact"]
    ns = _ns(section)
    text = f"{ns:.1f} ns{_scaled(results, ns)} at 12 states"
    if "real" in results:
        text += f"; {_ns(results['real']):.1f} ns at {results['real']['microstates']} (stages not counted)"
    return _fastest(section), text, ns <= 14.0 and _agreed(section)


def _times_faster(results: Results) -> tuple[str, str, bool]:
    section = results["exact"]
    ratio = float(section["fastest_peer_ratio"])
    return _fastest(section), f"{ratio:.1f}x", ratio >= 8.0


def _schedule(results: Results) -> tuple[str, str, bool]:
    section, ns = results["schedule"], _ns(results["schedule"])
    mine = results["lowcopy"]["rows"][0]["cells"]
    passed = all(cell["passed"] for cell in mine.values())
    text = f"{ns:.1f} ns{_scaled(results, ns)}; low-copy tests {'passed' if passed else 'FAILED'}"
    return _fastest(section), text, ns <= 25.0 and passed and _agreed(section)


def _cycles(number: int) -> Callable[[Results], tuple[str, str, bool]]:
    def judge(results: Results) -> tuple[str, str, bool]:
        section = results["cycles"]["constant"]
        ns = _ns(section, number)
        under = _ns(results["cycles"]["schedule"], number)
        text = f"{ns:.1f} ns{_scaled(results, ns)}; {under:.1f} ns under the schedule"
        return "none", text, ns <= 30.0 and _agreed(section, number)

    return judge


def _moments(name: str, limit_ms: float) -> Callable[[Results], tuple[str, str, bool]]:
    def judge(results: Results) -> tuple[str, str, bool]:
        mine, *others = results["moments"][name]["rows"]
        error = max(mine["mean_error"], mine["covariance_error"])
        both = [r for r in others if r.get("covariance_error") is not None]
        both = [r for r in both if not r["label"].startswith("soleus")]
        best = min(both, key=lambda r: float(r["ms"]), default=None)
        text = f"{mine['ms']:.3f} ms, error {error:.0e}"
        peer = f"{best['label']}, {best['ms']:.2f} ms" if best else "none"
        return peer, text, mine["ms"] <= limit_ms and error < 1e-5

    return judge


def _real_moments(results: Results) -> tuple[str, str, bool]:
    section = results["moments"]["real"]
    mine = section["rows"][0]
    sizes = f"{section['readouts']} read-outs, {section['microstates']} states"
    return "none", f"{mine['ms']:.2f} ms ({sizes})", mine["ms"] <= 3.0


def _cohort(label: str, limit_ms: float) -> Callable[[Results], tuple[str, str, bool]]:
    def judge(results: Results) -> tuple[str, str, bool]:
        of = {row["label"]: row for row in results["cohort"]["rows"]}
        peer = of.get("COPASI adaptive SSA/tau, constant")
        if "12" not in label or not peer or peer["ms_per_mouse"] is None:
            best = "none"
        else:
            best = f"COPASI adaptive SSA/tau, {peer['ms_per_mouse']:.1f} ms"
        ms = float(of[label]["ms_per_mouse"])
        return best, f"{ms:.3f} ms", ms <= limit_ms

    return judge


def _posterior(results: Results) -> tuple[str, str, bool]:
    raise KeyError("a later issue")


def _cores(results: Results) -> tuple[str, str, bool]:
    section = results["cores"]
    parts, good = [], True
    for engine in ("moments", "cells"):
        found = section[engine]
        same = "same numbers" if found["same"] else "DIFFERENT numbers"
        parts.append(f"{engine} {found['speed_up']:.2f}x, {same}")
        good = good and found["speed_up"] >= 1.8 and found["same"]
    return "-", "; ".join(parts), good


def _first_call(results: Results) -> tuple[str, str, bool]:
    section = results["first-call"]
    slowest = max(section[e]["warm_s"] for e in ("cells", "moments"))
    changed = max(section[e]["changed_s"] for e in ("cells", "moments"))
    cold = sum(section[e]["cold_s"] for e in ("cells", "moments"))
    text = (
        f"{slowest:.2f} s; other rates and mice {1e3 * changed:.0f} ms; no cache, both engines {cold:.1f} s"
    )
    peer = "-"
    for row in results.get("exact", {}).get("rows", []):
        if row["worker"] == "gillespy2" and row["last"].get("prepare_wall_s"):
            peer = f"GillesPy2 compiles {row['last']['prepare_wall_s']:.1f} s a model"
    return peer, text, slowest <= 1.0 and changed <= 0.2


GOALS: tuple[Goal, ...] = (
    Goal("exact, constant rates", "<= 14 ns/event (stretch 10)", _constant),
    Goal("exact, constant rates: against the fastest peer", ">= 8x in the same run", _times_faster),
    Goal("exact, schedule", "<= 25 ns/event, both low-copy tests passed", _schedule),
    Goal("exact, Erlang(4) cycles", "<= 30 ns/event", _cycles(0)),
    Goal("exact, gamma(4) cycles", "<= 30 ns/event", _cycles(1)),
    Goal("mean + covariance, 12 states, constant", "<= 0.1 ms, error < 1e-5", _moments("constant", 0.1)),
    Goal("mean + covariance, 12 states, schedule", "<= 0.2 ms, error < 1e-5", _moments("schedule", 0.2)),
    Goal("mean + covariance of the read-outs, real lineage, schedule", "<= 3 ms", _real_moments),
    Goal("cohort, own rates, 12 states", "<= 0.25 ms a mouse", _cohort("12 states, constant", 0.25)),
    Goal("cohort, own rates, real lineage", "<= 3 ms a mouse", _cohort("real lineage", 3.0)),
    Goal("posterior, 1000 effective samples", "<= 2 s warm, <= 6 s cold", _posterior),
    Goal("two cores", ">= 1.8x, same numbers", _cores),
    Goal("first call, compiled code on disk", "<= 1 s; nothing recompiled for other rates", _first_call),
)
