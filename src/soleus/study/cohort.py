"""The true read-outs of many animals, each with its own niche size and rates.

With the engine ``moments`` the steps in time are chosen once for each group and day; each animal's
exact mean and covariance follow in compiled code, block by block, and its cells are drawn from them.
With ``cells`` every cell of every animal is followed. Either way an animal's numbers come from its own
streams alone, so that they do not depend on workers, blocks or order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from soleus.engines import CohortSampler, prepare_cohort, simulate_cells
from soleus.errors import InputError
from soleus.jobs import NoProgress, Progress, map_ordered
from soleus.lineage.process import FloatArray
from soleus.movement import role_factors
from soleus.streams import Streams
from soleus.study.design import Animal
from soleus.study.experiment import Experiment

__all__ = ["Block", "Engine", "blocks_of", "cohort_cells", "true_cells"]

Engine = Literal["moments", "cells"]

_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Block:
    """Animals of one group that are looked at on one day: their places in the study."""

    group: str
    day: float
    places: tuple[int, ...]


def blocks_of(animals: Sequence[Animal], days: Sequence[float]) -> list[Block]:
    """Return all animals in blocks of at most 64 that share group and day."""
    by_key: dict[tuple[str, float], list[int]] = {}
    for place, (animal, day) in enumerate(zip(animals, days, strict=True)):
        by_key.setdefault((animal.group, day), []).append(place)
    return [
        Block(group, day, tuple(places[first : first + _BLOCK]))
        for (group, day), places in by_key.items()
        for first in range(0, len(places), _BLOCK)
    ]


def cohort_cells(
    experiment: Experiment,
    animals: Sequence[Animal],
    sampler: CohortSampler | None,
    *,
    day: float,
    streams: Streams,
) -> FloatArray:
    """Return the true read-outs of animals of one group on one day, shape (N, R).

    Parameters
    ----------
    sampler
        Of the group and day; None: follow every cell.
    """
    if sampler is None:
        return np.array([_followed(experiment, animal, day, streams) for animal in animals])
    own, starts = _own_numbers(experiment, animals)
    words = streams.words("cells", [animal.number for animal in animals])
    return sampler.draw(own, starts, words)


def _own_numbers(experiment: Experiment, animals: Sequence[Animal]) -> tuple[FloatArray, FloatArray]:
    """Return the animals' factors on roles, (N, roles), and their starts, (N, n)."""
    roles = experiment.process.roles
    own = np.ones((len(animals), len(roles)))
    for role in dict.fromkeys(role for animal in animals for role in animal.effects):
        factors = np.array([animal.effects.get(role, 1.0) for animal in animals])
        named = np.flatnonzero(role_factors(roles, {role: 0.0}) == 0.0)
        own[:, named] *= factors[:, None]
    sizes = np.array([animal.niche_size for animal in animals])
    starts = experiment.start.mean * sizes[:, None]
    if experiment.process.has_outside:
        starts[:, -1] = 1.0
    return own, starts


def _followed(experiment: Experiment, animal: Animal, day: float, streams: Streams) -> FloatArray:
    modifiers = experiment.modifiers(animal.group).scaled(animal.effects)
    start = experiment.start.scaled(animal.niche_size)
    rng = streams.generator("cells", animal.number)
    cells = simulate_cells(experiment.process, modifiers, start, days=[day], rng=rng)
    return np.asarray(experiment.weights @ cells[0])


def true_cells(
    experiment: Experiment,
    animals: Sequence[Animal],
    *,
    days: Sequence[float],
    streams: Streams,
    engine: Engine = "moments",
    workers: int = 1,
    progress: Progress | None = None,
) -> FloatArray:
    """Return the true read-outs of animals, each on its own day, shape (N, R).

    Parameters
    ----------
    engine
        ``"moments"`` draws each animal's cells from their exact mean and covariance given the animal;
        ``"cells"`` follows every cell.
    """
    if engine not in ("moments", "cells"):
        raise InputError(f"engine must be 'moments' or 'cells', got {engine!r}")
    blocks = blocks_of(animals, days)
    samplers: dict[tuple[str, float], CohortSampler] = {}
    if engine == "moments":
        for group, day in dict.fromkeys((b.group, b.day) for b in blocks):
            samplers[group, day] = prepare_cohort(
                experiment.process,
                experiment.modifiers(group),
                experiment.start,
                weights=experiment.weights,
                day=day,
            )

    def one(block: Block) -> FloatArray:
        there = [animals[place] for place in block.places]
        sampler = samplers.get((block.group, block.day))
        return cohort_cells(experiment, there, sampler, day=block.day, streams=streams)

    found = map_ordered(
        one,
        blocks,
        workers=workers,
        progress=progress or NoProgress(),
        label="animals",
        size=lambda block: len(block.places),
    )
    cells = np.empty((len(animals), len(experiment.readouts)))
    for block, values in zip(blocks, found, strict=True):
        cells[list(block.places)] = values
    return cells
