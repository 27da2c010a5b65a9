"""Columns whose header says nothing, read by their cells and how they stand to animals and groups.

A column with the same few words in every group is a stratum, a part of the animal or a batch; where that is
not plain it is asked.
"""

from __future__ import annotations

import re

from soleus.exchange.readers.headers import letters
from soleus.exchange.readers.identity import _SEXES
from soleus.exchange.readers.question import Choice
from soleus.exchange.readers.sides import side_of
from soleus.exchange.readers.vocabulary import (
    CONTRA,
    COUNT_WORDS,
    MEASURED,
    QUALIFIERS,
    REGIONS,
    UNITS_BELOW,
)
from soleus.exchange.reading.draft import Draft
from soleus.exchange.reading.marks import ask_marks, is_marked, tells_losses
from soleus.exchange.reading.roles import (
    FEW,
    KINDS,
    ask_column,
    ask_within,
    by_group,
    fully_crossed,
    levels_of,
    per_animal,
    read_sex,
    read_side,
    take_place,
)
from soleus.exchange.reading.times import are_durations, are_times, read_times_by_content

__all__ = ["dated", "read_by_content"]

_DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([ T][\d:.]+)?|\d{1,2}[./-]\d{1,2}[./-](\d{4}|\d{2})|\d{1,2}["
    r" .-]?[A-Za-z]{3}[a-z]*[ .-]?\d{2,4}"
)


def dated(words: tuple[str, ...]) -> bool:
    """Tell whether cells are dates."""
    return sum(_DATE.fullmatch(word) is not None for word in words[:200]) > 0.8 * len(words[:200])


def read_by_content(draft: Draft, name: str) -> None:
    """Read a column whose header says nothing."""
    column = draft.view[name]
    if len(column.words) <= FEW and are_durations(column.words) and bool(column.present.all()):
        if len(column.words) > 1:
            return read_times_by_content(draft, name)
        draft.take("labels", name, "the same time in every row", "content", role="label")
        return None
    if column.numeric:
        return _numbers_by_content(draft, name)
    if not column.formulas and not _by_words(draft, name):
        _by_crossing(draft, name)


def _by_words(draft: Draft, name: str) -> bool:
    """Read a column by what its words are; tell whether they are anything known."""
    column = draft.view[name]
    folded = {letters(word) for word in column.words}
    if len(column.words) == 1 and bool(column.present.all()):
        draft.take("labels", name, "the same in every row", "content", role="label")
    elif is_marked(draft, name) or tells_losses(column.words):
        ask_marks(draft, name)
    elif all(map(side_of, column.words)) and len(folded) > 1 and not per_animal(draft, name):
        read_side(draft, name)
    elif folded <= set(CONTRA):
        take_place(draft, name, "its words are sides that were treated differently", "content")
    elif sum(w in REGIONS for w in folded) > 0.6 * len(folded) and not per_animal(draft, name):
        take_place(draft, name, "its words are names of regions", "content")
    elif are_times(column.words):
        read_times_by_content(draft, name)
    elif folded and folded <= set(_SEXES) and len(folded) == 2 and per_animal(draft, name):
        read_sex(draft, name)
    else:
        return False
    return True


def _by_crossing(draft: Draft, name: str) -> None:
    """Read a column of unknown words by how they stand to animals and groups."""
    column = draft.view[name]
    if len(column.words) > max(FEW, 0.5 * len(draft.view)) or (
        draft.animal in draft.view.names and len(column.words) > FEW and per_animal(draft, name)
    ):
        draft.take("labels", name, "different in almost every row", "content", role="label")
    elif not per_animal(draft, name):
        ask_within(draft, name)
    elif by_group(draft, name):
        draft.take("labels", name, "the group tells it", "content", role="label")
    elif draft.group is not None and draft.view.determines(name, draft.group):
        draft.take("labels", name, "nested in the group", "content", role="label")
    else:
        ask_column(
            draft,
            name,
            f"{name!r} holds {levels_of(draft, name)} in several groups. What is it?",
            (KINDS[0], KINDS[2], KINDS[3]),
        )


def _numbers_by_content(draft: Draft, name: str) -> None:
    """Tell numbers of parts and bookkeeping from read-outs."""
    view, column = draft.view, draft.view[name]
    if column.header.unit is not None or not column.whole or column.formulas:
        return
    if _crossed_numbers(draft, name):
        ask_column(
            draft,
            name,
            f"{name!r} holds {levels_of(draft, name)} in every group. What is it?",
            (KINDS[0], KINDS[2], KINDS[3], Choice("value", "a read-out")),
        )
        return
    if _numbers_units(draft, name):
        draft.take("field", name, "numbers what was measured within each animal", "content")
        return
    if draft.animal in view.names and len(column.words) <= 12 and _same_in_animals(draft, name):
        ask_column(
            draft,
            name,
            f"every animal has the same values of {name!r} ({levels_of(draft, name)}). What are they?",
            (KINDS[0], KINDS[1], KINDS[3], Choice("value", "a read-out")),
        )


def _numbers_units(draft: Draft, name: str) -> bool:
    """Tell "Fibre 1, 2, 3": a unit below the animal, counted anew, or on, in each."""
    view, column = draft.view, draft.view[name]
    if draft.animal not in view.names or "field" in draft.columns or per_animal(draft, name):
        return False
    words = [w for w in column.header.words if w not in QUALIFIERS]
    if not (letters(name) in UNITS_BELOW or (len(words) == 1 and words[0] in UNITS_BELOW)):
        return False
    if not bool(column.present.all()) or _others(draft, name) == 0:
        return False
    numbers: dict[int, set[int]] = {}
    rows: dict[int, int] = {}
    found = column.lenient.tolist()
    for a, v in zip(view[draft.animal or ""].codes.tolist(), found, strict=True):
        numbers.setdefault(a, set()).add(int(v) if v == v else -1)
        rows[a] = rows.get(a, 0) + 1
    return all(seen == set(range(min(seen), min(seen) + rows[a])) for a, seen in numbers.items())


def _others(draft: Draft, name: str) -> int:
    """Return how many other columns of numbers are still without a role."""
    return sum(draft.view[other].numeric for other in draft.free if other != name)


def _crossed_numbers(draft: Draft, name: str) -> bool:
    """Tell whole numbers of which every group has the same few: weeks, experiments."""
    column = draft.view[name]
    named = set(column.header.words) & (COUNT_WORDS | MEASURED)
    if named or not 1 < len(column.words) <= 6 or len(draft.view) < 8 or not per_animal(draft, name):
        return False
    return fully_crossed(draft, name)


def _same_in_animals(draft: Draft, name: str) -> bool:
    """Tell whether the column numbers something within each animal: the same numbers, each once a row."""
    view = draft.view
    sets: dict[int, set[int]] = {}
    rows: dict[int, int] = {}
    for a, v in zip(view[draft.animal or ""].codes.tolist(), view[name].codes.tolist(), strict=True):
        sets.setdefault(a, set()).add(v)
        rows[a] = rows.get(a, 0) + 1
    first = next(iter(sets.values()))
    return len(first) > 1 and len(sets) > 2 and all(found == first for found in sets.values())
