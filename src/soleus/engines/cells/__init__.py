"""Exact simulation, one cell at a time."""

from soleus.engines.cells.follow import follow_cells, grow_trees
from soleus.engines.cells.records import Pulse, Snapshot, Trees
from soleus.engines.cells.solve import simulate_cells

__all__ = ["Pulse", "Snapshot", "Trees", "follow_cells", "grow_trees", "simulate_cells"]
