"""What one run amounts to: study, table, predictions and claims, as the versioned result."""

from soleus.results.run import RunOutcome, run_study

__all__ = ["RunOutcome", "run_study"]
