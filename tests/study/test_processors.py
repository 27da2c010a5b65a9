"""The same run on another processor: other kernels of linear algebra, other vector instructions."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest

SCRIPT = """
import hashlib, sys
from soleus.answers.run.build import run_study
from soleus.api import packaged
from soleus.conduct import RunOptions
done = run_study(packaged(), "leg-day", RunOptions(seed=1, animals=3), workers=1)
print(hashlib.sha256(done.observations.frame.to_csv(index=False).encode()).hexdigest())
for r in done.result.readouts:
    print(repr(r.true_ratio), repr(r.effect and r.effect.ratio.value))
"""
OLD = "X86_V3 X86_V4 AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR"
SCALAR = {"OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": OLD}
GENERIC = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}


def run_on(settings: dict[str, str]) -> tuple[str, list[float]]:
    """Return the hash of the table, and the numbers derived from it, of a run in a process of its own."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "NPY_", "NUMBA_CPU"))}
    # What this processor cannot do anyway is told as a warning.
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT]
    lines = subprocess.check_output(command, env={**plain, **settings}, text=True, timeout=300).split("\n")
    numbers = [float(word) for line in lines[1:] for word in line.split() if word != "None"]
    return lines[0], numbers


@pytest.mark.parametrize("settings", [SCALAR, pytest.param({**SCALAR, **GENERIC}, marks=pytest.mark.slow)])
def test_the_table_is_the_same_and_what_follows_agrees_to_12_digits(settings: dict[str, str]) -> None:
    table, numbers = run_on({})
    other, others = run_on(settings)
    assert len(table) == len(hashlib.sha256().hexdigest())
    assert other == table
    assert len(numbers) > 15
    assert others == pytest.approx(numbers, rel=1e-12)
