"""Rows that sum up others: means, standard deviations, totals, numbers of animals, notes below the table.

The fault: "Mean control" is tested as a mouse, and a group called SD or N is thrown away. A summary row
has no animal of its own, and its value is what the rows of its group give; a label that several animals
carry is a group, whatever it is called.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soleus.exchange.readers.headers import tokens
from soleus.exchange.readers.mapping import LeftOut
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.vocabulary import STATISTICS
from soleus.exchange.reading.draft import Draft, listed
from soleus.exchange.reading.view import View

__all__ = ["fits", "leave_summaries", "statistic_of"]

_FILL = frozenset(
    "of group groups gruppe gruppen groupe grupo gruppo der von die des de du del della di for and und"
    " et y e all the"
    " per pro value values wert werte sur von animals animal tiere mice cells in".split()
)
_ALONE = frozenset("n p x o s v et de ds all var et min max mw".split())
_MANY = 20_000
_EVERY = ("mean", "sum", "median", "sd", "sem", "n", "cv")


@dataclass
class _Rows:
    """What is known of all rows: the groups' labels, rows that are animals, ids unlike all others."""

    labels: tuple[str, ...]
    members: np.ndarray
    odd: np.ndarray
    after: int = -1
    """The row below one that sums up others."""


def _rows(draft: Draft) -> _Rows:
    view, animal = draft.view, draft.animal
    labels = _labels(view, animal, draft.group)
    odd = _odd(view, animal, draft.group)
    members = ~odd
    if animal is not None:
        words = view[animal].words
        flags = np.array([statistic_of(w, labels) is not None and len(w) > 1 for w in words] + [False])
        members = ~odd & ~flags[view[animal].codes] & view[animal].present
    return _Rows(labels, members, odd)


def statistic_of(text: str, labels: Sequence[str]) -> str | None:
    """Return the statistic that a cell in the place of an animal names; None where it names none.

    Parameters
    ----------
    text
        The cell: "Mean control", "MEAN (n=5)", "Mittelwert", "Total HLU".
    labels
        The groups of the table, whose names may stand beside the word.
    """
    bare = re.sub(r"\(.*?\)|\bn\s*=\s*\d+", " ", text)
    if text.strip() in ("Ø", "⌀", "x̄", "∑", "Σ", "Ø:"):
        return "mean" if text.strip()[0] in "Ø⌀x" else "sum"
    found = tokens(bare.replace(".", "").replace("Ø", " mean ").replace("±", " ").replace("+/-", " "))
    if not found:
        return "n" if re.search(r"\bn\s*=\s*\d+", text) else None
    known = {word for label in labels for word in tokens(label)}
    alone = [w for w in found if w not in known and w not in _FILL]
    joined = STATISTICS.get("".join(found)) or (STATISTICS.get("".join(alone)) if len(alone) > 1 else None)
    if joined is not None:
        return joined
    named = [w for w in found if w in STATISTICS and (w not in known or len(found) > 1)]
    rest = [w for w in found if w not in STATISTICS and w not in known and w not in _FILL]
    if (
        not named
        or any(not w.isdigit() for w in rest)
        or (rest and len(found) == len(rest) + 1 and len(named[0]) < 3)
    ):
        return None
    return STATISTICS[named[0]]


def fits(value: float, members: np.ndarray, statistic: str | None = None) -> bool:
    """Tell whether a value is a statistic of others, to the digits that it is written with."""
    there = members[np.isfinite(members)]
    if not np.isfinite(value) or len(there) < 2:
        return False
    sd = float(np.std(there, ddof=1))
    found = {
        "mean": float(there.mean()),
        "sum": float(there.sum()),
        "median": float(np.median(there)),
        "sd": sd,
        "sem": sd / np.sqrt(len(there)),
        "n": float(len(there)),
        "cv": 100 * sd / float(there.mean()) if there.mean() else np.nan,
        "variance": sd**2,
    }
    digits = len(f"{value:.10g}".partition(".")[2])
    near = 0.5 * 10.0**-digits * 1.02 + 1e-9 * abs(value)
    wanted = [found[statistic]] if statistic in found else [found[k] for k in ("mean", "sum", "median")]
    return any(abs(value - one) <= near for one in wanted)


def leave_summaries(draft: Draft) -> None:
    """Take rows of summaries and notes out of the view, and say which."""
    view = draft.view
    if len(view) > _MANY:
        return
    numeric = [name for name in view.names if view[name].numeric and name not in (draft.animal, draft.group)]
    _notes(draft, numeric)
    view = draft.view
    rows = _rows(draft)
    left: dict[str, list[int]] = {}
    for place in range(len(view)):
        why = _why(draft, place, rows, numeric)
        if why is not None:
            left.setdefault(why, []).append(place)
    for why, places in left.items():
        draft.left_out.append(LeftOut(rows=tuple(view.raw.row_numbers[p] for p in places), why=why))
    draft.view = view.without([p for places in left.values() for p in places])


def _labels(view: View, animal: str | None, group: str | None) -> tuple[str, ...]:
    """Return the labels of groups: words that at least two animals carry, whatever they are."""
    if group is None:
        return ()
    column = view[group]
    if animal is None:
        counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.words))
        return tuple(w for w, n in zip(column.words, counts, strict=True) if n > 1)
    carried: dict[int, set[int]] = {}
    for one, other in view.pairs(animal, group):
        if statistic_of(view[animal].words[one], ()) is None or len(view[animal].words[one]) == 1:
            carried.setdefault(other, set()).add(one)
    return tuple(w for code, w in enumerate(column.words) if len(carried.get(code, ())) > 1)


def _notes(draft: Draft, numeric: list[str]) -> None:
    """Leave out rows without any number and without a group: notes, titles of parts, empty samples."""
    view = draft.view
    if not numeric:
        return
    empty = np.ones(len(view), dtype=bool)
    for name in numeric:
        empty &= ~view[name].present | np.isnan(view[name].lenient) & ~_faulty(view, name)
    beside = draft.group
    if beside is not None:
        empty &= ~view[beside].present
    filled = sum(view[name].present.astype(int) for name in view.names)
    empty &= (filled <= 1) | (beside is not None)
    places = np.flatnonzero(empty).tolist()
    if places and len(places) < len(view):
        rows = tuple(view.raw.row_numbers[p] for p in places)
        shown = [next((w for n in view.names if (w := view[n].word(p))), "") for p in places]
        draft.left_out.append(
            LeftOut(rows=rows, why=f"no value and no group: {listed([repr(s[:40]) for s in shown], 3)}")
        )
        draft.view = view.without(places)


def _faulty(view: View, name: str) -> np.ndarray:
    """Tell cells that are meant as numbers and are none: they are refused by name later, never dropped."""
    like = np.array(
        [bool(re.match(r"[<>~≈#+\-−]?\d", w)) or w.startswith("formula") for w in view[name].words] + [False]
    )
    found: np.ndarray = like[view[name].codes]
    return found


def _why(draft: Draft, place: int, rows: _Rows, numeric: list[str]) -> str | None:
    """Return why a row is no animal; None where it is one."""
    view, labels = draft.view, rows.labels
    animal = None if draft.animal is None else view[draft.animal].word(place)
    group = None if draft.group is None else view[draft.group].word(place)
    said = None if animal is None else statistic_of(animal, labels)
    if said is not None and animal is not None:
        if len(animal) == 1 and _single_letters(view, draft.animal or ""):
            said = None
        elif animal.casefold() in _ALONE and not _agrees(draft, place, (said,), numeric, rows):
            return _asked(draft, place, animal, numeric)
    if said is not None:
        return f"{animal!r} is no animal: it sums up the rows of others"
    if draft.group is not None and group is not None and group not in labels:
        named = statistic_of(group, labels)
        if named is not None and (animal is None or animal == group):
            return f"{group!r} under {draft.group!r} is no group: the row sums up others"
    if animal is None:
        if draft.animal is not None and _agrees(draft, place, _EVERY, numeric, rows):
            return "a row without an animal whose values are what the rows above give"
    elif rows.odd[place]:
        return _told_by_numbers(draft, place, animal, numeric, rows)
    return None


def _told_by_numbers(draft: Draft, place: int, name: str, numeric: list[str], rows: _Rows) -> str | None:
    """Judge a row whose id is built unlike all others by what its values are."""
    way = next((one for one in _EVERY if _agrees(draft, place, (one,), numeric, rows)), None)
    if way is not None and (rows.after == place or _sure(draft, place, numeric, rows)):
        rows.after = place + 1
        return f"{name!r} is no animal: its values are the {way} of others"
    group = draft.group
    if way is not None or (group is not None and not draft.view[group].present[place]):
        return _asked(draft, place, name, numeric)
    return None


def _sure(draft: Draft, place: int, numeric: list[str], rows: _Rows) -> bool:
    """Tell whether it is no chance: two numbers agree, or one has decimals where the others are whole."""
    checked = [n for n in numeric if not np.isnan(draft.view[n].lenient[place])]
    broken = [draft.view[n].lenient for n in checked]
    finer = any(
        a[place] != round(a[place]) and bool((a[m := rows.members & np.isfinite(a)] == np.round(a[m])).all())
        for a in broken
    )
    return len(checked) > 1 or finer


def _asked(draft: Draft, place: int, name: str, numeric: list[str]) -> str | None:
    row = draft.view.raw.row_numbers[place]
    shown = [f"{n}: {draft.view[n].word(place) or ''}" for n in numeric[:3]]
    word = draft.answers.ask(
        Question(
            id=f"row {row}",
            about="rows",
            text=f"is {name!r} in row {row} an animal, or does the row sum up others? It holds"
            f" {', '.join(shown)}.",
            choices=(
                Choice("summary", "the row is left out"),
                Choice("animal", "it is an animal like the others"),
            ),
        )
    )
    return f"{name!r} sums up the rows of others" if word == "summary" else None


def _single_letters(view: View, animal: str) -> bool:
    ids = view[animal].words
    return sum(len(word) == 1 for word in ids) > max(2, 0.5 * len(ids))


def _odd(view: View, animal: str | None, group: str | None) -> np.ndarray:
    """Tell rows whose id is built unlike all others, once in a group at most."""
    odd = np.zeros(len(view), dtype=bool)
    if animal is None or animal not in view.names:
        return odd
    column = view[animal]
    codes = column.codes
    shapes = [_shape(word) for word in column.words]
    numbered = 2 * sum("9" in shape for shape in shapes) > len(shapes)
    grouped = set(codes.tolist()) if group is None else set(codes[view[group].present].tolist())
    of = codes if group is None else codes * (len(view[group].words) + 1) + view[group].codes
    for code, shape in enumerate(shapes):
        here = codes == code
        said = here if group is None else here & view[group].present
        alone = len(np.unique(of[said])) == int(said.sum())
        bare = numbered and "9" not in shape
        unlike = not any(other == shape for k, other in enumerate(shapes) if k != code and k in grouped)
        odd |= here & (alone and (int(here.sum()) == 1 or bare) and (unlike or bare))
    return odd & (not bool((odd | (codes < 0)).all()))


def _shape(word: str) -> str:
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", word))


def _agrees(draft: Draft, place: int, ways: tuple[str, ...], numeric: list[str], rows: _Rows) -> bool:
    """Tell whether the numbers of a row are one statistic of other rows."""
    view = draft.view
    checked = [name for name in numeric if not np.isnan(view[name].lenient[place])]
    if not checked:
        return False
    above = np.arange(len(view)) < place
    sets = [above]
    if draft.group is not None:
        codes = view[draft.group].codes
        own = view[draft.group].word(place)
        mine = [own] if own in rows.labels else rows.labels  # without a group it may sum up any of them
        sets = [codes == view[draft.group].words.index(label) for label in mine] + sets
        if place:
            sets.append(above & (codes == codes[place - 1]))
    others = rows.members & (np.arange(len(view)) != place)
    return any(
        all(fits(view[n].lenient[place], view[n].lenient[s & others], way) for n in checked)
        for s in sets
        for way in ways
    )
