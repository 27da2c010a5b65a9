"""One environment a peer, made on demand beside this file, so that no peer's needs meet another's."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FOLDER", "REQUIREMENTS", "Environment", "interpreter", "make"]

FOLDER = Path(__file__).resolve().parent / ".environments"
_LONGEST_S = 900.0

# Peer (its script in peers/ and its environment have this name) to what pip installs.
REQUIREMENTS: dict[str, tuple[str, ...]] = {
    "copasi": ("copasi-basico>=0.92,<1",),
    "bioscrape": ("bioscrape>=1.4,<2",),
    "libroadrunner": ("libroadrunner>=2.9,<3", "antimony>=3,<4"),
    "gillespy2": ("gillespy2>=1.8,<2",),
    "crn_jax": ("crn-jax>=0.3,<0.4",),
    "diffrax": ("diffrax>=0.7,<1",),
    "scipy": ("scipy>=1.12,<2",),
    # Fits a chase instead of simulating: see benchmarks/chase.py.
    "cycleflow": ("cycleflow==1.2", "emcee>=3.1,<4"),
}


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment that is ready, or the message of what failed."""

    peer: str
    python: Path
    problem: str | None = None


def interpreter(peer: str, folder: Path = FOLDER) -> Path:
    """Return where the interpreter of a peer's environment is, made or not."""
    name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return folder.joinpath(peer, *name)


def make(peer: str, *, install: bool = True, folder: Path = FOLDER) -> Environment:
    """Return a peer's environment; make it, or finish it, if it is not ready and ``install`` is set.

    A failure is kept as the environment's ``problem``: a peer that does not install is reported in
    the tables, not dropped.
    """
    python = interpreter(peer, folder)
    ready = folder / peer / "ready.txt"
    wanted = "\n".join(REQUIREMENTS[peer])
    if ready.exists() and ready.read_text(encoding="utf-8") == wanted:
        return Environment(peer, python)
    if not install:
        return Environment(peer, python, "not installed (--no-install)")
    problem = None
    if not python.exists():
        problem = _run([sys.executable, "-m", "venv", str(folder / peer)])
    if problem is None:
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        problem = _run([*pip, *REQUIREMENTS[peer]])
    if problem is None:
        ready.write_text(wanted, encoding="utf-8")
    return Environment(peer, python, problem)


def _run(command: list[str]) -> str | None:
    """Run a command and return None, or the last line of what it said if it failed."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_LONGEST_S, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {error}"[:300]
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if line.strip() and "WARNING" not in line]
    return (lines[-1] if lines else f"exit status {done.returncode}")[:300]
