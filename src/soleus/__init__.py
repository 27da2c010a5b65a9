"""soleus: an in-silico laboratory of leg movement and adult neurogenesis.

The functions below are those of :mod:`soleus.api`, loaded when first used, so that
``import soleus`` is quick and has no side effect.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from soleus._version import __version__

if TYPE_CHECKING:
    from soleus.api import (
        analyse,
        bind,
        claims,
        load_catalogue,
        load_study,
        log_prob,
        matrix,
        panel,
        run,
        simulate,
    )

__all__ = [
    "__version__",
    "analyse",
    "bind",
    "claims",
    "load_catalogue",
    "load_study",
    "log_prob",
    "matrix",
    "panel",
    "run",
    "simulate",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'soleus' has no attribute {name!r}; it has: {', '.join(__all__)}")
    value: object = getattr(import_module("soleus.api"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
