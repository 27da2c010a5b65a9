"""The competing mechanisms: what each does to Ki67 over time under the reported effect."""

from __future__ import annotations

from soleus.answers.run.names import Names
from soleus.answers.run.values import DayPrediction, MechanismRow, RunResult
from soleus.report.names import sentence_case
from soleus.report.numbers import figures3, on_log_axis, ratio_domain, thinned
from soleus.report.specs import (
    Figure,
    Spec,
    finish,
    ordered,
    panel_facet,
    panel_titles,
    ratio_axis,
    table,
    tips,
    unity_rule,
)
from soleus.report.theme import LOSS, MUTED

__all__ = ["mechanisms_figure"]

_WIDTH = 208
_MOST_MARKED = 12
_REACHES, _CANNOT, _MIDDLE = "reaches the reported size", "cannot reach it", "at the middle of the prior"


def mechanisms_figure(result: RunResult) -> Figure | None:
    """Draw the true lead ratio by day, one panel for each mechanism that was solved; None where none was."""
    names = Names.of(result)
    solved = [m for m in result.mechanisms if m.ratio_by_day]
    titles = panel_titles([sentence_case(names.mechanism(m.name)) for m in solved], _WIDTH)
    reported = result.translation_of == "reported"
    rows = [
        row | {"panel": titles[sentence_case(names.mechanism(m.name))]}
        for m in solved
        for row in _rows(m, reported=reported)
    ]
    if not rows:
        return None
    domain = ratio_domain([float(str(row["ratio"])) for row in rows])
    shown = [word for word in (_REACHES, _CANNOT, _MIDDLE) if any(row["reach"] == word for row in rows)]
    encoding: Spec = {
        "x": {
            "field": "day",
            "type": "quantitative",
            "scale": {"zero": True, "nice": False},
            "axis": {"title": "day", "tickCount": 5, "grid": False},
        },
        "y": ratio_axis("ratio", domain, title=None),
        "color": {
            "field": "reach",
            "type": "nominal",
            "scale": {"domain": [_REACHES, _CANNOT, _MIDDLE], "range": [LOSS, MUTED, LOSS]},
            "legend": {"title": None, "orient": "top", "values": shown} if len(shown) > 1 else None,
        },
        "tooltip": tips(
            ("mechanism", "possible cause"),
            ("day", "day", ".3~r"),
            ("ratio", "ratio", ".3~r"),
            ("set", "strength"),
        ),
    }
    line: Spec = {"mark": {"type": "line", "strokeWidth": 2.2}, "encoding": encoding}
    point: Spec = {
        "mark": {"type": "point", "filled": True, "size": 46, "opacity": 1},
        "transform": [{"filter": "datum.marked"}],
        "encoding": encoding,
    }
    spec: Spec = {
        "data": table(rows),
        "facet": panel_facet("panel", ordered([str(row["panel"]) for row in rows])),
        "columns": 4,
        "spec": {"width": _WIDTH, "height": 120, "layer": [unity_rule("y"), line, point]},
        "resolve": {"axis": {"x": "independent"}},
    }
    spec = finish(
        spec,
        description=f"Ratio of {result.effect.readout_label} by day under each possible cause.",
        layout="wrap",
        cell=268,
        most_columns=4,
    )
    return Figure("mechanisms", "Each possible cause on its own", _caption(result, shown), spec)


def _caption(result: RunResult, shown: list[str]) -> str:
    how = (
        "with its strength set to the reported size"
        if result.translation_of == "reported"
        else "at the middle of what could be expected before any data, since no size is reported"
    )
    text = (
        f"True ratio of {result.effect.readout_label} of the intervention to the control (logarithmic; line "
        f"at 1: no change) when the cause acts alone, {how}"
    )
    if _CANNOT in shown:
        text += " or, where that is out of reach, at its strongest"
    text += ". Every course starts at day 0, where the groups do not differ. Points: days that were computed."
    missing = [sentence_case(m.label) for m in result.mechanisms if not m.ratio_by_day]
    if missing and result.translation_of == "reported":
        text += f" Not drawn, since out of reach: {'; '.join(missing)}."
    return text + " No sampling noise."


def _rows(mechanism: MechanismRow, *, reported: bool) -> list[dict[str, object]]:
    points = _from_day_zero(mechanism.ratio_by_day)
    gain = mechanism.log_gain_reported
    kept = thinned([point.day for point in points], 40)
    return [
        {
            "mechanism": mechanism.label,
            "day": points[i].day,
            "ratio": on_log_axis(points[i].ratio),
            "reach": (_REACHES if mechanism.reaches_reported else _CANNOT) if reported else _MIDDLE,
            "set": figures3(gain)
            if gain is not None
            else "at its bound"
            if reported
            else "as expected before any data",
            # Many points are a curve already.
            "marked": len(kept) <= _MOST_MARKED,
        }
        for i in kept
    ]


def _from_day_zero(points: list[DayPrediction]) -> list[DayPrediction]:
    if not points or min(point.day for point in points) <= 0:
        return points
    return [DayPrediction(day=0.0, ratio=1.0), *points]
