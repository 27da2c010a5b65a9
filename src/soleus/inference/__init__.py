"""From a table to the numbers behind it: potentials, their optimum, and weighted draws about it.

A :class:`Potential` is the log-posterior of named parameters; :func:`maximise` finds its mode, and
:func:`laplace_sample` draws from it with diagnostics that say whether the draws can be relied on.
:func:`fit_chase` reads cell-cycle phase lengths off an EdU pulse-chase by flow cytometry.
"""

from soleus.inference.chase import fit_chase
from soleus.inference.chase_posterior import ChasePosterior, Interval
from soleus.inference.chase_priors import Range
from soleus.inference.laplace import Draws, laplace_sample
from soleus.inference.optimise import Mode, maximise
from soleus.inference.potential import FreeParameter, Potential

__all__ = [
    "ChasePosterior",
    "Draws",
    "FreeParameter",
    "Interval",
    "Mode",
    "Potential",
    "Range",
    "fit_chase",
    "laplace_sample",
    "maximise",
]
