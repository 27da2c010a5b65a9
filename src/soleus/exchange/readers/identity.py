"""Who and where: text columns of the observations from the columns and constants of a mapping."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from soleus.errors import InputError
from soleus.exchange.readers.mapping import Mapping
from soleus.exchange.readers.numbers import is_missing, numbers
from soleus.units import parse

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from soleus.exchange.readers.raw import RawTable

__all__ = ["TEXT_COLUMNS", "days", "flags", "identity", "selected", "words"]

TEXT_COLUMNS = (
    *("study", "sex", "strain", "cage", "litter", "niche", "assay", "side", "section", "field"),
    *("culture", "well", "passage", "observer"),
)
_SYNONYMS: dict[str, dict[str, tuple[str, ...]]] = {
    "sex": {
        "male": ("m", "male", "males", "♂", "männlich", "maennlich"),
        "female": ("f", "female", "females", "♀", "w", "weiblich"),
    },
    "side": {
        "left": ("l", "left", "lh", "links", "left hemisphere"),
        "right": ("r", "right", "rh", "rechts", "right hemisphere"),
    },
}
_DAY = re.compile(
    r"(?:d|day|tag|dpi|t)[\s_-]*(-?\d+(?:\.\d+)?)|(-?\d+(?:\.\d+)?)\s*(?:dpi|tage?)", re.IGNORECASE
)
_FLAGS = {"true": True, "yes": True, "y": True, "x": True, "1": True, "ja": True} | {
    "false": False, "no": False, "n": False, "0": False, "nein": False,
}  # fmt: skip


def words(raw: RawTable, name: str, mapping: Mapping) -> pd.Series:
    """Return a column as clean text (1.0 is "1"), None where missing."""
    import pandas as pd

    cells = raw.column(name)
    codes, values = pd.factorize(cells.astype("object"), use_na_sentinel=True)
    texts = np.array([_text(value, mapping.missing) for value in values] + [None], dtype=object)
    return pd.Series(texts[codes], dtype="object")


def _text(value: object, missing: tuple[str, ...]) -> str | None:
    if isinstance(value, float):
        return f"{value:.15g}"
    text = " ".join(str(value).split())
    # "none" is a fair name for a treatment.
    return None if is_missing(text, missing) and text.casefold() not in ("none", "null") else text


def selected(raw: RawTable, mapping: Mapping) -> NDArray[np.intp]:
    """Return the rows that the mapping's filters keep and that are not blank in all of its columns."""
    keep = np.ones(len(raw), dtype=bool)
    for rule in mapping.keep:
        keep &= words(raw, rule.column, mapping).isin([word.strip() for word in rule.equals]).to_numpy()
    for rule in mapping.drop:
        keep &= ~words(raw, rule.column, mapping).isin([word.strip() for word in rule.equals]).to_numpy()
    if not keep.any():
        raise raw.refusal("the mapping's keep and drop leave no row; mend them")
    used = [value.column for value in mapping.values]
    used += [name for name in _names(mapping.columns.animal) if name not in used]
    blank = np.full(len(raw), bool(used))
    for name in used:
        blank &= raw.column(name).isna().to_numpy()
    return np.flatnonzero(keep & ~blank)


def identity(raw: RawTable, mapping: Mapping) -> pd.DataFrame:
    """Return one row per row of the table with every text column that the mapping names.

    Raises
    ------
    InputError
        A column that the file does not have.
    """
    import pandas as pd

    columns, constants = mapping.columns, mapping.constants
    table: dict[str, Any] = {}
    for name, joiner in (("animal", "-"), ("group", ", ")):
        parts = [words(raw, part, mapping) for part in _names(getattr(columns, name))]
        whole = parts[0] if parts else None
        for part in parts[1:]:
            whole = whole.str.cat(part, sep=joiner) if whole is not None else part
        table[name] = whole
    for name in ("readout", *TEXT_COLUMNS):
        given = getattr(columns, name)
        table[name] = None if given is None else words(raw, given, mapping)
    fixed: dict[str, Any] = constants.model_dump(exclude={"unit_level", "day", "age_days", "blinded"})
    for name, constant in fixed.items():
        if constant is not None:
            table[name] = constant if table.get(name) is None else table[name].fillna(constant)
    frame = pd.DataFrame(table, index=range(len(raw)), dtype="object")
    for name, synonyms in _SYNONYMS.items():
        known = {word: plain for plain, others in synonyms.items() for word in others}
        found = {
            w: known[str(w).casefold()] for w in frame[name].dropna().unique() if str(w).casefold() in known
        }
        frame[name] = frame[name].map(found).where(frame[name].isin(list(found)), frame[name])
    return frame.where(frame.notna(), None)


def _names(given: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return () if given is None else (given,) if isinstance(given, str) else given


def days(raw: RawTable, mapping: Mapping, *, column: str, constant: float | None) -> NDArray[np.float64]:
    """Return a column of times in days ("7", "d7", "day 7", "2 weeks"), or the constant.

    Raises
    ------
    InputError
        A cell that is no time; names its row.
    """
    name = getattr(mapping.columns, column)
    empty = np.nan if constant is None else constant
    if name is None:
        return np.full(len(raw), empty)
    cells = words(raw, name, mapping)
    given = cells.dropna()
    if not any(re.search(r"[^\W\d_]", word) for word in given.unique()):
        found = numbers(raw, name, decimal=mapping.decimal, missing=mapping.missing).copy()
        found[np.isnan(found)] = empty
        return found
    known: dict[str, float] = {}
    for word in given.unique():
        match = _DAY.fullmatch(word)
        try:
            known[word] = float(match[1] or match[2]) if match else _time(word)
        except InputError as error:
            row = raw.row_numbers[int((cells == word).to_numpy().argmax())]
            text = f"{error}; write days as numbers, such as 7"
            raise raw.refusal(text, row=row, column=name) from None
    return np.array(cells.map(known).astype(float).fillna(empty), dtype=np.float64)


def _time(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return parse(word, quantity="time")


def flags(raw: RawTable, mapping: Mapping, *, name: str) -> pd.Series:
    """Return a column of yes and no; None where empty.

    Raises
    ------
    InputError
        A word that is neither; names its row.
    """
    cells = words(raw, name, mapping)
    folded = cells.map(lambda word: None if word is None else str(word).casefold())
    bad = folded.notna() & ~folded.isin(list(_FLAGS))
    if bad.any():
        at = int(bad.to_numpy().argmax())
        text = f"{cells.iloc[at]!r} is neither yes nor no; write yes or no"
        raise raw.refusal(text, row=raw.row_numbers[at], column=name)
    return folded.map(_FLAGS)
