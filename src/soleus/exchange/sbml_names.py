"""Identifiers for SBML: readable, unique in the document, safe in the languages of its readers."""

from __future__ import annotations

import re
from collections import Counter

from soleus.lineage.process import Microstate

__all__ = ["Names", "microstate_names"]

_UNSAFE = re.compile(r"[^0-9A-Za-z]+")


class Names:
    """Gives identifiers of one document, none of them twice."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, *parts: str) -> str:
        """Return an identifier made of parts, numbered if it is taken.

        Two parts at least: a single word may be a function of the program that reads it.
        """
        words = [_UNSAFE.sub("_", part).strip("_") for part in parts]
        wanted = "_".join(w for w in words if w)
        if not wanted or wanted[0].isdigit():
            wanted = f"x_{wanted}"
        name, number = wanted, 1
        # Some readers do not tell capitals from small letters.
        while name.lower() in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name.lower())
        return name


def microstate_names(states: tuple[Microstate, ...], names: Names) -> list[tuple[str, str]]:
    """Return identifier and plain name of each microstate; the stage only where a phase has several."""
    stages = Counter((m.type, m.phase) for m in states)
    found = []
    for m in states:
        count = stages[m.type, m.phase]
        if count == 1:
            found.append((names.take(m.type, m.phase), f"{m.type} {m.phase}"))
        else:
            plain = f"{m.type} {m.phase}, stage {m.stage + 1} of {count}"
            found.append((names.take(m.type, m.phase, str(m.stage + 1)), plain))
    return found
