"""From the table to effects: the animal is the unit, and what cannot be told is said to be so."""

from __future__ import annotations

from soleus.analysis.effects import (
    LogRatio,
    Undetermined,
    animal_effect,
    quasi_poisson,
    ratio_effect,
    welch_of_logs,
)

__all__ = ["LogRatio", "Undetermined", "animal_effect", "quasi_poisson", "ratio_effect", "welch_of_logs"]
