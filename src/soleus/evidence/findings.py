"""Published outcomes of the catalogue's studies, and the chance of each given its true log-ratio.

A finding says that a read-out of one group was lower, higher or not different from that of another. It is
scored as what a two-sided test at 5 % would say, with the standard error of a study of its size; another
laboratory, species, niche, age or a culture each add to the spread (``effect-model.yaml``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from soleus.catalogue.calibrations import has_resting_calibration
from soleus.catalogue.effect_model import EffectModel, effect_model
from soleus.catalogue.folder import Catalogue, once
from soleus.catalogue.lineages import lineage_entry
from soleus.catalogue.study_entries import FindingEntry, StudyEntry, study_entry, study_names
from soleus.evidence.directions import DIRECTIONS, direction_chances
from soleus.lineage.process import FloatArray
from soleus.values import Status

__all__ = ["Finding", "findings"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One published outcome.

    Attributes
    ----------
    study, arm
        The study, and the file of it that the outcome is of.
    se
        Standard error of the log-ratio.
    spread
        Standard deviation of the published log-ratio around the true one of the model: the standard
        error and what laboratory, species, niche, age or culture add.
    weight
        What it counts for: findings of one comparison on one day rest on the same animals and count
        together as one.
    differs_by
        What else than a laboratory the animals differ by from those that the lineage is fitted to.
    """

    study: str
    arm: str
    name: str
    readout: str
    group: str
    against: str
    day: float
    direction: str
    log_ratio: float | None
    se: float
    spread: float
    critical: float
    weight: float
    differs_by: tuple[str, ...]
    citation: str
    status: Status
    reason: str

    @property
    def id(self) -> str:
        """Name that is unique in the catalogue."""
        return f"{self.arm}/{self.name}"

    def chances(self, log_ratio: FloatArray) -> FloatArray:
        """Return the chances of down, none and up given true log-ratios, shape (3, ...)."""
        return direction_chances(log_ratio, se=self.se, spread=self.spread, critical=self.critical)

    def log_likelihood(self, log_ratio: FloatArray) -> FloatArray:
        """Return the weighted log-likelihood of true log-ratios, shape as given.

        A published size counts by its normal density, a direction by its chance.
        """
        if self.log_ratio is not None:
            z = (self.log_ratio - np.asarray(log_ratio, dtype=float)) / self.spread
            density = -0.5 * z * z - math.log(self.spread * math.sqrt(2.0 * math.pi))
            return np.asarray(self.weight * density)
        chance = self.chances(log_ratio)[DIRECTIONS.index(self.direction)]
        return np.asarray(self.weight * np.log(np.maximum(chance, 1e-300)))


def findings(catalogue: Catalogue, studies: Iterable[str] | None = None) -> tuple[Finding, ...]:
    """Return the findings of the catalogue (or of some studies), study by study."""
    if studies is None:
        return _all_findings(catalogue)
    wanted = set(studies)
    return tuple(f for f in _all_findings(catalogue) if f.study in wanted)


@once
def _all_findings(catalogue: Catalogue) -> tuple[Finding, ...]:
    model = effect_model(catalogue)
    found = []
    for arm in study_names(catalogue):
        entry = study_entry(catalogue, arm)
        found += [_finding(catalogue, entry, key, one, model) for key, one in entry.findings.items()]
    return tuple(sorted(found, key=lambda f: (f.study, f.arm)))


def _finding(
    catalogue: Catalogue, entry: StudyEntry, name: str, one: FindingEntry, model: EffectModel
) -> Finding:
    scored = model.direction_studies
    differs = _differences(catalogue, entry)
    added = {
        "species": scored.other_species_sd,
        "niche": scored.other_niche_sd,
        "age": scored.other_age_sd,
        "culture": scored.culture_sd,
    }
    n = one.n or scored.animals_per_group
    se = one.se if one.se is not None else scored.standard_error_of(n, cv=one.cv)
    return Finding(
        study=entry.whole,
        arm=entry.name,
        name=name,
        readout=one.readout,
        group=one.group,
        against=one.against,
        day=one.day,
        direction=one.direction,
        log_ratio=one.log_ratio,
        se=se,
        spread=math.hypot(se, scored.discrepancy_sd, *(added[d] for d in differs)),
        critical=scored.critical,
        weight=1.0 / sum(_same_animals(one, other) for other in entry.findings.values()),
        differs_by=differs,
        citation=one.citation or entry.citation or entry.whole,
        status=one.status,
        reason=one.reason,
    )


def _same_animals(one: FindingEntry, other: FindingEntry) -> bool:
    return (one.group, one.against, one.day) == (other.group, other.against, other.day)


def _differences(catalogue: Catalogue, entry: StudyEntry) -> tuple[str, ...]:
    lineage = lineage_entry(catalogue, entry.lineage)
    fitted = has_resting_calibration(catalogue, f"{entry.lineage}-resting")
    kinds = {
        "species": entry.species != lineage.species,
        "niche": not (fitted or lineage.in_culture),
        "age": entry.other_age,
        "culture": lineage.in_culture,
    }
    return tuple(kind for kind, differs in kinds.items() if differs)
