"""One entry of the catalogue as a plain record, and the work that it cites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from soleus.catalogue.folder import Catalogue
from soleus.catalogue.store import citations
from soleus.citations import Citation
from soleus.schema.catalogue import CatalogueItem

__all__ = ["as_text", "make_item", "reference"]


def reference(catalogue: Catalogue, key: str) -> Citation:
    """Return a cited work of the catalogue, able to print its BibTeX."""
    work = citations(catalogue)[key]
    return Citation(
        key=work.key,
        authors=work.authors,
        title=work.title,
        journal=work.journal,
        year=work.year,
        doi=work.doi,
        note=work.note or "",
    )


def make_item(
    catalogue: Catalogue,
    kind: str,
    entry: BaseModel,
    *,
    name: str,
    label: str,
    citation: str | None = None,
    status: str | None = None,
    skip: Sequence[str] = (),
    more: Mapping[str, str] = MappingProxyType({}),
) -> CatalogueItem:
    """Return an entry as a record; its fields as text, but for those that are skipped or shown apart."""
    shown = {"name", "label", "status", "citation", *skip}
    fields = {k: v for k, v in entry.model_dump(mode="json").items() if k not in shown}
    work = None if citation is None else citations(catalogue).get(citation)
    return CatalogueItem(
        kind=kind,
        name=name,
        label=label,
        status=status,
        citation=citation,
        doi=None if work is None else work.doi,
        fields={**as_text(fields), **more},
    )


def as_text(fields: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return fields as text: nested ones under dotted names, empty ones left out."""
    found: dict[str, str] = {}
    for key, value in fields.items():
        if isinstance(value, Mapping):
            found |= as_text(value, f"{prefix}{key}.")
        elif text := _text(value):
            found[f"{prefix}{key}"] = text
    return found


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, list | tuple):
        return (" " if _is_flat(value) else ", ").join(_text(v) for v in value)
    return str(value)


def _is_flat(values: Sequence[object]) -> bool:
    """Whether a list is one row of a table, such as (activity, from day, to day)."""
    return any(isinstance(v, float) for v in values) and any(isinstance(v, str) for v in values)
