"""Findings and responses made by hand, small enough to be reckoned on paper."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from soleus.api import packaged
from soleus.catalogue.effect_model import effect_model
from soleus.evidence.finding_responses import SetResponses
from soleus.evidence.findings import Finding


def finding(name: str, direction: str, *, study: str = "somebody-2000", **changes: object) -> Finding:
    """A finding of six mice in each group: standard error 0.2, spread 0.3."""
    fields: dict[str, object] = {
        "study": study,
        "arm": study,
        "name": name,
        "readout": "k",
        "group": "unloaded",
        "against": "control",
        "day": 14.0,
        "direction": direction,
        "log_ratio": None,
        "se": 0.2,
        "spread": 0.3,
        "critical": 1.96,
        "weight": 1.0,
        "differs_by": (),
        "citation": study,
        "status": "provisional",
        "reason": "made up for a test",
    }
    return Finding(**{**fields, **changes})  # type: ignore[arg-type]


def responses(
    name: str, slopes: Sequence[float], *, largest: float = 1.0, n: int = 40, headrooms: int = 2
) -> SetResponses:
    """A set whose log-ratio of finding i is ``slopes[i] * s``, s equally probable from 0 to ``largest``."""
    strengths = largest * (np.arange(n) + 0.5) / n
    logs = np.outer(slopes, np.tile(strengths, headrooms))
    middle = np.outer(slopes, np.full(headrooms, strengths[n // 2]))
    return SetResponses(
        name=name,
        label=name.replace("-", " "),
        mechanisms=(name,),
        strengths=strengths,
        log_ratios=logs,
        flipped=-logs,
        reach=largest * max(abs(s) for s in slopes),
        at_median=middle,
    )


def thresholds() -> dict[str, float]:
    """The two thresholds of the matrix that the catalogue states."""
    model = effect_model(packaged()).matrix
    return {"refuted_below": model.refuted_below, "sensitive_above": model.sensitive_above}


def evidence_of(one: SetResponses, found: Sequence[Finding], *, flipped: bool = False) -> float:
    """Mean likelihood of all findings, written out loop by loop."""
    logs = one.flipped if flipped else one.log_ratios
    total = 0.0
    for k in range(logs.shape[1]):
        total += math.exp(
            sum(float(f.log_likelihood(np.array([y[k]]))[0]) for f, y in zip(found, logs, strict=True))
        )
    return total / logs.shape[1]
