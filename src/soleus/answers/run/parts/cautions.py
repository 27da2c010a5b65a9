"""What to know before a run is quoted: what is provisional, what moves no number, what was not seen."""

from __future__ import annotations

from soleus.answers.numbers.of_movement import undosed, used_activities
from soleus.answers.run.parts.resting import points_inside
from soleus.answers.run.values import EffectInfo
from soleus.catalogue.calibrations import has_resting_calibration
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.lineages import lineage_entry
from soleus.catalogue.movement import movement_entries
from soleus.catalogue.study_entries import StudyEntry
from soleus.schema.values import Assumption
from soleus.study.design import Study

__all__ = ["warned"]

_NOT_SEEN = "not seen"


def warned(
    catalogue: Catalogue,
    study: Study,
    entry: StudyEntry,
    *,
    used: list[Assumption],
    effect: EffectInfo,
    variants: tuple[str, ...],
    claims_note: str,
) -> list[str]:
    """Return the lines, the most general first."""
    lines = [*_provisional(used), *_fit(catalogue, study, variants)]
    if effect.mode == "reported":
        lines.append(effect.statement)
    if entry.modelled_as is not None:
        lines.append(f"These animals are not those of the lineage ({entry.species}). {entry.modelled_as}")
    lines.append(_animals(catalogue, study, entry))
    lines += _wheel(catalogue, study, entry) + _body(study)
    return [*lines, claims_note] if claims_note else lines


def _provisional(used: list[Assumption]) -> list[str]:
    loose = sum(a.status == "provisional" for a in used)
    if not loose:
        return []
    return [
        f"Numbers not yet checked in a source: {loose} of {len(used)}, among them rates, time courses and "
        "the "
        ""
        "variation of the assays; they were recalled or are our estimates. The table of assumptions "
        "marks each."
    ]


def _fit(catalogue: Catalogue, study: Study, variants: tuple[str, ...]) -> list[str]:
    if not has_resting_calibration(catalogue, f"{study.niche.name}-resting"):
        lines = [
            f"The lineage {study.niche.name!r} is not fitted to counts of undisturbed animals: no "
            "calibration of it is stored, and none of its numbers is checked, whatever the status of each."
        ]
        return [*lines, f"Variants of the lineage are on: {', '.join(variants)}."] if variants else lines
    if not variants:
        return []
    return [
        f"Variants of the lineage are on: {', '.join(variants)}. The resting fit was made without them; with "
        f"them {points_inside(catalogue, study.niche)} lie inside their intervals."
    ]


def _animals(catalogue: Catalogue, study: Study, entry: StudyEntry) -> str:
    """Return which of age, sex and strain move a number, and that no source gives any for the others."""
    laws = lineage_entry(catalogue, study.niche.name).age_laws
    roles = list(dict.fromkeys(law.role.replace(".", " ") for law in laws))
    by_age = (
        f"Age moves {', '.join(roles)} of this lineage; sex and strain move no number of it"
        if roles
        else "Age, sex and strain move no number of this lineage"
    )
    strain = " The strain was not seen in the source." if entry.strain == _NOT_SEEN else ""
    return f"{by_age}: no source gives any.{strain}"


def _wheel(catalogue: Catalogue, study: Study, entry: StudyEntry) -> list[str]:
    lines = []
    for name in used_activities(catalogue, study, entry):
        dose = movement_entries(catalogue).doses.get(name)
        if dose is None or entry.sex not in dose.typical or not undosed(entry, name):
            continue
        typical, part = dose.typical[entry.sex], next(iter(dose.parts.values()))
        lines.append(
            f"The study states no dose of {name.replace('_', ' ')}: {part.reference.value:g} {part.unit} "
            "is "
            f"taken; {entry.sex} mice usually choose about {typical.value:g} {typical.unit} (not yet "
            "checked in a source)."
        )
    return lines


def _body(study: Study) -> list[str]:
    without = [a.label for a in study.body if a.readout.baseline is None]
    if not without:
        return []
    return [
        f"No mean of controls of this species, sex, strain and age is known for {', '.join(without)}: shown "
        "relative to normal."
    ]
