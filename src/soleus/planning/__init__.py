"""Plan a study: which read-outs tell two causes apart, and how many animals that takes.

It uses the same assays that simulate, analyse and fit: an assay's noise is declared once.
"""

from soleus.planning.separation import (
    NONCENTRALITY,
    Responses,
    Separation,
    noncentrality,
    smallest_panel,
    tell_apart,
)
from soleus.planning.statistics import Statistic, animal_covariance, statistic_values, statistics_of

__all__ = [
    "NONCENTRALITY",
    "Responses",
    "Separation",
    "Statistic",
    "animal_covariance",
    "noncentrality",
    "smallest_panel",
    "statistic_values",
    "statistics_of",
    "tell_apart",
]
