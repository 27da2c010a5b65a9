"""Read-outs: which cells a count means, as weights on microstates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from soleus.assays.markers import merge_tags
from soleus.errors import ModelError
from soleus.lineage import Process, Tag
from soleus.lineage.process import FloatArray

__all__ = ["AnyReadout", "CellReadout", "Flux", "Readout", "Share", "tags_of", "weight_matrix"]


class CellReadout(Protocol):
    """A linear function of cell numbers, such as :class:`Readout` or :class:`Gate`."""

    @property
    def name(self) -> str:
        """Name, unique in a study."""

    @property
    def label(self) -> str:
        """Words."""

    @property
    def tags(self) -> tuple[Tag, ...]:
        """What the process must be crossed with."""

    def weights(self, process: Process) -> FloatArray:
        """Return the weight of each microstate, shape (n,)."""


def tags_of(readouts: Sequence[CellReadout]) -> tuple[Tag, ...]:
    """Return the tags of all read-outs, each once, in order."""
    return merge_tags([tag for readout in readouts for tag in readout.tags])


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

    @property
    def tags(self) -> tuple[Tag, ...]:
        """None: types and phases need no tag."""
        return ()

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


def weight_matrix(readouts: Sequence[CellReadout], process: Process) -> FloatArray:
    """Return the weights of all read-outs, shape (R, n)."""
    return np.array([r.weights(process) for r in readouts])


@dataclass(frozen=True, slots=True)
class Share:
    """A ratio of two read-outs, such as the mature share of a line."""

    name: str
    label: str
    part: CellReadout
    whole: CellReadout


@dataclass(frozen=True, slots=True)
class Flux:
    """Cells of the given types that named transitions add per day, net of the cell that divides."""

    name: str
    label: str
    transitions: tuple[str, ...]
    types: tuple[str, ...]


AnyReadout = CellReadout | Share | Flux
