"""A folder of published content as one value, and its citations, claims, evidence and quantities.

A :class:`Catalogue` is made once by whoever asks and handed on; nothing is fetched by a global name. A file
is read when it is first needed, and what was made of it stays with that catalogue. Nothing here interprets
content: files become frozen records, references between files are checked, and a malformed file is refused
with the name of the file and of the entry.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any, Concatenate, ParamSpec, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from soleus.catalogue.quantity import Quantity
from soleus.catalogue.records import CitationModel, Claim, EvidenceEntry, VerdictRule
from soleus.errors import CatalogueError, unknown_name
from soleus.values import carried

__all__ = [
    "Catalogue",
    "citation",
    "citations",
    "claim",
    "claims",
    "evidence",
    "load_catalogue",
    "load_yaml",
    "once",
    "parse_record",
    "quantities",
    "quantity",
    "quantity_groups",
    "require_citations",
    "verdict_rule",
]

_Model = TypeVar("_Model", bound=BaseModel)
_P = ParamSpec("_P")
_T = TypeVar("_T")
_CITATIONS = "citations.yaml"
# The C parser is about ten times faster where PyYAML was built with it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _UniqueKeyLoader(_LOADER):  # type: ignore[misc]
    """The safe loader, refusing a mapping that states a key twice (plain YAML keeps the last)."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(key_node.value)
            if key in seen:
                raise yaml.YAMLError(f"{key!r} is stated twice (line {key_node.start_mark.line + 1})")
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


@dataclass(frozen=True, eq=False, slots=True)
class Catalogue:
    """Published content: a folder of data files, each read once, when it is first needed.

    Two catalogues are never equal: what was made of one says nothing of the other.

    Parameters
    ----------
    folder
        The folder with ``citations.yaml`` and all others.
    """

    folder: Traversable
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    def names(self, kind: str, *, ending: str = ".yaml") -> tuple[str, ...]:
        """Return the names of the files of a subfolder without their ending, in order."""
        folder = self.folder / kind
        if not folder.is_dir():
            return ()
        return tuple(sorted(f.name.removesuffix(ending) for f in folder.iterdir() if f.name.endswith(ending)))


def load_catalogue(folder: str | Path | Traversable | None = None) -> Catalogue:
    """Return the catalogue of a folder; that of the package by default.

    Raises
    ------
    CatalogueError
        If the folder has no ``citations.yaml``: then it is no catalogue.

    Examples
    --------
    >>> from soleus.catalogue import citations, load_catalogue
    >>> citations(load_catalogue())["adami-2018"].doi
    '10.3389/fnins.2018.00336'
    """
    if folder is None:
        return Catalogue(resources.files("soleus.catalogue") / "data")
    place = Path(folder) if isinstance(folder, str) else folder
    if not (place / _CITATIONS).is_file():
        raise CatalogueError(f"{place}: no catalogue, because it has no {_CITATIONS}")
    return Catalogue(place)


def once(
    make: Callable[Concatenate[Catalogue, _P], _T],
) -> Callable[Concatenate[Catalogue, _P], _T]:
    """Keep what a function makes of a catalogue in that catalogue, for each set of further arguments."""

    @functools.wraps(make)
    def kept(catalogue: Catalogue, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        key = (make, args, tuple(sorted(kwargs.items())))
        if key not in catalogue._made:
            catalogue._made[key] = make(catalogue, *args, **kwargs)
        found: _T = catalogue._made[key]
        return found

    return kept


def load_yaml(catalogue: Catalogue, name: str) -> dict[str, Any]:
    """Read a YAML mapping from the catalogue's folder.

    Parameters
    ----------
    name
        File name, such as ``claims.yaml``.

    Raises
    ------
    CatalogueError
        If the file is missing, is not valid YAML, states a key twice, or is not a mapping.
    """
    return dict(_content(catalogue, name))


@once
def _content(catalogue: Catalogue, name: str) -> dict[str, Any]:
    try:
        text = (catalogue.folder / name).read_text(encoding="utf-8")
        content = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506  (a safe loader)
    except (OSError, yaml.YAMLError) as error:
        raise CatalogueError(f"{name}: cannot be read as YAML: {error}") from error
    if not isinstance(content, dict):
        raise CatalogueError(f"{name}: must hold a mapping of names to entries, got {type(content).__name__}")
    return content


def parse_record(model: type[_Model], fields: object, *, file: str, entry: str, name_field: str) -> _Model:
    """Turn one entry of a data file into a frozen record.

    Parameters
    ----------
    model
        The record's class.
    fields
        What the file holds under the entry's name.
    file, entry
        Where it stands, for the error message.
    name_field
        Field that takes the entry's name; the file must not state it again.

    Raises
    ------
    CatalogueError
        If the entry is not a mapping or does not fit the record.
    """
    if not isinstance(fields, dict):
        raise CatalogueError(f"{file}: entry {entry!r} must be a mapping of fields, got {fields!r}")
    if name_field in fields:
        raise CatalogueError(
            f"{file}: entry {entry!r} states {name_field!r}; the entry's own key is its name"
        )
    try:
        return model.model_validate({name_field: entry, **fields})
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'entry'}: {problem['msg']}" for problem in error.errors()
        )
        raise CatalogueError(f"{file}: entry {entry!r}: {problems}") from error


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
