"""Headers of several levels: which level is a part, place or time, and which the read-out.

The fault: "Section 1 | Ki67" and "Section 2 | Ki67" tested as two read-outs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from soleus.exchange.readers.headers import letters, split_unit
from soleus.exchange.readers.joined import JOINER
from soleus.exchange.readers.mapping import Constants
from soleus.exchange.readers.sides import sides_of
from soleus.exchange.readers.times import DAYS_OF, time_of, times_of
from soleus.exchange.readers.vocabulary import NOUNS, REGIONS

__all__ = ["Level", "levels_of_headers"]

_NUMBERED = re.compile(r"^([^\W\d_]*)[\s_#.\-]*(?:(?:nr|no|n°|nº)[\s.]*)?(\d{1,2}|[a-hA-H]|[IVX]{1,4})$")
_STEMS = {
    "section": NOUNS["section"] | NOUNS["slide"] | frozenset("s sec sect sl schn sez secc".split()),
    "field": NOUNS["field"] | NOUNS["replicate"] | frozenset("f img rep replic foto photo".split()),
    "well": NOUNS["well"],
}


@dataclass(frozen=True, slots=True)
class Level:
    """A column whose header has several levels.

    Parameters
    ----------
    readout
        The levels that name what was counted; empty where none does.
    given
        What the other levels say: section, field, well, side, region, day.
    """

    readout: str
    given: Constants


def levels_of_headers(names: list[str]) -> dict[str, Level]:
    """Tell the levels of headers apart, where all words of a level are of one kind."""
    paths = {n: split_unit(n)[0].split(JOINER) for n in names if JOINER in split_unit(n)[0]}
    out: dict[str, Level] = {}
    for depth in sorted({len(path) for path in paths.values()}):
        alike = {n: path for n, path in paths.items() if len(path) == depth}
        given: dict[str, dict[str, str | float]] = {n: {} for n in alike}
        rest: dict[str, list[str]] = {n: [] for n in alike}
        for k in range(depth):
            kind = _kind_of([path[k] for path in alike.values()])
            for n, path in alike.items():
                if kind is None or kind[0] in given[n] or path[k] not in kind[1]:
                    rest[n].append(path[k])
                else:
                    given[n][kind[0]] = kind[1][path[k]]
        found = {n: Level(JOINER.join(rest[n]), Constants(**given[n])) for n in alike if given[n]}
        told = [(letters(one.readout), one.given) for one in found.values()]
        if len(found) > 1 and all(told.count(one) == 1 for one in told):
            out |= found
    return out


def _kind_of(words: list[str]) -> tuple[str, dict[str, str | float]] | None:
    """Return what the words of a level are, and what each says; None where they are names of read-outs.

    Where others stand beside them ("Info" beside "Section 1" and "Section 2"), two at least must be told.
    """
    every = list(dict.fromkeys(words))
    for field, told in _kinds(every):
        if told and len(told) >= min(2, len(every)):
            return field, told
    return None


def _kinds(words: list[str]) -> Iterator[tuple[str, dict[str, str | float]]]:
    matches = {w: m for w in words if (m := _NUMBERED.match(w)) is not None}
    for field, known in _STEMS.items():
        yield field, {w: m[2] for w, m in matches.items() if letters(m[1]) in known}
    yield "side", dict(sides_of(words))
    yield "niche", {w: w for w in words if letters(w) in REGIONS}
    yield "day", _days([w for w in words if not w.isdigit()])
    if all(w.isdigit() for w in words) or sorted(map(str.casefold, words)) == list("abcdefgh"[: len(words)]):
        yield "section", {w: w for w in words}


def _days(words: list[str]) -> dict[str, str | float]:
    timed = [w for w in words if (found := time_of(w)) is not None and found[1] in DAYS_OF]
    return dict(times_of(timed) or {})
