"""How kernels are compiled: cached on disk, without the interpreter lock, IEEE division."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

__all__ = ["inner_kernel", "kernel"]

_Function = TypeVar("_Function", bound=Callable[..., Any])
_njit: Any = numba.njit  # its type hints leave out the wrapper options
_OPTIONS = {"nogil": True, "error_model": "numpy"}


def kernel(function: _Function) -> _Function:
    """Compile a function on its first call.

    Kernels avoid whole-array assignments: they pull in broadcasting code that takes seconds to
    compile and gains nothing.
    """
    return cast(_Function, _njit(cache=True, no_cfunc_wrapper=True, **_OPTIONS)(function))


def inner_kernel(function: _Function) -> _Function:
    """Compile a function that only kernels call: without the wrappers that Python would need.

    Not cached on its own: the kernels that call it hold it, and are compiled anew when *their* file
    changes, so an inner kernel belongs in the file of its callers.
    """
    return cast(_Function, _njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **_OPTIONS)(function))
