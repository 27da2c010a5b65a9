"""Read-outs as counted: every animal, and the effect with its interval."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from soleus.analysis import animal_effect
from soleus.assays import CountAssay
from soleus.observations import Observations
from soleus.schema.run import AnimalValue, ReadoutResult
from soleus.study.design import Study

__all__ = ["MANY", "readout_results"]

MANY = 500
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def readout_results(
    study: Study,
    observations: Observations,
    *,
    true_ratio: Mapping[tuple[str, float], float],
    treated: str | None = None,
) -> list[ReadoutResult]:
    """Return one result for each assay that counts and each day, for one treated group.

    Parameters
    ----------
    true_ratio
        (read-out, day) to the true ratio of that group; one that is missing has none.
    treated
        The treated group; the first by default.
    """
    group = treated or study.treated[0].name
    results = []
    for assay in study.assays:
        if not isinstance(assay, CountAssay):
            continue
        for day in observations.days(assay.readout.name):
            truth = true_ratio.get((assay.readout.name, day))
            results.append(_one(study, observations, assay, (group, day), truth))
    return results


def _one(
    study: Study, observations: Observations, assay: CountAssay, at: tuple[str, float], truth: float | None
) -> ReadoutResult:
    treated, day = at
    control = study.control.name
    name = assay.readout.name
    values = observations.animal_values(name, day, assay=assay.name)
    values = values.assign(density=values["value"] / values["exposure"])
    groups = [control, treated]
    by_group = {g: values.loc[values["group"] == g, "density"].to_numpy(dtype=float) for g in groups}
    few = sum(len(v) for v in by_group.values()) <= MANY
    sections = assay.unit_level != "animal"
    unit = f"cells/{assay.exposure_unit}" if assay.exposure_unit != "fraction" else "cells"
    effect = animal_effect(values, treated=treated, control=control)
    return ReadoutResult(
        readout=name,
        label=assay.readout.label,
        assay=assay.label,
        unit=unit,
        day=day,
        n_by_group={g: len(v) for g, v in by_group.items()},
        mean_by_group={g: float(v.mean()) for g, v in by_group.items()},
        quantiles_by_group={g: [float(q) for q in np.quantile(v, _QUANTILES)] for g, v in by_group.items()},
        animals=_animals(observations, assay, groups, day, sections) if few else [],
        contrast=f"{treated} / {control}",
        effect=effect or None,
        true_ratio=truth,
    )


def _animals(
    observations: Observations, assay: CountAssay, groups: list[str], day: float, sections: bool
) -> list[AnimalValue]:
    rows = observations.rows(assay.readout.name, day, assay=assay.name)
    counts: dict[tuple[str, str], list[tuple[float, float]]] = {}
    columns = (rows[c].tolist() for c in ("animal", "group", "value", "exposure"))
    for animal, group, value, exposure in zip(*columns, strict=True):
        if group in groups:
            counts.setdefault((animal, group), []).append((value, exposure))
    return [
        AnimalValue(
            animal=animal,
            group=group,
            value=sum(v for v, _ in units) / sum(e for _, e in units),
            units=[v / e for v, e in units] if sections else [],
        )
        for (animal, group), units in counts.items()
    ]
