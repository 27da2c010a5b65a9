"""The dentate gyrus in one run: a cohort of newborn cells, and the speculative index of stress buffering."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from soleus.answers.run.biology_values import BufferingInfo, DentateInfo, NewbornInfo
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.resilience import buffering_index
from soleus.evidence.newborn import newborn_course
from soleus.evidence.predictions import Predictions
from soleus.evidence.resilience import stress_buffering
from soleus.study.design import Study

__all__ = ["dentate_info"]

_DAYS = range(85)
_STATEMENT = (
    "Known: of the cells born in the dentate gyrus most die within weeks, and those that live become granule "
    "cells over about two months. Not yet checked in a source: most rates of this lineage, which is not "
    "fitted to counts. "
    "SPECULATIVE: the index of stress buffering; no dose-response of behaviour on new neurons was published."
)


def dentate_info(
    catalogue: Catalogue, study: Study, predictions: Mapping[str, Predictions], day: float
) -> DentateInfo | None:
    """Return the cohort and, for each treated group, the index under the prior; None for another lineage."""
    index = buffering_index(catalogue)
    if study.niche.name != index.niche:
        return None
    return DentateInfo(
        statement=_STATEMENT,
        status="provisional",
        newborn=_newborn(study),
        buffering=[
            one
            for group, found in predictions.items()
            if (one := _buffering(catalogue, group, found, day)) is not None
        ],
        evidence=[f"{e.stance.capitalize()}: {e.reason} ({e.citation})" for e in index.evidence],
    )


def _newborn(study: Study) -> NewbornInfo:
    course = newborn_course(study.niche, days=list(_DAYS), age_days=study.age_days)
    return NewbornInfo(
        niche=course.niche,
        age_days=course.age_days,
        days=course.days.tolist(),
        types=list(course.types),
        labels=list(course.labels),
        cells=[[float(f"{c:.6g}") for c in row] for row in course.cells],
        died=[float(f"{c:.6g}") for c in course.died],
    )


def _buffering(
    catalogue: Catalogue, group: str, predictions: Predictions, day: float
) -> BufferingInfo | None:
    index = buffering_index(catalogue)
    readout = index.readout
    names = next(iter(predictions.tables.values())).readouts
    draws = predictions.pooled(readout, day) if readout in names else np.array([np.nan])
    if not np.isfinite(draws).all():
        return None
    found = stress_buffering(catalogue, index.niche, draws, readout=readout)
    return BufferingInfo(
        group=group,
        day=day,
        status=found.status,
        niche=found.niche,
        readout=found.readout,
        levels=list(found.levels),
        labels=list(found.labels),
        ranges=list(found.ranges),
        reasons=list(found.reasons),
        probabilities=[float(p) for p in found.probabilities],
        draws=len(found.drawn),
        statement=found.statement,
    )
