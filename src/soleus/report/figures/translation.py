"""What the reported Ki67 ratio would mean for every other read-out, under each mechanism."""

from __future__ import annotations

from soleus.report.figures.lineage import ratio_colour
from soleus.report.numbers import change, log2_ratio, ratio_text
from soleus.report.specs import Figure, Spec, finish, table, text_mark, tips
from soleus.schema.run import RunResult

__all__ = ["translation_figure"]

_TABLE_W, _CELL_H = 730, 34


def translation_figure(result: RunResult) -> Figure:
    """Draw a table of true ratios as colours: mechanisms by read-outs."""
    labels = {r.readout: r.label for r in result.readouts}
    columns = list(dict.fromkeys(name for row in result.translation for name in row.ratios))
    rows = [
        {
            "mechanism": row.label if row.reaches else f"{row.label} (cannot reach)",
            "readout": labels.get(name, name),
            "ratio": row.ratios[name],
            "text": ratio_text(row.ratios[name]),
            "change": change(row.ratios[name]),
            "log2": log2_ratio(row.ratios[name]),
            "strong": abs(log2_ratio(row.ratios[name])) > 1.15,
            "reaches": row.reaches,
            "reach": "yes" if row.reaches else "no: shown at the bound of its gain",
        }
        for row in result.translation
        for name in columns
        if name in row.ratios
    ]
    y_order = list(dict.fromkeys(str(row["mechanism"]) for row in rows))
    x_order = [labels.get(name, name) for name in columns]
    position: Spec = {
        "x": {
            "field": "readout",
            "type": "nominal",
            "sort": x_order,
            "axis": {"title": None, "orient": "top", "labelAngle": -38, "domain": False, "ticks": False}
            | {"labelLimit": 210},
        },
        "y": {
            "field": "mechanism",
            "type": "nominal",
            "sort": y_order,
            "axis": {"title": None, "domain": False, "ticks": False, "labelLimit": 260, "labelPadding": 8},
        },
        "tooltip": tips(
            ("mechanism", "mechanism"), ("readout", "read-out"), ("text", "true ratio"), ("change", "change"),
            ("reach", "reaches the reported Ki67"),
        ),
        "opacity": {"condition": {"test": "datum.reaches", "value": 1}, "value": 0.5},
    }  # fmt: skip
    rect = {"type": "rect", "stroke": "white", "strokeWidth": 2, "cornerRadius": 3}
    number: Spec = {
        "text": {"field": "text", "type": "nominal"},
        "color": {
            "condition": {"test": "datum.strong && datum.reaches", "value": "white"},
            "value": "#1f2933",
        },
        "opacity": {"value": 1},
    }
    spec: Spec = {
        "data": table(rows),
        "width": min(90 * len(columns), max(_TABLE_W, 52 * len(columns))),
        "height": _CELL_H * max(1, len(y_order)),
        "layer": [
            {"mark": rect, "encoding": position | {"color": ratio_colour("true ratio to control")}},
            {"mark": text_mark(size=13), "encoding": position | number},
        ],
    }
    return Figure(
        "translation", "What the reported Ki67 change would mean elsewhere", _caption(result), _done(spec)
    )


def _done(spec: Spec) -> Spec:
    return finish(
        spec, description="True ratio of each read-out under each mechanism.", layout="fixed", cell=1000
    )


def _caption(result: RunResult) -> str:
    days = sorted({row.day for row in result.translation})
    when = ", ".join(f"{day:g}" for day in days)
    return (
        f"True ratio of the intervention to the control at day {when}, with no sampling noise, when one "
        "mechanism alone is set so that Ki67 shows the reported change. Pale rows: the mechanism cannot "
        "reach it; what it does at the bound of its gain is shown instead."
    )
