"""CellProfiler's files of objects: how many objects each image has, with one header row or with two."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from soleus.exchange.instruments.cells import whole
from soleus.exchange.instruments.qupath_cells import coded, read_columns
from soleus.exchange.instruments.source import Text, header_of, load, sheet_of, shorten
from soleus.exchange.readers.files import refusal

__all__ = ["ObjectCounts", "count_objects"]

_KEYS = ("ImageNumber", "ObjectNumber")
_EMPTY = frozenset({"", "nan", "none"})


@dataclass(frozen=True)
class ObjectCounts:
    """Objects of one name.

    Parameters
    ----------
    name
        Of the objects, such as Nuclei.
    path
        Their file.
    per_image
        ImageNumber to the number of objects; images without any are absent.
    first_row
        ImageNumber to the first row of the file.
    """

    name: str
    path: Path
    per_image: dict[int, int]
    first_row: dict[int, int]

    def check_images(self, known: set[int], image_file: Path) -> None:
        """Refuse objects of images that ``Image.csv`` does not have."""
        lost = [image for image in self.per_image if image not in known]
        if lost:
            problem = f"objects of {self.name!r} belong to image {shorten([str(image) for image in lost])}"
            mend = f"{image_file.name} has no such image: export both from one run"
            raise refusal(self.path, f"{problem}; {mend}", row=self.first_row[lost[0]])


def count_objects(path: Path, prefix: str) -> list[ObjectCounts]:
    """Count the objects of a file; a single-file export holds several kinds under two header rows.

    Parameters
    ----------
    path
        The file.
    prefix
        What its name begins with, before the name of the objects.

    Raises
    ------
    InputError
        No ``ImageNumber`` or ``ObjectNumber``, or an object that occurs twice.
    """
    text = load(path)
    header, separator = header_of(text)
    if "ImageNumber" not in header:
        return _count_combined(text)
    if "ObjectNumber" not in header:
        mend = "it is needed to tell objects apart: export it again"
        raise refusal(path, f"there is no column 'ObjectNumber'; {mend}", row=1)
    image, identity = (header.index(name) for name in _KEYS)
    table = read_columns(text, separator, width=len(header), keep=[image, identity])
    images, objects = coded(table, image), coded(table, identity)
    numbers: list[int] = []
    for k, word in enumerate(images.words):
        row = int((images.codes == k).argmax()) + 2
        value = whole(word, (path, row, "ImageNumber"))
        if math.isnan(value):
            raise refusal(path, "is empty; export it again", row=row, column="ImageNumber")
        numbers.append(int(value))
    seen: set[int] = set()
    per_image: dict[int, int] = {}
    first: dict[int, int] = {}
    pairs = images.codes * len(objects.words) + objects.codes
    for row, (pair, code) in enumerate(zip(pairs.tolist(), images.codes.tolist(), strict=True), start=2):
        if pair in seen:
            raise _twice(path, numbers[code], objects.words[objects.codes[row - 2]], row=row)
        seen.add(pair)
        per_image[numbers[code]] = per_image.get(numbers[code], 0) + 1
        first.setdefault(numbers[code], row)
    return [ObjectCounts(path.stem.removeprefix(prefix), path, per_image, first)]


def _twice(path: Path, image: int, identity: str, *, row: int) -> Exception:
    mend = "the file was probably appended to itself: remove the second copy"
    return refusal(path, f"object {identity} of image {image} occurs a second time; {mend}", row=row)


def _count_combined(text: Text) -> list[ObjectCounts]:
    """Count in a file whose first header row names objects, and the second measurements."""
    owners, separator = header_of(text)
    sheet = sheet_of(text, separator, headers=2)
    missing = [name for name in _KEYS if name not in sheet.header]
    if missing:
        mend = "is it a file of CellProfiler's? Move it elsewhere if not, else export it again"
        raise refusal(text.path, f"there is no column {missing[0]!r} in its header; {mend}", row=2)
    at = {name: sheet.header.index(name) for name in _KEYS}
    names = list(dict.fromkeys(owner for owner in owners if owner and owner != "Image"))
    columns = {
        name: [k for k, owner in enumerate(owners) if owner == name and sheet.header[k] not in _KEYS]
        for name in names
    }
    per_image: dict[str, dict[int, int]] = {name: {} for name in names}
    first: dict[int, int] = {}
    seen: set[tuple[str, str]] = set()
    for cells, row in zip(sheet.rows, sheet.numbers, strict=True):
        key = (cells[at["ImageNumber"]], cells[at["ObjectNumber"]])
        image = int(whole(key[0], (text.path, row, "ImageNumber")))
        if key in seen:
            raise _twice(text.path, image, key[1], row=row)
        seen.add(key)
        first.setdefault(image, row)
        for name in names:
            # Kinds differ in number; the shorter ones are padded with empty cells.
            if any(cells[k].lower() not in _EMPTY for k in columns[name]):
                per_image[name][image] = per_image[name].get(image, 0) + 1
    return [ObjectCounts(name, text.path, per_image[name], first) for name in names]
