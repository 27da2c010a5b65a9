"""What a reader of an instrument's file hands on: a table, the mapping proposed for it, open questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soleus.exchange.instruments.pattern import NameParts, NamePattern, Pattern, guess_pattern
from soleus.exchange.readers.files import Source, refusal
from soleus.exchange.readers.mapping import Columns, Constants, Groups, Mapping
from soleus.exchange.readers.names import PARTS
from soleus.exchange.readers.raw import RawTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "PART_COLUMNS",
    "Reading",
    "constants_for",
    "find_pattern",
    "mapping_for",
    "part_columns",
    "table_of",
]

PART_COLUMNS = PARTS


@dataclass(frozen=True)
class Reading:
    """A file read, with what is known and what is not.

    Parameters
    ----------
    format
        What the file is, in words.
    table
        One value a row, each with the row of the file that it came from.
    mapping
        What its columns mean, ready or proposed.
    questions
        What the user has to say before the mapping can be used; none where it is ready.
    pattern
        The pattern by which animal, section and side were found in names; None where none was used.
    """

    format: str
    table: RawTable
    mapping: Mapping
    questions: tuple[str, ...] = ()
    pattern: NamePattern | None = None

    @property
    def assumed(self) -> tuple[str, ...]:
        """What was taken for granted."""
        if self.mapping.columns.day is None and self.mapping.constants.day == 0:
            return ("no column names a day: days are not told apart",)
        return ()

    @property
    def ready(self) -> bool:
        """Whether nothing is left to ask."""
        return not self.questions


def constants_for(given: Constants | None, assay: str) -> Constants:
    """Return the constants given, with an assay where they name none."""
    if given is None:
        return Constants(assay=assay)
    return given if given.assay is not None else given.model_copy(update={"assay": assay})


def find_pattern(pattern: Pattern, names: Sequence[str], *, source: Source) -> NamePattern:
    """Return the pattern given, or the one guessed.

    Raises
    ------
    InputError
        None was given and none can be guessed.
    """
    if isinstance(pattern, NamePattern):
        return pattern
    if isinstance(pattern, str):
        return NamePattern(pattern, example=names[0] if names else "")
    found = guess_pattern(names, pattern)
    if found is None:
        first = names[0] if names else ""
        mend = (
            "name images as in ctrl_m1_s1 (group, animal, section), or say by --pattern where the animal is"
        )
        raise refusal(source.path, f"no part of the name {first!r} can be told to be the animal; {mend}")
    return found


def part_columns(parts: Sequence[NameParts]) -> dict[str, list[object]]:
    """Return the columns that the parts of names fill; those that no name has are left out."""
    columns: dict[str, list[object]] = {}
    for name in PART_COLUMNS:
        cells = [getattr(part, name) for part in parts]
        if any(cell is not None for cell in cells):
            columns[name] = cells
    return columns


def table_of(
    frame: pd.DataFrame, *, source: Source, notes: Sequence[str] = (), sheet: str | None = None
) -> RawTable:
    """Make the table; the column ``source_row`` becomes the rows' numbers.

    Parameters
    ----------
    frame
        One value a row, with ``source_row``.
    source, notes, sheet
        As for :class:`soleus.exchange.readers.raw.RawTable`.
    """
    rows = [int(row) for row in frame["source_row"]]
    columns = frame.drop(columns="source_row")
    for name in columns.columns:
        column = columns[name]
        columns[name] = column.astype("float64") if column.dtype.kind in "iuf" else column.astype("object")
    return RawTable.from_frame(
        columns, source=source, row_numbers=rows, sheet=sheet, notes=tuple(notes), decimal="."
    )


def mapping_for(mapping: Mapping, table: RawTable) -> tuple[Mapping, tuple[str, ...]]:
    """Fill a mapping with the columns that the table has, and list what is still open.

    Parameters
    ----------
    mapping
        With its values and constants; columns found by their names are added.
    table
        The table.

    Returns
    -------
    tuple
        The mapping, on day 0 where nothing tells the day, and the questions: how each animal's group is
        called, where nothing tells it.
    """
    roles = ("readout", "niche", "assay", "excluded", "exclusion_reason", *PART_COLUMNS)
    found: dict[str, object] = {
        role: role for role in roles if role in table.header and role in Columns.model_fields
    }
    strata = tuple(role for role in ("time", "channel", "region") if role in table.header)
    if "region" in strata and "niche" not in found:
        found["niche"], strata = "region", tuple(role for role in strata if role != "region")
    found["strata"] = (*mapping.columns.strata, *strata)
    columns = mapping.columns.model_copy(update=found)
    groups, questions = mapping.groups, []
    constants = mapping.constants
    if columns.day is None and constants.day is None:
        constants = constants.model_copy(update={"day": 0.0})
    if columns.group is None and constants.group is None:
        if columns.animal is not None:
            animals = sorted({str(cell) for cell in table.cells("animal") if cell is not None})
            # The animal stands for its group until the user says which animals belong together.
            columns = columns.model_copy(update={"group": "animal"})
            groups = groups if groups.labels else Groups(labels={animal: "?" for animal in animals})
        if "?" in groups.labels.values() or not groups.labels:
            questions.append("Which group is each animal in?")
    update: dict[str, Columns | Constants | Groups] = {
        "columns": columns,
        "groups": groups,
        "constants": constants,
    }
    return mapping.model_copy(update=update), tuple(questions)
