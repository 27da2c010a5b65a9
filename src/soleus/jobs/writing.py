"""One file, whole or not at all; and what is kept to save time, with a seal that damage breaks."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

__all__ = ["sealed", "unsealed", "write_atomically"]


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` beside ``path`` and rename it into place; the folder is made where needed.

    Raises
    ------
    OSError
        Where the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not named after the file, whose own name may be as long as a name can be.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".soleus-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def sealed(name: str, data: bytes) -> bytes:
    """Return ``data`` behind a line that holds the SHA-256 of its name and content."""
    return hashlib.sha256(name.encode() + b"\0" + data).hexdigest().encode() + b"\n" + data


def unsealed(name: str, content: bytes) -> bytes | None:
    """Return what :func:`sealed` was given, or None if the name or any byte is another."""
    data = content[content.find(b"\n") + 1 :]
    return data if sealed(name, data) == content else None
