"""Other people's formats: the identical process for other programs, as SBML.

``libsbml`` (extra ``[sbml]``) is loaded when a document is made, not before.
"""

from soleus.exchange.sbml import sbml_text, write_sbml
from soleus.exchange.sbml_limits import InitialAmounts
from soleus.exchange.sbml_network import ScheduleForm

__all__ = ["InitialAmounts", "ScheduleForm", "sbml_text", "write_sbml"]
