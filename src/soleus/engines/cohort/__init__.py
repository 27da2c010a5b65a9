"""Whole cohorts: the read-outs of many animals, each drawn from the exact moments of its own rates."""

from soleus.engines.cohort.normals import standard_normals
from soleus.engines.cohort.sampler import CohortSampler, prepare_cohort

__all__ = ["CohortSampler", "prepare_cohort", "standard_normals"]
