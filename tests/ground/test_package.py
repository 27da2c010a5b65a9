"""The package: quick to import, lazy, and one command for the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import soleus

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("numpy", "scipy", "pandas", "pyarrow", "numba", "pydantic", "altair", "pint", "typer", "rich")


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_loads_nothing_heavy() -> None:
    assert loaded_by("import soleus").isdisjoint(HEAVY)


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("soleus.units", set()),
        ("soleus.jobs", set()),
        ("soleus.citations", set()),
        ("soleus.observations", {"numpy"}),
        ("soleus.analysis", {"numpy", "pydantic"}),
    ],
)
def test_rooms_load_heavy_libraries_only_when_used(module: str, allowed: set[str]) -> None:
    assert loaded_by(f"import {module}") & set(HEAVY) <= allowed


def test_unknown_attribute_lists_what_there_is() -> None:
    with pytest.raises(AttributeError, match="it has: .*log_prob"):
        _ = soleus.no_such_function
    assert set(soleus.__all__) <= set(dir(soleus))


def test_ci_runs_the_command_of_the_readme() -> None:
    command = (ROOT / ".ci" / "run").read_text().strip().splitlines()[-1]
    assert command.endswith("scripts/check.py")
    for name in ("README.md", "CONTRIBUTING.md"):
        assert command in (ROOT / name).read_text(), f"{name} names another test command than .ci/run"
