"""QuPath exports of detections and annotations, old and new.

Counts are per image and class; an image that occurs in the file counts 0 for every class that it lacks.
Headers by QuPath's MeasurementExporter, https://qupath.readthedocs.io/en/stable/docs/tutorials/measurements.html
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from soleus.exchange.instruments.pattern import Pattern
from soleus.exchange.instruments.qupath_annotations import annotation_frame, image_areas
from soleus.exchange.instruments.qupath_cells import (
    Coded,
    coded,
    first_filled,
    read_columns,
    repeated,
    tally,
)
from soleus.exchange.instruments.qupath_header import QuPathHeader, read_header
from soleus.exchange.instruments.reading import Reading, constants_for, mapping_for, table_of
from soleus.exchange.instruments.source import Text, header_of, load
from soleus.exchange.instruments.units_of_images import Named, name_images
from soleus.exchange.readers.files import refusal
from soleus.exchange.readers.mapping import Columns, Constants, Exposure, Mapping, Values

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["UNCLASSIFIED", "read_qupath"]

UNCLASSIFIED = "unclassified"
"""Read-out of objects without a class."""

_OBJECTS = frozenset({"detection", "cell", "pathdetectionobject", "pathcellobject", "tile", "pathtileobject"})
_REGIONS = frozenset({"annotation", "pathannotationobject", "tma core", "tmacoreobject"})
_IMAGES = frozenset({"image", "root", "root object", "pathrootobject"})


def read_qupath(
    path: str | Path,
    *,
    pattern: Pattern = None,
    parts: bool = False,
    constants: Constants | None = None,
) -> Reading:
    r"""Read an export of measurements of QuPath (tab, comma or semicolon).

    Parameters
    ----------
    path
        The file.
    pattern
        Where animal, section and side stand in the names of images; guessed where None.
    parts
        Count a derived class such as ``DCX: Ki67`` for each of its parts, instead of as a class of its own.
    constants
        What holds for all rows: day, study, assay, ...

    Returns
    -------
    Reading
        One row an image (or annotation) and class: image, readout, value (cells), n_objects (all objects
        of the image) for detections, exposure_mm2 where areas are calibrated, animal, section, side.

    Raises
    ------
    InputError
        The message names file, row and mend.

    Notes
    -----
    Areas in pixels are not an exposure: pixels of different images differ in size, so the column is left
    out with a note. A file that mixes calibrated and uncalibrated images is refused.
    """
    text = load(path)
    names, separator = header_of(text)
    header = read_header(names, text.source)
    indices = sorted({index for index in _needed(header) if index is not None})
    plain = [] if header.identity is None else [header.identity]
    table = read_columns(text, separator, width=len(names), keep=indices, plain=plain)
    _check_identities(table, header, text)
    words = {index: coded(table, index) for index in indices}
    _check(header, words, text)
    notes = text.notes()
    if header.of_annotations:
        frame, found = annotation_frame(header, words, text=text, pattern=pattern, notes=notes)
        kind = "QuPath annotations"
    else:
        frame, found = _detections(header, words, text=text, pattern=pattern, parts=parts, notes=notes)
        kind = "QuPath detections"
    raw = table_of(frame, source=text.source, notes=notes)
    exposure = Exposure(column="exposure_mm2", unit="mm2") if "exposure_mm2" in raw.header else None
    mapping, questions = mapping_for(
        Mapping(
            columns=Columns(readout="readout"),
            constants=constants_for(constants, kind),
            values=(Values(column="value"),),
            exposure=exposure,
        ),
        raw,
    )
    return Reading(kind, raw, mapping, (*found.questions, *questions), found.pattern)


def _needed(header: QuPathHeader) -> list[int | None]:
    of_text = [header.image, header.kind, header.name, header.classification, header.parent]
    centroids = header.centroids.values() if len(header.centroids) > 1 else ()
    return [*of_text, *header.counts.values(), *header.areas.values(), *centroids]


def _check_identities(table: pa.Table, header: QuPathHeader, text: Text) -> None:
    repeat = None if header.identity is None else repeated(table, header.identity)
    if repeat is not None:
        mend = "the export was probably appended to itself: remove the second copy"
        raise refusal(text.path, f"object {repeat[1]!r} occurs a second time; {mend}", row=repeat[0] + 2)


def _check(header: QuPathHeader, words: dict[int, Coded], text: Text) -> None:
    """Refuse nameless images, and a mixture of calibrated and uncalibrated images."""
    image = words[header.image]
    if "" in image.words:
        row = int((image.codes == image.words.index("")).argmax())
        raise refusal(text.path, "names no image; export it again", row=row + 2, column="Image")
    for by_unit in (header.areas, header.centroids):
        if "px" not in by_unit or len(by_unit) == 1:
            continue
        row_px = first_filled(words[by_unit["px"]])
        calibrated = next(index for unit, index in by_unit.items() if unit != "px")
        if row_px is not None and first_filled(words[calibrated]) is not None:
            name = image.words[image.codes[row_px]]
            problem = f"image {name!r} is measured in pixels, others in micrometres"
            mend = "set its pixel size in QuPath (Image tab), detect again and export again"
            raise refusal(text.path, f"{problem}; {mend}", row=row_px + 2)


def _detections(
    header: QuPathHeader,
    words: dict[int, Coded],
    *,
    text: Text,
    pattern: Pattern,
    parts: bool,
    notes: list[str],
) -> tuple[pd.DataFrame, Named]:
    import pandas as pd

    if header.classification is None:
        mend = "classify the objects in QuPath and export again, or export annotations with their counts"
        raise refusal(text.path, f"there is no column 'Class' or 'Classification'; {mend}", row=1)
    image, classes = words[header.image], words[header.classification]
    objects = _object_rows(header, words, text)
    where = np.flatnonzero(objects)
    counts, first = tally(image.codes[where], classes.codes[where], (len(image.words), len(classes.words)))
    first = np.where(first >= 0, where[first], -1) if len(where) else first
    used = counts.sum(axis=0) > 0
    kinds = [word or UNCLASSIFIED for word, some in zip(classes.words, used, strict=True) if some]
    counts, first = counts[:, used], first[:, used]
    if not kinds:
        raise refusal(text.path, "holds no detections; export detections or cells", row=2)
    totals = counts.sum(axis=1)
    if parts:
        kinds, counts, first = _by_part(kinds, counts, first)
    elif any(": " in kind for kind in kinds):
        notes.append("An object of class 'A: B' is not counted in 'A'; parts=True counts it in both.")
    image_first = np.unique(image.codes, return_index=True)[1]
    rows = np.where(first >= 0, first, image_first[:, None]) + 2
    named = name_images(image.words, pattern, source=text.source, rows=[int(row) + 2 for row in image_first])
    index = np.repeat(np.arange(len(image.words)), len(kinds))
    frame = pd.DataFrame(
        {
            "image": [image.words[i] for i in index],
            **named.columns([int(i) for i in index]),
            "readout": kinds * len(image.words),
            "value": counts.ravel().astype(float),
            "n_objects": np.repeat(totals, len(kinds)).astype(float),
            "source_row": rows.ravel(),
        }
    )
    areas = image_areas(header, words, objects, notes=notes)
    if areas is not None:
        frame["exposure_mm2"] = areas[index]
    _zeros_noted(frame, notes)
    return frame, named


def _zeros_noted(frame: pd.DataFrame, notes: list[str]) -> None:
    zeros = int((frame["value"] == 0).sum())
    if zeros:
        notes.append(f"{zeros} pair(s) of image and class without objects count 0.")
    notes.append("Images without any object do not occur in such a file; name those that were counted.")


def _object_rows(header: QuPathHeader, words: dict[int, Coded], text: Text) -> np.ndarray:
    """Tell objects from annotations and images, shape (rows,)."""
    column = header.kind if header.kind is not None else header.name
    if column is None:
        return np.ones(len(words[header.image].codes), dtype=bool)
    kinds = words[column]
    if header.kind is None:
        _check_names(header, words, text)
    known = []
    for word in kinds.words:
        kind = word.lower()
        if header.kind is None:
            # Old exports name nameless objects by their type.
            known.append(kind not in _REGIONS and kind not in _IMAGES)
        elif kind in _OBJECTS or kind in _REGIONS or kind in _IMAGES:
            known.append(kind in _OBJECTS)
        else:
            row = int((kinds.codes == kinds.words.index(word)).argmax()) + 2
            mend = "export detections, cells or annotations"
            raise refusal(text.path, f"{word!r} is no type of object; {mend}", row=row, column="Object type")
    return np.array(known, dtype=bool)[kinds.codes]


def _check_names(header: QuPathHeader, words: dict[int, Coded], text: Text) -> None:
    """Refuse rows of old exports that may be annotations: nothing but their name would tell."""
    if header.name is None or header.classification is None:
        return
    names, classes = words[header.name], words[header.classification]
    typed = [not name or name.lower().startswith("path") for name in names.words]
    place = {name: k for k, name in enumerate(names.words)}
    own = np.array([place.get(name, -1) for name in classes.words])[classes.codes]
    doubtful = ~np.array(typed)[names.codes] & (own != names.codes)
    if doubtful.any():
        row = int(doubtful.argmax())
        name = names.words[names.codes[row]]
        problem = f"{name!r} may be an annotation or an object: the file has no column 'Object type'"
        mend = "export detections alone, or with QuPath 0.4 or later"
        raise refusal(text.path, f"{problem}; {mend}", row=row + 2, column="Name")


def _by_part(
    kinds: list[str], counts: np.ndarray, first: np.ndarray
) -> tuple[list[str], np.ndarray, np.ndarray]:
    names = list(dict.fromkeys(part for kind in kinds for part in kind.split(": ")))
    member = np.array([[name in kind.split(": ") for name in names] for kind in kinds])
    late = np.iinfo(np.int64).max
    rows = np.where(first >= 0, first, late)
    earliest = np.array([np.where(member[:, k], rows, late).min(axis=1) for k in range(len(names))]).T
    return names, counts @ member.astype(np.int64), np.where(earliest < late, earliest, -1)
