"""One plain sentence and one plain word for each judged claim, put together from evidence and verdict.

What a reader is told follows from the *situation*: which verdict was given, and what kinds of entries there
are. The pieces stand in ``plain-words.yaml``, with the table of the situations of each verdict; read-out,
place, animals, day and size come from the entries, so that a changed entry changes the sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from soleus.catalogue import Claim, EvidenceEntry
from soleus.catalogue.folder import Catalogue
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
    told
        Ids of the entries that the sentence tells of.
    """

    situation: Situation
    word: str
    sentence: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """The pieces of a sentence, its tails in their order, and the entries that each tells of."""

    parts: dict[str, str]
    told: tuple[EvidenceEntry, ...] = ()
    tails: tuple[tuple[str, tuple[EvidenceEntry, ...]], ...] = ()


def tell(
    catalogue: Catalogue, claim: Claim, verdict: Verdict, entries: Iterable[EvidenceEntry], words: PlainWords
) -> Plain:
    """Return the plain word and the plain sentence of a verdict.

    Raises
    ------
    CatalogueError
        If the words of the catalogue lack a noun, or the situation does not stand under the verdict.
    """
    found = bearing(claim, entries)
    which = situation(claim, verdict, found)
    sentence, told = "", list[EvidenceEntry]()
    for said in _ways(catalogue, claim, verdict, found, which, words):
        sentence, told = _sentence(said, words.sentences[which], most=words.pieces.most_words)
        if len(sentence.split()) <= words.pieces.most_words:
            break
    return Plain(
        which, words.word(verdict.verdict, which), sentence, tuple(dict.fromkeys(e.id for e in told))
    )


def situation(claim: Claim, verdict: Verdict, found: Bearing) -> Situation:
    """Return what there is to be said of a claim.

    That researchers disagree is only said where findings on the read-out of the claim do. Where those are
    of one mind and findings on another read-out point apart, it is not settled.
    """
    if claim.design is not None:
        return _DESIGN[verdict.rule_line]
    if verdict.verdict in _DECIDED:
        return _DECIDED[verdict.verdict]
    if verdict.verdict == "untested":
        return _untested(claim, found)
    direct, beside = ({e.stance for e in own} for own in (found.direct, found.other_readout))
    if len(direct) == 2:
        return "disagree"
    if direct == {"supports"}:
        return "unsettled" if "opposes" in beside else "unlikely" if verdict.inputs["F"] > 1 else "once"
    none_seen = not claim.interval.contains(0.0) and all(e.sense == "none" for e in found.direct)
    if verdict.verdict == "contradicted":
        return "not-found" if none_seen else "against"
    return "not-found" if none_seen and "supports" not in beside else "unsettled"


_DESIGN: dict[str, Situation] = {
    "said": "said",
    "otherwise-said": "otherwise-said",
    "not-seen": "not-seen",
}
_DECIDED: dict[str, Situation] = {
    "supported": "repeated",
    "supported for another read-out": "other-readout",
}


def _untested(claim: Claim, found: Bearing) -> Situation:
    if any(relation(e, claim) == "direct" for e in found.source):
        return "source-only"
    if any(e.niche == claim.niche for e in found.source):
        return "something-else"
    return "in-a-dish" if any(e.niche == _DISH for e in found.source) else "unmeasured"


def _sentence(said: _Said, template: str, *, most: int) -> tuple[str, list[EvidenceEntry]]:
    """Fill a sentence, with as many of its tails as leave it short."""

    def filled(tails: str) -> str:
        text = template.format(**said.parts, tails=tails)
        return text[:1].upper() + text[1:]

    tails, told = "", list(said.told)
    for tail, entries in said.tails:
        if len(filled(tails + tail).split()) <= most:
            tails += tail
            told += entries
    return filled(tails), told


def _ways(
    catalogue: Catalogue, claim: Claim, verdict: Verdict, found: Bearing, which: Situation, words: PlainWords
) -> Iterator[_Said]:
    """Yield ways to fill the sentence, the fullest first."""
    clauses = Clauses(catalogue, claim, words)
    if claim.design is not None:
        yield _design(claim, found, words)
    elif which in ("repeated", "once", "unlikely"):
        own = _of(found.direct, "supports")
        so = ((f", {claim.so}", ()),) if claim.so else ()
        yield _Said({"for": clauses.whole(own)}, own, so)
    elif which == "other-readout":
        chosen = _of([e for e in found.other_readout if e.readout == verdict.other_readouts[0]], "supports")
        yield _Said(_nobody(claim, words) | {"other": clauses.whole(chosen)}, chosen)
    elif which == "unsettled":
        yield from _unsettled(found, clauses)
    elif which == "disagree":
        yield from _disagreeing(found, clauses)
    elif which in ("against", "not-found"):
        own = _of(found.direct, "opposes")
        yield _Said({"against": clauses.whole(own)}, own, _tails(catalogue, claim, found, words))
    else:
        yield _source(claim, found, which, clauses)


def _tails(
    catalogue: Catalogue, claim: Claim, found: Bearing, words: PlainWords
) -> tuple[tuple[str, tuple[EvidenceEntry, ...]], ...]:
    """Return what else is true of findings on the read-out that all point one way."""
    pieces, clauses = words.pieces, Clauses(catalogue, claim, words)
    tails: list[tuple[str, tuple[EvidenceEntry, ...]]] = []
    if claim.itself:
        tails.append((pieces.itself.format(itself=claim.itself), ()))
    # Where the words claim no change, that another measure hardly changed says little.
    beside = () if claim.interval.contains(0.0) else _of(found.other_readout, "supports")
    if beside:
        told = clauses.short(beside, after=found.direct, when=False)
        tails.append((pieces.beside.format(beside=told), beside))
    if claim.kind in ("finding", "mechanism") and not found.source:
        tails.append((pieces.unmeasured_by_paper, ()))
    return tuple(tails)


def _of(entries: Iterable[EvidenceEntry], stance: str) -> tuple[EvidenceEntry, ...]:
    return tuple(e for e in entries if e.stance == stance)


def _disagreeing(found: Bearing, clauses: Clauses) -> Iterator[_Said]:
    one, other = _of(found.direct, "supports"), _of(found.direct, "opposes")
    # Days are told where both sides tell them, and not of one alone.
    dated = all(e.day is not None and e.manipulation != "none" for e in (*one, *other))
    for when in (dated, False):
        against = clauses.short(other, after=one, when=when)
        yield _Said({"for": clauses.whole(one, when=when), "against": against}, (*one, *other))


def _unsettled(found: Bearing, clauses: Clauses) -> Iterator[_Said]:
    """Yield all findings, by read-out and what they say; then shorter, without days and with one a side."""
    beside = found.other_readout
    groups = [found.direct] if found.direct else []
    for e in beside:
        alike = tuple(o for o in beside if (o.readout, o.sense) == (e.readout, e.sense))
        if alike not in groups:
            groups.append(alike)
    # What is for comes first; a study that says both is told of once as a study.
    groups.sort(key=lambda own: own[0].stance != "supports")
    sides = _pair(groups)
    for chosen in (groups, sides):
        for when in (True, False):
            rest = [
                clauses.short(own, after=before, when=when)
                for before, own in zip(chosen, chosen[1:], strict=False)
            ]
            yield _Said(
                {"for": clauses.whole(chosen[0], when=when), "against": _listed(rest, clauses)},
                tuple(e for own in chosen for e in own),
                _paper_too(found, clauses, chosen[-1]),
            )


def _listed(told: Sequence[str], clauses: Clauses) -> str:
    """Write clauses after one another; what one of them found stands with them."""
    of_them = clauses.words.pieces.one_of_them
    return "".join(
        ("" if k == 0 else ", " if clause.startswith(of_them) else "; ") + clause
        for k, clause in enumerate(told)
    )


def _pair(groups: Sequence[Sequence[EvidenceEntry]]) -> list[Sequence[EvidenceEntry]]:
    """Return one group for and one against, the first of each."""
    firsts = {own[0].stance: own for own in reversed(groups)}
    return sorted(firsts.values(), key=lambda own: own[0].stance != "supports")


def _paper_too(
    found: Bearing, clauses: Clauses, before: Sequence[EvidenceEntry]
) -> tuple[tuple[str, tuple[EvidenceEntry, ...]], ...]:
    """Return what the paper itself saw of the same thing."""
    own = tuple(
        e for e in found.source if e.base_readout == before[0].base_readout and e.niche == before[0].niche
    )
    if not own:
        return ()
    noun = clauses.words.noun(own[0].readout).noun
    told = clauses.found(own, placed=False).removesuffix(f" {noun}")
    return ((clauses.words.pieces.paper_too.format(found=told), own),)


def _design(claim: Claim, found: Bearing, words: PlainWords) -> _Said:
    assert claim.design is not None
    one, many = words.units[claim.design.quantity]
    own = tuple(e for e in found.source if e.readout == claim.readout and e.value is not None)
    interval = claim.interval
    bounds = [b for b in (interval.low, interval.high) if b is not None]
    parts = {
        "value": joined(f"{e.value:g} {one if e.value == 1 else many}" for e in own),
        "claimed": f"{sum(bounds) / len(bounds):g}",
        "noun": words.noun(claim.readout).noun,
    }
    return _Said(parts, own)


def _nobody(claim: Claim, words: PlainWords) -> dict[str, str]:
    """Return the pieces that say what has not been measured, and in whom."""
    noun = words.noun(claim.readout)
    done = claim.activity or ("none" if claim.kind == "general" else "unloading")
    species = joined(words.species[s] for s in claim.species) or words.any_species
    return {
        "noun": noun.noun,
        "were": "were" if noun.plural else "was",
        "counted": "counted" if noun.kind == "count" else "measured",
        "animals": words.animals[done].format(species=species),
        "species": species,
        "place": f" {words.places[claim.niche]}" if claim.niche and claim.niche in words.places else "",
    }


def _source(claim: Claim, found: Bearing, which: Situation, clauses: Clauses) -> _Said:
    """Say what the reported study itself saw, where no other has measured it."""
    words, parts = clauses.words, _nobody(claim, clauses.words)
    if which == "source-only":
        own = tuple(e for e in found.source if relation(e, claim) == "direct")
        unseen = all(e.log_ratio is None for e in own)
        alike = tuple(e for e in found.indirect if e.niche == claim.niche and e.base_readout == claim.readout)
        nobody = words.pieces.no_other.format_map(parts)
        return _Said(
            parts
            | {
                "source": clauses.found(own),
                "size_not_seen": words.pieces.size_not_seen if unseen else "",
                "indirect": clauses.short(alike, after=own, study=True) if alike else nobody,
            },
            (*own, *alike),
        )
    if which == "something-else":
        other = next(e for e in found.source if e.niche == claim.niche)
        seen = words.noun(other.readout)
        counted = "counted" if seen.kind == "count" else "measured"
        return _Said(parts | {"source_noun": seen.noun, "source_counted": counted}, (other,))
    dish = [e for e in found.source if e.niche == _DISH]
    own = tuple(e for e in dish if e.readout == dish[0].readout)
    if not own:
        return _Said(parts)
    told = {"source": clauses.found(own, placed=False), "dish": words.places[_DISH]}
    return _Said(parts | told, own)
