"""Memory of large tables, given back to the machine between the steps that need it."""

from __future__ import annotations

import contextlib
import ctypes
import sys

__all__ = ["give_back"]

_LARGE = 200_000


def give_back(rows: int) -> None:
    """Return what was freed to the machine, if a large table was read; the allocators would keep it.

    Parameters
    ----------
    rows
        Rows of the table; below 200,000 nothing is done.
    """
    if rows < _LARGE:
        return
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        # glibc's; other libraries of C do it by themselves, or not at all.
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").malloc_trim(0)
