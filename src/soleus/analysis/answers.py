"""What an analysis answers with: an effect, a verdict of equivalence, or the reason why there is none.

The types are those that programs read (:mod:`soleus.schema.analysis`): an answer is made once
and copied nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from soleus.schema.analysis import Comparison, Effect, Equivalence, GroupSummary, LeaveOneOut, UnitValue

__all__ = [
    "Comparison",
    "Effect",
    "Equivalence",
    "GroupSummary",
    "LeaveOneOut",
    "Scale",
    "Undetermined",
    "UnitValue",
    "cannot",
    "plural",
]

Scale = Literal["ratio", "odds ratio", "difference"]


@dataclass(frozen=True, slots=True)
class Undetermined:
    """The answer where the data cannot carry one; false in a condition.

    Parameters
    ----------
    note
        "cannot be told from these data, because ...".
    """

    note: str

    def __bool__(self) -> bool:
        return False


def cannot(reason: str) -> Undetermined:
    """Return the answer of data that cannot carry one."""
    return Undetermined(f"cannot be told from these data, because {reason}")


def plural(number: int, thing: str) -> str:
    """Return "1 animal" or "3 animals"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
