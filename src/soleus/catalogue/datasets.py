"""Published data sets of the catalogue, as tables that a bound study can score."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from soleus.assays import PublishedMean
from soleus.catalogue.folder import Catalogue, load_yaml, once, parse_record
from soleus.catalogue.lineages import niche
from soleus.catalogue.readouts import readout
from soleus.movement import Activity, Regimen
from soleus.observations import Observations
from soleus.study.design import GroupPlan, Study
from soleus.study.niche import Niche

__all__ = ["RestingSeries", "ScaleFactor", "resting_series", "resting_study"]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _SeriesEntry(_Entry):
    readout: str
    assay: str
    scale: str
    citation: str
    n: int
    status: str
    points: tuple[tuple[float, float, float], ...]


class ScaleFactor(_Entry):
    """Counted cells per true cell of one laboratory and assay."""

    label: str
    free: bool
    reason: str
    log_sd: float | None = None


class _SeriesFile(_Entry):
    name: str
    label: str
    species: str
    niche: str
    group: str
    series: tuple[_SeriesEntry, ...]
    scales: dict[str, ScaleFactor]


@dataclass(frozen=True)
class RestingSeries:
    """Published means by age with their errors.

    Attributes
    ----------
    observations
        One row a mean; ``day`` counts from the reference age of the lineage.
    """

    name: str
    label: str
    niche: str
    observations: Observations
    assays: tuple[PublishedMean, ...]
    scales: Mapping[str, ScaleFactor]
    citations: tuple[str, ...]


@once
def resting_series(catalogue: Catalogue, name: str = "svz-resting-series") -> RestingSeries:
    """Return a published series by age."""
    import pandas as pd

    file = f"datasets/{name}.yaml"
    entry = parse_record(_SeriesFile, load_yaml(catalogue, file), file=file, entry=name, name_field="name")
    digest = hashlib.sha256(json.dumps(load_yaml(catalogue, file), sort_keys=True).encode()).hexdigest()
    reference = niche(catalogue, entry.niche).reference_age_days
    rows = [
        {
            "study": name,
            "group": entry.group,
            "day": age - reference,
            "age_days": age,
            "niche": entry.niche,
            "assay": s.assay,
            "readout": s.readout,
            "unit_level": "group",
            "value": mean,
            "value_kind": "count",
            "unit": "cells",
            "se": se,
            "n_units": s.n,
            "excluded": False,
            "source": f"file:{digest}",
        }
        for s in entry.series
        for age, mean, se in s.points
    ]
    assays = tuple(
        PublishedMean(
            s.assay, f"{s.readout} ({s.citation})", readout(catalogue, entry.niche, s.readout), s.scale
        )
        for s in entry.series
    )
    return RestingSeries(
        name=name,
        label=entry.label,
        niche=entry.niche,
        observations=Observations(pd.DataFrame(rows), provenance={"dataset": name}),
        assays=assays,
        scales=entry.scales,
        citations=tuple(dict.fromkeys(s.citation for s in entry.series)),
    )


def resting_study(catalogue: Catalogue, series: RestingSeries, lineage: Niche | None = None) -> Study:
    """Return the study of undisturbed animals that a resting series samples.

    Days count from the lineage's reference age.
    """
    rest = Activity("free_ambulation", "home cage")
    days = tuple(sorted({float(d) for d in series.observations.frame["day"]}))
    regimen = Regimen.of(
        "resting", [("free_ambulation", 0.0, days[-1])], activities={rest.name: rest}, resting=rest.name
    )
    here = lineage or niche(catalogue, series.niche)
    return Study(
        name=series.name,
        title=series.label,
        summary="Undisturbed animals at the ages that were published.",
        strain="mixed",
        sex="mixed",
        age_days=here.reference_age_days,
        groups=(GroupPlan("resting", "resting", True, 1, regimen),),
        niche=here,
        signals={},
        mechanisms=(),
        assays=series.assays,
        sampling_days=days,
    )
