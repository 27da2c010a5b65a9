"""What legs do, and what becomes of it: activities, regimens, signals, mechanisms, rate modifiers.

A :class:`Regimen` is a sequence of :class:`Activity`; each activity drives :class:`Signal` objects;
a :class:`Mechanism` turns a signal's deviation from normal cage life into a log-modifier of a role
of the lineage. :class:`ModifierGrid` averages the product of all of them over a refined time grid.
"""

from soleus.movement.doses import BoutRule, DosedActivity, DosePart, with_bouts
from soleus.movement.feedback import Feedback, signal_courses
from soleus.movement.grid import LogTerm, ModifierGrid, refine
from soleus.movement.mechanisms import Mechanism
from soleus.movement.modifiers import Modifiers, matches, role_factors, role_hits
from soleus.movement.regimen import Activity, Regimen, RegimenInterval, normal_level
from soleus.movement.signals import Signal, SignalCourse

__all__ = [
    "Activity",
    "BoutRule",
    "DosePart",
    "DosedActivity",
    "Feedback",
    "LogTerm",
    "Mechanism",
    "ModifierGrid",
    "Modifiers",
    "Regimen",
    "RegimenInterval",
    "Signal",
    "SignalCourse",
    "matches",
    "normal_level",
    "refine",
    "role_factors",
    "role_hits",
    "signal_courses",
    "with_bouts",
]
