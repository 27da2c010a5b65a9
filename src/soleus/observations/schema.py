"""The columns of the table: names, types, what may be missing, and the closed sets of words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "COLUMNS",
    "DESIGN_PREFIXES",
    "FACTOR_PREFIX",
    "PAIRED",
    "READ_VERSIONS",
    "SCHEMA_VERSION",
    "SEXES",
    "SIDES",
    "UNIT_LEVELS",
    "UNIT_PARENTS",
    "STRATUM_PREFIX",
    "VALUE_KINDS",
    "Column",
    "column_type",
    "design_column",
    "strata_of",
]

SCHEMA_VERSION = "soleus.observations/2"
READ_VERSIONS = ("soleus.observations/1", SCHEMA_VERSION)
"""Version 2 added areas, scores and the design columns."""
FACTOR_PREFIX = "factor:"
"""A column ``factor:Hindlimb Unloading`` holds the level of that factor for each row's group."""

STRATUM_PREFIX = "stratum:"
DESIGN_PREFIXES = (STRATUM_PREFIX, "block:", "covariate:", "label:")
"""Design columns by name: what groups are compared within (session, layer); batch, run, plate, cohort; a
number of the animal; and what is kept and never analysed."""

PAIRED = "paired"
"""Under the key "design" of a table's provenance: animals may be in several groups, each its own control."""

UNIT_LEVELS = (
    "animal",
    "hemisphere",
    "section",
    "field",
    "culture",
    "passage",
    "well",
    "clone",
    "group",
)
UNIT_PARENTS = ("side", "section", "field", "culture", "well", "passage")
VALUE_KINDS = ("count", "density", "fraction", "mass", "time", "level", "area", "score")
"""An area (or volume) is what was measured, not what was counted in; a level is any other positive number (a
concentration, a force, a rate, a ratio to normal); a score may be negative (a change, a logarithm)."""
SEXES = ("male", "female")
SIDES = ("left", "right")

Kind = Literal["text", "float", "integer", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Parameters
    ----------
    name
        Its name.
    kind
        "text", "float" (NaN where missing), "integer" or "flag" (both may be missing).
    meaning
        What it holds, in one line.
    required
        Every row must have it.
    words
        The closed set of allowed words; empty where any text will do.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    words: tuple[str, ...] = ()


def _must(name: str, kind: Kind, meaning: str, words: tuple[str, ...] = ()) -> Column:
    return Column(name, kind, meaning, required=True, words=words)


COLUMNS: tuple[Column, ...] = (
    _must("study", "text", "name of the study"),
    Column("animal", "text", "id of the animal, unique in the study; missing only for unit_level group"),
    _must("group", "text", "the animal's group"),
    Column("sex", "text", "sex of the animal", words=SEXES),
    Column("strain", "text", "strain of the animal"),
    Column("age_days", "float", "age at the day of the value, days"),
    Column("cage", "text", "the animal's cage"),
    Column("litter", "text", "the animal's litter"),
    _must("day", "float", "days since the study's intervention began"),
    Column("niche", "text", "where in the brain or body"),
    _must("assay", "text", "how it was measured"),
    _must("readout", "text", "what was measured; marker states as EdU+BrdU-"),
    _must("unit_level", "text", "what one row is a value of", words=UNIT_LEVELS),
    Column("unit_id", "text", "id of that unit within the animal; missing for animal and group"),
    Column("side", "text", "hemisphere that the unit belongs to", words=SIDES),
    Column("section", "text", "section that the unit belongs to"),
    Column("field", "text", "field that the unit belongs to"),
    Column("culture", "text", "culture that the unit belongs to"),
    Column("well", "text", "well that the unit belongs to"),
    Column("passage", "text", "passage that the unit belongs to"),
    Column("value", "float", "the value; missing only where excluded"),
    _must("value_kind", "text", "what kind of number the value is", words=VALUE_KINDS),
    _must("unit", "text", "unit of the value"),
    Column("exposure", "float", "area, volume or sampled fraction; an offset, never multiplied in"),
    Column("exposure_unit", "text", "unit of the exposure"),
    Column("denominator", "float", "number of cells that a fraction or a count was taken of"),
    Column("se", "float", "standard error of a published summary"),
    Column("n_units", "integer", "number of animals or cultures behind a published summary"),
    Column("observer", "text", "who counted"),
    Column("blinded", "flag", "whether the observer did not know the group"),
    _must("excluded", "flag", "whether analyses leave the row out"),
    Column("exclusion_reason", "text", "why"),
    _must("source", "text", "virtual:<run id> or file:<sha256>"),
    Column("source_row", "integer", "row of the source file"),
)

_TYPES: dict[str, Literal["string", "float64", "Int64", "boolean"]] = {
    "text": "string",
    "float": "float64",
    "integer": "Int64",
    "flag": "boolean",
}


def column_type(kind: Kind) -> Literal["string", "float64", "Int64", "boolean"]:
    """Return the pandas type of a kind of column."""
    return _TYPES[kind]


def design_column(name: str) -> Column | None:
    """Return the column of a design name such as "block:plate"; None where it is none."""
    prefix = next((p for p in DESIGN_PREFIXES if name.startswith(p) and len(name) > len(p)), None)
    if prefix is None:
        return None
    return Column(name, "float" if prefix == "covariate:" else "text", f"{prefix[:-1]} of the design")


def strata_of(names: Iterable[object]) -> list[str]:
    """Return the columns within whose values groups are compared, beside day and niche."""
    return [str(name) for name in names if str(name).startswith(STRATUM_PREFIX)]
