"""What published directions say about the effect, under each mechanism set.

For a study that reports "down", "up" or "no change" of a read-out on a day, the probability of that
outcome given the true log-ratio y is that of a two-sided test at 5 %, with the standard error that
the effect model states and a further spread for laboratory and species. The prior is a set of
equally probable Ki67 log-ratios; the posterior reweights them. Sets are compared by the mean weight.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from soleus.catalogue.effect_model import DirectionModel
from soleus.catalogue.records import EvidenceEntry
from soleus.lineage.process import FloatArray
from soleus.study.response import ResponseTable

__all__ = ["DirectionResult", "Posterior", "direction_log_likelihood", "direction_results", "posterior"]


@dataclass(frozen=True, slots=True)
class DirectionResult:
    """One published direction that the lineage can predict."""

    citation: str
    readout: str
    day: float
    direction: str
    same_species: bool


@dataclass(frozen=True)
class Posterior:
    """Weights on the prior's strengths, by mechanism set.

    Attributes
    ----------
    weights
        Set to weights of its strengths, shape (N,), adding to 1.
    set_probability
        Carrying set to its posterior probability, from equal prior probabilities.
    used
        The results that were scored.
    """

    strengths: Mapping[str, FloatArray]
    weights: Mapping[str, FloatArray]
    set_probability: Mapping[str, float]
    used: tuple[DirectionResult, ...]


def direction_results(
    entries: Iterable[EvidenceEntry],
    *,
    niche: str,
    readouts: Collection[str],
    days: Collection[float],
    exclude: Collection[str] = (),
) -> tuple[DirectionResult, ...]:
    """Return the unloading results that can be scored, one for each work and day.

    Only primary entries about unloading, independent or not, with a direction, of this niche, on a
    day and read-out that are predicted, count; ``exclude`` names works to leave out. Entries of one
    work on one day rest on the same animals, so the first of them stands for all.
    """
    found: dict[tuple[str, float], DirectionResult] = {}
    for entry in entries:
        if entry.kind != "primary" or entry.direction is None or entry.niche != niche:
            continue
        if entry.manipulation != "unloading":
            continue
        if entry.readout not in readouts or entry.day not in days or entry.citation in exclude:
            continue
        day = float(entry.day or 0.0)
        result = DirectionResult(
            entry.citation, str(entry.readout), day, entry.direction, entry.species == "mouse"
        )
        found.setdefault((entry.citation, day), result)
    return tuple(found[k] for k in sorted(found))


def direction_log_likelihood(result: DirectionResult, y: FloatArray, model: DirectionModel) -> FloatArray:
    """Return the log-probability of a published direction at true log-ratios y, same shape."""
    se = model.standard_error
    spread = math.hypot(se, model.discrepancy_sd)
    if not result.same_species:
        spread = math.hypot(spread, model.other_species_sd)
    down = ndtr((-model.critical * se - y) / spread)
    up = ndtr((y - model.critical * se) / spread)
    chance = {"down": down, "up": up, "none": 1.0 - down - up}[result.direction]
    return np.asarray(np.log(np.maximum(chance, 1e-300)))


def posterior(
    tables: Mapping[str, ResponseTable],
    strengths: Mapping[str, FloatArray],
    results: tuple[DirectionResult, ...],
    model: DirectionModel,
    *,
    carrying: Collection[str] | None = None,
) -> Posterior:
    """Reweight equally probable strengths of each set by published directions.

    Sets are compared only among ``carrying`` (None: all), which start from the same prior.
    """
    weights: dict[str, FloatArray] = {}
    evidence: dict[str, float] = {}
    for name, table in tables.items():
        log_weight = np.zeros(len(strengths[name]))
        for result in results:
            y = table.at(strengths[name], result.readout, result.day)
            log_weight += direction_log_likelihood(result, y, model)
        top = float(log_weight.max())
        weight = np.exp(log_weight - top)
        evidence[name] = top + math.log(float(weight.mean()))
        weights[name] = weight / weight.sum()
    compared = {k: v for k, v in evidence.items() if carrying is None or k in carrying}
    best = max(compared.values())
    total = sum(math.exp(v - best) for v in compared.values())
    probability = {k: math.exp(v - best) / total for k, v in compared.items()}
    return Posterior(strengths, weights, probability, results)
