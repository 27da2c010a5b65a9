"""What a reader is shown where a result holds a name: plain words, units with signs, file names."""

from __future__ import annotations

import re
import textwrap
from functools import lru_cache

__all__ = ["readout_slug", "sentence_case", "unit_text", "words", "wrapped"]

_SIGNS = {"mm2": "mm²", "mm3": "mm³", "um": "µm", "um2": "µm²", "um3": "µm³"}
_UNIT_WORD = re.compile(r"[A-Za-z]+[0-9]?")


def words(name: str) -> str:
    """Write a name in plain words: ``fate.amplify`` is ``fate: amplify``."""
    return name.replace("_", " ").replace(".", ": ").replace("readout", "read-out")


def sentence_case(text: str) -> str:
    """Begin with a capital, unless the first word is spelt in its own way (``mRNA``)."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.islower() else text


def unit_text(unit: str) -> str:
    """Write a unit with its signs; a number without one has an empty unit."""
    return "" if unit == "1" else _UNIT_WORD.sub(lambda hit: _SIGNS.get(hit[0], hit[0]), unit)


@lru_cache(maxsize=1024)
def wrapped(text: str, most: int) -> str:
    """Break a label into lines of at most ``most`` letters, as few lines and as even as can be.

    >>> wrapped("transit-amplifying cell 1", 14).split("\\n")
    ['transit-', 'amplifying', 'cell 1']
    """
    # At a hyphen only where a word does not fit otherwise.
    hyphens = max(map(len, text.split()), default=0) > most
    lines = textwrap.wrap(text, most, break_long_words=False, break_on_hyphens=hyphens) or [""]
    for width in range(max(1, len(text) // len(lines)), most):
        tighter = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=hyphens)
        if len(tighter) == len(lines) and max(map(len, tighter)) <= most:
            return "\n".join(tighter)
    return "\n".join(lines)


def readout_slug(readout: str) -> str:
    """Return a file name for a read-out's figure."""
    return "readout-" + (re.sub(r"[^a-z0-9]+", "-", readout.lower()).strip("-") or "x")
