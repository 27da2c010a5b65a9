"""Locks on folders, which end with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["LockedError", "lock_folder"]


class LockedError(Exception):
    """Another process holds the lock."""


@contextlib.contextmanager
def lock_folder(folder: Path) -> Iterator[bool]:
    """Hold the lock of a folder while inside; yields False where the system or the disk knows no such lock.

    Raises
    ------
    LockedError
        Another process holds it.
    FileNotFoundError
        The folder is gone.
    """
    if sys.platform == "win32":
        yield False
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            locked = True
        except BlockingIOError:
            raise LockedError from None
        except OSError:  # a network disk without locks of folders
            locked = False
        # Whoever held it may have renamed the folder meanwhile.
        if not os.path.samestat(os.fstat(handle), os.stat(folder)):
            raise LockedError
        yield locked
    finally:
        os.close(handle)
