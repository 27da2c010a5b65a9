"""Times as laboratories write them: "7", "d7", "day -3", "2 weeks", "14 dpi", "Woche 4", "35 days"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from soleus.exchange.readers.headers import letters
from soleus.exchange.readers.vocabulary import TIMES

__all__ = ["DAYS_OF", "time_of", "times_of"]

DAYS_OF = {"day": 1.0, "week": 7.0, "hour": 1.0 / 24.0}
"""Days in a unit; months have no fixed number of days and stay words."""

_NUMBER = r"\d+(?:[.,]\d+)?"
_AFTER = re.compile(rf"([^\W\d_]+)\.?([\s_]*)([-−–+]?)({_NUMBER})")
_BEFORE = re.compile(rf"([-−–+]?)\s*({_NUMBER})[\s_.-]*([^\W\d_]+)\.?")
_BARE = re.compile(rf"([-−–+]?)({_NUMBER})")
_MINUS = "-−–"


def time_of(word: str, *, minus: bool = True) -> tuple[float, str | None] | None:
    """Return number and unit (None where none is given); None where the word is no time.

    Parameters
    ----------
    word
        A cell, or a part of a name.
    minus
        Read a hyphen right before the number ("d-3") as a sign, not as a separator.
    """
    text = word.strip()
    if match := _BARE.fullmatch(text):
        return _signed(match[1], match[2]), None
    if match := _AFTER.fullmatch(text):
        unit = TIMES.get(letters(match[1]))
        signed = (
            match[3] if minus or match[2].strip() == "" and match[2] else match[3] if match[3] == "+" else ""
        )
        return None if unit is None else (_signed(signed, match[4]), unit)
    if match := _BEFORE.fullmatch(text):
        unit = TIMES.get(letters(match[3]))
        return None if unit is None else (_signed(match[1], match[2]), unit)
    return None


def _signed(sign: str, number: str) -> float:
    value = float(number.replace(",", "."))
    return -value if sign and sign in _MINUS and value else value


def times_of(words: Iterable[str], *, unit: str | None = None) -> dict[str, float] | None:
    """Return each word's time in days; None where one is no time, or two have different kinds of units.

    Parameters
    ----------
    words
        Different cells of a column.
    unit
        Of numbers without one: "day", "week" or "hour"; None refuses them beside others and takes them for
        days where all are plain numbers.
    """
    every = list(words)
    hyphened = [re.search(rf"[^\W\d_]-{_NUMBER}$", word) is not None for word in every]
    # "d-3" beside "d3" is a day before; "day-7" beside "day-14" has a hyphen between word and number.
    minus = not all(hyphened) or not every
    found: dict[str, float] = {}
    for word in every:
        read = time_of(word, minus=minus)
        own = None if read is None else read[1] or unit or "day"
        if read is None or own not in DAYS_OF:
            return None
        found[word] = read[0] * DAYS_OF[own]
    return found
