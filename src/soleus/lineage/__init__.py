"""What cells do: cell types, phases, transitions with roles, fates, sources; compiled to microstates.

>>> from soleus.lineage import CellType, Fate, Lineage, Phase, Transition, compile_lineage
>>> stem = CellType("stem", "stem cell", (Phase("cycle", cycling=True),))
>>> divide = Transition("divide", "division", "stem", (Fate("two", 1.0, {"stem": 2}),), rate_per_day=0.7)
>>> compile_lineage(Lineage("yule", (stem,), (divide,))).n_states
1
"""

from soleus.lineage.compile import compile_lineage
from soleus.lineage.cross import cross, embed
from soleus.lineage.cycling import cycling_lineage
from soleus.lineage.model import Lineage
from soleus.lineage.parts import CellType, Fate, Jump, Phase, Source, Transition
from soleus.lineage.process import CompiledJump, Microstate, Process, ProcessArrays, Switch
from soleus.lineage.tags import Label, Persistence, Tag
from soleus.lineage.windows import Window, expression

__all__ = [
    "CellType",
    "CompiledJump",
    "Fate",
    "Jump",
    "Label",
    "Lineage",
    "Microstate",
    "Persistence",
    "Phase",
    "Process",
    "ProcessArrays",
    "Source",
    "Switch",
    "Tag",
    "Transition",
    "Window",
    "compile_lineage",
    "cross",
    "cycling_lineage",
    "embed",
    "expression",
]
