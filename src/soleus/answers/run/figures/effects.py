"""Every read-out's effect on one axis: the ratio that this cohort shows, and the true one."""

from __future__ import annotations

from soleus.answers.run.groups import contrast_colour
from soleus.answers.run.values import ReadoutResult, RunResult
from soleus.report.names import sentence_case, wrapped
from soleus.report.numbers import between, change, on_log_axis, p_text, ratio_domain
from soleus.report.specs import (
    Figure,
    Spec,
    colour_scale,
    finish,
    label_lines,
    ordered,
    ratio_axis,
    row_px,
    table,
    tips,
    unity_rule,
)
from soleus.report.theme import INK

__all__ = ["effect_domain", "effects_figure"]


def effect_domain(readouts: list[ReadoutResult]) -> tuple[float, float]:
    """Return the bounds of the ratio axis that all read-outs share, so that panels can be compared."""
    points = [r.true_ratio for r in readouts if r.true_ratio is not None]
    effects = [r.effect.ratio for r in readouts if r.effect is not None]
    points += [one.value for one in effects]
    bounds = [bound for one in effects for bound in (one.low, one.high)]
    # An interval that leaves the first range says "not known" wherever it ends; a point is to be seen.
    inside = [min(max(bound, 0.02), 50.0) for bound in bounds]
    return ratio_domain([*inside, *(min(max(point, 1e-4), 1e4) for point in points)])


def effects_figure(result: RunResult) -> Figure:
    """Draw a forest plot of all read-outs: observed ratio with interval, and the true ratio."""
    domain = effect_domain(result.readouts)
    days = sorted({r.day for r in result.readouts})
    places = ordered([f"{r.contrast}, day {r.day:g}" for r in sorted(result.readouts, key=lambda r: r.day)])
    rows = [_row(r, domain=domain) for r in result.readouts]
    labels = ordered([str(row["label"]) for row in rows])
    colours = {r.contrast: contrast_colour(result.design, r.contrast) for r in result.readouts}
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "sort": labels,
        "axis": {"title": None, "domain": False, "ticks": False, "grid": True} | label_lines("y", padding=6),
    }
    x = ratio_axis("value", domain, title="ratio to control (logarithmic)")
    legend = {"title": None, "orient": "top"} if len(colours) > 1 else None
    colour = {"field": "contrast", "type": "nominal", "scale": colour_scale(colours), "legend": legend}
    style: Spec = {"color": colour} | _by_day([f"day {day:g}" for day in days]) | _offset(places)
    style["tooltip"] = tips(
        ("label", "read-out"), ("day", "sampled"), ("contrast", "contrast"), ("text", "observed (95 %)"),
        ("p", "test"),
        ("true_text", "true in this cohort"),
    )  # fmt: skip
    spec: Spec = {
        "height": max(60, row_px(labels, 15 + 13 * len(places)) * len(labels)),
        "layer": [unity_rule("x"), *_marks(rows, x=x, y=y, style=style)],
    }
    caption = (
        "Dot and bar: ratio observed in this virtual cohort with its 95 % interval, the animal as the "
        "unit. Open diamond: the true ratio that the animals were drawn from. Line at 1: no change."
    )
    if any(r.measure != "ratio" for r in result.readouts):
        caption += " Shares of cells are compared by their odds, and say so."
    spec = finish(
        spec,
        description="Observed and true ratio of every read-out, with intervals.",
        layout="fluid",
        cell=1080,
    )
    return Figure("effects", "All read-outs at a glance", caption, spec)


def _row(r: ReadoutResult, *, domain: tuple[float, float]) -> dict[str, object]:
    label = sentence_case(r.label)
    row: dict[str, object] = {
        "label": wrapped(label if r.measure == "ratio" else f"{label} ({r.measure})", 28),
        "day": f"day {r.day:g}",
        "contrast": r.contrast,
        "place": f"{r.contrast}, day {r.day:g}",
    }
    if r.true_ratio is not None:
        row |= {
            "true": on_log_axis(r.true_ratio),
            "true_text": f"{r.true_ratio:.3g} ({change(r.true_ratio)})",
        }
    if r.effect is not None:
        ratio = r.effect.ratio
        row |= {
            "value": on_log_axis(ratio.value),
            "low": max(ratio.low, domain[0]),
            "high": min(ratio.high, domain[1]),
            "text": between(ratio),
            "p": f"{p_text(r.effect.p_value)}, {r.effect.method}",
        }
    return row


def _by_day(days: list[str]) -> Spec:
    """Draw earlier days paler; one day needs no shade."""
    if len(days) < 2:
        return {}
    shade = [round(0.45 + 0.55 * k / (len(days) - 1), 2) for k in range(len(days))]
    legend = {"title": None, "orient": "top", "symbolType": "circle", "symbolFillColor": INK}
    return {
        "opacity": {
            "field": "day",
            "type": "nominal",
            "scale": {"domain": days, "range": shade},
            "legend": legend,
        },
    }


def _offset(places: list[str]) -> Spec:
    """Separate contrasts and days within a row; one of each needs no room."""
    if len(places) < 2:
        return {}
    scale = {"paddingOuter": 0.6}
    return {"yOffset": {"field": "place", "type": "nominal", "sort": places, "scale": scale}}


def _marks(rows: list[dict[str, object]], *, x: Spec, y: Spec, style: Spec) -> list[Spec]:
    shown = [row for row in rows if "value" in row]
    common = {"y": y} | style
    true = {key: value for key, value in common.items() if key not in ("color", "opacity")}
    true["x"] = x | {"field": "true"}
    diamond = {
        "type": "point",
        "shape": "diamond",
        "size": 75,
        "color": INK,
        "filled": False,
        "strokeWidth": 1.4,
    }
    return [
        {
            "data": table(shown),
            "mark": {"type": "rule", "strokeWidth": 2.6, "strokeCap": "round"},
            "encoding": common | {"x": x | {"field": "low"}, "x2": {"field": "high"}},
        },
        {
            "data": table(shown),
            "mark": {"type": "point", "filled": True, "size": 75},
            "encoding": common | {"x": x},
        },
        {"data": table(row for row in rows if "true" in row), "mark": diamond, "encoding": true},
    ]
