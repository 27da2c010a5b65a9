"""Shares of cells as read: each culture or animal, and the odds ratio with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from soleus.answers.run.parts.readouts import Counted, one_result
from soleus.answers.run.values import ReadoutResult
from soleus.assays import FractionAssay
from soleus.evidence.predictions import Predictions
from soleus.study.design import Study

__all__ = ["share_results"]


def share_results(
    study: Study,
    found: Counted,
    *,
    predictions: Predictions,
    gains: Mapping[str, float],
    days: Mapping[str, Sequence[float]],
    treated: str,
) -> list[ReadoutResult]:
    """Return one result for each share that an assay reads and each day, for one treated group.

    Parameters
    ----------
    found
        The analysis.
    predictions
        Of the study: true means come from their responder.
    gains
        Mechanism to log-gain in the animals that were drawn.
    days
        Read-out to its days.
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
            part = assay.categories[k]
            for day in days[part.name]:
                d = responder.days.index(day)
                true = {g: assay.shares(m[d, columns])[k] for g, m in means.items()}
                shown = {
                    # "nestin_share: positive" is read of nestin_share, "dna-content: s_share" of s_share.
                    "readout": _share_name(part.name),
                    "label": part.label if len(assay.categories) > 2 else assay.label,
                    "assay": f"{assay.label}, {assay.events:,} cells of each of {assay.units}",
                    "unit": "share of cells",
                    "true_ratio": _true_odds_ratio(true[treated], true[study.control.name]),
                    "measure": "odds ratio",
                }
                units = found.units(part.name, assay.name, day=day, groups=(study.control.name, treated))
                comparison = found.comparison(part.name, assay.name, day=day, treated=treated)
                several = any(unit.parts for unit in units)
                results.append(one_result(comparison, units, shown, parts=several))
    return results


def _share_name(part: str) -> str:
    before, _, after = part.partition(": ")
    return before if after in ("positive", "negative") else after or before


def _true_odds_ratio(treated: float, control: float) -> float | None:
    if not (0.0 < treated < 1.0 and 0.0 < control < 1.0):
        return None
    return float(treated / (1.0 - treated) * (1.0 - control) / control)
