"""Exact means and read-out covariances of the process."""

from soleus.engines.moments.solve import ReadoutMoments, mean_cells, readout_moments

__all__ = ["ReadoutMoments", "mean_cells", "readout_moments"]
