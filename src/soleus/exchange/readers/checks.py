"""What cannot be right in a table once its columns are known; messages speak of the file's own rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soleus.errors import InputError
from soleus.exchange.readers.mapping import Mapping, header_hash
from soleus.observations import STRATUM_PREFIX, UNIT_PARENTS

if TYPE_CHECKING:
    import pandas as pd

    from soleus.exchange.readers.raw import RawTable

__all__ = ["SUMMARY_WORDS", "animals", "complete", "header", "spelling", "translated", "twice"]

SUMMARY_WORDS = (
    *(
        "mean",
        "average",
        "avg",
        "sd",
        "s.d.",
        "stdev",
        "std",
        "std.",
        "sem",
        "s.e.m.",
        "se",
        "median",
        "total",
    ),
    *("sum", "cv", "var", "variance", "mittelwert", "mw", "summe", "standardabweichung", "t-test"),
)
"""What stands in the animal's column of a row that is no animal."""

_PLACE = re.compile(r"column '([^']+)', row (\d+)(?: \(row \d+ of the file\))?: (.*)", re.DOTALL)
_WHO = ("study", "group", "animal", "day", "niche", "assay", "readout", "unit_level", "unit_id")
_FILE_WORDS = {
    "a count must be a whole number": "write the right kind (density?) in the mapping's values",
    "is empty; a unit below the animal": "name its column in the mapping, or write rows_are",
}


def header(raw: RawTable, mapping: Mapping) -> None:
    """Refuse a mapping that was made for another header."""
    if mapping.header_sha256 is None or mapping.header_sha256 == header_hash(raw.header):
        return
    raise raw.refusal(
        f"its header has changed since the mapping was made; it now has: {', '.join(raw.header)}. Check the"
        " mapping and remove its line header_sha256, or remove the mapping file to have a new one made"
    )


def complete(raw: RawTable, mapping: Mapping, table: pd.DataFrame) -> None:
    """Refuse rows without animal, group, day, read-out or assay, naming what to write."""
    for name, mend in (
        ("animal", 'columns: {animal: "..."}'),
        ("group", 'columns: {group: "..."}, or constants: {group: "..."}'),
        ("day", "columns: {day: ...} or constants: {day: ...} (days since the intervention began)"),
        ("readout", 'columns: {readout: "..."}'),
        ("assay", "constants: {assay: ...}"),
    ):
        missing = table[name].isna().to_numpy()
        if name == "animal":
            missing = missing & (table["unit_level"] != "group").to_numpy()
        if not missing.any():
            continue
        column = getattr(mapping.columns, name)
        if missing.all() and column is None:
            have = ", ".join(raw.header)
            raise raw.refusal(f"nothing tells the {name}; write {mend} in the mapping. Columns: {have}")
        shown = column if isinstance(column, str) or column is None else " + ".join(column)
        text = f"the {name} is empty; give it, or, where an empty cell repeats the one above, write fill_down"
        raise raw.refusal(text, row=_row(table, int(missing.argmax())), column=shown)


def spelling(raw: RawTable, table: pd.DataFrame) -> None:
    """Refuse names that differ only in case, blanks or leading zeros, and rows that sum up the rows above."""
    for name in ("animal", "group"):
        first: dict[str, str] = {}
        for at, word in table[name].dropna().drop_duplicates().items():
            plain = re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\s_-]+", "-", str(word)).casefold())
            if name == "animal" and str(word).casefold() in SUMMARY_WORDS:
                text = (
                    f"{word!r} is no animal but a summary of other rows; remove the row, or write drop:"
                    f" [{{column: ..., equals: [{word!r}]}}] in the mapping"
                )
                raise raw.refusal(text, row=_row(table, at))
            if plain in first:
                text = f"{name} {word!r} and {name} {first[plain]!r} differ in case, blanks or zeros only"
                raise raw.refusal(text, row=_row(table, at))
            first[plain] = word


def animals(raw: RawTable, mapping: Mapping, table: pd.DataFrame) -> None:
    """Refuse an animal that stands in two groups."""
    pairs = table[["study", "animal", "group"]].dropna().drop_duplicates()
    doubled = pairs.duplicated(["study", "animal"])
    if not doubled.any():
        return
    again = pairs[doubled].iloc[0]
    before = pairs[(pairs["animal"] == again["animal"]) & (pairs["study"] == again["study"])].iloc[0]
    text = (
        f"animal {again['animal']!r} is in group {again['group']!r} here and in {before['group']!r} in row"
        f" {_row(table, before.name)}; mend the group; if the same animals were under both conditions, say"
        " --paired; if each group numbers its animals from 1, write"
        f" columns: {{animal: [{mapping.columns.group}, {mapping.columns.animal}]}}"
    )
    raise raw.refusal(text, row=_row(table, again.name))


def twice(raw: RawTable, table: pd.DataFrame) -> None:
    """Refuse two values of the same unit, read-out, day and observer."""
    strata = [name for name in table.columns if name.startswith(STRATUM_PREFIX)]
    keys = [*_WHO, *UNIT_PARENTS, "observer", *strata]
    excluded = table["excluded"].to_numpy(dtype=bool)
    there = table[~excluded] if excluded.any() else table
    doubled = there.duplicated(keys)
    if not doubled.any():
        return
    again = there[doubled].iloc[0]
    same = (there[keys].isna() & again[keys].isna()) | (there[keys] == again[keys])
    before = there[same.all(axis=1)].iloc[0]
    unit = "" if again["unit_id"] is None else f", {again['unit_level']} {again['unit_id']!r}"
    text = (
        f"animal {again['animal']!r}{unit} has {again['readout']!r} twice, here and in row"
        f" {before['source_row']}; remove one, name the column that tells them apart (section, field, day) in"
        " the mapping, or write rows_are: field"
    )
    raise raw.refusal(text, row=int(again["source_row"]), column=again["file_column"])


def translated(raw: RawTable, mapping: Mapping, *, places: pd.DataFrame, error: InputError) -> InputError:
    """Say an error of the observations in rows and columns of the file."""
    match = _PLACE.fullmatch(str(error))
    if match is None:
        return raw.refusal(str(error))
    name, text = match[1], match[3]
    at = int(match[2]) - 1
    column: object = name
    if name in ("value", "exposure", "denominator", "exposure_unit", "unit"):
        column = places["file_column"].iloc[at]
        text = text if name == "value" else f"{name}: {text}"
    elif getattr(mapping.columns, name, None) is not None:
        column = getattr(mapping.columns, name)
    for words, mend in _FILE_WORDS.items():
        if words in text:
            text = f"{text}; {mend}"
    shown = column if isinstance(column, str) else " + ".join(column) if isinstance(column, tuple) else name
    return raw.refusal(text, row=int(places["source_row"].iloc[at]), column=shown)


def _row(table: pd.DataFrame, at: object) -> int:
    return int(table["source_row"].iloc[int(str(at))])
