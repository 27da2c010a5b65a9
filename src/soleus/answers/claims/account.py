"""What a lay reader is told of the account: question, answer, and who told what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from soleus.catalogue.edition import edition
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.lineages import lineage_entry
from soleus.catalogue.plain_words import plain_words
from soleus.catalogue.records import Claim, EvidenceEntry
from soleus.catalogue.sourced import sourced
from soleus.catalogue.store import citations, claims, evidence
from soleus.catalogue.study_entries import reference_study
from soleus.evidence.bearing import Bearing, bearing, relation
from soleus.evidence.plain_clauses import Clauses, joined
from soleus.evidence.predictions import Predictions
from soleus.schema.claim_rows import Account, ClaimRow, DividingCells, EvidenceRow, ToldBy

__all__ = ["account", "evidence_rows", "told_by"]

_DISH = "culture"
_COPIED = {"reason", "readout", "niche", "species", "day", "direction", "log_ratio", "value", "status"}
_NO_AUTHORS, _NO_JOURNAL = "Authors not confirmed", "Journal not confirmed"
_STEM, _DIVIDING = "active_stem_cells", "ki67_density"


def account(catalogue: Catalogue, rows: Sequence[ClaimRow], predictions: Predictions) -> Account:
    """Return what the page for a lay reader says besides the rows."""
    page = plain_words(catalogue).page
    main = next(row for row in rows if row.id == page.main)
    primary = claims(catalogue)[main.claim].primary_citation
    paper = sourced(catalogue, primary)
    return Account(
        main=main.id,
        question=page.question,
        answer=f"{page.answers[main.word]} {main.sentence}",
        about=page.about,
        paper=str(paper["source"]),
        paper_url=paper["url"],
        zone=page.zone,
        people=_people(catalogue),
        dated=edition(catalogue).dated.isoformat(),
        seen_in_part=citations(catalogue)[primary].seen != "whole",
        dividing=_dividing(predictions),
    )


def _people(catalogue: Catalogue) -> str:
    """Say how many studies of which animals there are: those that took load off and looked at this zone."""
    words = plain_words(catalogue)
    reference = reference_study(catalogue)
    zone = lineage_entry(catalogue, reference.lineage)
    own = [
        e
        for e in evidence(catalogue)
        if e.kind == "primary"
        and (e.niche, e.species, e.manipulation) == (zone.niche, zone.species, "unloading")
    ]
    n = len({e.citation for e in own})
    studies = f"{words.number(n)} {'study' if n == 1 else 'studies'}"
    species = joined(words.species[e.species] for e in own)
    return words.page.people.format(studies=studies, species=species)


def _dividing(predictions: Predictions) -> DividingCells | None:
    """Return the share of stem cells among dividing cells of control animals on the last day."""
    responder = predictions.responder
    study = responder.experiment.study
    names = next(iter(predictions.tables.values())).readouts
    if _STEM not in names or _DIVIDING not in names:
        return None
    means = responder.means(study.control.name, {})[-1]
    share = float(means[names.index(_STEM)] / means[names.index(_DIVIDING)])
    age = study.age_days + responder.days[-1]
    return DividingCells(stem_share=share, age_days=float(age))


def evidence_rows(
    catalogue: Catalogue, claim: Claim, entries: Iterable[EvidenceEntry], *, told: Collection[str] = ()
) -> list[EvidenceRow]:
    """Return the entries on a claim or part, the most telling first.

    Parameters
    ----------
    told
        Ids of those that the sentence of the row tells of.
    """
    found = bearing(claim, entries)
    of_paper = [e for e in found.source if relation(e, claim) == "direct"]
    other_of_paper = [e for e in found.source if e not in of_paper]
    # Of what bears indirectly, that of the same place first.
    indirect = sorted(found.indirect, key=lambda e: e.niche != claim.niche)
    ranked = {
        "the paper": of_paper if claim.design else (),
        "direct": found.direct,
        "other-readout": found.other_readout,
        "the paper ": () if claim.design else of_paper,
        "the paper  ": other_of_paper,
        "indirect": indirect,
        "review": found.reviews,
        "press": found.press,
    }
    return [
        _row(catalogue, claim, entry, how.strip(), told=entry.id in told)
        for how, own in ranked.items()
        for entry in own
    ]


def _row(catalogue: Catalogue, claim: Claim, entry: EvidenceEntry, how: str, *, told: bool) -> EvidenceRow:
    return EvidenceRow.model_validate(
        {
            "id": entry.id,
            "relation": how,
            "stance": entry.stance,
            "told": told,
            "found": _in_words(catalogue, claim, entry),
            **entry.model_dump(include=_COPIED),
            **sourced(catalogue, entry.citation),
            "source": _source(catalogue, entry.citation),
        }
    )  # fmt: skip


def _source(catalogue: Catalogue, key: str) -> str:
    """Return author and year; where the authors are not known, that, and where it appeared."""
    work = citations(catalogue)[key]
    if work.kind == "account":
        return "The article"
    if work.authors != _NO_AUTHORS:
        return str(sourced(catalogue, key)["source"])
    place = work.title if work.journal == _NO_JOURNAL else work.journal
    year = "" if work.year is None else f" {work.year}"
    return f"{_NO_AUTHORS} ({place}{year})"


def told_by(catalogue: Catalogue, claim: Claim, entries: Iterable[EvidenceEntry]) -> ToldBy | None:
    """Return how paper, press release and article tell a claim, where the paper tells something else."""
    found = bearing(claim, entries)
    paper = _of_paper(claim, found)
    press = [e for e in found.press if citations(catalogue)[e.citation].kind == "press"]
    article = [e for e in found.press if citations(catalogue)[e.citation].kind == "account"]
    retold = [*article, *press]
    if not paper or not retold or all(_same(paper[0], e) for e in retold):
        return None
    # The article retells the press release, but where it has words of its own.
    last = (article or press)[0]
    told = _contrasted(catalogue, claim, [paper[0], *press[:1], last], paper=_alike(paper))
    return ToldBy(paper=told[paper[0].id], press=told[press[0].id] if press else None, article=told[last.id])


def _alike(paper: Sequence[EvidenceEntry]) -> list[EvidenceEntry]:
    """Return all that the paper tells of the same thing: what several markers say belongs together."""
    return [e for e in paper if (e.readout, e.niche) == (paper[0].readout, paper[0].niche)]


def _contrasted(
    catalogue: Catalogue, claim: Claim, tellers: Sequence[EvidenceEntry], *, paper: Sequence[EvidenceEntry]
) -> dict[str, str]:
    """Return how each tells it, without what all tell alike: the read-out, the place, or the outcome."""
    words = plain_words(catalogue)
    if any(e.value is not None for e in tellers):
        return {e.id: _in_words(catalogue, claim, e) for e in tellers}
    noun = {words.noun(e.readout).noun for e in tellers}
    where = {e.id: words.places[e.niche] if e.niche == _DISH else _in_animals(catalogue, e) for e in tellers}
    apart = len(set(where.values())) > 1
    outcomes = {Clauses(catalogue, claim, words).found([e], placed=False) for e in tellers}
    if len(outcomes) == 1 and apart:
        return where
    told = {}
    for e in tellers:
        what = Clauses(catalogue, claim, words).found(paper if e is tellers[0] else [e], placed=False)
        if len(noun) == 1:
            what = what.replace(f" in {next(iter(noun))}", "").replace(f" {next(iter(noun))}", "")
        told[e.id] = f"{what}, {where[e.id]}" if apart else what
    return told


def _in_animals(catalogue: Catalogue, entry: EvidenceEntry) -> str:
    return f"in {plain_words(catalogue).species[entry.species]}"


def _of_paper(claim: Claim, found: Bearing) -> list[EvidenceEntry]:
    """Return what the paper itself saw, nearest to the claim first."""
    near = {"direct": 0, "other-readout": 1, "indirect": 2}
    own = [e for e in found.source if e.citation == claim.primary_citation]
    return sorted(own, key=lambda e: (e.niche != claim.niche, near[relation(e, claim)]))


def _same(one: EvidenceEntry, other: EvidenceEntry) -> bool:
    if one.value is not None or other.value is not None:
        return one.value == other.value
    return (one.base_readout, one.niche) == (other.base_readout, other.niche)


def _in_words(catalogue: Catalogue, claim: Claim, entry: EvidenceEntry) -> str:
    words = plain_words(catalogue)
    if entry.value is not None and claim.design is not None:
        one, many = words.units[claim.design.quantity]
        return f"{entry.value:g} {one if entry.value == 1 else many}"
    if entry.readout is None or claim.design is not None:
        return ""
    return Clauses(catalogue, claim, words).found([entry])
