"""Citations, claims, evidence and quantities of a catalogue, by name.

Nothing here interprets content: files become frozen records, references between files are checked, and a
malformed file is refused with the name of the file and of the entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from soleus.catalogue.folder import Catalogue, load_yaml, once, parse_record
from soleus.catalogue.quantity import Quantity
from soleus.catalogue.records import CitationModel, Claim, EvidenceEntry, VerdictRule
from soleus.errors import CatalogueError, unknown_name
from soleus.values import carried

__all__ = [
    "citation",
    "citations",
    "claim",
    "claims",
    "evidence",
    "quantities",
    "quantity",
    "quantity_groups",
    "require_citations",
    "verdict_rule",
]

_Model = TypeVar("_Model", bound=BaseModel)
_CITATIONS = "citations.yaml"


def _records(catalogue: Catalogue, model: type[_Model], file: str, name_field: str) -> Mapping[str, _Model]:
    parsed = {
        entry: parse_record(model, fields, file=file, entry=str(entry), name_field=name_field)
        for entry, fields in load_yaml(catalogue, file).items()
    }
    return MappingProxyType(parsed)


def require_citations(catalogue: Catalogue, content: object, *, file: str) -> None:
    """Refuse content that names a work which the catalogue does not have, wherever in it that stands.

    Raises
    ------
    CatalogueError
        With the file, the entry and the nearest key.
    """
    for one in carried(content):
        entry = getattr(one, "id", None) or getattr(one, "name", None)
        _require_works(catalogue, [one.citation], where=file if entry is None else f"{file}: entry {entry!r}")


def _require_works(catalogue: Catalogue, keys: Iterable[str | None], *, where: str) -> None:
    known = citations(catalogue)
    for key in keys:
        if key is not None and key not in known:
            raise CatalogueError(f"{where}: {unknown_name('citation', key, known)}")


@once
def citations(catalogue: Catalogue) -> Mapping[str, CitationModel]:
    """All cited works by key."""
    return _records(catalogue, CitationModel, _CITATIONS, "key")


def citation(catalogue: Catalogue, key: str) -> CitationModel:
    """One cited work; an unknown key is answered with the nearest known one."""
    return _lookup("citation", key, citations(catalogue))


@once
def claims(catalogue: Catalogue) -> Mapping[str, Claim]:
    """All statements of the account by id, in the account's order."""
    parsed = _records(catalogue, Claim, "claims.yaml", "id")
    for row in parsed.values():
        keys = (row.source, row.primary_citation, *row.citations)
        _require_works(catalogue, keys, where=f"claims.yaml: entry {row.id!r}")
    return parsed


def claim(catalogue: Catalogue, claim_id: str) -> Claim:
    """One statement of the account, or one part of it as ``CLAIM/PART``; an unknown id is answered."""
    if "/" not in claim_id:
        return _lookup("claim", claim_id, claims(catalogue))
    parts = {part.id: part for whole in claims(catalogue).values() for part in whole.judged}
    return _lookup("part of a claim", claim_id, parts)


@once
def evidence(catalogue: Catalogue) -> tuple[EvidenceEntry, ...]:
    """All evidence entries, in the order of the file."""
    entries = tuple(_records(catalogue, EvidenceEntry, "evidence.yaml", "id").values())
    for entry in entries:
        if entry.claim not in claims(catalogue):
            problem = unknown_name("claim", entry.claim, claims(catalogue))
            raise CatalogueError(f"evidence.yaml: entry {entry.id!r}: {problem}")
    require_citations(catalogue, entries, file="evidence.yaml")
    return entries


@once
def verdict_rule(catalogue: Catalogue) -> VerdictRule:
    """The rule that turns counted evidence and predictions into a verdict."""
    file = "verdict-rule.yaml"
    try:
        return VerdictRule.model_validate(load_yaml(catalogue, file))
    except ValidationError as error:
        raise CatalogueError(f"{file}: {error}") from error


@once
def _quantity_groups(catalogue: Catalogue) -> Mapping[str, Mapping[str, Quantity]]:
    file = "quantities.yaml"
    groups: dict[str, Mapping[str, Quantity]] = {}
    owner: dict[str, str] = {}
    for group, entries in load_yaml(catalogue, file).items():
        if not isinstance(entries, dict):
            raise CatalogueError(f"{file}: group {group!r} must be a mapping of names to quantities")
        parsed: dict[str, Quantity] = {}
        for name, fields in entries.items():
            if name in owner:
                raise CatalogueError(f"{file}: entry {name!r} stands in {owner[name]!r} and in {group!r}")
            owner[name] = group
            parsed[name] = parse_record(Quantity, fields, file=file, entry=str(name), name_field="name")
        groups[group] = MappingProxyType(parsed)
    require_citations(catalogue, groups, file=file)
    return MappingProxyType(groups)


def quantity_groups(catalogue: Catalogue) -> tuple[str, ...]:
    """Names of the groups of quantities."""
    return tuple(_quantity_groups(catalogue))


def quantities(catalogue: Catalogue, group: str | None = None) -> Mapping[str, Quantity]:
    """Quantities by name: those of one group, or all of them.

    Raises
    ------
    soleus.errors.UnknownNameError
        If there is no such group.
    """
    if group is not None:
        return _lookup("group of quantities", group, _quantity_groups(catalogue))
    groups = _quantity_groups(catalogue).values()
    return MappingProxyType({name: found for members in groups for name, found in members.items()})


def quantity(catalogue: Catalogue, name: str) -> Quantity:
    """One quantity; an unknown name is answered with the nearest known one."""
    return _lookup("quantity", name, quantities(catalogue))


_Value = TypeVar("_Value")


def _lookup(kind: str, name: str, table: Mapping[str, _Value]) -> _Value:
    if name not in table:
        raise unknown_name(kind, name, table)
    return table[name]
