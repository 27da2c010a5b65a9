"""A run that is stopped in the middle leaves nothing behind."""

from __future__ import annotations

import signal
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
