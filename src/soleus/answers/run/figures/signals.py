"""The signals over time by group, one small panel for each signal."""

from __future__ import annotations

from soleus.answers.run.groups import group_colours, group_labels
from soleus.answers.run.names import Names
from soleus.answers.run.values import RunResult
from soleus.report.names import sentence_case
from soleus.report.numbers import thinned
from soleus.report.specs import (
    Figure,
    Spec,
    colour_scale,
    finish,
    ordered,
    panel_facet,
    panel_titles,
    table,
    tips,
)

__all__ = ["signals_figure"]

_WIDTH = 208


def signals_figure(result: RunResult) -> Figure:
    """Draw each signal as one panel with a line for each group; 1 is normal cage life."""
    labels = group_labels(result.design)
    names = Names.of(result)
    colours = {labels[name]: colour for name, colour in group_colours(result.design).items()}
    titles = panel_titles(map(sentence_case, names.signals.values()), _WIDTH)
    rows = [
        {
            "signal": s.label,
            "panel": titles[sentence_case(names.signals[s.signal])],
            "group": labels.get(s.group, s.group),
            "day": s.days[i],
            "value": s.values[i],
        }
        for s in result.signals
        for i in thinned(s.days)
    ]
    panels = ordered([str(row["panel"]) for row in rows])
    line: Spec = {
        "mark": {"type": "line", "strokeWidth": 2.2, "interpolate": "linear"},
        "encoding": {
            "x": {
                "field": "day",
                "type": "quantitative",
                "axis": {"title": "day", "tickCount": 5, "grid": False},
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                "scale": {"zero": True, "nice": True},
                "axis": {"title": None, "tickCount": 4},
            },
            "color": {
                "field": "group",
                "type": "nominal",
                "scale": colour_scale(colours),
                "legend": {"title": None, "orient": "top", "symbolStrokeWidth": 3, "symbolType": "stroke"},
            },
            "tooltip": tips(
                ("signal", "signal"), ("group", "group"), ("day", "day", ".3~r"), ("value", "level", ".3~r")
            ),
        },
    }
    spec: Spec = {
        "data": table(rows),
        "facet": panel_facet("panel", panels),
        "columns": 4,
        "spec": {"width": _WIDTH, "height": 115, "layer": [line]},
        "resolve": {"scale": {"y": "independent"}, "axis": {"x": "independent"}},
    }
    caption = (
        "Level of each signal; the line of the control group is normal cage life. The vertical axes start "
        "at 0 and differ between panels. These are inputs of the model, with the literature named under "
        "Assumptions; they are the same for every animal of a group."
    )
    spec = finish(
        spec,
        description="Signals over time by group, relative to normal cage life.",
        layout="wrap",
        cell=268,
        most_columns=4,
    )
    return Figure("signals", "What the legs send", caption, spec)
