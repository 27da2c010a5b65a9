"""Other people's formats: the identical process for other programs, as SBML; laboratories' tables.

``libsbml`` (extra ``[sbml]``) is loaded when a document is made, not before.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

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


def __getattr__(name: str) -> object:
    # Loaded when first used: a command pays for its own job alone.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
