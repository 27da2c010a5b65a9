"""From a raw table and its mapping to observations, one value a row, each with its file and row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from soleus.errors import InputError
from soleus.exchange.readers import checks
from soleus.exchange.readers.identity import days, flags, identity, selected, words
from soleus.exchange.readers.mapping import Mapping, Values
from soleus.exchange.readers.numbers import numbers
from soleus.exchange.readers.prepare import prepared
from soleus.exchange.readers.quantities import denominators, exposures, values
from soleus.jobs import as_text
from soleus.observations import FACTOR_PREFIX, PAIRED, STRATUM_PREFIX, Observations

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from soleus.exchange.readers.raw import RawTable

__all__ = ["to_observations"]

_DEEPEST = ("well", "field", "section", "passage", "culture", "side")
_COMMON = object()
_PATHS = {
    "hemisphere": ("side",),
    "section": ("side", "section"),
    "field": ("side", "section", "field"),
    "culture": ("culture",),
    "passage": ("culture", "passage"),
    "well": ("culture", "passage", "well"),
    "clone": ("side", "section", "field", "culture", "well"),
}


def to_observations(raw: RawTable, mapping: Mapping) -> Observations:
    """Make observations of a table.

    Parameters
    ----------
    raw
        The table.
    mapping
        What its columns mean.

    Returns
    -------
    Observations
        In the order of the file, then of ``mapping.values``. A cell without a value becomes an excluded
        row that says so. Areas stand in ``exposure``; no count is ever multiplied or divided.

    Raises
    ------
    InputError
        The table or the mapping cannot be right; the message names file, row, column and mend.
    """
    checks.header(raw, mapping)
    raw = prepared(raw, mapping)
    raw = raw.filled_down(mapping.fill_down) if mapping.fill_down else raw
    rows = selected(raw, mapping)
    if not len(rows):
        raise raw.refusal("holds no row with a value in the columns of the mapping; name the right columns")
    raw = raw.take(rows) if len(rows) < len(raw) else raw
    common = _common(raw, mapping)
    table = _stacked(common, [_block(raw, mapping, entry, common=common) for entry in mapping.values])
    del common  # a million rows of it are not held beside what is made of them
    checks.complete(raw, mapping, table)
    _relabel(raw, mapping, table)
    checks.spelling(raw, table)
    _number_units(mapping, table)
    paired = mapping.answers.get("animals") == "paired"
    if not paired:
        checks.animals(raw, mapping, table)
    checks.twice(raw, table)
    factors = _factors(raw, mapping, table)
    provenance = {
        "file": as_text(raw.path.name),
        "sheet": raw.sheet or "",
        "control": mapping.groups.control or "",
        "design": PAIRED if paired else "",
    }
    places = table[["source_row", "file_column"]]
    frame = _compact(table.drop(columns=["file_column", "file_index"]))
    del table
    try:
        return Observations(
            frame, factors=factors, provenance={key: text for key, text in provenance.items() if text}
        )
    except InputError as error:
        raise checks.translated(raw, mapping, places=places, error=error) from None


def _common(raw: RawTable, mapping: Mapping) -> pd.DataFrame:
    frame = identity(raw, mapping)
    if frame["study"].isna().all():
        frame["study"] = raw.path.stem
    constants = mapping.constants
    frame["day"] = days(raw, mapping, column="day", constant=constants.day)
    frame["age_days"] = days(raw, mapping, column="age_days", constant=constants.age_days)
    columns = mapping.columns
    frame["blinded"] = constants.blinded
    if columns.blinded is not None:
        frame["blinded"] = flags(raw, mapping, name=columns.blinded)
    frame["excluded"] = False
    if columns.excluded is not None:
        frame["excluded"] = flags(raw, mapping, name=columns.excluded).eq(True)
    reason = None if columns.exclusion_reason is None else words(raw, columns.exclusion_reason, mapping)
    said = "excluded in the file" if columns.excluded is None else f"marked in column {columns.excluded!r}"
    given = said if reason is None else reason.fillna(said)
    frame["exclusion_reason"] = frame["excluded"].map({True: "", False: None})
    frame.loc[frame["excluded"], "exclusion_reason"] = given
    _exclude(raw, mapping, frame)
    _design(raw, mapping, frame)
    frame["source"] = raw.source.id
    frame["source_row"] = np.asarray(raw.row_numbers)
    frame["file_index"] = np.arange(len(raw))
    return frame


def _exclude(raw: RawTable, mapping: Mapping, frame: pd.DataFrame) -> None:
    """Exclude the rows that the mapping names by the words of a column."""
    for rule in mapping.exclude:
        cells = words(raw, rule.column, mapping)
        marked = cells.isin(list(rule.equals)) & ~frame["excluded"]
        frame.loc[marked, "exclusion_reason"] = [f"{rule.column}: {word}" for word in cells[marked]]
        frame.loc[marked, "excluded"] = True


def _design(raw: RawTable, mapping: Mapping, frame: pd.DataFrame) -> None:
    """Add strata, blocks, covariates and labels under their own names."""
    columns = mapping.columns
    for prefix, names in (
        (STRATUM_PREFIX, columns.strata),
        ("block:", columns.blocks),
        ("label:", columns.labels),
    ):
        for name in names:
            frame[f"{prefix}{name}"] = words(raw, name, mapping).to_numpy()
    for name in columns.covariates:
        frame[f"covariate:{name}"] = numbers(raw, name, decimal=mapping.decimal, missing=mapping.missing)


def _block(raw: RawTable, mapping: Mapping, entry: Values, *, common: pd.DataFrame) -> dict[str, Any]:
    """Return what one column of values adds to, or changes in, the common columns: an array, or one word."""
    own: dict[str, Any] = entry.given.model_dump(exclude_none=True)
    level = own.pop("unit_level", None) or mapping.constants.unit_level or mapping.rows_are
    if entry.readout is not None:
        own["readout"] = entry.readout
    found, unit = values(raw, entry, mapping)
    own |= {"value": found, "value_kind": entry.kind, "unit": unit}
    exposure, exposure_unit = exposures(raw, entry, mapping)
    own |= {"exposure": exposure, "exposure_unit": _where(~np.isnan(exposure), exposure_unit)}
    own["denominator"] = denominators(raw, entry, mapping)
    reason = common["exclusion_reason"].to_numpy(copy=True)
    excluded = common["excluded"].to_numpy(dtype=bool, copy=True)
    changed = _leave_out(
        np.isin(common["source_row"].to_numpy(), mapping.struck.get(entry.column, ())),
        "struck out in the sheet",
        reason,
        excluded,
    )
    if entry.denominator is not None:
        none = own["denominator"] == 0
        changed |= _leave_out(none, "no cell that it could be a share of", reason, excluded)
        own["denominator"] = np.where(none, np.nan, own["denominator"])
    missing = np.isnan(found) & ~excluded
    if missing.any():
        cells = raw.column(entry.column)[missing]
        reason[missing] = [
            "empty in the file"
            if not isinstance(cell, str) or not cell.strip()
            else f"{cell.strip()!r} in the file"
            for cell in cells
        ]
        excluded[missing] = True
        changed = True
    if changed:
        own |= {"exclusion_reason": reason, "excluded": excluded}
    own["unit_level"] = level
    own["file_column"] = entry.column
    return own


def _leave_out(rows: NDArray[np.bool_], why: str, reason: NDArray[Any], excluded: NDArray[np.bool_]) -> bool:
    """Exclude rows that are not excluded yet; tell whether there are any."""
    new = rows & ~excluded
    reason[new] = why
    excluded[new] = True
    return bool(new.any())


def _where(given: NDArray[np.bool_], word: str | None) -> Any:
    """Return a word where something is given, None elsewhere; the word alone if that is everywhere."""
    if word is None or not given.any():
        return None
    if given.all():
        return word
    words = np.full(len(given), None, dtype=object)
    words[given] = word
    return words


def _stacked(common: pd.DataFrame, blocks: list[dict[str, Any]]) -> pd.DataFrame:
    """Stack the blocks in the order of the file: the rows of the file, in each its columns of values."""
    import pandas as pd

    rows = len(common)
    there = {name: bool(common[name].notna().any()) for name in _DEEPEST}
    for block in blocks:
        block["unit_level"] = block["unit_level"] or _level(there | {n: True for n in block if n in there})
    columns: dict[str, Any] = {}
    for name in dict.fromkeys([*common.columns, *(n for block in blocks for n in block)]):
        parts = [block.get(name, _COMMON) for block in blocks]
        if all(part is _COMMON for part in parts):
            columns[name] = _spread(_plain(common[name]), lambda column: np.repeat(column, len(blocks)))
            continue
        parts = [_plain(common[name]) if part is _COMMON else part for part in parts]
        if not any(isinstance(part, np.ndarray) for part in parts):
            columns[name] = _spread(np.array(parts, _dtype(parts)), lambda column: np.tile(column, rows))
        else:
            wide = [p if isinstance(p, np.ndarray) else np.full(rows, p, _dtype([p])) for p in parts]
            columns[name] = _spread(np.stack(wide, axis=1).ravel(), lambda column: column)
    return pd.DataFrame(columns, copy=False)


def _spread(column: NDArray[Any], repeat: Callable[[NDArray[Any]], NDArray[Any]]) -> Any:
    """Repeat a column; of words, each is kept once: a million copies take a gigabyte."""
    import pandas as pd

    if column.dtype != object or any(isinstance(cell, bool) for cell in column[:1]):
        return repeat(column)
    codes, words = pd.factorize(column, use_na_sentinel=True)
    narrow = codes.astype(np.int8 if len(words) < 127 else np.int32)
    return pd.Categorical.from_codes(repeat(narrow), categories=pd.Index(words, dtype=object))


def _plain(column: pd.Series) -> NDArray[Any]:
    """Return numbers and flags as they are, anything else as objects, None where empty."""
    if column.dtype.kind in "biuf":
        return column.to_numpy()
    found = column.to_numpy(dtype=object, copy=True)
    found[column.isna().to_numpy()] = None
    return found


def _dtype(parts: list[Any]) -> type:
    """Return the type of an array of such words or numbers."""
    return float if all(type(part) in (float, int) for part in parts) else object


def _level(there: dict[str, bool]) -> str:
    """Name the smallest unit that any row names."""
    found = next((name for name in _DEEPEST if there[name]), "animal")
    return "hemisphere" if found == "side" else found


def _compact(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep each word once: observations then clean it once, not in every row."""
    texts = [name for name in frame.columns if frame[name].dtype == object and name != "blinded"]
    return frame.astype(dict.fromkeys(texts, "category"))


def _relabel(raw: RawTable, mapping: Mapping, table: pd.DataFrame) -> None:
    """Bring labels of groups to the names that the mapping gives them."""
    labels = mapping.groups.labels
    if labels:
        names = {**{name: name for name in labels.values()}, **labels}
        bad = ~table["group"].isin(list(names)).to_numpy()
        if bad.any():
            at = int(bad.argmax())
            text = (
                f"group {table['group'].iloc[at]!r} is not among the labels of the mapping"
                f" ({', '.join(map(repr, labels))}); add it to groups.labels, or drop such rows"
            )
            raise raw.refusal(text, row=int(table["source_row"].iloc[at]))
        table["group"] = table["group"].map(names)
    control = mapping.groups.control
    if control is not None and not (table["group"] == control).any():
        found = ", ".join(map(repr, table["group"].drop_duplicates()))
        raise raw.refusal(
            f"the control {control!r} of the mapping is no group of the file: {found}; a region, side or"
            " session is compared as a group: make its column the group, with --paired where both are of the"
            " same animals"
        )


def _number_units(mapping: Mapping, table: pd.DataFrame) -> None:
    """Give each unit its id: its own name with those of the units around it, or its number in order."""
    number: pd.Series | None = None
    if mapping.rows_are is not None:
        own = mapping.rows_are
        around = [name for name in ("side", "section", "field", "culture", "passage", "well") if name != own]
        strata = [name for name in table.columns if name.startswith(STRATUM_PREFIX)]
        keys = ["study", "animal", "day", "readout", "niche", "assay", "observer", *around, *strata]
        number = (table.groupby(keys, sort=False, dropna=False).cumcount() + 1).astype(str)
        if own in table.columns:
            table[own] = number
    table["unit_id"] = None
    for level, path in _PATHS.items():
        here = (table["unit_level"] == level).to_numpy()
        if here.any():
            table.loc[here, "unit_id"] = _joined([table.loc[here, name] for name in path])
    if mapping.rows_are == "clone" and number is not None:
        table["unit_id"] = _joined([table["unit_id"], number])


def _joined(parts: list[pd.Series]) -> pd.Series:
    """Join names with a slash, leaving out those that are empty; empty where the last is."""
    whole = parts[0]
    for part in parts[1:]:
        both = (whole.astype("object") + "/").fillna("") + part.astype("object")
        whole = both.where(part.notna(), whole)
    kept = [part for part in parts if part.notna().any()]
    return whole.where(kept[-1].notna(), None) if kept else whole


def _factors(raw: RawTable, mapping: Mapping, table: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, factor in mapping.groups.factors.items():
        if factor.column is None:
            label = table["group"]
        else:
            label = words(raw, factor.column, mapping).iloc[table["file_index"]].reset_index(drop=True)
        level = label.map(factor.levels)
        if level.isna().any():
            at = int(level.isna().to_numpy().argmax())
            text = (
                f"{label.iloc[at]!r} has no level of the factor {name!r};"
                f" add it to groups.factors (known: {', '.join(map(repr, factor.levels))})"
            )
            raise raw.refusal(text, row=int(table["source_row"].iloc[at]), column=factor.column)
        table[f"{FACTOR_PREFIX}{name}"] = level
        found[name] = tuple(dict.fromkeys(factor.levels.values()))
    return found
