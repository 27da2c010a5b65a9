"""How kernels are compiled: cached on disk, without the interpreter lock, IEEE division."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

__all__ = ["inner_kernel", "kernel", "sources_stamp"]

_Function = TypeVar("_Function", bound=Callable[..., Any])
_njit: Any = numba.njit  # its type hints leave out the wrapper options
_OPTIONS = {"nogil": True, "error_model": "numpy"}


@cache
def sources_stamp() -> tuple[tuple[str, float, int], ...]:
    """Return name, time and size of every source of the engines."""
    folder = Path(__file__).parent
    files = sorted(folder.rglob("*.py"))
    stats = ((f, f.stat()) for f in files)
    return tuple((str(f.relative_to(folder)), s.st_mtime, s.st_size) for f, s in stats)


def kernel(function: _Function) -> _Function:
    """Compile a function on its first call; keep it on disk until a source of the engines changes.

    Kernels avoid whole-array assignments: they pull in broadcasting code that takes seconds to
    compile and gains nothing.
    """
    compiled = _njit(cache=True, no_cfunc_wrapper=True, **_OPTIONS)(function)
    # numba looks at the kernel's own file only; what it calls may lie in others.
    stored = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    if stored is not None:
        stored._source_stamp = (stored._source_stamp, sources_stamp())
    return cast(_Function, compiled)


def inner_kernel(function: _Function) -> _Function:
    """Compile a function that only kernels call: without the wrappers that Python would need.

    Not cached on its own: the kernels that call it hold it, and are compiled anew when any source of
    the engines changes.
    """
    return cast(_Function, _njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **_OPTIONS)(function))
