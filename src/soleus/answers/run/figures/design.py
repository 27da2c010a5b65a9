"""The design as a picture: the regimen of each group over the days, and the sampling days."""

from __future__ import annotations

from soleus.answers.run.groups import group_colours, group_labels
from soleus.answers.run.values import DesignInfo, RunResult
from soleus.report.specs import Figure, Spec, finish, table, text_mark, tips
from soleus.report.theme import INK, MUTED

__all__ = ["design_figure"]

_WIDTH = 1080
_ROW = 46


def design_figure(result: RunResult) -> Figure:
    """Draw a bar for each stretch of each group's regimen, and a line at each sampling day."""
    design = result.design
    end = max([design.duration_days, *design.sampling_days])
    spans = _spans(design, end)
    names = list(dict.fromkeys(str(row["group"]) for row in spans))
    x: Spec = {
        "field": "start",
        "type": "quantitative",
        "scale": {"domain": [0, end * 1.02], "nice": False},
        "axis": {"title": "days from the start of the intervention", "tickCount": 10, "grid": False},
    }
    y: Spec = {
        "field": "group",
        "type": "nominal",
        "sort": names,
        "scale": {"paddingInner": 0.35, "paddingOuter": 0.2},
        "axis": {"title": None, "domain": False, "ticks": False, "labelFontSize": 13, "labelPadding": 8},
    }
    spec: Spec = {
        "height": _ROW * len(names) + 8,
        "layer": [_bars(spans, x=x, y=y), _bar_labels(spans, x=x, y=y), *_sampling(design, x=x)],
    }
    caption = (
        "Each bar is one stretch of a group's regimen; dashed lines are the sampling days. The animal is the "
        "unit of every comparison."
    )
    spec = finish(
        spec,
        description="Timeline of the regimens by group, with the sampling days.",
        layout="fluid",
        cell=_WIDTH,
    )
    return Figure("design", "Who did what, when", caption, spec)


def _spans(design: DesignInfo, end: float) -> list[dict[str, object]]:
    labels, colours = group_labels(design), group_colours(design)
    return [
        {
            "group": f"{labels[group.name]}, n = {group.n_animals}",
            "activity": span.label,
            "start": max(0.0, span.start_day),
            "end": min(end, span.end_day),
            "days": f"day {span.start_day:g} to {span.end_day:g}",
            "colour": colours[group.name],
            # A label that would not fit into its bar is left to the tooltip.
            "inside": span.label
            if (span.end_day - span.start_day) / end > 0.022 * len(span.label) / 2
            else "",
        }
        for group in design.groups
        for span in group.regimen
        if span.end_day > 0
    ]


def _bars(spans: list[dict[str, object]], *, x: Spec, y: Spec) -> Spec:
    return {
        "data": table(spans),
        "mark": {"type": "bar", "cornerRadius": 4, "opacity": 0.92, "stroke": "white", "strokeWidth": 1.5},
        "encoding": {
            "x": x,
            "x2": {"field": "end"},
            "y": y,
            "color": {"field": "colour", "type": "nominal", "scale": None},
            "tooltip": tips(("group", "group"), ("activity", "regimen"), ("days", "when")),
        },
    }


def _bar_labels(spans: list[dict[str, object]], *, x: Spec, y: Spec) -> Spec:
    mark = text_mark(size=12, align="left", colour="white", dx=10) | {"fontWeight": "bold"}
    return {
        "data": table(spans),
        "mark": mark,
        "encoding": {"x": x, "y": y, "text": {"field": "inside", "type": "nominal"}},
    }


def _sampling(design: DesignInfo, *, x: Spec) -> list[Spec]:
    rows = [{"start": day, "text": f"sampled, day {day:g}"} for day in design.sampling_days]
    rule = {"type": "rule", "color": INK, "strokeDash": [4, 3], "strokeWidth": 1.5}
    label = text_mark(size=11, align="right", colour=MUTED, dx=-2) | {"baseline": "bottom", "dy": -4}
    return [
        {"data": table(rows), "mark": rule, "encoding": {"x": x, "tooltip": tips(("text", "sampling"))}},
        {
            "data": table(rows),
            "mark": label,
            "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "text", "type": "nominal"}},
        },
    ]
