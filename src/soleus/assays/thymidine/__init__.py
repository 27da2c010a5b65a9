"""Classical formulas of thymidine-analogue experiments, as the field uses them, and their fits.

They need no lineage and no simulation, so they serve twice: to analyse data as their authors would, and
as an oracle of the process, which gives them back where their assumptions hold. What they share: one
population of cycling cells, asynchronous, that keeps its number, and no cells that flow in.

In a population that keeps its number the share of cells in a phase is the phase's part of the cycle. In
one that grows it is not (:func:`phase_shares`), and each formula says what that does to it.
"""

from __future__ import annotations

from soleus.assays.thymidine.cumulative import CumulativeFit, cumulative_labelling, fit_cumulative
from soleus.assays.thymidine.dual_pulse import DualPulse, dual_pulse
from soleus.assays.thymidine.intervals import Interval
from soleus.assays.thymidine.mitoses import labelled_mitoses
from soleus.assays.thymidine.mitoses_fit import LabelledMitosesFit, fit_labelled_mitoses
from soleus.assays.thymidine.phases import PhaseShares, phase_shares

__all__ = [
    "CumulativeFit",
    "DualPulse",
    "Interval",
    "LabelledMitosesFit",
    "PhaseShares",
    "cumulative_labelling",
    "dual_pulse",
    "fit_cumulative",
    "fit_labelled_mitoses",
    "labelled_mitoses",
    "phase_shares",
]
