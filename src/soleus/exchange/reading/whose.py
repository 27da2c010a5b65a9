"""Animal and group of a table, or the questions for them."""

from __future__ import annotations

from soleus.exchange.readers.prepare import PART_JOINER, with_parts
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.reading.draft import Draft, listed
from soleus.exchange.reading.image_names import read_image_names
from soleus.exchange.reading.view import View
from soleus.exchange.reading.who import ask_animal, find_animal, find_group

__all__ = ["read_who", "with_parts_seen"]


def read_who(draft: Draft) -> None:
    """Find animal and group, or ask."""
    find_animal(draft)
    if draft.animal is None and read_image_names(draft):
        with_parts_seen(draft)
    if draft.group is None:
        find_group(draft)
        if draft.names and "group" in draft.columns and draft.group not in draft.view.names:
            with_parts_seen(draft)
    if "animal" not in draft.columns:
        ask_animal(draft)
    if "group" not in draft.columns:
        _ask_for_group(draft)


def with_parts_seen(draft: Draft) -> None:
    """Let the detectors see the parts of names as columns."""
    draft.view = View(with_parts(draft.view.raw, draft.names[-1]))
    for name in draft.view.names:
        if PART_JOINER in name and name not in draft.readings:
            draft.read(name, "part of a name", "see the column that it is of", "content")


def _ask_for_group(draft: Draft) -> None:
    have = ", ".join(map(repr, draft.view.names[:10]))
    view = draft.view
    fitting = [
        n
        for n in draft.free
        if 1 < len(view[n].words) <= 12
        and 2 * len(view[n].words) <= len(view)
        and (not view[n].numeric or view[n].header.role in ("age", "time", "label", "factor", "batch"))
    ]
    choices = [n for n in fitting if draft.animal is None or view.determines(draft.animal, n)]
    # Treatments that every animal had in turn: words, and not the numbers of sessions.
    choices = (choices or [n for n in fitting if not view[n].numeric] or fitting or _others(draft))[:4]
    word = draft.answers.ask(
        Question(
            id="group",
            about="group",
            text=(
                f"no column names the group. Which one is it? The columns are {have}. If a list of the"
                f" animals and their"
                " groups stands in a file of its own, give it: --key FILE"
            ),
            choices=tuple(
                Choice(n, f"groups: {listed(draft.view[n].words)}{_in_each(draft, n)}") for n in choices
            ),
        )
    )
    if word is not None:
        draft.take("group", word, "you said so", "confirmed")


def _others(draft: Draft) -> list[str]:
    """Return what else might be the group: whatever is not the animal and no measurement."""
    view = draft.view
    return [n for n in draft.free if n != draft.animal and view[n].header.unit is None] or list(
        view.names[:4]
    )


def _in_each(draft: Draft, name: str) -> str:
    if draft.animal not in draft.view.names or draft.view.determines(draft.animal or "", name):
        return ""
    return ", of which every animal has several"
