"""The signals over time by group, one small panel for each signal."""

from __future__ import annotations

from soleus.report.numbers import thinned
from soleus.report.specs import Figure, Spec, colour_scale, finish, ordered, table, tips, unity_rule
from soleus.report.theme import group_colours, group_labels
from soleus.schema.run import RunResult

__all__ = ["signals_figure"]


def signals_figure(result: RunResult) -> Figure:
    """Draw each signal as one panel with a line for each group; 1 is normal cage life."""
    labels = group_labels(result.design)
    colours = {labels[name]: colour for name, colour in group_colours(result.design).items()}
    rows = [
        {"signal": s.label, "group": labels.get(s.group, s.group), "day": s.days[i], "value": s.values[i]}
        for s in result.signals
        for i in thinned(s.days)
    ]
    panels = ordered([s.label for s in result.signals])
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
                "scale": {"zero": False, "nice": True},
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
        "facet": {
            "field": "signal",
            "type": "nominal",
            "sort": panels,
            "title": None,
            "header": {"labelAnchor": "start"},
        },
        "columns": 4,
        "spec": {"width": 210, "height": 115, "layer": [unity_rule("y"), line]},
        "resolve": {"scale": {"y": "independent"}, "axis": {"x": "independent"}},
    }
    caption = (
        "Level of each signal relative to normal cage life (1, grey line). The vertical axes differ "
        "between panels. These are inputs of the model, with the literature named under Assumptions; they "
        "are the same for every animal of a group."
    )
    spec = finish(
        spec,
        description="Signals over time by group, relative to normal cage life.",
        layout="wrap",
        cell=268,
        most_columns=4,
    )
    return Figure("signals", "What the legs send", caption, spec)
