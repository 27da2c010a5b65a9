"""A folder of published content as one value.

A :class:`Catalogue` is made once by whoever asks and handed on; nothing is fetched by a global name. A file
is read when it is first needed, and what was made of it stays with that catalogue.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from soleus.errors import CatalogueError

__all__ = ["Catalogue", "load_catalogue", "load_yaml", "once", "parse_record"]

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
