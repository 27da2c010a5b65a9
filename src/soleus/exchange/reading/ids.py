"""Ids that name a part of an animal: m1_L and m1_R, m1_s1, m1.2, m1a.

The fault: hemispheres or sections are tested as animals. A suffix that the ids of every group share is a unit
below the animal; where the suffix is a word (left, slice 2, d7) that is plain, where it is a bare number or a
letter it is asked, for cages and ear marks are written in the same way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from soleus.exchange.readers.headers import letters
from soleus.exchange.readers.mapping import NameRule
from soleus.exchange.readers.prepare import part_of
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.vocabulary import CONTRA, MOMENTS, REGIONS, SIDES
from soleus.exchange.reading.draft import Draft
from soleus.exchange.reading.view import View

__all__ = ["Split", "read_ids", "split_ids"]

_SEP = r"[\s_.\-/:]"
_UNIT = (
    r"(?i:sections?|sect?|slices?|sl|s|schnitte?|schn|coupes?|tranches?|cortes?|seccion|sezione|sez|fetta)"
)
_FIELD = r"(?i:fields?|fov|f|images?|img|roi|bild|feld|champ|campo|frame|tile|well|rep|replicate|replikat)"
_DAY = r"(?i:days?|d|dpi|tag|weeks?|wk|w|woche|jour|j|dia|giorno|semaine|semana|settimana)"
_SIDE_WORDS = "|".join(sorted((w for w in SIDES if len(w) > 2), key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Split:
    """A way to take ids apart.

    Parameters
    ----------
    pattern
        Regular expression with the groups ``animal`` and one part.
    part
        What the suffix is: side, section, field, day, region, number or letter.
    plain
        Whether the suffix says so in a word.
    """

    pattern: str
    part: str
    plain: bool


_SPLITS = (
    Split(rf"^(?P<animal>.*\w){_SEP}+(?P<section>{_UNIT}{_SEP}*\d+)$", "section", True),
    Split(rf"^(?P<animal>.*\w){_SEP}+(?P<field>{_FIELD}{_SEP}*\d+)$", "field", True),
    Split(rf"^(?P<animal>.*\w){_SEP}+(?P<day>{_DAY}{_SEP}?-?\d+)$", "day", True),
    Split(rf"^(?P<animal>.*\w){_SEP}+(?P<side>(?i:{_SIDE_WORDS}|lh|rh|li|re|dx|sx|l|r|g))$", "side", True),
    Split(rf"^(?P<animal>.*\d){_SEP}*(?P<side>(?i:{_SIDE_WORDS}))$", "side", True),
    Split(r"^(?P<animal>.*\d)(?P<side>[LR])$", "side", False),
    Split(rf"^(?P<animal>.*\w){_SEP}+(?P<region>[A-Za-z][\w]*)$", "region", True),
    Split(rf"^(?P<animal>.*\w){_SEP}+(?P<section>\d{{1,2}})$", "number", False),
    Split(r"^(?P<animal>.*\d)(?P<section>[a-hA-H])$", "letter", False),
    Split(rf"^(?P<animal>.*\d){_SEP}+(?P<section>[a-hA-H])$", "letter", False),
)


def split_ids(view: View, animal: str, group: str | None) -> tuple[Split, dict[str, tuple[str, str]]] | None:
    """Find the suffix that the ids of every group share.

    Returns
    -------
    tuple or None
        The split, and each id with its animal and its suffix.
    """
    ids = view[animal].words
    if len(ids) < 4:
        return None
    for split in _SPLITS:
        matches = {name: re.match(split.pattern, name) for name in ids}
        found = {n: (m["animal"], m[m.lastindex or 0]) for n, m in matches.items() if m is not None}
        if len(found) < 0.8 * len(ids) or (split.plain and len(found) < len(ids)):
            continue
        if split.part == "region" and not all(_region(part) for _, part in found.values()):
            continue
        if len(found) == len(ids) and _shared(view, animal, group, found, plain=split.plain):
            return split, found
    return None


def _region(word: str) -> bool:
    return letters(word) in REGIONS or letters(word) in CONTRA


def _shared(
    view: View, animal: str, group: str | None, found: dict[str, tuple[str, str]], *, plain: bool
) -> bool:
    """Tell whether animals have several suffixes each, and every group has the same ones."""
    bases: dict[str, set[str]] = {}
    for base, part in found.values():
        bases.setdefault(base, set()).add(letters(part))
    several = [parts for parts in bases.values() if len(parts) > 1]
    if len(several) < 2 or len(several) < (0.2 if plain else 0.4) * len(bases):
        return False
    if group is None:
        return True
    of_group: dict[int, set[str]] = {}
    bases_of: dict[int, set[str]] = {}
    for one, other in view.pairs(animal, group):
        base, part = found[view[animal].words[one]]
        of_group.setdefault(other, set()).add(letters(part))
        bases_of.setdefault(other, set()).add(base)
    if all(len(names) == 1 for names in bases_of.values()):
        return False  # ctrl_1, ctrl_2: the animals of a group are numbered
    common = set.intersection(*of_group.values())
    return len(common) > 1


def read_ids(draft: Draft) -> None:
    """Take ids apart where they name parts of animals, or ask."""
    animal, group = draft.animal, draft.group
    if animal is None:
        return
    _ask_conditions(draft, animal, group)
    found = split_ids(draft.view, animal, group)
    if found is None:
        return
    split, parts = found
    role = {"number": "section", "letter": "section"}.get(split.part, split.part)
    if not split.plain and (_caged(draft, parts) or _ask(draft, split, parts) != "prefix"):
        return
    first, (base, part) = next(iter(parts.items()))
    draft.names.append(NameRule(column=animal, pattern=split.pattern))
    draft.columns["animal"] = part_of(animal, "animal")
    field = "niche" if role == "region" else role
    inner = next(name for name in re.compile(split.pattern).groupindex if name != "animal")
    draft.columns[field] = part_of(animal, inner)
    several = len({base for base, _ in parts.values()})
    reason = f"{first} is {role} {part} of {base}: {len(parts)} ids are {several} animals"
    draft.read(animal, "animal", reason, "content" if split.plain else "confirmed")
    if field in ("niche", "day"):
        draft.within.append(f"{role} in the ids of {animal!r}: groups are compared within each")
    else:
        draft.summed.append(f"{role}s in the ids of {animal!r} ({first}) are parts of one animal")


def _ask_conditions(draft: Draft, animal: str, group: str | None) -> None:
    """Ask about ids that name the condition: m1_pre and m1_post are one animal in two groups."""
    view = draft.view
    if group is None:
        return
    found = {}
    for one, other in sorted(view.pairs(animal, group)):
        name, label = view[animal].words[one], view[group].words[other]
        match = re.match(rf"^(.*\w){_SEP}+([^\W\d_]+)$", name) or re.match(
            rf"^([^\W\d_]+){_SEP}+(\w+)$", name
        )
        if match is None:
            return
        front, back = match[1], match[2]
        if letters(back) == letters(label) or letters(back) in MOMENTS:
            found[name] = (front, back)
        else:
            return
    conditions: dict[str, set[str]] = {}
    for front, back in found.values():
        conditions.setdefault(front, set()).add(letters(back))
    both = sum(len(backs) > 1 for backs in conditions.values())
    if both < 2 or both < 0.5 * len(conditions):
        return
    shown = list(found.items())[:3]
    draft.answers.ask(
        Question(
            id="animals",
            about="animal",
            text=(
                f"do ids such as {shown[0][0]!r} name one animal under several conditions ({both} of"
                f" {len(conditions)}"
                " animals; a paired comparison, --paired), or different animals?"
            ),
            choices=(
                Choice(
                    "paired", "the same animals under both conditions: compared within each animal (--paired)"
                ),
                Choice("different", "every id is an animal of its own"),
            ),
            head=(animal, "animal", "condition"),
            examples=tuple((name, front, back) for name, (front, back) in shown),
        )
    )


def _caged(draft: Draft, parts: dict[str, tuple[str, str]]) -> bool:
    """Tell whether a column of cages or litters explains the front of the ids: then they are animals."""
    bases = {letters(base) for base, _ in parts.values()}
    for name in draft.view.names:
        role = draft.view[name].header.role
        if role in ("cage", "litter") and {letters(word) for word in draft.view[name].words} <= bases | {
            re.sub(r"\D", "", base) for base in bases
        }:
            return True
    return False


def _ask(draft: Draft, split: Split, parts: dict[str, tuple[str, str]]) -> str | None:
    animal = draft.animal or ""
    shown = list(parts.items())
    some = [shown[0], shown[1], shown[-1]]
    bases = len({base for base, _ in parts.values()})
    first = shown[0]
    question = Question(
        id=animal,
        about="names",
        text=(
            f"are the ids in {animal!r} animals, or parts of animals? {first[0]!r} may be part"
            f" {first[1][1]!r} of animal {first[1][0]!r}, or an animal of its own."
        ),
        choices=(
            Choice("prefix", f"the front is the animal: {bases} animals with several parts each"),
            Choice("whole", f"every id is an animal of its own: {len(parts)} animals"),
        ),
        head=(animal, "animal", "part"),
        examples=tuple((name, base, part) for name, (base, part) in some),
    )
    return draft.answers.ask(question)
