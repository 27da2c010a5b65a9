"""Passages of a culture: dissociation, in which cells are lost, and replating of a known share.

A passage is a :class:`~soleus.lineage.Jump`: each cell on its own stays or leaves. Thinning to a density
is a known share of the cells; as cells do not interact it only rescales what follows, so a culture may be
followed as a whole (share 1, the cumulated number) or as one flask (its cells over the product of shares).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from soleus.errors import InputError, unknown_name
from soleus.lineage import Jump, Lineage

__all__ = ["Passage", "passage_number", "plan_passages", "plated_share", "with_passages"]


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage.

    Parameters
    ----------
    day
        Days after plating.
    survival
        Probability that a cell lives through it, or one for each cell type; None: the lineage's own.
    plated_fraction
        Share of the living cells that is plated again.
    """

    day: float
    survival: float | Mapping[str, float] | None = None
    plated_fraction: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.day) and self.day > 0.0):
            raise InputError(f"passage: a day lies after plating (day 0), got {self.day:g}")
        if not 0.0 < self.plated_fraction <= 1.0:
            raise InputError(f"passage: plated_fraction must lie in (0, 1], got {self.plated_fraction:g}")
        given = self.survival.values() if isinstance(self.survival, Mapping) else [self.survival]
        for value in given:
            if value is not None and not 0.0 < value <= 1.0:
                raise InputError(f"passage: survival must lie in (0, 1], got {value:g}")


def plan_passages(
    days: Sequence[float],
    *,
    survival: float | Mapping[str, float] | None,
    plated_fraction: float | Sequence[float],
) -> tuple[Passage, ...]:
    """Return the passages of increasing days.

    Raises
    ------
    InputError
        If days do not increase, a share is out of range, or the shares are not one a passage.
    """
    if any(b <= a for a, b in zip(days, days[1:], strict=False)):
        raise InputError(f"passages: days must increase, got {list(days)}")
    if isinstance(plated_fraction, Sequence):
        shares = list(plated_fraction)
        if len(shares) != len(days):
            raise InputError(f"passages: give one plated_fraction or {len(days)}, got {len(shares)}")
    else:
        shares = [plated_fraction] * len(days)
    return tuple(Passage(day, survival, share) for day, share in zip(days, shares, strict=True))


def plated_share(passages: Sequence[Passage], day: float) -> float:
    """Return the share of all descendants of day 0 that the flask of a day stands for.

    On the day of a passage the flask has not been passaged yet.
    """
    return math.prod(p.plated_fraction for p in passages if p.day < day)


def passage_number(passages: Sequence[Passage], day: float) -> int:
    """Return how many passages a culture of a day has behind it."""
    return sum(p.day < day for p in passages)


def with_passages(lineage: Lineage, passages: Sequence[Passage], *, survival: float) -> Lineage:
    """Return the lineage with its passages as jumps.

    Parameters
    ----------
    survival
        Of a passage that names none.
    """
    if not passages:
        return lineage
    jumps = tuple(_jump(lineage, k, p, survival) for k, p in enumerate(passages, start=1))
    return replace(lineage, jumps=(*lineage.jumps, *jumps))


def _jump(lineage: Lineage, number: int, passage: Passage, own: float) -> Jump:
    survival = own if passage.survival is None else passage.survival
    types = [t.name for t in lineage.types]
    if isinstance(survival, Mapping):
        for name in survival:
            if name not in types:
                raise unknown_name(f"cell type in the survival of passage {number}", name, types)
    kept = {
        t: (survival.get(t, 1.0) if isinstance(survival, Mapping) else survival) * passage.plated_fraction
        for t in types
    }
    moves: dict[str, dict[str | None, float]] = {
        place: {None: 1.0 - kept[place.partition(".")[0]]} for place in lineage.places()
    }
    return Jump(f"passage {number}", passage.day, moves)
