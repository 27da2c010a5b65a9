"""Markers: what a stain or a thymidine analogue shows of a cell, and gates that combine them.

A marker is a set of windows on type, phase and stage in which a share of the cells expresses it, or a
thymidine analogue. It is seen in an expressing cell with its ``sensitivity`` and in another one with
the probability ``false_positive``. A gate asks for several at once. Given a cell's microstate its
markers are independent: where two markers are expressed by the same part of a type, that overlap needs
types of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from soleus.errors import ModelError
from soleus.lineage import Label, Persistence, Process, Tag, Window, expression
from soleus.lineage.process import FloatArray

__all__ = ["Gate", "Marker", "Window", "merge_tags"]


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker.

    Parameters
    ----------
    name, label
        Short name, as in ``EdU+DCX+``, and words.
    windows
        Where cells express it, and what share of them.
    analogue
        Instead of windows: the thymidine analogue that it shows.
    sensitivity
        Probability that an expressing (labelled) cell is seen as positive, in (0, 1].
    false_positive
        Probability that another cell is seen as positive, in [0, 1).
    persistence_days
        Mean time for which it is still seen after a cell has left the windows (Ki67 after the cell
        cycle); 0: not at all. It then is seen as in the window of the largest share.
    """

    name: str
    label: str
    windows: tuple[Window, ...] = ()
    sensitivity: float = 1.0
    false_positive: float = 0.0
    persistence_days: float = 0.0
    analogue: Label | None = None

    def __post_init__(self) -> None:
        if (self.analogue is None) == (not self.windows):
            raise ModelError(f"marker {self.name!r}: give either windows or an analogue")
        if not 0.0 < self.sensitivity <= 1.0:
            raise ModelError(f"marker {self.name!r}: sensitivity must lie in (0, 1], got {self.sensitivity}")
        if not 0.0 <= self.false_positive < 1.0:
            raise ModelError(
                f"marker {self.name!r}: false_positive must lie in [0, 1), got {self.false_positive}"
            )
        if self.persistence_days < 0.0 or (self.analogue is not None and self.persistence_days > 0.0):
            raise ModelError(
                f"marker {self.name!r}: persistence_days is at least 0, and an analogue has none; its label "
                "stays by itself"
            )

    @property
    def tag(self) -> Tag | None:
        """What the process must be crossed with for this marker, if anything."""
        if self.analogue is not None:
            return self.analogue
        if self.persistence_days > 0.0:
            return Persistence(self.name, self.windows, self.persistence_days)
        return None

    def detection(self, process: Process) -> FloatArray:
        """Return the probability that a cell of each microstate is seen as positive, shape (n,).

        Raises
        ------
        UnknownNameError
            If the process was not crossed with the marker's tag, or lacks a type of its windows.
        """
        expressed = self._expressed(process)
        seen = self.sensitivity * expressed + self.false_positive * (1.0 - expressed)
        if process.has_outside:
            seen[-1] = 0.0
        return np.asarray(seen)

    def _expressed(self, process: Process) -> FloatArray:
        if self.analogue is not None:
            return (process.level(self.analogue.name) > 0).astype(float)
        shares = expression(self.windows, process)
        if self.persistence_days > 0.0:
            strongest = max(w.expression for w in self.windows)
            shares = np.where(process.level(self.name) > 0, strongest, shares)
        return shares


@dataclass(frozen=True, slots=True)
class Gate:
    """A read-out of cells that are positive for some markers and negative for others.

    Parameters
    ----------
    positive, negative
        Markers; a cell counts if it is seen so in all of them.
    window
        Cells that lie in the counted region at all (for false positives, too); None: all.
    """

    name: str
    label: str
    positive: tuple[Marker, ...] = ()
    negative: tuple[Marker, ...] = ()
    window: Window | None = None

    def __post_init__(self) -> None:
        names = [m.name for m in (*self.positive, *self.negative)]
        if len(set(names)) < len(names):
            raise ModelError(f"gate {self.name!r}: each marker once, got {names}")
        if not names and self.window is None:
            raise ModelError(f"gate {self.name!r} asks for nothing; give markers or a window")

    @property
    def tags(self) -> tuple[Tag, ...]:
        """What the process must be crossed with."""
        return merge_tags([m.tag for m in (*self.positive, *self.negative) if m.tag is not None])

    def weights(self, process: Process) -> FloatArray:
        """Return the probability that a cell of each microstate falls in the gate, shape (n,)."""
        inside = np.ones(process.n_states) if self.window is None else self.window.mask(process).astype(float)
        if process.has_outside:
            inside[-1] = 0.0
        inside = reduce(np.multiply, [m.detection(process) for m in self.positive], inside)
        found = reduce(np.multiply, [1.0 - m.detection(process) for m in self.negative], inside)
        if not found.any():
            raise ModelError(f"gate {self.name!r} holds no microstate of lineage {process.name!r}")
        return np.asarray(found)


def merge_tags(tags: Sequence[Tag]) -> tuple[Tag, ...]:
    """Return the tags, each once, in order.

    Raises
    ------
    ModelError
        If two different tags have the same name.
    """
    found: dict[str, Tag] = {}
    for tag in tags:
        if found.setdefault(tag.name, tag) != tag:
            raise ModelError(
                f"two different tags are called {tag.name!r}; use one definition in all assays of a study"
            )
    return tuple(found.values())
