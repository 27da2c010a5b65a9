"""The rules of the table: what cannot be a count, a share, an animal or an exclusion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from soleus.errors import InputError
from soleus.observations.normalise import factor_columns
from soleus.observations.schema import COLUMNS, FACTOR_PREFIX, STRATUM_PREFIX, UNIT_PARENTS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["validate"]

_SOURCE = r"virtual:\S+|file:[0-9a-f]{64}"
_IDENTITY = (
    *("study", "group", "animal", "day", "niche", "assay", "readout", "unit_level", "unit_id"),
    *UNIT_PARENTS,
    "observer",
)
_OF_ANIMAL = ("group", "sex", "strain", "litter")


def validate(frame: pd.DataFrame, factors: Mapping[str, tuple[str, ...]], *, paired: bool = False) -> None:
    """Refuse a table that cannot be right.

    Parameters
    ----------
    frame
        A normalised frame.
    factors
        Factor name to its levels.
    paired
        An animal may be in several groups.

    Raises
    ------
    InputError
        Names the column, the row and the mend.
    """
    _words(frame)
    _units(frame)
    _values(frame)
    _exposures(frame)
    _summaries(frame)
    _exclusions(frame)
    _animals(frame, paired=paired)
    _factors(frame, factors)
    _one_unit(frame)
    _doubles(frame)


def _refuse_where(frame: pd.DataFrame, bad: object, *, column: str, mend: str) -> None:
    """Raise for the first row in which ``bad`` holds; ``mend`` may show the value as ``{value}``."""
    mask: NDArray[np.bool_] = np.asarray(bad, dtype=bool)
    if not mask.any():
        return
    row = int(mask.argmax())
    values = frame.iloc[row]
    value = values[column]
    place = f"column {column!r}, row {row + 1}"
    if values.notna()["source_row"]:
        place += f" (row {values['source_row']} of the file)"
    shown = f"{value:g}" if isinstance(value, float) else repr(value)
    more = int(mask.sum()) - 1
    others = f" ({more} more such row{'s' if more > 1 else ''})" if more else ""
    raise InputError(f"{place}: {mend.replace('{value}', shown)}{others}")


def _words(frame: pd.DataFrame) -> None:
    for column in COLUMNS:
        given = frame[column.name]
        if column.required:
            _refuse_where(
                frame, given.isna(), column=column.name, mend=f"is empty; give it ({column.meaning})"
            )
        if column.words:
            bad = given.notna() & ~given.isin(list(column.words))
            mend = f"{{value}} is not allowed; allowed: {', '.join(column.words)}"
            _refuse_where(frame, bad, column=column.name, mend=mend)
    sources = frame["source"].drop_duplicates()
    wrong = sources[~sources.str.fullmatch(_SOURCE)]
    mend = "{value} must be virtual:<run id> or file:<sha256 of the file, 64 digits>"
    if len(wrong):
        _refuse_where(frame, frame["source"].isin(wrong), column="source", mend=mend)
    _refuse_where(frame, ~np.isfinite(frame["day"]), column="day", mend="must be finite, got {value}")
    age = frame["age_days"]
    bad = age.notna() & ~((age >= 0) & np.isfinite(age))
    _refuse_where(frame, bad, column="age_days", mend="must be finite and not negative, got {value}")


def _units(frame: pd.DataFrame) -> None:
    group = (frame["unit_level"] == "group").to_numpy(dtype=bool)
    nameless = frame["animal"].isna() & ~group
    _refuse_where(
        frame, nameless, column="animal", mend="is empty; only unit_level group goes without an animal"
    )
    below = ~frame["unit_level"].isin(["animal", "group"])
    mend = "is empty; a unit below the animal needs an id, unique within its animal"
    _refuse_where(frame, frame["unit_id"].isna() & below, column="unit_id", mend=mend)


def _values(frame: pd.DataFrame) -> None:
    value, kind = frame["value"].to_numpy(), frame["value_kind"]
    there = ~np.isnan(value)
    lacking = ~there & ~frame["excluded"].to_numpy(dtype=bool)
    _refuse_where(
        frame, lacking, column="value", mend="is missing; give it, or exclude the row with a reason"
    )
    _refuse_where(frame, np.isinf(value), column="value", mend="must be finite, got {value}")
    # Times may lie before the start, scores on either side of none.
    low = there & (value < 0) & (~kind.isin(["time", "score"])).to_numpy(dtype=bool)
    _refuse_where(frame, low, column="value", mend="cannot be negative, got {value}")
    single = (frame["unit_level"] != "group").to_numpy(dtype=bool) & frame["se"].isna().to_numpy()
    count = (kind == "count").to_numpy(dtype=bool) & single & there
    mend = "a count must be a whole number, got {value}; is it a density? Then say so in value_kind"
    _refuse_where(frame, count & (value != np.round(value)), column="value", mend=mend)
    share = (kind == "fraction").to_numpy(dtype=bool) & there
    mend = "a fraction must lie in [0, 1], got {value}; percent? Divide by 100"
    _refuse_where(frame, share & (value > 1), column="value", mend=mend)


def _exposures(frame: pd.DataFrame) -> None:
    exposure = frame["exposure"].to_numpy()
    given = ~np.isnan(exposure)
    bad = given & ~((exposure > 0) & np.isfinite(exposure))
    mend = "must be positive and finite, got {value}; leave it empty where there is none"
    _refuse_where(frame, bad, column="exposure", mend=mend)
    unnamed = given & frame["exposure_unit"].isna().to_numpy()
    _refuse_where(
        frame, unnamed, column="exposure_unit", mend="is empty; an exposure needs its unit, such as mm2"
    )
    denominator, value = frame["denominator"].to_numpy(), frame["value"].to_numpy()
    given = ~np.isnan(denominator)
    bad = given & ~((denominator > 0) & (denominator == np.round(denominator)) & np.isfinite(denominator))
    _refuse_where(frame, bad, column="denominator", mend="must be a positive whole number, got {value}")
    kind = frame["value_kind"]
    stray = given & ~kind.isin(["count", "fraction"]).to_numpy(dtype=bool)
    _refuse_where(
        frame, stray, column="denominator", mend="belongs to a fraction or a count only; leave it empty"
    )
    over = given & (kind == "count").to_numpy(dtype=bool) & (value > denominator)
    _refuse_where(frame, over, column="value", mend="a count cannot exceed its denominator, got {value}")


def _summaries(frame: pd.DataFrame) -> None:
    se, n_units = frame["se"], frame["n_units"]
    bad = se.notna() & ~((se >= 0) & np.isfinite(se))
    _refuse_where(frame, bad, column="se", mend="must be finite and not negative, got {value}")
    few = (n_units < 1).fillna(False)
    _refuse_where(frame, few, column="n_units", mend="must be at least 1, got {value}")


def _exclusions(frame: pd.DataFrame) -> None:
    excluded, reason = frame["excluded"].to_numpy(dtype=bool), frame["exclusion_reason"].notna().to_numpy()
    mend = "is empty; an excluded row needs its reason"
    _refuse_where(frame, excluded & ~reason, column="exclusion_reason", mend=mend)
    mend = "{value} is given, but the row is not excluded; set excluded to true or remove the reason"
    _refuse_where(frame, ~excluded & reason, column="exclusion_reason", mend=mend)


def _animals(frame: pd.DataFrame, *, paired: bool) -> None:
    known = frame[["study", "animal", *_OF_ANIMAL]]
    known = known[frame["animal"].notna()]
    for column in _OF_ANIMAL[paired:]:
        _constant(known, by=("study", "animal"), column=column)


def _factors(frame: pd.DataFrame, factors: Mapping[str, tuple[str, ...]]) -> None:
    for column, (name, levels) in zip(factor_columns(factors), factors.items(), strict=True):
        if len(levels) < 2 or len(set(levels)) < len(levels):
            raise InputError(f"factor {name!r} needs at least two different levels, got {list(levels)}")
        bad = (~frame[column].isin(list(levels))).to_numpy(dtype=bool)
        mend = f"{{value}} is not a level of {column.removeprefix(FACTOR_PREFIX)!r}: {', '.join(levels)}"
        _refuse_where(frame, bad, column=column, mend=mend)
        _constant(frame, by=("study", "group"), column=column)


def _constant(frame: pd.DataFrame, *, by: tuple[str, str], column: str) -> None:
    """Refuse a column that changes within a unit, such as an animal that is in two groups."""
    pairs = frame[[*by, column]].dropna().drop_duplicates()
    doubled = pairs.duplicated(list(by))
    if doubled.any():
        who = pairs[doubled].iloc[0]
        same = (pairs[by[0]] == who[by[0]]) & (pairs[by[1]] == who[by[1]])
        found = ", ".join(map(repr, pairs.loc[same, column]))
        row = int(pairs.index[doubled][0]) + 1
        raise InputError(
            f"column {column!r}, row {row}: {by[1]} {who[by[1]]!r} has more than one {column}: {found};"
            f" mend the {column}, or give the {by[1]}s different names"
        )


def _one_unit(frame: pd.DataFrame) -> None:
    what = ["study", "assay", "readout", "niche", "unit_level", "value_kind"]
    for column in ("unit", "exposure_unit"):
        pairs = frame[[*what, column]].drop_duplicates()
        doubled = pairs[pairs[column].notna()].duplicated(what)
        if doubled.any():
            row = int(doubled.index[doubled][0])
            raise InputError(
                f"column {column!r}, row {row + 1}: {frame['readout'].iloc[row]!r} has more than one"
                f" {column}, here {frame[column].iloc[row]!r}; convert to one"
            )


def _doubles(frame: pd.DataFrame) -> None:
    # What is the same in every row tells no rows apart.
    strata = [str(name) for name in frame.columns if str(name).startswith(STRATUM_PREFIX)]
    telling = [name for name in (*_IDENTITY, *strata) if frame[name].nunique(dropna=False) > 1]
    doubled = frame.duplicated(telling or list(_IDENTITY)) & ~frame["excluded"].astype(bool)
    mend = "{value} has a second row for the same unit, day and observer; remove one, or name the units apart"
    _refuse_where(frame, doubled, column="readout", mend=mend)
