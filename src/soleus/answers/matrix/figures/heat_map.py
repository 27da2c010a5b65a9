"""The matrix of mechanism sets by studies as one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from soleus.answers.matrix.figures.rows import (
    BARE,
    apart,
    place_rows,
    probability_text,
    row_labels,
    rows_px,
)
from soleus.answers.matrix.values import MatrixCell, MatrixResult, MatrixSet, MatrixStudy
from soleus.report.names import sentence_case, wrapped
from soleus.report.numbers import signed
from soleus.report.specs import Figure, Spec, finish, label_lines, table, text_mark, tips
from soleus.report.theme import CONTROL, DIVERGING, INK, MUTED

__all__ = ["REFUTED", "matrix_figure"]

REFUTED = "not alone"
# A finding has three outcomes: a third is what a guess would give. Text on the ends is white.
_GUESS = 1.0 / 3.0
_STOPS = (0.0, 0.5 * _GUESS, _GUESS, 0.5 * (1.0 + _GUESS), 1.0)
_WHITE_BELOW, _WHITE_ABOVE = 0.12, 0.77
_ROW_PX, _LETTERS = 33, 40
_SPACE_PX, _LEAST_PX, _MOST_PX = 670, 54, 92
# Letters of the heads, and their mean width; smaller where columns are narrow.
_HEAD_FONTS = ((76, 11.0, 6.3), (0, 9.5, 5.3))
_P_PX, _BARS_PX = 86, 104
_REFUTED_FILL = "#9c3b00"


def matrix_figure(result: MatrixResult) -> Figure:
    """Draw sets by studies, with the posterior predictive p and the evidence at the right."""
    width = max(_LEAST_PX, min(_MOST_PX, _SPACE_PX // len(result.studies)))
    size, letter = next((size, letter) for least, size, letter in _HEAD_FONTS if width >= least)
    heads = _heads(result.studies, int(width / letter))
    labels = row_labels(result.rows, _LETTERS)
    domain = apart(result.rows, labels)
    height = rows_px(labels, _ROW_PX) * len(domain)
    panels = [
        _heat_map(result, heads, labels, font=size) | {"width": width * len(heads), "height": height},
        _p_column(result.rows, labels) | {"width": _P_PX, "height": height},
        _evidence_column(result.rows, labels) | {"width": _BARS_PX, "height": height},
    ]
    for k, panel in enumerate(panels):
        place_rows(panel, domain, labelled=k == 0)
    spec: Spec = {"hconcat": panels, "spacing": 14, "bounds": "flush"}
    spec = finish(spec, description=_spoken(result), layout="fixed", cell=1100)
    return Figure("matrix", "Every possible cause against every study", _caption(result), spec)


def _heads(studies: Sequence[MatrixStudy], letters: int) -> dict[str, str]:
    """Return the lines above each column: source, species, niches; the same source is told by its name."""
    sources = [study.source for study in studies]
    heads = {}
    for study in studies:
        named = study.source if sources.count(study.source) == 1 else study.name
        parts = [named, " and ".join(study.species), " + ".join(_places(study.niches))]
        heads[study.name] = "\n".join(wrapped(part, letters) for part in parts)
    return heads


def _places(niches: Sequence[str]) -> list[str]:
    """Return a study's niches, cultures of any kind as one; of more than three only the first two."""
    short = list(dict.fromkeys("culture" if "culture" in niche else niche for niche in niches))
    return short if len(short) <= 3 else [*short[:2], "more"]


def _heat_map(
    result: MatrixResult, heads: Mapping[str, str], labels: Mapping[str, str], *, font: float
) -> Spec:
    cells = [
        _cell_row(row, cell, result.study(cell.study))
        | {"row": labels[row.name], "column": heads[cell.study]}
        for row in result.rows
        for cell in row.cells
    ]
    top = BARE | label_lines("top", line_px=12.5) | {"orient": "top", "labelAngle": 0, "labelFontSize": font}
    x = {"field": "column", "type": "nominal", "scale": {"domain": list(heads.values())}, "axis": top}
    tooltip = tips(
        ("set", "possible cause"), ("study", "study"), ("joint", "all findings together", ".3~g"),
        ("per_finding", "per finding", ".3~g"), ("n", "findings", "d"), ("told", "sensitive"),
    )  # fmt: skip
    inner = {"width": {"band": 0.9}, "height": {"band": 0.84}}
    rect = {"type": "rect", "stroke": "white", "strokeWidth": 2, "cornerRadius": 3}
    frame = {"type": "rect", "filled": False, "stroke": MUTED, "strokeDash": [3, 2], "strokeWidth": 1} | inner
    fade = {"condition": {"test": "datum.tells", "value": 1}, "value": 0.4}
    white = {"condition": {"test": "datum.strong", "value": "white"}, "value": INK}
    return {
        "data": table(cells),
        "layer": [
            {
                "mark": rect,
                "encoding": {"x": x, "color": _colour(), "fillOpacity": fade, "tooltip": tooltip},
            },
            {"transform": [{"filter": "!datum.tells"}], "mark": frame, "encoding": {"x": x}},
            *(
                {
                    "mark": text_mark(size=size, dy=dy),
                    "encoding": {"x": x, "text": {"field": field, "type": "nominal"}, "color": white},
                }
                for field, size, dy in (("text", 11.5, -5), ("of", 8.5, 7))
            ),
        ],
    }


def _cell_row(row: MatrixSet, cell: MatrixCell, study: MatrixStudy) -> dict[str, object]:
    n = len(cell.predictions)
    told = {p.finding for p in cell.predictions if p.sensitive}
    outer = cell.per_finding < _WHITE_BELOW or cell.per_finding > _WHITE_ABOVE
    return {
        "set": sentence_case(row.label),
        "study": f"{study.source} ({study.name})",
        "joint": cell.probability,
        "per_finding": cell.per_finding,
        "n": n,
        "told": f"{len(told)} of {n} findings",
        "tells": cell.sensitive,
        "strong": cell.sensitive and outer,
        "text": probability_text(cell.probability),
        "of": f"n = {n}",
    }


def _colour() -> Spec:
    return {
        "field": "per_finding",
        "type": "quantitative",
        "scale": {"domain": list(_STOPS), "range": list(DIVERGING), "interpolate": "rgb"},
        "legend": {
            "title": "predictive probability per finding (grey: a guess among down, none and up)",
            "type": "gradient",
            "orient": "bottom",
            "direction": "horizontal",
            "gradientLength": 300,
            "gradientThickness": 10,
            "titleLimit": 520,
            "values": [0, 0.17, 0.33, 0.67, 1],
            "format": ".2~f",
        },
    }


def _p_column(rows: Sequence[MatrixSet], labels: Mapping[str, str]) -> Spec:
    data = [
        {
            "row": labels[row.name],
            "p": f"p = {row.predictive_p:.3f}",
            "refuted": row.refuted,
            "word": REFUTED if row.refuted else "",
        }
        for row in rows
    ]
    refuted = {"transform": [{"filter": "datum.refuted"}]}
    whole: Spec = {"x": {"value": 0}, "x2": {"value": _P_PX}}
    rect = {"type": "rect", "fill": _REFUTED_FILL, "stroke": "white", "strokeWidth": 2, "cornerRadius": 3}
    middle: Spec = {"x": {"value": _P_PX / 2}}
    return {
        "title": _over("posterior", "predictive p"),
        "data": table(data),
        "layer": [
            refuted | {"mark": rect, "encoding": dict(whole)},
            {
                "transform": [{"filter": "!datum.refuted"}],
                "mark": text_mark(size=11),
                "encoding": middle | {"text": {"field": "p", "type": "nominal"}},
            },
            refuted
            | {
                "mark": text_mark(size=10.5, colour="white", dy=-6) | {"fontWeight": "bold"},
                "encoding": middle | {"text": {"field": "word", "type": "nominal"}},
            },
            refuted
            | {
                "mark": text_mark(size=10.5, colour="white", dy=7),
                "encoding": middle | {"text": {"field": "p", "type": "nominal"}},
            },
        ],
    }


def _evidence_column(rows: Sequence[MatrixSet], labels: Mapping[str, str]) -> Spec:
    values = [row.log10_evidence for row in rows]
    # Room for the number beside the longest bar.
    low, high = min(0.0, *values), max(0.5, *values)
    margin = 0.42 * (high - low)
    x: Spec = {
        "field": "evidence",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [low - (margin if low < 0.0 else 0.0), high + margin], "nice": False},
    }
    data = [
        {"row": labels[r.name], "evidence": r.log10_evidence, "text": signed(r.log10_evidence)} for r in rows
    ]
    bar = {"type": "bar", "height": {"band": 0.42}, "color": CONTROL}
    side = [("datum.evidence >= 0", "left", 4), ("datum.evidence < 0", "right", -4)]
    texts = [
        {
            "transform": [{"filter": test}],
            "mark": text_mark(size=11, align=align, dx=dx),
            "encoding": {"x": x, "text": {"field": "text", "type": "nominal"}},
        }
        for test, align, dx in side
    ]
    return {
        "title": _over("log10 evidence", "against no effect"),
        "data": table(data),
        "layer": [{"mark": bar, "encoding": {"x": x}}, *texts],
    }


def _over(*lines: str) -> Spec:
    return {
        "text": list(lines), "anchor": "middle", "fontSize": 11, "fontWeight": "normal", "offset": 8,
        "lineHeight": 12.5, "frame": "group",
    }  # fmt: skip


def _spoken(result: MatrixResult) -> str:
    """Return what stands for the picture where it cannot be seen; the table beside it has the numbers."""
    said = (
        "each may explain them on its own"
        if not result.refuted
        else f"{len(result.refuted)} do not explain them on their own"
    )
    return (
        f"Heat map of {len(result.rows)} rows (possible causes and no effect) by {len(result.studies)} "
        f"studies: predictive probability of what each study found; {said}. The table below it has every "
        "number."
    )


def _caption(result: MatrixResult) -> str:
    prior = result.prior
    return (
        "Colour: predictive probability per finding (geometric mean), comparable between studies with few "
        "and with many findings. Number: that of all n findings of the study together. Pale with a dashed "
        "frame: no finding of the study is sensitive to the set (it moves none by a log-ratio of "
        f"{prior.sensitive_above:g} at the prior's median strength). The strength of a set is unknown; in "
        "each cell it is weighted by the findings of all other studies (leave-one-study-out), so that no "
        "study confirms itself. Rows in the order of the evidence, no effect apart. "
        f"“{REFUTED}”: does not explain the findings on its own, posterior predictive p below "
        f"{prior.refuted_below:g} with the set fitted to everything; at most about that share of true "
        "sets would be marked by chance. Assumed: the prior of the size of "
        "the effect, the scoring of directions, and what other species, niches, ages and cultures add."
    )
