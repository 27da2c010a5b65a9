"""What the catalogue holds on outcomes and the body, as records: findings, assays, body, doses, index."""

from __future__ import annotations

from collections.abc import Iterator

from soleus.catalogue.body import body_entries
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.item import make_item
from soleus.catalogue.lineages import lineage_names
from soleus.catalogue.movement import movement_entries
from soleus.catalogue.resilience import buffering_index
from soleus.catalogue.study_entries import assay_entries, study_entry, study_names
from soleus.schema.catalogue import CatalogueItem

__all__ = ["assay_items", "body_items", "dose_items", "finding_items", "index_items"]

_DIRECTIONS = {"down": "lower", "up": "higher", "none": "not different"}


def finding_items(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    """Published outcomes of the studies, named STUDY/FINDING."""
    for study in study_names(catalogue):
        entry = study_entry(catalogue, study)
        for name, one in entry.findings.items():
            yield make_item(
                catalogue,
                "finding",
                one,
                name=f"{study}/{name}",
                label=f"{one.readout} {_DIRECTIONS[one.direction]} on day {one.day:g}, {one.group}",
                citation=one.citation or entry.citation,
                status=one.status,
            )


def assay_items(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    """How read-outs are counted, lineage by lineage."""
    for lineage in lineage_names(catalogue):
        for name, entry in assay_entries(catalogue, lineage).items():
            yield make_item(
                catalogue,
                "assay",
                entry,
                name=f"{lineage}.{name}",
                label=entry.label,
                citation=entry.citation,
                status=entry.status,
            )


def body_items(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    """Read-outs of the body and what moves them; then its own time courses and feedbacks."""
    entries = body_entries(catalogue)
    for name, readout in entries.readouts.items():
        more = {"effects": ", ".join(readout.effects), "courses": "; ".join(readout.sets)}
        skip = ["effects", "sets", "baselines"]
        yield make_item(catalogue, "body", readout, name=name, label=readout.label, skip=skip, more=more)
        for key, effect in readout.effects.items():
            yield make_item(
                catalogue,
                "body",
                effect,
                name=f"{name}.{key}",
                label=f"{readout.label}: {effect.label}",
                citation=effect.citation,
                status=effect.status,
            )
        for k, baseline in enumerate(readout.baselines, start=1):
            whom = " ".join(w for w in (baseline.sex, baseline.strain, baseline.species) if w)
            yield make_item(
                catalogue,
                "body",
                baseline,
                name=f"{name}.baseline-{k}",
                label=f"{readout.label}: mean of controls, {whom}",
                citation=baseline.citation,
                status=baseline.status,
            )
    for name, course in entries.course_entries.items():
        yield make_item(
            catalogue,
            "body",
            course,
            name=f"course.{name}",
            label=course.label,
            citation=course.citation,
            status=course.status,
        )
    for name, back in entries.feedbacks.items():
        yield make_item(
            catalogue,
            "body",
            back,
            name=f"feedback.{name}",
            label=back.label,
            citation=back.citation,
            status=back.status,
        )


def dose_items(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    """Numbers of the doses of activities, and of how bouts add up."""
    known = movement_entries(catalogue)
    for name, dose in known.doses.items():
        for key, number in dose.numbers().items():
            yield make_item(
                catalogue,
                "dose",
                number,
                name=f"{name}.{key}",
                label=f"{known.activities[name].label}: {key.replace('.', ': ')}",
                citation=number.citation,
                status=number.status,
            )
    scale = known.bouts.scale
    label = "minutes a day at which a bout has most of its effect"
    yield make_item(
        catalogue,
        "dose",
        scale,
        name="bouts.scale",
        label=label,
        citation=scale.citation,
        status=scale.status,
    )


def index_items(catalogue: Catalogue) -> Iterator[CatalogueItem]:
    """The speculative index of stress buffering: its levels, and the evidence both ways."""
    index = buffering_index(catalogue)
    yield make_item(
        catalogue,
        "index",
        index,
        name="stress_buffering",
        label=f"{index.label} (speculative)",
        skip=["levels", "evidence"],
    )
    for level in index.levels:
        yield make_item(
            catalogue,
            "index",
            level,
            name=f"stress_buffering.{level.level:+d}",
            label=f"speculative: {level.label}",
            citation=level.citation,
            status=level.status,
        )
    for k, one in enumerate(index.evidence, start=1):
        yield make_item(
            catalogue,
            "index",
            one,
            name=f"stress_buffering.evidence-{k}",
            label=f"{one.stance}: {one.reason}",
            citation=one.citation,
            skip=["reason"],
        )
