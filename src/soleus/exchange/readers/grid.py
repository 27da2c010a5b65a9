"""From a grid of cells to a table: title rows, header rows, merged cells, blank rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from soleus.exchange.readers.files import Source, refusal
from soleus.exchange.readers.header_rows import rows_of_header, spread
from soleus.exchange.readers.joined import JOINER, is_blank, is_unit, word_of
from soleus.exchange.readers.raw import Cell, RawTable

__all__ = ["JOINER", "Grid", "Merge", "is_blank", "is_unit", "tabulate"]

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells; zero-based within the grid."""

_LOOK_AHEAD = 12


@dataclass(frozen=True)
class Grid:
    """Cells of a file in place, all rows of one width.

    Parameters
    ----------
    source, sheet
        Where they are from.
    cells
        Shape (rows, columns).
    numbers
        Row of the file for each row, 1-based.
    merges
        Merged cells.
    notes
        What the reader saw.
    decimal
        Decimal mark of text numbers, where the file tells.
    """

    source: Source
    cells: Sequence[Sequence[Cell]]
    numbers: Sequence[int]
    sheet: str | None = None
    merges: Sequence[Merge] = ()
    notes: tuple[str, ...] = ()
    decimal: str | None = None


def tabulate(grid: Grid, *, header_row: int | None = None, header_rows: int | None = None) -> RawTable:
    """Find the header and make the table.

    Parameters
    ----------
    grid
        The cells.
    header_row
        First row of the header as a row of the file; None: the first row that is not a title.
    header_rows
        Rows of the header; None: one, and more where cells are merged or a row of units follows.

    Raises
    ------
    InputError
        No such row, no rows below the header, columns without a name or with the same name.
    """
    rows = _filled(grid)
    start = _start(grid, rows, header_row)
    depth = header_rows or _depth(grid, rows, start)
    if depth == 1 and header_rows is None:
        depth = rows_of_header(rows, start)
        rows[start : start + depth] = spread(rows[start : start + depth])
    if start + depth > len(rows):
        text = f"has no {depth} rows of header from here on; mend header_rows in the mapping"
        raise refusal(grid.source.path, text, sheet=grid.sheet, row=grid.numbers[start])
    body = [i for i in range(start + depth, len(rows)) if not all(map(is_blank, rows[i]))]
    if not body:
        text = "has a header and no rows below it; add the data, or name the right sheet"
        raise refusal(grid.source.path, text, sheet=grid.sheet, row=grid.numbers[start])
    names = _apart(_names(grid, rows[start : start + depth], start))
    kept = [c for c, name in enumerate(names) if name or any(not is_blank(rows[i][c]) for i in body)]
    notes = list(grid.notes)
    if start:
        notes.append(f"rows above row {grid.numbers[start]} are taken as a title and are not read")
    nameless = [c + 1 for c in kept if not names[c]]
    if nameless:
        listed = ", ".join(map(str, nameless))
        notes.append(f"columns without a name in the header are called 'column N': {listed}")
    table = RawTable(
        source=grid.source,
        sheet=grid.sheet,
        header=[names[c] or f"column {c + 1}" for c in kept],
        rows=[tuple(None if is_blank(rows[i][c]) else rows[i][c] for c in kept) for i in body],
        row_numbers=[grid.numbers[i] for i in body],
        notes=notes,
        decimal=grid.decimal,
    )
    table.places = tuple(kept)
    return table


def _filled(grid: Grid) -> list[list[Cell]]:
    """Repeat the first of merged cells in all of them, down a column; headers are filled by name."""
    rows = [list(row) for row in grid.cells]
    for top, left, bottom, right in grid.merges:
        if bottom < len(rows) and left == right:
            for i in range(top + 1, bottom + 1):
                rows[i][left] = rows[top][left]
    return rows


def _start(grid: Grid, rows: list[list[Cell]], header_row: int | None) -> int:
    if header_row is not None:
        if header_row not in grid.numbers:
            text = f"has no row {header_row} with cells in it; mend header_row in the mapping"
            raise refusal(grid.source.path, text, sheet=grid.sheet)
        return grid.numbers.index(header_row)
    full = [sum(not is_blank(cell) for cell in row) for row in rows]
    first = next((i for i, n in enumerate(full) if n), None)
    if first is None:
        raise refusal(grid.source.path, "has no cells with anything in them", sheet=grid.sheet)
    later = max(full[first : first + _LOOK_AHEAD])
    return next(i for i in range(first, len(full)) if full[i] >= min(2, later))


def _depth(grid: Grid, rows: list[list[Cell]], start: int) -> int:
    """Count the rows of the header: those under merged cells, and one row of units."""
    depth = 1
    while any(
        top <= start + depth - 1 <= bottom and right > left for top, left, bottom, right in grid.merges
    ):
        depth += 1
        if depth >= 4 or start + depth >= len(rows):
            break
    after = start + depth
    if after + 1 < len(rows):
        words = [cell for cell in rows[after] if not is_blank(cell)]
        if words and all(isinstance(cell, str) and is_unit(cell) for cell in words):
            depth += 1
    return depth


def _apart(names: list[str]) -> list[str]:
    """Number columns of one name that stand side by side, where all names but the first are repeated so."""
    rest = [name for name in names[1:] if name]
    runs = [name for k, name in enumerate(rest) if k == 0 or rest[k - 1] != name]
    if len(runs) < 2 or len(set(runs)) < len(runs) or any(rest.count(name) < 2 for name in runs):
        return names
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(f"{name}{JOINER}{seen[name]}" if name in runs else name)
    return out


def _names(grid: Grid, header: list[list[Cell]], start: int) -> list[str]:
    levels = [list(row) for row in header]
    for top, left, bottom, right in grid.merges:
        for i in range(max(top, start), min(bottom, start + len(levels) - 1) + 1):
            for c in range(left, min(right, len(levels[0]) - 1) + 1):
                levels[i - start][c] = levels[top - start][left] if top >= start else None
    names = []
    for c in range(len(levels[0])):
        parts: list[str] = []
        for level in levels:
            part = word_of(level[c])
            if part and part not in parts:
                parts.append(part)
        names.append(JOINER.join(parts))
    return names
