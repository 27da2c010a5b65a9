"""Shares of cells as read: each culture or animal, and the odds ratio with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from soleus.analysis.contrasts import quasi_binomial
from soleus.assays import FractionAssay
from soleus.evidence.predictions import Predictions
from soleus.lineage.process import FloatArray
from soleus.observations import Observations
from soleus.schema.run import AnimalValue, EffectEstimate, Interval, ReadoutResult
from soleus.study.design import Study

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["share_results"]

_METHOD = "quasi-binomial on {unit} totals, logit link, t(N - 2); an odds ratio"
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_FEW = 500


def share_results(
    study: Study,
    observations: Observations,
    *,
    predictions: Predictions,
    gains: Mapping[str, float],
    treated: str,
) -> list[ReadoutResult]:
    """Return one result for each share that an assay reads and each day, for one treated group.

    Parameters
    ----------
    predictions
        Of the study: true means come from their responder.
    gains
        Mechanism to log-gain in the animals that were drawn.
    """
    assays = [a for a in study.assays if isinstance(a, FractionAssay)]
    if not assays:
        return []
    responder = predictions.responder
    means = {g: responder.means(g, gains) for g in (study.control.name, treated)}
    names = [r.name for r in responder.experiment.study.all_readouts()]
    results = []
    for assay in assays:
        columns = [names.index(c.name) for c in assay.categories]
        for k in range(len(assay.categories) if len(assay.categories) > 2 else 1):
            for day in observations.days(assay.categories[k].name):
                d = responder.days.index(day)
                shares = {g: assay.shares(m[d, columns])[k] for g, m in means.items()}
                results.append(_one(study, observations, assay, k, day, treated, shares))
    return results


def _one(
    study: Study,
    observations: Observations,
    assay: FractionAssay,
    category: int,
    day: float,
    treated: str,
    true: Mapping[str, float],
) -> ReadoutResult:
    part, control = assay.categories[category], study.control.name
    values = observations.animal_values(part.name, day, assay=assay.name)
    groups = [control, treated]
    totals = {g: _totals(values, g) for g in groups}
    shares = {g: marked / looked for g, (marked, looked) in totals.items()}
    few = sum(len(s) for s in shares.values()) <= _FEW
    unit = "culture" if study.niche.in_culture else "animal"
    return ReadoutResult(
        # "nestin_share: positive" is read of nestin_share, "dna-content: s_share" of s_share.
        readout=_share_name(part.name),
        label=part.label if len(assay.categories) > 2 else assay.label,
        assay=f"{assay.label}, {assay.events:,} cells of each of {assay.units}",
        unit="share of cells",
        day=day,
        n_by_group={g: len(s) for g, s in shares.items()},
        mean_by_group={g: float(s.mean()) for g, s in shares.items()},
        quantiles_by_group={g: [float(q) for q in np.quantile(s, _QUANTILES)] for g, s in shares.items()},
        animals=_units(observations, assay, part.name, day, groups) if few else [],
        contrast=f"{treated} / {control}",
        effect=_odds_ratio(totals[treated], totals[control], unit),
        true_ratio=_true_odds_ratio(true[treated], true[control]),
        measure="odds ratio",
    )


def _share_name(part: str) -> str:
    before, _, after = part.partition(": ")
    return before if after in ("positive", "negative") else after or before


def _totals(values: pd.DataFrame, group: str) -> tuple[FloatArray, FloatArray]:
    own = values.loc[values["group"] == group]
    return own["value"].to_numpy(dtype=float), own["denominator"].to_numpy(dtype=float)


def _odds_ratio(
    treated: tuple[FloatArray, FloatArray], control: tuple[FloatArray, FloatArray], unit: str
) -> EffectEstimate | None:
    """Return the odds ratio, or None where a group has all or none, or too few units."""
    for marked, looked in (treated, control):
        if len(marked) < 2 or not 0.0 < marked.sum() < looked.sum():
            return None
    found = quasi_binomial([treated[0], control[0]], [treated[1], control[1]], (1.0, -1.0))
    if not float(found.se) > 0.0:
        return None
    low, high = found.interval()
    ratio = Interval(value=float(np.exp(found.estimate)), low=float(np.exp(low)), high=float(np.exp(high)))
    return EffectEstimate(ratio=ratio, p_value=float(found.p_value), method=_METHOD.format(unit=unit))


def _true_odds_ratio(treated: float, control: float) -> float | None:
    if not (0.0 < treated < 1.0 and 0.0 < control < 1.0):
        return None
    return float(treated / (1.0 - treated) * (1.0 - control) / control)


def _units(
    observations: Observations, assay: FractionAssay, part: str, day: float, groups: list[str]
) -> list[AnimalValue]:
    rows = observations.rows(part, day, assay=assay.name)
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    columns = (rows[c].tolist() for c in ("animal", "group", "value", "denominator"))
    for animal, group, value, looked in zip(*columns, strict=True):
        if group in groups:
            found.setdefault((animal, group), []).append((value, looked))
    return [
        AnimalValue(
            animal=animal,
            group=group,
            value=sum(v for v, _ in units) / sum(n for _, n in units),
            units=[v / n for v, n in units] if len(units) > 1 else [],
        )
        for (animal, group), units in found.items()
    ]
