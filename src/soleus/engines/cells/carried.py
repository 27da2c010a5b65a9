"""What cells carry and what a run with histories writes: the tables that kernel and face share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from soleus.lineage.process import FloatArray, IntArray

__all__ = ["ALIVE", "JUMPED", "STAY", "Column", "Labels", "Limits", "Recorded", "Used"]

ALIVE, JUMPED = -1, -2  # how a stay ended, where no fate ended it

# Columns of a stay.
STAY = ("cell", "mother", "founder", "microstate", "ending", "enters", "leaves")


class Column:
    """Columns of a cell's record, one row of floating-point numbers; after them one for each pulse.

    The row of a snapshot has the same, with the index of the sampling day as PIECE. LEFT is what is left
    of a gamma clock.
    """

    STATE, PIECE, NOW, LEFT, ENTERED, BORN, FROM, TO, CLONE, CELL, MOTHER, PULSES = range(12)


class Used:
    """What is counted while the kernel runs; WAITING is -1 when no cell is at hand."""

    ROWS, STAYS, CLONES, WAITING, CELLS, EVENTS = range(6)


class Labels(NamedTuple):
    """What cells remember.

    ``begins``, ``ends``: of each pulse, (K,); ``taken``: where it is taken up, (K, n); ``synthesis``:
    microstates whose days are remembered, (n,); ``clones_on``: day on which every living cell founds a
    clone, or NaN: the founders do; ``daughters``: cells that replace a cell, by fate, (F,).
    """

    begins: FloatArray
    ends: FloatArray
    taken: NDArray[np.bool_]
    synthesis: NDArray[np.bool_]
    clones_on: float
    daughters: IntArray


class Limits(NamedTuple):
    """What is written, and when to give up.

    ``days``: of sampling, (D,); ``passed``: how many of them lie no later than each cut, (P + 1,);
    ``stays``: whether stays are written; ``most``: of what ``Used`` lists, (6,).
    """

    days: FloatArray
    passed: IntArray
    stays: bool
    most: IntArray


class Recorded(NamedTuple):
    """What a run wrote: living cells, stays, and each clone's founder; rows beyond ``used`` are empty."""

    rows: FloatArray
    stays: FloatArray
    clones: FloatArray
    used: IntArray
