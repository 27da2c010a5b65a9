"""Normal numbers of many animals, each from its own words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soleus.engines.cells.random import normal
from soleus.engines.compiled import kernel
from soleus.lineage.process import FloatArray

__all__ = ["standard_normals"]


@kernel
def standard_normals(words: NDArray[np.uint64], number: int) -> FloatArray:
    """Return ``number`` standard normal numbers for each row of words, shape (N, number)."""
    found = np.empty((words.shape[0], number))
    for k in range(words.shape[0]):
        own = words[k].copy()
        for j in range(number):
            found[k, j] = normal(own)
    return found
