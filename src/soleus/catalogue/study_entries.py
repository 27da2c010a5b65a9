"""Study files of the catalogue as they stand: who, what, when, and what was published of them.

A study of several niches, or with a culture, has a file for each *arm*: ``extends`` takes over whatever
the arm does not state itself, ``part_of`` names the study that it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.folder import Catalogue, load_yaml, once, parse_record
from soleus.catalogue.lineages import lineage_entry, lineage_names
from soleus.catalogue.store import citations, require_citations
from soleus.errors import CatalogueError, unknown_name
from soleus.study.entries import NO_WORDS, AssayEntry, FindingEntry, ShareAssayEntry, StudyEntry

__all__ = [
    "AssayEntry",
    "FindingEntry",
    "ShareAssayEntry",
    "StudyEntry",
    "arms_of",
    "reference_study",
    "assay_entries",
    "study_entry",
    "study_names",
]

_ASSAYS = "assays.yaml"


def study_names(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the names of all studies and arms of studies."""
    folder = catalogue.folder / "studies"
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


@once
def study_entry(catalogue: Catalogue, name: str) -> StudyEntry:
    """Return a study file, parsed and checked.

    Raises
    ------
    UnknownNameError
        With the list of studies and the nearest name.
    CatalogueError
        If the file, or the one that it extends, is malformed.
    """
    if name not in study_names(catalogue):
        raise unknown_name("study", name, study_names(catalogue))
    file = f"studies/{name}.yaml"
    entry = parse_record(StudyEntry, _fields(catalogue, name), file=file, entry=name, name_field="name")
    if entry.part_of is not None and entry.part_of not in study_names(catalogue):
        raise CatalogueError(f"{file}: {unknown_name('study', entry.part_of, study_names(catalogue))}")
    _check_species(catalogue, entry, file)
    assays = [assay_entries(catalogue, entry.lineage)[a] for a in _known_assays(catalogue, entry, file)]
    require_citations(catalogue, [entry, assays], file=file)
    for name_of, finding in entry.findings.items():
        source = citations(catalogue).get(finding.citation or entry.citation or "")
        if source is not None and source.kind in ("press", "account"):
            raise CatalogueError(f"{file}: finding {name_of!r} cites {source.key!r}: the press never counts")
    return entry


def _check_species(catalogue: Catalogue, entry: StudyEntry, file: str) -> None:
    # A lineage that is not there is told by the check of references.
    if entry.lineage not in lineage_names(catalogue) or entry.modelled_as is not None:
        return
    if entry.species != lineage_entry(catalogue, entry.lineage).species:
        raise CatalogueError(f"{file}: entry {entry.name!r}: {NO_WORDS}")


def _fields(catalogue: Catalogue, name: str, through: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the fields of a study file over those of the file that it extends."""
    own = load_yaml(catalogue, f"studies/{name}.yaml")
    base = own.pop("extends", None)
    if base is None:
        return own
    if base in (name, *through):
        raise CatalogueError(f"studies/{name}.yaml: extends itself by way of {base!r}")
    if base not in study_names(catalogue):
        raise CatalogueError(
            f"studies/{name}.yaml extends {unknown_name('study', str(base), study_names(catalogue))}"
        )
    inherited = _fields(catalogue, base, (name, *through))
    return {**inherited, **own}


def _known_assays(catalogue: Catalogue, entry: StudyEntry, file: str) -> tuple[str, ...]:
    for name in entry.assays:
        if name not in assay_entries(catalogue, entry.lineage):
            raise CatalogueError(
                f"{file}: {unknown_name('assay', name, assay_entries(catalogue, entry.lineage))}"
            )
    return entry.assays


@once
def assay_entries(catalogue: Catalogue, lineage: str) -> Mapping[str, AssayEntry | ShareAssayEntry]:
    """Return the assays of a lineage, by name."""
    found: dict[str, AssayEntry | ShareAssayEntry] = {}
    for key, fields in load_yaml(catalogue, _ASSAYS).get(lineage, {}).items():
        model = ShareAssayEntry if "shares" in fields else AssayEntry
        try:
            found[key] = model.model_validate(fields)
        except ValueError as error:
            raise CatalogueError(f"{_ASSAYS}: assay {lineage}.{key}: {error}") from error
    return MappingProxyType(found)


def reference_study(catalogue: Catalogue) -> StudyEntry:
    """Return the study that the prior of the effect is stated for."""
    return study_entry(catalogue, effect_model(catalogue).matrix.reference_study)


def arms_of(catalogue: Catalogue, whole: str) -> tuple[str, ...]:
    """Return the names of a study's files: itself first, then its other arms."""
    arms = [n for n in study_names(catalogue) if study_entry(catalogue, n).whole == whole]
    return tuple(sorted(arms, key=lambda n: (n != whole, n)))
