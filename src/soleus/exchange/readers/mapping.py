"""What the columns of a file mean: made once, kept beside the data, used again without asking."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from soleus.observations import UNIT_LEVELS

__all__ = [
    "MAPPING_VERSION",
    "MISSING_WORDS",
    "Columns",
    "Constants",
    "Exposure",
    "Factor",
    "Filter",
    "Groups",
    "LeftOut",
    "Mapping",
    "NameRule",
    "Values",
    "header_hash",
]

MAPPING_VERSION = "soleus.mapping/2"

MISSING_WORDS = ("", "-", "–", "—", "n.d.", "nd", "n.a.", "n/a", "na", "nan", "none", "null", "#n/a", "k.a.")
"""Cells that mean "no value", compared without case and outer blanks."""

Name = Annotated[str, Field(min_length=1)]
Names = Name | tuple[Name, ...]
"""One column, or several that together name the thing (joined by "-")."""

ValueKind = Literal["count", "density", "fraction", "mass", "time", "level", "area", "score"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, coerce_numbers_to_str=True)


class Columns(_Frozen):
    """Which column of the file holds what; None where the file has none.

    Parameters
    ----------
    animal, group
        One column, or several that together name the animal (group and number) or the group (two
        treatments).
    readout
        Column that names the read-out, in a tidy table.
    day, age_days
        Columns of numbers, in days.
    study, sex, strain, cage, litter, niche, assay, side, section, field, culture, well, passage
        Columns of text.
    observer, blinded, excluded, exclusion_reason
        Who counted, blind or not, and what to leave out and why.
    strata
        Columns within whose values groups are compared: sessions, layers, a second treatment.
    blocks, covariates, labels
        Columns that are kept and named: batches and plates; numbers of the animal; what is never analysed.
    """

    animal: Names | None = None
    group: Names | None = None
    readout: Name | None = None
    day: Name | None = None
    age_days: Name | None = None
    study: Name | None = None
    sex: Name | None = None
    strain: Name | None = None
    cage: Name | None = None
    litter: Name | None = None
    niche: Name | None = None
    assay: Name | None = None
    side: Name | None = None
    section: Name | None = None
    field: Name | None = None
    culture: Name | None = None
    well: Name | None = None
    passage: Name | None = None
    observer: Name | None = None
    blinded: Name | None = None
    excluded: Name | None = None
    exclusion_reason: Name | None = None
    strata: tuple[Name, ...] = ()
    blocks: tuple[Name, ...] = ()
    covariates: tuple[Name, ...] = ()
    labels: tuple[Name, ...] = ()


class Constants(_Frozen):
    """What holds for every row (or, in :class:`Values`, for every cell of one column).

    Parameters
    ----------
    unit_level
        What one row is a value of; where None, the smallest unit that has a column.
    day, age_days
        In days.
    study, animal, group, sex, strain, cage, litter, niche, assay, side, section, field, culture, well,
    passage, observer, blinded
        As the columns of the observations.
    """

    study: Name | None = None
    animal: Name | None = None
    group: Name | None = None
    sex: Literal["male", "female"] | None = None
    strain: Name | None = None
    age_days: float | None = Field(default=None, ge=0)
    cage: Name | None = None
    litter: Name | None = None
    day: float | None = None
    niche: Name | None = None
    assay: Name | None = None
    side: Literal["left", "right"] | None = None
    section: Name | None = None
    field: Name | None = None
    culture: Name | None = None
    well: Name | None = None
    passage: Name | None = None
    observer: Name | None = None
    blinded: bool | None = None
    unit_level: str | None = None

    @field_validator("unit_level")
    @classmethod
    def _known_level(cls, level: str | None) -> str | None:
        if level is not None and level not in UNIT_LEVELS:
            raise ValueError(f"unknown unit_level {level!r}; known: {', '.join(UNIT_LEVELS)}")
        return level


class Exposure(_Frozen):
    """Area, volume or share that a count was taken over: a column, or one number for all.

    Parameters
    ----------
    column, value
        Exactly one of the two.
    unit
        "um2", "mm2", "mm3", ... (brought to mm2 or mm3), "1" for a share of the tissue, or "section",
        "field", "well" where the number of them was written down.
    """

    column: Name | None = None
    value: float | None = Field(default=None, gt=0)
    unit: Name

    @model_validator(mode="after")
    def _one(self) -> Exposure:
        if (self.column is None) == (self.value is None):
            raise ValueError("an exposure needs either column or value")
        return self


class Values(_Frozen):
    """A column of values, and what they are.

    Parameters
    ----------
    column
        Column of the file.
    readout
        What was measured; None where ``columns.readout`` names it row by row.
    kind
        count, density, fraction, mass, time, area, level (any other positive number) or score (a number
        that may be negative).
    unit
        Unit as in the file: "cells", "1/mm2", "%", "g", "h"; brought to the units of the observations.
    exposure
        Of these values; None for the exposure of the whole table.
    denominator
        Column with the number of cells that a fraction or count was taken of.
    given
        What holds for this column alone: its animal, group, day, niche, side, ...
    """

    column: Name
    readout: Name | None = None
    kind: ValueKind = "count"
    unit: Name = "cells"
    exposure: Exposure | None = None
    denominator: Name | None = None
    given: Constants = Constants()


class Factor(_Frozen):
    """One factor of the design.

    Parameters
    ----------
    levels
        Label as in ``column`` (or group, where there is no column) to the level's name; the control
        level first.
    column
        Column that holds the label; None where the group tells the level.
    """

    levels: dict[Name, Name]
    column: Name | None = None


class Groups(_Frozen):
    """What the labels of groups mean.

    Parameters
    ----------
    labels
        Label in the file to the name of the group; empty: labels are used as they stand.
    control
        Name of the control group, where one is known.
    factors
        Factor name ("Hindlimb Unloading") to its levels, for designs of more than one factor.
    contrasts
        Pairs (treated, control) to be compared; empty: every group with the control.
    reason
        How the control was chosen.
    """

    contrasts: tuple[tuple[Name, Name], ...] = ()
    reason: str | None = None
    labels: dict[Name, Name] = {}
    control: Name | None = None
    factors: dict[Name, Factor] = {}


class Filter(_Frozen):
    """Rows by the words of one column, compared without outer blanks.

    Parameters
    ----------
    column
        Column of the file.
    equals
        Words of which the cell must be one.
    """

    column: Name
    equals: tuple[str, ...] = Field(min_length=1)


class NameRule(_Frozen):
    """Where animal, section, side, day, region or channel stand in the cells of one column.

    Parameters
    ----------
    column
        Column of the file.
    pattern
        Regular expression with named groups.
    """

    column: Name
    pattern: Name


class LeftOut(_Frozen):
    """Rows that are no observations.

    Parameters
    ----------
    rows
        Rows of the file.
    why
        In words.
    """

    rows: tuple[int, ...]
    why: Name


class Mapping(_Frozen):
    """How a table of a file becomes rows of observations.

    Parameters
    ----------
    columns, constants, values
        Where each thing stands. One entry of ``values`` makes a tidy table, several a wide one.
    exposure
        Of every column of values that has none of its own.
    groups
        Labels, control and factors.
    answers
        Question to the word that answered it. A file that holds answers and no ``values`` is read anew with
        them; "?" stands for what nobody has answered.
    roles
        Column to its role and the reason, as shown; for the reader of the file.
    said
        What is shown whenever the file is read: sums of others, what is analysed together.
    names
        Parts of names in the cells of a column (see :class:`NameRule`).
    layout
        "group-per-column": each column is a group, each row of it an animal.
    day_unit
        Unit of a column of times without one.
    left_out, exclude
        Rows that are no observations, by their row of the file; rows to exclude, kept with the reason.
    struck
        Column of values to the rows of the file in which its cell is struck out: excluded, with that reason.
    missing
        Further words that mean "no value", beside :data:`MISSING_WORDS`.
    keep, drop
        Rows to keep (all must agree), and rows to leave out (any is enough).
    fill_down
        Columns in which an empty cell repeats the one above.
    rows_are
        Where rows of one animal carry no id: what each is ("field", "section"); numbered in order.
    decimal
        Decimal mark of numbers that are text; None where the file tells by itself.
    sheet
        Sheet of the workbook, or table of the file.
    pattern
        Where animal, section and side stand in names of images: a regular expression with named groups.
    header_row, header_rows
        First row of the header (1-based) and number of its rows; None where the reader finds them.
    header_sha256
        Hash of the header that this mapping was made for; a file whose header differs is refused.
    version
        Version of this form.
    """

    columns: Columns = Columns()
    constants: Constants = Constants()
    values: tuple[Values, ...] = ()
    exposure: Exposure | None = None
    groups: Groups = Groups()
    answers: dict[Name, str] = {}
    roles: dict[Name, str] = {}
    said: tuple[str, ...] = ()
    names: tuple[NameRule, ...] = ()
    layout: Literal["group-per-column"] | None = None
    day_unit: Literal["day", "week", "hour"] | None = None
    left_out: tuple[LeftOut, ...] = ()
    exclude: tuple[Filter, ...] = ()
    struck: dict[Name, tuple[int, ...]] = {}
    missing: tuple[str, ...] = ()
    keep: tuple[Filter, ...] = ()
    drop: tuple[Filter, ...] = ()
    fill_down: tuple[Name, ...] = ()
    rows_are: Literal["section", "field", "culture", "passage", "well", "clone"] | None = None
    decimal: Literal[".", ","] | None = None
    sheet: Name | None = None
    pattern: Name | None = None
    header_row: int | None = Field(default=None, ge=1)
    header_rows: int | None = Field(default=None, ge=1, le=4)
    header_sha256: str | None = Field(default=None, pattern="[0-9a-f]{64}")
    version: Literal["soleus.mapping/1", "soleus.mapping/2"] = "soleus.mapping/2"

    @model_validator(mode="after")
    def _once(self) -> Mapping:
        if not self.values and not self.answers and not self.groups.labels:
            raise ValueError("values: at least 1 column of values is needed")
        # Double-labelled cells are a share of the first label, and a number of their own under another name.
        columns = [(value.column, value.denominator is None) for value in self.values]
        names = [(value.column, value.readout) for value in self.values]
        doubled = next(
            (n[0] for k, n in enumerate(names) if names.count(n) + columns.count(columns[k]) > 2), None
        )
        if doubled is not None:
            raise ValueError(f"column {doubled!r} stands twice in values; keep one")
        nameless = next((value.column for value in self.values if value.readout is None), None)
        if nameless is not None and self.columns.readout is None:
            raise ValueError(f"values of column {nameless!r} need a readout, or columns.readout")
        return self


def header_hash(header: Iterable[str]) -> str:
    """Return the hash by which a mapping knows the header that it was made for."""
    return hashlib.sha256("\x1f".join(header).encode()).hexdigest()
