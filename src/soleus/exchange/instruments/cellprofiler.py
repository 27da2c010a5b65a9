"""CellProfiler's ExportToSpreadsheet: ``Image.csv`` and the files of objects beside it.

An image without objects stands in ``Image.csv`` alone, so that nothing is counted without it.
Columns by https://cellprofiler-manual.s3.amazonaws.com/CellProfiler-4.2.5/modules/fileprocessing.html
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.exchange.instruments.cellprofiler_objects import ObjectCounts, count_objects
from soleus.exchange.instruments.cells import number, whole
from soleus.exchange.instruments.pattern import Pattern, parts_of
from soleus.exchange.instruments.reading import Reading, constants_for, mapping_for, table_of
from soleus.exchange.instruments.source import Sheet, Text, header_of, load, sheet_of
from soleus.exchange.instruments.units_of_images import Named, name_images
from soleus.exchange.readers.files import refusal
from soleus.exchange.readers.mapping import Columns, Constants, Mapping, Values

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_cellprofiler"]

_ROLES = {
    "animal": ("animal", "animalid", "mouse", "mouseid", "rat", "subject"),
    "section": ("section", "slice", "slide"),
    "side": ("side", "hemisphere"),
    "field": ("field", "site", "fov"),
    "group": ("group", "treatment", "condition"),
    "day": ("day",),
}


def read_cellprofiler(
    path: str | Path,
    *,
    pattern: Pattern = None,
    constants: Constants | None = None,
) -> Reading:
    """Read the counts of an export of CellProfiler.

    Parameters
    ----------
    path
        The folder, its ``Image.csv`` (any prefix, such as ``MyExpt_Image.csv``), or a file of objects.
    pattern
        Where animal, section and side stand in the names of image files; not needed where ``Metadata_``
        columns name them, guessed where None.
    constants
        What holds for all rows.

    Returns
    -------
    Reading
        One row an image and set of objects, from ``Image.csv``. Images in which a module failed are excluded
        with the reason.

    Raises
    ------
    InputError
        No ``Image.csv``; counts that contradict the files of objects; objects that occur twice or belong
        to no image. The message names file, row and mend.
    """
    where = _image_file(Path(path))
    text = load(where)
    sheet = sheet_of(text)
    numbers = _image_numbers(sheet, text)
    notes = text.notes()
    counted = [found for file in _object_files(where) for found in count_objects(file, _prefix(where))]
    frame, named = _frame(sheet, numbers, counted, text=text, pattern=pattern, notes=notes)
    raw = table_of(frame, source=text.source, notes=notes)
    mapping, questions = mapping_for(
        Mapping(
            columns=Columns(readout="readout"),
            constants=constants_for(constants, "CellProfiler"),
            values=(Values(column="value"),),
        ),
        raw,
    )
    return Reading("CellProfiler export", raw, mapping, (*named.questions, *questions), named.pattern)


def _image_file(path: Path) -> Path:
    folder = path if path.is_dir() else path.parent
    if not path.is_dir() and (path.name.lower().endswith("image.csv") or _of_images(path)):
        return path
    found = sorted(file for file in folder.glob("*") if file.name.lower().endswith("image.csv"))
    if not found:
        mend = "export Image.csv as well, or put it beside the others: only there are images without objects"
        raise refusal(path, f"there is no Image.csv, so that empty images would be lost; {mend}")
    if len(found) > 1:
        names = ", ".join(file.name for file in found)
        raise refusal(path, f"holds more than one Image.csv ({names}); name the one to read")
    return found[0]


def _of_images(path: Path) -> bool:
    """Tell an image table of any name by its columns: counts, and no object's number."""
    names, _ = header_of(load(path))
    return any(name.startswith("Count_") for name in names) and "ObjectNumber" not in names


def _of_cellprofiler(path: Path) -> bool:
    """Tell a file of objects by what its first two rows hold; other tables of the folder are none of ours."""
    head = path.read_bytes()[:65536].decode("utf-8", errors="replace").splitlines()[:2]
    return any("ImageNumber" in line for line in head)


def _prefix(image: Path) -> str:
    return image.name[: -len("Image.csv")]


def _object_files(image: Path) -> list[Path]:
    if not image.name.lower().endswith("image.csv"):
        return []  # a copy under another name: what lies beside it is of other runs
    prefix = _prefix(image)
    others = ("image.csv", "experiment.csv", "object relationships.csv")
    return [
        file
        for file in sorted(image.parent.glob("*.csv"))
        if file.name.startswith(prefix) and not file.name.lower().endswith(others) and _of_cellprofiler(file)
    ]


def _image_numbers(sheet: Sheet, text: Text) -> list[int]:
    if "ImageNumber" not in sheet.header:
        raise refusal(text.path, "there is no column 'ImageNumber'; export it with CellProfiler", row=1)
    seen: dict[int, int] = {}
    for cell, row in zip(sheet.column("ImageNumber"), sheet.numbers, strict=True):
        value = whole(cell, (text.path, row, "ImageNumber"))
        if math.isnan(value):
            raise refusal(text.path, "is empty; export it again", row=row, column="ImageNumber")
        if int(value) in seen:
            mend = f"it stands in row {seen[int(value)]} too: was the export appended to another? Keep one"
            raise refusal(text.path, f"image {cell} occurs twice; {mend}", row=row, column="ImageNumber")
        seen[int(value)] = row
    return list(seen)


def _frame(
    sheet: Sheet,
    numbers: list[int],
    counted: list[ObjectCounts],
    *,
    text: Text,
    pattern: Pattern,
    notes: list[str],
) -> tuple[pd.DataFrame, Named]:
    import pandas as pd

    for found in counted:
        found.check_images(set(numbers), text.path)
    columns = [name for name in sheet.header if name.startswith("Count_")]
    objects = {name.removeprefix("Count_") for name in columns}
    extra = [found for found in counted if found.name not in objects]
    if not columns and not extra:
        mend = "export the measurement Count of the objects, or their file"
        raise refusal(text.path, f"there is no column 'Count_...' and no file of objects; {mend}", row=1)
    named = _named(sheet, numbers, text=text, pattern=pattern)
    failed = _failures(sheet, text)
    rows: list[dict[str, object]] = []
    for index, row in enumerate(sheet.numbers):
        values = {
            name.removeprefix("Count_"): whole(sheet.column(name)[index], (text.path, row, name))
            for name in columns
        }
        _check(values, counted, number_of_image=numbers[index], text=text, row=row)
        values |= {found.name: float(found.per_image.get(numbers[index], 0)) for found in extra}
        for readout, value in values.items():
            reason = failed.get(row) or ("no count in the file" if math.isnan(value) else None)
            rows.append(
                {
                    "image_number": float(numbers[index]),
                    **{name: cells[0] for name, cells in named.columns([index]).items()},
                    "readout": readout,
                    "value": value,
                    "excluded": "true" if reason else "false",
                    "exclusion_reason": reason,
                    "source_row": row,
                }
            )
    if failed:
        notes.append(f"{len(failed)} image(s) in which a module failed are excluded: {_list(failed)}.")
    return pd.DataFrame(rows), named


def _list(failed: dict[int, str]) -> str:
    return "; ".join(f"row {row}: {reason}" for row, reason in list(failed.items())[:5])


def _check(
    values: dict[str, float], counted: list[ObjectCounts], *, number_of_image: int, text: Text, row: int
) -> None:
    for found in counted:
        count = values.get(found.name)
        if count is None or math.isnan(count):
            continue
        seen = found.per_image.get(number_of_image, 0)
        if seen != count:
            problem = (
                f"image {number_of_image} has Count_{found.name} {count:g}, but {found.path.name} has {seen}"
            )
            mend = "the files come from different runs, or one was edited: export both again"
            raise refusal(text.path, f"{problem} objects; {mend}", row=row)


def _failures(sheet: Sheet, text: Text) -> dict[int, str]:
    """Return, by row of the file, the module that failed."""
    failed: dict[int, str] = {}
    for name in sheet.header:
        if not name.startswith("ModuleError_"):
            continue
        for cell, row in zip(sheet.column(name), sheet.numbers, strict=True):
            value = number(cell, (text.path, row, name))
            if not math.isnan(value) and value != 0:
                failed[row] = f"CellProfiler's module {name.removeprefix('ModuleError_')} failed"
    return failed


def _named(sheet: Sheet, numbers: list[int], *, text: Text, pattern: Pattern) -> Named:
    """Return the units: by ``Metadata_`` columns where they name the animal, else by the file's name."""
    tags = {
        role: name
        for role, words in _ROLES.items()
        for name in sheet.header
        if name.startswith("Metadata_") and name[9:].replace("_", "").lower() in words
    }
    if "animal" in tags and pattern is None:
        return _by_metadata(sheet, tags, numbers, text=text)
    files = [name for name in sheet.header if name.startswith("FileName_")]
    if not files:
        mend = "add the metadata Animal in CellProfiler's Metadata module, or export FileName"
        raise refusal(text.path, f"neither a 'Metadata_Animal' nor a 'FileName_' column; {mend}", row=1)
    return name_images(sheet.column(files[0]), pattern, source=text.source, rows=sheet.numbers)


def _by_metadata(sheet: Sheet, tags: dict[str, str], numbers: list[int], *, text: Text) -> Named:
    parts = []
    for index, row in enumerate(sheet.numbers):
        found = {role: sheet.column(name)[index] for role, name in tags.items()}
        if not found["animal"]:
            raise refusal(text.path, "is empty; name the animal", row=row, column=tags["animal"])
        parts.append(
            parts_of({role: word for role, word in found.items() if word}, f"row {row} of {text.path}")
        )
    if len(set(parts)) < len(parts):
        # Several images of one section: each is a field of its own.
        parts = [replace(part, field=str(image)) for part, image in zip(parts, numbers, strict=True)]
    return Named(None, tuple(parts))
