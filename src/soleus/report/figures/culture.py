"""Figures of a culture: growth over passages, sizes of spheres, shares of stained and of sorted cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from soleus.report.numbers import figures3
from soleus.report.specs import Figure, Spec, finish, panel_facet, panel_titles, table, tips
from soleus.report.theme import INK

__all__ = ["growth_figure", "phase_figure", "share_figure", "sphere_figure"]

Curve = tuple[Sequence[float], Sequence[float]]
_HEIGHT = 250
_PANEL = 150
_BINS = 28
# From pale to dark along the cycle, apart from the colours of groups.
_PHASES = ("#d5dbe1", "#8fa3b5", "#2f4b66", "#161f28")
_Colours = Mapping[str, str]


def growth_figure(
    flask: Mapping[str, Curve],
    cumulated: Mapping[str, Curve],
    *,
    colours: _Colours,
    passages: Sequence[float] = (),
    counted: Mapping[str, Curve] | None = None,
) -> Figure:
    """Draw the cells in the flask, and cumulated over passages, on logarithmic axes.

    Parameters
    ----------
    flask, cumulated
        Group to days and cells; the day of a passage comes twice, before and after it.
    colours
        Group to its colour, in the order of the legend.
    passages
        Days of the passages.
    counted
        Group to days and counted cumulated numbers of single cultures, drawn as dots.
    """
    panels = [
        _growth_panel("Cells in the flask", flask, colours=colours, passages=passages, dots=None),
        _growth_panel(
            "Cumulated over passages", cumulated, colours=colours, passages=passages, dots=counted or {}
        ),
    ]
    dots = " Dots: single cultures as counted." if counted else ""
    caption = (
        "Lines: mean living cells. At each passage (dotted) cells are lost in dissociation and a known share "
        f"is plated again; cumulated, the share is undone and the loss stays.{dots}"
    )
    spec = finish(
        {"columns": 2, "concat": panels},
        description="Growth of cultures over passages by group.",
        layout="wrap",
        cell=480,
        most_columns=2,
    )
    return Figure("culture-growth", "Growth of the cultures", caption, spec)


def _growth_panel(
    title: str, curves: Mapping[str, Curve], *, colours: _Colours, passages: Sequence[float], dots: object
) -> Spec:
    x: Spec = {"field": "day", "type": "quantitative", "axis": {"title": "days after plating", "grid": False}}
    y: Spec = {
        "field": "cells",
        "type": "quantitative",
        "scale": {"type": "log", "nice": True},
        "axis": {"title": "cells (log)", "format": "~e", "tickCount": 6},
    }
    colour = _colour(colours)
    tip = tips(("group", "group"), ("day", "day", ",.3~r"), ("cells", "cells", ",.3~r"))
    layers: list[Spec] = [
        {
            "data": table({"day": day} for day in passages),
            "mark": {"type": "rule", "strokeDash": [2, 3], "color": INK, "opacity": 0.35},
            "encoding": {"x": x},
        },
        {
            "data": table(_curve_rows(curves)),
            "mark": {"type": "line", "strokeWidth": 2.2},
            "encoding": {
                "x": x,
                "y": y,
                "color": colour,
                "order": {"field": "k", "type": "quantitative"},
                "tooltip": tip,
            },
        },
    ]
    if isinstance(dots, Mapping) and dots:
        layers.append(
            {
                "data": table(_curve_rows(dots)),
                "mark": {"type": "point", "filled": True, "size": 30, "opacity": 0.7},
                "encoding": {"x": x, "y": y, "color": colour, "tooltip": tip},
            }
        )
    return {"title": title, "width": 400, "height": _HEIGHT, "layer": layers}


def _curve_rows(curves: Mapping[str, Curve]) -> list[dict[str, object]]:
    return [
        {"group": group, "day": float(day), "cells": float(cells), "k": k}
        for group, (days, values) in curves.items()
        for k, (day, cells) in enumerate(zip(days, values, strict=True))
        if cells > 0.0
    ]


def _colour(colours: _Colours) -> Spec:
    return {
        "field": "group",
        "type": "nominal",
        "scale": {"domain": list(colours), "range": list(colours.values())},
        "legend": {"title": None, "orient": "top"},
    }


def sphere_figure(diameters: Mapping[str, Sequence[float]], *, colours: _Colours, day: float) -> Figure:
    """Draw the distribution of sphere diameters by group, with their means.

    Parameters
    ----------
    diameters
        Group to the measured diameters of its spheres, micrometres.
    day
        Days after plating.
    """
    every = np.concatenate([np.asarray(v, dtype=float) for v in diameters.values()])
    edges = np.linspace(0.0, float(every.max()) * 1.02, _BINS + 1)
    rows = []
    for group, values in diameters.items():
        share = np.histogram(values, bins=edges)[0] / len(values)
        rows += [
            {"group": group, "from": float(a), "to": float(b), "share": float(s)}
            for a, b, s in zip(edges[:-1], edges[1:], share, strict=True)
        ]
    means = [{"group": g, "mean": float(np.mean(v)), "n": len(v)} for g, v in diameters.items()]
    x: Spec = {
        "field": "from",
        "type": "quantitative",
        "axis": {"title": "diameter, µm", "grid": False},
        "scale": {"nice": False, "domain": [0.0, float(edges[-1])]},
    }
    y: Spec = {"field": "share", "type": "quantitative", "axis": {"title": "share of spheres", "format": "%"}}
    colour = _colour(colours)
    spec: Spec = {
        "width": 460,
        "height": _HEIGHT,
        "layer": [
            {
                "data": table(rows),
                "mark": {"type": "bar", "opacity": 0.45, "binSpacing": 0},
                "encoding": {
                    "x": x,
                    "x2": {"field": "to"},
                    "y": y | {"stack": None},
                    "color": colour,
                    "tooltip": tips(
                        ("group", "group"), ("from", "from µm", ".3~r"), ("share", "share", ".2%")
                    ),
                },
            },
            {
                "data": table(means),
                "mark": {"type": "rule", "strokeWidth": 2.4},
                "encoding": {
                    "x": x | {"field": "mean"},
                    "color": colour,
                    "tooltip": tips(("group", "group"), ("mean", "mean µm", ".3~r"), ("n", "spheres", ",")),
                },
            },
        ],
    }
    said = "; ".join(f"{m['group']} {figures3(float(str(m['mean'])))} µm (n = {m['n']})" for m in means)
    caption = (
        f"Diameters of spheres on day {day:g} after plating; line: mean. {said}. A sphere of half the cells is "
        "a fifth smaller."
    )
    spec = finish(spec, description="Sphere diameters by group.", layout="fixed", cell=460)
    return Figure("culture-spheres", "Sizes of the spheres", caption, spec)


def share_figure(
    shares: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    colours: _Colours,
    name: str = "culture-markers",
    title: str = "Stained shares of the cells",
) -> Figure:
    """Draw one small panel for each marker: every culture, and the mean of each group.

    Parameters
    ----------
    shares
        Marker to group to the share of each culture, in [0, 1].
    """
    heads = panel_titles(shares, _PANEL)
    rows = [
        {"marker": heads[marker], "group": group, "value": float(value), "offset": offset}
        for marker, groups in shares.items()
        for group, values in groups.items()
        for value, offset in zip(values, _offsets(len(values)), strict=True)
    ]
    x: Spec = {
        "field": "group",
        "type": "nominal",
        "sort": list(colours),
        "axis": {"title": None, "labelAngle": 0, "ticks": False, "domain": False},
    }
    y: Spec = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": True},
        "axis": {"title": None, "format": "%", "tickCount": 4},
    }
    offset: Spec = {"field": "offset", "type": "quantitative", "scale": {"domain": [-1.15, 1.15]}}
    panel: Spec = {
        "width": _PANEL,
        "height": 150,
        "layer": [
            {
                "mark": {"type": "point", "filled": True, "size": 46, "stroke": "white", "opacity": 0.95},
                "encoding": {
                    "x": x,
                    "y": y,
                    "xOffset": offset,
                    "color": _colour(colours) | {"legend": None},
                    "tooltip": tips(("group", "group"), ("value", "share", ".1%")),
                },
            },
            {
                "mark": {"type": "tick", "thickness": 2.4, "size": 40, "color": INK},
                "encoding": {"x": x, "y": y | {"aggregate": "mean"}},
            },
        ],
    }
    spec: Spec = {
        "data": table(rows),
        "facet": panel_facet("marker", list(heads.values())),
        "columns": 5,
        "spec": panel,
        "resolve": {"scale": {"y": "independent"}},
    }
    caption = "Dots: cultures; line: mean. Each panel has its own axis from 0."
    spec = finish(
        spec, description="Shares of stained cells by group.", layout="wrap", cell=_PANEL + 60, most_columns=5
    )
    return Figure(name, title, caption, spec)


def _offsets(n: int) -> list[float]:
    return [0.0] if n == 1 else [round(1.2 * k / (n - 1) - 0.6, 4) for k in range(n)]


def phase_figure(phases: Mapping[str, Mapping[str, float]]) -> Figure:
    """Draw the phases of the cycle as one stacked bar a group.

    Parameters
    ----------
    phases
        Group to phase (in the order of the cycle) to its mean share; shares add to 1.
    """
    order = list(dict.fromkeys(phase for shares in phases.values() for phase in shares))
    rows: list[dict[str, object]] = []
    for group, shares in phases.items():
        low = 0.0
        for phase, share in shares.items():
            rows.append(
                {
                    "group": group,
                    "phase": phase,
                    "low": low,
                    "high": low + share,
                    "middle": low + 0.5 * share,
                    "text": f"{100 * share:.1f} %",
                    "ink": INK if order.index(phase) < 1 else "white",
                }
            )
            low += share
    y: Spec = {
        "field": "group",
        "type": "nominal",
        "sort": list(phases),
        "axis": {"title": None, "ticks": False, "domain": False},
    }
    x: Spec = {
        "field": "low",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"title": "share of the cells by DNA content", "format": "%", "grid": False},
    }
    colour: Spec = {
        "field": "phase",
        "type": "nominal",
        "sort": order,
        "scale": {"domain": order, "range": list(_PHASES[: len(order)])},
        "legend": {"title": None, "orient": "top"},
    }
    tip = tips(("group", "group"), ("phase", "phase"), ("text", "share"))
    spec: Spec = {
        "width": 520,
        "height": 52 * len(phases),
        "data": table(rows),
        "layer": [
            {
                "mark": {"type": "bar", "size": 34},
                "encoding": {"x": x, "x2": {"field": "high"}, "y": y, "color": colour, "tooltip": tip},
            },
            {
                "mark": {"type": "text", "fontSize": 12},
                "encoding": {
                    "x": x | {"field": "middle"},
                    "y": y,
                    "text": {"field": "text"},
                    "color": {"field": "ink", "type": "nominal", "scale": None},
                },
            },
        ],
    }
    caption = "Mean of the cultures. DNA content does not tell cells at rest (G0) from those in G1."
    spec = finish(spec, description="Phases of the cell cycle by group.", layout="fixed", cell=640)
    return Figure("culture-phases", "Phases of the cell cycle", caption, spec)
