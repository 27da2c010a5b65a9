"""Marker files of Fiji's Cell Counter.

A type is a button (1 to 8), not a marker or a channel, and no file says what it means: the mapping does.
Elements by the plugin's WriteXML, https://imagej.net/plugins/cell-counter
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.exchange.instruments.pattern import Pattern
from soleus.exchange.instruments.reading import Reading, constants_for, mapping_for, table_of
from soleus.exchange.instruments.safe_xml import local_name, parse_xml, text_of
from soleus.exchange.instruments.units_of_images import name_images
from soleus.exchange.readers.files import Source, refusal
from soleus.exchange.readers.mapping import Constants, Mapping, Values

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["Marker", "MarkerFile", "read_cell_counter", "read_cell_counters", "read_markers", "types_of"]

_WINDOW = re.compile(r"^Counter Window\s*-\s*")


@dataclass(frozen=True, slots=True)
class Marker:
    """One click: type (button), x and y in pixels (y points down), z the slice, None where not written."""

    type: int
    x: float
    y: float
    z: int | None


@dataclass(frozen=True)
class MarkerFile:
    """A file of markers.

    Parameters
    ----------
    source
        The file.
    image
        Name of the image, or of the file where none is written.
    types
        Buttons in the file, with their names where newer versions wrote one.
    markers
        All clicks, in order.
    """

    source: Source
    image: str
    types: dict[int, str]
    markers: tuple[Marker, ...]


def read_markers(path: str | Path) -> MarkerFile:
    """Read one marker file, click by click.

    Raises
    ------
    InputError
        Not a marker file, cut off, or a type or position that is none.
    """
    source, root = parse_xml(path)
    if local_name(root) != "CellCounter_Marker_File":
        mend = "save the markers by Cell Counter's button Save Markers"
        raise refusal(path, f"the root is <{local_name(root)}>, not <CellCounter_Marker_File>; {mend}")
    image = _WINDOW.sub("", text_of(root.find("Image_Properties/Image_Filename"))) or source.path.stem
    data = root.find("Marker_Data")
    if data is None:
        raise refusal(path, "has no <Marker_Data>; save the markers again")
    types: dict[int, str] = {}
    markers: list[Marker] = []
    for order, element in enumerate(data.findall("Marker_Type"), start=1):
        number = _integer(element.find("Type"), path, what=f"the type of <Marker_Type> {order}")
        if number in types:
            mend = "were two files joined? Keep one entry for each type"
            raise refusal(path, f"type {number} occurs twice; {mend}")
        types[number] = text_of(element.find("Name"))
        for click, marker in enumerate(element.findall("Marker"), start=1):
            markers.append(_marker(marker, number, path, what=f"marker {click} of type {number}"))
    if not types:
        raise refusal(path, "has no <Marker_Type>, so that nothing was counted; save the markers again")
    return MarkerFile(source, image, types, tuple(markers))


def _marker(element: Element, number: int, path: str | Path, *, what: str) -> Marker:
    x, y = (
        _coordinate(element.find(name), path, what=f"{name} of {what}") for name in ("MarkerX", "MarkerY")
    )
    z = element.find("MarkerZ")
    return Marker(number, x, y, None if z is None else _integer(z, path, what=f"MarkerZ of {what}"))


def _integer(element: Element | None, path: str | Path, *, what: str) -> int:
    text = text_of(element)
    if not re.fullmatch(r"\d{1,9}", text):
        raise refusal(path, f"{what} is {text!r}, not a whole number; save the markers again")
    return int(text)


def _coordinate(element: Element | None, path: str | Path, *, what: str) -> float:
    text = text_of(element)
    if not re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        raise refusal(path, f"{what} is {text!r}, not a position in pixels; save the markers again")
    return float(text)


def read_cell_counter(
    path: str | Path,
    *,
    types: Dictionary[int, str] | None = None,
    pattern: Pattern = None,
    constants: Constants | None = None,
) -> Reading:
    """Read one marker file as counts by type; see :func:`read_cell_counters`."""
    return read_cell_counters([path], types=types, pattern=pattern, constants=constants)[0]


def read_cell_counters(
    paths: Sequence[str | Path],
    *,
    types: Dictionary[int, str] | None = None,
    pattern: Pattern = None,
    constants: Constants | None = None,
) -> list[Reading]:
    """Read marker files, one an image.

    Parameters
    ----------
    paths
        The files.
    types
        Button to what it means (``{3: "DCX+"}``); buttons that are not named are left out where they were
        not used, and asked for where they were.
    pattern
        Where animal, section and side stand in the names of images; guessed where None.
    constants
        What holds for all rows.

    Returns
    -------
    list of Reading
        One a file, with one row: image, and a column ``type <n>`` with its number of markers. A type that
        any of the files uses is in all: where nothing was clicked it counts 0.

    Raises
    ------
    InputError
        A file that is malformed, or lacks a type that is used elsewhere; the message names file and mend.
    """
    files = [read_markers(path) for path in paths]
    if not files:
        raise refusal("(no file)", "no marker file is given; name at least one")
    meanings = dict(types or {})
    wanted = sorted(set(meanings) | {marker.type for file in files for marker in file.markers})
    if not wanted:
        wanted = sorted(set(files[0].types).intersection(*(file.types for file in files)))
    names = [file.image for file in files]
    named = name_images(names, pattern, source=files[0].source, rows=[1] * len(names))
    readings = []
    for index, file in enumerate(files):
        columns = {name: cells[0] for name, cells in named.columns([index]).items()}
        own = {number: meanings.get(number) or _own_name(file.types.get(number, "")) for number in wanted}
        readings.append(_reading(file, own, columns, constants=constants, extra=named.questions))
    return [Reading(r.format, r.table, r.mapping, r.questions, named.pattern) for r in readings]


def types_of(mapping: Mapping) -> dict[int, str]:
    """Return what buttons mean by a mapping: the read-outs of its columns ``type <n>``."""
    found = {value.column: value.readout for value in mapping.values}
    matches = {re.fullmatch(r"type (\d+)", column): name for column, name in found.items()}
    return {int(match[1]): name for match, name in matches.items() if match is not None and name}


def _own_name(name: str) -> str | None:
    """Return the name that the user gave a button; ``Type 3`` is only its number."""
    return None if not name or re.fullmatch(r"(?i)type\s*\d+", name) else name


def _reading(
    file: MarkerFile,
    types: dict[int, str | None],
    columns: dict[str, object],
    *,
    constants: Constants | None,
    extra: tuple[str, ...],
) -> Reading:
    import pandas as pd

    counts = Counter(marker.type for marker in file.markers)
    absent = [number for number in types if number not in file.types]
    if absent:
        known = ", ".join(str(number) for number in file.types)
        mend = "0 cannot be told from not counted: save it with all types, or leave the type out of all files"
        raise refusal(file.source.path, f"has no type {absent[0]} (it has {known}); {mend}")
    row = {f"type {number}": float(counts[number]) for number in types}
    frame = pd.DataFrame([{"image": file.image, **columns, **row, "source_row": 1}])
    table = table_of(frame, source=file.source, notes=_notes(file))
    values = tuple(Values(column=f"type {n}", readout=name or f"type {n}") for n, name in types.items())
    proposed = Mapping(values=values, constants=constants_for(constants, "Cell Counter"))
    mapping, questions = mapping_for(proposed, table)
    open_types = [number for number, name in types.items() if name is None]
    asked = tuple(f"What does type {n} mean? Write it as readout of column 'type {n}'." for n in open_types)
    return Reading("Fiji Cell Counter markers", table, mapping, (*extra, *asked, *questions))


def _notes(file: MarkerFile) -> list[str]:
    twice = len(file.markers) - len(set(file.markers))
    if not twice:
        return []
    return [f"{twice} marker(s) lie on the very pixel of another of the same type: clicked twice?"]
