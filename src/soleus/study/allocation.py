"""Draw the animals of a study: their random effects, and their groups by recorded random allocation."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr, ndtri

from soleus.engines import standard_normals
from soleus.lineage.process import FloatArray
from soleus.streams import Streams
from soleus.study.design import Animal, Study

__all__ = ["allocate", "describe_allocation"]


def allocate(study: Study, streams: Streams) -> tuple[Animal, ...]:
    """Return the animals of a study, in order of their id.

    Animals are numbered before allocation; groups are dealt to them in random order from the
    stream ``allocation``, and each animal's effects come from its own stream, so that neither
    depends on the other.
    """
    groups = [g.name for g in study.groups for _ in range(g.n_animals)]
    order = streams.generator("allocation").permutation(len(groups))
    width = max(3, len(str(len(groups))))
    cvs = study.variation.role_cv
    normal = standard_normals(streams.words("animal-effects", range(len(groups))), 1 + len(cvs))
    bound = study.variation.bound_sd
    sizes = _log_normal(study.variation.niche_size_cv, normal[:, 0], bound)
    factors = [_log_normal(cv, normal[:, 1 + k], bound) for k, cv in enumerate(cvs.values())]
    effects = np.array(factors).reshape(len(cvs), len(groups)).T.tolist()
    observers = _observers(study, [groups[g] for g in order], streams)
    return tuple(
        Animal(
            id=f"M{number + 1:0{width}d}",
            number=number,
            group=groups[order[number]],
            age_days=study.age_days,
            sex=study.sex,
            strain=study.strain,
            cage=f"cage-{number + 1}",
            niche_size=float(sizes[number]),
            effects=dict(zip(cvs, effects[number], strict=True)),
            observer=observers[number],
        )
        for number in range(len(groups))
    )


def _observers(study: Study, groups: list[str], streams: Streams) -> list[str | None]:
    """Return who counts each animal: each group is shared out evenly, in random order."""
    if not study.observers:
        return [None] * len(groups)
    found: list[str | None] = [None] * len(groups)
    order = streams.generator("observers").permutation(len(groups)).tolist()
    seen: dict[str, int] = {}
    for number in order:
        turn = seen.get(groups[number], 0)
        seen[groups[number]] = turn + 1
        found[number] = study.observers[turn % len(study.observers)]
    return found


def _log_normal(cv: float, normal: FloatArray, bound: float | None) -> FloatArray:
    """Return log-normal factors of mean 1, truncated at ``bound`` standard deviations on either side."""
    variance = math.log1p(cv * cv)
    sd = math.sqrt(variance)
    if bound is None:
        return np.exp(sd * normal - 0.5 * variance)
    inside = ndtr(bound) - ndtr(-bound)
    truncated = ndtri(ndtr(-bound) + inside * ndtr(normal))
    mean = math.exp(0.5 * variance) * (ndtr(bound - sd) - ndtr(-bound - sd)) / inside
    return np.asarray(np.exp(sd * truncated) / mean)


def describe_allocation(study: Study, seed: int) -> str:
    """Say how the animals were allocated, for the report."""
    sizes = ", ".join(f"{g.n_animals} {g.label}" for g in study.groups)
    return (
        f"{sizes}; groups dealt to numbered animals in random order "
        f"(stream 'allocation' of seed {seed}); housing: {study.housing}"
    )
