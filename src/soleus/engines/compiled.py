"""How kernels are compiled: cached on disk, without the interpreter lock, IEEE division."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

__all__ = ["kernel"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def kernel(function: _Function) -> _Function:
    """Compile a function on its first call.

    Kernels avoid whole-array assignments: they pull in broadcasting code that takes seconds to
    compile and gains nothing.
    """
    compiled: _Function = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return compiled
