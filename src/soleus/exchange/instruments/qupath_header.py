"""The header of a QuPath export: which column holds what, in which unit, old spelling or new."""

from __future__ import annotations

import re
from dataclasses import dataclass

from soleus.exchange.readers.files import Source, refusal

__all__ = ["QuPathHeader", "read_header"]

_UNIT = r"(?P<unit>[µμ]m|Âµm|um|px|mm)"
_AREA = re.compile(rf"Area {_UNIT}\^2")
_CENTROID = re.compile(rf"Centroid X {_UNIT}")
_NUMBER_OF = re.compile(r"Num (?P<what>(?!.* per ).+)")
_COUNT_OF = re.compile(r"(?P<what>.+) Count")
_CLASS_NAMES = ("Classification", "Class")
_DERIVED = (" %", " per mm^2", " per um^2", " per µm^2")


@dataclass(frozen=True, slots=True)
class QuPathHeader:
    """Columns of an export, by their index; None where the file has no such column.

    Parameters
    ----------
    names
        All columns.
    image, kind, name, classification, parent, identity
        Image, Object type, Name, Class or Classification, Parent, Object ID.
    counts
        Read-out to its column, for tables of annotations or images.
    areas, centroids
        Unit ("um", "mm" or "px") to its column.
    """

    names: tuple[str, ...]
    image: int
    kind: int | None
    name: int | None
    classification: int | None
    parent: int | None
    identity: int | None
    counts: dict[str, int]
    areas: dict[str, int]
    centroids: dict[str, int]

    @property
    def of_annotations(self) -> bool:
        """Whether rows count objects, and are not objects themselves."""
        return bool(self.counts)


def read_header(names: tuple[str, ...], source: Source) -> QuPathHeader:
    """Find the columns of a QuPath export.

    Raises
    ------
    InputError
        No column ``Image``, both ``Class`` and ``Classification``, or a doubled column.
    """
    for name in names:
        if name and names.count(name) > 1:
            raise refusal(source.path, f"column {name!r} occurs more than once; export it again", row=1)
    if "Image" not in names:
        mend = "export with Measure > Export measurements, which adds it"
        raise refusal(source.path, f"there is no column 'Image', so that rows have no animal; {mend}", row=1)
    classes = [name for name in _CLASS_NAMES if name in names]
    if len(classes) > 1:
        mend = "keep the one that holds the class"
        raise refusal(source.path, f"both 'Classification' and 'Class' are columns; {mend}", row=1)

    def at(name: str) -> int | None:
        return names.index(name) if name in names else None

    return QuPathHeader(
        names=names,
        image=names.index("Image"),
        kind=at("Object type"),
        name=at("Name"),
        classification=at(classes[0]) if classes else None,
        parent=at("Parent"),
        identity=at("Object ID"),
        counts=_counts(names),
        areas=_by_unit(names, _AREA),
        centroids=_by_unit(names, _CENTROID),
    )


def _counts(names: tuple[str, ...]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for index, name in enumerate(names):
        if name.endswith(_DERIVED):
            continue  # computed by QuPath from the counts
        match = _NUMBER_OF.fullmatch(name) or _COUNT_OF.fullmatch(name)
        if match:
            counts[match["what"]] = index
    return counts


def _by_unit(names: tuple[str, ...], form: re.Pattern[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, name in enumerate(names):
        match = form.fullmatch(name)
        if match:
            unit = match["unit"]
            found[unit if unit in ("px", "mm") else "um"] = index
    return found
