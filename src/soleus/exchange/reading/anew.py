"""Experiments, runs and replicates in which the animals' ids come again.

The fault: three experiments number their mice from 1, and mouse 1 of all three becomes one animal whose rows
are called sections. Each id may be another animal in each experiment, or one that was measured again: asked.
"""

from __future__ import annotations

from soleus.exchange.readers.prepare import ROW
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.reading.draft import Draft
from soleus.exchange.reading.roles import as_said, levels_of
from soleus.exchange.reading.view import View

__all__ = ["ask_anew", "told_by_batch"]


_ROLES = ("batch", "replicate")


def told_by_batch(draft: Draft) -> bool:
    """Tell whether ids stand in several groups only because each experiment numbers its animals anew."""
    animal, group, view = draft.animal, draft.group, draft.view
    if animal not in view.names or group not in view.names:
        return False
    named = [n for n in view.names if view[n].header.role in _ROLES and _repeat(view, n, (animal or "",))]
    return any(_tells(view, (name, animal or ""), group or "") for name in named)


def ask_anew(draft: Draft) -> None:
    """Ask whether each experiment numbers its animals anew, where ids come again in it."""
    view, given = draft.view, draft.columns.get("animal")
    ids = given if isinstance(given, tuple) else (given,) if isinstance(given, str) else ()
    if not ids or ids == (ROW,) or not set(ids) <= set(view.names):
        return
    for name in (
        *draft.columns.get("blocks", ()),
        *draft.columns.get("strata", ()),
        *_replicates(draft, ids),
    ):
        if name not in view.names or name in ids or len(view[name].words) < 2 or not _repeat(view, name, ids):
            continue
        if view[name].header.role not in _ROLES:
            continue
        if name in draft.columns.get("strata", ()):
            # Compared within each: nothing is brought together across them.
            group = draft.group
            if group in view.names and not _tells(view, ids, group or ""):
                draft.columns["animal"] = (name, *ids)
            return
        return _ask(draft, name, ids)


def _replicates(draft: Draft, ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return a column of replicates beside ids that are bare numbers: they may be experiments."""
    name = draft.columns.get("field")
    if not isinstance(name, str) or name not in draft.view.names:
        return ()
    bare = all(word.isdigit() for word in draft.view[ids[-1]].words)
    return (name,) if bare and draft.view[name].header.role == "replicate" else ()


def _ask(draft: Draft, name: str, ids: tuple[str, ...]) -> None:
    view = draft.view
    rows = {tuple(int(view[n].codes[p]) for n in (name, *ids)) for p in range(len(view))}
    first = view[ids[-1]].words[0]
    word = draft.answers.ask(
        Question(
            id=name,
            about="animal",
            text=f"ids such as {first!r} come again in {levels_of(draft, name)} ({name!r}). Are they other"
            f" animals each time, or the same ones, measured again?",
            choices=(
                Choice(
                    "anew", f"each numbers its animals anew: {len(rows)} animals, of all {name!r} together"
                ),
                Choice("within", f"groups are compared within each {name!r}"),
                Choice("parts", "the same animals, measured again: brought together in them"),
            ),
            head=(name, ids[-1], "animal if anew"),
            examples=tuple((w, first, f"{w}-{first}") for w in view[name].words[:3]),
        )
    )
    if word is None:
        return
    _forget(draft, name)
    if word == "anew":
        draft.columns["animal"] = (name, *ids)
        draft.take("blocks", name, "each numbers its animals anew; kept and named", "confirmed", role="batch")
        draft.notes.append(f"each {name!r} numbers its animals anew: {len(rows)} animals")
        return
    as_said(draft, name, word)
    if word == "within":
        ask_anew(draft)


def _forget(draft: Draft, name: str) -> None:
    draft.columns["blocks"] = tuple(n for n in draft.columns.get("blocks", ()) if n != name)
    if draft.columns.get("field") == name:
        draft.columns.pop("field")
    draft.notes = [note for note in draft.notes if not note.startswith(f"{name}: ")]


def _repeat(view: View, name: str, ids: tuple[str, ...]) -> bool:
    """Tell whether at least half of the ids stand in several of a column's values."""
    beside: dict[tuple[int, ...], set[int]] = {}
    for place in range(len(view)):
        code = int(view[name].codes[place])
        if code >= 0:
            beside.setdefault(tuple(int(view[n].codes[place]) for n in ids), set()).add(code)
    return 2 * sum(len(found) > 1 for found in beside.values()) >= max(len(beside), 2)


def _tells(view: View, names: tuple[str, ...], group: str) -> bool:
    """Tell whether columns together determine the group."""
    beside: dict[tuple[int, ...], set[int]] = {}
    for place in range(len(view)):
        key = tuple(int(view[n].codes[place]) for n in names)
        beside.setdefault(key, set()).add(int(view[group].codes[place]))
    return all(len(found - {-1}) < 2 for found in beside.values())
