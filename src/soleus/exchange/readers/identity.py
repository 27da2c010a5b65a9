"""Who and where: text columns of the observations from the columns and constants of a mapping."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from soleus.exchange.readers.headers import letters
from soleus.exchange.readers.mapping import Mapping
from soleus.exchange.readers.numbers import is_missing, numbers
from soleus.exchange.readers.sides import side_of
from soleus.exchange.readers.times import DAYS_OF, times_of
from soleus.exchange.readers.vocabulary import MARKS, SIDES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from soleus.exchange.readers.raw import RawTable

__all__ = ["TEXT_COLUMNS", "days", "flags", "identity", "selected", "words"]

TEXT_COLUMNS = (
    *("study", "sex", "strain", "cage", "litter", "niche", "assay", "side", "section", "field"),
    *("culture", "well", "passage", "observer"),
)
_SEXES = {
    **dict.fromkeys(
        ("m", "male", "males", "♂", "mannlich", "maennlich", "masculin", "macho", "maschio"), "male"
    ),
    **dict.fromkeys(
        ("f", "female", "females", "♀", "w", "weiblich", "femelle", "feminin", "hembra", "femmina"), "female"
    ),
}
_KNOWN: dict[str, dict[str, str]] = {"sex": _SEXES, "side": SIDES | {"d": "right", "i": "left"}}


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
    for name, known in _KNOWN.items():
        plain = {w: known.get(letters(str(w)) or str(w)) for w in frame[name].dropna().unique()}
        if name == "side":
            plain = {w: word or side_of(str(w)) for w, word in plain.items()}
        found = {w: p for w, p in plain.items() if p is not None}
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
    scale = DAYS_OF[mapping.day_unit or "day"] if column == "day" else 1.0
    unique = [str(word) for word in cells.dropna().unique()]
    if not any(re.search(r"[^\W\d_]", word) for word in unique):
        found = numbers(raw, name, decimal=mapping.decimal, missing=mapping.missing) * scale
        return np.where(np.isnan(found), empty, found)
    known = times_of(unique, unit=mapping.day_unit)
    if known is None:
        bad = next((word for word in unique if times_of([word]) is None), unique[0])
        row = raw.row_numbers[int((cells == bad).to_numpy().argmax())]
        raise raw.refusal(
            f"{bad!r} is no time in days; write days as numbers, such as 7", row=row, column=name
        )
    return np.array(cells.map(known).astype(float).fillna(empty), dtype=np.float64)


def flags(raw: RawTable, mapping: Mapping, *, name: str) -> pd.Series:
    """Return a column of yes and no; None where empty.

    Raises
    ------
    InputError
        A word that is neither; names its row.
    """
    cells = words(raw, name, mapping)
    folded = cells.map(lambda word: None if word is None else str(word).casefold())
    bad = folded.notna() & ~folded.isin(list(MARKS))
    if bad.any():
        at = int(bad.to_numpy().argmax())
        text = f"{cells.iloc[at]!r} is neither yes nor no; write yes or no"
        raise raw.refusal(text, row=raw.row_numbers[at], column=name)
    return folded.map(MARKS)
