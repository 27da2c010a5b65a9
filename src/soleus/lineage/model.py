"""A lineage: cell types, what they do, and where cells come from."""

from __future__ import annotations

from dataclasses import dataclass

from soleus.errors import unknown_name
from soleus.lineage.check import check_lineage
from soleus.lineage.parts import CellType, Jump, Source, Transition

__all__ = ["Lineage"]


@dataclass(frozen=True, slots=True)
class Lineage:
    """Cell types, what they do, and where cells come from.

    Raises
    ------
    ModelError
        On construction, if the model cannot be right; the message names the place and the mend.
    """

    name: str
    types: tuple[CellType, ...]
    transitions: tuple[Transition, ...]
    sources: tuple[Source, ...] = ()
    jumps: tuple[Jump, ...] = ()
    founders: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_lineage(self)

    @property
    def roles(self) -> tuple[str, ...]:
        """All roles that a modifier can act on, in order of first use."""
        names = [t.role for t in self.transitions]
        names += [f.role for t in self.transitions for f in t.fates if f.role]
        names += [s.role for s in self.sources]
        return tuple(dict.fromkeys(names))

    def type(self, name: str) -> CellType:
        """Return a cell type by name."""
        for cell_type in self.types:
            if cell_type.name == name:
                return cell_type
        raise unknown_name("cell type", name, (t.name for t in self.types))

    def places(self) -> tuple[str, ...]:
        """All places as ``type.phase``, in order."""
        return tuple(f"{t.name}.{p.name}" for t in self.types for p in t.phases)
