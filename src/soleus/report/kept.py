"""What is kept in the cache folder to save time: never believed without its seal, never needed.

A file that is damaged is dropped with a word and made again. A folder that cannot be read or written, or
a full disk, costs time, never a result.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from pathlib import Path

from soleus.errors import CacheWarning
from soleus.jobs import sealed, unsealed, write_atomically

__all__ = ["cache_folder", "keep", "kept", "prune"]


def cache_folder() -> Path | None:
    """Return the folder for what can be made again: ``SOLEUS_CACHE``, or the system's place for it.

    None where the user has no home folder.
    """
    given = os.environ.get("SOLEUS_CACHE")
    try:
        if given:
            return Path(given)
        if sys.platform == "win32":
            base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return base / "soleus"


def kept(path: Path) -> bytes | None:
    """Return what was kept under a path, or None; a damaged file is removed, with a word."""
    try:
        content = path.read_bytes()
    except (OSError, ValueError):
        return None
    data = unsealed(path.name, content)
    if data is None:
        said = f"a file in the cache is damaged, and is made again: {path}"
        warnings.warn(said, CacheWarning, stacklevel=2)
        with contextlib.suppress(OSError):
            path.unlink()
    return data


def keep(path: Path, data: bytes) -> bool:
    """Keep what was made; False if it could not be written."""
    try:
        write_atomically(path, sealed(path.name, data))
    except (OSError, ValueError):
        return False
    return True


def prune(folder: Path, *, most: int) -> None:
    """Remove the oldest files beyond a number of them."""
    try:
        files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime)
        for file in files[: max(0, len(files) - most)]:
            file.unlink(missing_ok=True)
    except (OSError, ValueError):
        return
