"""What a result must record to be made again: versions, the id of the run, hashes of files."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import json
import math
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from soleus._version import __version__
from soleus.errors import InputError

__all__ = ["canonical_json", "file_sha256", "run_id", "versions"]

# The libraries whose version can change a number in a result.
_LIBRARIES = ("numpy", "scipy", "pandas", "pyarrow", "numba")
_EXACT_INTEGER = 2.0**53
_ID_DIGITS = 16


def versions() -> dict[str, str]:
    """Return the versions of soleus, Python and the libraries that can change a number."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"soleus": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def run_id(study_description: Mapping[str, object], *, seed: int, versions: Mapping[str, str]) -> str:
    """Return the id of a run: the same study, seed and versions give the same id.

    Parameters
    ----------
    study_description
        Everything that decides the numbers: plain data, frozen dataclasses, NumPy values. The
        order of keys does not count, and 28 equals 28.0.
    seed
        The seed of the run.
    versions
        As :func:`versions` gives them.

    Returns
    -------
    str
        16 hexadecimal digits of a SHA-256 of the canonical JSON.

    Raises
    ------
    InputError
        The description holds something that has no canonical form (NaN, a set, a function).
    """
    text = canonical_json({"seed": seed, "study": study_description, "versions": versions})
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]


def file_sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def canonical_json(value: object) -> str:
    """Write plain data as JSON in one way only: sorted keys, no spaces, whole numbers without a point.

    Raises
    ------
    InputError
        The value holds something that has no canonical form.
    """
    return json.dumps(_plain(value, "value"), sort_keys=True, separators=(",", ":"), allow_nan=False)


def _plain(value: Any, where: str) -> object:
    if isinstance(value, enum.Enum):
        return _plain(value.value, where)
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, (np.generic, np.ndarray)):
        return _plain(value.tolist(), where)
    if isinstance(value, float):
        return _plain_float(value, where)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return _plain(fields, where)
    if isinstance(value, Mapping):
        return {_key(key, where): _plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    raise InputError(
        f"{where} is a {type(value).__name__}, which has no canonical form;"
        " give numbers, text, lists or mappings"
    )


def _plain_float(value: float, where: str) -> float | int:
    if not math.isfinite(value):
        raise InputError(
            f"{where} is {value}, which has no canonical form; leave it out or give a finite number"
        )
    return int(value) if value.is_integer() and abs(value) < _EXACT_INTEGER else value


def _key(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise InputError(f"{where} has the key {key!r} of type {type(key).__name__}; keys must be text")
    return key
