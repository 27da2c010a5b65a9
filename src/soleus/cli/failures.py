"""Three tiers of errors: ours, known ones of others, and bugs; each with its words and exit code."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

__all__ = [
    "BUG",
    "FOREIGN",
    "INTERRUPTED",
    "PIPE_CLOSED",
    "REFUSED",
    "Progressed",
    "Settings",
    "printable",
    "reporting",
    "say",
]

REFUSED = 2  # also what a wrong option gives
FOREIGN = 3
BUG = 70
INTERRUPTED = 130
PIPE_CLOSED = 141
_QUOTED = 20

_OS_HINTS = {
    errno.EACCES: "give another folder with --out, or change its permissions",
    errno.EPERM: "give another folder with --out, or change its permissions",
    errno.EEXIST: "a part of the path is a file; give another folder with --out",
    errno.EROFS: "give another folder with --out",
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.ENAMETOOLONG: "give a shorter --out",
    errno.ENOTDIR: "a part of the path is a file; give another folder with --out",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for every command."""

    debug: bool = False


@dataclass(slots=True)
class Progressed:
    """How far a command came: the folder that it has written by now, if any."""

    written: Path | None = None


def say(message: str) -> None:
    """Write one line to standard error."""
    typer.echo(f"soleus: {message}", err=True)


def printable(text: str | Path) -> str:
    """Return text that cannot move the cursor or break a line: quoted if it holds such characters."""
    from soleus.jobs import shown

    return shown(text)


@contextlib.contextmanager
def reporting(context: typer.Context) -> Iterator[Progressed]:
    """Turn whatever a command raises into a message on standard error and an exit code.

    A polite kill counts as an interrupt while inside.
    """
    from soleus.errors import SoleusError
    from soleus.jobs import interrupt_on_terminate

    progressed = Progressed()
    try:
        with interrupt_on_terminate(), _told_warnings():
            yield progressed
            # Here, so that a full disk behind a redirected output is told like any other.
            sys.stdout.flush()
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt as error:
        kept = progressed.written
        done = "nothing was written" if kept is None else f"{printable(kept)} is complete"
        raise _exit(context, error, INTERRUPTED, f"interrupted; {done}") from None
    except SoleusError as error:
        raise _exit(context, error, REFUSED, f"error: {error}") from None
    except BrokenPipeError:
        _drop_output()
        raise typer.Exit(PIPE_CLOSED) from None
    except Exception as error:
        said = _foreign(error)
        if said is None:
            raise _exit(context, error, BUG, _bug(error)) from None
        _drop_output()
        raise _exit(context, error, FOREIGN, f"error: {said}") from None


@contextlib.contextmanager
def _told_warnings() -> Iterator[None]:
    """Say in one line each what soleus itself warns of; Python shows other warnings, for developers."""
    from soleus.errors import CacheWarning

    others = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if issubclass(category, CacheWarning):
            say(str(message))
        else:
            others(message, category, *where, **more)

    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = others


def _exit(context: typer.Context, error: BaseException, code: int, message: str) -> typer.Exit:
    settings = context.obj if isinstance(context.obj, Settings) else Settings()
    if settings.debug:
        import traceback

        typer.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    say(message)
    return typer.Exit(code)


def _foreign(error: Exception) -> str | None:
    """Return words for an error of somebody else that is known to happen, else None."""
    from pydantic import ValidationError

    if isinstance(error, UnicodeEncodeError) and "surrogates" in error.reason:
        near = str(error.object)[max(0, error.start - _QUOTED) : error.end + _QUOTED]
        return f"{ascii(near)} holds bytes that are no text (UTF-8); write it otherwise"
    if isinstance(error, MemoryError):
        return "out of memory; use fewer animals or workers"
    error = _full_disk(error) or error
    if isinstance(error, OSError):
        what = error.strerror or str(error) or type(error).__name__
        where = "" if error.filename is None else f": {printable(os.fsdecode(error.filename))}"
        hint = _OS_HINTS.get(error.errno or 0)
        return f"{what}{where}{'' if hint is None else f'; {hint}'}"
    if isinstance(error, ValidationError):
        problems = error.errors(include_url=False)
        place = ".".join(str(part) for part in problems[0]["loc"]) or "value"
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return f"{error.title}: {place}: {problems[0]['msg']}{more}"
    return None


def _full_disk(error: BaseException | None) -> OSError | None:
    """Return the full disk behind an error, if there is one: libraries wrap it in errors of their own."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return error
        error = error.__cause__ or error.__context__
    return None


def _bug(error: Exception) -> str:
    import platform

    from soleus._version import __version__

    first = next(iter(str(error).splitlines()), "")
    return (
        f"this is a bug in soleus, not in what you gave it: {type(error).__name__}: {first}\n"
        "Please report it to the developers of soleus, with the command and what it prints with\n"
        f"SOLEUS_DEBUG=1 (soleus {__version__}, Python {platform.python_version()}, {platform.system()})."
    )


def _drop_output() -> None:
    """Throw away what could not be written, so that Python does not try again at its end."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
