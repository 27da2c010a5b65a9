"""Columns of times: days, weeks, sessions, ages; codes such as T0 or P21 are time points, not days.

The fault: weeks and postnatal days pooled, or tested as read-outs.
"""

from __future__ import annotations

import re

import numpy as np

from soleus.exchange.readers.headers import letters
from soleus.exchange.readers.question import Choice
from soleus.exchange.readers.times import time_of, times_of
from soleus.exchange.readers.vocabulary import MOMENTS
from soleus.exchange.reading.draft import Draft
from soleus.exchange.reading.roles import (
    FEW,
    ask_column,
    by_group,
    fully_crossed,
    take_day,
    take_within,
    unit_of_times,
)
from soleus.exchange.reading.value_names import on_days

__all__ = ["are_durations", "are_times", "read_age", "read_time", "read_times_by_content"]

_SESSIONS = frozenset("session sessions sitzung seance sesion sessione visit visite phase momento".split())


def read_time(draft: Draft, name: str) -> None:
    """Read a column whose header names a time."""
    column = draft.view[name]
    header = column.header
    if (
        column.numeric
        and any(word.isdigit() for word in header.words)
        and name in on_days(list(draft.view.names))
    ):
        return  # "Week 1", "Week 4": a read-out on several days
    if len(column.words) == 1 and not column.numeric and times_of(column.words) is None:
        draft.take("labels", name, "the same in every row", role="label")
        return
    if _is_order(draft, name):
        draft.take(
            "labels", name, "the order in which each animal had the treatments; not analysed", role="label"
        )
        return
    unit = unit_of_times(draft, name)
    session = any(word in _SESSIONS for word in header.words)
    days = None if session or unit == "month" else times_of(column.words, unit=unit)
    stated = unit is not None or any(re.search(r"[^\W\d_]", word) for word in column.words)
    if days is not None and stated:
        if _scattered(draft, name):
            return _ask_time(draft, name)
        return take_day(draft, name, f"the header names a time, in {unit or 'day'}s")
    if len(column.words) == 1:
        draft.take("labels", name, "a time in no stated unit, the same in every row", role="label")
    elif _scattered(draft, name):
        _ask_time(draft, name)
    else:
        take_within(draft, name, "the header names a time; its words are no days", role="time")


def _is_order(draft: Draft, name: str) -> bool:
    """Tell sessions in which each animal had each treatment once, in an order of its own."""
    view, animal, group = draft.view, draft.animal, draft.group
    if animal is None or group is None or not {animal, group} <= set(view.names):
        return False
    if view.determines(animal, group) or view.determines(group, name) or view.determines(name, group):
        return False
    rows = list(
        zip(view[animal].codes.tolist(), view[group].codes.tolist(), view[name].codes.tolist(), strict=True)
    )
    once = len({(a, g) for a, g, _ in rows}) == len({(a, v) for a, _, v in rows}) == len(set(rows))
    return once and all(min(row) >= 0 for row in rows)


def _scattered(draft: Draft, name: str) -> bool:
    """Tell times that no two groups share enough of to be compared at each."""
    view = draft.view
    if draft.group is None or len(view[name].words) < 3 or by_group(draft, name):
        return False
    shared = [
        b for b in range(len(view[name].words)) if sum(p[1] == b for p in view.pairs(draft.group, name)) > 1
    ]
    return len(view[name].words) > 6 and len(shared) < 0.5 * len(view[name].words)


def _ask_time(draft: Draft, name: str) -> None:
    ask_column(
        draft,
        name,
        f"{name!r} names a time, and most of its values occur in one group only. Are groups to be"
        f" compared at each?",
        (
            Choice("label", "no: it is kept and never analysed"),
            Choice("day", "yes: groups are compared at each"),
        ),
    )


def read_age(draft: Draft, name: str) -> None:
    """Read ages: crossed with the groups, one in each, or a number of the animal."""
    column = draft.view[name]
    there = column.lenient[np.isfinite(column.lenient)]
    spread = column.numeric and there.size > 0 and there.min() > 0 and there.max() / there.min() > 1.5
    if len(column.words) == 1 or by_group(draft, name):
        draft.take(
            "labels", name, "one age in each group" if len(column.words) > 1 else "one age", role="covariate"
        )
    elif (spread or not column.numeric) and len(column.words) <= FEW and fully_crossed(draft, name):
        take_within(draft, name, "ages that stand in every group", role="time")
    elif column.numeric and column.numbers is not None:
        if unit_of_times(draft, name) == "day" and "age_days" not in draft.columns:
            draft.take("age_days", name, "the age of each animal", role="covariate")
        else:
            draft.take("covariates", name, "the age of each animal; kept and named", role="covariate")
    else:
        draft.take("labels", name, "ages in words", role="label")


def are_times(words: tuple[str, ...]) -> bool:
    """Tell cells that are times or codes of time points."""
    codes = sum(re.fullmatch(r"(?i)[tspvw]\s*\d{1,2}|p(n|nd)?\s*\d+", word) is not None for word in words)
    moments = sum(letters(word) in MOMENTS for word in words)
    return len(words) > 1 and (times_of(words) is not None or codes + moments == len(words))


def are_durations(words: tuple[str, ...]) -> bool:
    """Tell "7 day", "35 day": whole numbers that each say a unit of time."""
    read = [time_of(word) for word in words]
    return bool(read) and all(one is not None and one[1] is not None and one[0] % 1 == 0 for one in read)


def read_times_by_content(draft: Draft, name: str) -> None:
    """Read a column whose cells are times."""
    if times_of(draft.view[name].words) is not None:
        take_day(draft, name, "its cells are times", "content")
    else:
        take_within(draft, name, "its cells are codes of time points", "content", role="time")
