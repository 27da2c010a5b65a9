"""Read-outs as counted: every animal, and the effect with its interval, as the analysis answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from soleus.analysis import Analysis, AnalysisPlan, Comparison, analyse
from soleus.answers.run.values import AnimalValue, ReadoutResult
from soleus.assays import CountAssay
from soleus.observations import Observations
from soleus.schema.analysis import Effect, UnitValue
from soleus.schema.values import EffectEstimate, Interval
from soleus.study.design import Study

__all__ = ["MANY", "Counted", "counted", "estimate_of", "readout_results"]

MANY = 500
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Counted:
    """The analysis of a virtual table, by read-out, assay, day and treated group.

    Parameters
    ----------
    analysis
        Of the whole table.
    """

    def __init__(self, analysis: Analysis) -> None:
        self._compared: dict[tuple[str, str, float | None, str | None], Comparison] = {
            (c.readout, c.assay, c.day, c.treated): c for c in analysis.comparisons
        }
        self._units: dict[tuple[str, str, float | None], list[UnitValue]] = {}
        for unit in analysis.units:
            self._units.setdefault((unit.readout, unit.assay, unit.day), []).append(unit)

    def comparison(self, readout: str, assay: str, *, day: float, treated: str) -> Comparison:
        """Return one comparison."""
        return self._compared[readout, assay, day, treated]

    def units(self, readout: str, assay: str, *, day: float, groups: Sequence[str]) -> list[UnitValue]:
        """Return the animals of some groups, in the order of the table."""
        return [unit for unit in self._units[readout, assay, day] if unit.group in groups]


def counted(observations: Observations, study: Study, *, seed: int) -> Counted:
    """Analyse a virtual table as a real one is analysed, each comparison by itself."""
    unit = "culture" if study.niche.in_culture else "animal"
    plan = AnalysisPlan(study.control.name, correction="none", extras=False, unit=unit, seed=seed)
    return Counted(analyse(observations, plan))


def estimate_of(effect: Effect | None) -> EffectEstimate | None:
    """Return a ratio or odds ratio as a run's result holds it; None where there is none."""
    if effect is None or effect.scale == "difference":
        return None
    ratio = Interval(value=effect.estimate, low=effect.low, high=effect.high, level=effect.level)
    return EffectEstimate(ratio=ratio, p_value=effect.p_value, method=effect.method, note=effect.note)


def readout_results(
    study: Study,
    found: Counted,
    *,
    true_ratio: Mapping[tuple[str, float], float],
    days: Mapping[str, Sequence[float]],
    treated: str,
) -> list[ReadoutResult]:
    """Return one result for each assay that counts and each day, for one treated group.

    Parameters
    ----------
    found
        The analysis.
    true_ratio
        (read-out, day) to the true ratio of that group; one that is missing has none.
    days
        Read-out to its days.
    treated
        The treated group.
    """
    results = []
    for assay in study.assays:
        if not isinstance(assay, CountAssay):
            continue
        name = assay.readout.name
        unit = f"cells/{assay.exposure_unit}" if assay.exposure_unit != "fraction" else "cells"
        for day in days[name]:
            units = found.units(name, assay.name, day=day, groups=(study.control.name, treated))
            shown = {
                "readout": name, "label": assay.readout.label, "assay": assay.label, "unit": unit,
                "true_ratio": true_ratio.get((name, day)),
            }  # fmt: skip
            comparison = found.comparison(name, assay.name, day=day, treated=treated)
            sections = assay.unit_level != "animal"
            results.append(one_result(comparison, units, shown, parts=sections))
    return results


def one_result(
    comparison: Comparison, units: Sequence[UnitValue], shown: Mapping[str, object], *, parts: bool
) -> ReadoutResult:
    """Return a comparison of the analysis as a run's result holds it.

    Parameters
    ----------
    comparison, units
        The analysis' answer, and the animals behind it.
    shown
        Labels, unit and truth.
    parts
        Whether to keep single parts, too.
    """
    groups = [str(comparison.control), str(comparison.treated)]
    values = {g: np.array([u.value for u in units if u.group == g]) for g in groups}
    few = sum(map(len, values.values())) <= MANY
    # A group whose cultures all died out has a number of animals, 0, and no value of any kind.
    read = {g: v for g, v in values.items() if len(v)}
    summaries = {g.group: g for g in comparison.groups}
    drawn = [
        AnimalValue(
            animal=u.animal, group=u.group, value=u.value, units=list(u.parts or (u.value,)) if parts else []
        )
        for u in units
    ]  # fmt: skip
    return ReadoutResult.model_validate(
        {
            **shown,
            "day": comparison.day,
            "n_by_group": {g: len(v) for g, v in values.items()},
            "mean_by_group": {g: float(v.mean()) for g, v in read.items()},
            "centre_by_group": {g: summaries[g].centre for g in read},
            "centre_kind": summaries[next(iter(read), groups[0])].centre_kind,
            "quantiles_by_group": {
                g: [float(q) for q in np.quantile(v, _QUANTILES)] for g, v in read.items()
            },
            "animals": drawn if few else [],
            "contrast": comparison.contrast,
            "effect": estimate_of(comparison.effect),
        }
    )
