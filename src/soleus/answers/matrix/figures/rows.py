"""Rows of the figures of the matrix: their words, their order, their axis, and how numbers are written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from soleus.answers.matrix.values import NO_EFFECT, MatrixSet
from soleus.report.names import sentence_case, wrapped
from soleus.report.specs import Spec, label_lines
from soleus.report.theme import INK, MUTED

__all__ = ["APART", "BARE", "apart", "place_rows", "probability_text", "row_labels", "rows_px"]

APART = "for comparison"
BARE: Spec = {"title": None, "domain": False, "ticks": False}
_LINE_PX = 12.0


def row_labels(rows: Sequence[MatrixSet], letters: int) -> dict[str, str]:
    """Return the words of each set, broken into lines; sets with the same words get their name, too."""
    words = [row.label for row in rows]
    return {
        row.name: wrapped(
            sentence_case(row.label if words.count(row.label) == 1 else f"{row.label} ({row.name})"), letters
        )
        for row in rows
    }


def rows_px(labels: Mapping[str, str], least: int) -> int:
    """Return the height of a row that holds the label with the most lines."""
    return max(least, *(math.ceil(_LINE_PX * (label.count("\n") + 1)) for label in labels.values()))


def apart(rows: Sequence[MatrixSet], labels: Mapping[str, str]) -> list[str]:
    """Return the labels from top to bottom: the sets in their order, then no effect by itself."""
    sets = [labels[row.name] for row in rows if row.name != NO_EFFECT]
    nothing = [labels[row.name] for row in rows if row.name == NO_EFFECT]
    return [*sets, APART, *nothing] if nothing else sets


def probability_text(value: float) -> str:
    """Write a probability with two or three decimals, a small one with its exponent.

    >>> probability_text(0.614), probability_text(0.0031), probability_text(4e-7)
    ('0.61', '0.003', '4e-7')
    """
    if value >= 0.0005:
        return f"{value:.3f}" if value < 0.0095 else f"{value:.2f}"
    if value < 1e-99:
        return "0"
    digit, exponent = f"{value:.0e}".split("e")
    # Superscripts are missing from the fonts that figures are drawn with.
    return f"{digit}e{int(exponent)}"


def place_rows(panel: Spec, domain: Sequence[str], *, labelled: bool) -> None:
    """Give every layer of a panel the same rows."""
    lines = label_lines("y", line_px=_LINE_PX) | {"labelFontSize": 11, "labelLimit": 0}
    # What stands between the sets and no effect is no set.
    faint = {"condition": {"test": f"datum.value === '{APART}'", "value": MUTED}, "value": INK}
    axis = (BARE | lines | {"labelColor": faint}) if labelled else None
    row = {"field": "row", "type": "nominal", "scale": {"domain": list(domain)}, "axis": axis}
    for layer in panel["layer"]:
        layer["encoding"]["y"] = row
