"""Read-outs: which cells a count means, as weights on microstates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soleus.errors import ModelError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray

__all__ = ["AnyReadout", "Flux", "Readout", "Share", "weight_matrix"]


@dataclass(frozen=True, slots=True)
class Readout:
    """A linear function of cell numbers.

    Parameters
    ----------
    types
        Cell types that are counted.
    cycling
        Count only cells in the cell cycle (Ki67 and the like).
    sensitivity
        Probability that such a cell is detected.
    """

    name: str
    label: str
    types: tuple[str, ...]
    cycling: bool = False
    sensitivity: float = 1.0

    def weights(self, process: Process) -> FloatArray:
        """Return the weight of each microstate, shape (n,).

        Raises
        ------
        ModelError
            If the process has none of these cells.
        """
        wanted = set(self.types)
        known = {m.type for m in process.microstates}
        if not wanted <= known:
            raise ModelError(
                f"read-out {self.name!r} counts {sorted(wanted - known)}, which lineage {process.name!r} "
                f"does not have; it has {sorted(known)}"
            )
        weights = process.weights(lambda m: m.type in wanted and (m.cycling or not self.cycling))
        if not weights.any():
            raise ModelError(f"read-out {self.name!r} counts no microstate of lineage {process.name!r}")
        return weights * self.sensitivity


def weight_matrix(readouts: tuple[Readout, ...], process: Process) -> FloatArray:
    """Return the weights of all read-outs, shape (R, n)."""
    return np.array([r.weights(process) for r in readouts])


@dataclass(frozen=True, slots=True)
class Share:
    """A ratio of two read-outs, such as the mature share of a line."""

    name: str
    label: str
    part: Readout
    whole: Readout


@dataclass(frozen=True, slots=True)
class Flux:
    """Cells of the given types that named transitions add per day, net of the cell that divides."""

    name: str
    label: str
    transitions: tuple[str, ...]
    types: tuple[str, ...]


AnyReadout = Readout | Share | Flux
