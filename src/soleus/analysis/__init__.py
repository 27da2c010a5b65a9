"""From the table to effects: the animal is the unit, and what cannot be told is said to be so."""

from __future__ import annotations

from soleus.analysis.effects import Undetermined, ratio_effect

__all__ = ["Undetermined", "ratio_effect"]
