"""Sheets with a column per animal: the group in a merged cell, the animal below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from soleus.exchange.readers import synonyms
from soleus.exchange.readers.grid import JOINER, is_unit
from soleus.exchange.readers.guess_values import numeric
from soleus.exchange.readers.mapping import Constants, ValueKind, Values
from soleus.exchange.readers.synonyms import plain

if TYPE_CHECKING:
    from soleus.exchange.readers.raw import RawTable

__all__ = ["Across", "animals_in_header"]

_NO_NAME = ("sheet", "tabelle", "table", "feuil", "hoja", "data", "daten")
_MEASURES = (
    *synonyms.VALUE,
    *synonyms.COUNT,
    *synonyms.DENSITY,
    *synonyms.AREA,
    *synonyms.SHARE,
    *synonyms.MASS,
)


@dataclass(frozen=True, slots=True)
class Across:
    """Values with one column per animal, and what is open."""

    values: list[Values]
    doubts: list[str]


def animals_in_header(raw: RawTable, names: list[str]) -> Across | None:
    """Read headers such as "Control | M1" as group and animal; None where they are something else."""
    pairs = [(name, *name.split(JOINER)) for name in names if name.count(JOINER) == 1 and numeric(raw, name)]
    tops = list(dict.fromkeys(pair[1] for pair in pairs))
    below = [pair[2] for pair in pairs]
    if len(tops) < 2 or len(pairs) < 4 or any(plain(word) in _MEASURES or is_unit(word) for word in below):
        return None
    if len(set(below)) < len(below) and not all(_numbered(word) for word in below):
        # M1 under two groups: read-outs of the same animals, more likely than animals.
        return None
    restart = len(set(below)) < len(below)
    readout = _readout(raw)
    kind = _kind(raw, [pair[0] for pair in pairs])
    values = [
        Values(
            column=name,
            readout=readout or "?",
            kind=kind,
            unit="cells" if kind == "count" else "1/mm2",
            given=Constants(group=top, animal=f"{top}-{word}" if restart else word),
        )
        for name, top, word in pairs
    ]
    doubts = []
    if readout is None:
        doubts.append("each column is an animal, and nothing names what was counted; write readout in values")
    if kind != "count":
        doubts.append("the numbers are not whole: what are they? Write kind and unit in values")
    others = [name for name in names if name not in {pair[0] for pair in pairs}]
    if len(raw) > 1 and not _told(raw, names):
        listed = f" ({', '.join(map(repr, others))}?)" if others else ""
        doubts.append(
            f"each column is an animal and has {len(raw)} rows: what are they{listed}? Name their column in"
            " columns (section, field, day, readout), or write rows_are: section"
        )
    return Across(values, doubts)


def _numbered(word: str) -> bool:
    return word.strip("#. ").isdigit()


def _readout(raw: RawTable) -> str | None:
    name = raw.sheet
    if name is None or plain(name).rstrip("0123456789") in _NO_NAME:
        return None
    return name


def _kind(raw: RawTable, names: list[str]) -> ValueKind:
    for name in names:
        cells = [cell for cell in raw.cells(name) if isinstance(cell, float)]
        if any(cell != np.round(cell) for cell in cells):
            return "density"
    return "count"


def _told(raw: RawTable, rest: list[str]) -> bool:
    """Tell whether a column outside ``rest`` names the rows: it was found to be day, section, ..."""
    return len(rest) < len(raw.header)
