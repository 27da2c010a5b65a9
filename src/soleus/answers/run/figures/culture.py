"""Figures of a culture: growth over passages, and sizes of spheres."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from soleus.report.numbers import figures3
from soleus.report.specs import Figure, Spec, colour_scale, finish, table, tips
from soleus.report.theme import INK

__all__ = ["growth_figure", "sphere_figure"]

Curve = tuple[Sequence[float], Sequence[float]]
_HEIGHT = 250
_BINS = 28
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
        _growth_panel("Cells in the flask", flask, colours=colours, passages=passages, dots={}),
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
    title: str,
    curves: Mapping[str, Curve],
    *,
    colours: _Colours,
    passages: Sequence[float],
    dots: Mapping[str, Curve],
) -> Spec:
    domain = _domain(curves, dots)
    x: Spec = {"field": "day", "type": "quantitative", "axis": {"title": "days after plating", "grid": False}}
    y: Spec = {
        "field": "cells",
        "type": "quantitative",
        "scale": {"type": "log", "nice": False, "domain": list(domain)},
        "axis": {"title": "cells (log)", "format": "~e", "values": _ticks(domain)},
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
    if dots:
        layers.append(
            {
                "data": table(_curve_rows(dots)),
                "mark": {"type": "point", "filled": True, "size": 30, "opacity": 0.7},
                "encoding": {"x": x, "y": y, "color": colour, "tooltip": tip},
            }
        )
    return {"title": title, "width": 400, "height": _HEIGHT, "layer": layers}


def _domain(*drawn: Mapping[str, Curve]) -> tuple[float, float]:
    """Return a logarithmic axis that holds all curves."""
    logs = [math.log10(c) for curves in drawn for _, cells in curves.values() for c in cells if c > 0.0]
    if not logs:
        return 1.0, 10.0
    low, high = min(logs) - 0.15, max(logs) + 0.15
    return 10.0**low, 10.0**high


def _ticks(domain: tuple[float, float]) -> list[float]:
    """Return powers of ten, with 2 and 5 times each where few of them fit."""
    low, high = domain
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    inside = [10.0**k for k in powers if low <= 10.0**k <= high]
    if len(inside) > 2:
        return inside
    return [m * 10.0**k for k in powers for m in (1.0, 2.0, 5.0) if low <= m * 10.0**k <= high]


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
        "scale": colour_scale(colours),
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
    y: Spec = {
        "field": "share",
        "type": "quantitative",
        "axis": {"title": "share of spheres", "format": "%"},
        "scale": {"zero": True},
    }
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
                    "y2": {"datum": 0},
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
        f"Diameters of spheres on day {day:g} after plating; line: mean. {said}. A sphere of half the cells "
        "is a fifth smaller."
    )
    spec = finish(spec, description="Sphere diameters by group.", layout="fixed", cell=460)
    return Figure("culture-spheres", "Sizes of the spheres", caption, spec)
