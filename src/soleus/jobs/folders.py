"""Folders that are there whole or not at all, and never cost anybody a file."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from soleus.errors import InputError
from soleus.interrupts import stop_if_asked
from soleus.jobs.locks import LockedError, lock_folder
from soleus.jobs.manifest import MANIFEST, WORKING_MARK, check_ours, remove_written
from soleus.jobs.names import shown

__all__ = ["check_output_folder", "output_folder", "resolved_path"]

_PREFIX = ".soleus-"
_NOT_EMPTY = (errno.ENOTEMPTY, errno.EEXIST)


@contextlib.contextmanager
def output_folder(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a hidden folder of our own to write in, which becomes ``path`` when all went well.

    Parameters
    ----------
    path
        The folder that the user asked for. It need not exist; an empty one is written into, and stays the
        folder that it is (a mount point, the current folder).
    overwrite
        Replace the folder of an earlier run: one whose manifest is ours and that holds exactly the files
        which that run wrote.

    Yields
    ------
    Path
        Where to write. On any error or interrupt it is removed, and ``path`` is as before.

    Raises
    ------
    InputError
        ``path`` exists and may not be replaced, or another run is writing it.
    """
    target = resolved_path(path)
    _settle(target)
    inside = _is_empty(target, overwrite)
    made = [] if inside else _make_parents(target.parent)
    working = _working(target, target if inside else target.parent)
    try:
        with _claimed(working, target):
            try:
                _finish_earlier(target, working)
                if inside != _is_empty(target, overwrite):
                    raise InputError(f"{shown(target)} was changed by another program; run again")
                if not inside and target.exists():
                    _check_replaceable(target, working)
                yield working
                stop_if_asked()
                _put(working, target, inside=inside, overwrite=overwrite)
            except BaseException:
                _remove(working)
                raise
    except BaseException:
        for parent in made:
            with contextlib.suppress(OSError):
                parent.rmdir()
        raise


def check_output_folder(path: str | Path, *, overwrite: bool = False) -> None:
    """Refuse now what :func:`output_folder` would refuse, where the work comes before the writing."""

    class Enough(Exception):
        pass

    with contextlib.suppress(Enough), output_folder(path, overwrite=overwrite):
        raise Enough


def resolved_path(path: str | Path) -> Path:
    """Return the whole path, links followed and ``~`` replaced.

    Raises
    ------
    InputError
        It names a user that is not known, a circle of links, or holds a character that no path can hold.
    """
    try:
        whole = Path(path).expanduser()
    except RuntimeError:
        raise InputError(
            f"{shown(path)}: no home folder of that user is known; write the whole path"
        ) from None
    try:
        return whole.resolve()
    except (RuntimeError, ValueError) as error:
        raise InputError(f"{shown(path)} is no path that can be used: {error}; give another") from None


def _working(target: Path, where: Path) -> Path:
    """Return the folder that a run on ``target`` writes in: the same for each, so that two meet there."""
    digest = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]
    return where / f"{_PREFIX}{digest}"


def _is_empty(target: Path, overwrite: bool) -> bool:
    """Whether the target is an empty folder to write into; refuse one that may not be replaced."""
    try:
        target.lstat()
    except FileNotFoundError:
        return False
    if not target.is_dir():
        raise InputError(f"{shown(target)} is a file; give the name of a folder that does not exist yet")
    if all(entry.name == _working(target, target).name for entry in target.iterdir()):
        return True
    if not overwrite:
        raise InputError(
            f"{shown(target)} exists already; give another folder, or ask to overwrite it (--overwrite)"
        )
    check_ours(target)
    return False


def _check_replaceable(target: Path, working: Path) -> None:
    """Refuse a folder that cannot be renamed away, before any work is done."""
    if Path.cwd().is_relative_to(target):
        raise InputError(
            f"{shown(target)} is the folder that you are in, or holds it, and cannot be replaced from there;"
            " give another folder, or go elsewhere"
        )
    try:
        # No folder takes the place of one that holds something: what is learnt is why it would not.
        target.rename(working)
    except OSError as error:
        if error.errno in _NOT_EMPTY:
            return
        raise InputError(
            f"{shown(target)} cannot be replaced ({error.strerror}); it may be a mount point. Give another"
            " folder, such as one inside it"
        ) from None
    working.rename(target)
    raise InputError(f"{shown(target)} was changed by another program; run again")


def _make_parents(parent: Path) -> list[Path]:
    """Make the missing parents and return them, innermost first."""
    missing = [folder for folder in (parent, *parent.parents) if not folder.exists()]
    parent.mkdir(parents=True, exist_ok=True)
    return missing


@contextlib.contextmanager
def _claimed(working: Path, target: Path) -> Iterator[None]:
    """Make the working folder and hold its lock; one that a killed run left is cleared and taken."""
    busy = InputError(f"{shown(target)}: another run is writing it; wait for it, or give another folder")
    fresh = not working.exists()
    with contextlib.ExitStack() as stack:
        try:
            working.mkdir(exist_ok=not fresh)
            locked = stack.enter_context(lock_folder(working))
        except (LockedError, FileExistsError, FileNotFoundError):
            raise busy from None
        if not fresh and not locked:  # nobody can tell whether its run is alive
            raise InputError(
                f"{shown(working)} exists: another run is writing {shown(target)}, or one was killed."
                " Wait for it, or remove that folder"
            )
        if not _is_left_over(working):
            raise InputError(f"{shown(working)} is in the way and not ours; give another folder")
        for entry in list(working.iterdir()):
            _remove(entry)
        told = {"what": "a run of soleus writes here; this goes when it ends", "pid": os.getpid()}
        (working / WORKING_MARK).write_text(json.dumps(told) + "\n", encoding="utf-8")
        yield


def _is_left_over(working: Path) -> bool:
    """Whether a working folder is one of ours: marked, empty, or finished and not yet in its place."""
    if (working / WORKING_MARK).is_file() or not any(working.iterdir()):
        return True
    try:
        check_ours(working)
    except InputError:
        return False
    return True


def _earlier(working: Path) -> Path:
    return working.with_name(f"{working.name}-earlier")


def _finish_earlier(target: Path, working: Path) -> None:
    """Finish what a run began that was killed while it took the place of an earlier one."""
    earlier = _earlier(working)
    if not earlier.is_dir():
        return
    if target.exists():
        remove_written(earlier)
    else:
        earlier.rename(target)


def _settle(target: Path) -> None:
    """Take back what a run moved into an empty target before it was killed."""
    working = _working(target, target)
    if not (working / WORKING_MARK).is_file():
        return
    with contextlib.suppress(LockedError, FileNotFoundError), lock_folder(working) as locked:
        if locked:
            remove_written(target, listed_in=working)
            _remove(working)


def _put(working: Path, target: Path, *, inside: bool, overwrite: bool) -> None:
    """Put the finished folder in its place; if that fails, the target is as before."""
    if inside:
        _move_into(working, target)
        return
    (working / WORKING_MARK).unlink()
    if _is_empty(target, overwrite):  # it was made meanwhile
        target.rmdir()
    if not target.exists():
        working.rename(target)
        return
    earlier = _earlier(working)
    target.rename(earlier)
    try:
        check_ours(earlier)  # again: notes may have been put there meanwhile
        working.rename(target)
    except BaseException:
        earlier.rename(target)
        raise
    remove_written(earlier)


def _move_into(working: Path, target: Path) -> None:
    names = [entry.name for entry in working.iterdir() if entry.name != WORKING_MARK]
    moved: list[str] = []
    try:
        # The manifest comes last: it tells what to take back if this is killed.
        for name in sorted(names, key=lambda name: (name == MANIFEST, name)):
            if os.path.lexists(target / name):
                raise InputError(f"{shown(target / name)} was made meanwhile by another; run again")
            (working / name).rename(target / name)
            moved.append(name)
    except BaseException:
        for name in reversed(moved):
            (target / name).rename(working / name)
        raise
    _remove(working)


def _remove(path: Path) -> None:
    """Remove a file or folder of our own, also while a process that was told to stop still writes there."""
    if path.is_dir() and not path.is_symlink():
        for _ in range(3):
            shutil.rmtree(path, ignore_errors=True)
            if not path.exists():
                return
            time.sleep(0.05)
    else:
        path.unlink(missing_ok=True)
