"""Text in CSV that no spreadsheet takes for a formula, and back.

A CSV file cannot say that a cell is text: Excel and LibreOffice compute whatever begins like a formula. Such
text gets an apostrophe in front, and loses it when soleus reads its own tables. Numbers stay as they are, and
so do texts of signs alone (the genotypes +/+ and -/-), which are no formula.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["guarded", "guarded_frame", "is_own_header", "unguarded", "unguarded_frame"]

# The wide forms are what Japanese and Chinese keyboards write; Excel takes them for the narrow ones.
_FORMULA = re.compile(r"'*[\s\x00]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_HARMLESS = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+\-/ ]+", re.ASCII)
_GUARD = "'"


def guarded(text: str) -> str:
    """Return a text as it may stand in a CSV file.

    Examples
    --------
    >>> guarded("=1+1"), guarded("-12.5"), guarded("+/+"), guarded("control")
    ("'=1+1", '-12.5', '+/+', 'control')
    """
    if _FORMULA.match(text) is None or _HARMLESS.fullmatch(text) is not None:
        return text
    return _GUARD + text


def unguarded(text: str) -> str:
    """Return the text that :func:`guarded` was given.

    Examples
    --------
    >>> unguarded("'=1+1"), unguarded("'quoted'")
    ('=1+1', "'quoted'")
    """
    inner = text[1:]
    return inner if text.startswith(_GUARD) and guarded(inner) == text else text


def guarded_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts and headings may stand in a CSV file; numbers and flags stay."""
    return _mapped(frame, guard=True)


def unguarded_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table that :func:`guarded_frame` was given."""
    return _mapped(frame, guard=False)


def _mapped(frame: pd.DataFrame, *, guard: bool) -> pd.DataFrame:
    change = guarded if guard else unguarded
    changed = frame.copy(deep=False)
    for place, name in enumerate(frame.columns):
        column = frame.iloc[:, place]
        if column.dtype.kind in "biuf" or str(column.dtype) in ("boolean", "Int64"):
            continue
        # Few words stand for many rows, and most columns hold none that changes.
        words = {word: change(word) for word in column.dropna().unique() if isinstance(word, str)}
        moved = {word: other for word, other in words.items() if word != other}
        if moved:
            changed[name] = column.astype("object").replace(moved)
    return changed.rename(columns={name: change(str(name)) for name in frame.columns})


def is_own_header(names: list[str]) -> bool:
    """Tell whether a header is that of a table of observations which soleus wrote."""
    from soleus.observations.schema import COLUMNS

    return {column.name for column in COLUMNS} <= set(names)
