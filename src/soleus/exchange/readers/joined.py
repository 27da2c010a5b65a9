"""What stands between and below the names of a header: the joiner of its levels, units, empty cells."""

from __future__ import annotations

import re

from soleus.exchange.readers.raw import Cell

__all__ = ["JOINER", "is_blank", "is_unit", "is_word", "word_of"]

JOINER = " | "
"""Between the levels of a header of several rows: "Control | M1"."""

# A bare "m2" is no unit here: mice are called M1, M2, M3.
_UNIT = re.compile(
    r"[\[(]?\s*(?:[Cc]ells?|[Cc]ounts?|n|#|%|px\s*\^?[2²]?|(?:[µμu]m|mm|cm)\s*\^?[23²³]?|[µμum]?[gl]|kg|"
    r"days?|d|h|min|weeks?|(?:1|cells?)?\s*/\s*(?:[µμu]m|mm)\s*\^?[23²³])\s*[\])]?"
)


def is_blank(cell: Cell) -> bool:
    """Tell whether a cell holds nothing but blanks."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_unit(text: str) -> bool:
    """Tell whether a cell of a header names a unit and nothing else."""
    return _UNIT.fullmatch(text.strip()) is not None


def word_of(cell: Cell) -> str:
    """Return a cell of a header as text."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return " ".join(cell.split())


def is_word(cell: Cell) -> bool:
    """Tell whether a cell is text and no number."""
    return isinstance(cell, str) and re.fullmatch(r"[-+]?[\d.,\s%]+", cell.strip()) is None
