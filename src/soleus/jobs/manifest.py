"""The manifest of an output folder: which files soleus wrote there, so that no other is ever replaced."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from soleus.errors import InputError
from soleus.jobs.names import shown

__all__ = ["MANIFEST", "WORKING_MARK", "check_ours", "remove_written", "write_manifest"]

MANIFEST = "manifest.json"
WORKING_MARK = ".soleus-writing"
"""Lies in a folder while a run writes it, and tells who finds it what it is."""

_SCHEMA_PREFIX = "soleus."
_LARGEST = 2**28
_NAMED = 3
# What file managers leave wherever they look; nobody's work.
_DUST = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Write the manifest of a folder whose other files are all there.

    Parameters
    ----------
    folder
        What :func:`output_folder` gave.
    content
        What was asked, by what: plain data with ``schema_version`` and ``run_id``. Size and SHA-256 of every
        file are added under ``written``; the manifest's own is that of ``content`` as canonical JSON.
    """
    told = {key: value for key, value in content.items() if key != "written"}
    for _, path in list(_files(folder)):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()  # empty: what it was made for could not be written
    written: dict[str, dict[str, Any]] = {
        name: {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for name, path in sorted(_files(folder))
        if name not in (MANIFEST, WORKING_MARK)
    }
    written[MANIFEST] = {"sha256": _own_sha256(told)}
    text = json.dumps({**told, "written": written}, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def check_ours(folder: Path) -> None:
    """Refuse a folder that is not that of an earlier run, or that holds anything else besides.

    Raises
    ------
    InputError
        There is no manifest of ours; or files that it does not name, or that were changed since.
    """
    content = _manifest(folder)
    if content is None:
        raise InputError(
            f"{shown(folder)} holds no {MANIFEST} that lists what soleus wrote, so it is not the folder of an"
            " earlier run and is not replaced; give another folder"
        )
    written = content.pop("written")
    strange, changed = [], []
    for name, path in sorted(_files(folder)):
        if name in (WORKING_MARK, MANIFEST) or path.name in _DUST:
            continue
        if name not in written:
            strange.append(name)
        elif not _is_as_written(path, written[name]):
            changed.append(name)
    if written.get(MANIFEST, {}).get("sha256") != _own_sha256(content):
        changed.append(MANIFEST)
    for names, what in ((strange, "holds what no run wrote"), (changed, "holds files changed since the run")):
        if names:
            raise InputError(
                f"{shown(folder)} {what}: {_listed(names)}. It is not replaced; move them elsewhere, or give"
                " another folder"
            )


def remove_written(folder: Path, *, listed_in: Path | None = None) -> None:
    """Remove from a folder what a run wrote there and nobody changed, and the folder if nothing else is left.

    Parameters
    ----------
    listed_in
        The folder whose manifest lists it; by default ``folder``.
    """
    written = (_manifest(listed_in or folder) or {}).get("written", {})
    below: set[PurePosixPath] = set()
    for name, path in sorted(_files(folder)):
        if (path.name in _DUST and path.is_file()) or (
            name in written and _is_as_written(path, written[name])
        ):
            path.unlink()
            below.update(PurePosixPath(name).parents[:-1])
    for place in sorted(below, reverse=True):
        with contextlib.suppress(OSError):  # somebody else's file is in it
            (folder / place).rmdir()
    if listed_in is None:
        # Last, so that a kill leaves it to tell what the rest is.
        if not [name for name, _ in _files(folder) if name != MANIFEST]:
            (folder / MANIFEST).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()


def _manifest(folder: Path) -> dict[str, Any] | None:
    path = folder / MANIFEST
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or not isinstance(content.get("written"), dict):
        return None
    ours = str(content.get("schema_version", "")).startswith(_SCHEMA_PREFIX) and content.get("run_id")
    return content if ours and all(isinstance(one, dict) for one in content["written"].values()) else None


def _files(folder: Path, above: str = "") -> Iterator[tuple[str, Path]]:
    """Yield everything that is no folder, and every empty folder, by its path below ``folder``."""
    for entry in os.scandir(folder):
        name = f"{above}{entry.name}"
        if not entry.is_dir(follow_symlinks=False):
            yield name, Path(entry.path)
            continue
        below = list(_files(Path(entry.path), f"{name}/"))
        yield from below or [(f"{name}/", Path(entry.path))]


def _is_as_written(path: Path, told: Mapping[str, Any]) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    return path.stat().st_size == told.get("bytes") and _sha256(path) == told.get("sha256")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _own_sha256(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(shown(name) for name in names[:_NAMED]) + more
