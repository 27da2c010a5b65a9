"""A fingerprint made by hand: four causes, four statistics, changes that can be told by heart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from soleus.api import packaged
from soleus.catalogue.causes import causes
from soleus.catalogue.panels import load_panel
from soleus.evidence.fingerprint import Fingerprint
from soleus.planning import Responses, statistics_of, tell_apart

KEPT = ("Ki67+", "DCX+", "DNA content")
FACTORS = np.array([0.5, 1.0, 1.5, 2.0, 4.0])
# Change of each statistic by the log of the factor.
SLOPES = {
    "tap_cycle": (-0.6, -0.9, 0.4, 0.02),
    "neuroblast_cycle": (-0.1, 0.1, 0.5, 0.5),
    "return": (-0.4, -0.45, -0.1, -0.1),
    # Along the same line as the one above: no panel tells these two apart.
    "activation": (-0.5, -0.5625, -0.125, -0.125),
}
CV = (0.1, 0.12, 0.08, 0.2)
SHOWN, FALL = 1.5, 0.3


def tiny_fingerprint(*, animals: int = 8) -> Fingerprint:
    """Return it with so many animals a group."""
    panel = load_panel(packaged(), "svz", end_day=28.0)
    panel = replace(panel, assays=tuple(a for a in panel.assays if a.name in KEPT))
    statistics = statistics_of(panel.assays)
    curves = tuple(np.outer(np.log(FACTORS), slope) for slope in SLOPES.values())
    asked = tuple(_asked(c[:, 0]) for c in curves)
    responses = Responses(tuple(SLOPES), tuple(s.name for s in statistics), curves, asked)
    covariance = np.diag(np.square(CV))
    known = causes(packaged(), "svz")
    return Fingerprint(
        panel=panel,
        day=28.0,
        factor=SHOWN,
        fall=FALL,
        animals=animals,
        causes=tuple(known[name] for name in SLOPES),
        statistics=statistics,
        marks=np.array([c[2] for c in curves]),
        strengths=tuple((float(FACTORS[k]), float(c[k, 0])) for c, k in zip(curves, asked, strict=True)),
        responses=responses,
        covariance=covariance,
        separations=tell_apart(responses, covariance=covariance, animals=animals),
    )


def _asked(change: np.ndarray) -> int:
    reached = np.flatnonzero(change <= np.log1p(-FALL))
    return int(reached[0]) if len(reached) else int(np.argmin(change))
