"""Rows that somebody coloured in a spreadsheet: left out, or a help for the eye; only they know.

The fault: animals that were marked yellow to be left out are analysed without a word.
"""

from __future__ import annotations

from soleus.exchange.readers.mapping import LeftOut
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.reading.draft import Draft, listed

__all__ = ["ask_colours"]

_FEW = 0.34


def ask_colours(draft: Draft) -> None:
    """Ask what the colour of few rows means; that of a whole group, or of a column, is a help for the eye."""
    view = draft.view
    by_row: dict[int, int] = {}
    for row, _ in draft.raw.coloured:
        by_row[row] = by_row.get(row, 0) + 1
    places = [p for p, row in enumerate(view.raw.row_numbers) if row in by_row]
    if not 0 < len(places) <= _FEW * len(view) or _banded(places) or _of_a_group(draft, places):
        return
    rows = tuple(view.raw.row_numbers[p] for p in places)
    beside = [n for n in (draft.animal, draft.group) if n in view.names]
    word = draft.answers.ask(
        Question(
            id="coloured",
            about="excluded",
            text=f"rows {listed(rows)} are coloured in the sheet. Are they to be left out"
            f" ({len(rows)} of {len(view)})?",
            choices=(
                Choice("exclude", "the coloured rows are left out, and that is said"),
                Choice("keep", "the colour means nothing here: the rows are analysed"),
            ),
            head=("row", *map(str, beside)),
            examples=tuple(
                (str(view.raw.row_numbers[p]), *(view[str(n)].word(p) or "" for n in beside))
                for p in places[:3]
            ),
        )
    )
    if word == "exclude":
        draft.left_out.append(LeftOut(rows=rows, why="coloured in the sheet, left out as you said"))
        draft.view = view.without(places)
    elif word == "keep":
        draft.notes.append(f"rows {listed(rows)} are coloured in the sheet; you said that they are analysed")


def _banded(places: list[int]) -> bool:
    """Tell every second, or every third, row: a pattern that spreadsheets make."""
    steps = {b - a for a, b in zip(places, places[1:], strict=False)}
    return len(places) > 2 and len(steps) == 1 and steps != {1}


def _of_a_group(draft: Draft, places: list[int]) -> bool:
    """Tell rows that are all those of one or several groups: the group's colour."""
    group = draft.group
    if group not in draft.view.names or group is None:
        return False
    codes = draft.view[group].codes.tolist()
    marked = {codes[p] for p in places}
    return len(places) == sum(code in marked for code in codes)
