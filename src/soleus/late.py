"""Names that are loaded when first used, so that a command pays for its own job alone (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module

__all__ = ["late"]


def late(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return the ``__getattr__`` of a package whose names live elsewhere.

    Parameters
    ----------
    package
        ``__name__`` of the package.
    homes
        The module of each name.

    Raises
    ------
    AttributeError
        By what is returned, for any other name; it says which there are.
    """

    def get(name: str) -> object:
        if name not in homes:
            known = ", ".join(sorted(homes))
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it has: {known}")
        value: object = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return get
