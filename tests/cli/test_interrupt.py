"""A run that is stopped in the middle leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from cli_shell import soleus_process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
@pytest.mark.parametrize("later", [0.0, 4.0], ids=["at once", "in the middle"])
def test_an_interrupted_run_leaves_neither_folder_nor_partial(
    tmp_path: Path, number: signal.Signals, later: float
) -> None:
    process = soleus_process("run", "--animals", "6000", "--seed", "1", "--out", "deep/out", cwd=tmp_path)
    end = time.monotonic() + 60
    while (
        not (working := list(tmp_path.glob("deep/.soleus-*")))
        and process.poll() is None
        and time.monotonic() < end
    ):
        time.sleep(0.02)
    assert working, "the run never began to write"
    time.sleep(later)
    assert process.poll() is None and working[0].exists(), "the run ended before it was interrupted"
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stdout == ""
    assert stderr.splitlines()[-1] == "soleus: interrupted; nothing was written"
    assert "Traceback" not in stderr
    assert list(tmp_path.iterdir()) == []


def watches(process: subprocess.Popen[str]) -> bool:
    """Whether the program handles SIGHUP by now: its first step, before anything of size is imported."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) & 1 << (signal.SIGHUP - 1))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc on this system")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
@pytest.mark.parametrize("later", [0.0, 0.15, 0.4])
def test_an_interrupt_while_libraries_are_imported_is_no_bug(
    tmp_path: Path, number: signal.Signals, later: float
) -> None:
    process = soleus_process("claims", cwd=tmp_path)
    while not watches(process):
        time.sleep(0.002)
    time.sleep(later)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (130, "")
    assert stderr == "soleus: interrupted; nothing was written\n"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_an_interrupt_while_kernels_are_compiled_crashes_nothing(
    tmp_path: Path, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    monkeypatch.setenv("PYTHONFAULTHANDLER", "1")
    here = tmp_path / "here"
    here.mkdir()
    process = soleus_process("panel", "--out", "out", cwd=here)
    assert process.stderr is not None and "computing the marks" in process.stderr.readline()
    end = time.monotonic() + 120
    while not list((tmp_path / "kernels").glob("*/*.nbc")) and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.1)  # the first kernel is kept, so another is compiled
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=120)
    assert (process.returncode, stdout) == (130, ""), stderr
    assert stderr == "soleus: interrupted; nothing was written\n"
    assert list(here.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no /proc on this system")
def test_ctrl_c_of_a_terminal_goes_to_the_whole_group_and_is_told_once(tmp_path: Path) -> None:
    """What draws figures lives in a session of its own, so that it does not end before it is told to."""
    process = soleus_process("run", "--animals", "6000", "--seed", "1", "--out", "out", cwd=tmp_path)
    end = time.monotonic() + 60
    workers: list[int] = []
    # A process that was just forked has not left the session yet.
    while not workers or any(os.getsid(worker) == os.getsid(process.pid) for worker in workers):
        assert time.monotonic() < end, "nothing draws in a session of its own"
        time.sleep(0.05)
        listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
        workers = [int(number) for number in listed.split()]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]
