"""Other people's formats: the identical process for other programs, as SBML; laboratories' tables.

``libsbml`` (extra ``[sbml]``) is loaded when a document is made, not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from soleus.late import late

if TYPE_CHECKING:
    from soleus.exchange.sbml import sbml_text, write_sbml
    from soleus.exchange.sbml_limits import InitialAmounts
    from soleus.exchange.sbml_network import ScheduleForm

__all__ = [
    "InitialAmounts",
    "ScheduleForm",
    "sbml_text",
    "write_sbml",
]

_HOMES = {
    "InitialAmounts": "soleus.exchange.sbml_limits",
    "ScheduleForm": "soleus.exchange.sbml_network",
    "sbml_text": "soleus.exchange.sbml",
    "write_sbml": "soleus.exchange.sbml",
}

__getattr__ = late(__name__, _HOMES)
