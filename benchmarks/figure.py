"""The figures of the comparison: Vega-Lite, drawn by the report's own code in the report's colours."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from soleus.report.export import FigureExporter
from soleus.report.specs import Spec, finish, table, text_mark, tips
from soleus.report.theme import CONTROL, INK, LOSS, MUTED

__all__ = ["draw", "growth_spec", "speed_spec"]

Results = Mapping[str, Any]

_PANEL = 300
_TITLES = {"exact": "constant rates", "schedule": "movement schedule"}


def draw(results: Results, folder: Path) -> list[Path]:
    """Write the figures as SVG into ``folder`` and return their paths."""
    specs: dict[str, Spec] = {}
    if any(name in results for name in _TITLES):
        specs["benchmarks"] = speed_spec(results)
    if "growth" in results:
        specs["benchmarks-growth"] = growth_spec(results["growth"])
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with tempfile.TemporaryDirectory() as scratch, FigureExporter(workers=0, cache=False) as exporter:
        exporter.export(specs, Path(scratch))
        for name in specs:
            written.append(folder / f"{name}.svg")
            shutil.copyfile(Path(scratch) / f"{name}.svg", written[-1])
    return written


def speed_spec(results: Results) -> Spec:
    """Return ns per event of every exact program, ours in the colour of the intervention."""
    rows = [
        {
            "panel": title,
            "program": row["label"],
            "ns": row["ns_per_event"],
            "text": f"{row['ns_per_event']:.0f}" + _wrong(row, name, results),
            "ours": row["worker"] == "soleus",
        }
        for name, title in _TITLES.items()
        for row in results.get(name, {}).get("rows", [])
        if row["exact"] and row.get("ns_per_event")
    ]
    panels = [_panel(title, [r for r in rows if r["panel"] == title]) for title in _TITLES.values()]
    body: Spec = {"hconcat": [p for p in panels if p["data"]["values"]]}
    return finish(
        body, description="CPU time per event of exact simulators, one core.", layout="fixed", cell=2 * _PANEL
    )


def _wrong(row: Mapping[str, Any], name: str, results: Results) -> str:
    """Say beside the bar that a program fails a low-copy test of the schedule."""
    if name != "schedule":
        return ""
    for tested in results.get("lowcopy", {}).get("rows", []):
        if tested["label"] == row["label"] and not all(cell["passed"] for cell in tested["cells"].values()):
            return " (wrong at low copy)"
    return ""


def _panel(title: str, rows: list[dict[str, Any]]) -> Spec:
    ticks = [1, 3, 10, 30, 100, 300, 1000, 3000]
    longest = max((float(r["ns"]) for r in rows), default=10.0)
    shared: Spec = {
        "y": {
            "field": "program",
            "type": "nominal",
            "sort": [r["program"] for r in sorted(rows, key=lambda r: float(r["ns"]))],
            "title": None,
        },
        "x": {
            "field": "ns",
            "type": "quantitative",
            "title": "ns of CPU time per event",
            "axis": {"values": [t for t in ticks if t <= 3.0 * longest], "format": "~g"},
            "scale": {"type": "log", "domain": [3, 6.0 * longest], "nice": False},
        },
        "tooltip": tips(("program", "program"), ("ns", "ns per event", ".1f")),
    }
    dot: Spec = {
        "mark": {"type": "circle", "size": 110, "opacity": 1},
        "encoding": shared
        | {"color": {"condition": {"test": "datum.ours", "value": LOSS}, "value": CONTROL}},
    }
    label: Spec = {
        "mark": text_mark(size=11, align="left", dx=9, colour=INK),
        "encoding": shared | {"text": {"field": "text", "type": "nominal"}},
    }
    return {
        "title": title,
        "data": table(rows),
        "width": _PANEL,
        "height": {"step": 24},
        "layer": [dot, label],
    }


def growth_spec(growth: Results) -> Spec:
    """Return the cost of both engines along mice, days, microstates, intervals and events."""
    rows = [
        {
            "engine": r["engine"],
            "along": r["along"],
            "value": r["value"],
            "ms": r.get("total_ms", r["ms"]) if r["along"] == "mice" else r["ms"],
        }
        for r in growth["rows"]
    ]
    order = list(dict.fromkeys(str(r["along"]) for r in rows))
    colours = {"cells": LOSS, "moments": CONTROL}
    panels = [_growth_panel(a, [r for r in rows if r["along"] == a], colours) for a in order]
    body: Spec = {"concat": panels, "columns": 3}
    return finish(body, description="Cost of both engines as cases grow.", layout="fixed", cell=3 * 200)


def _growth_panel(along: str, rows: list[dict[str, Any]], colours: Mapping[str, str]) -> Spec:
    log: Spec = {"type": "log", "nice": False, "padding": 10}
    grid: Spec = {"format": "~s", "tickCount": 4, "gridColor": "#eceff2"}
    return {
        "title": along,
        "data": table(rows),
        "width": 170,
        "height": 140,
        "mark": {"type": "line", "point": {"size": 45, "filled": True}, "strokeWidth": 1.5},
        "encoding": {
            "x": {"field": "value", "type": "quantitative", "scale": log, "axis": grid, "title": along},
            "y": {
                "field": "ms", "type": "quantitative", "scale": log, "axis": grid,
                "title": "ms in all" if along == "mice" else "ms a mouse or call",
            },
            "color": {
                "field": "engine", "type": "nominal", "title": None,
                "scale": {"domain": list(colours), "range": list(colours.values())},
                "legend": {"orient": "top", "labelColor": MUTED},
            },
        },
    }  # fmt: skip
