"""The priors of the body as points: a fixed lattice of log-ratios, and what it means on another day."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np

from soleus.assays import log_responses
from soleus.catalogue.body import LogRatioPrior, body_readout_entry, body_signals, effect_prior, unit_effects
from soleus.catalogue.folder import Catalogue
from soleus.errors import InputError
from soleus.lineage.process import FloatArray
from soleus.movement import Feedback, Regimen

__all__ = ["POINTS", "changes", "effect_scales", "lattice"]

POINTS = 401
# Square roots of primes: their multiples, taken modulo 1, fill the cube evenly in any number of directions.
_IRRATIONAL = (math.sqrt(2.0), math.sqrt(3.0), math.sqrt(5.0), math.sqrt(7.0))


def effect_scales(
    catalogue: Catalogue, readout: str, effects: Collection[str], exclude: Collection[str] = ()
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the log-ratios of the effects at their references, (effects, N), and what was replaced."""
    entry = body_readout_entry(catalogue, readout)
    wide = LogRatioPrior.open_around_zero(entry.before_evidence_sd.value)
    replaced = tuple(e for e in effects if entry.effects[e].citation in exclude)
    priors = [wide if e in replaced else effect_prior(catalogue, readout, e) for e in effects]
    return lattice(priors), replaced


def lattice(priors: Collection[LogRatioPrior]) -> FloatArray:
    """Return equally weighted log-ratios that fill the priors' joint distribution, (effects, N)."""
    if len(priors) > 1 + len(_IRRATIONAL):
        raise InputError(f"at most {1 + len(_IRRATIONAL)} effects may act together, got {len(priors)}")
    number = np.arange(POINTS, dtype=np.float64) + 0.5
    # A point is never put at 0 or 1, where a quantile would be infinite.
    columns: list[FloatArray] = [number / POINTS]
    columns += [number * r % 1.0 for r in _IRRATIONAL[: len(priors) - 1]]
    return np.array([p.quantile(u) for p, u in zip(priors, columns, strict=True)])


def changes(
    catalogue: Catalogue,
    readout: str,
    effects: Collection[str],
    regimens: tuple[Regimen, Regimen],
    days: Sequence[float],
    loops: Sequence[Feedback],
) -> FloatArray:
    """Return what a log-ratio of 1 at each reference becomes by day, treated less control, (effects, D)."""
    chosen = [unit_effects(catalogue, readout)[name] for name in effects]
    sides = [
        log_responses(chosen, regimen, days, signals=body_signals(catalogue), feedbacks=loops)
        for regimen in regimens
    ]
    return np.asarray((sides[0] - sides[1]) * np.array([[e.gain] for e in chosen]))
