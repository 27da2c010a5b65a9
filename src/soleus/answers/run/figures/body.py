"""The body by day: one panel for each read-out and each course that competes for it."""

from __future__ import annotations

from collections.abc import Sequence

from soleus.report.names import sentence_case
from soleus.report.numbers import on_log_axis
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
from soleus.report.theme import CONTROL, GROUP_COLOURS, MUTED
from soleus.schema.values import BodyCurve

__all__ = ["body_figure"]

_WIDTH = 208
_DASHES = ([1, 0], [1, 0], [6, 4], [2, 3], [1, 3])


def body_figure(curves: Sequence[BodyCurve]) -> Figure:
    """Draw each read-out of the body by day, relative to the control group, which is the first of the curves.

    Groups have a colour and a dash each, since several of them may lie on each other; competing courses
    stand in panels of their own.
    """
    titles = panel_titles(map(_title, curves), _WIDTH)
    rows = [row for curve in curves for row in _rows(curve, titles[_title(curve)])]
    groups = ordered([curve.group for curve in curves])
    # What has no band is a comparison, not a group of animals.
    bare = {curve.group for curve in curves if curve.low is None}
    colours = dict(zip([g for g in groups if g not in bare], (CONTROL, *GROUP_COLOURS), strict=False))
    colours |= dict.fromkeys(bare, MUTED)
    colours = {group: colours[group] for group in groups}
    x: Spec = {
        "field": "day",
        "type": "quantitative",
        "axis": {"title": "day", "tickCount": 5, "grid": False},
    }
    colour: Spec = {"field": "group", "type": "nominal", "scale": colour_scale(colours)}
    legend: Spec = {
        "title": None,
        "orient": "top",
        "symbolType": "stroke",
        "symbolStrokeWidth": 3,
        "symbolSize": 300,
        "columns": 5,
    }
    band: Spec = {
        "mark": {"type": "area", "opacity": 0.13, "line": False},
        "transform": [{"filter": "datum.banded"}],
        "encoding": {
            "x": x,
            "y": _ratio("low"),
            "y2": {"field": "high"},
            "color": {**colour, "legend": legend},
        },
    }
    dash: Spec = {
        "field": "group",
        "type": "nominal",
        "scale": {"domain": groups, "range": [_DASHES[k % len(_DASHES)] for k in range(len(groups))]},
    }
    line: Spec = {
        "mark": {"type": "line", "strokeWidth": 2.2},
        "encoding": {
            "x": x,
            "y": _ratio("ratio"),
            "color": {**colour, "legend": legend},
            "strokeDash": {**dash, "legend": legend},
            "tooltip": tips(
                ("readout", "read-out"),
                ("course", "course"),
                ("group", "group"),
                ("day", "day", ".3~r"),
                ("ratio", "ratio to control", ".3~r"),
                ("low", "95 % from", ".3~r"),
                ("high", "95 % to", ".3~r"),
            ),
        },
    }
    spec: Spec = {
        "data": table(rows),
        "facet": panel_facet("panel", ordered([str(row["panel"]) for row in rows])),
        "columns": 4,
        "spec": {"width": _WIDTH, "height": 115, "layer": [band, line]},
        "resolve": {"scale": {"y": "independent"}, "axis": {"x": "independent"}},
    }
    caption = (
        "Ratio to the control group by day, on logarithmic axes that differ between panels. Line: median; "
        "band: central 95 % over what could be expected of each effect, as wide as what is known. A "
        "read-out with "
        "two panels has two courses that compete, since published findings disagree. Animals that hang with "
        "loaded hind limbs lie on the unloaded ones wherever hanging itself is what acts."
    )
    spec = finish(
        spec,
        description="Read-outs of the body by day and group, relative to the control group.",
        layout="wrap",
        cell=268,
        most_columns=4,
    )
    return Figure("body", "What the body shows", caption, spec)


def _title(curve: BodyCurve) -> str:
    label = sentence_case(curve.label)
    return f"{label}: {curve.course_label}" if curve.course_label else label


def _rows(curve: BodyCurve, panel: str) -> list[dict[str, object]]:
    low, high = curve.low or curve.median, curve.high or curve.median
    return [
        {
            "panel": panel,
            "readout": curve.label,
            "course": curve.course_label,
            "group": curve.group,
            "day": day,
            "ratio": _short(middle),
            "low": _short(lower),
            "high": _short(upper),
            "banded": curve.low is not None,
        }
        for day, middle, lower, upper in zip(curve.days, curve.median, low, high, strict=True)
    ]


def _ratio(field: str) -> Spec:
    """Return a ratio on a logarithmic axis of the panel's own."""
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"type": "log", "nice": False, "zero": False},
        "axis": {"title": None, "tickCount": 4, "format": "~g"},
    }


def _short(value: float) -> float:
    """Four digits are more than the screen shows, and half the size of the file."""
    return float(f"{on_log_axis(value):.4g}")
