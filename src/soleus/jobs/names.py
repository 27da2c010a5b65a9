"""Names of files in messages and results: a name is bytes, which need not be text or harmless."""

from __future__ import annotations

from pathlib import Path

__all__ = ["as_text", "shown"]


def shown(path: Path | str) -> str:
    """Return a path as it may stand in a message: quoted if it could move the cursor or break the line."""
    text = str(path)
    return text if text.isprintable() else ascii(text)


def as_text(name: str) -> str:
    """Return a name that any file can hold: bytes that are no UTF-8 become question marks."""
    return name.encode(errors="replace").decode()
