"""Figures of a culture: shares of stained cells, and phases of the cell cycle by DNA content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from soleus.report.names import sentence_case
from soleus.report.specs import Figure, Spec, colour_scale, finish, panel_facet, panel_titles, table, tips
from soleus.report.theme import INK

__all__ = ["phase_figure", "share_figure"]

_PANEL = 150
# From pale to dark along the cycle, apart from the colours of groups.
_PHASES = ("#d5dbe1", "#8fa3b5", "#2f4b66", "#161f28")


def share_figure(
    shares: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    colours: Mapping[str, str],
    name: str = "culture-markers",
    title: str = "Stained shares of the cells",
) -> Figure:
    """Draw one small panel for each marker: every culture, and the mean of each group.

    Parameters
    ----------
    shares
        Marker to group to the share of each culture, in [0, 1].
    """
    heads = dict(zip(shares, panel_titles(map(sentence_case, shares), _PANEL).values(), strict=True))
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
                    "color": {
                        "field": "group",
                        "type": "nominal",
                        "scale": colour_scale(colours),
                        "legend": None,
                    },
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
                    "ink": INK if order.index(phase) < 2 else "white",
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
