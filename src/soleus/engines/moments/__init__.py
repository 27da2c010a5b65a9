"""Exact means and read-out covariances of the process."""

from soleus.engines.moments.prepared import PreparedMoments, prepare_moments
from soleus.engines.moments.result import BatchMoments, ReadoutMoments
from soleus.engines.moments.solve import mean_cells, readout_moments

__all__ = [
    "BatchMoments",
    "PreparedMoments",
    "ReadoutMoments",
    "mean_cells",
    "prepare_moments",
    "readout_moments",
]
