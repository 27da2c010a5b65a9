"""The error tree: everything that soleus raises on purpose derives from :class:`SoleusError`.

A message says what was given, what is allowed and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "CacheWarning",
    "CatalogueError",
    "InputError",
    "ModelError",
    "NumericalError",
    "SoleusError",
    "UnknownNameError",
    "UnsupportedError",
    "unknown_name",
]


class SoleusError(Exception):
    """Base of every error that soleus raises on purpose."""


class CacheWarning(UserWarning):
    """Something that is kept to save time was damaged; it is made again, which costs time only."""


class InputError(SoleusError, ValueError):
    """A value, option or file given by the user is not usable."""


class ModelError(InputError):
    """A lineage, regimen, mechanism, assay or study that cannot be right."""


class CatalogueError(SoleusError):
    """A catalogue file is malformed, or contradicts itself."""


class UnknownNameError(InputError, LookupError):
    """A name that the catalogue or the model does not know."""


class UnsupportedError(SoleusError, NotImplementedError):
    """A combination that is well defined, and that this engine or command does not offer."""


class NumericalError(SoleusError, ArithmeticError):
    """A computation left the range in which its error is controlled."""


def unknown_name(kind: str, given: str, known: Iterable[str]) -> UnknownNameError:
    """Build the error for an unknown name: the list of known names, and the nearest one.

    Parameters
    ----------
    kind
        What was looked up, in the user's words ("study", "mechanism").
    given
        The name as given.
    known
        All names that would have been accepted.
    """
    names = sorted(known)
    near = difflib.get_close_matches(given, names, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    listing = ", ".join(names) if names else "(none)"
    return UnknownNameError(f"unknown {kind} {given!r}.{hint} Known: {listing}.")
