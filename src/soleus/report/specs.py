"""Small typed pieces of which the Vega-Lite specifications are put together.

Plain dictionaries rather than Altair objects: importing Altair and building with it takes longer
than the whole report may take. The tests validate every figure against Altair's bundled schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from soleus.report.names import wrapped
from soleus.report.numbers import ratio_ticks
from soleus.report.theme import INK, MUTED, config

__all__ = [
    "Figure",
    "Spec",
    "colour_scale",
    "finish",
    "label_lines",
    "no_axis",
    "ordered",
    "panel_facet",
    "panel_titles",
    "ratio_axis",
    "row_px",
    "table",
    "text_mark",
    "tips",
    "unity_rule",
]

Spec: TypeAlias = dict[str, Any]
# Mean width of a letter of the bold 12 px panel titles.
_BOLD_LETTER_PX = 6.4
# The Vega expression that breaks a label where ``wrapped`` has put line ends.
_LINES = "split(datum.label, '\\n')"
_MOST_LINES = 8
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


@dataclass(frozen=True)
class Figure:
    """One figure: its name (also its file name), a title, a caption and the specification."""

    name: str
    title: str
    caption: str
    spec: Spec


def table(rows: Iterable[Mapping[str, object]]) -> Spec:
    """Return inline data."""
    return {"values": [dict(row) for row in rows]}


def tips(*entries: tuple[str, str] | tuple[str, str, str]) -> list[Spec]:
    """Tooltip lines from (field, title) for text and (field, title, format) for numbers."""
    lines: list[Spec] = []
    for entry in entries:
        line: Spec = {"field": entry[0], "title": entry[1], "type": "nominal"}
        if len(entry) == 3:
            line |= {"type": "quantitative", "format": entry[2]}
        lines.append(line)
    return lines


def colour_scale(colours: Mapping[str, str]) -> Spec:
    """Return a scale that gives each label its own colour."""
    return {"domain": list(colours), "range": list(colours.values())}


def no_axis(field: str, domain: tuple[float, float]) -> Spec:
    """Return a position channel in drawing units, with no axis."""
    return {
        "field": field,
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": list(domain), "nice": False, "zero": False},
    }


def panel_facet(field: str, panels: Sequence[str]) -> Spec:
    """Return a facet of small panels in the given order; their titles may have several lines."""
    header = {"labelAnchor": "start", "labelExpr": _LINES, "labelLimit": 0, "labelLineHeight": 15}
    return {"field": field, "type": "nominal", "sort": list(panels), "title": None, "header": header}


def panel_titles(titles: Iterable[str], width: int) -> dict[str, str]:
    """Break the titles of panels of ``width`` px into lines, as many in each, so that the panels align."""
    broken = {title: wrapped(title, max(12, int(width / _BOLD_LETTER_PX))) for title in titles}
    most = max((text.count("\n") for text in broken.values()), default=0)
    return {title: " \n" * (most - text.count("\n")) + text for title, text in broken.items()}


def label_lines(axis: Literal["y", "top"], *, line_px: float = 13.0, padding: float = 8.0) -> Spec:
    """Axis properties that break labels at line ends: centred on a vertical axis, upwards on a top one."""
    step, start = (-line_px / 2, 0.0) if axis == "y" else (line_px, padding)
    shift: Spec = {
        "condition": [
            {"test": f"length(split(datum.value, '\\n')) === {n}", "value": start + step * (n - 1)}
            for n in range(2, _MOST_LINES + 1)
        ],
        "value": start,
    }
    moved = {"labelOffset": shift, "labelPadding": padding} if axis == "y" else {"labelPadding": shift}
    return {"labelExpr": _LINES, "labelLineHeight": line_px} | moved


def row_px(labels: Iterable[str], least: int) -> int:
    """Height of a row that holds the label with the most lines."""
    return max(least, *(13 * (label.count("\n") + 1) + 6 for label in labels))


def ratio_axis(
    field: str, domain: tuple[float, float], *, title: str | None, orient: str | None = None
) -> Spec:
    """Return a position channel on a logarithmic ratio axis."""
    axis: Spec = {"values": ratio_ticks(domain), "format": "~g", "title": title, "grid": True}
    if orient is not None:
        axis["orient"] = orient
    return {
        "field": field,
        "type": "quantitative",
        "axis": axis,
        "scale": {"type": "log", "domain": list(domain), "nice": False},
    }


def unity_rule(channel: Literal["x", "y"]) -> Spec:
    """Return the line at a ratio of 1: no change."""
    return {
        "data": {"values": [{"one": 1}]},
        "mark": {"type": "rule", "color": MUTED, "strokeWidth": 1.2},
        "encoding": {channel: {"field": "one", "type": "quantitative"}},
    }


def finish(
    body: Spec,
    *,
    description: str,
    layout: Literal["fluid", "wrap", "panels", "fixed"],
    cell: int,
    most_columns: int = 1,
) -> Spec:
    """Add schema, theme and what the page needs to fit the figure to a screen.

    Parameters
    ----------
    body
        The specification without them.
    description
        The text that stands for the figure where it cannot be seen.
    layout
        ``fluid``: the width follows the page, up to ``cell`` px; ``wrap``: panels of ``cell`` px flow
        into as many columns as fit; ``panels``: panels side by side, all narrowed; ``fixed``: the
        figure scrolls on a narrow screen.
    cell
        Width in px of the figure, or of a panel with its axis.
    most_columns
        Columns of panels on a wide screen.
    """
    meta = {"layout": layout, "cell": cell, "columns": most_columns}
    head: Spec = {
        "$schema": SCHEMA,
        "description": description,
        "background": "white",
        "padding": 4,
        "config": config(),
        "usermeta": {"soleus": meta},
    }
    if layout == "fluid":
        head |= {"width": cell, "autosize": {"type": "fit-x", "contains": "padding"}}
    return head | body


def text_mark(
    *, size: float = 10, align: str = "center", colour: str = INK, dx: int = 0, dy: int = 0
) -> Spec:
    """Return a text mark."""
    return {"type": "text", "fontSize": size, "align": align, "color": colour, "dx": dx, "dy": dy}


def ordered(values: Sequence[str]) -> list[str]:
    """Return the distinct values in the order in which they first appear."""
    return list(dict.fromkeys(values))
