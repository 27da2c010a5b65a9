"""Which published rates had to move, and what each laboratory scale factor is worth."""

from __future__ import annotations

import math

from soleus.answers.run.figures.resting import the_fit
from soleus.answers.run.values import RunResult
from soleus.report.names import unit_text, words, wrapped
from soleus.report.numbers import figures3, percent, ratio_domain
from soleus.report.specs import (
    Figure,
    Spec,
    finish,
    label_lines,
    ratio_axis,
    table,
    text_mark,
    tips,
    unity_rule,
)
from soleus.report.theme import CONTROL, INK, LOSS, MUTED

__all__ = ["discrepancy_figure", "moved_figure"]


def moved_figure(result: RunResult) -> Figure:
    """Draw each published rate at 1 and the fitted rate as a multiple of it."""
    moved = sorted(the_fit(result).moved, key=lambda one: -abs(_log_fold(one.fold)))
    rows = [
        {
            "label": wrapped(one.label, 48),
            "fold": one.fold,
            "one": 1.0,
            "text": f"{figures3(one.published)} → {figures3(one.fitted)} {unit_text(one.unit)}".rstrip(),
            "times": f"× {figures3(one.fold, 2)}",
            "reason": one.reason,
        }
        for one in moved
    ]
    domain = ratio_domain([one.fold for one in moved])
    # Room for the numbers written beside the dots.
    domain = (domain[0] * 0.6, domain[1] * 1.8)
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "sort": [row["label"] for row in rows],
        "axis": {"title": None, "domain": False, "ticks": False} | label_lines("y"),
    }
    x = ratio_axis("fold", domain, title="fitted rate over published rate (logarithmic)")
    tooltip = tips(("label", "rate"), ("text", "published → fitted"), ("times", "fold"), ("reason", "reason"))
    common: Spec = {"y": y, "tooltip": tooltip}
    link = {"type": "rule", "strokeWidth": 2, "color": "#c9d1d9"}
    dot = {"type": "point", "filled": True, "size": 85, "opacity": 1}
    layers: list[Spec] = [
        unity_rule("x"),
        {"mark": link, "encoding": common | {"x": x, "x2": {"field": "one"}}},
        {"mark": dot | {"color": MUTED, "size": 50}, "encoding": common | {"x": x | {"field": "one"}}},
        {"mark": dot | {"color": LOSS}, "encoding": common | {"x": x}},
        *(_written(side, x=x, common=common) for side in ("left", "right")),
    ]
    spec: Spec = {"data": table(rows), "height": {"step": 28}, "layer": layers}
    caption = (
        "Grey: the published value; vermilion: what the counts by age make of it, as a multiple "
        "(logarithmic). Each with its numbers; the reasons are in the table below."
    )
    spec = finish(spec, description="Published and fitted rates.", layout="fluid", cell=1080)
    return Figure("moved-rates", "Which published rates had to move", caption, spec)


def _written(side: str, *, x: Spec, common: Spec) -> Spec:
    """Write the numbers on the side of the dot that faces away from the published value."""
    left = side == "left"
    return {
        "transform": [{"filter": "datum.fold < 1" if left else "datum.fold >= 1"}],
        "mark": text_mark(size=11, align="right" if left else "left", dx=-9 if left else 9, colour=INK),
        "encoding": common | {"x": x, "text": {"field": "text", "type": "nominal"}},
    }


def _log_fold(fold: float) -> float:
    return math.log(fold) if fold > 0 else math.inf


def discrepancy_figure(result: RunResult) -> Figure:
    """Draw the discrepancy that the fit needs, with all scale factors and without each one."""
    fit = the_fit(result)
    entries = [("as fitted", fit.discrepancy_cv, True)]
    entries += [(f"without {words(name)}", cv, False) for name, cv in fit.discrepancy_without_scale.items()]
    rows = [
        {"label": label, "cv": cv, "text": percent(cv), "fitted": fitted} for label, cv, fitted in entries
    ]
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "sort": [label for label, *_ in entries],
        "axis": {"title": None, "domain": False, "ticks": False, "labelPadding": 8},
    }
    x: Spec = {
        "field": "cv",
        "type": "quantitative",
        "scale": {"domain": [0, 1.15 * max(cv for _, cv, _ in entries) or 1.0], "nice": False},
        "axis": {
            "title": "misfit that is allowed for (coefficient of variation)",
            "format": ".0%",
            "tickCount": 6,
        },
    }
    colour = {"condition": {"test": "datum.fitted", "value": CONTROL}, "value": MUTED}
    common: Spec = {"x": x, "y": y, "tooltip": tips(("label", "scale factors"), ("text", "misfit"))}
    spec: Spec = {
        "data": table(rows),
        "height": {"step": 28},
        "layer": [
            {
                "mark": {"type": "bar", "height": 12, "cornerRadiusEnd": 3},
                "encoding": common | {"color": colour},
            },
            {
                "mark": text_mark(size=11, align="left", dx=6),
                "encoding": common | {"text": {"field": "text", "type": "nominal"}},
            },
        ],
    }
    caption = (
        "Misfit that is allowed for: the scatter of the published means around the lineage that neither "
        "their standard "
        "errors nor the scale factors explain."
    )
    if fit.discrepancy_without_scale:
        caption += " The other bars show what it would be if one scale factor were taken away."
    spec = finish(spec, description="Misfit with and without scale factors.", layout="fluid", cell=760)
    return Figure("discrepancy", "What the model cannot explain", caption, spec)
