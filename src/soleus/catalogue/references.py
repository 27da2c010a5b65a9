"""Whether everything that the catalogue's files name exists: quick, and before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from soleus.assays import Flux, Readout, Share
from soleus.catalogue.agreement import disagreements
from soleus.catalogue.body import body_entries
from soleus.catalogue.calibrations import effect_calibration, resting_calibration
from soleus.catalogue.causes import causes
from soleus.catalogue.datasets import resting_series
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.item import reference
from soleus.catalogue.lineages import lineage_entry, lineage_names, niche
from soleus.catalogue.listing import EFFECTS, FINDINGS, calibration_names, items
from soleus.catalogue.markers import markers
from soleus.catalogue.movement import movement_entries
from soleus.catalogue.panels import load_panel, panel_entry, panel_names
from soleus.catalogue.plain_words import plain_words
from soleus.catalogue.readouts import readouts
from soleus.catalogue.records import Claim
from soleus.catalogue.resilience import INDEX, buffering_index
from soleus.catalogue.store import citations, claims, evidence
from soleus.catalogue.study_entries import AssayEntry, assay_entries, study_entry, study_names
from soleus.citations import CitationBook
from soleus.errors import CatalogueError, SoleusError, unknown_name
from soleus.lineage import cross
from soleus.movement.modifiers import matches
from soleus.movement.regimen import STRESSORS

__all__ = ["Problem", "problems"]

_Problems = Iterator["Problem"]

_SOME_DAY = 28.0


@dataclass(frozen=True, slots=True)
class Problem:
    """A reference that leads nowhere.

    Parameters
    ----------
    where
        The entry that holds it, such as ``mechanism stem-cycle``.
    message
        What it names, what is known, and the nearest name.
    """

    where: str
    message: str


def problems(catalogue: Catalogue) -> list[Problem]:
    """Return every reference of the catalogue that leads nowhere; each problem once."""
    found: list[Problem] = []
    refused: dict[str, Problem] = {}
    for subject, check in _CHECKS.items():
        try:
            found += check(catalogue)
        except SoleusError as error:
            # The file itself was refused; what else stands in it cannot be told yet.
            refused.setdefault(str(error), Problem(subject, str(error)))
    return list(dict.fromkeys([*refused.values(), *found]))


def _missing(where: str, kind: str, names: Collection[str], known: Collection[str]) -> _Problems:
    for name in names:
        if name not in known:
            yield Problem(where, str(unknown_name(kind, name, known)))


def _unknown_roles(catalogue: Catalogue, where: str, patterns: Collection[str], lineage: str) -> _Problems:
    roles = niche(catalogue, lineage).lineage.roles
    for pattern in patterns:
        if not any(matches(role, pattern) for role in roles):
            yield Problem(where, str(unknown_name(f"role of lineage {lineage!r}", pattern, roles)))


def _citations(catalogue: Catalogue) -> _Problems:
    CitationBook(reference(catalogue, key) for key in citations(catalogue))
    for item in items(catalogue):
        if item.citation is not None:
            yield from _missing(f"{item.kind} {item.name}", "citation", [item.citation], citations(catalogue))


def _lineages(catalogue: Catalogue) -> _Problems:
    for name in lineage_names(catalogue):
        entry = lineage_entry(catalogue, name)
        for key, variant in entry.variants.items():
            where = f"variant {key} of lineage {name}"
            yield from _missing(where, "parameter", variant.set, entry.parameters)
            yield from _missing(where, "citation", [variant.citation], citations(catalogue))
        yield from _unknown_roles(
            catalogue, f"age laws of lineage {name}", [law.role for law in entry.age_laws], name
        )


def _readouts(catalogue: Catalogue) -> _Problems:
    for name in lineage_names(catalogue):
        lineage = niche(catalogue, name).lineage
        types = [t.name for t in lineage.types]
        for key, readout in readouts(catalogue, name).items():
            where = f"readout {name}.{key}"
            parts = [readout.part, readout.whole] if isinstance(readout, Share) else [readout]
            for part in parts:
                if isinstance(part, Readout | Flux):
                    yield from _missing(where, "cell type", part.types, types)
            if isinstance(readout, Flux):
                known = [t.name for t in lineage.transitions]
                yield from _missing(where, "transition", readout.transitions, known)


def _assays(catalogue: Catalogue) -> _Problems:
    """Markers, panels and causes: each is crossed with its lineage, which finds what it lacks."""
    for lineage in lineage_names(catalogue):
        process = niche(catalogue, lineage).process
        for key, marker in markers(catalogue, lineage).items():
            try:
                marker.detection(cross(process, [marker.tag] if marker.tag is not None else []))
            except SoleusError as error:
                yield Problem(f"marker {lineage}.{key}", str(error))
        for key, cause in causes(catalogue, lineage).items():
            yield from _unknown_roles(catalogue, f"cause {lineage}.{key}", [cause.role], lineage)
    for name in panel_names(catalogue):
        yield from _missing(
            f"panel {name}", "lineage", [panel_entry(catalogue, name).lineage], lineage_names(catalogue)
        )
        load_panel(catalogue, name, end_day=_SOME_DAY)


def _movement(catalogue: Catalogue) -> _Problems:
    entries = movement_entries(catalogue)
    drives = {*STRESSORS, *(drive for activity in entries.activities.values() for drive in activity.drives)}
    for name, signal in entries.signals.items():
        yield from _missing(f"signal {name}", "drive of an activity", [signal.drive], drives)
    for name, mechanism in entries.mechanisms.items():
        where = f"mechanism {name}"
        yield from _missing(where, "signal", [mechanism.signal], entries.signals)
        yield from _missing(where, "lineage", mechanism.niches, lineage_names(catalogue))
        for niche_name in mechanism.niches:
            if niche_name in lineage_names(catalogue):
                yield from _unknown_roles(catalogue, where, [mechanism.role], niche_name)
    for name, members in entries.sets.items():
        yield from _missing(f"set {name}", "mechanism", members, entries.mechanisms)


def _studies(catalogue: Catalogue) -> _Problems:
    movement = movement_entries(catalogue)
    for name in study_names(catalogue):
        entry = study_entry(catalogue, name)
        where = f"study {name}"
        for group in entry.groups.values():
            named = [s["activity"] if isinstance(s, dict) else s[0] for s in group.regimen]
            yield from _missing(where, "activity", named, movement.activities)
        yield from _missing(where, "mechanism set", [entry.set], movement.sets)
        yield from _missing(where, "lineage", [entry.lineage], lineage_names(catalogue))
        if entry.lineage not in lineage_names(catalogue):
            continue
        followed = readouts(catalogue, entry.lineage)
        counted = [key for key, readout in followed.items() if isinstance(readout, Readout)]
        found = [assay_entries(catalogue, entry.lineage)[assay] for assay in entry.assays]
        wanted = [a.readout for a in found if isinstance(a, AssayEntry) and a.readout not in entry.labelled]
        yield from _missing(where, "counting read-out", wanted, counted)
        if entry.reported is not None:
            yield from _missing(where, "read-out", [entry.reported.readout], followed)
            yield from _missing(where, "citation", [entry.reported.citation], citations(catalogue))
        yield from _unknown_roles(catalogue, where, entry.variation.role_cv, entry.lineage)
        outcomes = [one.readout for one in entry.findings.values()]
        yield from _missing(where, "read-out of a finding", outcomes, [*followed, *entry.labelled])
        if outcomes and entry.citation != entry.whole:
            # Claims leave cited works out by name; a study of another name would slip through.
            yield Problem(where, f"has findings, so it must be named for its work {entry.citation!r}")


def _claim_place(catalogue: Catalogue, claim: Claim) -> _Problems:
    """Whether what a claim is judged by can be predicted: a design, the body, an index or a niche."""
    where = f"claim {claim.id}"
    index = buffering_index(catalogue)
    if claim.design is not None:
        yield from _missing(where, "study", [claim.design.study], study_names(catalogue))
    elif claim.niche == "body":
        yield from _missing(where, "read-out of the body", [claim.readout], body_entries(catalogue).readouts)
    else:
        # Words that name no place are judged where their scenario is.
        lineage = claim.niche or (claim.scenario and study_entry(catalogue, claim.scenario.study).lineage)
        yield from _missing(where, "lineage", [str(lineage)], lineage_names(catalogue))
        if lineage in lineage_names(catalogue):
            counted = index.readout if claim.readout == INDEX else claim.readout
            yield from _missing(where, "read-out", [counted], readouts(catalogue, lineage))
    for place in (claim.scenario, claim.also):
        if place is not None:
            yield from _missing(where, "study", [place.study], study_names(catalogue))
            if place.study in study_names(catalogue):
                known = study_entry(catalogue, place.study).groups
                yield from _missing(where, "group", [place.group, place.against], known)


def _claims(catalogue: Catalogue) -> _Problems:
    for key, claim in claims(catalogue).items():
        works = [claim.source, claim.primary_citation, *claim.citations]
        yield from _missing(f"claim {key}", "citation", works, citations(catalogue))
        for part in claim.judged:
            yield from _claim_place(catalogue, part)
            yield from _noun(catalogue, f"claim {part.id}", part.readout)
    for entry in evidence(catalogue):
        where = f"evidence {entry.id}"
        yield from _missing(where, "claim", [entry.claim], claims(catalogue))
        if entry.claim in claims(catalogue):
            yield from _missing(where, "part", entry.parts, claims(catalogue)[entry.claim].parts)
        yield from _noun(catalogue, where, entry.readout)


def _noun(catalogue: Catalogue, where: str, readout: str | None) -> _Problems:
    """Whether a sentence can name what was counted."""
    if readout is not None:
        try:
            plain_words(catalogue).noun(readout)
        except CatalogueError as error:
            yield Problem(where, str(error))


def _told_twice(catalogue: Catalogue) -> _Problems:
    for where, message in disagreements(catalogue):
        yield Problem(f"evidence {where}", message)


def _calibrations(catalogue: Catalogue) -> _Problems:
    for name in calibration_names(catalogue):
        if name != FINDINGS:
            yield from _effects(catalogue, name) if name.startswith(EFFECTS) else _resting(catalogue, name)


def _resting(catalogue: Catalogue, name: str) -> _Problems:
    where = f"calibration {name}"
    stored = resting_calibration(catalogue, name)
    yield from _missing(where, "lineage", [stored.lineage], lineage_names(catalogue))
    if stored.lineage not in lineage_names(catalogue):
        return
    parameters = lineage_entry(catalogue, stored.lineage).parameters
    series = resting_series(catalogue, stored.dataset)
    known = {*parameters, *(f"scale:{key}" for key in series.scales), "discrepancy_cv"}
    yield from _missing(where, "parameter", stored.theta, known)
    for key, parameter in parameters.items():
        if parameter.free and key not in stored.theta:
            yield Problem(where, f"the free parameter {key!r} was not fitted; make the calibration again")
    yield from _missing(
        where, "read-out", {p.readout for p in stored.points}, readouts(catalogue, stored.lineage)
    )
    yield from _missing(where, "assay", {p.source for p in stored.points}, {a.name for a in series.assays})


def _effects(catalogue: Catalogue, name: str) -> _Problems:
    where = f"calibration {name}"
    stored = effect_calibration(catalogue, name.removeprefix(EFFECTS))
    if stored is None:
        return
    yield from _missing(where, "study", [stored.study], study_names(catalogue))
    yield from _missing(where, "mechanism set", stored.sets, movement_entries(catalogue).sets)
    yield from _missing(where, "mechanism set", stored.posterior, stored.sets)
    if stored.study in study_names(catalogue):
        yield from _missing(
            where,
            "read-out",
            [stored.readout],
            readouts(catalogue, study_entry(catalogue, stored.study).lineage),
        )


def _prior(catalogue: Catalogue) -> _Problems:
    followed = {key for name in lineage_names(catalogue) for key in readouts(catalogue, name)}
    yield from _missing("effect model", "read-out", [effect_model(catalogue).prior.readout], followed)


_CHECKS: dict[str, Callable[[Catalogue], _Problems]] = {
    "citations": _citations,
    "lineages": _lineages,
    "readouts": _readouts,
    "assays": _assays,
    "movement": _movement,
    "studies": _studies,
    "claims": _claims,
    "findings": _told_twice,
    "calibrations": _calibrations,
    "effect model": _prior,
}
