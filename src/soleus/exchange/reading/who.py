"""Which column is the animal, and which the group.

The faults: an id beside a mouse's name tested as a count, groups made by joining columns without being asked
("CON, 1"), a second treatment pooled over in silence.
"""

from __future__ import annotations

import re

import numpy as np

from soleus.exchange.readers.headers import letters, tokens
from soleus.exchange.readers.mapping import Factor, NameRule
from soleus.exchange.readers.prepare import part_of
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.vocabulary import CONTROLS, COUNT_WORDS, DOMAINS
from soleus.exchange.reading.draft import Draft, listed, quoted_names
from soleus.exchange.reading.view import View

__all__ = ["control_like", "find_animal", "find_group", "groups_together", "image_like"]

_ENDING = re.compile(
    r"(?i)\.(ome\.)?(tiff?|czi|lsm|lif|nd2|vsi|svs|ndpi|png|jpe?g|zvi|oib|oir|qptiff|scn|xml|bmp)\b"
)
_MOST_GROUPS = 24


def control_like(label: str) -> bool:
    """Tell whether a label is named like a control."""
    found = tokens(label)
    if label.strip() == "+/+":
        return True
    return letters(label) in CONTROLS or any(re.sub(r"\d+$", "", word) in CONTROLS for word in found)


def image_like(view: View, name: str) -> bool:
    """Tell whether a column holds names of images."""
    words = view[name].words
    if view[name].numeric or not words:
        return False
    ended = sum(_ENDING.search(word) is not None for word in words)
    named = any(letters(name) == domain for domain in DOMAINS)
    parted = sum(len(re.split(r"[_\s-]+", word)) > 1 and any(c.isdigit() for c in word) for word in words)
    return 2 * ended > len(words) or (named and 2 * parted > len(words))


def find_animal(draft: Draft) -> None:
    """Give the animal its column: by its header, else by what the cells hold, else by asking."""
    view = draft.view
    strong = [
        n for n in draft.free if view[n].header.role == "animal" and not view[n].header.weak and view[n].words
    ]
    weak = [n for n in draft.free if view[n].header.weak and view[n].words]
    found = strong or weak
    if len(found) > 1:
        found = _one_of(draft, found)
    if found:
        draft.take("animal", found[0], f"the header {found[0]!r} names the animal")
        for name in (*strong, *weak):
            if name != found[0] and name not in draft.readings:
                draft.take("labels", name, "a number beside the animal's own; never analysed", role="label")


def _one_of(draft: Draft, found: list[str]) -> list[str]:
    view = draft.view
    varied = [n for n in found if len(view[n].words) > 1] or found[:1]
    first = varied[0]
    if all(view.determines(first, n) and view.determines(n, first) for n in varied[1:]):
        return [first]
    # Pups within dams: the finer one is the animal where the other is constant within it.
    finest = [n for n in varied if all(view.determines(n, other) for other in varied)]
    if (
        len(finest) == 1
        and len(varied) > 1
        and not any(view.determines(o, finest[0]) for o in varied if o != finest[0])
    ):
        asked = [finest[0], *[n for n in varied if n != finest[0]]]
    else:
        asked = varied
    word = draft.answers.ask(
        Question(
            id="animal",
            about="animal",
            text=f"which column names the animal: {', '.join(map(repr, varied))}?",
            choices=tuple(Choice(n, f"{len(view[n].words)} animals") for n in asked),
            head=tuple(varied),
            examples=tuple(tuple(view[n].word(row) or "" for n in varied) for row in _rows(view)),
        )
    )
    return [word or asked[0]]


def _rows(view: View) -> list[int]:
    return list(dict.fromkeys((0, min(1, len(view) - 1), len(view) - 1)))


def ask_animal(draft: Draft) -> None:
    """Ask which column names the animal, where no header does."""
    view = draft.view
    likely = [
        n
        for n in draft.free
        if len(view[n].words) > 3
        and bool(view[n].present.all())
        and (not view[n].numeric or view[n].whole)
        and view[n].header.unit is None
        and not (view[n].numeric and (view[n].header.role or set(view[n].header.words) & COUNT_WORDS))
        and (draft.group is None or view.determines(n, draft.group))
    ]
    likely.sort(key=lambda n: (view[n].numeric, len(view[n].words) < len(view)))
    choices = [Choice(n, f"{len(view[n].words)} animals") for n in likely[:4]]
    if draft.group is not None:
        choices.append(Choice("rows", f"each of the {len(view)} rows is an animal of its own"))
    if not choices:
        choices = [Choice(n, "the animals") for n in view.names[:6]]
    have = ", ".join(map(repr, view.names[:10]))
    word = draft.answers.ask(
        Question(
            id="animal",
            about="animal",
            text=f"no column names the animal. Which one is it? The columns are {have}.",
            choices=tuple(choices),
            head=tuple(view.names[:4]),
            examples=tuple(tuple(view[n].word(row) or "" for n in view.names[:4]) for row in _rows(view)),
        )
    )
    if word == "rows" and "rows" not in view.names:
        draft.columns["animal"] = "row of the file"
    elif word is not None:
        draft.take("animal", word, "you said so", "confirmed")


def find_group(draft: Draft) -> None:
    """Give the group its column; a second one becomes a factor within which groups are compared."""
    view = draft.view
    free = [n for n in draft.free if n != draft.animal and 0 < len(view[n].words)]
    strong = [n for n in free if view[n].header.role == "group"]
    varied = [n for n in strong if len(view[n].words) > 1]
    candidates = varied or strong
    told = "header"
    if not varied:
        second = [n for n in free if view[n].header.role in ("factor", "strain") and _grouping(draft, n)]
        candidates = second or candidates
    if not candidates or (not varied and len(candidates) == 1 and len(view[candidates[0]].words) < 2):
        third = [
            n for n in free if view[n].header.role in ("batch", None, "sex", "label") and _grouping(draft, n)
        ]
        named = [n for n in third if any(map(control_like, view[n].words))]
        third = [n for n in third if view[n].header.role != "label"]
        fine = named if len(named) == 1 else [n for n in third if view[n].header.role != "sex"] or third
        if fine:
            candidates, told = fine, "content"
            if len(named) != 1:
                return _ask_group(draft, fine)
    candidates = _without_aliases(view, candidates)
    if not candidates:
        return _group_in_ids(draft)
    if draft.wanted.factorial and len(candidates) + len(_factors(draft, candidates)) > 1:
        return _factorial(draft, [*candidates, *_factors(draft, candidates)])
    if len(candidates) > 1:
        return _ask_group(draft, candidates)
    name = candidates[0]
    why = (
        f"the header {name!r} names the group"
        if told == "header"
        else "its words are few, one an animal, and one is a control"
    )
    draft.take("group", name, why, told)  # type: ignore[arg-type]


def _group_in_ids(draft: Draft) -> None:
    """Take the group from ids that begin with it: ctrl_1, ctrl_2, HU_1, where one is a control."""
    view, animal = draft.view, draft.animal
    if animal is None or animal not in view.names:
        return
    pattern = r"^(?P<group>.*[^\W\d_].*?)[\s_-]+\w*\d\w*$"
    found = [re.match(pattern, word) for word in view[animal].words]
    if not all(found):
        pattern = r"^(?P<group>[^\W\d_]+)\d+$"
        found = [re.match(pattern, word) for word in view[animal].words]
    labels = [match["group"] for match in found if match is not None]
    each = {label: labels.count(label) for label in labels}
    if (
        len(labels) < len(found)
        or not 1 < len(each) <= 8
        or min(each.values()) < 2
        or not any(map(control_like, each))
    ):
        return
    draft.names.append(NameRule(column=animal, pattern=pattern))
    draft.columns["group"] = part_of(animal, "group")
    draft.read(animal, "animal", f"ids begin with the group: {quoted_names(list(each))}", "content")


def _grouping(draft: Draft, name: str) -> bool:
    """Tell whether a column could be the group: few words, several animals each, one word an animal."""
    column = draft.view[name]
    if not 1 < len(column.words) <= _MOST_GROUPS or column.numeric and column.header.role != "factor":
        return False
    named = column.header.role in ("factor", "strain") or any(map(control_like, column.words))
    if len(column.words) * 2 > int(column.present.sum()) and not named:
        return False
    return draft.animal is None or draft.view.determines(draft.animal, name)


def _factors(draft: Draft, taken: list[str]) -> list[str]:
    view = draft.view
    return [
        n
        for n in draft.free
        if n not in taken
        and view[n].header.role in ("factor", "group", "sex")
        and len(view[n].words) == 2
        and (draft.animal is None or view.determines(draft.animal, n))
    ]


def _without_aliases(view: View, names: list[str]) -> list[str]:
    """Drop columns that another one tells: abbreviations, and treatments that the group's name combines."""
    kept: list[str] = []
    for name in names:
        if any(view.determines(other, name) for other in kept):
            continue
        kept = [other for other in kept if not view.determines(name, other)]
        kept.append(name)
    return kept


def _ask_group(draft: Draft, names: list[str]) -> None:
    view = draft.view
    choices = [
        Choice(
            n,
            f"compare {quoted_names(view[n].words, 4)}"
            + (", within each of the others" if len(names) > 1 else ""),
        )
        for n in names
    ]
    text = "which column holds the treatment that is compared: " + " or ".join(map(repr, names)) + "?"
    if len(names) == 1:
        text = f"no column is called group or treatment. Is it {names[0]!r}?"
    elif len(names) == 2:
        text += " For both at once, and whether one changes the effect of the other: --factorial."
    word = draft.answers.ask(
        Question(
            id="group",
            about="group",
            text=text,
            choices=tuple(choices),
            head=(*((draft.animal,) if draft.animal else ()), *names),
            examples=tuple(
                tuple(view[n].word(row) or "" for n in (*((draft.animal,) if draft.animal else ()), *names))
                for row in _rows(view)
            ),
        )
    )
    draft.take(
        "group",
        word or names[0],
        "you said so" if word else "to be confirmed",
        "confirmed" if word else "content",
    )


def _factorial(draft: Draft, names: list[str]) -> None:
    view = draft.view
    pair = sorted(names[:2], key=lambda n: view[n].header.role == "factor")
    draft.columns["group"] = tuple(pair)
    for name in pair:
        levels = sorted(view[name].words, key=lambda word: not control_like(word))
        draft.factors[name] = Factor(column=name, levels={word: word for word in levels})
        draft.read(name, "factor", f"one of two factors: {listed(levels)}", "header")


def groups_together(view: View, animal: str, group: str) -> tuple[int, int]:
    """Return how many animals stand in several groups, and how many there are."""
    beside: dict[int, set[int]] = {}
    for one, other in view.pairs(animal, group):
        beside.setdefault(one, set()).add(other)
    return sum(len(found) > 1 for found in beside.values()), len(np.unique(view[animal].codes))
