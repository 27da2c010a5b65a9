"""The mapping that a header makes plain, and what it leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from soleus.exchange.readers import synonyms
from soleus.exchange.readers.checks import SUMMARY_WORDS
from soleus.exchange.readers.guess_values import Found, columns_of_values, numeric
from soleus.exchange.readers.guess_wide import animals_in_header
from soleus.exchange.readers.identity import selected, words
from soleus.exchange.readers.mapping import (
    Columns,
    Constants,
    Exposure,
    Factor,
    Filter,
    Groups,
    Mapping,
    Values,
    header_hash,
)
from soleus.exchange.readers.synonyms import plain, split_unit
from soleus.jobs import as_text

if TYPE_CHECKING:
    from soleus.exchange.readers.raw import RawTable

__all__ = ["OPEN_CONTROL", "Guess", "guess", "likely_control"]

OPEN_CONTROL = "which group is the control"
"""How the doubt about the control begins; a caller who knows the control can settle it."""

_DEFAULT_ASSAY = "counts"
_UNITS = ("side", "section", "field", "well", "culture", "passage")


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping made from the names of columns.

    Parameters
    ----------
    mapping
        What was found; where something is open, the most likely reading, to be edited.
    doubts
        What could not be told and what to write; empty where the guess may be used as it stands.
    assumed
        What was taken for granted, and columns that are not used.
    """

    mapping: Mapping
    doubts: tuple[str, ...]
    assumed: tuple[str, ...] = ()


def guess(raw: RawTable) -> Guess:
    """Guess the mapping of a table from its header and cells.

    Parameters
    ----------
    raw
        The table.

    Returns
    -------
    Guess
        Whatever could not be told is in ``doubts``.
    """
    doubts: list[str] = []
    assumed: list[str] = []
    columns = _identities(raw, doubts, assumed)
    drop = _summaries(raw, columns, assumed)
    if drop:
        raw = raw.take(selected(raw, _EMPTY.model_copy(update={"drop": drop, "values": ()})))
    rest = [name for name in raw.header if name not in _used(columns)]
    across = animals_in_header(raw, rest) if "animal" not in columns and "group" not in columns else None
    if across is not None:
        values, exposure = across.values, None
        doubts += across.doubts
        labels = list(dict.fromkeys(str(entry.given.group) for entry in values))
    else:
        found = columns_of_values(raw, rest, named="readout" in columns)
        values, exposure = _values(found, columns, doubts=doubts, assumed=assumed), _exposure(found)
        labels = _labels(raw, columns)
        doubts += [_absent(name) for name in ("animal", "group") if name not in columns]
    constants = _constants(raw, columns, values, assumed=assumed)
    groups = Groups(control=_control(labels, doubts), factors=_factors(raw, columns))
    mapping = Mapping(
        columns=Columns(**columns),
        constants=constants,
        values=tuple(values),
        exposure=exposure,
        groups=groups,
        drop=drop,
        sheet=raw.sheet,
        header_sha256=header_hash(raw.header),
    )
    doubts += _holes(raw, mapping) + _repeats(raw, mapping)
    return Guess(mapping, tuple(doubts), tuple(assumed))


def _identities(raw: RawTable, doubts: list[str], assumed: list[str]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    letters = {name: plain(split_unit(name)[0]) for name in raw.header}
    taken: set[str] = set()
    for field, known in synonyms.IDENTITIES.items():
        fitting = [n for n in raw.header if letters[n] in known and n not in taken]
        fitting = [n for n in fitting if _time_fits(raw, n, field, doubts=doubts)]
        fitting.sort(key=lambda name: known.index(letters[name]))
        if field == "animal" and len(fitting) > 1:
            fitting = [n for n in fitting if letters[n] != "id"]
        if field == "group" and len(fitting) > 1:
            fitting = [n for n in fitting if words(raw, n, _EMPTY).nunique() > 1] or fitting[:1]
            if len(fitting) > 1:
                columns[field] = tuple(fitting)
                taken.update(fitting)
                assumed.append(f"groups are the combinations of {' and '.join(map(repr, fitting))}")
                continue
        if not fitting:
            continue
        if len(fitting) > 1:
            listed = " or ".join(map(repr, fitting))
            doubts.append(f"which column is the {field}: {listed}? Write columns: {{{field}: ...}}")
        columns[field] = fitting[0]
        taken.add(fitting[0])
    return columns


_EMPTY = Mapping(values=(Values(column="?", readout="?"),))


def _time_fits(raw: RawTable, name: str, field: str, *, doubts: list[str]) -> bool:
    """Tell whether a column of times is in days, as day and age_days must be."""
    if field not in ("day", "age_days"):
        return True
    word, unit = split_unit(name)
    in_days = unit is not None and plain(unit) in ("d", "day", "days", "tage", "dpi")
    if field == "age_days":
        return in_days or "day" in plain(word) or "tage" in plain(word)
    if unit is not None and not in_days:
        doubts.append(
            f"column {name!r} is a time in {unit!r}; add a column in days, or write constants: {{day: ...}}"
        )
        return False
    if unit is None and plain(word) in ("time", "timepoint", "zeitpunkt") and numeric(raw, name):
        doubts.append(f"column {name!r} is a time in which unit? If days, write columns: {{day: {name!r}}}")
    return True


def _used(columns: dict[str, Any]) -> set[str]:
    return {n for given in columns.values() for n in ((given,) if isinstance(given, str) else given)}


def _absent(name: str) -> str:
    return f"no column names the {name}; write columns: {{{name}: ...}}"


def _values(found: Found, columns: dict[str, Any], *, doubts: list[str], assumed: list[str]) -> list[Values]:
    doubts += found.doubts
    if found.unused:
        assumed.append(f"columns that are not used: {', '.join(found.unused)}")
    if not found.values:
        doubts.append(
            "no column holds values; write values: [{column: ..., readout: ..., kind: count, unit: cells}]"
        )
        return [Values(column="?", readout="?")]
    if "readout" in columns and len(found.values) > 1:
        listed = ", ".join(repr(entry.column) for entry in found.values)
        doubts.append(
            f"{columns['readout']!r} names the read-out, and several columns hold numbers: {listed}; keep the"
            " values, and write the others as denominator or exposure, or remove them"
        )
    return found.values


def _exposure(found: Found) -> Exposure | None:
    if len(found.areas) != 1:
        return None
    column, unit = found.areas[0]
    return Exposure(column=column, unit=unit)


def _labels(raw: RawTable, columns: dict[str, Any]) -> list[str]:
    given = columns.get("group")
    if not isinstance(given, str):
        return []
    return [str(word) for word in words(raw, given, _EMPTY).dropna().drop_duplicates()]


def _control(labels: list[str], doubts: list[str]) -> str | None:
    if len(labels) < 2:
        return None
    likely = likely_control(labels)
    if likely is not None:
        return likely
    listed = ", ".join(map(repr, labels[:12]))
    doubts.append(f"{OPEN_CONTROL}: {listed}? Write groups: {{control: ...}}")
    return None


def likely_control(labels: Sequence[str]) -> str | None:
    """Return the one label that is named like a control; None if none is, or several are."""
    likely = [label for label in labels if plain(label) in synonyms.CONTROLS]
    # Two spellings of one label are refused when the table is made, with the row.
    return likely[0] if len({plain(label) for label in likely}) == 1 else None


def _factors(raw: RawTable, columns: dict[str, Any]) -> dict[str, Factor]:
    given = columns.get("group")
    if given is None or isinstance(given, str):
        return {}
    factors = {}
    for name in given:
        levels = [str(word) for word in words(raw, name, _EMPTY).dropna().drop_duplicates()]
        levels.sort(key=lambda level: plain(level) not in synonyms.CONTROLS)
        factors[name] = Factor(column=name, levels={level: level for level in levels})
    return factors


def _constants(
    raw: RawTable, columns: dict[str, Any], values: list[Values], *, assumed: list[str]
) -> Constants:
    fixed: dict[str, Any] = {"study": as_text(raw.path.stem)}
    if "day" not in columns and any(entry.given.day is None for entry in values):
        fixed["day"] = 0.0
        assumed.append("no column names a day: days are not told apart")
    if "assay" not in columns:
        fixed["assay"] = _DEFAULT_ASSAY
    return Constants(**fixed)


def _summaries(raw: RawTable, columns: dict[str, Any], assumed: list[str]) -> tuple[Filter, ...]:
    """Leave out rows that sum up the others."""
    found = []
    for name in dict.fromkeys(n for n in (columns.get("animal"), columns.get("group")) if isinstance(n, str)):
        cells = words(raw, name, _EMPTY).dropna().drop_duplicates()
        sums = tuple(str(word) for word in cells if str(word).casefold() in SUMMARY_WORDS)
        if sums:
            found.append(Filter(column=name, equals=sums))
            assumed.append(f"rows in which {name!r} is {', '.join(sums)} sum up others and are left out")
    return tuple(found)


def _holes(raw: RawTable, mapping: Mapping) -> list[str]:
    doubts = []
    for field in ("animal", "group"):
        name = getattr(mapping.columns, field)
        if not isinstance(name, str):
            continue
        empty = words(raw, name, mapping).isna().to_numpy()
        filled = [
            raw.column(entry.column).notna().to_numpy()
            for entry in mapping.values
            if entry.column in raw.header
        ]
        for row in (i for i in range(len(raw)) if empty[i] and any(full[i] for full in filled)):
            doubts.append(
                f"row {raw.row_numbers[row]} has values and no {field}; if an empty cell repeats the one"
                f" above, write fill_down: [{name!r}], else give it"
            )
            break
    return doubts


def _repeats(raw: RawTable, mapping: Mapping) -> list[str]:
    """Ask what rows are where an animal has several and nothing tells them apart."""
    names = [getattr(mapping.columns, field) for field in Columns.model_fields]
    used = [
        n for given in names if given is not None for n in ((given,) if isinstance(given, str) else given)
    ]
    if mapping.columns.animal is None or any(getattr(mapping.columns, field) for field in _UNITS):
        return []
    keys = raw.frame[used].astype("object")
    doubled = keys.duplicated() & keys.notna().any(axis=1)
    if not doubled.any():
        return []
    at = int(doubled.to_numpy().argmax())
    who = " ".join(str(cell) for cell in keys.iloc[at].dropna())
    return [
        f"{who} has several rows (row {raw.row_numbers[at]} is one): what is each? Name the column of"
        " sections or fields in columns, or write rows_are: section (or field); if a row is a mistake,"
        " remove it"
    ]
