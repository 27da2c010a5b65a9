"""Read-outs of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from soleus.assays import AnyReadout, CellReadout, Flux, Gate, Readout, Share
from soleus.catalogue.folder import Catalogue, load_yaml, once, parse_record
from soleus.errors import unknown_name
from soleus.lineage import Window

__all__ = ["readout", "readouts"]

_FILE = "readouts.yaml"


class _ReadoutEntry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    label: str
    types: tuple[str, ...]
    cycling: bool = False
    phases: tuple[str, ...] | None = None
    share_of: tuple[str, ...] | None = None
    flux: tuple[str, ...] | None = None
    note: str | None = None

    def parse(self) -> AnyReadout:
        """Return the read-out that the entry declares."""
        if self.flux is not None:
            return Flux(self.name, self.label, self.flux, self.types)
        whole = Readout(self.name, self.label, self.types, self.cycling)
        if self.share_of is not None:
            return Share(self.name, self.label, self._cells(self.share_of), whole)
        return whole if self.phases is None else self._cells(self.types)

    def _cells(self, types: tuple[str, ...]) -> CellReadout:
        """Return what counts cells of these types, in the entry's phases if it names some."""
        if self.phases is None:
            return Readout(self.name, self.label, types)
        return Gate(self.name, self.label, window=Window(types, self.phases))


@once
def readouts(catalogue: Catalogue, lineage: str) -> Mapping[str, AnyReadout]:
    """Return the read-outs of a lineage by name, in the order of the file."""
    content = load_yaml(catalogue, _FILE)
    if lineage not in content:
        raise unknown_name("lineage with read-outs", lineage, content)
    parsed = {
        key: parse_record(_ReadoutEntry, fields, file=_FILE, entry=key, name_field="name")
        for key, fields in content[lineage].items()
    }
    return MappingProxyType({k: e.parse() for k, e in parsed.items()})


def readout(catalogue: Catalogue, lineage: str, name: str) -> CellReadout:
    """Return one read-out that counts cells, as an assay needs it."""
    known = {k: r for k, r in readouts(catalogue, lineage).items() if not isinstance(r, Flux | Share)}
    if name not in known:
        raise unknown_name(f"counting read-out of lineage {lineage!r}", name, known)
    return known[name]
