"""Giving a column its role, and asking for it: what is compared within, kept, or put together."""

from __future__ import annotations

import numpy as np

from soleus.exchange.readers.headers import letters, tokens
from soleus.exchange.readers.identity import _SEXES
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.sides import side_of
from soleus.exchange.readers.times import times_of
from soleus.exchange.readers.vocabulary import CONTRA, TIMES
from soleus.exchange.reading.draft import Draft, quoted_names
from soleus.exchange.reading.marks import take_exclusions

__all__ = [
    "FEW",
    "KINDS",
    "as_said",
    "ask_column",
    "ask_within",
    "by_group",
    "fully_crossed",
    "levels_of",
    "per_animal",
    "read_region",
    "read_sex",
    "read_side",
    "take_day",
    "take_place",
    "take_within",
    "unit_of_times",
]

FEW = 8


def as_said(draft: Draft, name: str, word: str) -> None:
    """Give a column the role that the user said."""
    you = "you said so"
    if word == "region":
        take_place(draft, name, you, "confirmed")
    elif word in ("within", "day", "marker"):
        if word == "day" and times_of(draft.view[name].words, unit=unit_of_times(draft, name)) is not None:
            take_day(draft, name, you, "confirmed")
        else:
            take_within(draft, name, you, "confirmed", role="factor" if word == "within" else word)
    elif word in ("parts", "section", "field", "side"):
        draft.take(
            "field"
            if word == "parts" and "section" in draft.columns
            else "section"
            if word == "parts"
            else word,
            name,
            you,
            "confirmed",
            role="section" if word == "parts" else word,
        )
        draft.summed.append(f"the parts that {name!r} names are brought together within their animal")
    elif word == "exclude":
        take_exclusions(draft, name, "confirmed")
    elif word == "group" and draft.group is not None:
        draft.columns["group"] = (draft.group, name)
        draft.read(name, "group", "you said so", "confirmed")
    elif word in ("animal", "group", "observer", "cage", "litter"):
        draft.take(word, name, you, "confirmed")
    else:
        draft.take(
            {"batch": "blocks", "covariate": "covariates", "label": "labels"}[word],
            name,
            you,
            "confirmed",
            role=word,
        )


def levels_of(draft: Draft, name: str) -> str:
    """Return the words of a column in quotes."""
    return quoted_names(draft.view[name].words, 6)


def per_animal(draft: Draft, name: str) -> bool:
    """Tell whether every animal has one value of the column."""
    return (
        draft.animal is None
        or draft.animal not in draft.view.names
        or draft.view.determines(draft.animal, name)
    )


def by_group(draft: Draft, name: str) -> bool:
    """Tell whether every group has one value of the column."""
    return draft.group is not None and draft.view.determines(draft.group, name)


def take_within(draft: Draft, name: str, reason: str, told: str = "header", *, role: str = "factor") -> None:
    """Compare groups within each value of a column."""
    draft.take("strata", name, reason, told, role=role)  # type: ignore[arg-type]
    draft.within.append(f"{name}: groups are compared within each of {levels_of(draft, name)}")


def take_place(draft: Draft, name: str, reason: str, told: str = "header") -> None:
    """Take a column for regions; a second one is compared within as well."""
    if "niche" in draft.columns:
        return take_within(draft, name, reason, told, role="region")
    draft.take("niche", name, reason, told, role="region")  # type: ignore[arg-type]
    if len(draft.view[name].words) > 1:
        draft.within.append(f"{name}: groups are compared within each of {levels_of(draft, name)}")


def take_day(draft: Draft, name: str, reason: str, told: str = "header") -> None:
    """Take a column for days; another that it tells is a label."""
    taken = draft.columns.get("day")
    if isinstance(taken, str) and taken in draft.view.names and draft.view.determines(taken, name):
        draft.take("labels", name, f"{taken!r} tells it", "content", role="label")
        return
    if "day" in draft.columns:
        return take_within(draft, name, reason, told, role="time")
    draft.day_unit = unit_of_times(draft, name)
    draft.take("day", name, reason, told, role="time")  # type: ignore[arg-type]
    if len(draft.view[name].words) > 1:
        draft.within.append(f"{name}: groups are compared within each of {levels_of(draft, name)}")


def unit_of_times(draft: Draft, name: str) -> str | None:
    """Return the unit of a column of times, from its header."""
    header = draft.view[name].header
    if header.unit is not None:
        return next((TIMES[w] for w in tokens(header.unit) if w in TIMES), None)
    found = next((TIMES[w] for w in header.words if w in TIMES), None)
    joined = letters(header.name)
    glued = (TIMES[w] for w in TIMES if len(w) > 2 and (joined.endswith(w) or joined.startswith(w)))
    return found or next(glued, None)


def fully_crossed(draft: Draft, name: str) -> bool:
    """Tell whether every value stands in several groups, with two animals each."""
    view = draft.view
    if draft.group is None:
        return False
    counts: dict[tuple[int, int], set[int]] = {}
    animal = view[draft.animal].codes if draft.animal in view.names else np.arange(len(view))
    for a, g, v in zip(
        animal.tolist(), view[draft.group].codes.tolist(), view[name].codes.tolist(), strict=True
    ):
        if g >= 0 and v >= 0:
            counts.setdefault((v, g), set()).add(a)
    groups: dict[int, list[int]] = {}
    for (v, _), animals in counts.items():
        groups.setdefault(v, []).append(len(animals))
    return all(len(n) > 1 and min(n) > 1 for n in groups.values())


def read_region(draft: Draft, name: str) -> None:
    """Read a column whose header names a place."""
    take_place(draft, name, "the header names a place")


def read_side(draft: Draft, name: str) -> None:
    """Read a column of sides: left and right are parts, ipsi and contra are compared apart."""
    words = {letters(word) for word in draft.view[name].words}
    if all(side_of(word) or letters(word) in ("d", "i") for word in draft.view[name].words):
        draft.take("side", name, "left and right of one animal")
        draft.summed.append(
            f"left and right ({name!r}) are parts of one animal and are brought together in it"
        )
    elif words <= set(CONTRA) or not draft.view[name].numeric:
        take_place(
            draft,
            name,
            "sides that were treated differently" if words <= set(CONTRA) else "the header names a side",
        )
    else:
        ask_within(draft, name)


def read_sex(draft: Draft, name: str) -> None:
    """Keep the sex; both are analysed together, and that is said."""
    words = draft.view[name].words
    known = [letters(w) or w for w in words]
    if all(w in _SEXES for w in known) and per_animal(draft, name):
        draft.take("sex", name, "kept; both sexes are analysed together" if len(words) > 1 else "one sex")
    else:
        draft.take("blocks", name, "kept; both are analysed together", role="sex")
    if len(words) > 1 and not by_group(draft, name):
        draft.notes.append(
            f"{name}: {levels_of(draft, name)} are analysed together; --answer '{name}=within' compares"
            f" groups within each"
        )
    elif len(words) > 1:
        draft.notes.append(f"{name}: each group holds one sex, so that sex and group cannot be told apart")


KINDS = (
    Choice("within", "place, time or a second treatment: groups are compared within each of its values"),
    Choice("parts", "sections or other parts of one animal: brought together in it"),
    Choice("batch", "a batch: kept and named, its animals are analysed together"),
    Choice("label", "a label: kept, never analysed"),
)


OBSERVER = Choice("observer", "who counted: the counts of one animal are averaged")


def ask_column(draft: Draft, name: str, text: str, choices: tuple[Choice, ...]) -> None:
    """Ask what a column is, with examples."""
    view = draft.view
    beside = [n for n in (draft.animal, draft.group) if n is not None and n in view.names]
    places = list(
        dict.fromkeys(int(np.argmax(view[name].codes == c)) for c in range(min(3, len(view[name].words))))
    )
    word = draft.answers.ask(
        Question(
            id=name,
            about="column",
            text=text,
            choices=choices,
            head=(*beside, name),
            examples=tuple(tuple(view[n].word(p) or "" for n in (*beside, name)) for p in places),
        )
    )
    if word is None:
        draft.take("labels", name, "to be confirmed", "content", role="label")
    elif word != "value":
        as_said(draft, name, word)


def ask_within(draft: Draft, name: str) -> None:
    """Ask about a column of which every animal has several values."""
    ask_column(
        draft,
        name,
        f"every animal has several values of {name!r} ({levels_of(draft, name)}). What are they?",
        (KINDS[0], KINDS[1], OBSERVER, KINDS[3])
        if len(draft.view[name].words) <= 4
        else (*KINDS[:2], KINDS[3]),
    )
