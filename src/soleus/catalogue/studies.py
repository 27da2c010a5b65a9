"""Studies of the catalogue: data files parsed to :class:`~soleus.study.Study`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from soleus.assays import BodyAssay, CountAssay, FractionAssay, Gate, Marker
from soleus.assays.culture import phase_assay, share_assay
from soleus.assays.readouts import AnyReadout, CellReadout, Flux, Share
from soleus.catalogue.body import body_assay, body_readout, feedbacks
from soleus.catalogue.calibrations import has_resting_calibration, resting_calibration
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.lineages import niche
from soleus.catalogue.movement import mechanisms, movement_entries, regimen, signals
from soleus.catalogue.panels import load_panel
from soleus.catalogue.readouts import readouts
from soleus.catalogue.study_entries import (
    ShareAssayEntry,
    StudyEntry,
    assay_entries,
    study_entry,
    study_names,
)
from soleus.errors import CatalogueError, ModelError, unknown_name
from soleus.lineage import Label, Window
from soleus.study.design import GroupPlan, ReportedEffect, Study, Variation
from soleus.study.niche import Niche

__all__ = ["agreed_entry", "build_study", "load_study", "study_entry", "study_names"]

_FACTOR = "Hindlimb Unloading"


def load_study(
    catalogue: Catalogue,
    name: str,
    *,
    variants: tuple[str, ...] = (),
    with_off: bool = False,
    panel: str | None = None,
) -> Study:
    """Return a study of the catalogue on its resting lineage.

    Parameters
    ----------
    panel
        Panel whose assays take the place of the study's own; its labels count back from the last
        sampling day, on which all animals are then looked at.
    variants
        Named alternatives of the lineage's numbers.
    with_off
        Switch on the mechanisms that are off by default, too.
    """
    entry = study_entry(catalogue, name)
    return build_study(catalogue, entry, variants=variants, with_off=with_off, panel=panel)


def build_study(
    catalogue: Catalogue,
    entry: StudyEntry,
    *,
    variants: tuple[str, ...] = (),
    with_off: bool = False,
    panel: str | None = None,
) -> Study:
    """Return the study that an entry writes down, with the entry; arguments as in :func:`load_study`."""
    reported = entry.reported
    days = entry.sampling_days if panel is None else entry.sampling_days[-1:]
    followed = _followed(catalogue, entry)
    assays: tuple[CountAssay | FractionAssay, ...]
    if panel is None:
        assays = tuple(_assay(catalogue, key, entry, followed) for key in entry.assays)
    else:
        assays = load_panel(catalogue, panel, end_day=days[-1]).assays
    return Study(
        name=entry.name,
        title=entry.title,
        summary=entry.summary,
        strain=entry.strain,
        sex=entry.sex,
        age_days=entry.age_days,
        groups=_groups(catalogue, entry),
        niche=_niche(catalogue, entry, variants),
        signals=signals(catalogue),
        mechanisms=tuple(m.switched(True) if with_off else m for m in mechanisms(catalogue).values()),
        assays=assays,
        sampling_days=days,
        variation=Variation(entry.variation.niche_size_cv, entry.variation.role_cv, entry.variation.bound_sd),
        longitudinal=entry.longitudinal,
        reported=None
        if reported is None
        else ReportedEffect(reported.readout, reported.day, reported.ratio, reported.citation),
        citation=entry.citation,
        housing=entry.housing,
        body=tuple(_measure(catalogue, entry, key, days) for key, days in entry.body.items()),
        feedbacks=feedbacks(catalogue),
        # A panel brings its own labels; the study's labelled read-outs would cross the process twice.
        derived=tuple((followed if panel is None else readouts(catalogue, entry.lineage)).values()),
        entry=entry,
    )


def agreed_entry(catalogue: Catalogue, study: Study) -> StudyEntry:
    """Return the entry that a study was made from, once it is sure that the study still is what it says.

    Numbers of animals may have been asked for, mechanisms switched on and numbers of the lineage set by
    variants; each of these says so itself.

    Raises
    ------
    ModelError
        If the study carries no entry, or differs from it: then sources would stand beside other numbers.
    """
    if study.entry is None:
        raise ModelError(f"study {study.name!r} carries no entry, so no source of its numbers is known")
    asked = {g.name: g.n_animals for g in study.groups if g.asked}
    written = _comparable(build_study(catalogue, study.entry), asked)
    for name, value in _comparable(study, asked).items():
        if value != written[name]:
            raise ModelError(
                f"study {study.name!r}: its {name.replace('_', ' ')} is not what its entry says; change the "
                "entry and build the study from it, so that sources stand beside their own numbers"
            )
    return study.entry


def _comparable(study: Study, asked: Mapping[str, int]) -> dict[str, object]:
    """Return the fields of a study that its entry decides, with the numbers of animals as asked for."""
    found = {f.name: getattr(study, f.name) for f in fields(study) if f.name not in ("entry", "niche")}
    found["groups"] = [
        replace(g, n_animals=asked.get(g.name, g.n_animals), asked=g.name in asked) for g in study.groups
    ]
    found["mechanisms"] = [m.switched(True) for m in study.mechanisms]
    here = study.niche
    told = tuple(here.numbers) == tuple(here.parameters)
    found["lineage"] = (here.name, here.reference_age_days, here.passages, told)
    return found


def _measure(catalogue: Catalogue, entry: StudyEntry, readout: str, days: tuple[float, ...]) -> BodyAssay:
    animal = {"species": entry.species, "sex": entry.sex, "strain": entry.strain, "age_days": entry.age_days}
    return body_assay(catalogue, body_readout(catalogue, readout, **animal), days=days)  # type: ignore[arg-type]


def _niche(catalogue: Catalogue, entry: StudyEntry, variants: tuple[str, ...]) -> Niche:
    """Return the lineage, fitted where a calibration is stored."""
    found = niche(catalogue, entry.lineage, variants=variants)
    stored = f"{entry.lineage}-resting"
    if has_resting_calibration(catalogue, stored):
        theta = resting_calibration(catalogue, stored).theta
        fitted = {k: v for k, v in theta.items() if k in found.parameters}
        found = niche(catalogue, entry.lineage, variants=variants, fitted=fitted)
    if entry.passages:
        found = found.with_passages(entry.passages, plated_fraction=entry.plated_fraction)
    return found.at_plating(entry.age_days) if found.in_culture else found


def _followed(catalogue: Catalogue, entry: StudyEntry) -> dict[str, AnyReadout]:
    """Return the read-outs of the lineage, and those of labelled cells that the study declares."""
    found: dict[str, AnyReadout] = dict(readouts(catalogue, entry.lineage))
    analogues = {
        key: Marker(
            key,
            key,
            sensitivity=1.0,
            false_positive=0.0,
            analogue=Label(key, label.pulses, detectable_divisions=label.detectable_divisions),
        )
        for key, label in entry.labels.items()
    }
    for key, labelled in entry.labelled.items():
        if key in found:
            raise CatalogueError(f"studies/{entry.name}.yaml: read-out {key!r} is there already")
        found[key] = Gate(key, labelled.label, (analogues[labelled.analogue],), window=Window(labelled.types))
    return found


def _groups(catalogue: Catalogue, entry: StudyEntry) -> tuple[GroupPlan, ...]:
    lived = {
        k: regimen(catalogue, k, g.regimen, housing=g.housing or entry.housing)
        for k, g in entry.groups.items()
    }
    activities = movement_entries(catalogue).activities
    levels = {k: activities[r.intervals[0].activity.name].factor for k, r in lived.items()}
    # A factor with one level tells nothing apart.
    told = len(set(levels.values())) > 1
    return tuple(
        GroupPlan(
            name,
            group.label,
            group.control,
            group.n_animals,
            lived[name],
            {_FACTOR: levels[name]} if told else {},
            silenced=group.silenced,
        )
        for name, group in entry.groups.items()
    )


def _assay(
    catalogue: Catalogue, name: str, entry: StudyEntry, followed: dict[str, AnyReadout]
) -> CountAssay | FractionAssay:
    assay = assay_entries(catalogue, entry.lineage)[name]
    if isinstance(assay, ShareAssayEntry):
        return _shares(name, assay, followed)
    if assay.readout not in followed:
        raise unknown_name(f"read-out of lineage {entry.lineage!r}", assay.readout, followed)
    return CountAssay(
        name=name,
        label=assay.label,
        readout=_counted(followed[assay.readout], name),
        units=assay.units,
        fraction=assay.fraction,
        exposure=assay.exposure,
        exposure_unit=assay.exposure_unit,
        unit_level=assay.unit_level,
        position_cv=assay.position_cv,
        unit_cv=assay.unit_cv,
    )


def _shares(name: str, assay: ShareAssayEntry, followed: dict[str, AnyReadout]) -> FractionAssay:
    for share in assay.shares:
        if not isinstance(followed.get(share), Share):
            raise CatalogueError(f"assays.yaml: assay {name!r} reads {share!r}, which is no share")
    shares = [s for s in (followed[share] for share in assay.shares) if isinstance(s, Share)]
    spread = {"events": assay.events, "wells": assay.wells, "concentration": assay.concentration}
    if len(shares) == 1:
        return replace(share_assay(shares[0], **spread), name=name, label=assay.label)  # type: ignore[arg-type]
    return phase_assay(name, assay.label, shares, **spread)  # type: ignore[arg-type]


def _counted(readout: AnyReadout, assay: str) -> CellReadout:
    if isinstance(readout, Share | Flux):
        raise CatalogueError(f"assays.yaml: assay {assay!r} counts {readout.name!r}, which is no cell count")
    return readout
