"""The body in one run: every measure with its effect and equivalence, and the course over the whole prior."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from soleus.analysis.answers import Effect
from soleus.analysis.equivalence import MOST, equivalence
from soleus.answers.run.biology_values import BodyInfo, BodyMeasure, Verdict
from soleus.answers.run.parts.readouts import Counted, estimate_of
from soleus.assays import BodyAssay
from soleus.catalogue.body import body_readout_entry
from soleus.catalogue.folder import Catalogue
from soleus.evidence.body_curves import body_curves
from soleus.evidence.body_power import equivalence_power
from soleus.schema.analysis import Equivalence
from soleus.study.design import GroupPlan, Study

__all__ = ["body_info"]

_POINTS = 29


def body_info(
    catalogue: Catalogue, study: Study, found: Counted, days: Mapping[str, Sequence[float]]
) -> BodyInfo | None:
    """Return what is known of the animals' body; None for a culture, which has none."""
    if study.niche.in_culture:
        return None
    course = np.linspace(0.0, study.sampling_days[-1], _POINTS).tolist()
    regimens = {group.label: group.regimen for group in (study.control, *study.treated)}
    return BodyInfo(
        statement=_statement(study),
        status="provisional",
        measures=list(_measures(catalogue, study, found, days)),
        curves=list(body_curves(catalogue, regimens, course)),
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


def _measures(
    catalogue: Catalogue, study: Study, found: Counted, days: Mapping[str, Sequence[float]]
) -> Iterator[BodyMeasure]:
    for assay in study.body:
        for day in days[assay.readout.name]:
            for treated in study.treated:
                yield _measure(catalogue, study, found, assay, treated, day=day)


def _measure(
    catalogue: Catalogue, study: Study, found: Counted, assay: BodyAssay, treated: GroupPlan, *, day: float
) -> BodyMeasure:
    name, control = assay.readout.name, study.control.name
    units = found.units(name, assay.name, day=day, groups=(control, treated.name))
    values = {g: np.array([u.value for u in units if u.group == g]) for g in (control, treated.name)}
    effect = found.comparison(name, assay.name, day=day, treated=treated.name).effect
    margin = body_readout_entry(catalogue, name).margin.value
    smallest = min(len(v) for v in values.values())
    verdict, words = _equivalence(effect, margin)
    needed = None
    if verdict == "not shown":
        needed = equivalence_power(catalogue, name, animals_per_group=max(2, smallest)).n_for_80
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
        effect=estimate_of(effect),
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


def _equivalence(effect: Effect | None, margin: float) -> tuple[Verdict | None, str]:
    """Return what two one-sided tests at 5 % say, and the words for it."""
    found = None if effect is None else equivalence(effect, margin=margin)
    if not isinstance(found, Equivalence):
        return None, "cannot be told from these animals"
    if found.verdict == "equivalent":
        return "equivalent", f"equivalent: within {1.0 / margin:.2f} to {margin:.2f}"
    if found.verdict == "beyond the margin":
        return "beyond the margin", f"different by more than the margin of {1.0 / margin:.2f} to {margin:.2f}"
    return "not shown", ""
