"""The content that is shipped: the one place that makes a catalogue which nobody handed over."""

from __future__ import annotations

import functools

from soleus.catalogue.folder import Catalogue, load_catalogue

__all__ = ["packaged"]


@functools.cache
def packaged() -> Catalogue:
    """Return the catalogue of the package, the same one each time, so that each file is read once."""
    return load_catalogue()
