"""12,345 and 1.234: a mark of thousands or of decimals, which a cell alone does not tell.

The fault: 89,431 cells/mm3 read as 89 of them, or a table refused for a mark that one word would settle.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from soleus.exchange.readers.headers import tokens
from soleus.exchange.readers.numbers import decimal_of, lone_mark
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.vocabulary import COUNT_WORDS
from soleus.exchange.reading.draft import Draft
from soleus.exchange.reading.view import Column, View

__all__ = ["ask_decimal"]


def ask_decimal(draft: Draft) -> None:
    """Ask what the mark means, where neither its column nor the file tells."""
    open_ones: list[tuple[str, str, str]] = []
    for name in draft.view.names:
        column = draft.view[name]
        if not column.numeric or column.header.role in ("animal", "date", "label"):
            continue
        word = next((w for w in column.words if lone_mark(w)), None)
        if word is None or decimal_of(column.words) is not None:
            continue  # every cell is plain, or another cell of the column tells
        mark = lone_mark(word)
        assert mark is not None
        if mark == "." and draft.raw.decimal != "," and not _suspect(column):
            continue  # 1.234 beside 0.5: nothing but a decimal point
        open_ones.append((name, word, mark))
    if open_ones:
        _ask(draft, *open_ones[0])


def _suspect(column: Column) -> bool:
    """Tell 1.234 beside 987, and a count of which every cell is like 1.234: thousands are likely."""
    if any(w.isdigit() for w in column.words):
        return True
    counted = bool(set(tokens(column.header.text)) & COUNT_WORDS)
    return counted and len(column.words) > _FEW and all(map(lone_mark, column.words))


def _ask(draft: Draft, name: str, word: str, mark: str) -> None:
    plain, parted = word.replace(mark, ""), word.replace(",", ".")
    column = draft.view[name]
    row = draft.view.raw.row_numbers[int(np.argmax(column.codes == column.words.index(word)))]
    answer = draft.answers.ask(
        Question(
            id="decimal",
            about="values",
            text=f"row {row}, column {name!r}: {word!r} may be {plain} or {parted}. What is the"
            f" {_NAMES[mark]}?",
            choices=(
                Choice("thousands", f"a mark of thousands: {word!r} is {plain}"),
                Choice("decimals", f"the decimal mark: {word!r} is {parted}"),
            ),
        )
    )
    if answer is None:
        return
    other: dict[str, Literal[".", ","]] = {",": ".", ".": ","}
    own: dict[str, Literal[".", ","]] = {",": ",", ".": "."}
    draft.decimal = other[mark] if answer == "thousands" else own[mark]
    draft.view = View(draft.raw, draft.decimal)
    draft.notes.append(f"{word!r} is read as {plain if answer == 'thousands' else parted}, as you said")


_FEW = 3
_NAMES = {",": "comma", ".": "point"}
