"""Left and right as laboratories write them, with or without a word of the hemisphere."""

from __future__ import annotations

import re
from collections.abc import Iterable

from soleus.exchange.readers.headers import letters
from soleus.exchange.readers.vocabulary import HEMISPHERES, SIDES

__all__ = ["side_of", "sides_of"]

_HEMI = re.compile(rf"(?i){'|'.join(HEMISPHERES)}")
_BARE = {"d": "right", "i": "left"}


def side_of(word: str) -> str | None:
    """Return "left" or "right" for "L", "hemL", "linke Hemisphäre"; None for whatever is no side."""
    plain = letters(word)
    if plain in SIDES:
        return SIDES[plain]
    bare = letters(_HEMI.sub(" ", word))
    return SIDES.get(bare) or _BARE.get(bare) if bare != plain else None


def sides_of(words: Iterable[str]) -> dict[str, str]:
    """Return the side of each word that names one; "D" is right beside "G" or "I", and a day elsewhere."""
    every = list(words)
    bare = {letters(w) for w in every} <= {"g", "i", "d"}
    told = {w: side_of(w) or (_BARE.get(letters(w)) if bare else None) for w in every}
    return {word: side for word, side in told.items() if side is not None}
