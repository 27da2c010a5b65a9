"""The matrix of mechanism sets by studies: how probable is what was published, set by set.

Each set has an unknown strength and headroom. For a cell they are weighted by the findings of *all other*
studies, so that no study confirms itself; the cell is the predictive probability of what the study found.
Each set also has a posterior predictive p: how often the set, fitted to everything, would produce findings
that fit it as badly as the real ones. "None refuted" is an allowed answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from soleus.evidence.directions import DIRECTIONS
from soleus.evidence.finding_responses import SetResponses
from soleus.evidence.findings import Finding
from soleus.evidence.posterior import log_evidence, weights_without
from soleus.evidence.weighted import weighted_quantiles
from soleus.lineage.process import FloatArray
from soleus.streams import Streams

__all__ = ["Cell", "Matrix", "SetRow", "build_matrix", "no_effect"]

_REPLICATES = 20000
_REPLICATES_WITHOUT = 4000
_SEED = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One set and one study.

    Attributes
    ----------
    probability
        Predictive probability of all findings of the study together; those of one comparison on one day
        rest on the same animals and count as one (the geometric mean of their chances).
    per_finding
        Geometric mean of it over what counts, which compares studies with few and with many findings.
    chances
        Finding to the predictive probability of what was found.
    ratios
        Finding to the predicted ratio: median and central 95 % of the model's own.
    sensitive
        Findings whose log-ratio the set moves at the prior's median strength.
    """

    study: str
    probability: float
    per_finding: float
    chances: Mapping[str, float]
    ratios: Mapping[str, tuple[float, float, float]]
    sensitive: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetRow:
    """One set over all studies.

    Attributes
    ----------
    predictive_p
        Posterior predictive p.
    predictive_p_without
        Study to the posterior predictive p of all findings but its own: a study whose absence lifts a set
        over the threshold is the one that refutes it.
    log10_evidence
        Logarithm of the mean likelihood of all findings, relative to no effect at all.
    log10_for_sign
        Evidence for the declared sign against the flipped one; below 0 the findings favour the other.
    """

    name: str
    label: str
    cells: Mapping[str, Cell]
    predictive_p: float
    predictive_p_without: Mapping[str, float]
    refuted: bool
    log10_evidence: float
    log10_for_sign: float
    reach: float


@dataclass(frozen=True, slots=True)
class Matrix:
    """Sets by studies; rows in the order of the evidence for them."""

    rows: tuple[SetRow, ...]
    studies: tuple[str, ...]
    findings: tuple[Finding, ...]
    refuted_below: float

    def row(self, name: str) -> SetRow:
        """Return a set's row."""
        return next(row for row in self.rows if row.name == name)


def no_effect(responses: SetResponses) -> SetResponses:
    """Return the row against which all are compared: nothing that legs do moves anything."""
    return SetResponses(
        name="no-effect",
        label="no effect of movement on any of it",
        mechanisms=(),
        strengths=np.zeros_like(responses.strengths),
        log_ratios=np.zeros_like(responses.log_ratios),
        flipped=np.zeros_like(responses.flipped),
        reach=0.0,
        at_median=np.zeros_like(responses.at_median),
    )


def build_matrix(
    responses: Sequence[SetResponses],
    found: Sequence[Finding],
    *,
    refuted_below: float,
    sensitive_above: float,
) -> Matrix:
    """Return the matrix.

    Parameters
    ----------
    responses
        One for each set; a row without any effect is added.
    refuted_below
        Posterior predictive p below which a set that some finding is sensitive to is called refuted.
    sensitive_above
        Size of a log-ratio, at the prior's median strength, from which on a finding can tell.
    """
    studies = tuple(dict.fromkeys(f.study for f in found))
    nothing = no_effect(responses[0])
    base = log_evidence(nothing.log_ratios, found)
    rows = [
        _row(one, found, studies, base=base, refuted_below=refuted_below, sensitive_above=sensitive_above)
        for one in (*responses, nothing)
    ]
    rows.sort(key=lambda row: -row.log10_evidence)
    return Matrix(tuple(rows), studies, tuple(found), refuted_below)


def _row(
    responses: SetResponses,
    found: Sequence[Finding],
    studies: Sequence[str],
    *,
    base: float,
    refuted_below: float,
    sensitive_above: float,
) -> SetRow:
    evidence = log_evidence(responses.log_ratios, found)
    p = _predictive_p(responses, found)
    cells = {study: _cell(responses, found, study, sensitive_above) for study in studies}
    # What no finding is sensitive to says what no effect would, and is not tested by any of them.
    tested = not responses.mechanisms or any(cell.sensitive for cell in cells.values())
    return SetRow(
        name=responses.name,
        label=responses.label,
        cells=cells,
        predictive_p=p,
        predictive_p_without={s: _without(responses, found, s) for s in studies},
        refuted=tested and p < refuted_below,
        log10_evidence=(evidence - base) / math.log(10.0),
        log10_for_sign=(evidence - log_evidence(responses.flipped, found)) / math.log(10.0),
        reach=responses.reach,
    )


def _cell(responses: SetResponses, found: Sequence[Finding], study: str, sensitive_above: float) -> Cell:
    weights = weights_without(responses, found, {study})
    here = [i for i, f in enumerate(found) if f.study == study]
    chances = np.array([_chance(found[i], responses.log_ratios[i]) for i in here])
    counts = np.array([found[i].weight for i in here])
    joint = float(weights @ (chances ** counts[:, None]).prod(axis=0))
    moved = np.abs(responses.at_median[here]).max(axis=1) >= sensitive_above
    return Cell(
        study=study,
        probability=joint,
        per_finding=joint ** (1.0 / float(counts.sum())),
        chances={found[i].id: float(weights @ c) for i, c in zip(here, chances, strict=True)},
        ratios={found[i].id: _interval(responses.log_ratios[i], weights) for i in here},
        sensitive=tuple(found[i].id for i, m in zip(here, moved, strict=True) if m),
    )


def _chance(finding: Finding, log_ratios: FloatArray) -> FloatArray:
    return np.asarray(finding.chances(log_ratios)[DIRECTIONS.index(finding.direction)])


def _interval(log_ratios: FloatArray, weights: FloatArray) -> tuple[float, float, float]:
    low, mid, high = np.exp(weighted_quantiles(log_ratios, weights))
    return float(mid), float(low), float(high)


def _without(responses: SetResponses, found: Sequence[Finding], study: str) -> float:
    kept = [i for i, f in enumerate(found) if f.study != study]
    return _predictive_p(responses.only(kept), [found[i] for i in kept], replicates=_REPLICATES_WITHOUT)


def _predictive_p(
    responses: SetResponses, found: Sequence[Finding], *, replicates: int = _REPLICATES
) -> float:
    """Return how often replicated findings have as low a probability as the real ones, set fitted to all.

    The discrepancy is minus the weighted log of the chance of every finding's direction at the drawn
    strength and headroom (Gelman, Meng and Stern 1996, Statistica Sinica 6:733).
    """
    rng = Streams(_SEED).generator(f"matrix:{responses.name}")
    weights = weights_without(responses, found, ())
    drawn = rng.choice(len(weights), size=replicates, p=weights)
    real, replicated = np.zeros(replicates), np.zeros(replicates)
    for finding, y in zip(found, responses.log_ratios, strict=True):
        chances = np.maximum(finding.chances(y)[:, drawn], 1e-300)
        real -= finding.weight * np.log(chances[DIRECTIONS.index(finding.direction)])
        uniform = rng.random(replicates)
        outcome = (uniform > chances[0]).astype(int) + (uniform > chances[0] + chances[1])
        replicated -= finding.weight * np.log(chances[outcome, np.arange(replicates)])
    # Equal discrepancies count half, as a test on discrete outcomes should.
    return float(np.mean(replicated > real + 1e-9) + 0.5 * np.mean(np.abs(replicated - real) <= 1e-9))
