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
from soleus.exchange.readers.vocabulary import (
    CONTRA,
    HEMISPHERES,
    MOMENTS,
    NOUNS,
    REGIONS,
    SIDES,
    TIMES,
    UNITS_BELOW,
)
from soleus.exchange.reading.draft import Draft
from soleus.exchange.reading.view import View

__all__ = ["Split", "read_ids", "split_ids"]

_SEP = r"[\s_.\-/\\:,;|#+~·–—°º()\[\]{}<>]"
_END = r"[\s.)\]}>]*$"
_WORD = r"[^\W\d_]+"
_NO = r"(?:(?i:n|nr|no|num)(?![^\W\d_]))"
_NUMBERED = rf"(?:(?!{_NO}){_WORD}{_SEP}*(?:{_NO}{_SEP}*)?-?\d+|\d+{_SEP}*{_WORD})"
_SIDE_WORDS = "|".join(sorted((w for w in SIDES if len(w) > 2), key=len, reverse=True))
_SIDE_CODES = "lh|rh|hl|hr|hg|hd|li|re|dx|sx|l|r|g"
_HEMI = "|".join(HEMISPHERES)
_PARTS: dict[str, frozenset[str]] = {
    "section": NOUNS["section"] | NOUNS["slide"] | frozenset("s sec sect sl schn sez secc lam obj".split()),
    "field": NOUNS["field"]
    | NOUNS["replicate"]
    | NOUNS["well"]
    | UNITS_BELOW
    | frozenset("f img rep replic fld aufnahme foto photo scan stack".split()),
    "day": frozenset(TIMES),
    "region": NOUNS["region"] | frozenset("ch chan channel kanal canal canale".split()),
    "word": frozenset(),
}
"""Words beside a number that say what the number counts; "word": any other word, which is asked about."""


def _lettered(part: str) -> str:
    """Return the form of a word with a letter or a Roman number: "slice a", "secB", "section II"."""
    words = "|".join(sorted((w for w in _PARTS[part] if len(w) > 1), key=len, reverse=True))
    return rf"(?i:{words}){_SEP}*(?:[A-Za-z]|[ivxIVX]{{1,4}})"


_ANIMALS = NOUNS["animal"] | frozenset("m r a an t id n nr no num".split())


@dataclass(frozen=True, slots=True)
class Split:
    """A way to take ids apart.

    Parameters
    ----------
    pattern
        Regular expression with the groups ``animal`` and one part.
    part
        What the suffix is: side, section, field, day, region, number, letter, another word, or glued on.
    plain
        Whether the suffix says so in a word.
    """

    pattern: str
    part: str
    plain: bool
    exact: bool = False


_SPLITS = (
    Split(
        rf"^(?P<animal>.*\w){_SEP}+(?i:{_HEMI}){_SEP}*(?P<side>(?i:{_SIDE_WORDS}|{_SIDE_CODES}|d|i)){_END}",
        "side",
        True,
    ),
    Split(
        rf"^(?P<animal>.*\w){_SEP}+(?P<side>(?i:{_SIDE_WORDS}|{_SIDE_CODES}|d|i)){_SEP}*(?i:{_HEMI}){_END}",
        "side",
        True,
    ),
    Split(
        rf"^(?P<animal>.*\d)(?i:{_HEMI}){_SEP}*(?P<side>(?i:{_SIDE_WORDS}|{_SIDE_CODES})){_END}", "side", True
    ),
    Split(r"^(?P<animal>.*\d)(?P<side>(?i:lh|rh))$", "side", True),
    *(
        Split(rf"^(?P<animal>.*\w){_SEP}+(?P<{part}>{_NUMBERED}){_END}", part, True)
        for part in ("section", "field", "day", "region")
    ),
    Split(rf"^(?P<animal>.*\w){_SEP}+(?P<side>(?i:{_SIDE_WORDS}|{_SIDE_CODES})){_END}", "side", True),
    Split(rf"^(?P<animal>.*\d){_SEP}*(?P<side>(?i:{_SIDE_WORDS})){_END}", "side", True),
    *(
        Split(rf"^(?P<animal>.*\d){_SEP}*(?P<{part}>{_lettered(part)}){_END}", part, True, exact=True)
        for part in ("section", "field", "region")
    ),
    Split(r"^(?P<animal>.*\d)(?P<side>[LR])$", "side", False),
    Split(rf"^(?P<animal>.*\w){_SEP}+(?P<region>[A-Za-z][\w]*){_END}", "region", True),
    Split(rf"^(?P<animal>.*\d){_SEP}+(?P<section>{_NUMBERED}){_END}", "word", False),
    Split(rf"^(?P<animal>.*\d)(?P<section>{_WORD}\d+)$", "glued", False),
    Split(rf"^(?P<animal>.*\d){_SEP}+{_NO}{_SEP}*(?P<section>\d{{1,2}}){_END}", "number", False),
    Split(rf"^(?P<animal>.*\w){_SEP}+(?P<section>\d{{1,2}}){_END}", "number", False),
    Split(r"^(?P<animal>.*\d)(?P<section>[a-hA-H])$", "letter", False),
    Split(rf"^(?P<animal>.*\d){_SEP}+(?P<section>[a-hA-H]){_END}", "letter", False),
    # Whatever else the ids of every group share: nobody can tell, and it is never taken in silence.
    Split(rf"^(?P<animal>[^\d]*\d+){_SEP}+(?P<section>[^\W\d_].*?){_END}", "word", False),
)


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
    for split in _SPLITS:
        matches = {name: re.match(split.pattern, name) for name in ids}
        found = {n: (m["animal"], m[m.lastindex or 0]) for n, m in matches.items() if m is not None}
        if len(found) < len(ids):
            continue
        if all(_fits(split, *pair) for pair in found.values()) and _shared(ids, found, plain=split.plain):
            return split, found
    return None


def _fits(split: Split, base: str, part: str) -> bool:
    """Tell whether a suffix is of the kind that the split takes it for."""
    found = re.findall(_WORD, part)
    word = letters(found[0]) if found else ""
    if split.exact:
        return True
    if split.part == "number":
        front = re.findall(_WORD, base)
        last = re.search(rf"\d.*{_SEP}{_WORD}$", base) is not None
        return not (last and letters(front[-1]) in _ANIMALS)  # 4 (pup 1), 4 (pup 2) are animals
    if split.part == "region" and (letters(part) in REGIONS or letters(part) in CONTRA):
        return True
    if split.part == "glued":
        return word in _PARTS["section"] | _PARTS["field"]
    if split.part == "word":
        return word not in _ANIMALS - {"m", "r", "a", "t", "n"} or len(part) == 1
    return split.part not in _PARTS or (any(c.isdigit() for c in part) and word in _PARTS[split.part])


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
        if not split.plain and (_caged(draft, parts) or _ask(draft, split, parts) != "prefix"):
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
