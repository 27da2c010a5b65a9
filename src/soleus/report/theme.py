"""Colours, type and the shared Vega-Lite configuration of every figure.

The palette is that of Okabe and Ito (2008), which readers with colour-vision deficiency can tell
apart; the control is grey-blue and the first intervention group vermilion, everywhere.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "CONTROL",
    "DIVERGING",
    "FONT",
    "GROUP_COLOURS",
    "INK",
    "LOSS",
    "MUTED",
    "RULE",
    "config",
]

INK = "#1f2933"
MUTED = "#66727f"
RULE = "#c9d1d9"
CONTROL = "#5b7f9e"
LOSS = "#d55e00"
GROUP_COLOURS = (LOSS, "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d31")

# From a loss, over "no change" (grey, still visible as a line on white), to a gain.
DIVERGING = ("#9c3b00", "#e07b30", "#dfe3e7", "#5f9bd1", "#08519c")

# Liberation Sans, Arial and Helvetica have the same metrics, and one of them is on every system.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"


def config() -> dict[str, Any]:
    """Return the Vega-Lite configuration that every figure carries, so that a file stands alone."""
    axis = {
        "domainColor": "#9aa5b1",
        "gridColor": "#eceff2",
        "labelColor": INK,
        "labelFontSize": 12,
        "labelLimit": 320,
        "tickColor": "#9aa5b1",
        "titleColor": MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titleLimit": 420,
        "titlePadding": 8,
    }
    legend = {
        "labelColor": INK,
        "labelFontSize": 12,
        "labelLimit": 320,
        "symbolOpacity": 1,
        "titleColor": MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    }
    return {
        # The page names each figure as a whole; a label on every mark would triple the file.
        "aria": False,
        "font": FONT,
        "axis": axis,
        "legend": legend,
        "header": {"labelColor": INK, "labelFontSize": 12, "labelFontWeight": "bold", "labelLimit": 320},
        "title": {"color": INK, "fontSize": 13, "fontWeight": "bold", "anchor": "start"},
        "view": {"stroke": None},
        "facet": {"spacing": 22},
        "concat": {"spacing": 26},
    }
