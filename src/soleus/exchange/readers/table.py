"""From a raw table and its mapping to observations, one value a row, each with its file and row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from soleus.errors import InputError
from soleus.exchange.readers import checks
from soleus.exchange.readers.identity import days, flags, identity, selected, words
from soleus.exchange.readers.mapping import Mapping, Values
from soleus.exchange.readers.quantities import denominators, exposures, values
from soleus.jobs import as_text
from soleus.observations import FACTOR_PREFIX, PAIRED, Observations

if TYPE_CHECKING:
    import pandas as pd

    from soleus.exchange.readers.raw import RawTable

__all__ = ["to_observations"]

_DEEPEST = ("well", "field", "section", "passage", "culture", "side")
_PATHS = {
    "hemisphere": ("side",),
    "section": ("side", "section"),
    "field": ("side", "section", "field"),
    "culture": ("culture",),
    "passage": ("culture", "passage"),
    "well": ("culture", "passage", "well"),
    "clone": ("side", "section", "field", "culture", "well"),
}


def to_observations(raw: RawTable, mapping: Mapping, *, paired: bool = False) -> Observations:
    """Make observations of a table.

    Parameters
    ----------
    raw
        The table.
    mapping
        What its columns mean.
    paired
        The same animals stand in several groups, on purpose.

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
    raw = raw.filled_down(mapping.fill_down) if mapping.fill_down else raw
    rows = selected(raw, mapping)
    if not len(rows):
        raise raw.refusal("holds no row with a value in the columns of the mapping; name the right columns")
    raw = raw.take(rows) if len(rows) < len(raw) else raw
    common = _common(raw, mapping)
    table = _stacked([_block(raw, mapping, entry, common=common) for entry in mapping.values])
    checks.complete(raw, mapping, table)
    _relabel(raw, mapping, table)
    checks.spelling(raw, table)
    _number_units(mapping, table)
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
    given = "excluded in the file" if reason is None else reason.fillna("excluded in the file")
    frame["exclusion_reason"] = frame["excluded"].map({True: "", False: None})
    frame.loc[frame["excluded"], "exclusion_reason"] = given
    frame["source"] = raw.source.id
    frame["source_row"] = np.asarray(raw.row_numbers)
    frame["file_index"] = np.arange(len(raw))
    return frame


def _block(raw: RawTable, mapping: Mapping, entry: Values, *, common: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one column of values."""
    frame = common.copy(deep=False)
    given: dict[str, Any] = entry.given.model_dump(exclude_none=True)
    level = given.pop("unit_level", None) or mapping.constants.unit_level or mapping.rows_are
    for name, constant in given.items():
        frame[name] = constant
    if entry.readout is not None:
        frame["readout"] = entry.readout
    found, unit = values(raw, entry, mapping)
    frame["value"], frame["value_kind"], frame["unit"] = found, entry.kind, unit
    frame["exposure"], frame["exposure_unit"] = exposures(raw, entry, mapping)
    frame.loc[frame["exposure"].isna(), "exposure_unit"] = None
    frame["denominator"] = denominators(raw, entry, mapping)
    missing = np.isnan(found) & ~frame["excluded"].to_numpy(dtype=bool)
    if missing.any():
        cells = raw.column(entry.column)[missing]
        frame.loc[missing, "exclusion_reason"] = [
            "empty in the file"
            if not isinstance(cell, str) or not cell.strip()
            else f"{cell.strip()!r} in the file"
            for cell in cells
        ]
        frame.loc[missing, "excluded"] = True
    frame["unit_level"] = level or _level(frame)
    frame["file_column"] = entry.column
    return frame


def _level(frame: pd.DataFrame) -> str:
    """Name the smallest unit that any row names."""
    for name in _DEEPEST:
        if frame[name].notna().any():
            return "hemisphere" if name == "side" else name
    return "animal"


def _stacked(blocks: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack the blocks in the order of the file."""
    import pandas as pd

    if len(blocks) == 1:
        return blocks[0]
    names = list(blocks[0].columns)
    columns: dict[str, Any] = {n: np.stack([b[n].to_numpy() for b in blocks], axis=1).ravel() for n in names}
    return pd.DataFrame(columns)


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
        raise raw.refusal(f"the control {control!r} of the mapping is no group of the file: {found}")


def _number_units(mapping: Mapping, table: pd.DataFrame) -> None:
    """Give each unit its id: its own name with those of the units around it, or its number in order."""
    number: pd.Series | None = None
    if mapping.rows_are is not None:
        own = mapping.rows_are
        around = [name for name in ("side", "section", "field", "culture", "passage", "well") if name != own]
        keys = ["study", "animal", "day", "readout", "niche", "assay", "observer", *around]
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
