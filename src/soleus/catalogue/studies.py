"""Studies of the catalogue: data files parsed to :class:`~soleus.study.Study`."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict

from soleus.assays import CountAssay, FractionAssay
from soleus.catalogue.calibrations import resting_calibration
from soleus.catalogue.lineages import niche
from soleus.catalogue.movement import activities, mechanisms, movement_entries, signals
from soleus.catalogue.panels import load_panel
from soleus.catalogue.quantity import Status
from soleus.catalogue.readouts import readout, readouts
from soleus.catalogue.store import citations, load_yaml, parse_record
from soleus.errors import CatalogueError, unknown_name
from soleus.movement import Regimen
from soleus.study.design import GroupPlan, ReportedEffect, Study, Variation

__all__ = ["AssayEntry", "StudyEntry", "load_study", "study_entry", "study_names"]

_FACTOR = "Hindlimb Unloading"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _GroupEntry(_Entry):
    label: str
    n_animals: int
    regimen: tuple[tuple[str, float, float], ...]
    control: bool = False


class _ReportedEntry(_Entry):
    readout: str
    day: float
    ratio: float
    citation: str
    reason: str


class _VariationEntry(_Entry):
    niche_size_cv: float
    role_cv: dict[str, float]


class AssayEntry(_Entry):
    """An assay of a study with where its numbers come from."""

    label: str
    readout: str
    units: int
    fraction: float
    exposure: float
    exposure_unit: str
    unit_level: Literal["section", "animal"]
    position_cv: float
    unit_cv: float
    citation: str | None
    reason: str
    status: Status


class StudyEntry(_Entry):
    """A study file."""

    name: str
    title: str
    summary: str
    citation: str | None
    strain: str
    sex: Literal["male", "female"]
    age_days: float
    lineage: str
    housing: str
    groups: dict[str, _GroupEntry]
    sampling_days: tuple[float, ...]
    reported: _ReportedEntry | None = None
    set: str
    variation: _VariationEntry
    assays: dict[str, AssayEntry]


def study_names() -> tuple[str, ...]:
    """Return the names of all studies."""
    folder = resources.files("soleus.catalogue") / "data" / "studies"
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


@functools.cache
def study_entry(name: str) -> StudyEntry:
    """Return a study file, parsed and checked.

    Raises
    ------
    UnknownNameError
        With the list of studies and the nearest name.
    """
    if name not in study_names():
        raise unknown_name("study", name, study_names())
    file = f"studies/{name}.yaml"
    entry = parse_record(StudyEntry, load_yaml(file), file=file, entry=name, name_field="name")
    cited = {entry.citation, *(a.citation for a in entry.assays.values())} - {None}
    if entry.reported is not None:
        cited.add(entry.reported.citation)
    for key in cited:
        if key not in citations():
            raise CatalogueError(f"{file}: cites unknown {key!r}")
    return entry


def load_study(
    name: str, *, variants: tuple[str, ...] = (), with_off: bool = False, panel: str | None = None
) -> Study:
    """Return a study of the catalogue on the fitted resting lineage.

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
    entry = study_entry(name)
    stored = resting_calibration(f"{entry.lineage}-resting")
    lineage = niche(entry.lineage, variants=variants)
    fitted = {k: v for k, v in stored.theta.items() if k in lineage.parameters}
    lineage = niche(entry.lineage, variants=variants, fitted=fitted)
    reported = entry.reported
    days = entry.sampling_days if panel is None else entry.sampling_days[-1:]
    assays: tuple[CountAssay | FractionAssay, ...]
    if panel is None:
        assays = tuple(_assay(key, a, entry.lineage) for key, a in entry.assays.items())
    else:
        assays = load_panel(panel, end_day=days[-1]).assays
    return Study(
        name=name,
        title=entry.title,
        summary=entry.summary,
        strain=entry.strain,
        sex=entry.sex,
        age_days=entry.age_days,
        groups=tuple(_group(key, g) for key, g in entry.groups.items()),
        niche=lineage,
        signals=signals(),
        mechanisms=tuple(m.switched(True) if with_off else m for m in mechanisms().values()),
        assays=assays,
        sampling_days=days,
        variation=Variation(entry.variation.niche_size_cv, entry.variation.role_cv),
        reported=None
        if reported is None
        else ReportedEffect(reported.readout, reported.day, reported.ratio, reported.citation),
        citation=entry.citation,
        housing=entry.housing,
        derived=tuple(readouts(entry.lineage).values()),
    )


def _group(name: str, entry: _GroupEntry) -> GroupPlan:
    known = activities()
    regimen = Regimen.of(name, list(entry.regimen), activities=known, resting="free_ambulation")
    levels = [movement_entries().activities[a].factor for a, _, _ in entry.regimen]
    return GroupPlan(name, entry.label, entry.control, entry.n_animals, regimen, {_FACTOR: levels[0]})


def _assay(name: str, entry: AssayEntry, lineage: str) -> CountAssay:
    return CountAssay(
        name=name,
        label=entry.label,
        readout=readout(lineage, entry.readout),
        units=entry.units,
        fraction=entry.fraction,
        exposure=entry.exposure,
        exposure_unit=entry.exposure_unit,
        unit_level=entry.unit_level,
        position_cv=entry.position_cv,
        unit_cv=entry.unit_cv,
    )
