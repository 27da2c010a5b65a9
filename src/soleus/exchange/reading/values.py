"""Which columns hold read-outs, what kind of numbers they are, and what they are divided by.

The faults: the number of sections tested as a count; the area of a fibre or a lesion taken for the area
that was counted; slides, experiments and doses tested as read-outs; formulas without a value read as an
empty column.
"""

from __future__ import annotations

import re

import numpy as np

from soleus.exchange.readers.headers import letters
from soleus.exchange.readers.joined import JOINER
from soleus.exchange.readers.mapping import Values
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.vocabulary import COUNT_WORDS, SHARES, UNIT_PLURALS
from soleus.exchange.reading.codes import ask_missing
from soleus.exchange.reading.divisors import (
    Found,
    areas_that_are_values,
    cells_looked_at,
    is_extent,
    read_divisors,
    shares_of,
)
from soleus.exchange.reading.draft import Draft, listed
from soleus.exchange.reading.numbers_kinds import MEASURES, TYPOGRAPHY, kind_of
from soleus.exchange.reading.value_parts import (
    double_labels,
    made_of_others,
    named_parts,
    net_cells,
    tell_apart,
    title_of,
)

__all__ = ["read_values"]

_GENERIC = (
    frozenset("value wert messwert values valeur valor valore measurement result ergebnis n".split())
    | COUNT_WORDS
)


_DAY = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


def read_values(draft: Draft) -> None:
    """Sort what is left into read-outs, exposures and bookkeeping."""
    found = Found()
    for name in list(draft.free):
        _sort(draft, name, found)
    for name, header in ((n, draft.view[n].header) for n in list(draft.free)):
        if name not in found.names and all(name != n for n, _ in (*found.areas, *found.units)):
            draft.take(
                "labels",
                name,
                f"holds no numbers{'' if header.role is None else ''}",
                "content",
                role="label",
            )
    areas_that_are_values(draft, found)
    ask_missing(draft, found.names)
    entries = {name: _entry(draft, name) for name in found.names}
    named_parts(draft, entries)
    double_labels(draft, entries)
    shares_of(draft, entries)
    cells_looked_at(draft, entries)
    read_divisors(draft, entries, found)
    made_of_others(draft, entries)
    tell_apart(entries)
    draft.values = [*entries.values(), *net_cells(entries)]
    for name in entries:
        draft.read(name, "value", _why(entries[name]), "header")


def _why(entry: Values) -> str:
    given = entry.given
    more = [
        f"on day {given.day:g}" if given.day is not None else "",
        f"{given.side} side" if given.side else "",
        f"section {given.section}" if given.section else "",
        f"field {given.field}" if given.field else "",
        f"a share of {entry.denominator!r}" if entry.denominator else "",
    ]
    return f"{entry.readout or 'the read-out of its row'}, {entry.kind} in {entry.unit}" + "".join(
        f", {m}" for m in more if m
    )


def _sort(draft: Draft, name: str, found: Found) -> None:
    column = draft.view[name]
    header = column.header
    if column.formulas:
        return _formulas(draft, name, found)
    if not column.numeric:
        return
    if header.role == "units":
        found.units.append((name, header.of or "section"))
        return
    if draft.answers.settled.get(name) == "number":
        found.units.append((name, UNIT_PLURALS.get(letters(name), "section")))
        return
    unit = None if header.unit is None else header.unit.translate(TYPOGRAPHY).casefold()
    if is_extent(header, unit):
        found.areas.append((name, unit or "?"))
    elif _of_the_litter(draft, name):
        draft.take(
            "covariates", name, "one number a litter: its own, not the animals'", "content", role="covariate"
        )
    elif _bookkeeping(draft, name):
        draft.take("labels", name, "a number of bookkeeping: kept, never analysed", "content", role="label")
    else:
        found.names.append(name)


def _formulas(draft: Draft, name: str, found: Found) -> None:
    column = draft.view[name]
    rows = [
        draft.view.raw.row_numbers[p]
        for p in range(len(draft.view))
        if column.word(p) == "formula without a value"
    ]
    if len(rows) < int(column.present.sum()):
        found.names.append(name)  # some cells: reading the column names the first
        return
    word = draft.answers.ask(
        Question(
            id=name,
            about="values",
            text=(
                f"the cells of {name!r} are formulas whose values are not in the file (row"
                f" {listed(rows, 3)}): open it in a"
                " spreadsheet and save it there, then they are. Or is it to be read without this column?"
            ),
            choices=(Choice("leave-out", f"{name!r} is not analysed"),),
        )
    )
    told = "you said so" if word else "to be confirmed"
    draft.read(
        name, "empty", f"formulas without values; {told}", "confirmed" if word else "content", used=False
    )


def _of_the_litter(draft: Draft, name: str) -> bool:
    """Tell numbers that are the same for all animals of a litter or cage, such as its size."""
    if draft.answers.settled.get(name) == "value":
        return False
    view = draft.view
    for role in ("litter", "cage"):
        cluster = draft.columns.get(role)
        if not isinstance(cluster, str) or cluster not in view.names:
            continue
        codes, numbers = view[cluster].codes, view[name].lenient
        there = (codes >= 0) & ~np.isnan(numbers)
        of: dict[int, set[float]] = {}
        for code, number in zip(codes[there].tolist(), numbers[there].tolist(), strict=True):
            of.setdefault(code, set()).add(number)
        several = int(there.sum()) >= 2 * len(of) and len(of) >= 3
        if several and all(len(own) == 1 for own in of.values()) and len(set().union(*of.values())) > 1:
            return True
    return False


def _bookkeeping(draft: Draft, name: str) -> bool:
    """Tell numbers that count rows, or that the group alone decides: slides, images, doses."""
    view, column = draft.view, draft.view[name]
    if draft.answers.settled.get(name) == "value":
        return False
    numbers = column.lenient
    there = numbers[np.isfinite(numbers)]
    if len(there) == 0:
        return column.numbers is not None  # a column of faulty cells is refused by name later
    header = column.header
    if len(there) > 1 and all(_DAY.fullmatch(f"{n:.0f}") for n in there if n == round(n)) and column.whole:
        return True  # 20231101: a date
    named = header.unit is not None or any(
        w in COUNT_WORDS or w in SHARES or w in MEASURES for w in header.words
    )
    if len(there) > 4 and column.whole and not named:
        steps = np.diff(there)
        if (steps == 1).all() or (
            len(np.unique(there)) == len(there)
            and np.array_equal(np.sort(there), np.arange(there.min(), there.min() + len(there)))
        ):
            return True
    several = draft.group in view.names and len(view[draft.group or ""].words) > 1
    if several and 1 < len(column.words) and view.determines(draft.group or "", name):
        counts = np.bincount(view[draft.group or ""].codes + 1)[1:]
        return bool((counts > 2).all())
    return len(column.words) == 1 and len(there) > 5 and not named


def _entry(draft: Draft, name: str) -> Values:
    header = draft.view[name].header
    kind, unit = kind_of(draft, name)
    readout = None if "readout" in draft.columns else _readout(draft, header.name)
    return Values(column=name, readout=readout, kind=kind, unit=unit)


def _readout(draft: Draft, word: str) -> str:
    """Name a read-out: the header; where that says only "count", what stands above it, or the sheet."""
    above, _, own = word.rpartition(JOINER)
    generic = all(w in _GENERIC for w in (letters(part) for part in own.replace("_", " ").split()) if w)
    if generic and above:
        return above
    if draft.layout is not None and word == "value" and title_of(draft) != "count":
        return title_of(draft)
    return word
