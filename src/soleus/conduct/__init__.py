"""A study carried out: its effect chosen, its animals simulated, and what was predicted of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soleus.late import late

if TYPE_CHECKING:
    from soleus.conduct.effect import ChosenEffect, EffectMode, choose_effect, true_ratios
    from soleus.conduct.run import Conducted, RunOptions, conduct

__all__ = [
    "ChosenEffect",
    "Conducted",
    "EffectMode",
    "RunOptions",
    "choose_effect",
    "conduct",
    "true_ratios",
]

_OF_EFFECT = dict.fromkeys(
    ("ChosenEffect", "EffectMode", "choose_effect", "true_ratios"), "soleus.conduct.effect"
)
_OF_RUN = dict.fromkeys(("Conducted", "RunOptions", "conduct"), "soleus.conduct.run")

__getattr__ = late(__name__, _OF_EFFECT | _OF_RUN)
