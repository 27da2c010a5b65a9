"""What each cause does to each read-out, and which read-outs tell two causes apart."""

from __future__ import annotations

import math

from soleus.answers.panel.values import PanelCause, PanelMark, PanelResult, PanelSeparation, PanelStatistic
from soleus.report.names import sentence_case, wrapped
from soleus.report.numbers import change, figures3, ratio_text
from soleus.report.specs import Figure, Spec, finish, label_lines, row_px, table, text_mark, tips
from soleus.report.theme import DIVERGING, INK, RULE

__all__ = ["animals_text", "fingerprint_figure", "mark_text", "panel_figures", "separations_figure"]

# Beyond so many standard errors all marks have the same colour; from this one on text is white.
_LIMIT, _WHITE_FROM = 4.0, 2.7
_COLUMN_PX, _ROW_PX, _CELL_PX = 80, 27, 50
_HEAD_LETTERS, _ROW_LETTERS, _SIDE_LETTERS = 14, 62, 34
_SIZES = {
    "1 read-out": "#5f9bd1",
    "2 read-outs": "#a8c9e6",
    "3 read-outs": "#f3dfb4",
    "4 or more": "#e9b24f",
    "cannot be told apart": RULE,
}
_BARE: Spec = {"title": None, "domain": False, "ticks": False}


def panel_figures(result: PanelResult) -> list[Figure]:
    """Return both figures of a panel."""
    return [fingerprint_figure(result), separations_figure(result)]


def fingerprint_figure(result: PanelResult) -> Figure:
    """Draw causes by read-outs: coloured by how far the change stands out, with its size as text."""
    heads = {c.name: wrapped(sentence_case(c.label), _HEAD_LETTERS) for c in result.causes}
    rows = {s.name: wrapped(_row_label(s), _ROW_LETTERS) for s in result.statistics}
    labels = {c.name: sentence_case(c.label) for c in result.causes}
    cells = [
        _mark_cell(m, column=heads[m.cause], row=rows[m.statistic]) | {"cause": labels[m.cause]}
        for m in result.marks
    ]
    position = _positions(list(heads.values()), list(rows.values()))
    rect = {"type": "rect", "stroke": "white", "strokeWidth": 2, "cornerRadius": 3}
    tooltip = tips(
        ("cause", "cause"), ("row", "read-out"), ("text", "change"), ("signal", "in standard errors", ".2f")
    )  # fmt: skip
    white = {"condition": {"test": "datum.strong", "value": "white"}, "value": INK}
    spec: Spec = {
        "data": table(cells),
        "width": _COLUMN_PX * len(heads),
        "height": row_px(rows.values(), _ROW_PX) * len(rows),
        "layer": [
            {"mark": rect, "encoding": position | {"color": _signal_colour(result), "tooltip": tooltip}},
            {
                "mark": text_mark(size=12),
                "encoding": position | {"text": {"field": "text", "type": "nominal"}, "color": white},
            },
        ],
    }
    spec = finish(spec, description="Change of each read-out by each cause.", layout="fixed", cell=1050)
    return Figure("fingerprint", "What each cause does to each read-out", _marks_caption(result), spec)


def separations_figure(result: PanelResult) -> Figure:
    """Draw causes by causes: how many read-outs tell a pair apart, and the animals that it takes."""
    heads = {c.name: wrapped(_told_at(c), _HEAD_LETTERS) for c in result.causes}
    rows = {c.name: wrapped(_told_at(c), _SIDE_LETTERS) for c in result.causes}
    names = {c.name: _told_at(c) for c in result.causes}
    cells = [
        _pair_cell(s, heads=heads, rows=rows) | {"first": names[s.first], "second": names[s.second]}
        for s in result.separations
    ]
    columns = [heads[c.name] for c in result.causes[:-1]]
    position = _positions(columns, [rows[c.name] for c in result.causes[1:]])
    rect = {"type": "rect", "stroke": "white", "strokeWidth": 3, "cornerRadius": 4}
    colour: Spec = {
        "field": "size",
        "type": "nominal",
        "scale": {"domain": list(_SIZES), "range": list(_SIZES.values())},
        "legend": {"title": "smallest panel", "orient": "bottom", "symbolType": "square", "symbolSize": 160},
    }
    tooltip = tips(("first", "one cause"), ("second", "the other"), ("words", "panel"), ("needed", "animals"))
    spec: Spec = {
        "data": table(cells),
        "width": _COLUMN_PX * len(columns),
        "height": _CELL_PX * max(1, len(columns)),
        "layer": [
            {"mark": rect, "encoding": position | {"color": colour, "tooltip": tooltip}},
            _pair_text("upper", dy=-8, bold=True) | {"encoding": position | _text("upper")},
            _pair_text("lower", dy=9, bold=False) | {"encoding": position | _text("lower")},
        ],
    }
    spec = finish(spec, description="Smallest panel for each pair of causes.", layout="fixed", cell=1000)
    return Figure("separations", "Which read-outs tell two causes apart", _pairs_caption(result), spec)


def mark_text(mark: PanelMark) -> str:
    """Write a mark: the change of a count in per cent, or the odds ratio of a share."""
    if mark.odds_ratio is not None:
        return f"× {ratio_text(mark.odds_ratio)}"
    return change(math.exp(mark.change))


def animals_text(separation: PanelSeparation) -> str:
    """Write how many animals a group a pair takes: whole ones, and never fewer than two."""
    if separation.panel is None and separation.animals > 1000.0:
        return "> 1000"
    return str(max(2, math.ceil(separation.animals)))


def _positions(columns: list[str], rows: list[str]) -> Spec:
    top = _BARE | label_lines("top", line_px=12.5) | {"orient": "top", "labelAngle": 0, "labelFontSize": 11}
    side = _BARE | label_lines("y") | {"labelFontSize": 11.5, "labelLimit": 0}
    return {
        "x": {"field": "column", "type": "nominal", "scale": {"domain": columns}, "axis": top},
        "y": {"field": "row", "type": "nominal", "scale": {"domain": rows}, "axis": side},
    }


def _row_label(statistic: PanelStatistic) -> str:
    """Name a count by its markers and words; a share by its words, which name the markers."""
    if statistic.scale == "log odds ratio":
        return sentence_case(statistic.label)
    return f"{statistic.name}: {statistic.label}"


def _mark_cell(mark: PanelMark, *, column: str, row: str) -> dict[str, object]:
    return {
        "column": column,
        "row": row,
        "signal": mark.signal,
        "text": mark_text(mark),
        "strong": abs(mark.signal) > _WHITE_FROM,
    }


def _signal_colour(result: PanelResult) -> Spec:
    half = 0.5 * _LIMIT
    return {
        "field": "signal",
        "type": "quantitative",
        "scale": {
            "domain": [-_LIMIT, -half, 0, half, _LIMIT],
            "range": list(DIVERGING),
            "clamp": True,
            # The default (HCL) passes through pink on its way from orange to grey.
            "interpolate": "rgb",
        },
        "legend": {
            "title": f"change in standard errors, {result.animals} animals a group",
            "type": "gradient",
            "orient": "bottom",
            "direction": "horizontal",
            "gradientLength": 260,
            "gradientThickness": 10,
            "titleLimit": 420,
            "values": [-_LIMIT, -half, 0, half, _LIMIT],
        },
    }


def _told_at(cause: PanelCause) -> str:
    """Name a cause with the factor on its quantity; below 1 it is the opposite of its name."""
    reversed_ = ", reversed" if cause.told_at < 1.0 else ""
    return f"{sentence_case(cause.label)}{reversed_} (×\u00a0{figures3(cause.told_at, 2)})"


def _pair_cell(
    separation: PanelSeparation, *, heads: dict[str, str], rows: dict[str, str]
) -> dict[str, object]:
    needed = animals_text(separation)
    if separation.panel is None:
        size, upper, lower = list(_SIZES)[-1], "not apart", f"all: {needed}"
    else:
        number = len(separation.panel)
        size = list(_SIZES)[min(number, 4) - 1]
        upper, lower = f"{number} read-out{'s' if number > 1 else ''}", f"{needed} animals"
    return {
        "column": heads[separation.first],
        "row": rows[separation.second],
        "size": size,
        "upper": upper,
        "lower": lower,
        "words": separation.words,
        "needed": needed,
    }


def _pair_text(field: str, *, dy: int, bold: bool) -> Spec:
    return {"mark": text_mark(size=12, dy=dy) | {"fontWeight": "bold" if bold else "normal"}}


def _text(field: str) -> Spec:
    return {"text": {"field": field, "type": "nominal"}}


def _marks_caption(result: PanelResult) -> str:
    return (
        f"Change of each read-out {result.day:g} days after one quantity of cell behaviour has changed "
        f"{result.factor:g}-fold and nothing else: of counts in per cent, of shares as an odds ratio. "
        f"Colour: that change over its standard error with {result.animals} animals a group; beyond "
        f"± {_LIMIT:g} all alike. A pale cell is a change that such a study would not see. Means have no "
        "sampling noise."
    )


def _pairs_caption(result: PanelResult) -> str:
    return (
        "The smallest set of read-outs that tells a pair of causes apart with at most "
        f"{result.animals} animals a group (80 % power at 5 %), whatever the strength of either, and the "
        f"animals that it takes. Causes are taken where {result.leading} has fallen by "
        f"{100 * result.fall:g} %; in brackets the factor on the quantity that this takes. Grey: all "
        "read-outs together would not do; they would with the animals named there."
    )
