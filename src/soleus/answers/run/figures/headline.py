"""The headline: the study at face value beside what the prior predicts, read-out by read-out."""

from __future__ import annotations

from soleus.answers.run.groups import group_labels
from soleus.answers.run.names import lead_rows
from soleus.answers.run.values import Headline, RunResult
from soleus.report.names import sentence_case, wrapped
from soleus.report.numbers import between, change, group_thousands, on_log_axis, ratio_domain
from soleus.report.specs import (
    Figure,
    Spec,
    finish,
    label_lines,
    ordered,
    ratio_axis,
    row_px,
    table,
    tips,
    unity_rule,
)
from soleus.report.theme import INK, LOSS, MUTED
from soleus.schema.values import Interval

__all__ = ["headline_figure"]

FACE = "If the reported change is true"
PRIOR = "Before any data"
# A row holds two lines of a label; the labels take what the panel of 545 px leaves.
_ROW = 34
_LETTERS, _LABEL_PX = 26, 175


def headline_figure(result: RunResult) -> Figure:
    """Draw two columns on one ratio axis: face value, and the prior with each mechanism set in it."""
    shown = lead_rows(result.headline)
    usual = _usual_day(shown)
    labels = ordered([_label(entry, usual) for entry in shown])
    priors = [_row(_label(entry, usual), entry.prior) for entry in shown]
    faces = [_row(_label(e, usual), e.face_value) for e in shown if e.face_value is not None]
    domain = ratio_domain(_every_bound(shown))
    panels = [_panel(PRIOR, priors, labels=labels, domain=domain, sets=_set_rows(shown, usual))]
    if faces:
        panels.insert(0, _panel(FACE, faces, labels=labels, domain=domain))
    spec: Spec = {"columns": 2, "concat": panels}
    title = (
        "If the report is true, and before any data" if faces else "What could be expected before any data"
    )
    return Figure("headline", title, _caption(result, usual, faces=bool(faces)), _finished(spec))


def _caption(result: RunResult, usual: float, *, faces: bool) -> str:
    other = (
        " unless another day stands with the name"
        if len({e.day for e in lead_rows(result.headline)}) > 1
        else ""
    )
    left = (
        "Left: the bar spans the possible causes that can reach the reported size. Right: dot"
        if faces
        else "Dot"
    )
    draws = group_thousands(result.prior_draws)
    return (
        f"Ratio of {_group(result)} to the control at day {usual:g}{other}, on a logarithmic axis; the "
        f"line at 1 means no change. {left} and bar are the median and 95 % interval of what could be "
        "expected "
        f"before any data, averaged over the possible causes that reach all of it, from {draws} "
        "equally probable effect sizes; each faint bar is one cause."
    )


def _group(result: RunResult) -> str:
    name = result.headline[0].group
    labels = group_labels(result.design)
    return f"the group “{labels[name]}”" if name in labels and len(labels) > 2 else "the intervention group"


def _finished(spec: Spec) -> Spec:
    return finish(
        spec,
        description="Ratios of the read-outs: if the report is true, and before any data.",
        layout="wrap",
        cell=545,
        most_columns=2,
    )


def _every_bound(headline: list[Headline]) -> list[float]:
    intervals = [
        interval
        for entry in headline
        for interval in (entry.face_value, entry.prior, *(one.interval for one in entry.prior_by_set))
        if interval is not None
    ]
    return [bound for interval in intervals for bound in (interval.low, interval.value, interval.high)]


def _usual_day(headline: list[Headline]) -> float:
    days = [entry.day for entry in headline]
    return max(days, key=lambda day: (days.count(day), day))


def _label(entry: Headline, usual: float) -> str:
    label = sentence_case(entry.label)
    return wrapped(label if entry.day == usual else f"{label}, day {entry.day:g}", _LETTERS)


def _row(label: str, interval: Interval) -> dict[str, object]:
    return {
        "label": label,
        "value": on_log_axis(interval.value),
        "low": on_log_axis(interval.low),
        "high": on_log_axis(interval.high),
        "change": change(interval.value),
        "text": between(interval),
    }


def _set_rows(headline: list[Headline], usual: float) -> list[dict[str, object]]:
    return [
        # The sets stack below the average, inside the row.
        _row(_label(entry, usual), one.interval) | {"set": one.mechanism_set, "shift": k + 1}
        for entry in headline
        for k, one in enumerate(entry.prior_by_set)
    ]


def _panel(
    title: str,
    rows: list[dict[str, object]],
    *,
    labels: list[str],
    domain: tuple[float, float],
    sets: list[dict[str, object]] | None = None,
) -> Spec:
    colour = INK if sets is not None else LOSS
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "sort": labels,
        "axis": {"title": None, "labelLimit": _LABEL_PX} | label_lines("y", padding=4),
        # Bands in both panels, so that their rows stand level.
        "scale": {"type": "band", "domain": labels, "padding": 0},
    }
    x = ratio_axis("low", domain, title="ratio to control")
    layers: list[Spec] = [unity_rule("x")]
    if sets:
        layers.append(_set_layer(sets, y=y, x=x))
    tooltip = tips(("label", "read-out"), ("text", "ratio (interval)"), ("change", "change"))
    bar = {"type": "rule", "strokeWidth": 3, "color": colour, "strokeCap": "round"}
    dot = {"type": "point", "filled": True, "size": 70, "color": colour, "opacity": 1}
    both = {"y": y, "tooltip": tooltip}
    layers.append({"data": table(rows), "mark": bar, "encoding": both | {"x": x, "x2": {"field": "high"}}})
    layers.append({"data": table(rows), "mark": dot, "encoding": both | {"x": x | {"field": "value"}}})
    return {
        "title": {"text": title, "color": colour},
        "width": 350,
        "height": max(60, row_px(labels, _ROW) * len(labels)),
        "layer": layers,
    }


def _set_layer(sets: list[dict[str, object]], *, y: Spec, x: Spec) -> Spec:
    most = max(int(str(row["shift"])) for row in sets)
    return {
        "data": table(sets),
        "mark": {"type": "rule", "strokeWidth": 1.5, "color": MUTED, "opacity": 0.45},
        "encoding": {
            "y": y,
            "yOffset": {
                "field": "shift",
                "type": "quantitative",
                "scale": {"domain": [-most - 1, most + 1]},
            },
            "x": x,
            "x2": {"field": "high"},
            "tooltip": tips(("label", "read-out"), ("set", "possible cause"), ("text", "ratio (interval)")),
        },
    }
