"""Ids that name a part of an animal: m1_L and m1_R, m1_s1, m1.2, m1a.

The fault: hemispheres or sections are tested as animals. A suffix that the ids of every group share is a unit
below the animal; where the suffix is a word (left, slice 2, d7) that is plain, where it is a bare number or a
letter it is asked, for cages and ear marks are written in the same way.
"""

from __future__ import annotations

import re

from soleus.exchange.readers.headers import letters
from soleus.exchange.readers.mapping import NameRule
from soleus.exchange.readers.prepare import part_of
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.vocabulary import CONTRA, MOMENTS, REGIONS
from soleus.exchange.reading.draft import Draft
from soleus.exchange.reading.id_forms import ANIMALS, PARTS, SEP, SPLITS, WORD, Split
from soleus.exchange.reading.view import View

__all__ = ["read_ids", "split_ids"]


def split_ids(view: View, animal: str, group: str | None) -> tuple[Split, dict[str, tuple[str, str]]] | None:
    """Find the suffix that the ids of every group share.

    Returns
    -------
    tuple or None
        The split, and each id with its animal and its suffix.
    """
    return _split(_bases(view, animal, group, {name: name for name in view[animal].words}))


def _split(ids: dict[str, set[int]]) -> tuple[Split, dict[str, tuple[str, str]]] | None:
    """Take apart ids, each with the groups that it stands in."""
    if len(ids) < 4:
        return None
    for split in SPLITS:
        matches = {name: re.match(split.pattern, name) for name in ids}
        found = {n: (m["animal"], _part(m)) for n, m in matches.items() if m is not None}
        if len(found) < len(ids):
            continue
        if all(_fits(split, *pair) for pair in found.values()) and _shared(ids, found, plain=split.plain):
            return split, found
    return None


def _part(match: re.Match[str]) -> str:
    return next(found for name, found in match.groupdict().items() if name != "animal")


def _fits(split: Split, base: str, part: str) -> bool:
    """Tell whether a suffix is of the kind that the split takes it for."""
    found = re.findall(WORD, part)
    word = letters(found[0]) if found else ""
    if split.told:
        return True
    if split.part == "number":
        front = re.findall(WORD, base)
        last = re.search(rf"\d.*{SEP}{WORD}$", base) is not None
        return not (last and letters(front[-1]) in ANIMALS)  # 4 (pup 1), 4 (pup 2) are animals
    if split.part == "region" and (letters(part) in REGIONS or letters(part) in CONTRA):
        return True
    if split.part == "glued":
        return word in PARTS["section"] | PARTS["field"]
    if split.part == "word":
        return word not in ANIMALS - {"m", "r", "a", "t", "n"} or len(part) == 1
    return split.part not in PARTS or (any(c.isdigit() for c in part) and word in PARTS[split.part])


def _shared(ids: dict[str, set[int]], found: dict[str, tuple[str, str]], *, plain: bool) -> bool:
    """Tell whether animals have several suffixes each, and every group has the same ones."""
    bases: dict[str, set[str]] = {}
    for base, part in found.values():
        bases.setdefault(base, set()).add(letters(part))
    several = [parts for parts in bases.values() if len(parts) > 1]
    if len(several) < 2 or len(several) < (0.2 if plain else 0.4) * len(bases):
        return False
    of_group: dict[int, set[str]] = {}
    bases_of: dict[int, set[str]] = {}
    for name, groups in ids.items():
        base, part = found[name]
        for group in groups:
            of_group.setdefault(group, set()).add(letters(part))
            bases_of.setdefault(group, set()).add(base)
    if not of_group:
        return True
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
    pattern = ""
    whole: dict[str, str] = {name: name for name in draft.view[animal].words}
    while found is not None:
        split, parts = found
        role = {"number": "section", "letter": "section", "word": "section", "glued": "section"}.get(
            split.part, split.part
        )
        if f"(?P<{role}>" in pattern:
            role = "field" if role == "section" else "section"
        if f"(?P<{role}>" in pattern:
            break
        if not split.plain and (_caged(draft, parts) or _ask(draft, split, parts) in (None, "whole")):
            break
        pattern = _within(pattern, split, role)
        _take_part(draft, animal, split, role, parts)
        whole = {name: parts[base][0] for name, base in whole.items()}
        # m1_s1_L is a side of a section of an animal: what is left may name a part as well.
        found = _split(_bases(draft.view, animal, group, whole))
    if not pattern:
        return
    draft.names.append(NameRule(column=animal, pattern=pattern))
    draft.columns["animal"] = part_of(animal, "animal")


def _within(pattern: str, split: Split, role: str) -> str:
    """Put a split into the place of the animal of those before it."""
    inner = re.sub(r"\(\?P<(?!animal>)\w+>", f"(?P<{role}>", split.pattern)
    body = inner.removeprefix("^").removesuffix("$")
    return re.sub(r"\(\?P<animal>[^)]*\)", lambda _: body, pattern) if pattern else inner


def _bases(view: View, animal: str, group: str | None, whole: dict[str, str]) -> dict[str, set[int]]:
    """Return what is left of the ids, each with its groups."""
    of: dict[str, set[int]] = {base: set() for base in whole.values()}
    if group is not None:
        for one, other in view.pairs(animal, group):
            of[whole[view[animal].words[one]]].add(other)
    return of


def _take_part(draft: Draft, animal: str, split: Split, role: str, parts: dict[str, tuple[str, str]]) -> None:
    first, (base, part) = next(iter(parts.items()))
    field = "niche" if role == "region" else role
    draft.columns[field] = part_of(animal, role)
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
        match = re.match(rf"^(.*\w){SEP}+([^\W\d_]+)$", name) or re.match(rf"^([^\W\d_]+){SEP}+(\w+)$", name)
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
            Choice(
                "parts" if split.in_front else "prefix",
                f"the {'end' if split.in_front else 'front'} is the animal: {bases} animals with several"
                f" parts each",
            ),
            Choice("whole", f"every id is an animal of its own: {len(parts)} animals"),
        ),
        head=(animal, "animal", "part"),
        examples=tuple((name, base, part) for name, (base, part) in some),
    )
    return draft.answers.ask(question)
