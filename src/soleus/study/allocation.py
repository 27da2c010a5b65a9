"""Draw the animals of a study: their random effects, and their groups by recorded random allocation."""

from __future__ import annotations

import math

import numpy as np

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
    return tuple(
        _animal(study, streams, number, groups[order[number]], f"M{number + 1:0{width}d}")
        for number in range(len(groups))
    )


def _animal(study: Study, streams: Streams, number: int, group: str, name: str) -> Animal:
    rng = streams.generator("animal-effects", number)
    size = _log_normal(study.variation.niche_size_cv, rng)
    effects = {role: _log_normal(cv, rng) for role, cv in study.variation.role_cv.items()}
    return Animal(
        id=name,
        number=number,
        group=group,
        age_days=study.age_days,
        sex=study.sex,
        strain=study.strain,
        cage=f"cage-{number + 1}",
        niche_size=size,
        effects=effects,
    )


def _log_normal(cv: float, rng: np.random.Generator) -> float:
    """Return a log-normal factor of mean 1."""
    variance = math.log1p(cv * cv)
    return math.exp(math.sqrt(variance) * rng.standard_normal() - 0.5 * variance)


def describe_allocation(study: Study, seed: int) -> str:
    """Say how the animals were allocated, for the report."""
    sizes = ", ".join(f"{g.n_animals} {g.label}" for g in study.groups)
    return (
        f"{sizes}; groups dealt to numbered animals in random order "
        f"(stream 'allocation' of seed {seed}); housing: {study.housing}"
    )
