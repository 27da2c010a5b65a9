"""How numbers come out of a process: ``moments`` (exact means and covariances) and ``cells`` (exact cells).

Both solve the same :class:`~soleus.lineage.Process` under the same
:class:`~soleus.movement.Modifiers` from the same :class:`Start`, and both refuse by name what they
cannot solve exactly. Days are on the axis of the modifiers' edges.

>>> import numpy as np
>>> from soleus.engines import Start, mean_cells
>>> from soleus.lineage import CellType, Fate, Lineage, Phase, Transition, compile_lineage
>>> from soleus.movement import Modifiers
>>> stem = CellType("stem", "stem cell", (Phase("cycle", cycling=True),))
>>> divide = Transition("divide", "division", "stem", (Fate("two", 1.0, {"stem": 2}),), rate_per_day=0.5)
>>> process = compile_lineage(Lineage("yule", (stem,), (divide,)))
>>> start = Start.given(process, {"stem": 10})
>>> float(mean_cells(process, Modifiers.none(0, 2), start, days=[2.0])[0, 0].round(6))
27.182818
"""

from soleus.engines.cells import (
    CellSimulator,
    Pulse,
    Snapshot,
    Trees,
    follow_cells,
    grow_trees,
    prepare_cells,
    simulate_cells,
)
from soleus.engines.cohort import CohortSampler, prepare_cohort, standard_normals
from soleus.engines.generating import generating_function
from soleus.engines.moments import (
    BatchMoments,
    PreparedMoments,
    ReadoutMoments,
    mean_cells,
    prepare_moments,
    readout_moments,
)
from soleus.engines.start import Start, quasi_stationary, stable_growth

__all__ = [
    "BatchMoments",
    "CellSimulator",
    "CohortSampler",
    "PreparedMoments",
    "Pulse",
    "ReadoutMoments",
    "Snapshot",
    "Start",
    "Trees",
    "follow_cells",
    "generating_function",
    "grow_trees",
    "mean_cells",
    "prepare_cells",
    "prepare_cohort",
    "prepare_moments",
    "quasi_stationary",
    "readout_moments",
    "simulate_cells",
    "stable_growth",
    "standard_normals",
]
