"""Rows that sum up others: means, standard deviations, totals, numbers of animals, notes below the table.

The fault: "Mean control" is tested as a mouse, and a group called SD or N is thrown away. A summary row
has no animal of its own, and its value is what the rows of its group give; a label that several animals
carry is a group, whatever it is called.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    joined = STATISTICS.get("".join(found))
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
    labels = _labels(view, draft.animal, draft.group)
    left: dict[str, list[int]] = {}
    for place in range(len(view)):
        why = _why(draft, place, labels, numeric)
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


def _why(draft: Draft, place: int, labels: tuple[str, ...], numeric: list[str]) -> str | None:
    """Return why a row is no animal; None where it is one."""
    view = draft.view
    animal = None if draft.animal is None else view[draft.animal].word(place)
    group = None if draft.group is None else view[draft.group].word(place)
    said = None if animal is None else statistic_of(animal, labels)
    if said is not None and animal is not None:
        if len(animal) == 1 and _single_letters(view, draft.animal or ""):
            said = None
        elif animal.casefold() in _ALONE and not _agrees(draft, place, said, numeric, group, labels):
            return _asked(draft, place, animal, numeric)
    if said is not None:
        return f"{animal!r} is no animal: it sums up the rows of others"
    if draft.group is not None and group is not None and group not in labels:
        named = statistic_of(group, labels)
        if named is not None and (animal is None or animal == group):
            return f"{group!r} under {draft.group!r} is no group: the row sums up others"
    if draft.animal is not None and animal is None and _agrees(draft, place, None, numeric, group, labels):
        return "a row without an animal whose values are the mean or sum of the rows above"
    if animal is not None and _odd(view, draft.animal or "", animal, draft.group):
        if _agrees(draft, place, None, numeric, group, labels):
            return _asked(draft, place, animal, numeric)
    return None


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


def _odd(view: View, animal: str, name: str, group: str | None) -> bool:
    """Tell an id that is built unlike all others."""
    column = view[animal]
    code = column.words.index(name)
    if int((column.codes == code).sum()) > 1:
        return False
    shape = _shape(name)
    grouped = set(column.codes.tolist()) if group is None else set(column.codes[view[group].present].tolist())
    return not any(_shape(word) == shape for k, word in enumerate(column.words) if k != code and k in grouped)


def _shape(word: str) -> str:
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", word))


def _agrees(
    draft: Draft,
    place: int,
    statistic: str | None,
    numeric: list[str],
    group: str | None,
    labels: tuple[str, ...],
) -> bool:
    """Tell whether the numbers of a row are what other rows give."""
    view = draft.view
    sets = []
    if draft.group is not None and group in labels:
        code = view[draft.group].words.index(group)
        same = view[draft.group].codes == code
        sets.append(same & (np.arange(len(view)) != place))
    elif draft.group is not None:
        # No group of its own: it may sum up any of them.
        sets += [view[draft.group].codes == view[draft.group].words.index(label) for label in labels]
    above = np.arange(len(view)) < place
    sets.append(above)
    if draft.group is not None and place:
        last = view[draft.group].codes[place - 1]
        sets.append(above & (view[draft.group].codes == last))
    summary = np.zeros(len(view), dtype=bool)
    if draft.animal is not None:
        flags = np.array(
            [statistic_of(w, labels) is not None and len(w) > 1 for w in view[draft.animal].words] + [False]
        )
        summary = flags[view[draft.animal].codes] | ~view[draft.animal].present
    checked = [name for name in numeric if not np.isnan(view[name].lenient[place])]
    if not checked:
        return False
    return any(
        all(fits(view[n].lenient[place], view[n].lenient[s & ~summary], statistic) for n in checked)
        for s in sets
    )
