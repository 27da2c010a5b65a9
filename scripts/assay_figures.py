"""The pictures of ``docs/assays.md`` as Vega-Lite specifications of plain rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scripts.assay_data import CLONE_CLASSES, CLONE_PLACES

from soleus.report.names import sentence_case, wrapped
from soleus.report.specs import (
    Spec,
    finish,
    label_lines,
    ordered,
    panel_facet,
    panel_titles,
    table,
    text_mark,
)
from soleus.report.theme import CONTROL, GROUP_COLOURS, INK, LOSS, MUTED

__all__ = ["chase_spec", "clones_spec", "labels_spec", "markers_spec", "stereology_spec"]

Rows = Sequence[dict[str, Any]]

_CLASS_COLOURS = {"lost": "#c9d1d9", "stem only": "#5b7f9e", "mixed": "#e69f00", "progeny only": "#d55e00"}
_BLUES = ["#eef2f5", "#a8c9e6", "#08519c"]


def labels_spec(cumulative: Rows, dilution: Rows) -> Spec:
    """Return labelled shares under continuous label above, dilution of a pulse below."""
    return finish(
        {
            "vconcat": [_cumulative(cumulative), _dilution(dilution)],
            "spacing": 34,
            "resolve": {"scale": {"color": "independent", "strokeDash": "independent"}},
        },
        description="Labelled shares under continuous label; cells by label level over a chase.",
        layout="fixed",
        cell=1000,
    )


def _cumulative(rows: Rows) -> Spec:
    width = 275
    titles = panel_titles([sentence_case(str(r["panel"])) for r in rows], width)
    drawn = [r | {"panel": titles[sentence_case(str(r["panel"]))]} for r in rows]
    names = ["in the SVZ", "the classical line"]
    encoding: Spec = {
        "x": _number("hours", "hours of continuous BrdU", values=[0, 12, 24, 36, 48]),
        "y": _number("share", "labelled share of cycling cells", share=True),
        "color": {
            "field": "curve", "type": "nominal", "scale": {"domain": names, "range": [LOSS, CONTROL]},
            "legend": {"title": None, "orient": "top", "symbolType": "stroke", "symbolStrokeWidth": 3},
        },
    }  # fmt: skip
    dashes: Spec = {
        "strokeDash": {
            "field": "curve", "type": "nominal", "legend": None,
            "scale": {"domain": names, "range": [[1, 0], [6, 4]]},
        }
    }  # fmt: skip
    line: Spec = {"mark": {"type": "line", "strokeWidth": 2.2}, "encoding": encoding | dashes}
    point: Spec = {
        "mark": {"type": "point", "filled": True, "size": 34, "opacity": 1},
        "transform": [{"filter": f"datum.curve === '{names[0]}'"}],
        "encoding": encoding,
    }
    return {
        "data": table(drawn),
        "facet": panel_facet("panel", ordered([str(r["panel"]) for r in drawn])),
        "columns": 3,
        "spec": {"width": width, "height": 190, "layer": [line, point]},
        "resolve": {"axis": {"x": "independent"}},
    }


def _dilution(rows: Rows) -> Spec:
    levels = ordered([str(r["level"]) for r in rows])
    shades = ["#08306b", "#2171b5", "#6baed6", "#b5d4e9", "#dfe8ef"]
    return {
        "title": "A pulse of EdU over two hours, then chase: cells in the SVZ by what is left of their label",
        "data": table(rows),
        "width": 920,
        "height": 200,
        "mark": {"type": "area", "interpolate": "monotone"},
        "encoding": {
            "x": _number("day", "days after the pulse", values=list(range(0, 15, 2))),
            "y": {
                "field": "cells", "type": "quantitative", "stack": "zero",
                "axis": {"title": "labelled cells in the SVZ", "tickCount": 5, "format": ",d"},
            },
            "color": {
                "field": "level", "type": "nominal", "sort": levels,
                "scale": {"domain": levels, "range": shades[: len(levels)]},
                "legend": {"title": "label left", "orient": "right"},
            },
            "order": {"field": "order", "type": "quantitative"},
        },
    }  # fmt: skip


def markers_spec(rows: Rows) -> Spec:
    """Return markers by cell types, coloured by the probability of being seen as positive."""
    drawn = [
        r | {"text": _share_text(r["seen"]), "strong": r["seen"] > 0.62, "column": _head(r)} for r in rows
    ]
    columns, markers = ordered([r["column"] for r in drawn]), ordered([r["marker"] for r in drawn])
    bare: Spec = {"title": None, "domain": False, "ticks": False}
    position: Spec = {
        "x": {
            "field": "column", "type": "nominal", "scale": {"domain": columns},
            "axis": bare
            | label_lines("top", line_px=12)
            | {"orient": "top", "labelAngle": 0, "labelFontSize": 10},
        },
        "y": {"field": "marker", "type": "nominal", "scale": {"domain": markers}, "axis": bare},
    }  # fmt: skip
    colour: Spec = {
        "field": "seen",
        "type": "quantitative",
        "scale": {"domain": [0, 0.4, 1], "range": _BLUES, "interpolate": "rgb"},
        "legend": {
            "title": "probability that a cell is seen as positive", "titleLimit": 420, "orient": "bottom",
            "direction": "horizontal", "gradientLength": 260, "gradientThickness": 10,
            "values": [0, 0.2, 0.4, 0.6, 0.8, 1],
        },
    }  # fmt: skip
    white = {"condition": {"test": "datum.strong", "value": "white"}, "value": INK}
    rect = {"type": "rect", "stroke": "white", "strokeWidth": 2, "cornerRadius": 3}
    spec: Spec = {
        "data": table(drawn),
        "width": 62 * len(columns),
        "height": 25 * len(markers),
        "layer": [
            {"mark": rect, "encoding": position | {"color": colour}},
            {
                "mark": text_mark(size=11),
                "encoding": position | {"text": {"field": "text", "type": "nominal"}, "color": white},
            },
        ],
    }
    return finish(spec, description="Markers by cell type.", layout="fixed", cell=1050)


def _head(row: dict[str, Any]) -> str:
    # Words that are wider than a column, with a place to break them.
    label = sentence_case(str(row["type"])).replace("ligodendrocyte", "ligo- dendrocyte")
    return wrapped(label.replace("Premyelinating", "Premyelin- ating"), 12)


def _share_text(p: float) -> str:
    return "" if p < 0.015 else f"{p:.2f}"


def clones_spec(rows: Rows) -> Spec:
    """Return shares of clones by composition over time, one panel for each place that is looked at."""
    order = {name: k for k, name in enumerate(CLONE_CLASSES.values())}
    drawn = [r | {"order": order[str(r["class"])], "panel": sentence_case(str(r["place"]))} for r in rows]
    spec: Spec = {
        "data": table(drawn),
        "facet": panel_facet("panel", [sentence_case(p) for p in CLONE_PLACES]),
        "columns": 2,
        "spec": {
            "width": 400,
            "height": 240,
            "mark": {"type": "area", "interpolate": "linear", "stroke": "white", "strokeWidth": 1},
            "encoding": {
                "x": _number("day", "days after labelling", values=[0, 7, 14, 21, 28, 42, 56]),
                "y": _number("share", "share of clones", share=True) | {"stack": "zero"},
                "color": {
                    "field": "class", "type": "nominal",
                    "scale": {"domain": list(_CLASS_COLOURS), "range": list(_CLASS_COLOURS.values())},
                    "legend": {"title": "cells left in the clone", "orient": "top"},
                },
                "order": {"field": "order", "type": "quantitative"},
            },
        },
        "resolve": {"axis": {"x": "independent"}},
    }  # fmt: skip
    return finish(spec, description="Clones by composition over time.", layout="fixed", cell=1000)


def stereology_spec(rows: Rows) -> Spec:
    """Return coefficients of error by number of sections, both axes logarithmic."""
    parts = ordered([str(r["part"]) for r in rows])
    colours = [GROUP_COLOURS[0], GROUP_COLOURS[1], MUTED, INK]
    log: Spec = {"type": "log", "nice": False}
    floor = 0.3
    spec: Spec = {
        "data": table([r for r in rows if r["percent"] >= floor]),
        "width": 520,
        "height": 300,
        "mark": {"type": "line", "point": {"filled": True, "size": 40}, "strokeWidth": 2, "clip": True},
        "encoding": {
            "x": {
                "field": "sections", "type": "quantitative", "scale": log | {"domain": [1.9, 32]},
                "axis": {"title": "sections counted", "values": [2, 3, 5, 7, 10, 15, 20, 30], "grid": False},
            },
            "y": {
                "field": "percent", "type": "quantitative", "scale": log | {"domain": [floor, 40]},
                "axis": {
                    "title": "coefficient of error of the total, %", "format": "~g",
                    "values": [0.3, 1, 3, 10, 30],
                },
            },
            "color": {
                "field": "part", "type": "nominal", "scale": {"domain": parts, "range": colours},
                "legend": {"title": None, "orient": "right"},
            },
        },
    }  # fmt: skip
    return finish(spec, description="Coefficient of error by number of sections.", layout="fixed", cell=850)


def chase_spec(rows: Rows) -> Spec:
    """Return measured fractions with 95 % errors and fitted curves with their 95 % band, gate by gate."""
    gates = ordered([str(r["gate"]) for r in rows])
    titles = {g: f"labelled and in {g}" for g in gates}
    drawn = [r | {"panel": titles[str(r["gate"])]} for r in rows]
    x = _number("hours", "hours after EdU was added", values=[0, 5, 10, 15])
    y = {"type": "quantitative", "axis": {"title": "share of all cells", "format": ".0%", "tickCount": 5}}
    band: Spec = {
        "transform": [{"filter": "isValid(datum.fitted)"}],
        "mark": {"type": "area", "color": CONTROL, "opacity": 0.25},
        "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}},
    }
    line: Spec = {
        "transform": [{"filter": "isValid(datum.fitted)"}],
        "mark": {"type": "line", "color": CONTROL, "strokeWidth": 2.2},
        "encoding": {"x": x, "y": y | {"field": "fitted"}},
    }
    errors: Spec = {
        "transform": [{"filter": "isValid(datum.measured)"}],
        "mark": {"type": "rule", "color": INK, "strokeWidth": 1.2},
        "encoding": {"x": x, "y": y | {"field": "from"}, "y2": {"field": "to"}},
    }
    points: Spec = {
        "transform": [{"filter": "isValid(datum.measured)"}],
        "mark": {"type": "point", "filled": True, "color": INK, "size": 42, "opacity": 1},
        "encoding": {"x": x, "y": y | {"field": "measured"}},
    }
    spec: Spec = {
        "data": table(drawn),
        "facet": panel_facet("panel", list(titles.values())),
        "columns": 3,
        "spec": {"width": 265, "height": 190, "layer": [band, line, errors, points]},
        "resolve": {"axis": {"x": "independent"}},
    }
    return finish(spec, description="Measured and fitted fractions of a chase.", layout="fixed", cell=1000)


def _number(field: str, title: str, *, values: list[int] | None = None, share: bool = False) -> Spec:
    axis: Spec = {"title": title, "grid": share}
    if values is not None:
        axis["values"] = values
    channel: Spec = {"field": field, "type": "quantitative", "axis": axis, "scale": {"nice": False}}
    if share:
        axis |= {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}
        channel["scale"] = {"domain": [0, 1], "nice": False}
    return channel
