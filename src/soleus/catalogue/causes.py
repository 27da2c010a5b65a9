"""Changes of cell behaviour that the marks on read-outs are computed for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict

from soleus.catalogue.folder import Catalogue, load_yaml, once, parse_record
from soleus.errors import unknown_name

__all__ = ["Cause", "causes"]

_FILE = "causes.yaml"


class Cause(BaseModel):
    """A change of one quantity of cell behaviour.

    Attributes
    ----------
    quantity
        What changes, by a factor of its strength.
    role
        The role through which it does.
    acts_on
        ``"time"``: the quantity is a mean time, so the role's hazards are divided; ``"rate"``: they are
        multiplied; ``"divisions"``: the mean number of divisions is divided, by the weight of the role's
        fates.
    widest
        Largest factor, and one over the smallest, that is looked at.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    label: str
    quantity: str
    role: str
    acts_on: Literal["time", "rate", "divisions"]
    widest: float = 16.0


@once
def causes(catalogue: Catalogue, lineage: str) -> Mapping[str, Cause]:
    """Return the causes of a lineage by name, in the order of the file."""
    content = load_yaml(catalogue, _FILE)
    if lineage not in content:
        raise unknown_name("lineage with causes", lineage, content)
    return MappingProxyType(
        {
            key: parse_record(Cause, fields, file=_FILE, entry=key, name_field="name")
            for key, fields in content[lineage].items()
        }
    )
