"""Compiled code on disk is dropped when any source that it holds changes, and kept otherwise."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import soleus
from soleus.engines.cells.kernel import run_cells
from soleus.engines.compiled import sources_stamp
from soleus.engines.moments.steps import run_batch


def test_every_kernel_is_stamped_with_all_sources_of_the_engines():
    names = [name for name, _, _ in sources_stamp()]
    assert "cells/random.py" in names and "moments/steps.py" in names
    for compiled in (run_cells, run_batch):
        assert compiled._cache._cache_file._source_stamp[1] == sources_stamp()


PROGRAM = """
import numpy as np
from soleus.engines.cohort.normals import standard_normals
total = standard_normals(np.full((1, 4), 77, dtype=np.uint64), 3).sum()
print(total, *standard_normals.stats.cache_hits.values())
"""


def test_a_changed_inner_kernel_is_compiled_anew(tmp_path):
    """The function that draws a number lies in another file than the kernel that is cached."""
    copy = tmp_path / "src" / "soleus"
    shutil.copytree(Path(soleus.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {**os.environ, "PYTHONPATH": str(copy.parent), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}

    def run() -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.split()

    first, again = run(), run()
    assert again == [first[0], "1"]
    source = copy / "engines" / "cells" / "random.py"
    text = source.read_text(encoding="utf-8")
    changed = text.replace("return sign * x", "return 2.0 * sign * x")
    assert changed != text
    source.write_text(changed, encoding="utf-8")
    assert run()[0] != first[0]
