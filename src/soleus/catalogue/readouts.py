"""Read-outs of the catalogue."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from soleus.assays import Readout
from soleus.catalogue.store import load_yaml, parse_record
from soleus.errors import unknown_name

__all__ = ["readout", "readouts"]

_FILE = "readouts.yaml"


class _ReadoutEntry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    label: str
    types: tuple[str, ...]
    cycling: bool = False
    note: str | None = None


@functools.cache
def readouts(lineage: str) -> Mapping[str, Readout]:
    """Return the read-outs of a lineage by name, in the order of the file."""
    content = load_yaml(_FILE)
    if lineage not in content:
        raise unknown_name("lineage with read-outs", lineage, content)
    parsed = {
        key: parse_record(_ReadoutEntry, fields, file=_FILE, entry=key, name_field="name")
        for key, fields in content[lineage].items()
    }
    return MappingProxyType({k: Readout(k, e.label, e.types, e.cycling) for k, e in parsed.items()})


def readout(lineage: str, name: str) -> Readout:
    """Return one read-out."""
    known = readouts(lineage)
    if name not in known:
        raise unknown_name(f"read-out of lineage {lineage!r}", name, known)
    return known[name]
