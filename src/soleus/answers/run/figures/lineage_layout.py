"""Where the cell types and the arrows of the lineage are drawn: geometry only.

Coordinates are pixels; x grows to the right, y downwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from soleus.answers.run.values import Flow, LineageType

__all__ = [
    "LABEL_LINE_PX",
    "ROW_PX",
    "Place",
    "arrow_path",
    "column_px",
    "heading_deg",
    "merge_flows",
    "place_types",
    "radius_px",
]

ROW_PX = 140.0
LABEL_LINE_PX = 12.0
_WIDEST_COLUMN_PX, _NARROWEST_COLUMN_PX = 132.0, 76.0
# What the page holds at 1280 px, less the margins of the figure.
_PAGE_PX = 1092.0
_TOP_PX = 62.0
# Above the circles of a row, below the names of the row before it.
_LANE_PX = 32.0
_LARGEST_PX = 27.0
_SMALLEST_PX = 5.0
_GAP_PX = 5.0

Point = tuple[float, float]


@dataclass(frozen=True)
class Place:
    """Where a cell type stands: its centre in px, and its column and row."""

    x: float
    y: float
    column: int
    row: int


def column_px(types: Sequence[LineageType]) -> float:
    """Width of a column: what fits the page, within what can be drawn and read."""
    n = len({one.column for one in types})
    return max(_NARROWEST_COLUMN_PX, min(_WIDEST_COLUMN_PX, _PAGE_PX / max(1, n)))


def place_types(types: Sequence[LineageType], flows: Sequence[Flow]) -> dict[str, Place]:
    """Give each type a row in its column: that of the type that feeds it most, if it is free."""
    columns = sorted({one.column for one in types})
    pitch = column_px(types)
    rows: dict[str, int] = {}
    for column in columns:
        members = [one for one in types if one.column == column]
        wishes = {one.name: _wish(one.name, flows, rows) for one in members}
        taken: set[int] = set()
        # A larger inflow chooses first, so that the main line stays straight.
        for one in sorted(members, key=lambda t: (wishes[t.name][0], -wishes[t.name][1])):
            row = wishes[one.name][0]
            while row in taken:
                row += 1
            taken.add(row)
            rows[one.name] = row
    return {
        one.name: Place(
            round((columns.index(one.column) + 0.5) * pitch, 2),
            rows[one.name] * ROW_PX + _TOP_PX,
            one.column,
            rows[one.name],
        )
        for one in types
    }


def _wish(name: str, flows: Sequence[Flow], rows: dict[str, int]) -> tuple[int, float]:
    best: tuple[int, float] = (0, 0.0)
    for flow in flows:
        size = max(flow.cells_per_day.values(), default=0.0)
        if flow.target == name and flow.source in rows and size > best[1]:
            best = (rows[flow.source], size)
    return best


def radius_px(cells: float, most: float) -> float:
    """Radius of a type's circle: its area grows as the square root of the number of cells."""
    if most <= 0 or cells <= 0:
        return _SMALLEST_PX
    return max(_SMALLEST_PX, _LARGEST_PX * math.sqrt(math.sqrt(cells / most)))


def merge_flows(flows: Sequence[Flow]) -> list[tuple[str, str | None, str, dict[str, float]]]:
    """Add up the flows between the same two types: (source, target, transitions, cells per day by group)."""
    merged: dict[tuple[str, str | None], tuple[list[str], dict[str, float]]] = {}
    for flow in flows:
        names, total = merged.setdefault((flow.source, flow.target), ([], {}))
        if flow.transition not in names:
            names.append(flow.transition)
        for group, size in flow.cells_per_day.items():
            total[group] = total.get(group, 0.0) + size
    return [(source, target, ", ".join(names), total) for (source, target), (names, total) in merged.items()]


def arrow_path(start: Place, end: Place | None, *, from_px: float, to_px: float, pitch: float) -> list[Point]:
    """Return the points of an arrow between the rims of two circles; ``end`` None is a death stub.

    ``pitch`` is the width of a column in px.
    """
    if end is None:
        reach = from_px * 0.75
        return [(start.x - reach, start.y + reach), (start.x - reach - 10, start.y + reach + 4)]
    if start == end:
        return _loop(start, from_px)
    if end.column > start.column:
        if end.row != start.row:
            return _to_other_row(start, end, from_px=from_px, to_px=to_px, pitch=pitch)
        return _forward(start, end, from_px=from_px, to_px=to_px)
    return _backward(start, end, from_px=from_px, to_px=to_px)


def _loop(place: Place, radius: float) -> list[Point]:
    left, right, top = place.x - 7, place.x + 7, place.y - radius
    return _bezier((left, top - 1), (left - 9, top - 24), (right + 9, top - 24), (right, top - _GAP_PX))


def _forward(start: Place, end: Place, *, from_px: float, to_px: float) -> list[Point]:
    p0 = (start.x + from_px + 2, start.y)
    p3 = (end.x - to_px - _GAP_PX - 4, end.y)
    reach = (p3[0] - p0[0]) * 0.5
    # A wider arc over more types, so that arcs with one target part.
    skipped = end.column - start.column - 1
    lift = -(34.0 + 14.0 * skipped) if skipped > 0 else 0.0
    return _bezier(p0, (p0[0] + reach, p0[1] + lift), (p3[0] - reach, p3[1] + lift), p3)


def _to_other_row(start: Place, end: Place, *, from_px: float, to_px: float, pitch: float) -> list[Point]:
    """Change rows between two columns, where no name stands, and run to the target above its row."""
    p0 = (start.x + from_px + 2, start.y)
    p3 = (end.x - to_px - _GAP_PX - 4, end.y)
    first, last = start.x + 0.5 * pitch, end.x - 0.5 * pitch
    if last - first < 0.5 * pitch:
        return _rounded([p0, (first, p0[1]), (first, p3[1]), p3])
    lane = max(start.y, end.y) - _LANE_PX
    # A little to the left, so that it is told from an arrow into the next column.
    first -= 0.06 * pitch
    return _rounded([p0, (first, p0[1]), (first, lane), (last, lane), (last, p3[1]), p3])


def _rounded(corners: Sequence[Point], radius: float = 12.0) -> list[Point]:
    """Return a path along right angles whose corners are rounded."""
    points = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        into, out = (_toward(corner, other, radius) for other in (before, after))
        points += _bezier(into, corner, corner, out, n=5)
    return [*points, corners[-1]]


def _toward(start: Point, end: Point, most: float) -> Point:
    length = math.dist(start, end)
    share = min(most, length / 2) / length if length > 0 else 0.0
    return (
        round(start[0] + share * (end[0] - start[0]), 2),
        round(start[1] + share * (end[1] - start[1]), 2),
    )


def _backward(start: Place, end: Place, *, from_px: float, to_px: float) -> list[Point]:
    lift = 40.0
    p0 = (start.x - from_px * 0.5, start.y - from_px - 1)
    p3 = (end.x + to_px * 0.5 + 2, end.y - to_px - _GAP_PX)
    return _bezier(p0, (p0[0] - 12, p0[1] - lift), (p3[0] + 12, p3[1] - lift), p3)


def _bezier(p0: Point, p1: Point, p2: Point, p3: Point, n: int = 12) -> list[Point]:
    points = []
    for k in range(n + 1):
        t = k / n
        w = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        corners = (p0, p1, p2, p3)
        x = sum(weight * corner[0] for weight, corner in zip(w, corners, strict=True))
        y = sum(weight * corner[1] for weight, corner in zip(w, corners, strict=True))
        points.append((round(x, 2), round(y, 2)))
    return points


def heading_deg(path: Sequence[Point]) -> float:
    """Direction of the end of a path, in degrees clockwise from up, as Vega turns a symbol."""
    (x0, y0), (x1, y1) = path[-2], path[-1]
    return round(math.degrees(math.atan2(x1 - x0, -(y1 - y0))), 1)
