"""Rows that cannot be told apart, and cells without an animal or a group: asked, never guessed."""

from __future__ import annotations

import numpy as np

from soleus.exchange.readers.mapping import Values
from soleus.exchange.readers.prepare import ROW
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.reading.draft import Draft, listed

__all__ = ["ask_blanks", "ask_repeats", "ask_values"]

_UNITS = ("side", "section", "field", "well", "culture", "passage")


def ask_values(draft: Draft) -> None:
    """Ask which column is the read-out, where none seems to be.

    Raises
    ------
    InputError
        None can be.
    """
    names = [
        n
        for n, r in draft.readings.items()
        if r.role in ("label", "batch", "covariate") and n in draft.view.names and draft.view[n].numeric
    ]
    if not names:
        if draft.answers.first() is None:
            raise draft.raw.refusal(
                "no column holds values: none is a count, a density, a share or another measure; add one"
            )
        return
    choices = tuple(Choice(n, f"{n!r} is the read-out") for n in names[:4])
    word = draft.answers.ask(
        Question(
            id="values",
            about="values",
            text="no column holds values: none is a count, a density, a share or another measure. Which"
            " one is the read-out?",
            choices=choices,
        )
    )
    if word is not None:
        entry = Values(
            column=word,
            readout=None if "readout" in draft.columns else word,
            kind="level",
            unit="unit not given",
        )
        draft.values = [entry]
        draft.read(word, "value", "you said so", "confirmed")
        for field in ("labels", "blocks", "covariates"):
            draft.columns[field] = tuple(n for n in draft.columns.get(field, ()) if n != word)


def ask_blanks(draft: Draft) -> None:
    """Ask about values without an animal or group: a cell that repeats the one above, or none."""
    view = draft.view
    for role in ("animal", "group"):
        name = draft.columns.get(role)
        names = [n for n in (name if isinstance(name, tuple) else (name,)) if n in view.names]
        for column in names:
            empty = ~view[column].present
            filled = np.zeros(len(view), dtype=bool)
            for entry in draft.values:
                if entry.column in view.names:
                    filled |= view[entry.column].present
            places = np.flatnonzero(empty & filled)
            if not len(places):
                continue
            rows = [view.raw.row_numbers[p] for p in places]
            word = draft.answers.ask(
                Question(
                    id="blanks",
                    about="rows",
                    text=f"row {listed(rows)} has values and no {role} in {column!r}: does an empty cell"
                    f" repeat the one above?",
                    choices=(
                        Choice("repeat", "yes: the cell above holds for it"),
                        Choice("leave-out", "no: rows without one are left out"),
                    ),
                )
            )
            if word == "repeat":
                draft.fill_down.append(column)
            elif word == "leave-out":
                from soleus.exchange.readers.mapping import LeftOut

                draft.left_out.append(LeftOut(rows=tuple(int(r) for r in rows), why=f"no {role}"))


def ask_repeats(draft: Draft) -> None:
    """Ask what rows are where an animal has several and nothing tells them apart."""
    view = draft.view
    if draft.rows_are or not isinstance(draft.columns.get("animal"), (str, tuple)):
        return
    names: list[str] = []
    for field, given in draft.columns.items():
        if field not in (
            "blocks",
            "labels",
            "covariates",
            "excluded",
            "exclusion_reason",
            "sex",
            "strain",
            "cage",
            "litter",
        ):
            names += [n for n in ((given,) if isinstance(given, str) else given) if n in view.names]
    animal = draft.columns["animal"]
    if animal == ROW or not set(animal if isinstance(animal, tuple) else (animal,)) <= set(view.names):
        return
    keys = np.stack([view[n].codes for n in dict.fromkeys(names)], axis=1)
    if draft.fill_down or any(draft.columns.get(unit) for unit in _UNITS):
        return  # a unit whose own name stands twice is refused with its row
    seen: set[tuple[int, ...]] = set()
    excluded = draft.columns.get("excluded")
    for place, key in enumerate(map(tuple, keys.tolist())):
        if excluded and view[excluded].codes[place] >= 0:
            continue
        if key not in seen:
            seen.add(key)
            continue
        who = " ".join(view[n].word(place) or "" for n in dict.fromkeys(names))
        word = draft.answers.ask(
            Question(
                id="rows",
                about="rows",
                text=f"{who} has several rows (row {view.raw.row_numbers[place]} is one): what is each?",
                choices=(
                    Choice("section", "a section of the animal: brought together in it"),
                    Choice("field", "a field or image of the animal: brought together in it"),
                ),
            )
        )
        draft.rows_are = word or "section"
        draft.summed.append(f"the rows of an animal are {draft.rows_are}s and are brought together in it")
        return
