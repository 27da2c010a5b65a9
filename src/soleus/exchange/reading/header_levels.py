"""Headers of several rows: which level is a part of the animal, a day, a side, and which the read-out.

The fault: "Section 1 | Ki67" and "Section 2 | Ki67" tested as two read-outs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from soleus.exchange.readers.grid import JOINER
from soleus.exchange.readers.headers import letters, split_unit
from soleus.exchange.readers.sides import side_of
from soleus.exchange.readers.times import DAYS_OF, time_of
from soleus.exchange.readers.vocabulary import NOUNS, REGIONS, TIMES, UNIT_PLURALS

__all__ = ["Levels", "levels_of_headers"]

_UNITS = {
    **UNIT_PLURALS,
    **dict.fromkeys(
        (*NOUNS["section"], *NOUNS["slide"], "s", "sec", "sect", "sl", "schn", "sez", "secc"), "section"
    ),
    **dict.fromkeys(
        (*NOUNS["field"], *NOUNS["replicate"], "f", "img", "rep", "aufnahme", "foto", "photo"), "field"
    ),
    **dict.fromkeys(NOUNS["well"], "well"),
}
_PART = re.compile(r"^([^\W\d_]+)\.?[\s_#.\-]*(\d{1,3}|[A-Za-z]|[IVX]{1,4})$")


@dataclass(frozen=True)
class Levels:
    """A header of several rows taken apart.

    Parameters
    ----------
    stem
        What is left for the read-out; empty where every level is a part.
    given
        Fields of the observations that the levels say: section, field, well, side, day, niche.
    """

    stem: str
    given: dict[str, Any] = field(default_factory=dict)


def _said(level: str) -> tuple[str, Any] | None:
    """Return field and value that one level says; None where it is a read-out's name."""
    word = level.strip()
    if match := _PART.match(word):
        unit = _UNITS.get(letters(match[1]))
        if unit is not None:
            return unit, match[2]
    if (side := side_of(word)) is not None:
        return "side", side
    found = time_of(word)
    if found is not None and found[1] in DAYS_OF:
        return "day", found[0] * DAYS_OF[found[1]]
    if letters(word) in REGIONS and letters(word) != "total":
        return "niche", word
    return None


def _together(levels: list[str]) -> list[str]:
    """Join a word of a part or time with the number below it: "Section" above "1"."""
    out: list[str] = []
    for level in levels:
        above = letters(out[-1]) if out else ""
        if re.fullmatch(r"\d{1,3}|[A-Za-z]", level.strip()) and (above in _UNITS or above in TIMES):
            out[-1] = f"{out[-1]} {level.strip()}"
        else:
            out.append(level)
    return out


def levels_of_headers(names: list[str]) -> dict[str, Levels]:
    """Take headers of several rows apart.

    Returns
    -------
    dict
        Those of which a level says a part, of which there are two at least: one side alone is a read-out's
        name, as is a single region.
    """
    found: dict[str, Levels] = {}
    for name in names:
        if JOINER not in name:
            continue
        given: dict[str, Any] = {}
        rest: list[str] = []
        for level in _together(split_unit(name)[0].split(JOINER)):
            said = _said(level)
            if said is not None and said[0] not in given:
                given[said[0]] = said[1]
            else:
                rest.append(level)
        bare = [level for level in rest if not re.fullmatch(r"\d{1,2}|[a-hA-H]", level.strip())]
        if len(bare) == len(rest) - 1 and "section" not in given and bare:
            given["section"] = next(level for level in rest if level not in bare).strip()
            rest = bare
        if given:
            found[name] = Levels(" ".join(rest), given)
    several = {
        field
        for field in ("section", "field", "well", "side", "day", "niche")
        if len({str(levels.given.get(field)) for levels in found.values()} - {"None"}) > 1
    }
    return {name: levels for name, levels in found.items() if set(levels.given) <= several}
