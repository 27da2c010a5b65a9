"""How often each plain word stands among judged claims, on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from soleus.schema.claim_rows import ClaimRow

__all__ = ["word_counts"]

_WORD_STYLES = {
    "Yes": "bold green",
    "Partly": "green",
    "Researchers disagree": "yellow",
    "Not settled": "yellow",
    "Not found": "bold red",
    "Measurements point the other way": "bold red",
    "The paper says otherwise": "bold red",
    "Nobody has measured it": "cyan",
    "Could not be checked": "dim",
}


def word_counts(rows: Sequence[ClaimRow]) -> Text:
    """Return how often each plain word stands, in the order of the words."""
    counts = {word: sum(row.word == word for row in rows) for word in _WORD_STYLES}
    text = Text()
    for word, count in counts.items():
        if count:
            text.append(", " if text.plain else "")
            text.append(f"{count} {word[:1].lower()}{word[1:]}", style=_WORD_STYLES[word])
    return text
