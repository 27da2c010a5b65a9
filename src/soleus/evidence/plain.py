"""One plain sentence and one plain word for each judged claim, put together from evidence and verdict.

What a reader is told follows from the *situation*: which line of the rule decided, and what kinds of entries
there are. The pieces stand in ``plain-words.yaml``; read-out, place, animals, day and size come from the
entries, so that a changed entry changes the sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from soleus.catalogue import Claim, EvidenceEntry
from soleus.catalogue.plain_words import PlainWords, Situation
from soleus.evidence.bearing import Bearing, bearing, relation
from soleus.evidence.plain_clauses import Clauses, joined
from soleus.evidence.verdicts import Verdict

__all__ = ["Plain", "situation", "tell"]

_DISH = "culture"


@dataclass(frozen=True, slots=True)
class Plain:
    """What a lay reader is told of a claim.

    Parameters
    ----------
    situation
        What there is to be said.
    word
        The verdict in plain words.
    sentence
        One sentence, of no more words than the catalogue allows.
    """

    situation: Situation
    word: str
    sentence: str


def tell(claim: Claim, verdict: Verdict, entries: Iterable[EvidenceEntry], words: PlainWords) -> Plain:
    """Return the plain word and the plain sentence of a verdict.

    Raises
    ------
    CatalogueError
        If the words of the catalogue lack a noun.
    """
    found = bearing(claim, entries)
    which = situation(claim, verdict, found)
    return Plain(which, words.words[which], _sentence(claim, verdict, found, which, words))


def situation(claim: Claim, verdict: Verdict, found: Bearing) -> Situation:
    """Return what there is to be said of a claim.

    That researchers disagree is only said where findings do, on the read-out of the claim or on another
    that its words could mean.
    """
    if claim.design is not None:
        return _DESIGN[verdict.rule_line]
    if verdict.verdict in _DECIDED:
        return _DECIDED[verdict.verdict]
    if verdict.verdict == "untested":
        return _untested(claim, found)
    stances = {e.stance for e in (*found.direct, *found.other_readout)}
    if stances == {"supports", "opposes"}:
        return "disagree"
    if "opposes" in stances:
        return "against"
    return "unlikely" if len(found.direct) > 1 else "once"


_DESIGN: dict[str, Situation] = {
    "said": "said",
    "otherwise-said": "otherwise-said",
    "not-seen": "not-seen",
}
_DECIDED: dict[str, Situation] = {
    "supported": "repeated",
    "supported for another read-out": "other-readout",
    "contradicted": "against",
}


def _untested(claim: Claim, found: Bearing) -> Situation:
    if any(relation(e, claim) == "direct" for e in found.source):
        return "source-only"
    if any(e.niche == claim.niche for e in found.source):
        return "something-else"
    return "in-a-dish" if any(e.niche == _DISH for e in found.source) else "unmeasured"


def _sentence(claim: Claim, verdict: Verdict, found: Bearing, which: Situation, words: PlainWords) -> str:
    always, extra = _parts(claim, verdict, found, which, words)
    template = words.sentences[which]
    text = template.format(**always, **extra)
    if len(text.split()) > words.pieces.most_words:
        text = template.format(**always, **dict.fromkeys(extra, ""))
    return text[:1].upper() + text[1:]


def _parts(
    claim: Claim, verdict: Verdict, found: Bearing, which: Situation, words: PlainWords
) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the braces of the sentence take: what must stand, and what may be left out."""
    clauses = Clauses(claim, words)
    if claim.design is not None:
        return _design_parts(claim, found, words), {}
    always = _nobody(claim, words)
    if which in ("repeated", "once", "unlikely"):
        so = f", {claim.so}" if claim.so and which == "repeated" else ""
        return always | {"for": clauses.whole(_of(found.direct, "supports"))}, {"so": so}
    if which == "other-readout":
        chosen = [e for e in found.other_readout if e.readout == verdict.other_readouts[0]]
        return always | {"other": clauses.whole(_of(chosen, "supports"))}, {}
    if which == "disagree":
        one, other = _sides(found)
        return always | {"for": clauses.whole(one, when=True), "against": clauses.short(other, after=one)}, {}
    if which == "against":
        unmeasured = claim.kind == "mechanism" and not found.source
        against = clauses.whole(_of(found.direct, "opposes") or _of(found.other_readout, "opposes"))
        tail = words.pieces.unmeasured_by_paper if unmeasured else ""
        return always | {"against": against}, {"unmeasured_by_paper": tail}
    return always | _source_parts(claim, found, which, clauses), {}


def _of(entries: Iterable[EvidenceEntry], stance: str) -> list[EvidenceEntry]:
    return [e for e in entries if e.stance == stance]


def _sides(found: Bearing) -> tuple[list[EvidenceEntry], list[EvidenceEntry]]:
    """Return what is for and what is against, of the claim's own read-out where there is any."""
    sides = [_of(found.direct, stance) for stance in ("supports", "opposes")]
    for k, stance in enumerate(("supports", "opposes")):
        sides[k] = sides[k] or _of(found.other_readout, stance)
    return sides[0], sides[1]


def _design_parts(claim: Claim, found: Bearing, words: PlainWords) -> dict[str, str]:
    assert claim.design is not None
    one, many = words.units[claim.design.quantity]
    values = [e.value for e in found.source if e.readout == claim.readout and e.value is not None]
    interval = claim.interval
    bounds = [b for b in (interval.low, interval.high) if b is not None]
    return {
        "value": joined([f"{v:g} {one if v == 1 else many}" for v in values]),
        "claimed": f"{sum(bounds) / len(bounds):g}",
        "noun": words.noun(claim.readout).noun,
    }


def _nobody(claim: Claim, words: PlainWords) -> dict[str, str]:
    """Return the pieces that say what has not been measured, and in whom."""
    noun = words.noun(claim.readout)
    done = claim.activity or ("none" if claim.kind == "general" else "unloading")
    species = joined([words.species[s] for s in claim.species]) or words.any_species
    return {
        "noun": noun.noun,
        "were": "were" if noun.plural else "was",
        "counted": "counted" if noun.kind == "count" else "measured",
        "animals": words.animals[done].format(species=species),
        "place": f" {words.places[claim.niche]}" if claim.niche and claim.niche in words.places else "",
    }


def _source_parts(claim: Claim, found: Bearing, which: Situation, clauses: Clauses) -> dict[str, str]:
    """Return the pieces that say what the reported study itself saw."""
    words = clauses.words
    if which == "source-only":
        own = [e for e in found.source if relation(e, claim) == "direct"]
        unseen = all(e.log_ratio is None for e in own)
        alike = [e for e in found.indirect if e.niche == claim.niche and e.base_readout == claim.readout]
        nobody = words.pieces.no_other.format_map(_nobody(claim, words))
        return {
            "source": clauses.found(own),
            "size_not_seen": words.pieces.size_not_seen if unseen else "",
            "indirect": clauses.short(alike, after=own, study=True) if alike else nobody,
        }
    if which == "something-else":
        other = next(e for e in found.source if e.niche == claim.niche)
        seen = words.noun(other.readout)
        return {"source_noun": seen.noun, "source_counted": "counted" if seen.kind == "count" else "measured"}
    dish = [e for e in found.source if e.niche == _DISH]
    if not dish:
        return {}
    return {"source": clauses.found(dish, placed=False), "dish": words.places[_DISH]}
