"""Lines of cells and their stages, by lineage."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from soleus.catalogue.folder import Catalogue, load_yaml, once, parse_record
from soleus.catalogue.lineages import niche
from soleus.errors import CatalogueError, unknown_name
from soleus.study.maturation import CellLine, LineStage

__all__ = ["cell_line", "cell_lines"]

_FILE = "maturation.yaml"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _StageEntry(_Entry):
    label: str
    types: tuple[str, ...]
    mature: bool = False


class _LineEntry(_Entry):
    name: str
    label: str
    takes: str | None = None
    stages: dict[str, _StageEntry]


@once
def cell_lines(catalogue: Catalogue, lineage: str) -> Mapping[str, CellLine]:
    """Return the lines of a lineage by name; none where none is declared.

    Raises
    ------
    UnknownNameError
        If there is no such lineage.
    CatalogueError
        If a stage names a cell type that the lineage lacks, or one that is in the cell cycle.
    """
    types = {t.name: t for t in niche(catalogue, lineage).lineage.types}
    found = {}
    for key, fields in load_yaml(catalogue, _FILE).get(lineage, {}).items():
        entry = parse_record(_LineEntry, fields, file=_FILE, entry=f"{lineage}.{key}", name_field="name")
        stages = tuple(LineStage(k, s.label, s.types, s.mature) for k, s in entry.stages.items())
        for name in (t for stage in stages for t in stage.types):
            if name not in types:
                raise CatalogueError(f"{_FILE}: {lineage}.{key}: {unknown_name('cell type', name, types)}")
            if any(phase.cycling for phase in types[name].phases):
                raise CatalogueError(f"{_FILE}: {lineage}.{key}: cells {name!r} still divide")
        found[key] = CellLine(key, entry.label, stages, entry.takes)
    return MappingProxyType(found)


def cell_line(catalogue: Catalogue, lineage: str, name: str) -> CellLine:
    """Return a line of a lineage, such as ``neuron`` or ``oligodendrocyte``."""
    known = cell_lines(catalogue, lineage)
    if name not in known:
        raise unknown_name(f"cell line of lineage {lineage!r}", name, known)
    return known[name]
