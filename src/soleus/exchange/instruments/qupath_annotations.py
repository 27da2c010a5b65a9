"""Annotations of QuPath: their counts, their areas, their region and side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from soleus.exchange.instruments.cells import decimal_mark, number, whole
from soleus.exchange.instruments.pattern import Pattern
from soleus.exchange.instruments.qupath_cells import Coded
from soleus.exchange.instruments.qupath_header import QuPathHeader
from soleus.exchange.instruments.source import Text
from soleus.exchange.instruments.units_of_images import Named, name_images
from soleus.exchange.readers.files import refusal

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["annotation_frame", "image_areas"]

_PER_MM2 = {"um": 1e-6, "mm": 1.0}
_TOP = frozenset({"", "image", "root", "root object", "root object (image)", "pathrootobject"})
_PX_NOTE = (
    "Areas are in pixels: they are not used as exposure, because pixels of different images differ in size."
    " Set the pixel size in QuPath and export again to have densities."
)


def annotation_frame(
    header: QuPathHeader,
    words: dict[int, Coded],
    *,
    text: Text,
    pattern: Pattern,
    notes: list[str],
) -> tuple[pd.DataFrame, Named]:
    """Return one row an annotation and read-out.

    Parameters
    ----------
    header, words
        Columns and their cells.
    text
        The file.
    pattern
        Of the names of images.
    notes
        What the user should know is added here.

    Raises
    ------
    InputError
        A count that is negative or not whole, an area that is not positive.
    """
    import pandas as pd

    image = words[header.image]
    first = np.unique(image.codes, return_index=True)[1]
    named = name_images(image.words, pattern, source=text.source, rows=[int(row) + 2 for row in first])
    regions = _regions(header, words)
    marks = [
        word for index in (*header.counts.values(), *header.areas.values()) for word in words[index].words
    ]
    mark = decimal_mark(marks, text.path)
    areas = _areas(header, words, text=text, mark=mark, notes=notes)
    part_columns = named.columns([int(code) for code in image.codes])
    fields = _fields(image, regions)
    rows: list[dict[str, object]] = []
    filled = 0
    for row in range(len(image.codes)):
        counts, blank = _counts_of(row, header, words, text=text, mark=mark)
        filled += blank
        for readout, value in counts.items():
            rows.append(
                {
                    "image": image.words[image.codes[row]],
                    **{name: cells[row] for name, cells in part_columns.items()},
                    **regions[row],
                    **({"field": fields[row]} if fields else {}),
                    "readout": readout,
                    "value": value,
                    "exposure_mm2": math.nan if areas is None else areas[row],
                    "excluded": "true" if math.isnan(value) else "false",
                    "exclusion_reason": "empty in the file" if math.isnan(value) else None,
                    "source_row": row + 2,
                }
            )
    if filled:
        notes.append(f"{filled} empty number(s) of a class count 0: QuPath leaves out what an image lacks.")
    frame = pd.DataFrame(rows)
    if areas is None:
        frame = frame.drop(columns="exposure_mm2")
    if not (frame["excluded"] == "true").any():
        frame = frame.drop(columns=["excluded", "exclusion_reason"])
    return frame, named


def _regions(header: QuPathHeader, words: dict[int, Coded]) -> list[dict[str, object]]:
    """Return niche and side of each row, from the class (``Left: PAG``) or the name."""
    size = len(words[header.image].codes)
    columns = [words[index] for index in (header.classification, header.name) if index is not None]
    found: list[dict[str, object]] = []
    for row in range(size):
        texts = [column.words[column.codes[row]] for column in columns]
        text = next((t for t in texts if t and not t.lower().startswith("path")), "")
        side, _, rest = text.partition(": ")
        if rest and side.lower() in ("left", "right"):
            found.append({"niche": rest, "side": side.lower()})
        else:
            found.append({"niche": text} if text else {})
    return found


def _fields(image: Coded, regions: list[dict[str, object]]) -> list[str] | None:
    """Number annotations that an image has more than one of; None where each is alone."""
    seen: dict[tuple[object, ...], int] = {}
    fields: list[str] = []
    for code, region in zip(image.codes, regions, strict=True):
        key = (code, region.get("niche"), region.get("side"))
        seen[key] = seen.get(key, 0) + 1
        fields.append(str(seen[key]))
    return fields if max(seen.values()) > 1 else None


def _counts_of(
    row: int, header: QuPathHeader, words: dict[int, Coded], *, text: Text, mark: str
) -> tuple[dict[str, float], int]:
    """Return the counts of one annotation, and how many empty cells counted 0."""
    counts: dict[str, float] = {}
    for readout, index in header.counts.items():
        column = words[index]
        place = (text.path, row + 2, header.names[index])
        counts[readout] = whole(column.words[column.codes[row]], place, mark=mark)
    total = counts.get("Detections", math.nan)
    blank = 0
    for readout, value in counts.items():
        if header.names[header.counts[readout]].startswith("Num "):
            if math.isnan(value) and not math.isnan(total):
                counts[readout], blank = 0.0, blank + 1
            elif value > total:
                problem = f"{value:g} of {readout!r} are more than the {total:g} detections"
                raise refusal(text.path, f"{problem}; export it again", row=row + 2)
    return counts, blank


def _areas(
    header: QuPathHeader, words: dict[int, Coded], *, text: Text, mark: str, notes: list[str]
) -> NDArray[np.float64] | None:
    """Return the area of each row, mm2; None where there is none, or only pixels."""
    calibrated = {unit: index for unit, index in header.areas.items() if unit != "px"}
    if not calibrated:
        if header.areas:
            notes.append(_PX_NOTE)
        return None
    unit, index = next(iter(calibrated.items()))
    column = words[index]
    areas: NDArray[np.float64] = np.full(len(column.codes), math.nan)
    for row, code in enumerate(column.codes):
        place = (text.path, row + 2, header.names[index])
        area = number(column.words[code], place, mark=mark)
        if area <= 0:
            problem = f"the area {column.words[code]!r} is not positive"
            raise refusal(text.path, f"{problem}; remove the empty annotation", row=row + 2)
        areas[row] = area * _PER_MM2[unit]
    if np.isnan(areas).all():
        notes.append(_PX_NOTE)
        return None
    return areas


def image_areas(
    header: QuPathHeader, words: dict[int, Coded], objects: NDArray[np.bool_], *, notes: list[str]
) -> NDArray[np.float64] | None:
    """Return the annotated area of each image, mm2, from annotations in a file of detections.

    Only annotations that lie in no other one count, so that no area counts twice. None, with a note, where
    some object lies outside of every annotation: the area would not be what was searched.
    """
    if objects.all() or not header.areas:
        return None
    calibrated = {unit: index for unit, index in header.areas.items() if unit != "px"}
    if not calibrated:
        notes.append(_PX_NOTE)
        return None
    if header.parent is None:
        return None
    parent = words[header.parent]
    top = np.array([word.lower() in _TOP for word in parent.words])[parent.codes]
    if (objects & top).any():
        notes.append("Some objects lie outside of every annotation: its area is not used as exposure.")
        return None
    unit, index = next(iter(calibrated.items()))
    column, image = words[index], words[header.image]
    by_word = np.array([_area(word) for word in column.words])
    sizes = np.where(~objects & top, by_word[column.codes], 0.0)
    weights = np.nan_to_num(sizes)
    areas: NDArray[np.float64] = np.bincount(image.codes, weights=weights, minlength=len(image.words)).astype(
        np.float64
    )
    if (areas <= 0).any():
        notes.append("Some image has no annotation with an area: the annotated area is not used as exposure.")
        return None
    return areas * _PER_MM2[unit]


def _area(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return math.nan
