"""The dentate gyrus: the course of a cohort of newborn cells, and the speculative index as a ladder."""

from __future__ import annotations

from soleus.errors import InputError
from soleus.evidence.newborn import NewbornCourse
from soleus.evidence.resilience import StressBuffering
from soleus.report.names import sentence_case
from soleus.report.specs import Figure, Spec, colour_scale, finish, table, text_mark, tips
from soleus.report.theme import DIVERGING, INK, MUTED

__all__ = ["newborn_figure", "stress_ladder_figure"]

# A stage that never holds so many of 100 cells could not be seen and is left out.
_LEAST_SEEN = 1.0
# Dividing cells warm, new neurons from light to dark blue, what is not a neuron grey.
_STAGE_COLOURS = {
    "aRGL": "#7a3803",
    "IP1": "#b35806",
    "IP2": "#e08214",
    "NB": "#fdb863",
    "NBp": "#f7e3a5",
    "iGC": "#c6dbef",
    "yGC": "#57b39b",
    "lGC": "#5f9bd1",
    "mGC": "#08519c",
    "AST": "#8b949e",
    "rRGL": "#c9b8a8",
    "qRGL": "#e3dad1",
}
_RUNG_PX, _BAR_PX = 44, 300


def newborn_figure(course: NewbornCourse) -> Figure:
    """Draw, by day, how many of 100 newborn cells live in each stage of the dentate lineage.

    Raises
    ------
    InputError
        If the course is that of another lineage.
    """
    if course.niche != "dg":
        raise InputError(f"this figure draws newborn cells of lineage 'dg', got those of {course.niche!r}")
    seen = [k for k in range(len(course.types)) if course.cells[:, k].max() >= _LEAST_SEEN]
    order = sorted(seen, key=lambda k: list(_STAGE_COLOURS).index(course.types[k]))
    names = {k: sentence_case(course.labels[k]) for k in order}
    colours = {names[k]: _STAGE_COLOURS[course.types[k]] for k in order}
    living = course.living
    rows = [
        {
            "day": float(day),
            "stage": names[k],
            "place": place,
            "cells": round(float(course.cells[d, k]), 4),
            "share": round(float(course.cells[d, k] / living[d]), 5),
        }
        for place, k in enumerate(order)
        for d, day in enumerate(course.days)
    ]
    x: Spec = {
        "field": "day",
        "type": "quantitative",
        "scale": {"nice": False},
        "axis": {"title": "days since birth", "values": _weeks(float(course.days[-1])), "grid": False},
    }
    y: Spec = {
        "field": "cells",
        "type": "quantitative",
        "stack": "zero",
        "axis": {"title": "cells per 100 on day 1", "tickCount": 6},
    }
    colour: Spec = {
        "field": "stage",
        "type": "nominal",
        "scale": colour_scale(colours),
        "sort": list(colours),
        "legend": {"title": None, "orient": "right", "symbolType": "square", "symbolSize": 130},
    }
    tooltip = tips(
        ("stage", "stage"),
        ("day", "days since birth", ".3~r"),
        ("cells", "cells per 100", ".3~r"),
        ("share", "share of the living", ".1%"),
    )
    spec: Spec = {
        "data": table(rows),
        "height": 300,
        "mark": {"type": "area", "stroke": "white", "strokeWidth": 0.7, "opacity": 1},
        "encoding": {
            "x": x,
            "y": y,
            "color": colour,
            "order": {"field": "place", "type": "quantitative"},
            "tooltip": tooltip,
        },
    }
    spec = finish(spec, description="Stages of a cohort of newborn cells by day.", layout="fluid", cell=860)
    return Figure("dentate-newborn", "What becomes of cells born on one day", _newborn_caption(course), spec)


def _weeks(last: float) -> list[int]:
    return list(range(0, int(last) + 1, 7 if last <= 84 else 28))


def _newborn_caption(course: NewbornCourse) -> str:
    left = [k for k in range(len(course.types)) if course.cells[:, k].max() < _LEAST_SEEN]
    without = f" Left out, being too few: {', '.join(course.labels[k] for k in left)}." if left else ""
    return (
        f"Cells in S phase on day 0 in mice of {course.age_days:g} days, and all their descendants, for "
        "every 100 there are on day 1. The rise is division, the fall is death. The label is never diluted, "
        "and rates are those of that age. Most rates of this lineage are not yet checked in a "
        f"source.{without}"
    )


def stress_ladder_figure(result: StressBuffering) -> Figure:
    """Draw the levels of the speculative index as rungs, with the probability of each."""
    colours = _level_colours(result)
    rows = [
        {
            "rung": f"{level:+d}\n{label}" if level else f"0\n{label}",
            "range": f"ratio {words}",
            "probability": float(probability),
            "text": f"{100.0 * float(probability):.0f} %",
            "colour": colour,
            "likeliest": level == result.likeliest,
            "reason": reason,
        }
        for level, label, words, probability, colour, reason in reversed(
            list(
                zip(
                    result.levels,
                    result.labels,
                    result.ranges,
                    result.probabilities,
                    colours,
                    result.reasons,
                    strict=True,
                )
            )
        )
    ]
    rung: Spec = {
        "field": "rung",
        "type": "nominal",
        "sort": None,
        "axis": {
            "title": None,
            "labelExpr": "split(datum.label, '\\n')",
            "labelLineHeight": 14,
            "labelOffset": -7,
            "domain": False,
            "ticks": False,
            "labelLimit": 0,
            "labelPadding": 8,
        },
    }
    x: Spec = {
        "field": "probability",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"title": "probability", "format": "%", "tickCount": 5, "grid": False},
    }
    tooltip = tips(
        ("rung", "level"),
        ("range", "holds"),
        ("probability", "probability", ".1%"),
        ("reason", "why"),
    )
    stroke = {"condition": {"test": "datum.likeliest", "value": INK}, "value": "#ffffff00"}
    spec: Spec = {
        "title": {
            "text": f"{result.status.upper()}: levels of a guess, not measurements",
            "color": DIVERGING[0],
        },
        "data": table(rows),
        "width": _BAR_PX,
        "height": _RUNG_PX * len(rows),
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.96}, "color": "#f4f6f8"},
                "encoding": {"y": rung, "x": {"datum": 0, "type": "quantitative"}, "x2": {"datum": 1}},
            },
            {
                "mark": {"type": "bar", "height": {"band": 0.6}, "strokeWidth": 1.6},
                "encoding": {
                    "y": rung,
                    "x": x,
                    "color": {"field": "colour", "type": "nominal", "scale": None},
                    "stroke": stroke,
                    "tooltip": tooltip,
                },
            },
            {
                "mark": text_mark(size=12, align="left", dx=6) | {"fontWeight": "bold"},
                "encoding": {"y": rung, "x": x, "text": {"field": "text", "type": "nominal"}},
            },
            {
                "mark": text_mark(size=12, align="left", colour=MUTED, dx=_BAR_PX + 12),
                "encoding": {
                    "y": rung,
                    "x": {"datum": 0, "type": "quantitative"},
                    "text": {"field": "range", "type": "nominal"},
                },
            },
        ],
    }
    spec = finish(spec, description=result.statement, layout="fixed", cell=640)
    caption = (
        f"{result.statement} A level is read off the ratio of {result.readout.replace('_', ' ')}, treated "
        "over control; bars: the probability of each over the draws; outlined: the likeliest. No behaviour "
        "was measured, no published dose-response exists, and the reviews reject a causal role in depression."
    )
    return Figure("stress-ladder", "Stress buffering by new neurons (speculative)", caption, spec)


def _level_colours(result: StressBuffering) -> list[str]:
    """Return one colour for each level: losses and gains by their sign, the outermost darkest."""
    most = max(abs(level) for level in result.levels)
    middle = len(DIVERGING) // 2
    return [DIVERGING[middle + round(middle * level / most)] for level in result.levels]
