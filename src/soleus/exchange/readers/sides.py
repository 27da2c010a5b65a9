"""Left and right as laboratories write them, with or without a word of the hemisphere."""

from __future__ import annotations

import re

from soleus.exchange.readers.headers import letters
from soleus.exchange.readers.vocabulary import HEMISPHERES, SIDES

__all__ = ["side_of"]

_HEMI = re.compile(rf"(?i){'|'.join(HEMISPHERES)}")
_BARE = {"d": "right", "i": "left"}


def side_of(word: str) -> str | None:
    """Return "left" or "right" for "L", "hemL", "linke Hemisphäre"; None for whatever is no side."""
    plain = letters(word)
    if plain in SIDES:
        return SIDES[plain]
    bare = letters(_HEMI.sub(" ", word))
    return SIDES.get(bare) or _BARE.get(bare) if bare != plain else None
