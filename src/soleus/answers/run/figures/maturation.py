"""Maturation: stages of a birth-dated cohort by age, and the mature share of cells born in a study."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from soleus.errors import InputError
from soleus.report.names import sentence_case
from soleus.report.numbers import figures3, percent
from soleus.report.specs import Figure, Spec, colour_scale, finish, table, text_mark, tips
from soleus.report.theme import CONTROL, GROUP_COLOURS, INK
from soleus.study.maturation import BirthDated, MatureShare

__all__ = ["mature_share_figure", "stages_figure"]

_MARKED_DAYS = (14.0, 28.0)
# From pale, newborn, to dark, mature.
_SHADES = ("#e6ebf0", "#d3dee8", "#b0c6d8", "#8aabc5", "#6a8fb0", "#4a7096")


def stages_figure(dated: BirthDated, *, marked: Sequence[float] = _MARKED_DAYS) -> Figure:
    """Draw the share of each stage among the living cells of a cohort, by days since birth.

    Parameters
    ----------
    marked
        Ages with a line: the ages of the oldest cells born in a study of so many days.
    """
    if len(dated.line.stages) > len(_SHADES):
        raise InputError(
            f"the figure of stages has {len(_SHADES)} shades, got {len(dated.line.stages)} stages"
        )
    shares = dated.shares
    rows = [
        {
            "age": float(age),
            "stage": sentence_case(stage.label),
            "order": s,
            "share": float(shares[i, s]),
            "text": percent(float(shares[i, s])),
        }
        for i, age in enumerate(dated.times)
        for s, stage in enumerate(dated.line.stages)
        if not math.isnan(float(shares[i, s]))
    ]
    shades = _SHADES[: len(dated.line.stages)]
    colours = {sentence_case(s.label): c for s, c in zip(dated.line.stages, shades, strict=True)}
    x: Spec = {
        "field": "age",
        "type": "quantitative",
        "scale": {"domain": [0, float(dated.times[-1])], "nice": False},
        "axis": {"title": "days since birth", "tickCount": 10, "grid": False},
    }
    area: Spec = {
        "mark": {"type": "area", "line": False},
        "encoding": {
            "x": x,
            "y": {
                "field": "share",
                "type": "quantitative",
                "stack": "zero",
                "scale": {"domain": [0, 1]},
                "axis": {"title": "share of living cells", "format": ".0%", "tickCount": 5},
            },
            "order": {"field": "order", "type": "quantitative"},
            "color": {
                "field": "stage",
                "type": "nominal",
                "scale": colour_scale(colours),
                "legend": {"title": None, "orient": "top", "labelLimit": 0, "columns": 3},
            },
            "tooltip": tips(("stage", "stage"), ("age", "days since birth", ".3~r"), ("text", "share")),
        },
    }
    lines = [{"day": float(d), "text": f"{d:g} days"} for d in marked if d <= dated.times[-1]]
    at_day: Spec = {"x": {"field": "day", "type": "quantitative"}}
    days: list[Spec] = [
        {
            "data": {"values": lines},
            "mark": {"type": "rule", "color": INK, "strokeWidth": 1.6, "strokeDash": [5, 4]},
            "encoding": at_day,
        },
        {
            "data": {"values": lines},
            "mark": text_mark(size=11, align="left", dx=5, dy=-4) | {"baseline": "bottom"},
            "encoding": at_day | {"y": {"datum": 0}, "text": {"field": "text", "type": "nominal"}},
        },
    ]
    title = f"How old {dated.line.label} are when they mature"
    spec = finish(
        {"data": table(rows), "height": 260, "layer": [area, *days]},
        description=f"{title}: stages by days since birth.",
        layout="fluid",
        cell=760,
    )
    marks = " or ".join(f"{d:g}" for d in marked)
    caption = (
        "Cells born on one day, by stage, as shares of those alive (means of an average animal of the group "
        f"{dated.group}). Dashed: the age of the oldest cell born in a study of {marks} days; what lies "
        "right of a line cannot be seen in that study."
    )
    return Figure(f"stages-{dated.line.name}", title, caption, spec)


def mature_share_figure(
    shares: Sequence[MatureShare], *, control: str, labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw the mature share of the cells born since day 0, by group and day.

    Parameters
    ----------
    control
        Name of the control group.
    labels
        Group to its label; the name where it is not given.
    """
    if not shares:
        raise InputError("the figure of mature shares needs at least one group and day, got none")
    groups = list(dict.fromkeys(s.group for s in shares))
    named = {g: (labels or {}).get(g, sentence_case(g)) for g in groups}
    others = [g for g in groups if g != control]
    shade = {g: GROUP_COLOURS[k % len(GROUP_COLOURS)] for k, g in enumerate(others)}
    colours = {named[g]: shade.get(g, CONTROL) for g in groups}
    lines = list(dict.fromkeys(s.line for s in shares))
    rows = [
        {
            "group": named[s.group],
            "line": sentence_case(s.line),
            "day": s.day,
            "share": s.mature_share,
            "text": percent(s.mature_share),
            "born": figures3(s.born),
        }
        for s in shares
        if not math.isnan(s.mature_share)
    ]
    encoding: Spec = {
        "x": {
            "field": "day",
            "type": "quantitative",
            "scale": {"zero": True},
            "axis": {"title": "day of the study", "values": sorted({s.day for s in shares}), "grid": False},
        },
        "y": {
            "field": "share",
            "type": "quantitative",
            "scale": {"domain": [0, 1]},
            "axis": {"title": "mature share of cells born since day 0", "format": ".0%", "tickCount": 5},
        },
        "color": {
            "field": "group",
            "type": "nominal",
            "scale": colour_scale(colours),
            "legend": {"title": None, "orient": "top", "labelLimit": 0},
        },
        "tooltip": tips(
            ("group", "group"), ("day", "day", ".3~r"), ("text", "mature"), ("born", "cells born and alive")
        ),
    }
    layers: list[Spec] = [
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": encoding},
        {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 1}, "encoding": encoding},
    ]
    spec: Spec = {
        "data": table(rows),
        "facet": {
            "field": "line",
            "type": "nominal",
            "sort": [sentence_case(line) for line in lines],
            "title": None,
            "header": {"labelAnchor": "start"},
        },
        "columns": 2,
        "spec": {"width": 300, "height": 220, "layer": layers},
    }
    title = "Mature share of the cells born in the study"
    spec = finish(
        spec,
        description=f"{title}, by group and day.",
        layout="wrap",
        cell=370,
        most_columns=min(2, len(lines)),
    )
    caption = (
        "Among the cells that were born (left the cycle for good) since day 0 and are alive, the share that "
        "is mature; means of an average animal. A group that makes fewer new cells has older ones, so that "
        "its share can be the higher one although each cell matures at its usual pace."
    )
    return Figure("mature-share", title, caption, spec)
