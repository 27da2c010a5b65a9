"""Cultures that are looked at again and again: the same culture on all sampling days.

An animal is killed once; a culture is counted at every passage. Its numbers on several days hang
together, so they are drawn jointly: from the exact means and covariances over days, or cell by cell.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soleus.engines import readout_moments, simulate_cells
from soleus.errors import UnsupportedError
from soleus.jobs import NoProgress, Progress, map_ordered
from soleus.lineage.process import FloatArray
from soleus.streams import Streams
from soleus.study.cohort import Engine
from soleus.study.design import Animal
from soleus.study.experiment import Experiment

__all__ = ["followed_cells"]

# Below so many cells a read-out is too coarse to be drawn as a normal number.
_FEWEST = 30.0
_TOLERANCE = 1e-6


def followed_cells(
    experiment: Experiment,
    animals: Sequence[Animal],
    *,
    streams: Streams,
    engine: Engine = "moments",
    workers: int = 1,
    progress: Progress | None = None,
) -> FloatArray:
    """Return the true read-outs of each animal's culture on all sampling days, shape (N, D, R).

    Raises
    ------
    UnsupportedError
        If ``moments`` meets a read-out of few cells: follow every cell with ``cells`` instead.
    """
    days = experiment.study.sampling_days
    draw = _from_moments if engine == "moments" else _from_cells

    def one(animal: Animal) -> FloatArray:
        return draw(experiment, animal, days, streams)

    found = map_ordered(one, animals, workers=workers, progress=progress or NoProgress(), label="cultures")
    return np.array(found)


def _from_cells(
    experiment: Experiment, animal: Animal, days: Sequence[float], streams: Streams
) -> FloatArray:
    modifiers = experiment.modifiers(animal.group).scaled(animal.effects)
    start = experiment.start.scaled(animal.niche_size)
    rng = streams.generator("cells", animal.number)
    cells = simulate_cells(experiment.process, modifiers, start, days=list(days), rng=rng)
    return np.asarray(cells @ experiment.weights.T, dtype=float)


def _from_moments(
    experiment: Experiment, animal: Animal, days: Sequence[float], streams: Streams
) -> FloatArray:
    found = readout_moments(
        experiment.process,
        experiment.modifiers(animal.group).scaled(animal.effects),
        experiment.start.scaled(animal.niche_size),
        weights=experiment.weights,
        days=list(days),
        tolerance=_TOLERANCE,
    )
    mean = found.mean.ravel()
    if np.any(mean < _FEWEST):
        raise UnsupportedError(
            f"a culture of {animal.id} holds {mean.min():.3g} cells of a read-out, too few to be drawn from "
            "moments over several days; use the engine 'cells'"
        )
    covariance = found.covariance.reshape(len(mean), len(mean))
    values, vectors = np.linalg.eigh(covariance)
    normal = streams.generator("cells", animal.number).standard_normal(len(mean))
    drawn = mean + vectors @ (np.sqrt(np.maximum(values, 0.0)) * normal)
    return np.asarray(np.maximum(drawn, 0.0).reshape(found.mean.shape))
