"""The body in one run: every measure with its effect and equivalence, and the course over the whole prior."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from soleus.analysis import animal_effect, welch_of_logs
from soleus.analysis.equivalence import ALPHA, MOST, tost_p_value
from soleus.assays import BodyAssay
from soleus.catalogue.body import body_readout_entry
from soleus.evidence.body_curves import body_curves
from soleus.evidence.body_power import equivalence_power
from soleus.lineage.process import FloatArray
from soleus.observations import Observations
from soleus.schema.run_biology import BodyInfo, BodyMeasure, Verdict
from soleus.study.design import GroupPlan, Study

__all__ = ["body_info"]

_POINTS = 29
_NICHE = "body"


def body_info(study: Study, observations: Observations) -> BodyInfo | None:
    """Return what is known of the animals' body; None for a culture, which has none."""
    if study.niche.in_culture:
        return None
    days = np.linspace(0.0, study.sampling_days[-1], _POINTS).tolist()
    regimens = {group.label: group.regimen for group in (study.control, *study.treated)}
    return BodyInfo(
        statement=_statement(study),
        status="provisional",
        measures=list(_measures(study, observations)),
        curves=list(body_curves(regimens, days)),
    )


def _statement(study: Study) -> str:
    measured = ", ".join(a.label for a in study.body)
    told = (
        f"Measured in these animals: {measured}. " if measured else "Nothing of the body is measured here. "
    )
    return (
        f"{told}Known from sources: unloaded hind limbs waste, and in the first days of hanging animals are "
        "stressed and eat less. Not yet checked in a source: nearly every size and time constant; where "
        "published findings "
        "disagree, two courses compete, and the animals drawn follow the first of them."
    )


def _measures(study: Study, observations: Observations) -> Iterator[BodyMeasure]:
    for assay in study.body:
        for day in observations.days(assay.readout.name):
            for treated in study.treated:
                yield _measure(study, observations, assay, treated, day)


def _measure(
    study: Study, observations: Observations, assay: BodyAssay, treated: GroupPlan, day: float
) -> BodyMeasure:
    name, control = assay.readout.name, study.control.name
    table = observations.animal_values(name, day, assay=assay.name, niche=_NICHE)
    groups = [control, treated.name]
    values = {g: table.loc[table["group"] == g, "value"].to_numpy(dtype=float) for g in groups}
    effect = animal_effect(table, treated=treated.name, control=control)
    margin = body_readout_entry(name).margin.value
    smallest = min(len(v) for v in values.values())
    verdict, words = _equivalence(values[treated.name], values[control], margin)
    needed = None
    if verdict == "not shown":
        needed = equivalence_power(name, animals_per_group=max(2, smallest)).n_for_80
        many = f"more than {MOST:,}" if needed is None else f"about {needed}"
        words = f"equivalence not shown; {many} animals a group would be needed"
    return BodyMeasure(
        readout=name,
        label=assay.label,
        unit=assay.readout.unit,
        day=day,
        contrast=f"{treated.name} / {control}",
        n_by_group={g: len(v) for g, v in values.items()},
        mean_by_group={g: float(v.mean()) for g, v in values.items()},
        effect=effect or None,
        true_ratio=_true_ratio(study, assay, treated, day),
        margin=margin,
        equivalence=verdict,
        animals_needed=needed,
        words=words,
    )


def _true_ratio(study: Study, assay: BodyAssay, treated: GroupPlan, day: float) -> float:
    means = [
        assay.readout.mean(g.regimen, [day], signals=study.signals, feedbacks=study.feedbacks)[0]
        for g in (treated, study.control)
    ]
    return float(means[0] / means[1])


def _equivalence(treated: FloatArray, control: FloatArray, margin: float) -> tuple[Verdict | None, str]:
    """Return what two one-sided tests at 5 % say, and the words for it."""
    found = welch_of_logs(treated, control) if min(len(treated), len(control)) > 1 else None
    if found is None:
        return None, "cannot be told from these animals"
    low, high = found.interval(1.0 - 2.0 * ALPHA)
    p = tost_p_value(found.estimate, se=found.se, df=found.df, log_margin=math.log(margin))
    if p <= ALPHA:
        return "equivalent", f"equivalent: within {1.0 / margin:.2f} to {margin:.2f}"
    if low >= margin or high <= 1.0 / margin:
        return "beyond the margin", f"different by more than the margin of {1.0 / margin:.2f} to {margin:.2f}"
    return "not shown", ""
