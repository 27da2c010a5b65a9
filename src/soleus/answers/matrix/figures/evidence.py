"""The evidence for each mechanism set, and for the sign that it declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from soleus.answers.matrix.figures.rows import place_rows, row_labels, rows_px
from soleus.answers.matrix.values import NO_EFFECT, MatrixResult, MatrixSet
from soleus.report.names import sentence_case
from soleus.report.numbers import figures3
from soleus.report.specs import Figure, Spec, finish, table, tips
from soleus.report.theme import CONTROL, LOSS, RULE

__all__ = ["evidence_figure"]

_LETTERS = 40
_DECLARED, _OPPOSITE = "for the declared sign", "for the opposite sign"


def evidence_figure(result: MatrixResult) -> Figure:
    """Draw the evidence for each set against no effect, and for its declared sign against the other."""
    sets = [row for row in result.rows if row.name != NO_EFFECT]
    labels = row_labels(sets, _LETTERS)
    panels = [
        _dots(
            [(row, row.log10_evidence, "for the set") for row in sets],
            labels,
            "log10 evidence\nagainst no effect",
        ),
        _dots(
            [(row, row.log10_for_sign, _OPPOSITE if row.opposite else _DECLARED) for row in sets],
            labels,
            "log10 evidence for\nthe declared sign",
        ),
    ]
    domain = [labels[row.name] for row in sets]
    for k, panel in enumerate(panels):
        panel |= {"width": 330, "height": rows_px(labels, 27) * len(domain)}
        place_rows(panel, domain, labelled=k == 0)
    spec: Spec = {"hconcat": panels, "spacing": 26, "bounds": "flush"}
    spec = finish(spec, description="Evidence for each set and for its sign.", layout="panels", cell=1000)
    caption = (
        "Left: how much better a set predicts all findings than no effect does, on a logarithmic scale "
        "(1: ten times; 2: a hundred times), averaged over its prior. Right: the same for the declared sign "
        "of its mechanisms against the opposite one; orange where the findings favour the opposite. A "
        "difference of less than about 0.5 is hardly worth mentioning."
    )
    return Figure("evidence", "Evidence for each set, and for its sign", caption, spec)


def _dots(rows: Sequence[tuple[MatrixSet, float, str]], labels: Mapping[str, str], title: str) -> Spec:
    data = [
        {
            "row": labels[row.name],
            "set": sentence_case(row.label),
            "value": value,
            "zero": 0,
            "kind": kind,
            "opposite": kind == _OPPOSITE,
            "shown": f"{figures3(abs(value), 2)} {'for' if value >= 0 else 'against'}",
        }
        for row, value, kind in rows
    ]
    low, high = min(0.0, *(v for _, v, _ in rows)), max(0.5, *(v for _, v, _ in rows))
    margin = 0.05 * (high - low)
    axis = {"title": title.split("\n"), "grid": True, "format": "~g", "tickCount": 6}
    x: Spec = {
        "field": "value",
        "type": "quantitative",
        "axis": axis,
        "scale": {"domain": [low - margin, high + margin], "nice": False},
    }
    colour = {"condition": {"test": "datum.opposite", "value": LOSS}, "value": CONTROL}
    tooltip = tips(("set", "possible cause"), ("shown", "log10 evidence"), ("kind", "it speaks"))
    zero: Spec = {
        "mark": {"type": "rule", "color": RULE, "strokeWidth": 1.2},
        "encoding": {"x": x | {"field": "zero"}},
    }
    line: Spec = {
        "mark": {"type": "rule", "strokeWidth": 2},
        "encoding": {"x": x | {"field": "zero"}, "x2": {"field": "value"}, "color": colour},
    }
    point: Spec = {
        "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
        "encoding": {"x": x, "color": colour, "tooltip": tooltip},
    }
    return {"data": table(data), "layer": [zero, line, point]}
