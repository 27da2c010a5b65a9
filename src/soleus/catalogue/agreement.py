"""Whether the evidence entries of claims agree with the findings of studies where both tell of one outcome.

Claims are judged by entries and mechanisms by findings. The same outcome of the same work must not stand
as a fall in one file and as no change in the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from soleus.catalogue.folder import Catalogue
from soleus.catalogue.lineages import lineage_entry
from soleus.catalogue.movement import movement_entries, regimen
from soleus.catalogue.records import EvidenceEntry
from soleus.catalogue.store import evidence
from soleus.catalogue.study_entries import FindingEntry, StudyEntry, study_entry, study_names

__all__ = ["disagreements"]

_UNLOADED = "Hindlimb Unloaded"


class _Place(NamedTuple):
    """What an outcome is of; outcomes of one place are the same measurement."""

    citation: str | None
    niche: str | None
    readout: str
    day: float | None
    manipulation: str


def disagreements(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Return each primary entry that no finding of its work, niche, read-out, treatment and day agrees with.

    A work with several groups may have several outcomes; the entry has to be one of them.

    Yields
    ------
    tuple of str
        Id of the entry, and what contradicts what.
    """
    told = list(_told(catalogue))
    for entry in evidence(catalogue):
        same = [(key, one) for place, key, one in told if place == _place_of_entry(entry)]
        if entry.kind == "primary" and same and not any(_agree(entry, one) for _, one in same):
            own = entry.direction or f"log_ratio {entry.log_ratio:g}"
            said = ", ".join(f"{key} says {one.direction}" for key, one in same)
            yield entry.id, f"says {own}, but of the same outcome {said}; correct one of them"


def _told(catalogue: Catalogue) -> Iterator[tuple[_Place, str, FindingEntry]]:
    for name in study_names(catalogue):
        entry = study_entry(catalogue, name)
        for key, one in entry.findings.items():
            yield _place_of_finding(catalogue, entry, one), f"{name}/{key}", one


def _place_of_entry(entry: EvidenceEntry) -> _Place:
    # Another niche's read-out carries its niche in front where the claim has one of the same name.
    readout = (entry.readout or "").removeprefix(f"{entry.niche}_")
    return _Place(entry.citation, entry.niche, readout, entry.day, entry.manipulation)


def _place_of_finding(catalogue: Catalogue, entry: StudyEntry, one: FindingEntry) -> _Place:
    lived = regimen(catalogue, one.group, entry.groups[one.group].regimen)
    known = movement_entries(catalogue).activities
    unloaded = any(known[i.activity.name].factor == _UNLOADED for i in lived.intervals)
    return _Place(
        one.citation or entry.citation,
        lineage_entry(catalogue, entry.lineage).niche,
        one.readout,
        one.day,
        "unloading" if unloaded else "exercise",
    )


def _agree(entry: EvidenceEntry, one: FindingEntry) -> bool:
    """Whether two records of an outcome can both be right; a size alone says nothing against none."""
    if entry.direction is not None:
        return entry.direction == one.direction
    sign = {"down": -1.0, "none": 0.0, "up": 1.0}[one.direction]
    return sign * (entry.log_ratio or 0.0) >= 0.0
