"""Classes of clones: which groups of cells are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soleus.errors import ModelError, unknown_name
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["STEM_CLASSES", "CloneClass", "class_of_pattern", "pattern_probabilities"]


@dataclass(frozen=True, slots=True)
class CloneClass:
    """Clones with at least one seen cell of each group in ``has`` and none of those in ``lacks``."""

    name: str
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


#: Classes of the groups ``stem`` and ``progeny``.
STEM_CLASSES = (
    CloneClass("lost", lacks=("stem", "progeny")),
    CloneClass("stem only", has=("stem",), lacks=("progeny",)),
    CloneClass("mixed", has=("stem", "progeny")),
    CloneClass("no stem", has=("progeny",), lacks=("stem",)),
)


def class_of_pattern(classes: Sequence[CloneClass], groups: Sequence[str], *, where: str) -> IntArray:
    """Return the class of each combination of groups that are there, shape (2**G,).

    Combination k has group g if bit g of k is set.

    Raises
    ------
    ModelError
        If a combination falls in no class or in two.
    """
    for item in classes:
        for name in (*item.has, *item.lacks):
            if name not in groups:
                raise unknown_name(f"group in class {item.name!r} of {where}", name, groups)
    found = np.zeros(2 ** len(groups), dtype=np.int64)
    for pattern in range(len(found)):
        there = {name for g, name in enumerate(groups) if pattern >> g & 1}
        fits = [k for k, c in enumerate(classes) if there.issuperset(c.has) and there.isdisjoint(c.lacks)]
        if len(fits) != 1:
            named = [classes[k].name for k in fits] or "no class"
            raise ModelError(
                f"{where}: clones with cells of {sorted(there) or 'no group'} fall in {named}; each "
                "combination of groups must fall in exactly one class"
            )
        found[pattern] = fits[0]
    return found


def pattern_probabilities(within: FloatArray) -> FloatArray:
    """Return the probability that exactly these groups are there, shape (2**G, ...).

    Parameters
    ----------
    within
        Probability that no group outside a combination is there, shape (2**G, ...).
    """
    found = within.copy()
    for g in range(len(found).bit_length() - 1):
        paired = found.reshape(-1, 2, 2**g, *found.shape[1:])
        paired[:, 1] -= paired[:, 0]
    return np.maximum(found, 0.0)
