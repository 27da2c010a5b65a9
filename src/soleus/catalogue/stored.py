"""Files of numbers that were computed once and are shipped: used only as they were written.

A file that is damaged is told and left aside; what it held is computed anew, which takes time only.
"""

from __future__ import annotations

import hashlib
import warnings
from importlib.resources.abc import Traversable
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from soleus.errors import CacheWarning

__all__ = ["Stored", "read_stored", "stored_text"]

_BLANK = "0" * 64


class Stored(BaseModel):
    """A file with the SHA-256 of its own text, in which that hash stands as zeros; None: not recorded."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    sha256: str | None = None


Model = TypeVar("Model", bound=Stored)


def read_stored(model: type[Model], file: Traversable) -> Model | None:
    """Return what a file holds, or None where there is none or it is damaged, which is told."""
    if not file.is_file():
        return None
    try:
        text = file.read_text(encoding="utf-8")
        made = model.model_validate_json(text)
        whole = made.sha256 is None or made.sha256 == _hash(text.replace(made.sha256, _BLANK, 1))
    except ValueError:
        made, whole = None, False
    if not whole:
        said = f"stored numbers are damaged, and are computed anew; install soleus again to mend {file}"
        warnings.warn(said, CacheWarning, stacklevel=2)
        return None
    return made


def stored_text(made: Stored) -> str:
    """Return the text of a file with its own hash in it."""
    text = made.model_copy(update={"sha256": _BLANK}).model_dump_json() + "\n"
    return text.replace(_BLANK, _hash(text), 1)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
