"""What the reported Ki67 ratio would mean for every other read-out, under each mechanism."""

from __future__ import annotations

from soleus.answers.run.figures.lineage import ratio_colour
from soleus.answers.run.names import Names
from soleus.answers.run.spread import Spread, last_day_rows, readout_spreads
from soleus.answers.run.values import RunResult, TranslationRow
from soleus.report.names import sentence_case, wrapped
from soleus.report.numbers import change, figures3, is_point, log2_ratio, ratio_text
from soleus.report.specs import Figure, Spec, finish, label_lines, ordered, row_px, table, text_mark, tips

__all__ = ["translation_figure"]

# Read-out labels, table and margins together fill the page's width of 1104 px.
_LABEL_PX, _TABLE_PX, _ROW_PX = 180, 900, 31
_NARROWEST_PX, _WIDEST_PX = 58, 96
_LETTER_PX = 6.1
_MOST_LEVEL, _TURNED_PX, _TURNED_HEAD_PX = 14, 38, 235
_LEVEL = label_lines("top") | {"labelAngle": 0}
_TURNED: Spec = {
    "labelAngle": -90,
    "labelExpr": "split(datum.label, '\\n')",
    "labelLineHeight": 11,
    "labelAlign": "left",
    "labelBaseline": "middle",
    "labelLimit": 0,
    "labelPadding": 6,
}
_SPREAD = "differs by"
_BARE: Spec = {"title": None, "domain": False, "ticks": False}


def translation_figure(result: RunResult) -> Figure:
    """Draw a table of true ratios as colours: read-outs by mechanisms, the most telling first."""
    rows = last_day_rows(result)
    spreads = readout_spreads(result)
    names = Names.of(result)
    # Where columns are too many for words side by side, the heads are turned.
    turned = len(rows) > _MOST_LEVEL
    width = min(_WIDEST_PX, max(_TURNED_PX if turned else _NARROWEST_PX, _TABLE_PX // (len(rows) + 1)))
    heads = {row.mechanism: _head(row, names, _TURNED_HEAD_PX if turned else width) for row in rows}
    labels = {one.readout: wrapped(sentence_case(names.readout(one.readout)), 28) for one in spreads}
    cells = [
        _cell(row, name, column=heads[row.mechanism], label=labels[name])
        for row in rows
        for name in row.ratios
    ]
    position: Spec = {
        "x": _axis("column", [*ordered(list(heads.values())), _SPREAD])
        | {"axis": _BARE | (_TURNED if turned else _LEVEL) | {"orient": "top", "labelFontSize": 11}},
        "y": _axis("row", ordered(list(labels.values())))
        | {"axis": _BARE | label_lines("y") | {"labelLimit": _LABEL_PX}},
    }
    spec: Spec = {
        "data": table(cells),
        "width": width * (len(rows) + 1),
        "height": row_px(labels.values(), _ROW_PX) * max(1, len(labels)),
        "layer": [
            *_cell_layers(position, size=11 if turned else 13),
            _spread_layer(spreads, labels=labels, position=position),
        ],
    }
    spec = finish(
        spec, description="True ratio of each read-out under each mechanism.", layout="fixed", cell=1000
    )
    of = f"the {'reported ' if result.translation_of == 'reported' else ''}change of"
    title = f"What {of} {result.effect.readout_label} would mean elsewhere"
    return Figure("translation", title, _caption(result, rows), spec)


def _head(row: TranslationRow, names: Names, width: int) -> str:
    label = sentence_case(names.mechanisms.get(row.mechanism, row.label))
    return wrapped(label if row.reaches else f"{label} (cannot reach)", int(width / _LETTER_PX))


def _cell(row: TranslationRow, name: str, *, column: str, label: str) -> dict[str, object]:
    ratio = row.ratios[name]
    return {
        "mechanism": row.label if row.reaches else f"{row.label} (cannot reach)",
        "readout": name,
        "column": column,
        "row": label,
        "ratio": ratio,
        "text": ratio_text(ratio),
        "change": change(ratio),
        "log2": log2_ratio(ratio),
        "strong": abs(log2_ratio(ratio)) > 1.15,
        "reaches": row.reaches,
        "reach": "yes" if row.reaches else "no: shown at its strongest",
    }


def _axis(field: str, order: list[str]) -> Spec:
    return {"field": field, "type": "nominal", "sort": order, "scale": {"domain": order}}


def _cell_layers(position: Spec, *, size: int) -> list[Spec]:
    shared: Spec = position | {
        "tooltip": tips(
            ("mechanism", "mechanism"), ("row", "read-out"), ("text", "true ratio"), ("change", "change"),
            ("reach", "reaches the reported Ki67"),
        ),
    }  # fmt: skip
    pale: Spec = {"opacity": {"condition": {"test": "datum.reaches", "value": 1}, "value": 0.5}}
    rect = {"type": "rect", "stroke": "white", "strokeWidth": 2, "cornerRadius": 3}
    number: Spec = {
        "text": {"field": "text", "type": "nominal"},
        "color": {
            "condition": {"test": "datum.strong && datum.reaches", "value": "white"},
            "value": "#1f2933",
        },
    }
    return [
        {"mark": rect, "encoding": shared | pale | {"color": ratio_colour("true ratio to control")}},
        {"mark": text_mark(size=size), "encoding": shared | number},
    ]


def _spread_layer(spreads: list[Spread], *, labels: dict[str, str], position: Spec) -> Spec:
    rows = [
        {
            "column": _SPREAD,
            "row": labels[one.readout],
            "fold": one.fold,
            "times": f"× {figures3(one.fold)}",
        }
        for one in spreads
    ]
    return {
        "data": table(rows),
        "mark": text_mark(size=13) | {"fontWeight": "bold"},
        "encoding": position | {"text": {"field": "times", "type": "nominal"}},
    }


def _caption(result: RunResult, rows: list[TranslationRow]) -> str:
    when = f"{rows[0].day:g}" if rows else "?"
    if result.translation_of == "prior":
        return (
            f"True ratio of the intervention to the control at day {when}, with no sampling noise, when one "
            "mechanism alone acts at the middle of its prior; nothing is reported that it could be set to. "
            "Pale columns: the mechanism cannot reach all of the prior. Last column: the largest over the "
            "smallest ratio among the others: read-outs at the top tell them apart best."
        )
    pale = (
        " Pale columns: out of reach for the cause; shown at its strongest instead."
        if any(not row.reaches for row in rows)
        else ""
    )
    return (
        f"True ratio of the intervention to the control, shown at day {when}, with no sampling noise, when "
        f"one possible cause alone is {_set_to(result)}.{pale} Last column: the largest over the smallest "
        "ratio among the causes that reach it: read-outs at the top tell them apart best."
    )


def _set_to(result: RunResult) -> str:
    """Say to what size each cause is set, and on which day."""
    label = result.effect.readout_label
    put_in = next((h for h in result.headline if h.face_value and is_point(h.face_value)), None)
    if put_in is None or put_in.face_value is None:
        return f"set so that {label} shows the reported change"
    return f"set so that {label} falls to {ratio_text(put_in.face_value.value)} at day {put_in.day:g}"
