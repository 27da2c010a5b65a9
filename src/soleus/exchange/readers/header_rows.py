"""How many rows of a sheet are its header, where no merged cells tell.

The fault: of "Mouse, Group, Section 1, , Section 2, " above ", , Ki67, DCX, Ki67, DCX" the lower row is taken
for a row without values, and the markers lose their names.
"""

from __future__ import annotations

from collections.abc import Sequence

from soleus.exchange.readers.headers import header_of
from soleus.exchange.readers.joined import is_blank, is_word, word_of
from soleus.exchange.readers.raw import Cell

__all__ = ["rows_of_header", "spread"]

_MOST = 4

Row = Sequence[Cell]


def rows_of_header(rows: Sequence[Row], start: int) -> int:
    """Count the rows of the header that begins with row ``start``."""
    return _hanging(rows, start) or _standing(rows, start) or (2 if _stands_above(rows, start) else 1)


def spread(header: Sequence[Row]) -> list[list[Cell]]:
    """Let each name of all rows but the last stand for the gaps to its right.

    A name with nothing below it ("Mouse" above an empty cell) stands for its own column alone.
    """
    found = [list(row) for row in header]
    for k, row in enumerate(found[:-1]):
        last: Cell = None
        for c, cell in enumerate(row):
            below = any(not is_blank(lower[c]) for lower in header[k + 1 :])
            if not is_blank(cell):
                last = cell if below else None
            elif below:
                row[c] = last
    return found


def _hanging(rows: Sequence[Row], start: int) -> int:
    """Count a header whose lower rows are empty below animal and group; 0 where it is none.

    The first animal of a table has a name: a row without one that names what stands under gaps is no animal.
    """
    upper = rows[start]
    ids = [c for c, cell in enumerate(upper) if not is_blank(cell)][:1]
    if not ids or header_of(word_of(upper[ids[0]])).role is None:
        return 0
    depth = 1
    while depth < _MOST and start + depth + 1 < len(rows) and is_blank(rows[start + depth][ids[0]]):
        lower = rows[start + depth]
        if not any(not is_blank(cell) for cell in lower) or not _names_below(lower):
            return 0
        depth += 1
    if depth in (1, _MOST) or is_blank(rows[start + depth][ids[0]]):
        return 0
    first = rows[start + depth]
    levels = spread(rows[start : start + depth])
    paths = [tuple(word_of(cell) for cell in column) for column in zip(*levels, strict=True)]
    named = [path for path in paths if any(path)]
    values = any(not is_blank(cell) and not is_word(cell) for cell in first)
    above = [path[0] for path in named]
    return depth if values and len(set(named)) == len(named) and len(set(above)) < len(above) else 0


def _standing(rows: Sequence[Row], start: int) -> int:
    """Count a header whose last row names animal and group, under empty cells; 0 where it is none.

    The last row has a name twice, and only the rows above it tell which is which.
    """
    for depth in range(2, min(_MOST, len(rows) - start - 1) + 1):
        header, first = rows[start : start + depth], rows[start + depth]
        lower = header[-1]
        ids = [c for c, cell in enumerate(lower) if header_of(word_of(cell)).role in ("animal", "group")]
        if not ids or any(not is_blank(row[c]) for row in header[:-1] for c in ids):
            continue
        paths = [tuple(map(word_of, column)) for column in zip(*spread(header), strict=True)]
        named = [path for path in paths if any(path)]
        plain = [path[-1] for path in named]
        beside = [cell for c, cell in enumerate(lower) if c not in ids]
        told = all(_names_below(row) for row in (*header[:-1], beside))
        values = any(not is_blank(cell) and not is_word(cell) for cell in first)
        if told and values and all(plain) and len(set(plain)) < len(plain) == len(set(named)):
            return depth
    return 0


def _names_below(lower: Row) -> bool:
    """Tell words, or the numbers of parts that begin with 1 and come again."""
    there = [cell for cell in lower if not is_blank(cell)]
    if all(map(is_word, there)):
        return True
    numbers = [word_of(cell) for cell in there]
    return len(set(numbers)) < len(numbers) and sorted(set(numbers)) == [
        str(k + 1) for k in range(len(set(numbers)))
    ]


def _stands_above(rows: Sequence[Row], start: int) -> bool:
    """Tell a header of two rows without merged cells: names with gaps above a full row of names.

    The lower row alone would not do: it has a name twice, or it names neither animal nor group.
    """
    if start + 2 >= len(rows):
        return False
    upper, lower, first = rows[start], rows[start + 1], rows[start + 2]
    named = [k for k, cell in enumerate(upper) if not is_blank(cell)]
    words = [cell for cell in lower if not is_blank(cell)]
    gaps = [k for k in range(named[0] if named else 0, len(upper)) if is_blank(upper[k])]
    if len(named) < 2 or not gaps or len(words) < len(lower) - 1 or not all(map(is_word, words)):
        return False
    if not any(not is_blank(cell) and not is_word(cell) for cell in first):
        return False
    if len(set(map(word_of, words))) < len(words):
        return True
    return not any(header_of(word_of(cell)).role in ("animal", "group") for cell in words)
