"""How kernels are compiled: cached on disk, without the interpreter lock, IEEE division."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

__all__ = ["inner_kernel", "kernel"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def kernel(function: _Function) -> _Function:
    """Compile a function on its first call.

    Kernels avoid whole-array assignments: they pull in broadcasting code that takes seconds to
    compile and gains nothing.
    """
    decorate = numba.njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
    return cast(_Function, decorate(function))


def inner_kernel(function: _Function) -> _Function:
    """Compile a function that only kernels call: without the wrappers that Python would need.

    Not cached on its own: the kernels that call it hold it, and are compiled anew when *their* file
    changes, so an inner kernel belongs in the file of its callers.
    """
    decorate = numba.njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
    return cast(_Function, decorate(function))
