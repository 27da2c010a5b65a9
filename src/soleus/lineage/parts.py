"""The parts of a declarative lineage: what cells do, in the words of the field.

A cell sits in a *place*: a cell type and one of its phases, written ``"aNSC.S"`` (or ``"NSC"`` for
the first phase). A :class:`Transition` is a named exit from a place. It either happens at a
constant hazard (``rate_per_day``) or completes an Erlang wait (``mean_days``, ``stages``) or a gamma
wait (``mean_days``, ``shape``); all other exits of the place compete with it as long as it lasts. On
completion one :class:`Fate` is drawn and the cell is replaced by that fate's daughters. Cells do not
interact.

Units: days, cells. Rates are per cell and day; sources are cells per day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["CellType", "Declared", "Fate", "Jump", "Phase", "Source", "Transition"]


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of a cell type.

    Parameters
    ----------
    name
        ``"G0"``, ``"G1"``, ``"S"``, ``"G2M"`` or any other name.
    cycling
        Whether the cell is in the cell cycle (not G0), as cycle markers see it.
    """

    name: str
    cycling: bool = False


@dataclass(frozen=True, slots=True)
class CellType:
    """A cell type with its phases in order; the first is where a new cell enters.

    Parameters
    ----------
    ontology
        Cell Ontology identifier (``"CL:0000047"``), or None where no term exists.
    column
        Distance from the stem cell, for drawing.
    """

    name: str
    label: str
    phases: tuple[Phase, ...]
    ontology: str | None = None
    column: int = 0


@dataclass(frozen=True, slots=True)
class Fate:
    """One outcome of a transition.

    Parameters
    ----------
    name
        Unique within its transition.
    probability
        Probability at the reference condition; a transition's fates add to 1.
    daughters
        Place to number of daughters; empty means death.
    role
        Role whose modifier weights this fate, or None for a constant weight. With weights w_f
        the probability at time t is ``p_f w_f(t) / sum_g p_g w_g(t)``.
    """

    name: str
    probability: float
    daughters: Mapping[str, int] = field(default_factory=dict)
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """A named exit from a place, with its role, its wait and its fates.

    Exactly one of ``rate_per_day`` and ``mean_days`` is given. ``mean_days`` with ``stages`` = k
    is an Erlang wait: k stages, each left at rate k / mean; a modifier acts on all of them alike.
    ``mean_days`` with ``shape`` is a gamma wait of any shape above 0 (coefficient of variation
    ``shape ** -0.5``), which only the engine ``cells`` solves; a modifier changes the speed of its
    clock, and a cell present at the start has just entered.
    """

    name: str
    role: str
    source: str
    fates: tuple[Fate, ...]
    rate_per_day: float | None = None
    mean_days: float | None = None
    stages: int = 1
    shape: float | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Cells that enter from outside, as a Poisson stream."""

    name: str
    role: str
    target: str
    rate_per_day: float


@dataclass(frozen=True, slots=True)
class Jump:
    """At ``day`` each cell of a place independently moves to another place, or leaves.

    Parameters
    ----------
    moves
        ``{place: {place or None: probability}}``; what is not listed stays. A stage of an Erlang
        wait is kept when the target phase has the same number of stages, else the cell enters
        the target's first stage.
    """

    name: str
    day: float
    moves: Mapping[str, Mapping[str | None, float]]


class Declared(Protocol):
    """What a check or a compiler reads of a lineage."""

    @property
    def name(self) -> str:
        """Name of the lineage."""

    @property
    def types(self) -> tuple[CellType, ...]:
        """Cell types, in order."""

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """Named exits."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """Streams of cells from outside."""

    @property
    def jumps(self) -> tuple[Jump, ...]:
        """What happens at single days."""

    @property
    def founders(self) -> tuple[str, ...]:
        """Places that hold cells at the start."""

    def places(self) -> tuple[str, ...]:
        """All places as ``type.phase``, in order."""
