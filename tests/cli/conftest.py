"""One real run through the shell, shared; everything else answers from it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent))  # cli_shell.py, shared by the tests of this folder

from cli_shell import HOSTILE_NAME, Transcript, soleus_process


@pytest.fixture(scope="session")
def json_run(tmp_path_factory: pytest.TempPathFactory) -> Transcript:
    """``soleus run leg-day --json`` with 2 animals a group, into a folder with a hostile name."""
    cwd = tmp_path_factory.mktemp("run")
    process = soleus_process(
        "run", "leg-day", "--seed", "1", "--animals", "2", "--json", "--out", HOSTILE_NAME, cwd=cwd
    )
    stdout, stderr = process.communicate(timeout=300)
    return Transcript(process.returncode, stdout, stderr, cwd / HOSTILE_NAME)


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    """A runner in an empty folder, with a terminal of known width."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("SOLEUS_DEBUG", raising=False)
    return CliRunner()
