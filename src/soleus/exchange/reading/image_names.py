"""A table without animals whose rows are images: the parts of their names tell the rest."""

from __future__ import annotations

from soleus.exchange.readers.mapping import NameRule
from soleus.exchange.readers.names import ask_names, guess_names, pattern_of
from soleus.exchange.readers.prepare import part_of
from soleus.exchange.reading.draft import Draft, listed
from soleus.exchange.reading.who import image_like

__all__ = ["read_image_names"]

_FIELDS = {"region": "niche"}


def read_image_names(draft: Draft) -> bool:
    """Take names of images apart where no column names the animal; tell whether there are any."""
    column = next((n for n in draft.free if image_like(draft.view, n)), None)
    if column is None:
        return False
    words = draft.view[column].words
    guess = guess_names(words)
    if guess is None:
        return False
    guess = ask_names(guess, draft.answers)
    if "animal" not in guess.roles:
        return False
    draft.names.append(NameRule(column=column, pattern=pattern_of(guess)))
    shown = []
    for role in dict.fromkeys(role for role in guess.roles if role is not None):
        part = part_of(column, role)
        shown.append(role)
        if role in ("channel", "time"):
            draft.columns["strata"] = (*draft.columns.get("strata", ()), part)
        else:
            draft.columns[_FIELDS.get(role, role)] = part
        if role in ("channel", "time", "day", "region"):
            draft.within.append(f"{role} in the names of {column!r}: groups are compared within each")
        elif role in ("section", "field", "side"):
            draft.summed.append(f"{role}s in the names of {column!r} are brought together in their animal")
    draft.read(column, "names of images", f"{words[0]!r} holds {listed(shown)}", "content")
    return True
