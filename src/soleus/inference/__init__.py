"""From a table to the numbers behind it: potentials and their optimum.

A :class:`Potential` is the log-posterior of named parameters; :func:`maximise` finds its mode.
"""

from soleus.inference.optimise import Mode, maximise
from soleus.inference.potential import FreeParameter, Potential

__all__ = ["FreeParameter", "Mode", "Potential", "maximise"]
