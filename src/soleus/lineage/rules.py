"""What a tag's level becomes when its cell moves, divides or meets the label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from soleus.errors import UnsupportedError
from soleus.lineage.process import Process
from soleus.lineage.tags import Label, Persistence, Tag
from soleus.lineage.windows import expression

__all__ = ["Rules", "rules_of"]

_Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one tag on one process.

    Attributes
    ----------
    window
        Microstates that take the label up, or make the marker, shape (n,).
    pulsed
        Microstates that a pulse sets to level 1 at once, shape (n,).
    on_landing
        Whether a cell that enters the window takes the label up, if it is there.
    dilutes
        Number of levels of a label, which divisions use up; 0 for a marker that stays.
    move_role, move_rate
        The tag's own exit: uptake at a rate, or fading.
    """

    name: str
    window: _Mask
    pulsed: _Mask
    on_landing: bool
    dilutes: int
    move_role: str
    move_rate: float
    toxicity: Mapping[str, float] = field(default_factory=dict)

    def kept(self, level: int, *, source: int, daughter: int, divides: bool) -> int:
        """Return the level of a daughter if no label is about."""
        if not self.dilutes:
            return int(not self.window[daughter] and (bool(self.window[source]) or level > 0))
        if not divides or level == 0:
            return level
        return level + 1 if level + 1 < self.dilutes else 0

    def taken_on_landing(self, source: int, *, daughter: int, divides: bool) -> bool:
        """Return whether this step brings the cell into the window, where label may be."""
        return self.on_landing and bool(self.window[daughter]) and (divides or not self.window[source])

    def moves_to(self, state: int, level: int) -> int | None:
        """Return the level that the tag's own exit leads to, or None."""
        if self.move_rate == 0.0:
            return None
        if self.dilutes:
            return 1 if self.window[state] and level != 1 else None
        return 0 if level == 1 else None


def rules_of(process: Process, tag: Tag) -> Rules:
    """Return the rules of a tag on a process."""
    if isinstance(tag, Label):
        return _label_rules(process, tag)
    return _persistence_rules(process, tag)


def _label_rules(process: Process, label: Label) -> Rules:
    window = label.window.mask(process)
    at_once = label.uptake_per_day is None
    lasts = any(end > start for start, end in label.pulses) or label.reuse > 0.0
    if not at_once:
        _refuse_clocks(process, window, f"label {label.name!r}: uptake at a rate")
    return Rules(
        name=label.name,
        window=window,
        pulsed=window if at_once else np.zeros_like(window),
        on_landing=at_once and lasts,
        dilutes=label.levels,
        move_role=f"uptake.{label.name}",
        move_rate=label.uptake_per_day or 0.0,
        toxicity=dict(label.toxicity),
    )


def _persistence_rules(process: Process, tag: Persistence) -> Rules:
    window = expression(tag.windows, process) > 0.0
    _refuse_clocks(process, ~window, f"marker {tag.name!r}: fading")
    return Rules(
        name=tag.name,
        window=window,
        pulsed=np.zeros_like(window),
        on_landing=False,
        dilutes=0,
        move_role=f"fade.{tag.name}",
        move_rate=1.0 / tag.mean_days,
    )


def _refuse_clocks(process: Process, where: _Mask, what: str) -> None:
    clocks = process.arrays.exit_source[process.arrays.exit_shape > 0.0]
    hit = [process.microstates[i] for i in clocks if where[i]]
    if hit:
        raise UnsupportedError(
            f"{what} in {hit[0].type}.{hit[0].phase} would start its gamma wait anew; give that wait "
            "stages, or let the label be taken up at once"
        )
