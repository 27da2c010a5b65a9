"""Bring a frame to the columns and types of the table, or say which column stands in the way."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from soleus.errors import InputError
from soleus.observations.schema import COLUMNS, FACTOR_PREFIX, Column, column_type, design_column

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["factor_columns", "normalise"]

Factors = Mapping[str, tuple[str, ...]]

_BREAKS = r"[\x00-\x20\x7f]+"


def factor_columns(factors: Factors) -> list[str]:
    """Return the names of the columns that hold the levels of the factors."""
    return [f"{FACTOR_PREFIX}{name}" for name in factors]


def normalise(frame: pd.DataFrame, factors: Factors) -> pd.DataFrame:
    """Return a new frame with exactly the columns of the table, in order, each with its type.

    Parameters
    ----------
    frame
        Rows of any index; optional columns may be absent, and ``excluded`` counts as false where absent.
        Design columns (``block:plate``, see the schema) are kept, in their order.
    factors
        Factor name to its levels; each needs a column ``factor:<name>``.

    Raises
    ------
    InputError
        No rows, an unknown, doubled or absent column, or a column that cannot be read as its type.
    """
    import pandas as pd

    _check_names(frame, factors)
    columns: dict[str, pd.Series] = {}
    # Most tables leave a dozen text columns empty: one empty column stands for all of them.
    empty = pd.Series(pd.NA, index=frame.index, dtype=column_type("text"))
    for column in COLUMNS:
        if column.kind == "text" and not column.required and _is_empty(frame, column.name):
            columns[column.name] = empty
        elif column.name in frame.columns:
            columns[column.name] = _typed(frame[column.name], column)
        elif column.name == "excluded":
            columns[column.name] = pd.Series(False, index=frame.index, dtype="boolean")
        elif column.required or column.name == "value":
            raise InputError(f"column {column.name!r} ({column.meaning}) is absent; add it")
        else:
            missing = float("nan") if column.kind == "float" else pd.NA
            columns[column.name] = pd.Series(missing, index=frame.index, dtype=column_type(column.kind))
    for name in factor_columns(factors):
        columns[name] = _text(frame[name])
    for name in map(str, frame.columns):
        if (designed := design_column(name)) is not None:
            columns[name] = _typed(frame[name], designed)
    whole = pd.DataFrame(columns).reset_index(drop=True)
    whole["excluded"] = whole["excluded"].fillna(False)
    return whole


def _is_empty(frame: pd.DataFrame, name: str) -> bool:
    return name not in frame.columns or bool(frame[name].isna().all())


def _check_names(frame: pd.DataFrame, factors: Factors) -> None:
    if len(frame) == 0:
        raise InputError("the table has no rows; at least one observation is needed")
    doubled = frame.columns[frame.columns.duplicated()]
    if len(doubled):
        raise InputError(f"column {doubled[0]!r} occurs more than once; keep one")
    known = [column.name for column in COLUMNS] + factor_columns(factors)
    for name in map(str, frame.columns):
        if name not in known and design_column(name) is None:
            raise InputError(_unknown_column(name, known))
    for name in factor_columns(factors):
        if name not in frame.columns:
            raise InputError(
                f"column {name!r} is absent; the factor is declared, so add its level to each row"
            )


def _unknown_column(name: str, known: list[str]) -> str:
    if name.startswith(FACTOR_PREFIX):
        return f"column {name!r} belongs to a factor that is not declared; add it to factors with its levels"
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"unknown column {name!r}.{hint} Known: {', '.join(known)}."


def _text(series: pd.Series) -> pd.Series:
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype):
        # Few words stand for many rows: clean each once.
        words = _text(pd.Series(series.cat.categories))
        return words.reindex(series.cat.codes.replace(-1, len(words))).set_axis(series.index)
    # A line break inside a label comes from a spreadsheet cell, and would break the row in CSV.
    text = series.astype("string").str.replace(_BREAKS, " ", regex=True).str.strip()
    return text.mask(text == "", pd.NA)


def _typed(series: pd.Series, column: Column) -> pd.Series:
    """Read one column as its type; text that is not a number names its row."""
    import pandas as pd

    if column.kind == "text":
        return _text(series)
    if column.kind == "flag":
        return _flag(series, column)
    numbers = pd.to_numeric(series, errors="coerce")
    lost = numbers.isna() & series.notna()
    if lost.any():
        row = int(lost.to_numpy().argmax())
        raise InputError(
            f"column {column.name!r}, row {row + 1}: {series.iloc[row]!r} is not a number; leave the cell"
            " empty if the value is missing"
        )
    floats = numbers.astype("float64")
    if not pd.api.types.is_numeric_dtype(series.dtype):
        # Python reads text exactly; pandas before 3 rounds it at the sixteenth digit.
        held = floats.notna().to_numpy()
        exact = floats.to_numpy(copy=True)
        exact[held] = [float(text) for text in series[held]]
        floats = pd.Series(exact, index=series.index)
    if column.kind == "float":
        return floats
    broken = floats.notna() & (floats % 1 != 0)
    if broken.any():
        row = int(broken.to_numpy().argmax())
        raise InputError(f"column {column.name!r}, row {row + 1}: {floats.iloc[row]:g} is not a whole number")
    return floats.astype("Int64")


_FLAGS: dict[object, bool] = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def _flag(series: pd.Series, column: Column) -> pd.Series:
    if series.dtype == bool:
        return series.astype("boolean")
    words = series.astype("string").str.strip().str.lower()
    given = (words != "") & words.notna()
    bad = given & ~words.isin(list(_FLAGS))
    if bad.any():
        row = int(bad.to_numpy(dtype=bool).argmax())
        raise InputError(
            f"column {column.name!r}, row {row + 1}: {series.iloc[row]!r} is neither true nor false;"
            " write true or false"
        )
    return words.map(_FLAGS, na_action="ignore").astype("boolean")
