"""Checks of the resting fit: standardised residuals with age, and against the normal quantiles."""

from __future__ import annotations

import math
from statistics import NormalDist

from soleus.answers.run.figures.resting import the_fit
from soleus.answers.run.values import RestingFit, RestingPoint, RunResult
from soleus.report.numbers import figures3
from soleus.report.specs import Figure, Spec, finish, table, tips
from soleus.report.theme import CONTROL, INK, LOSS, MUTED

__all__ = ["residuals_figure", "standardised_residual"]

_DAYS_PER_YEAR = 365.25


def standardised_residual(point: RestingPoint) -> float:
    """Log residual over the predictive standard deviation that the interval stands for."""
    z = NormalDist().inv_cdf(0.5 + point.predicted.level / 2)
    spread = math.log(point.predicted.high / point.predicted.low) / (2 * z)
    return math.log(point.observed / point.predicted.value) / spread


def residuals_figure(result: RunResult) -> Figure:
    """Draw the residuals against age with the fitted slope, and as a normal quantile plot."""
    fit = the_fit(result)
    usable = [p for p in fit.points if p.observed > 0 and 0 < p.predicted.low < p.predicted.high]
    rows = sorted(
        (
            {
                "source": p.source,
                "label": p.label,
                "age": p.age_days,
                "z": round(standardised_residual(p), 4),
                "inside": p.inside,
            }
            for p in usable
        ),
        key=lambda row: float(str(row["z"])),
    )
    n = len(rows)
    for rank, row in enumerate(rows):
        row["normal"] = round(NormalDist().inv_cdf((rank + 0.625) / (n + 0.25)), 4)
    spec: Spec = {
        "columns": 2,
        "concat": [_by_age(rows, fit), _quantiles(rows)],
    }
    slope = fit.trend_slope
    caption = (
        f"Standardised log residuals of n = {n} published means. Left: with age; the line is the fitted "
        f"slope, {figures3(slope.value)} per year (95 % {figures3(slope.low)} to {figures3(slope.high)}), "
        f"so there is {'no trend to see' if slope.low <= 0 <= slope.high else 'a trend left'}. Right: "
        "against the quantiles of a normal distribution; a right model scatters along the diagonal. Grey: "
        "±\u202f1.96."
    )
    spec = finish(
        spec,
        description="Standardised residuals of the resting fit.",
        layout="wrap",
        cell=545,
        most_columns=2,
    )
    return Figure("residuals", "Is anything left over?", caption, spec)


def _channel(field: str, title: str, domain: list[float] | None = None) -> Spec:
    scale: Spec = {"domain": domain, "nice": False} if domain else {"zero": False, "nice": True}
    return {
        "field": field,
        "type": "quantitative",
        "scale": scale,
        "axis": {"title": title, "tickCount": 6, "grid": False},
    }


def _dots(rows: list[dict[str, object]], *, x: Spec, y: Spec) -> Spec:
    colour = {"condition": {"test": "datum.inside", "value": CONTROL}, "value": LOSS}
    tooltip = tips(
        ("label", "read-out"), ("source", "source"), ("age", "age, days", ".4~r"), ("z", "residual", ".2f")
    )
    return {
        "data": table(rows),
        "mark": {"type": "point", "filled": True, "size": 55, "opacity": 0.9},
        "encoding": {"x": x, "y": y, "color": colour, "tooltip": tooltip},
    }


def _guides(levels: list[float]) -> Spec:
    return {
        "data": {"values": [{"z": level} for level in levels]},
        "mark": {"type": "rule", "color": MUTED, "strokeDash": [3, 3], "strokeWidth": 1},
        "encoding": {"y": {"field": "z", "type": "quantitative"}},
    }


def _bound(rows: list[dict[str, object]]) -> float:
    return max([2.6, *(abs(float(str(row["z"]))) * 1.1 for row in rows)])


def _by_age(rows: list[dict[str, object]], fit: RestingFit) -> Spec:
    bound = _bound(rows)
    x = _channel("age", "age, days")
    y = _channel("z", "standardised residual", [-bound, bound])
    ages = [float(str(row["age"])) for row in rows] or [0.0]
    centre = sum(ages) / len(ages)
    line = [
        {"age": age, "z": fit.trend_slope.value * (age - centre) / _DAYS_PER_YEAR}
        for age in (min(ages), max(ages))
    ]
    trend: Spec = {
        "data": table(line),
        "mark": {"type": "line", "color": INK, "strokeWidth": 2, "clip": True},
        "encoding": {"x": x, "y": y},
    }
    return {"width": 455, "height": 210, "layer": [_guides([-1.96, 0, 1.96]), trend, _dots(rows, x=x, y=y)]}


def _quantiles(rows: list[dict[str, object]]) -> Spec:
    bound = _bound(rows)
    x = _channel("normal", "quantile of the normal distribution", [-bound, bound])
    y = _channel("z", "standardised residual", [-bound, bound])
    diagonal: Spec = {
        "data": table([{"normal": -bound, "z": -bound}, {"normal": bound, "z": bound}]),
        "mark": {"type": "line", "color": INK, "strokeWidth": 1.2},
        "encoding": {"x": x, "y": y},
    }
    return {"width": 455, "height": 210, "layer": [_guides([-1.96, 1.96]), diagonal, _dots(rows, x=x, y=y)]}
