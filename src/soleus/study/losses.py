"""Draw what gets lost on the way: animals, sections, tubes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soleus.streams import Streams
from soleus.study.design import Animal, LabAssay, Losses

__all__ = ["draw_losses", "lost_animals"]

_ANIMAL = "animal lost"
_TO_UNIT = 2.0**-53


def draw_losses(
    losses: Losses, assays: Sequence[LabAssay], animals: Sequence[Animal], streams: Streams
) -> list[list[str | None]]:
    """Return for each animal why each of its rows is lost (None: it is not); empty if nothing can be.

    Rows are in the order of assays, units and read-outs; all read-outs of a unit are lost together.
    """
    if losses.animal == 0.0 and losses.unit == 0.0:
        return []
    numbers = [animal.number for animal in animals]
    whole = lost_animals(losses, animals, streams)
    parts = [_uniform(streams, f"losses:{a.name}", numbers, a.units) < losses.unit for a in assays]
    found: list[list[str | None]] = []
    for k, gone in enumerate(whole):
        row: list[str | None] = []
        for assay, lost in zip(assays, parts, strict=True):
            for unit in lost[k]:
                why = _ANIMAL if gone else f"{assay.unit_level} lost" if unit else None
                row += [why] * len(assay.readouts)
        found.append(row)
    return found


def lost_animals(losses: Losses, animals: Sequence[Animal], streams: Streams) -> list[bool]:
    """Return whether each animal is lost as a whole."""
    if losses.animal == 0.0:
        return [False] * len(animals)
    drawn = _uniform(streams, "losses", [animal.number for animal in animals], 1)[:, 0]
    return [bool(gone) for gone in drawn < losses.animal]


def _uniform(streams: Streams, name: str, numbers: Sequence[int], size: int) -> np.ndarray:
    blocks = [streams.words(f"{name}:{b}", numbers) for b in range(-(-size // 4))]
    words = np.concatenate(blocks, axis=1)[:, :size]
    return np.asarray((words >> np.uint64(11)) * _TO_UNIT)
