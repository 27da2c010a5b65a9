"""What published findings say about the effect, under each mechanism set.

The prior is a set of equally probable sizes of the effect on the reference study; the posterior reweights
them by the findings of all studies but those that are left out. Sets are compared by their mean likelihood.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from soleus.evidence.finding_responses import SetResponses
from soleus.evidence.findings import Finding
from soleus.lineage.process import FloatArray

__all__ = ["Posterior", "log_evidence", "posterior", "used_findings", "weights_without"]


@dataclass(frozen=True)
class Posterior:
    """Weights on equally probable sizes of the effect, by mechanism set.

    Attributes
    ----------
    weights
        Set to weights of its strengths, shape (N,), adding to 1, headrooms summed out.
    joint
        Set to weights of headroom and strength, shape (headrooms * N,), headroom by headroom.
    set_probability
        Carrying set to its posterior probability, from equal prior probabilities.
    used
        The findings that were scored.
    """

    weights: Mapping[str, FloatArray]
    joint: Mapping[str, FloatArray]
    set_probability: Mapping[str, float]
    used: tuple[Finding, ...]


def used_findings(found: Sequence[Finding], excluded: Collection[str]) -> list[int]:
    """Return the places of the findings that are of no excluded study or citation."""
    return [i for i, f in enumerate(found) if f.study not in excluded and f.citation not in excluded]


def weights_without(
    responses: SetResponses, found: Sequence[Finding], excluded: Collection[str]
) -> FloatArray:
    """Return posterior weights of headroom and strength given all findings but some, shape (H * N,).

    Parameters
    ----------
    excluded
        Studies or citations whose findings are left out.
    """
    total = _log_likelihood(responses.log_ratios, found, used_findings(found, excluded))
    weight = np.exp(total - total.max())
    return np.asarray(weight / weight.sum())


def log_evidence(log_ratios: FloatArray, found: Sequence[Finding]) -> float:
    """Return the log of the mean likelihood of all findings over log-ratios, shape (findings, P)."""
    return _log_mean(_log_likelihood(log_ratios, found, range(len(found))))


def posterior(
    responses: Sequence[SetResponses],
    found: Sequence[Finding],
    *,
    excluded: Collection[str],
    carrying: Collection[str],
) -> Posterior:
    """Reweight equally probable sizes of each set by findings.

    Parameters
    ----------
    excluded
        Studies or citations whose findings are left out.
    carrying
        Sets that reach the whole prior; only these are compared with each other.
    """
    joint: dict[str, FloatArray] = {}
    evidence: dict[str, float] = {}
    places = used_findings(found, excluded)
    # All sets at once: each finding is scored in one call.
    totals = _log_likelihood(np.array([one.log_ratios for one in responses]), found, places)
    for one, total in zip(responses, totals, strict=True):
        weight = np.exp(total - total.max())
        evidence[one.name] = _log_mean(total)
        joint[one.name] = weight / weight.sum()
    summed = {one.name: joint[one.name].reshape(-1, len(one.strengths)).sum(axis=0) for one in responses}
    used = tuple(found[i] for i in places)
    return Posterior(summed, joint, _shares({k: v for k, v in evidence.items() if k in carrying}), used)


def _log_likelihood(log_ratios: FloatArray, found: Sequence[Finding], places: Iterable[int]) -> FloatArray:
    """Return the log-likelihood of some findings at log-ratios (..., findings, P), shape (..., P)."""
    total = np.zeros((*log_ratios.shape[:-2], log_ratios.shape[-1]))
    for i in places:
        total += found[i].log_likelihood(log_ratios[..., i, :])
    return total


def _log_mean(log_values: FloatArray) -> float:
    top = float(log_values.max())
    return top + math.log(float(np.mean(np.exp(log_values - top))))


def _shares(log_evidence: Mapping[str, float]) -> dict[str, float]:
    if not log_evidence:
        return {}
    best = max(log_evidence.values())
    total = sum(math.exp(v - best) for v in log_evidence.values())
    return {k: math.exp(v - best) / total for k, v in log_evidence.items()}
