"""soleus: an in-silico laboratory of leg movement and adult neurogenesis.

The functions below are those of :mod:`soleus.api`, loaded when first used, so that
``import soleus`` is quick and has no side effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from soleus._version import __version__
from soleus.late import late

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


__getattr__ = late(__name__, dict.fromkeys(__all__[1:], "soleus.api"))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
