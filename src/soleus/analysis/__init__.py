"""From the table to effects: the animal is the unit, and what cannot be told is said to be so.

An :class:`AnalysisPlan` says beforehand what is compared; :func:`analyse` does it; :func:`lint` says what the
design does to the numbers.
"""

from __future__ import annotations

from soleus.analysis.answers import Effect, Equivalence
from soleus.analysis.effects import (
    LogRatio,
    Undetermined,
    animal_effect,
    quasi_poisson,
    ratio_effect,
    welch_of_logs,
)
from soleus.analysis.linter import Finding, lint
from soleus.analysis.plan import Analysis, AnalysisPlan, Comparison, analyse

__all__ = [
    "Analysis",
    "AnalysisPlan",
    "Comparison",
    "Effect",
    "Equivalence",
    "Finding",
    "LogRatio",
    "Undetermined",
    "analyse",
    "animal_effect",
    "lint",
    "quasi_poisson",
    "ratio_effect",
    "welch_of_logs",
]
