"""Which group is the control, who is compared with whom, and whether the same animals stand in both groups.

The faults: animals killed at the start taken for the control of a flight; one control for groups that were
killed on other days; before and after in one animal tested as if they were two animals.
"""

from __future__ import annotations

import re

from soleus.exchange.readers.headers import letters, tokens
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.vocabulary import (
    BASELINES,
    CONTRA,
    CONTROLS,
    MOMENTS,
    SIDES,
    SOFT_CONTROLS,
    YOUNG,
)
from soleus.exchange.reading.draft import Draft, quoted_names
from soleus.exchange.reading.who import control_like, groups_together

__all__ = ["choose_control", "likely_control", "read_pairs"]

_FLIGHT = frozenset("flight flt flug spaceflight vuelo vol volo space sf iss".split())
_GROUND = frozenset("ground gc boden sol suelo terra tierra".split())
_PAIRS = (
    *(frozenset(("lesioned", "intact")), frozenset(("lesion", "intact")), frozenset(("injured", "intact"))),
    *(
        frozenset(("lesioned", "unlesioned")),
        frozenset(("operated", "unoperated")),
        frozenset(("treated", "untreated")),
    ),
)


def likely_control(labels: list[str] | tuple[str, ...]) -> str | None:
    """Return the one label that is named like a control; None if none is, or several are."""
    own = [label for label in labels if not any(word in BASELINES for word in tokens(label))]
    exact = [label for label in own if letters(label) in CONTROLS]
    if len({letters(label) for label in exact}) == 1:
        return exact[0]
    if exact:
        return None
    whole = [label for label in own if tokens(label) and all(_control_word(w) for w in tokens(label))]
    if len(whole) == 1:
        return whole[0]
    part = [label for label in own if control_like(label)]
    if part or whole:
        return part[0] if len(part) == 1 and not whole else None
    return _soft_control(own)


def _soft_control(labels: list[str]) -> str | None:
    """Return the sedentary of the trained, the young of the old: where no group is named a control."""
    soft = [label for label in labels if letters(label) in SOFT_CONTROLS]
    if not soft and len(labels) == 2:
        soft = [label for label in labels if letters(label) in YOUNG]
    return soft[0] if len(soft) == 1 else None


def _control_word(word: str) -> bool:
    return re.sub(r"\d+$", "", word) in CONTROLS or word in (
        "group",
        "gruppe",
        "diet",
        "diat",
        "chow",
        "and",
        "und",
    )


def _two_treatments(labels: tuple[str, ...]) -> bool:
    """Tell "saline, WT", "saline, KO", "drug, KO": each of two treatments has its own control."""
    words = [{w for w in tokens(label) if w in CONTROLS} for label in labels]
    both = [found for found in words if len(found) > 1]
    exact = any(letters(label) in CONTROLS for label in labels)
    return len(labels) > 2 and not exact and len(both) == 1 and sum(bool(w & both[0]) for w in words) > 1


def choose_control(
    draft: Draft, labels: tuple[str, ...], *, by_day: dict[str, tuple[str, ...]] | None = None
) -> None:
    """Say which group is the control and why; ask where several or none is named like one."""
    if draft.wanted.control is not None:
        draft.control, draft.control_reason = draft.wanted.control, "you named it"
        return
    said = draft.answers.said("control", labels)
    if said is not None:
        draft.control, draft.control_reason = said, "you named it"
        return
    if draft.wanted.contrasts:
        draft.control = draft.wanted.contrasts[0][1]
        draft.control_reason = "you named the comparisons"
        return
    if len(labels) < 2:
        return
    if by_day is not None and _by_day(draft, by_day):
        return
    flown = [label for label in labels if any(w in _FLIGHT for w in tokens(label))]
    ground = [label for label in labels if any(w in _GROUND for w in tokens(label))]
    if len(flown) >= 1 and len(ground) == 1:
        draft.control, draft.control_reason = (
            ground[0],
            f"ground animals are the control of {quoted_names(flown)}",
        )
        return
    # With both factors analysed, each cell has its place; else one of them would be taken for the other.
    found = None if _two_treatments(labels) and not draft.wanted.factorial else likely_control(labels)
    bases = [label for label in labels if any(word in BASELINES for word in tokens(label))]
    if found is not None and not (flown and len(ground) > 1):
        draft.control = found
        draft.control_reason = "it is named like a control" + (
            f"; {quoted_names(bases)} was taken at the start and is no control" if bases else ""
        )
        return
    first = ", ".join(next(iter(factor.levels)) for factor in draft.factors.values())
    if draft.wanted.factorial and first in labels and not bases:
        draft.control = first
        draft.control_reason = "with both factors analysed it only says which way round effects are told"
        return
    _ask(draft, labels, bases)


def _by_day(draft: Draft, by_day: dict[str, tuple[str, ...]]) -> bool:
    """Plan a contrast on each day, where each day has its own groups and one control among them."""
    if len(by_day) < 2 or any(len(groups) < 2 for groups in by_day.values()):
        return False
    pairs: list[tuple[str, str]] = []
    for groups in by_day.values():
        control = likely_control(groups)
        if control is None:
            return False
        pairs += [(group, control) for group in groups if group != control]
    if len({control for _, control in pairs}) < 2:
        return False
    draft.contrasts = tuple(pairs)
    draft.control = pairs[0][1]
    draft.control_reason = "each group is compared with the control of its own day: " + ", ".join(
        f"{one} / {other}" for one, other in pairs
    )
    return True


def _ask(draft: Draft, labels: tuple[str, ...], bases: list[str]) -> None:
    more = (
        f" {quoted_names(bases)} sounds like animals taken at the start, which are no control of a treatment."
        if bases
        else ""
    )
    if _two_treatments(labels):
        more += (
            " Groups that differ in two treatments at once tell nothing of either; pairs that differ in one"
            " are compared by --contrast TREATED/CONTROL."
        )
    word = draft.answers.ask(
        Question(
            id="control",
            about="control",
            text=f"which group is the control: {quoted_names(labels, 12)}?{more}",
            choices=tuple(
                Choice(label, f"every other group is compared with {label!r}") for label in labels[:12]
            ),
        )
    )
    if word is not None:
        draft.control, draft.control_reason = word, "you named it"


def read_pairs(draft: Draft) -> None:
    """Ask what it means that animals of one name stand in several groups; see ``--paired``."""
    animal, group = draft.columns.get("animal"), draft.group
    if not isinstance(animal, str) or group is None or animal not in draft.view.names:
        return
    both, every = groups_together(draft.view, animal, group)
    if both < 2 or both < 0.5 * every:
        return
    view = draft.view
    labels = {letters(word) for word in view[group].words}
    paired = labels <= MOMENTS or labels <= set(CONTRA) or labels <= set(SIDES) or labels in _PAIRS
    shown = view[animal].words[0]
    text = (
        f"animals such as {shown!r} stand in several of the groups {quoted_names(view[group].words)}:"
        f" {both} of"
        f" {every}. Are they the same animals (a paired comparison, --paired), or does each group number"
        f" its own?"
    )
    choices = [
        Choice("separate", "each group numbers its animals anew: they are different animals"),
        Choice("paired", "the same animals under both conditions: compared within each animal (--paired)"),
    ]
    word = draft.answers.ask(
        Question(
            id="animals",
            about="animal",
            text=text,
            choices=tuple(reversed(choices)) if paired else tuple(choices),
            head=(animal, group, "animal if separate"),
            examples=tuple(
                (shown, view[group].words[k], f"{view[group].words[k]}-{shown}")
                for k in range(min(3, len(view[group].words)))
            ),
        )
    )
    if word == "separate":
        draft.columns["animal"] = (group, animal)
        draft.notes.append(f"each group numbers its animals anew: {shown!r} of two groups are two animals")
