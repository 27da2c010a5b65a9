"""The suite itself can be interrupted, and so can what it starts, in the foreground and in the background."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = "import signal; print([signal.getsignal(n) for n in (1, 2, 15)].count(signal.SIG_IGN))"
SUITE = f"""
import subprocess, sys
def test_child():
    assert subprocess.check_output([sys.executable, "-c", {CHILD!r}]) == b"0\\n"
"""


def ignore() -> None:
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def suite(folder: Path) -> int:
    """Run a suite of one test as a job in the background is run, and return its exit status."""
    (folder / "test_one.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(folder)]
    done = subprocess.run(command, preexec_fn=ignore, capture_output=True, cwd=folder, check=False)
    return done.returncode


@pytest.mark.parametrize(("whole", "status"), [(True, 0), (False, 1)])
def test_children_are_not_born_deaf(tmp_path: Path, whole: bool, status: int) -> None:
    """Planted: without the suite's own settings the child ignores interrupts."""
    if whole:
        text = (Path(__file__).parents[1] / "conftest.py").read_text(encoding="utf-8")
        (tmp_path / "conftest.py").write_text(text, encoding="utf-8")
    assert suite(tmp_path) == status


def test_nothing_is_ignored_here() -> None:
    ignored = [
        n for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) is signal.SIG_IGN
    ]
    assert ignored == []
