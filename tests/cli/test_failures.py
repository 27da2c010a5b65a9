"""Three tiers of errors, each with its exit code; nothing of them on standard output."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from soleus.cli import app
from soleus.errors import CatalogueError, InputError, SoleusError, UnsupportedError


class _Narrow(BaseModel):
    value: int


def validation_error() -> Exception:
    try:
        _Narrow.model_validate({"value": "x"})
    except Exception as error:
        return error
    raise AssertionError("a text was taken for a number")


def wrapped(error: Exception) -> Exception:
    """An error as a library raises it for that of the system."""
    try:
        raise ValueError("could not close the file") from error
    except ValueError as outer:
        return outer


def no_text() -> Exception:
    try:
        "the name a\udcff b".encode()
    except UnicodeEncodeError as error:
        return error
    raise AssertionError("bytes were taken for text")


CASES = [
    (InputError("give 3, not 4"), 2, "soleus: error: give 3, not 4"),
    (CatalogueError("a file is broken"), 2, "soleus: error: a file is broken"),
    (UnsupportedError("not with cells"), 2, "soleus: error: not with cells"),
    (SoleusError("plain"), 2, "soleus: error: plain"),
    (
        PermissionError(errno.EACCES, "Permission denied", "/there"),
        3,
        "Permission denied: /there; give another",
    ),
    (OSError(errno.ENOSPC, "No space left on device"), 3, "No space left on device; free some space"),
    (OSError(errno.EIO, "Input/output error", "a\x1bb"), 3, r"Input/output error: 'a\x1bb'"),
    (
        wrapped(OSError(errno.ENOSPC, "No space left on device")),
        3,
        "No space left on device; free some space",
    ),
    (no_text(), 3, r"'the name a\udcff b' holds bytes that are no text (UTF-8); write it otherwise"),
    (MemoryError(), 3, "out of memory; use fewer animals"),
    (validation_error(), 3, "_Narrow: value: Input should be a valid integer"),
    (
        ZeroDivisionError("by zero"),
        70,
        "this is a bug in soleus, not in what you gave it: ZeroDivisionError: by zero",
    ),
    (RuntimeError(), 70, "Please report it"),
    (ValueError("two\nlines"), 70, "ValueError: two"),
    (AssertionError("never"), 70, "SOLEUS_DEBUG=1"),
    (KeyboardInterrupt(), 130, "soleus: interrupted; nothing was written"),
]


def plant(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def broken(*_: object, **__: object) -> NoReturn:
        raise error

    for name in ("run", "claims", "catalogue"):
        monkeypatch.setattr(f"soleus.api.{name}", broken)


@pytest.mark.parametrize(("error", "code", "words"), CASES, ids=lambda case: type(case).__name__)
@pytest.mark.parametrize(
    "args",
    [["run", "-q"], ["run", "-q", "--json"], ["claims"], ["catalogue", "list"], ["catalogue", "show", "x"]],
)
def test_each_tier_has_its_words_and_its_code(
    cli: CliRunner,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    words: str,
    args: list[str],
) -> None:
    plant(monkeypatch, error)
    shown = cli.invoke(app, args)
    assert shown.exit_code == code
    assert words in shown.stderr
    assert shown.stdout == ""
    assert "Traceback" not in shown.stderr
    assert len(shown.stderr.splitlines()) == (3 if code == 70 else 1)


@pytest.mark.parametrize("error", [InputError("no"), MemoryError(), ZeroDivisionError("by zero")])
def test_debug_shows_where(cli: CliRunner, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    plant(monkeypatch, error)
    plain = cli.invoke(app, ["claims"])
    for args, env in ((["--debug", "claims"], {}), (["claims"], {"SOLEUS_DEBUG": "1"})):
        shown = cli.invoke(app, args, env=env)
        assert "Traceback" in shown.stderr and ", in broken" in shown.stderr
        assert shown.stderr.endswith(plain.stderr)
        assert (shown.exit_code, shown.stdout) == (plain.exit_code, "")


def test_an_interrupt_after_writing_says_what_is_kept(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    def interrupted(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    done = SimpleNamespace(answer=None)
    monkeypatch.setattr("soleus.api.run", lambda *_, **__: done)
    monkeypatch.setattr("soleus.cli.answers.show_answer", interrupted)
    shown = cli.invoke(app, ["run", "--seed", "5"])
    assert shown.exit_code == 130
    assert shown.stderr.endswith("soleus: interrupted; leg-day-5 is complete\n")


def shell(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    # Buffered output, as users have it: what could not be written is tried again at the very end.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(
        ["bash", "-c", command.replace("soleus", f"'{sys.executable}' -m soleus")],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("args", ["list study --json", "list quantity", "cite adami-2018"])
def test_a_full_disk_behind_a_redirect_is_one_line(tmp_path: Path, args: str) -> None:
    done = shell(f"soleus catalogue {args} > /dev/full", tmp_path)
    assert done.returncode == 3
    assert done.stderr == "soleus: error: No space left on device; free some space\n"


@pytest.mark.parametrize("args", ["list --json", "list quantity", "check --json"])
def test_a_reader_that_leaves_is_no_error(tmp_path: Path, args: str) -> None:
    done = shell(f"soleus catalogue {args} | true", tmp_path)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_terminal_without_unicode_still_gets_its_table() -> None:
    code = (
        "from types import SimpleNamespace as Some; from soleus import api; import sys\n"
        "item = Some(kind='set', name='x', label='29\\u202f937 \\u00b5m', status=None, citation=None)\n"
        "api.catalogue = lambda kind: Some(items=[item])\n"
        "from soleus.cli import main; sys.argv = ['soleus', 'catalogue', 'list', 'set']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "29?937 ?m" in done.stdout


def test_a_damaged_cache_is_told_in_one_line(tmp_path: Path) -> None:
    code = (
        "import warnings, sys; from soleus import api; from soleus.errors import CacheWarning\n"
        "def warned(kind):\n"
        "    warnings.warn('a file in the cache is damaged, and is made again: x', CacheWarning)\n"
        "    warnings.warn('another', RuntimeWarning); return api.__dict__['kinds']\n"
        "from types import SimpleNamespace as Some; api.kinds = Some(items=[])\n"
        "api.catalogue = warned\n"
        "from soleus.cli import main; sys.argv = ['soleus', 'catalogue', 'list', 'set']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, *others = done.stderr.splitlines()
    assert first == "soleus: a file in the cache is damaged, and is made again: x"
    assert "RuntimeWarning: another" in others[0], "what is not ours is shown as Python shows it"
