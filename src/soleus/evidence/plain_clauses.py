"""Clauses about findings: who found what, in which animals, where and when, from evidence entries."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from soleus.catalogue import Claim, EvidenceEntry
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.plain_words import PlainWords
from soleus.catalogue.store import citations

__all__ = ["Clauses", "joined", "size_text", "works"]

_SENSES: tuple[Literal["none"], Literal["down"], Literal["up"]] = ("none", "down", "up")


def joined(parts: Iterable[str]) -> str:
    """Write a list: ``a, b and c``."""
    known = list(dict.fromkeys(parts))
    return " and ".join([", ".join(known[:-1]), known[-1]]) if len(known) > 1 else "".join(known)


def works(entries: Iterable[EvidenceEntry]) -> set[str]:
    """Return the works that entries are from: what a sentence calls studies."""
    return {e.citation for e in entries}


def size_text(entries: Sequence[EvidenceEntry]) -> str:
    """Write the published changes in per cent, smallest to largest; empty where one has no size."""
    if any(e.log_ratio is None for e in entries):
        return ""
    sizes = sorted({round(100 * abs(math.expm1(e.log_ratio or 0.0))) for e in entries})
    return f"{sizes[0]} %" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]} %"


@dataclass(frozen=True, slots=True)
class Clauses:
    """Writes clauses on the findings of one claim."""

    catalogue: Catalogue
    claim: Claim
    words: PlainWords

    def whole(self, entries: Sequence[EvidenceEntry], *, when: bool = False) -> str:
        """Write ``two studies of lifted mice saw fewer dividing cells in this zone``.

        Parameters
        ----------
        when
            Say on which days, where all tell.
        """
        return (
            f"{self._counted(entries)} of {self.who(entries)}{self._loose(entries)} saw "
            f"{self.found(entries)}{self._days(entries) if when else ''}"
        )

    def short(
        self,
        entries: Sequence[EvidenceEntry],
        *,
        after: Sequence[EvidenceEntry],
        study: bool = False,
        when: bool = True,
    ) -> str:
        """Write what others found, after a clause that has named animals and what was counted.

        Without what is the same as in the clause before: the animals, the place, the read-out. ``study``:
        that it is a study was not said there. A single study that was counted there is "one of them".
        """
        pieces, who, own = self.words.pieces, self.who(entries), works(entries)
        of_them = len(own) == 1 and own < works(after)
        noun = f" {'study' if len(own) == 1 else 'studies'}" if study else ""
        of = noun if who == self.who(after) else f"{noun} of {who}"
        number = pieces.one_of_them if of_them else f"{self.words.number(len(own))}{of}"
        same_place = self._place(entries) == self._place(after)
        told = f"{'' if of_them else 'saw '}{self.found(entries, placed=not same_place)}"
        alike = same_place and self._noun(entries) == self._noun(after)
        if alike and {e.sense for e in entries} == {"none"}:
            own_words = self.words.noun(entries[0].readout).found.get("none")
            told = f"saw {own_words}" if own_words else pieces.no_change if of_them else pieces.did_not
        return f"{number}{self._loose(entries)} {told}{self._days(entries) if when else ''}"

    def found(self, entries: Sequence[EvidenceEntry], *, placed: bool = True) -> str:
        """Write what was found: ``22 % lower food intake``, ``no change in dividing cells in this zone``.

        Parameters
        ----------
        placed
            Say where.
        """
        noun, pieces = self.words.noun(entries[0].readout), self.words.pieces
        where = self._place(entries) if placed else ""
        senses = {e.sense for e in entries}
        if len({e.marker for e in entries} - {None}) > 1:
            return self._markers(entries) + where
        if len(senses) > 1:
            return self._mixed(entries) + where
        sense = next(iter(senses))
        if sense in noun.found:
            return noun.found[sense]
        if all(e.manipulation == "none" for e in entries):
            return noun.noun + where.replace("in ", pieces.from_, 1)
        if sense == "none":
            return pieces.unchanged.format(noun=noun.noun) + where
        size = size_text(entries)
        told = pieces.change.format(
            size=f"{size} " if size else "", more=noun.compared(sense), noun=noun.noun
        )
        return told + where + (pieces.than_before if all(e.before for e in entries) else "")

    def _mixed(self, entries: Sequence[EvidenceEntry]) -> str:
        """Write findings that do not all point one way: how far the farthest went, or both ways."""
        noun, pieces = self.words.noun(entries[0].readout), self.words.pieces
        ways = [sense for sense in _SENSES if any(e.sense == sense for e in entries)]
        changed = [e for e in entries if e.sense != "none"]
        if all(e.log_ratio is not None for e in changed):
            size = size_text([max(changed, key=lambda e: abs(e.log_ratio or 0.0))])
            if "none" in ways and len(ways) > 1 and len({e.sense for e in changed}) == 1:
                return pieces.at_most.format(size=size, more=noun.compared(changed[0].sense), noun=noun.noun)
            return pieces.within.format(size=size, noun=noun.noun)
        either = [pieces.same if way == "none" else noun.compared(way) for way in ways]
        return pieces.either.format(either=" or ".join(either), noun=noun.noun)

    def _markers(self, entries: Sequence[EvidenceEntry]) -> str:
        """Write ``one stem-cell marker unchanged, two lower``."""
        pieces, told = self.words.pieces, list[str]()
        noun = self.words.noun(entries[0].readout).noun
        named = pieces.marker.format(one=noun.removesuffix("s").replace(" ", "-"))
        for sense in _SENSES:
            n = len({e.marker for e in entries if e.sense == sense})
            if n:
                way = {"none": pieces.same, "down": "lower", "up": "higher"}[sense]
                what = "" if told else f" {named}{'' if n == 1 else 's'}"
                told.append(f"{self.words.number(n)}{what} {way}")
        return ", ".join(told)

    def who(self, entries: Sequence[EvidenceEntry]) -> str:
        """Write which animals: ``lifted mice``, ``running mice and rats``."""
        by_done: dict[str, list[str]] = {}
        for e in entries:
            done = self.words.animals[e.activity or e.manipulation]
            by_done.setdefault(done, []).append(self.words.species.get(e.species, e.species))
        return joined([done.format(species=joined(species)) for done, species in by_done.items()])

    def _counted(self, entries: Sequence[EvidenceEntry]) -> str:
        n = len(works(entries))
        return f"{self.words.number(n)} {'study' if n == 1 else 'studies'}"

    def _loose(self, entries: Sequence[EvidenceEntry]) -> str:
        """Say which of the studies were not checked in a source, and which are but abstracts."""
        own = works(entries)
        notes = {
            self.words.pieces.unchecked: own - works(e for e in entries if e.status != "provisional"),
            self.words.pieces.abstract: {
                key for key in own if citations(self.catalogue)[key].kind == "abstract"
            },
        }
        told = [
            words if some == own else f"{self.words.number(len(some))} {words}"
            for words, some in notes.items()
            if some
        ]
        return f" ({', '.join(told)})" if told else ""

    def _noun(self, entries: Sequence[EvidenceEntry]) -> str:
        return self.words.noun(entries[0].readout).noun

    def _place(self, entries: Sequence[EvidenceEntry]) -> str:
        by_place: dict[str, set[str]] = {}
        for e in entries:
            place = self.words.places.get(e.niche or "")
            if place is not None:
                by_place.setdefault(place, set()).add(e.citation)
        if len(by_place) < 2:
            return "".join(f" {place}" for place in by_place)
        return "".join(f", {self.words.number(len(own))} {place}" for place, own in by_place.items())

    def _days(self, entries: Sequence[EvidenceEntry]) -> str:
        days = sorted({e.day for e in entries if e.day is not None})
        if not days or any(e.day is None or e.manipulation == "none" for e in entries):
            return ""
        piece = self.words.pieces.on_day if len(days) == 1 else self.words.pieces.on_days
        return piece.format(days=joined(f"{day:g}" for day in days))
