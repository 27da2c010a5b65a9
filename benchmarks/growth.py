"""How the cost of both engines grows with mice, days, microstates, intervals and events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.context import Context
from benchmarks.models import BENCH, MOVEMENT, Network
from benchmarks.workers import OURS

__all__ = ["Point", "points", "run"]

_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Point:
    """One case of a series."""

    engine: str
    along: str
    value: float
    network: Network
    method: str = "exact"
    days: int = 28
    intervals: int | None = None
    mice: int | None = None


def points(*, quick: bool = False) -> Iterator[Point]:
    """Yield the cases, series by series."""

    def some(*values: int) -> tuple[int, ...]:
        return (values[0], values[-1]) if quick else values

    for engine in ("cells", "moments"):
        for days in some(7, 14, 28, 56):
            yield Point(engine, "days", days, BENCH, days=days)
        for stages in some(1, 4, 8, 16):
            method = f"erlang:{stages}"
            yield Point(engine, "microstates", 6 + 6 * stages, BENCH, method)
        for intervals in some(10, 30, 100, 300, 1000):
            yield Point(engine, "intervals", intervals, MOVEMENT, intervals=intervals)
    for mice in some(1, 10, 100):
        yield Point("cells", "mice", mice, BENCH, mice=mice)
    for factor in (0.1, 10.0) if quick else (0.01, 0.1, 1.0, 10.0):
        start = {name: round(number * factor) for name, number in BENCH.start.items()}
        yield Point("cells", "events", factor, replace(BENCH, start=start))


def run(context: Context) -> dict[str, Any]:
    """Time every point: CPU ms a mouse (or a call) and, for cells, ns an event."""
    rows = []
    for point in points(quick=context.quick):
        context.tell(f"growth: {point.engine} with {point.along} = {point.value:g}")
        rows.append(_time(context, point))
    return {"rows": rows}


def _time(context: Context, point: Point) -> dict[str, Any]:
    days = [float(d) for d in range(point.days + 1)]
    job: dict[str, Any] = {"network": point.network.plain(), "method": point.method, "days": days}
    if point.intervals is not None:
        job["intervals"] = point.intervals
    row: dict[str, Any] = {"engine": point.engine, "along": point.along, "value": point.value}
    if point.engine == "moments":
        first = context.ask(OURS, "moments", repeats=2, **job)
        repeats = _repeats(context, first["cpu_s"] / 2.0)
        taken = context.ask(OURS, "moments", repeats=repeats, **job)
        return row | {"ms": 1e3 * taken["cpu_s"] / repeats, "microstates": taken["microstates"]}
    first = context.ask(OURS, "simulate", mice=1, seed=3, **job)
    mice = point.mice or _repeats(context, first["cpu_s"])
    taken = context.ask(OURS, "simulate", mice=mice, seed=5, **job)
    wanted = {"network": job["network"], "method": point.method, "days": days}
    events = float(context.ask(OURS, "reference", **wanted)["events"])
    per_mouse = taken["cpu_s"] / mice
    row |= {"ms": 1e3 * per_mouse, "events": events, "ns_per_event": 1e9 * per_mouse / events}
    row |= {"microstates": taken["microstates"], "total_ms": 1e3 * taken["cpu_s"]}
    if point.along == "events":
        row["value"] = events
    return row


def _repeats(context: Context, cost_s: float) -> int:
    return max(1, min(_MOST, round(0.5 * context.budget_s / max(cost_s, 1e-7))))
