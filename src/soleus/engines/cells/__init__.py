"""Exact simulation, one cell at a time."""

from soleus.engines.cells.solve import simulate_cells

__all__ = ["simulate_cells"]
