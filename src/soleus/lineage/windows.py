"""Windows: which microstates a marker or a label sees, by type, phase and stage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.errors import ModelError, unknown_name
from soleus.lineage.process import FloatArray, Microstate, Process

__all__ = ["Window", "expression"]


@dataclass(frozen=True, slots=True)
class Window:
    """A set of microstates.

    Parameters
    ----------
    types
        Cell types; None for all.
    phases
        Phases; None for all.
    cycling
        True: only in the cell cycle; False: only out of it; None: both.
    from_stage, to_stage
        First stage, and the one after the last (None: to the end), of an Erlang wait, from 0: a cell
        that matures in k stages has gone through a share of s/k of its mean wait at stage s.
    expression
        Share of the cells there that express the marker, in [0, 1].
    """

    types: tuple[str, ...] | None = None
    phases: tuple[str, ...] | None = None
    cycling: bool | None = None
    from_stage: int = 0
    to_stage: int | None = None
    expression: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.expression <= 1.0:
            raise ModelError(f"window: expression is a share in [0, 1], got {self.expression}")
        if self.from_stage < 0 or (self.to_stage is not None and self.to_stage <= self.from_stage):
            raise ModelError(
                f"window: stages run from 0 and must not be empty, got {self.from_stage} to {self.to_stage}"
            )

    def mask(self, process: Process) -> NDArray[np.bool_]:
        """Return which microstates lie in the window, shape (n,); never the outside world.

        Raises
        ------
        UnknownNameError
            If the process lacks a type or phase; it lists those that it has.
        ModelError
            If no microstate lies in the window.
        """
        inside = process.microstates[: process.n_states - int(process.has_outside)]
        for kind, given, known in (
            ("cell type", self.types, {m.type for m in inside}),
            ("phase", self.phases, {m.phase for m in inside}),
        ):
            for name in given or ():
                if name not in known:
                    raise unknown_name(f"{kind} of lineage {process.name!r}", name, known)
        found = process.weights(self._holds).astype(np.bool_)
        if not found.any():
            raise ModelError(f"{self} holds no microstate of lineage {process.name!r}")
        return found

    def _holds(self, state: Microstate) -> bool:
        return (
            (self.types is None or state.type in self.types)
            and (self.phases is None or state.phase in self.phases)
            and (self.cycling is None or state.cycling == self.cycling)
            and state.stage >= self.from_stage
            and (self.to_stage is None or state.stage < self.to_stage)
        )


def expression(windows: tuple[Window, ...], process: Process) -> FloatArray:
    """Return the share of cells that express a marker of these windows, by microstate, shape (n,).

    Where windows overlap, the largest share holds.
    """
    shares = np.zeros(process.n_states)
    for window in windows:
        np.maximum(shares, np.where(window.mask(process), window.expression, 0.0), out=shares)
    return shares
