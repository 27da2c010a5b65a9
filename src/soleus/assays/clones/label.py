"""Sparse labelling: on one day some cells get a label of their own, which all their progeny keep."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from soleus.engines import Start, mean_cells
from soleus.errors import InputError, ModelError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray
from soleus.movement import Modifiers

__all__ = ["SparseLabel"]


@dataclass(frozen=True, slots=True)
class SparseLabel:
    """Clonal labelling (low-dose tamoxifen, multicolour reporters, sparse virus) on one day.

    Parameters
    ----------
    day
        On the axis of the modifiers.
    probability
        Cell types that can be labelled, to the probability that one of their cells is.
    tags
        Tags of a crossed process that a cell must carry to found a clone, such as a thymidine label.

    Notes
    -----
    Assumes that cells are labelled at once and independently, that labelling harms none, and that clones
    are so few that they neither merge nor are taken for one.
    """

    day: float
    probability: Mapping[str, float]
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not math.isfinite(self.day):
            raise ModelError(f"sparse label: day must be finite, got {self.day}")
        chances = self.probability.values()
        if not (all(0.0 <= p <= 1.0 for p in chances) and any(p > 0.0 for p in chances)):
            raise ModelError(
                "sparse label: probability gives cell types a probability in [0, 1], one at least above 0; "
                f"got {dict(self.probability)}"
            )

    def cells(self, process: Process, modifiers: Modifiers, start: Start) -> FloatArray:
        """Return the mean cells per microstate on the day, after any jump of that day, shape (n,)."""
        mean: FloatArray = mean_cells(process, modifiers, start, days=[self.day])[0]
        for jump in process.jumps:
            if jump.day == self.day:
                mean = jump.forward(mean)
        return mean

    def labelled(self, process: Process, cells: FloatArray) -> FloatArray:
        """Return mean labelled cells per microstate from the mean cells on the day, both of shape (n,)."""
        mean = np.asarray(cells, dtype=np.float64)
        if mean.shape != (process.n_states,) or not np.all(np.isfinite(mean)) or np.any(mean < 0.0):
            raise InputError(
                "sparse label: cells must be finite numbers of at least 0, one for each of the "
                f"{process.n_states} microstates of {process.name!r}; got shape {mean.shape}"
            )
        chance = np.zeros(process.n_states)
        for name, probability in self.probability.items():
            chance += probability * process.count(name)
        for tag in self.tags:
            chance = chance * (process.level(tag) > 0)
        labelled = np.asarray(mean * chance)
        if not labelled.sum() > 0.0:
            carrying = f" that carry {self.tags}" if self.tags else ""
            raise ModelError(
                f"sparse label: no cell is labelled on day {self.day:g}; there are none of "
                f"{sorted(self.probability)}{carrying}"
            )
        return labelled
