"""How the resting lineage fits the published counts by age."""

from __future__ import annotations

from soleus.answers.run.values import RestingFit, RestingPoint, RunResult
from soleus.errors import InputError
from soleus.report.names import sentence_case, words
from soleus.report.numbers import figures3, on_log_axis
from soleus.report.specs import Figure, Spec, finish, ordered, panel_facet, table, tips
from soleus.report.theme import CONTROL, INK, LOSS

__all__ = ["resting_figure", "the_fit"]

_WIDTH = 305
_INSIDE, _OUTSIDE = "inside the 95 % band", "outside"
# Sources are told apart by shade and by shape; vermilion stays free for points outside the band.
_SHADES = (CONTROL, "#7b5ea7", "#2a8c82", "#8c6d31", "#56b4e9", "#a23b72", "#4d6b2f")
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")


def the_fit(result: RunResult) -> RestingFit:
    """Return the resting fit of a result.

    Raises
    ------
    InputError
        If the lineage is not fitted.
    """
    if result.resting_fit is None:
        raise InputError(f"the lineage of study {result.design.study!r} is not fitted; it has no resting fit")
    return result.resting_fit


def resting_figure(result: RunResult) -> Figure:
    """Draw observed means with standard errors over the predictive band, one panel a read-out."""
    points = the_fit(result).points
    rows = [_row(point) for point in points]
    panels = ordered([str(row["panel"]) for row in rows])
    sources = ordered([words(point.source) for point in points])
    layers = _layers(sources)
    spec: Spec = {
        "data": table(rows),
        "facet": panel_facet("panel", panels),
        "columns": 3,
        "spec": {"width": _WIDTH, "height": 165, "layer": layers},
        "resolve": {"scale": {"y": "independent"}},
    }  # fmt: skip
    caption = (
        "Points: published means with standard error (log axis, cells per animal or as the source "
        "counts). Line and band: the fitted lineage with its 95 % predictive interval, laboratory scale "
        "and the misfit that is allowed for included. Vermilion rings: points outside the band."
    )
    spec = finish(
        spec,
        description="Published counts by age with the fitted prediction.",
        layout="wrap",
        cell=362,
        most_columns=3,
    )
    return Figure("resting-fit", "Fitted to real mice", caption, spec)


def _row(point: RestingPoint) -> dict[str, object]:
    floor = max(point.observed * 0.05, 1e-6)
    predicted = point.predicted
    return {
        "panel": sentence_case(point.label),
        "source": words(point.source),
        "age": point.age_days,
        "observed": on_log_axis(point.observed, floor),
        "se_low": on_log_axis(point.observed - point.se, floor),
        "se_high": on_log_axis(point.observed + point.se, floor),
        "predicted": on_log_axis(predicted.value, floor),
        "low": on_log_axis(predicted.low, floor),
        "high": on_log_axis(predicted.high, floor),
        "text": f"{figures3(point.observed)} ± {figures3(point.se)}",
        "band": f"{figures3(predicted.value)} ({figures3(predicted.low)} to {figures3(predicted.high)})",
        "inside": _INSIDE if point.inside else _OUTSIDE,
    }


def _layers(sources: list[str]) -> list[Spec]:
    x: Spec = {
        "field": "age",
        "type": "quantitative",
        "axis": {"title": "age, days", "tickCount": 5, "grid": False},
    }
    x["scale"] = {"zero": True}
    y: Spec = {
        "field": "observed",
        "type": "quantitative",
        "scale": {"type": "log", "nice": False, "padding": 12},
        "axis": {"title": None, "tickCount": 4, "format": "~s", "grid": False},
    }
    shades = [_SHADES[k % len(_SHADES)] for k in range(len(sources))]
    shapes = [_SHAPES[k % len(_SHAPES)] for k in range(len(sources))]
    legend = {"title": None, "orient": "top", "labelLimit": 300}
    colour: Spec = {
        "field": "source",
        "type": "nominal",
        "scale": {"domain": sources, "range": shades},
        "legend": legend,
    }
    shape: Spec = colour | {"scale": {"domain": sources, "range": shapes}}
    tooltip = tips(
        ("panel", "read-out"), ("source", "source"), ("age", "age, days", ".4~r"),
        ("text", "published mean ± SE"),
        ("band", "predicted (95 %)"), ("inside", "point"),
    )  # fmt: skip
    base: Spec = {"x": x, "color": colour, "tooltip": tooltip}
    ring = {"type": "point", "shape": "circle", "size": 190, "color": LOSS, "filled": False, "strokeWidth": 2}
    return [
        {
            "mark": {"type": "area", "opacity": 0.18},
            "encoding": base | {"y": y | {"field": "low"}, "y2": {"field": "high"}},
        },
        {"mark": {"type": "line", "strokeWidth": 1.8}, "encoding": base | {"y": y | {"field": "predicted"}}},
        {
            "mark": {"type": "rule", "color": INK, "strokeWidth": 1.4},
            "encoding": {"x": x, "y": y | {"field": "se_low"}, "y2": {"field": "se_high"}},
        },
        {
            "mark": {
                "type": "point",
                "filled": True,
                "size": 52,
                "opacity": 1,
                "stroke": "white",
                "strokeWidth": 0.8,
            },
            "encoding": base | {"y": y, "shape": shape},
        },
        {
            "transform": [{"filter": f"datum.inside == '{_OUTSIDE}'"}],
            "mark": ring,
            "encoding": {"x": x, "y": y, "tooltip": tooltip},
        },
    ]
