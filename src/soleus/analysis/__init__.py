"""From the table to effects: the animal is the unit, and what cannot be told is said to be so.

An :class:`AnalysisPlan` says beforehand what is compared; :func:`analyse` does it; :func:`lint` says what the
design does to the numbers. No other room brings rows to animals or animals to effects.
"""

from __future__ import annotations

from soleus.analysis.answers import Comparison, Effect, Equivalence, Undetermined
from soleus.analysis.linter import Finding, lint
from soleus.analysis.plan import Analysis, AnalysisPlan, analyse

__all__ = [
    "Analysis",
    "AnalysisPlan",
    "Comparison",
    "Effect",
    "Equivalence",
    "Finding",
    "Undetermined",
    "analyse",
    "lint",
]
