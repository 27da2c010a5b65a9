"""Text into numbers, without guessing: what could be read in two ways is refused with its row."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import numpy as np

from soleus.errors import InputError
from soleus.exchange.readers.mapping import MISSING_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from soleus.exchange.readers.raw import RawTable

__all__ = ["decimal_of", "is_missing", "lone_mark", "number", "numbers"]

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_LONE = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}", re.ASCII)
"""12,345 or 1.234: thousands or decimals, nobody can tell from the cell alone."""
_GROUPS = re.compile(
    r"[+-]?[1-9]\d{0,2}(?P<group>[., '’\u00a0\u202f\u2009])\d{3}(?:(?P=group)\d{3})*"
    r"(?:(?P<decimal>[.,])\d*)?"
)
_BLANK_GROUPS = " "
_SHEET_ERRORS = ("#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "Err:")
_ENOUGH = 20_000


def is_missing(word: str, extra: Iterable[str] = ()) -> bool:
    """Tell whether a cell's text means that there is no value."""
    plain = word.strip().casefold()
    return plain in MISSING_WORDS or any(plain == other.strip().casefold() for other in extra)


def decimal_of(words: Iterable[str]) -> str | None:
    """Return the decimal mark that words of a file prove, or None where they prove none or both."""
    found: set[str] = set()
    for count, word in enumerate(words):
        if count > _ENOUGH or len(found) == 2:
            break
        text = word.strip()
        if not ("," in text or "." in text) or _LONE.fullmatch(text):
            continue
        if match := _GROUPS.fullmatch(text):
            group, decimal = match["group"], match["decimal"]
            if decimal and decimal != group:
                found.add(decimal)
            elif group in ".,":
                found.add("," if group == "." else ".")
        elif _PLAIN.fullmatch(text):
            found.add(".")
        elif _COMMA.fullmatch(text):
            found.add(",")
    return found.pop() if len(found) == 1 else None


def _thousands_of(words: Iterable[str]) -> set[str]:
    """Return the marks of thousands that cells prove: 949.023 beside 1.198.547 is 949023."""
    found = {
        match["group"] for word in words if (match := _GROUPS.fullmatch(word)) and not _LONE.fullmatch(word)
    }
    return found & {",", "."} if len(found) == 1 else set()


def lone_mark(word: str) -> str | None:
    """Return the mark of "12,345" or "1.234", which may be one of thousands; None for any other text."""
    match = _LONE.fullmatch(word.strip())
    return None if match is None else match[1]


def number(word: str, *, decimal: str | None = None, firm: bool = False, whole: bool = False) -> float:
    """Read one number.

    Parameters
    ----------
    word
        Text of a cell, not missing.
    decimal
        Decimal mark of the file, "." or ","; None where it is not known.
    firm
        The mark was stated by the user, so that "1,234" may be read by it.
    whole
        A whole number is expected, so that "1.234" is suspect as well.

    Raises
    ------
    InputError
        What is wrong, without the place.
    """
    text = word.strip().replace("−", "-")
    lone = lone_mark(text)
    if lone is not None and not firm and ("," in text or decimal == "," or whole):
        raise InputError(_two_ways(text))
    mark = decimal or "."
    plain = _PLAIN if mark == "." else _COMMA
    if plain.fullmatch(text):
        return float(text.replace(",", "."))
    match = _GROUPS.fullmatch(text)
    if match is not None and _unambiguous(match, mark, known=decimal is not None, firm=firm):
        front, _, part = text.rpartition(match["decimal"]) if match["decimal"] else (text, "", "")
        return float("".join(c for c in front if c.isdigit() or c in "+-") + "." + (part or "0"))
    if decimal is None and _COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    raise InputError(_why_not(text, mark, decimal))


def _two_ways(text: str) -> str:
    return (
        f"{text!r} may be {text.replace(',', '').replace('.', '')} or {text.replace(',', '.')}: write"
        " 'decimal: \".\"' or 'decimal: \",\"' in the mapping"
    )


def _unambiguous(match: re.Match[str], mark: str, *, known: bool, firm: bool) -> bool:
    group, decimal = match["group"], match["decimal"]
    if decimal is not None:
        return decimal != group and (decimal == mark or not known)
    if group in ".,":
        several = match.group().count(group) > 1
        return (several and not known) or (group != mark and (several or firm))
    return group != _BLANK_GROUPS


def _why_not(text: str, mark: str, decimal: str | None) -> str:
    if text == "formula without a value":
        return "the formula in this cell was never computed; open the file in a spreadsheet and save it"
    if text.startswith(_SHEET_ERRORS):
        return f"{text!r} is an error of a formula in the sheet; mend the formula, or empty the cell"
    other = "," if mark == "." else "."
    if decimal is not None and (_PLAIN if mark == "," else _COMMA).fullmatch(text):
        return (
            f"{text!r} has the decimal mark {other!r} where the file has {mark!r}; write all numbers"
            " with one mark"
        )
    if re.fullmatch(r"[+-]?\d{1,3}(?: \d{3})+", text):
        return f"{text!r} may be one number or several; remove the blanks between the digits"
    if re.fullmatch(r"[<>≤≥~≈].*", text):
        return f"{text!r} is a bound, not a number; give the number, or leave the cell empty"
    if re.match(r"[+-]?[\d.,]+\s*[%A-Za-zµμ/²³]", text):
        return (
            f"{text!r} carries a unit; keep numbers only, all in one unit, and state the unit in the mapping"
        )
    return f"{text!r} is not a number; leave the cell empty if the value is missing, or add it to missing"


def _without_codes(found: NDArray[np.float64], missing: tuple[str, ...]) -> NDArray[np.float64]:
    """Return numbers with the codes of missing values, such as 999, taken out."""
    codes = []
    for word in missing:
        try:
            codes.append(float(word.replace(",", ".")))
        except ValueError:
            continue
    return np.where(np.isin(found, codes), np.nan, found) if codes else found


def _by_thousands(texts: Collection[str]) -> bool:
    """Tell a column in which all numbers above 999 are written as "1 681": two cells at least."""
    parted = [text for text in texts if _BLANKED.fullmatch(text)]
    others = [text for text in texts if not _BLANKED.fullmatch(text)]
    return len(parted) > 1 and all(re.fullmatch(r"\d{1,3}", text) for text in others)


_BLANKED = re.compile(r"[1-9]\d{0,2}(?: \d{3})+", re.ASCII)


def numbers(
    raw: RawTable,
    name: str,
    *,
    decimal: str | None = None,
    missing: tuple[str, ...] = (),
    percent: bool = False,
    whole: bool = False,
) -> NDArray[np.float64]:
    """Read a column of a table as numbers.

    Parameters
    ----------
    raw, name
        Table and column.
    decimal
        Decimal mark that the mapping states; None: that of the file.
    missing
        Further words that mean "no value".
    percent
        Cells may carry a per cent sign (all or none); the sign is dropped, the number is not changed.
    whole
        The column holds counts: three digits after a point are then taken for a mark of thousands,
        which is refused unless ``decimal`` is stated.

    Returns
    -------
    numpy.ndarray
        Shape (rows,), NaN where missing.

    Raises
    ------
    InputError
        A cell that is no number, or that could be read in two ways; names file, row and column.
    """
    import pandas as pd

    column = raw.column(name)
    if pd.api.types.is_float_dtype(column.dtype):
        return _without_codes(column.to_numpy(dtype=float), missing)
    codes, words = pd.factorize(column.astype("object"), use_na_sentinel=True)
    # Words that begin with a digit are never missing; most do, and there may be a million.
    given = [
        (i, w)
        for i, w in enumerate(words)
        if not isinstance(w, str) or (not missing and w[:1].isdigit()) or not is_missing(w, missing)
    ]
    texts = {i: w.strip() for i, w in given if isinstance(w, str)}
    if percent and texts:
        if len({text.endswith("%") for text in texts.values()}) > 1 or len(texts) < len(given):
            raise raw.refusal("some cells carry a % sign and some do not; write all in one way", column=name)
        texts = {i: text.removesuffix("%") for i, text in texts.items()}
    if _by_thousands(texts.values()):
        texts = {i: text.replace(" ", "") for i, text in texts.items()}
    mark = decimal or decimal_of(texts.values()) or raw.decimal
    # 987 beside 1.234: written by one hand, the second is more likely 1234 than 1.234.
    bare = any(text.isdigit() for text in texts.values())
    told = _thousands_of(texts.values())
    known = np.full(len(words) + 1, np.nan)
    for place, word in given:
        if place not in texts:
            known[place] = float(word)
            continue
        suspect = whole or (mark is None and bare)
        firm = decimal is not None or lone_mark(texts[place]) in told
        try:
            known[place] = number(texts[place], decimal=mark, firm=firm, whole=suspect)
        except InputError as error:
            row = int(np.argmax(codes == place))
            raise raw.refusal(str(error), row=raw.row_numbers[row], column=name) from None
    return known[codes]
