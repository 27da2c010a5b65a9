"""Clauses about findings: who found what, in which animals, where and when, from evidence entries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from soleus.catalogue import Claim, EvidenceEntry
from soleus.catalogue.plain_words import PlainWords

__all__ = ["Clauses", "joined", "size_text"]


def joined(parts: Sequence[str]) -> str:
    """Write a list: ``a, b and c``."""
    known = list(dict.fromkeys(parts))
    return " and ".join([", ".join(known[:-1]), known[-1]]) if len(known) > 1 else "".join(known)


def size_text(entries: Sequence[EvidenceEntry]) -> str:
    """Write the published changes in per cent, smallest to largest; empty where one has no size."""
    if any(e.log_ratio is None for e in entries):
        return ""
    sizes = sorted({round(100 * abs(math.expm1(e.log_ratio or 0.0))) for e in entries})
    return f"{sizes[0]} %" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]} %"


@dataclass(frozen=True, slots=True)
class Clauses:
    """Writes clauses on the findings of one claim."""

    claim: Claim
    words: PlainWords

    def whole(self, entries: Sequence[EvidenceEntry], *, when: bool = False) -> str:
        """Write ``two studies of lifted mice found fewer dividing cells in this zone``.

        Parameters
        ----------
        when
            Say after how many days, where that is the same for all.
        """
        n = _studies(entries)
        study = "study" if n == 1 else "studies"
        return (
            f"{self.words.number(n)} {study} of {self.who(entries)} found "
            f"{self.found(entries)}{self._after(entries) if when else ''}"
        )

    def short(
        self, entries: Sequence[EvidenceEntry], *, after: Sequence[EvidenceEntry], study: bool = False
    ) -> str:
        """Write what others found, after a clause that has named animals and what was counted.

        Without what is the same as in the clause before: the animals, the place, the read-out. ``study``:
        that it is a study was not said there.
        """
        who, n = self.who(entries), _studies(entries)
        noun = f" {'study' if n == 1 else 'studies'}" if study else ""
        of = noun if who == self.who(after) else f"{noun} of {who}"
        same_place = self._place(entries) == self._place(after)
        same_noun = self._noun(entries) == self._noun(after)
        told = self.found(entries, placed=not same_place)
        if same_noun and same_place and {e.sense for e in entries} == {"none"}:
            told = self.words.noun(entries[0].readout).found.get("none") or self.words.pieces.no_change
        return f"{self.words.number(n)}{of} found {told}{self._after(entries)}"

    def found(self, entries: Sequence[EvidenceEntry], *, placed: bool = True) -> str:
        """Write what was found: ``22 % lower food intake``, ``no change in dividing cells in this zone``.

        Parameters
        ----------
        placed
            Say where.
        """
        noun, pieces = self.words.noun(entries[0].readout), self.words.pieces
        senses = {e.sense for e in entries}
        where = self._place(entries) if placed else ""
        if len(senses) > 1:
            sized = [e for e in entries if e.log_ratio is not None]
            largest = max(sized, key=lambda e: abs(e.log_ratio or 0.0), default=None)
            size = "" if largest is None else size_text([largest])
            text = pieces.within.format(noun=noun.noun, size=size) if size else pieces.unchanged
            return text.format(noun=noun.noun) + where
        sense = next(iter(senses))
        if sense in noun.found:
            return noun.found[sense]
        if all(e.manipulation == "none" for e in entries):
            return noun.noun + where
        if sense == "none":
            return pieces.unchanged.format(noun=noun.noun) + where
        size = size_text(entries)
        more = noun.compared(sense)
        return pieces.change.format(size=f"{size} " if size else "", more=more, noun=noun.noun) + where

    def who(self, entries: Sequence[EvidenceEntry]) -> str:
        """Write which animals: ``lifted mice``, ``running mice and rats``."""
        by_done: dict[str, list[str]] = {}
        for e in entries:
            done = self.words.animals[e.activity or e.manipulation]
            by_done.setdefault(done, []).append(self.words.species.get(e.species, e.species))
        return joined([done.format(species=joined(species)) for done, species in by_done.items()])

    def _noun(self, entries: Sequence[EvidenceEntry]) -> str:
        return self.words.noun(entries[0].readout).noun

    def _place(self, entries: Sequence[EvidenceEntry]) -> str:
        places = [self.words.places.get(e.niche or "") for e in entries]
        known = [place for place in places if place is not None]
        named = list(dict.fromkeys(known))
        # "in this zone and the hippocampus"
        rest = [place.removeprefix("in ") for place in named[1:]]
        return f" {joined([*named[:1], *rest])}" if named else ""

    def _after(self, entries: Sequence[EvidenceEntry]) -> str:
        days = {e.day for e in entries}
        if len(days) > 1 or None in days or any(e.manipulation == "none" for e in entries):
            return ""
        day = next(iter(days)) or 0.0
        return self.words.pieces.after.format(days=f"{day:g} day" if day == 1 else f"{day:g} days")


def _studies(entries: Sequence[EvidenceEntry]) -> int:
    return len({e.citation for e in entries})
