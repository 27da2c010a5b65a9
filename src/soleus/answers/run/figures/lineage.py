"""The lineage as a flow diagram: one panel for each group, cell types from left to right."""

from __future__ import annotations

import math

from soleus.answers.run.figures.lineage_layout import (
    LABEL_LINE_PX,
    ROW_PX,
    Place,
    arrow_path,
    column_px,
    heading_deg,
    merge_flows,
    place_types,
    radius_px,
)
from soleus.answers.run.groups import group_labels
from soleus.answers.run.values import LineageType, RunResult
from soleus.report.names import wrapped
from soleus.report.numbers import figures3, log2_ratio, ratio_text
from soleus.report.specs import Figure, Spec, finish, no_axis, table, text_mark, tips
from soleus.report.theme import CONTROL, DIVERGING, INK, MUTED

__all__ = ["lineage_figure", "ratio_colour"]

_WIDEST_PX = 9.0
# Mean width of a letter of the bold 10 px names.
_LETTER_PX = 5.6
_DEATH = "#8b949e"


def ratio_colour(legend_title: str | None) -> Spec:
    """Return the colour channel for the field ``log2``: loss to gain around "no change"."""
    legend: Spec | None = None
    if legend_title is not None:
        legend = {
            "title": legend_title,
            "type": "gradient",
            "orient": "bottom",
            "direction": "horizontal",
            "gradientLength": 260,
            "gradientThickness": 10,
            "values": [-2, -1, 0, 1, 2],
            "labelExpr": "format(pow(2, datum.value), '.2~f')",
        }
    return {
        "field": "log2",
        "type": "quantitative",
        "scale": {
            "domain": [-2.3, -1, 0, 1, 2.3],
            "range": list(DIVERGING),
            "clamp": True,
            # The default (HCL) passes through pink on its way from orange to grey.
            "interpolate": "rgb",
        },
        "legend": legend,
    }


def lineage_figure(result: RunResult) -> Figure:
    """Draw cells (circles) and cells per day (arrows), with the ratio to the control as colour."""
    labels = group_labels(result.design)
    control = next((group.name for group in result.design.groups if group.control), None)
    groups = [g.name for g in result.design.groups if any(g.name in t.cells for t in result.lineage_types)]
    places = place_types(result.lineage_types, result.flows)
    spec: Spec = {
        "vconcat": [
            _panel(result, group=group, control=control, title=labels[group], places=places)
            for group in groups
        ],
        "spacing": 8,
    }
    caption = (
        "True mean cells per animal at the last day (number under each name) and cells per day along each "
        "arrow; circle area and arrow width grow as the square root of the number. Grey stubs with a "
        "dagger: cells that die per day. Colours and × show the ratio to the control. Numbers are means, "
        "not one animal."
    )
    spec = finish(spec, description="Flow diagram of the lineage by group.", layout="fixed", cell=1080)
    return Figure("lineage", "Cells and where they go", caption, spec)


def _panel(
    result: RunResult, *, group: str, control: str | None, title: str, places: dict[str, Place]
) -> Spec:
    pitch = column_px(result.lineage_types)
    width = max((p.x for p in places.values()), default=0.0) + pitch / 2
    height = (max((p.row for p in places.values()), default=0) + 1) * ROW_PX
    x, y = no_axis("x", (0, width)), no_axis("y", (height, 0))
    most = max((c for t in result.lineage_types for c in t.cells.values()), default=1.0)
    radii = {t.name: radius_px(t.cells.get(group, 0.0), most) for t in result.lineage_types}
    is_control = group == control
    nodes = [
        _node(t, places[t.name], ratio=_ratio(t.cells, group=group, control=control), group=group)
        | {"area": round(math.pi * radii[t.name] ** 2, 2)}
        | _label_place(t.label, places[t.name], pitch=pitch)
        for t in result.lineage_types
    ]
    paths, ends, deaths = _arrows(result, group=group, control=control, places=places, radii=radii)
    colour: Spec = {"value": CONTROL} if is_control else ratio_colour(None)
    of_node: Spec = colour if is_control else ratio_colour("ratio to control")
    layers = [
        *_arrow_layers(paths, ends, x=x, y=y, colour=colour),
        *_death_layers(deaths, x=x, y=y),
        *_node_layers(nodes, x=x, y=y, colour=of_node),
    ]
    return {
        "title": {"text": title, "fontSize": 13},
        "width": width,
        "height": height,
        "layer": layers,
        # Only the circles carry the legend.
        "resolve": {"scale": {"color": "independent"}},
    }


def _ratio(values: dict[str, float], *, group: str, control: str | None) -> float | None:
    if control is None or group == control or values.get(control, 0.0) <= 0:
        return None
    return values.get(group, 0.0) / values[control]


def _label_place(label: str, place: Place, *, pitch: float) -> dict[str, object]:
    lines = wrapped(label, int((pitch - 6) / _LETTER_PX))
    top = place.y + 36
    return {
        "lines": lines,
        "label_y": top,
        "count_y": top + LABEL_LINE_PX * (lines.count("\n") + 1) + 3,
    }


def _node(one: LineageType, place: Place, *, ratio: float | None, group: str) -> dict[str, object]:
    cells = one.cells.get(group, 0.0)
    count = figures3(cells) if ratio is None else f"{figures3(cells)}  ×{ratio_text(ratio)}"
    return {
        "x": place.x,
        "y": place.y,
        "name": one.name,
        "label": one.label,
        "cells": cells,
        "count": count,
        "ratio": "" if ratio is None else ratio_text(ratio),
        "log2": 0.0 if ratio is None else log2_ratio(ratio),
        "ontology": one.ontology or "no term",
    }


def _arrows(
    result: RunResult, *, group: str, control: str | None, places: dict[str, Place], radii: dict[str, float]
) -> tuple[list[dict[str, object]], list[dict[str, object]], list[dict[str, object]]]:
    flows = merge_flows(result.flows)
    most = max((size for *_, by_group in flows for size in by_group.values()), default=1.0)
    names = {t.name: t.label for t in result.lineage_types}
    pitch = column_px(result.lineage_types)
    paths: list[dict[str, object]] = []
    ends: list[dict[str, object]] = []
    deaths: list[dict[str, object]] = []
    for source, target, transitions, by_group in flows:
        size = by_group.get(group, 0.0)
        if source not in places or (target is not None and target not in places) or size <= 0:
            continue
        end = None if target is None else places[target]
        path = arrow_path(
            places[source], end, from_px=radii[source], to_px=radii[target or source], pitch=pitch
        )
        ratio = _ratio(by_group, group=group, control=control)
        row: dict[str, object] = {
            "flow": f"{names[source]} → {names[target] if target else 'death'}",
            "transition": transitions,
            "rate": size,
            "ratio": "" if ratio is None else ratio_text(ratio),
            "log2": 0.0 if ratio is None else log2_ratio(ratio),
            "width": round(max(0.8, _WIDEST_PX * math.sqrt(size / most)), 2),
            "text": figures3(size, 2),
        }
        if end is None:
            deaths += [{**row, "x": x, "y": y, "order": k} for k, (x, y) in enumerate(path)]
        else:
            # A line takes its look and its tooltip from its first point.
            bare = {key: row[key] for key in ("flow", "log2", "width")}
            paths += [(bare if k else row) | {"x": x, "y": y, "order": k} for k, (x, y) in enumerate(path)]
            ends.append(
                row | _head(path, width=float(str(row["width"])), branch=places[source].row != end.row)
            )
    return paths, ends, deaths


def _head(path: list[tuple[float, float]], *, width: float, branch: bool) -> dict[str, object]:
    # The number of a branch stands above its end, where branches from one type have parted.
    middle = path[-1] if branch else path[len(path) // 2]
    return {
        "x": path[-1][0],
        "y": path[-1][1],
        "angle": heading_deg(path),
        "head": round(28 + 11 * width, 1),
        "text_x": middle[0] - (10 if branch else 0),
        "text_y": middle[1] - (width / 2 + 7),
    }


_FLOW_TIPS = tips(
    ("flow", "flow"),
    ("transition", "transition"),
    ("rate", "cells per day", ",.3~r"),
    ("ratio", "ratio to control"),
)


def _arrow_layers(
    paths: list[dict[str, object]], ends: list[dict[str, object]], *, x: Spec, y: Spec, colour: Spec
) -> list[Spec]:
    line: Spec = {
        "data": table(paths),
        "mark": {"type": "line", "strokeCap": "butt", "opacity": 0.8},
        "encoding": {
            "x": x, "y": y, "color": colour, "tooltip": _FLOW_TIPS,
            "detail": {"field": "flow", "type": "nominal"},
            "order": {"field": "order", "type": "quantitative"},
            "strokeWidth": {"field": "width", "type": "quantitative", "scale": None},
        },
    }  # fmt: skip
    head: Spec = {
        "data": table(ends),
        "mark": {"type": "point", "shape": "triangle", "filled": True, "opacity": 1},
        "encoding": {
            "x": x, "y": y, "color": colour, "tooltip": _FLOW_TIPS,
            "angle": {"field": "angle", "type": "quantitative", "scale": None},
            "size": {"field": "head", "type": "quantitative", "scale": None},
        },
    }  # fmt: skip
    where: Spec = {
        "x": x | {"field": "text_x"},
        "y": y | {"field": "text_y"},
        "text": {"field": "text", "type": "nominal"},
    }
    # White around the number, so that it can be read where an arrow passes.
    halo = text_mark(size=10, colour="white") | {"stroke": "white", "strokeWidth": 3, "opacity": 0.85}
    label = text_mark(size=10, colour=MUTED)
    marks: list[Spec] = [{"data": table(ends), "mark": mark, "encoding": where} for mark in (halo, label)]
    return [line, head, *marks]


def _death_layers(deaths: list[dict[str, object]], *, x: Spec, y: Spec) -> list[Spec]:
    ends = [row for row in deaths if row["order"] == 1]
    position: Spec = {"x": x, "y": y, "tooltip": _FLOW_TIPS}
    stub = {
        "detail": {"field": "flow", "type": "nominal"},
        "order": {"field": "order", "type": "quantitative"},
    }
    return [
        {
            "data": table(deaths),
            "mark": {"type": "line", "color": _DEATH, "strokeWidth": 1},
            "encoding": position | stub,
        },
        {
            "data": table(ends),
            "mark": text_mark(size=9, colour=_DEATH, align="right", dx=-2, dy=2) | {"baseline": "middle"},
            "encoding": position | {"text": {"field": "dagger", "type": "nominal"}},
            "transform": [{"calculate": "'† ' + datum.text", "as": "dagger"}],
        },
    ]


def _node_layers(nodes: list[dict[str, object]], *, x: Spec, y: Spec, colour: Spec) -> list[Spec]:
    data = table(nodes)
    of_type = tips(
        ("label", "cell type"), ("cells", "cells per animal", ",.4~r"), ("ratio", "ratio to control"),
        ("ontology", "ontology"),
    )  # fmt: skip
    circle: Spec = {
        "data": data,
        "mark": {"type": "point", "shape": "circle", "filled": True, "opacity": 1, "stroke": INK}
        | {"strokeWidth": 0.8},
        "encoding": {
            "x": x, "y": y, "color": colour, "tooltip": of_type,
            "size": {"field": "area", "type": "quantitative", "scale": None},
        },
    }  # fmt: skip
    name: Spec = {
        "data": data,
        "mark": text_mark(size=10)
        | {"fontWeight": "bold", "baseline": "top", "lineBreak": "\n", "lineHeight": LABEL_LINE_PX},
        "encoding": {"x": x, "y": y | {"field": "label_y"}, "text": {"field": "lines", "type": "nominal"}},
    }
    count: Spec = {
        "data": data,
        "mark": text_mark(size=10, colour=MUTED) | {"baseline": "top"},
        "encoding": {"x": x, "y": y | {"field": "count_y"}, "text": {"field": "count", "type": "nominal"}},
    }
    return [circle, name, count]
