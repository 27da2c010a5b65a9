"""Exact simulation, one cell at a time."""

from soleus.engines.cells.follow import follow_cells, grow_trees
from soleus.engines.cells.records import Pulse, Snapshot, Trees
from soleus.engines.cells.solve import CellSimulator, prepare_cells, simulate_cells

__all__ = [
    "CellSimulator",
    "Pulse",
    "Snapshot",
    "Trees",
    "follow_cells",
    "grow_trees",
    "prepare_cells",
    "simulate_cells",
]
