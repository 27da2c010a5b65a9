"""Compiled code on disk is dropped when any source that it holds changes, and kept otherwise."""

from __future__ import annotations

import errno
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from numba.core import caching, config

import soleus
from soleus.engines import compiled
from soleus.engines.cells.kernel import run_cells
from soleus.engines.compiled import sources_stamp
from soleus.engines.moments.steps import run_batch
from soleus.errors import CacheWarning


def test_every_kernel_is_stamped_with_all_sources_of_the_engines():
    names = [name for name, _, _ in sources_stamp()]
    assert "cells/random.py" in names and "moments/steps.py" in names
    for kernel in (run_cells, run_batch):
        assert sources_stamp() in kernel._cache._cache_file._stamp


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


SOURCE = """
from soleus.engines.compiled import kernel

@kernel
def doubled(value):
    return 2.0 * value
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where kernels are kept, for this test alone."""
    (tmp_path / "kept").mkdir()
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "kept"))
    (tmp_path / "some_kernel.py").write_text(SOURCE)
    return tmp_path / "kept"


def started_anew(folder: Path) -> Any:
    """The kernel as a new process would have it, and the file that says how often it was compiled."""
    spec = importlib.util.spec_from_file_location("some_kernel", folder.parent / "some_kernel.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.doubled


def compiled_now(kernel: Any) -> int:
    assert kernel(1.5) == 3.0
    return sum(kernel.stats.cache_misses.values())


def test_a_kernel_is_kept(folder: Path) -> None:
    assert compiled_now(started_anew(folder)) == 1
    assert sorted(file.suffix for file in folder.rglob("*.nb?")) == [".nbc", ".nbi"]
    assert compiled_now(started_anew(folder)) == 0


@pytest.mark.parametrize("kind", [".nbi", ".nbc"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[:-1],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:200] + bytes([whole[200] ^ 1]) + whole[201:],
        lambda whole: whole + b".",
        lambda whole: b"\\x80\\x05." * 100,
    ],
)
def test_a_damaged_kernel_is_told_and_compiled_again(
    folder: Path, kind: str, damage: Callable[[bytes], bytes]
) -> None:
    compiled_now(started_anew(folder))
    (file,) = folder.rglob(f"*{kind}")
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    with pytest.warns(CacheWarning, match=f"damaged, and is made again: .*{kind}") as told:
        assert compiled_now(started_anew(folder)) == 1
    assert len(told) == 1
    assert compiled_now(started_anew(folder)) == 0


def test_code_under_the_name_of_another_is_not_run(folder: Path) -> None:
    (folder.parent / "some_kernel.py").write_text(
        SOURCE + SOURCE.replace("doubled", "other").replace("2.0", "5.0")
    )
    kernel = started_anew(folder)
    assert compiled_now(kernel) == 1 and kernel.py_func.__globals__["other"](1.5) == 7.5
    (file,), (others,) = folder.rglob("*doubled*.nbc"), folder.rglob("*other*.nbc")
    file.write_bytes(others.read_bytes())
    with pytest.warns(CacheWarning, match="damaged"):
        assert compiled_now(started_anew(folder)) == 1


def test_a_kernel_of_older_sources_is_compiled_again_without_a_word(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled_now(started_anew(folder))
    monkeypatch.setattr(compiled, "sources_stamp", lambda: (("a", 1.0, 1),))
    assert compiled_now(started_anew(folder)) == 1
    assert compiled_now(started_anew(folder)) == 0


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_folder_that_cannot_be_written_costs_time_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    kernel = started_anew(folder)
    monkeypatch.setattr(caching.IndexDataCacheFile, "_open_for_write", refuse)
    assert compiled_now(kernel) == 1
    monkeypatch.setattr(caching.tempfile, "TemporaryFile", refuse)
    assert compiled_now(started_anew(folder)) == 1
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    assert started_anew(folder)(1.5) == 3.0
    assert not list(folder.rglob("*.nb?"))
