"""From a grid of cells to a table: title rows, header rows, merged cells, blank rows and columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from soleus.exchange.readers.files import Source, refusal
from soleus.exchange.readers.raw import Cell, RawTable

__all__ = ["JOINER", "Grid", "Merge", "is_blank", "is_unit", "tabulate"]

JOINER = " | "
"""Between the levels of a header of several rows: "Control | M1"."""

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells; zero-based within the grid."""

_LOOK_AHEAD = 12
# A bare "m2" is no unit here: mice are called M1, M2, M3.
_UNIT = re.compile(
    r"[\[(]?\s*(?:[Cc]ells?|[Cc]ounts?|n|#|%|px\s*\^?[2²]?|(?:[µμu]m|mm|cm)\s*\^?[23²³]?|[µμum]?[gl]|kg|"
    r"days?|d|h|min|weeks?|(?:1|cells?)?\s*/\s*(?:[µμu]m|mm)\s*\^?[23²³])\s*[\])]?"
)


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


def is_blank(cell: Cell) -> bool:
    """Tell whether a cell holds nothing but blanks."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_unit(text: str) -> bool:
    """Tell whether a cell of a header names a unit and nothing else."""
    return _UNIT.fullmatch(text.strip()) is not None


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
    while depth < 4 and header_rows is None and _stands_above(rows, start, depth):
        depth += 1
    if header_rows is None:
        _spread(rows, start, depth, [m[0] for m in grid.merges])
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


def _stands_above(rows: list[list[Cell]], start: int, depth: int) -> bool:
    """Tell that one more row belongs to a header without merged cells: names below the gaps of names.

    That row alone would not do: it has a name twice, or it names neither animal nor group.
    """
    from soleus.exchange.readers.headers import header_of

    last = start + depth - 1
    if last + 2 >= len(rows):
        return False
    upper, lower, first = rows[last], rows[last + 1], rows[last + 2]
    named = [k for k, cell in enumerate(upper) if not is_blank(cell)]
    words = [cell for cell in lower if not is_blank(cell)]
    gaps = [k for k in range(named[0] if named else 0, len(upper)) if is_blank(upper[k])]
    if len(named) < 2 or not any(not is_blank(lower[k]) for k in gaps):
        return False
    block = rows[start : last + 2]
    if _has_gap(block) and (last + 3 >= len(rows) or not all(_is_word(c) for c in first if not is_blank(c))):
        return False
    if _has_gap(block) and _has_gap([*block, first]):
        return False
    numbered = _numbered_below(upper, lower)
    if not all(map(_is_word, words)) and not numbered:
        return False
    if not any(
        not is_blank(cell) and not _is_word(cell) for row in rows[last + 2 : last + 5] for cell in row
    ):
        return False
    if not _has_gap(block) and any(is_blank(first[k]) for k in range(len(lower)) if is_blank(lower[k])):
        return False
    if len(set(map(_word, words))) < len(words):
        return True
    return not any(header_of(_word(cell)).role in ("animal", "group") for cell in words)


def _has_gap(block: list[list[Cell]]) -> bool:
    """Tell whether a column has no name in any of the rows."""
    return any(all(is_blank(row[k]) for row in block) for k in range(len(block[0])))


def _numbered_below(upper: list[Cell], lower: list[Cell]) -> bool:
    """Tell "1, 2, 1, 2" below names with gaps: what each name has is numbered from one."""
    runs: list[list[str]] = []
    for above, cell in zip(upper, lower, strict=True):
        if is_blank(cell):
            continue
        if not is_blank(above) or not runs:
            runs.append([])
        runs[-1].append(_word(cell).removesuffix(".0"))
    return len(runs) > 1 and all(
        len(run) > 1 and run == [str(n + 1) for n in range(len(run))] for run in runs
    )


def _is_word(cell: Cell) -> bool:
    return isinstance(cell, str) and re.fullmatch(r"[-+]?[\d.,\s%]+", cell.strip()) is None


def _spread(rows: list[list[Cell]], start: int, depth: int, merged: list[int]) -> None:
    """Let each name stand for the gaps to its right that rows below name, as far as the rows above reach."""
    if start in merged:
        return
    for level in range(depth - 1):
        row, below = rows[start + level], rows[start + level + 1 : start + depth]
        above = rows[start : start + level]
        found: list[Cell] = []
        for k, cell in enumerate(row):
            same = k > 0 and all(line[k] == line[k - 1] for line in above)
            named = any(not is_blank(line[k]) for line in below)
            found.append(found[-1] if is_blank(cell) and found and named and same else cell)
        rows[start + level] = found


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
            part = _word(level[c])
            if part and part not in parts:
                parts.append(part)
        names.append(JOINER.join(parts))
    return names


def _word(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return " ".join(cell.split())
