"""Tags: what a cell carries besides its type and phase, because an assay asks for it.

A tag has a few levels, 0 for none. :func:`~soleus.lineage.cross.cross` crosses a process with tags; what
comes out is again a process of first order, which every engine solves exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from soleus.errors import ModelError
from soleus.lineage.process import FloatArray, Switch
from soleus.lineage.windows import Window

__all__ = ["Label", "Persistence", "Tag"]

_GONE = 9.0
_PIECES = 48


def _check_name(name: str) -> None:
    if not name or any(c in name for c in ". +-"):
        raise ModelError(f"tag {name!r}: a name is not empty and holds no dot, blank, plus or minus")


@dataclass(frozen=True, slots=True)
class Label:
    """A thymidine analogue (BrdU, EdU, CldU, IdU) and how cells take it up, dilute and keep it.

    A cell that makes DNA while the analogue is there takes it up to its full level, which each division
    halves: level g is ``2**-(g - 1)`` of it.

    Parameters
    ----------
    pulses
        Days from which and until which the analogue is there: injection to clearance. One pair for a
        single pulse, several for repeated injections, a long one for drinking water.
    phases, types
        Where it is taken up.
    detectable_divisions
        Divisions after which the label is still seen; one more, and the cell counts as unlabelled. It
        stands for the detection threshold ``2**-detectable_divisions`` of the full level.
    uptake_per_day
        Hazard of a cell in S phase to become labelled while the analogue is there at its full
        concentration; None: at once.
    clearance_days
        Mean time of exponential clearance after each pulse; needs ``uptake_per_day``.
    reuse
        Availability after the first pulse from label that dying cells set free, as a share of the
        full one, in [0, 1). Off by default.
    toxicity
        Name of a transition to what labelled cells' hazard of it gains, per day (at any level seen).

    Notes
    -----
    A label met again before it is diluted is set back to full: uptake really adds up in a cell, so levels
    after repeated doses, not the fact of being labelled, are approximate. Re-use really needs cells that
    die nearby; here it is a constant background. Clearance of BrdU from blood takes an hour or two:
    Taupin 2007 (doi 10.1016/j.brainresrev.2006.08.002); toxicity of ordinary doses to new bulb neurons:
    Platel et al. 2019 (doi 10.7554/eLife.44830).
    """

    name: str
    pulses: tuple[tuple[float, float], ...]
    phases: tuple[str, ...] = ("S",)
    types: tuple[str, ...] | None = None
    detectable_divisions: int = 4
    uptake_per_day: float | None = None
    clearance_days: float = 0.0
    reuse: float = 0.0
    toxicity: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_name(self.name)
        where = f"label {self.name!r}"
        ends = [day for pulse in self.pulses for day in pulse]
        if not ends or any(len(p) != 2 for p in self.pulses) or not all(map(math.isfinite, ends)):
            raise ModelError(f"{where}: pulses are pairs of finite days, got {self.pulses}")
        if any(b < a for a, b in pairwise(ends)):
            raise ModelError(f"{where}: pulses follow each other and end after they start, got {self.pulses}")
        if self.detectable_divisions < 0:
            raise ModelError(f"{where}: detectable_divisions must be at least 0")
        if self.uptake_per_day is None:
            if self.clearance_days != 0.0:
                raise ModelError(
                    f"{where}: uptake at once needs an analogue that is there or not; end the pulse when it "
                    "is cleared, or give uptake_per_day"
                )
        elif not (self.uptake_per_day > 0.0 and self.clearance_days >= 0.0):
            raise ModelError(f"{where}: uptake_per_day must be above 0 and clearance_days at least 0")
        elif self.clearance_days == 0.0 and any(a == b for a, b in self.pulses):
            raise ModelError(f"{where}: a pulse of no length that is cleared at once is never taken up")
        if not 0.0 <= self.reuse < 1.0:
            raise ModelError(f"{where}: reuse must lie in [0, 1), got {self.reuse}")
        if any(not extra >= 0.0 for extra in self.toxicity.values()):
            raise ModelError(f"{where}: toxicity adds hazards, at least 0 per day, got {dict(self.toxicity)}")

    @property
    def levels(self) -> int:
        """Number of levels, 0 included."""
        return self.detectable_divisions + 2

    @property
    def window(self) -> Window:
        """Microstates that take the label up."""
        return Window(self.types, self.phases)

    def availability(self, role: str, *, missed: bool = False) -> Switch:
        """Return how much of the analogue is there over time, as a switch of ``role``.

        Parameters
        ----------
        missed
            Return one minus that.
        """
        edges, values = self._profile()
        after = self.reuse
        if missed:
            return Switch(role, edges, 1.0 - values, before=1.0, after=1.0 - after)
        return Switch(role, edges, values, before=0.0, after=after)

    def _profile(self) -> tuple[FloatArray, FloatArray]:
        cleared = self.clearance_days * np.linspace(0.0, _GONE, _PIECES + 1)
        cuts = [np.array(p) for p in self.pulses]
        cuts += [end + cleared for _, end in self.pulses if self.clearance_days > 0.0]
        edges = np.unique(np.concatenate(cuts))
        total = np.zeros(len(edges) - 1)
        for start, end in self.pulses:
            total += _mean_present(edges, start, end, self.clearance_days)
        if self.uptake_per_day is None:
            total = np.minimum(total, 1.0)
        return edges, np.maximum(total, self.reuse)


def _mean_present(edges: FloatArray, start: float, end: float, clearance: float) -> FloatArray:
    """Return the mean of one pulse's concentration between edges, shape (K,)."""
    inside = np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], start), 0.0, None)
    if clearance > 0.0:
        fallen = np.exp(-np.clip(edges - end, 0.0, None) / clearance)
        inside = inside + clearance * (fallen[:-1] - fallen[1:])
    return np.asarray(inside / np.diff(edges))


@dataclass(frozen=True, slots=True)
class Persistence:
    """A marker that is seen for some time after the cell has left the windows that make it.

    Parameters
    ----------
    windows
        Where the cell makes it.
    mean_days
        Mean time, exponential, for which it is still seen after that.

    Notes
    -----
    Level 1 is a cell outside the windows that still has it; inside the level is 0. Ki67 after cells have
    left the cycle: Miller et al. 2018 (doi 10.1016/j.celrep.2018.06.110).
    """

    name: str
    windows: tuple[Window, ...]
    mean_days: float

    def __post_init__(self) -> None:
        _check_name(self.name)
        if not self.windows:
            raise ModelError(f"persistence {self.name!r}: needs at least one window")
        if not (math.isfinite(self.mean_days) and self.mean_days > 0.0):
            raise ModelError(f"persistence {self.name!r}: mean_days must be above 0, got {self.mean_days}")

    @property
    def levels(self) -> int:
        """Number of levels, 0 included."""
        return 2


Tag = Label | Persistence
