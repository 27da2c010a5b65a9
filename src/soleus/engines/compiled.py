"""How kernels are compiled: cached on disk, without the interpreter lock, IEEE division."""

from __future__ import annotations

import contextlib
import pickle
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import caching

from soleus.errors import CacheWarning
from soleus.jobs import sealed, uninterrupted, unsealed

__all__ = ["inner_kernel", "kernel", "sources_stamp"]

_Function = TypeVar("_Function", bound=Callable[..., Any])
_njit: Any = numba.njit  # its type hints leave out the wrapper options
_OPTIONS = {"nogil": True, "error_model": "numpy"}


@cache
def sources_stamp() -> tuple[tuple[str, float, int], ...]:
    """Return name, time and size of every source of the engines."""
    folder = Path(__file__).parent
    files = sorted(folder.rglob("*.py"))
    stats = ((f, f.stat()) for f in files)
    return tuple((str(f.relative_to(folder)), s.st_mtime, s.st_size) for f, s in stats)


def kernel(function: _Function) -> _Function:
    """Compile a function on its first call; keep it on disk until a source of the engines changes.

    Kernels avoid whole-array assignments: they pull in broadcasting code that takes seconds to
    compile and gains nothing.
    """
    compiled = _njit(no_cfunc_wrapper=True, **_OPTIONS)(function)
    if hasattr(compiled, "_compile_for_args"):  # not where numba is switched off
        try:
            compiled._cache = _KernelCache(function)
        except (RuntimeError, OSError):  # no folder can be written: it is compiled each time
            pass
        compile_now = compiled._compile_for_args

        def compile_whole(*args: Any, **kwargs: Any) -> Any:
            with uninterrupted():
                return compile_now(*args, **kwargs)

        compiled._compile_for_args = compile_whole
    return cast(_Function, compiled)


def inner_kernel(function: _Function) -> _Function:
    """Compile a function that only kernels call: without the wrappers that Python would need.

    Not cached on its own: the kernels that call it hold it, and are compiled anew when any source of
    the engines changes.
    """
    return cast(_Function, _njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **_OPTIONS)(function))


class _KernelFile(caching.IndexDataCacheFile):
    """Compiled code on disk that is run only as it was written: damage costs a compilation, with a word."""

    def _load_index(self) -> Any:
        return self._read(Path(self._index_path)) or {}

    def _save_index(self, overloads: Any) -> None:
        self._write(Path(self._index_path), overloads)

    def _load_data(self, name: str) -> Any:
        found = self._read(Path(self._data_path(name)))
        if found is None:
            raise FileNotFoundError(name)  # which numba takes for a reason to compile
        return found

    def _save_data(self, name: str, data: Any) -> None:
        self._write(Path(self._data_path(name)), data)

    @property
    def _stamp(self) -> object:
        # numba looks at the kernel's own file only; what it calls may lie in others. On the data, too, lest
        # an index that was written before a kill is followed by the code of older sources.
        return (self._version, self._source_stamp, sources_stamp())

    def _read(self, path: Path) -> Any:
        try:
            content = path.read_bytes()
        except OSError:
            return None
        data = unsealed(path.name, content)
        if data is None:
            said = f"compiled code that was kept is damaged, and is made again: {path}"
            warnings.warn(said, CacheWarning, stacklevel=2)
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        # Sealed, so as it was written; what another version wrote is not even unpacked.
        stamp, held = pickle.loads(data)  # noqa: S301
        return pickle.loads(held) if stamp == self._stamp else None  # noqa: S301

    def _write(self, path: Path, content: object) -> None:
        with self._open_for_write(str(path)) as file:
            file.write(sealed(path.name, pickle.dumps((self._stamp, self._dump(content)))))


class _KernelCache(caching.FunctionCache):
    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        numbas = self._cache_file
        # Under a name of its own, since numba's files of that name bear no seal.
        base = f"{self._impl.filename_base}.sealed"
        self._cache_file = _KernelFile(self._cache_path, base, numbas._source_stamp)

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError:  # a full or unwritable disk costs time only
            pass
