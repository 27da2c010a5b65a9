"""The competing mechanisms: what each does to Ki67 over time under the reported effect."""

from __future__ import annotations

from soleus.report.numbers import figures3, on_log_axis, ratio_domain, thinned
from soleus.report.specs import Figure, Spec, finish, ratio_axis, table, tips, unity_rule
from soleus.report.theme import LOSS, MUTED
from soleus.schema.run import MechanismRow, RunResult

__all__ = ["mechanisms_figure"]

_REACHES, _CANNOT = "reaches the reported size", "cannot reach it"


def mechanisms_figure(result: RunResult) -> Figure:
    """Draw the true Ki67 ratio by day, one panel for each mechanism."""
    rows = [row for mechanism in result.mechanisms for row in _rows(mechanism)]
    domain = ratio_domain([float(str(row["ratio"])) for row in rows])
    colour: Spec = {
        "field": "reach",
        "type": "nominal",
        "scale": {"domain": [_REACHES, _CANNOT], "range": [LOSS, MUTED]},
        "legend": {"title": None, "orient": "top"},
    }
    x: Spec = {
        "field": "day",
        "type": "quantitative",
        "axis": {"title": "day", "tickCount": 5, "grid": False},
    }
    tooltip = tips(
        ("mechanism", "mechanism"),
        ("day", "day", ".3~r"),
        ("ratio", "Ki67 ratio", ".3~r"),
        ("set", "log gain"),
    )
    line: Spec = {
        "mark": {"type": "line", "strokeWidth": 2.4},
        "encoding": {
            "x": x,
            "y": ratio_axis("ratio", domain, title=None),
            "color": colour,
            "tooltip": tooltip,
        },
    }
    spec: Spec = {
        "data": table(rows),
        "facet": {
            "field": "mechanism",
            "type": "nominal",
            "sort": [m.label for m in result.mechanisms],
            "title": None,
            "header": {"labelAnchor": "start", "labelLimit": 235},
        },
        "columns": 4,
        "spec": {"width": 215, "height": 115, "layer": [unity_rule("y"), line]},
        "resolve": {"axis": {"x": "independent"}},
    }
    caption = (
        "True Ki67 ratio of the intervention to the control (logarithmic; line at 1: no change) when the "
        "mechanism acts alone, with its gain set to the reported size or, where that is out of reach, at "
        "the bound of the gain. No sampling noise."
    )
    spec = finish(
        spec, description="Ki67 ratio by day under each mechanism.", layout="wrap", cell=268, most_columns=4
    )
    return Figure("mechanisms", "Each mechanism on its own", caption, spec)


def _rows(mechanism: MechanismRow) -> list[dict[str, object]]:
    points = mechanism.ratio_by_day
    gain = mechanism.log_gain_reported
    return [
        {
            "mechanism": mechanism.label,
            "day": points[i].day,
            "ratio": on_log_axis(points[i].ratio),
            "reach": _REACHES if mechanism.reaches_reported else _CANNOT,
            "set": "at its bound" if gain is None else figures3(gain),
        }
        for i in thinned([point.day for point in points], 40)
    ]
