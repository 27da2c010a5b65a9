"""Rows of the figures of the matrix: their words, their order, their axis, and how numbers are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from soleus.report.names import sentence_case, wrapped
from soleus.report.specs import Spec, label_lines
from soleus.report.theme import INK, MUTED
from soleus.schema.matrix import NO_EFFECT, MatrixSet

__all__ = ["APART", "BARE", "apart", "place_rows", "probability_text", "row_labels", "signed"]

APART = "for comparison"
BARE: Spec = {"title": None, "domain": False, "ticks": False}
_MINUS = "\u2212"
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def row_labels(rows: Sequence[MatrixSet], letters: int) -> dict[str, str]:
    """Return the words of each set, broken into lines; sets with the same words get their name, too."""
    words = [row.label for row in rows]
    return {
        row.name: wrapped(
            sentence_case(row.label if words.count(row.label) == 1 else f"{row.label} ({row.name})"), letters
        )
        for row in rows
    }


def apart(rows: Sequence[MatrixSet], labels: Mapping[str, str]) -> list[str]:
    """Return the labels from top to bottom: the sets in their order, then no effect by itself."""
    sets = [labels[row.name] for row in rows if row.name != NO_EFFECT]
    nothing = [labels[row.name] for row in rows if row.name == NO_EFFECT]
    return [*sets, APART, *nothing] if nothing else sets


def probability_text(value: float) -> str:
    """Write a probability with two or three decimals, a small one as a power of ten.

    >>> probability_text(0.614), probability_text(0.0031), probability_text(4e-7)
    ('0.61', '0.003', '4×10⁻⁷')
    """
    if value >= 0.0005:
        return f"{value:.3f}" if value < 0.0095 else f"{value:.2f}"
    if value < 1e-99:
        return "0"
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit}×10{str(int(exponent)).translate(_RAISED)}"


def signed(value: float) -> str:
    """Write a number with one decimal and its sign; what rounds to nothing has none."""
    text = f"{abs(value):.1f}"
    return text if text == "0.0" else f"{_MINUS if value < 0 else '+'}{text}"


def place_rows(panel: Spec, domain: Sequence[str], *, labelled: bool) -> None:
    """Give every layer of a panel the same rows."""
    lines = label_lines("y") | {"labelFontSize": 11.5, "labelLimit": 0}
    # What stands between the sets and no effect is no set.
    faint = {"condition": {"test": f"datum.value === '{APART}'", "value": MUTED}, "value": INK}
    axis = (BARE | lines | {"labelColor": faint}) if labelled else None
    row = {"field": "row", "type": "nominal", "scale": {"domain": list(domain)}, "axis": axis}
    for layer in panel["layer"]:
        layer["encoding"]["y"] = row
