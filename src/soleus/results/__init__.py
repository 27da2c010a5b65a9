"""What one run amounts to: study, table, predictions and claims, as the versioned result."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soleus.results.run import RunOutcome, run_study

__all__ = [
    "RunOutcome",
    "run_study",
]

_HOMES = {
    "RunOutcome": "soleus.results.run",
    "run_study": "soleus.results.run",
}


def __getattr__(name: str) -> object:
    # Loaded when first used: a command pays for its own job alone.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
