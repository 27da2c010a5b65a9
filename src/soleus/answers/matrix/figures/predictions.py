"""For each study: what every mechanism set predicts for every finding, against what was reported."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from soleus.answers.matrix.figures.rows import row_labels
from soleus.answers.matrix.values import NO_EFFECT, MatrixFinding, MatrixPrediction, MatrixResult, MatrixStudy
from soleus.report.numbers import ratio_domain, ratio_text
from soleus.report.specs import (
    Figure,
    Spec,
    finish,
    label_lines,
    panel_titles,
    ratio_axis,
    row_px,
    table,
    text_mark,
    tips,
    unity_rule,
)
from soleus.report.theme import CONTROL, INK, LOSS

__all__ = ["study_figures"]

_MOST_PANELS = 4
_LETTERS, _ROW_PX = 40, 25
_WIDE_PX, _LEAST_PX, _MOST_PX = 800, 150, 260
_LIMITS = (0.08, 12.5)
_GUESS = 1.0 / 3.0
_REPORTED = "As reported"
_BAND = "#e4e8ec"
_OUTCOMES = {"down": "▼ lower", "none": "no difference", "up": "▲ higher"}


def _figure_names(study: MatrixStudy) -> list[str]:
    """Return the names of a study's figures."""
    parts = math.ceil(len(study.findings) / _MOST_PANELS)
    return [f"predictions-{study.name}" + (f"-{k}" if k > 1 else "") for k in range(1, parts + 1)]


def study_figures(result: MatrixResult, study: MatrixStudy) -> list[Figure]:
    """Return the figures of a study; many findings are split."""
    parts = [study.findings[k : k + _MOST_PANELS] for k in range(0, len(study.findings), _MOST_PANELS)]
    titles = [
        f"{study.source}: {study.title}" + (f" ({k} of {len(parts)})" if len(parts) > 1 else "")
        for k in range(1, len(parts) + 1)
    ]
    names = _figure_names(study)
    return [
        Figure(name, title, _CAPTION, _spec(result, study, part))
        for name, title, part in zip(names, titles, parts, strict=True)
    ]


def _spec(result: MatrixResult, study: MatrixStudy, found: Sequence[MatrixFinding]) -> Spec:
    ordered = sorted(result.rows, key=lambda row: row.name == NO_EFFECT)
    labels = row_labels(ordered, _LETTERS)
    rows = [_REPORTED, *labels.values()]
    domain = _domain(result, found)
    width = max(_LEAST_PX, min(_MOST_PX, _WIDE_PX // len(found)))
    heads = panel_titles([f.panel for f in found], width)
    height = row_px(labels.values(), _ROW_PX) * len(rows)
    panels = []
    for k, finding in enumerate(found):
        predicted = {
            labels[row.name]: next(p for c in row.cells for p in c.predictions if p.finding == finding.id)
            for row in ordered
        }
        panel = _panel(finding, predicted, domain)
        _place_rows(panel, rows, labelled=k == 0)
        title = {"text": heads[finding.panel].split("\n"), "fontSize": 12, "lineHeight": 15, "frame": "group"}
        panels.append(panel | {"title": title, "width": width, "height": height})
    spec: Spec = {"hconcat": panels, "spacing": 16, "bounds": "flush"}
    words = f"Predicted ratio of each finding of {study.source} under each possible cause."
    return finish(spec, description=words, layout="fixed", cell=1080)


def _domain(result: MatrixResult, found: Sequence[MatrixFinding]) -> tuple[float, float]:
    wanted = {f.id for f in found}
    values = [
        bound
        for row in result.rows
        for cell in row.cells
        for p in cell.predictions
        if p.finding in wanted
        for bound in (p.low, p.high)
    ]
    values += [
        bound for f in found for bound in (f.low, f.high, f.none_low / 1.35, f.none_high * 1.35) if bound
    ]
    low, high = ratio_domain(values)
    return max(low, _LIMITS[0]), min(high, _LIMITS[1])


def _panel(
    finding: MatrixFinding, predicted: Mapping[str, MatrixPrediction], domain: tuple[float, float]
) -> Spec:
    data = [_row(label, p, finding, domain) for label, p in predicted.items()]
    colour = {"condition": {"test": "datum.unlikely", "value": LOSS}, "value": CONTROL}
    tooltip = tips(
        ("set", "possible cause"), ("ratio", "predicted ratio"), ("probability", "of what was found", ".3~g"),
        ("told", "sensitive"),
    )  # fmt: skip
    x = ratio_axis("value", domain, title="ratio")
    interval: Spec = {
        "mark": {"type": "rule", "strokeWidth": 2.2, "clip": True},
        "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}, "color": colour, "tooltip": tooltip},
    }
    hollow = {"condition": {"test": "datum.tells", "value": 1}, "value": 0}
    point: Spec = {
        "mark": {"type": "point", "filled": True, "size": 46, "opacity": 1, "clip": True, "strokeWidth": 1.6},
        "encoding": {"x": x, "color": colour, "fillOpacity": hollow, "tooltip": tooltip},
    }
    point["encoding"]["stroke"] = colour
    return {
        "data": table(data),
        "layer": [_band(finding, domain), unity_rule("x"), interval, point, *_reported(finding, x, domain)],
    }


def _row(
    label: str, prediction: MatrixPrediction, finding: MatrixFinding, domain: tuple[float, float]
) -> dict[str, object]:
    low, high = ratio_text(prediction.low), ratio_text(prediction.high)
    return {
        "row": label,
        "set": " ".join(label.split()),
        "value": _inside(prediction.ratio, domain),
        "low": _inside(prediction.low, domain),
        "high": _inside(prediction.high, domain),
        "ratio": f"{ratio_text(prediction.ratio)} ({low} to {high})",
        "probability": prediction.probability,
        "unlikely": prediction.probability < _GUESS,
        "tells": prediction.sensitive,
        "told": "yes" if prediction.sensitive else "no",
        "finding": finding.id,
    }


def _inside(value: float, domain: tuple[float, float]) -> float:
    return max(domain[0], min(domain[1], value))


def _band(finding: MatrixFinding, domain: tuple[float, float]) -> Spec:
    """Shade the ratios that a study of this size would report as it did."""
    low, high = _bounds(finding, domain)
    data = table([{"from": low, "to": high}])
    x = ratio_axis("from", domain, title="ratio")
    return {
        "data": data,
        "mark": {"type": "rect", "color": _BAND, "clip": True},
        "encoding": {"x": x, "x2": {"field": "to"}},
    }


def _bounds(finding: MatrixFinding, domain: tuple[float, float]) -> tuple[float, float]:
    bounds = {
        "down": (domain[0], finding.none_low),
        "none": (finding.none_low, finding.none_high),
        "up": (finding.none_high, domain[1]),
    }[finding.direction]
    return _inside(bounds[0], domain), _inside(bounds[1], domain)


def _reported(finding: MatrixFinding, x: Spec, domain: tuple[float, float]) -> list[Spec]:
    """Draw what was reported: the size with its interval, or the direction in a word."""
    bold = text_mark(size=11, colour=INK) | {"fontWeight": "bold"}
    if finding.ratio is None or finding.low is None or finding.high is None:
        middle = math.sqrt(math.prod(_bounds(finding, domain)))
        data = table([{"row": _REPORTED, "value": middle, "text": _OUTCOMES[finding.direction]}])
        text: Spec = {"text": {"field": "text", "type": "nominal"}}
        return [{"data": data, "mark": bold, "encoding": {"x": x} | text}]
    data = table([{"row": _REPORTED, "value": finding.ratio, "low": finding.low, "high": finding.high}])
    rule = {"type": "rule", "strokeWidth": 2.4, "color": INK, "clip": True}
    diamond = {
        "type": "point", "filled": True, "shape": "diamond", "size": 90, "color": INK, "opacity": 1,
        "clip": True,
    }  # fmt: skip
    return [
        {"data": data, "mark": rule, "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}}},
        {"data": data, "mark": diamond, "encoding": {"x": x}},
    ]


def _place_rows(panel: Spec, rows: Sequence[str], *, labelled: bool) -> None:
    lines = label_lines("y") | {"labelFontSize": 11, "labelLimit": 0}
    bold = {"condition": {"test": f"datum.value === '{_REPORTED}'", "value": "bold"}, "value": "normal"}
    axis = (
        {"title": None, "domain": False, "ticks": False, "labelFontWeight": bold} | lines
        if labelled
        else None
    )
    row = {"field": "row", "type": "nominal", "scale": {"domain": list(rows)}, "axis": axis}
    for layer in panel["layer"]:
        # The line of no change and the band stand behind all rows.
        if layer["mark"]["type"] != "rect" and "one" not in str(layer["encoding"].get("x", {}).get("field")):
            layer["encoding"]["y"] = row


_CAPTION = (
    "Ratio of the group to the one it is compared with (logarithmic; line at 1): median and 95 % of what "
    "each set predicts, its strength weighted by the findings of all other studies (leave-one-study-out), "
    "with no sampling noise. Top row: what was reported, a direction or a size with its interval. Shaded: "
    "ratios that a study of this size would report so. Orange: what was found is less probable than a guess "
    "among three outcomes. Ring: the finding is not sensitive to the set."
)
