"""Numbers that are no measurements: 999 and -1 for a missing value, shares beside per cent.

The fault: 999 among counts of 25 to 50 moves a mean by a factor of ten; 0.36 and 35.1 in one column are the
same share written in two ways.
"""

from __future__ import annotations

import numpy as np

from soleus.errors import InputError
from soleus.exchange.readers.numbers import is_missing, number
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.reading.draft import Draft, listed

__all__ = ["ask_missing", "mixed_shares"]

_CODES = (999.0, 9999.0, 99999.0, 99.0, 888.0, 777.0, 8888.0, -1.0, -9.0, -99.0, -999.0, -9999.0)


def ask_missing(draft: Draft, columns: list[str]) -> None:
    """Ask about codes of missing values: far off all others, and one of the usual numbers."""
    for name in columns:
        _ask_words(draft, name)
        numbers = draft.view[name].lenient
        there = numbers[~np.isnan(numbers)]
        for code in _CODES:
            rest = there[there != code]
            if len(rest) < 3 or not (there == code).any():
                continue
            far = code > 3.0 * rest.max() if code > 0 else rest.min() >= 0 and (rest >= 0).all()
            if code > 0 and not (far and code > rest.mean() + 5 * rest.std()):
                continue
            if far:
                _ask(draft, name, code, numbers)


def _ask_words(draft: Draft, name: str) -> None:
    """Ask whether words among numbers ("lost", "no tissue") mean that there is no value."""
    column = draft.view[name]
    if column.numbers is not None:
        return
    known = [w for w in column.words if is_missing(w)]
    odd = [
        w
        for w in column.words
        if w not in known and not any(c.isdigit() for c in w) and w[:1] not in "#<>≤≥~"
    ]
    odd = [
        w
        for w in odd
        if not w.startswith(("formula", "Err:")) and w.casefold() not in ("inf", "-inf", "infinity")
    ]
    if not odd or len(odd) > 6 or any(_faulty(w) for w in column.words if w not in odd and w not in known):
        return
    row = next(
        n
        for n, code in zip(draft.view.raw.row_numbers, column.codes, strict=True)
        if code >= 0 and column.words[code] in odd
    )
    word = draft.answers.ask(
        Question(
            id=f"words in {name}",
            about="missing",
            text=(
                f"row {row}, column {name!r}: {odd[0]!r} is not a number. Do words such as"
                f" {listed([repr(w) for w in odd], 3)} mean that there is no value?"
            ),
            choices=(Choice("missing", "yes: these cells hold no value"),),
        )
    )
    if word == "missing":
        draft.missing += [w for w in odd if w not in draft.missing]
        draft.notes.append(f"{name}: {listed([repr(w) for w in odd], 3)} means that there is no value")


def _faulty(word: str) -> bool:
    try:
        number(word, decimal=None)
    except InputError:
        return True
    return False


def _ask(draft: Draft, name: str, code: float, numbers: np.ndarray) -> None:
    rows = [draft.view.raw.row_numbers[p] for p in np.flatnonzero(numbers == code)]
    rest = numbers[~np.isnan(numbers) & (numbers != code)]
    text = f"{code:g}"
    word = draft.answers.ask(
        Question(
            id=text,
            about="missing",
            text=(
                f"{name!r} holds {text} in row {listed(rows)}, and {rest.min():g} to {rest.max():g}"
                f" elsewhere."
                f" Does {text} stand for a missing value?"
            ),
            choices=(
                Choice("missing", f"{text} means that there is no value"),
                Choice("value", f"{text} was measured"),
            ),
        )
    )
    if word == "missing":
        word_forms = sorted({w for w in draft.view[name].words if _same(w, code)})
        draft.missing += [w for w in word_forms if w not in draft.missing]
        draft.notes.append(f"{name}: {text} stands for a missing value (row {listed(rows)})")


def _same(word: str, code: float) -> bool:
    try:
        return float(word.replace(",", ".").replace("−", "-")) == code
    except ValueError:
        return False


def mixed_shares(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return where shares and where per cent stand, if one column holds both; None where it does not."""
    there = ~np.isnan(numbers)
    low = there & (numbers > 0) & (numbers <= 1.0)
    high = there & (numbers > 1.0)
    if not (low.any() and high.any()):
        return None
    shares, cents = numbers[low] * 100.0, numbers[high]
    gap = cents.min() > 3.0 * numbers[low].max()
    alike = shares.mean() < 3.0 * cents.max() and shares.mean() > cents.min() / 3.0
    return (low, high) if gap and alike else None
