"""Dose-response of activities: a small panel for each mechanism set and activity."""

from __future__ import annotations

import json
from collections.abc import Sequence

from soleus.errors import InputError
from soleus.evidence.dose_response import DoseResponse
from soleus.report.names import sentence_case
from soleus.report.numbers import on_log_axis, ratio_domain
from soleus.report.specs import Figure, Spec, finish, ordered, ratio_axis, table, tips, unity_rule
from soleus.report.theme import CONTROL

__all__ = ["doses_figure"]

_WIDTH, _HEIGHT = 270, 88


def doses_figure(responses: Sequence[DoseResponse]) -> Figure:
    """Draw the ratio by dose: activities side by side, mechanism sets below each other.

    Raises
    ------
    InputError
        If there is none, or they are of different read-outs or days.
    """
    if not responses or len({(r.readout, r.day) for r in responses}) > 1:
        raise InputError("the figure of doses needs responses of one read-out on one day, got others or none")
    rows = [row for response in responses for row in _rows(response)]
    domain = ratio_domain([float(str(row[key])) for row in rows for key in ("low", "high")])
    first = responses[0]
    panels = ordered([str(row["activity"]) for row in rows])
    sets = ordered([str(row["set"]) for row in rows])
    spec: Spec = {
        "data": table(rows),
        "spacing": 14,
        "vconcat": [
            {
                "title": {"text": name, "anchor": "start", "fontSize": 12, "fontWeight": "normal"},
                "spacing": 24,
                "hconcat": [_panel(name, panel, domain, below=k == len(sets) - 1) for panel in panels],
            }
            for k, name in enumerate(sets)
        ],
    }
    title = f"Dose and {first.readout_label} on day {first.day:g} (not yet checked in a source)"
    spec = finish(spec, description=f"{title}, by mechanism.", layout="fixed", cell=330 * len(responses))
    return Figure("doses", title, _caption(responses), spec)


def _panel(chosen: str, activity: str, domain: tuple[float, float], *, below: bool) -> Spec:
    """Return one panel: a line and its band."""
    x: Spec = {
        "field": "dose",
        "type": "quantitative",
        "scale": {"zero": True, "nice": False},
        "axis": {"title": activity.split("\n") if below else None, "tickCount": 4, "grid": False},
    }
    y = ratio_axis("ratio", domain, title=None)
    tooltip = tips(
        ("activity", "activity"),
        ("set", "mechanisms"),
        ("dose", "dose", ".3~r"),
        ("ratio", "ratio", ".3~r"),
        ("low", "95 % from", ".3~r"),
        ("high", "to", ".3~r"),
        ("evidence", "studies"),
    )
    band: Spec = {
        "mark": {"type": "area", "opacity": 0.22, "color": CONTROL},
        "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}, "tooltip": tooltip},
    }
    line: Spec = {
        "mark": {"type": "line", "strokeWidth": 2.2, "color": CONTROL},
        "encoding": {"x": x, "y": y, "tooltip": tooltip},
    }
    here = f"datum.set === {json.dumps(chosen)} && datum.activity === {json.dumps(activity)}"
    # Each mark has its own filter: one on the panel would hide the line at 1, which has its own data.
    marks = [mark | {"transform": [{"filter": here}]} for mark in (band, line)]
    return {"width": _WIDTH, "height": _HEIGHT, "layer": [unity_rule("y"), *marks]}


def _rows(response: DoseResponse) -> list[dict[str, object]]:
    axis = response.dose_label if response.unit == "1" else f"{response.dose_label} ({response.unit})"
    panel = f"{sentence_case(response.activity.replace('_', ' '))}\n{axis}"
    if response.within is not None:
        panel = f"{sentence_case(response.within.replace('_', ' '))} with\n{axis}"
    return [
        {
            "activity": panel,
            "set": sentence_case(curve.label),
            "dose": float(dose),
            "ratio": on_log_axis(float(curve.ratio[i])),
            "low": on_log_axis(float(curve.low[i])),
            "high": on_log_axis(float(curve.high[i])),
            "evidence": response.evidence,
        }
        for curve in response.curves
        for i, dose in enumerate(response.doses)
    ]


def _caption(responses: Sequence[DoseResponse]) -> str:
    found = "; ".join(response.evidence.replace("_", " ") for response in responses)
    return (
        "Not yet checked in a source: no dose-response of this read-out was measured. True ratio to free "
        "animals "
        "(logarithmic; line at 1: no change). Line: median strength of the prior; band: its central 95 %. "
        "Above the activity of cage life there is little room to rise, an estimate of ours. What studies "
        f"found: {found}."
    )
