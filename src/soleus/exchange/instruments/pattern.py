r"""Animal, section and side from the names of images.

A pattern is a regular expression with named groups, searched in the name of the image, such as
``^(?P<animal>M\d+)_s(?P<section>\d+)_(?P<side>L|R)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.errors import InputError
from soleus.exchange.instruments.match_names import match_names
from soleus.exchange.instruments.source import shorten
from soleus.exchange.readers.files import refusal
from soleus.exchange.readers.names import PARTS, ask_names, guess_names, pattern_of
from soleus.exchange.readers.question import Answers
from soleus.exchange.readers.sides import side_of
from soleus.exchange.readers.times import times_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "GROUPS",
    "NameParts",
    "NamePattern",
    "Pattern",
    "guess_pattern",
    "looks_like_animal",
    "parts_of",
    "preview",
]

GROUPS = PARTS
"""The named groups that a pattern may have; ``animal`` it must have."""

_ANIMAL = re.compile(r"(?i)(m|mouse|ms|rat|animal|an|a|id|tier|maus|subject|subj)#?\d+[a-z]?")
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class NameParts:
    """What a pattern finds in one name; None where it has no such group, or the group is empty.

    ``side`` is left or right; ``day`` is in days.
    """

    animal: str
    section: str | None = None
    side: str | None = None
    field: str | None = None
    group: str | None = None
    day: float | None = None
    time: str | None = None
    region: str | None = None
    channel: str | None = None


@dataclass(frozen=True)
class NamePattern:
    r"""A checked pattern.

    Parameters
    ----------
    text
        Regular expression with the named group ``animal`` and any of :data:`GROUPS`.
    example
        A name that it was made for.

    Raises
    ------
    InputError
        Not a regular expression, no group ``animal``, or a group of another name.

    Examples
    --------
    >>> NamePattern(r"(?P<animal>M\d+)_(?P<side>L|R)").parts("M07_L.tif").side
    'left'
    """

    text: str
    example: str = field(default="", compare=False)

    @property
    def words(self) -> str:
        """The pattern as a sentence: an example and its parts."""
        if not self.example:
            return self.text
        found = self.parts(self.example)
        named = [f"{name} {getattr(found, name)}" for name in GROUPS if getattr(found, name) is not None]
        return f"{self.example}: {', '.join(named)}"

    def __post_init__(self) -> None:
        if len(self.text) > _LONGEST:
            raise InputError(f"the pattern has {len(self.text):,} characters, {_LONGEST:,} are accepted")
        try:
            groups = re.compile(self.text).groupindex
        except (re.error, RecursionError, OverflowError) as error:
            raise InputError(f"the pattern {self.text!r} is not a regular expression: {error}") from error
        unknown = sorted(set(groups) - set(GROUPS))
        if unknown:
            raise InputError(
                f"the pattern {self.text!r} has the group {unknown[0]!r}; allowed: {', '.join(GROUPS)}"
            )
        if "animal" not in groups:
            raise InputError(
                f"the pattern {self.text!r} does not say which part is the animal; write (?P<animal>...)"
            )

    def parts(self, name: str) -> NameParts:
        """Return the parts of one name.

        Raises
        ------
        InputError
            The name does not match, a side or day that is none, or a pattern that takes too long.
        """
        return self._parts(name, match_names(self.text, [name[:_LONGEST]])[0])

    def _parts(self, name: str, match: Mapping[str, str | None] | None) -> NameParts:
        if match is None:
            raise InputError(f"the name {name!r} does not match the pattern {self.text!r}")
        found = {key: text for key, text in match.items() if text}
        if "animal" not in found:
            raise InputError(f"the pattern {self.text!r} finds no animal in the name {name!r}")
        return parts_of(found, name)

    def _matches(self, names: Sequence[str]) -> list[dict[str, str | None] | None]:
        return match_names(self.text, [name[:_LONGEST] for name in names])

    def apply(self, names: Sequence[str], *, path: Path, rows: Sequence[int]) -> list[NameParts]:
        """Return the parts of every name.

        Parameters
        ----------
        names
            Names of images.
        path
            File that they stand in, for messages.
        rows
            Row of the file of each name.

        Raises
        ------
        InputError
            A name that does not match (the message names file, row, how many and the mend), or a pattern
            that takes too long.
        """
        try:
            matches = self._matches(names)
        except InputError as error:
            raise refusal(path, str(error)) from None
        parts: list[NameParts] = []
        bad: list[tuple[str, int, str]] = []
        for name, row, match in zip(names, rows, matches, strict=True):
            try:
                parts.append(self._parts(name, match))
            except InputError as error:
                bad.append((name, row, str(error)))
        if bad:
            also = [name for name, _, _ in bad[1:]]
            more = f" (also {shorten(also)})" if also else ""
            raise refusal(path, f"{bad[0][2]}{more}; mend the pattern or rename the image", row=bad[0][1])
        return parts


def parts_of(found: Mapping[str, str], name: str) -> NameParts:
    """Make parts of words, each by its group.

    Parameters
    ----------
    found
        Group to its word; ``animal`` must be there.
    name
        What the words come from, for messages.

    Raises
    ------
    InputError
        A side that is neither left nor right, or a day that is no number.
    """
    return NameParts(
        animal=found["animal"],
        section=found.get("section"),
        side=_side(found.get("side"), name),
        field=found.get("field"),
        group=found.get("group"),
        day=_day(found.get("day"), name),
        time=found.get("time"),
        region=found.get("region"),
        channel=found.get("channel"),
    )


def looks_like_animal(text: str) -> bool:
    """Tell whether a word has the form of an animal's id (M07, mouse12), not only its place in a name."""
    return _ANIMAL.fullmatch(text) is not None


def _side(text: str | None, name: str) -> str | None:
    if text is None:
        return None
    side = side_of(text)
    if side is None:
        raise InputError(f"the side {text!r} in the name {name!r} is neither left (L) nor right (R)")
    return side


def _day(text: str | None, name: str) -> float | None:
    if text is None:
        return None
    found = times_of([text])
    if found is None:
        raise InputError(f"the day {text!r} in the name {name!r} is not a number")
    return found[text]


def preview(pattern: NamePattern | str, names: Iterable[str]) -> pd.DataFrame:
    """Show what a pattern would find, before it is applied.

    Parameters
    ----------
    pattern
        The pattern.
    names
        Names of images; each is shown once.

    Returns
    -------
    pandas.DataFrame
        One row a name: name, the :data:`GROUPS`, and problem (None where the name matches).
    """
    import pandas as pd

    checked = pattern if isinstance(pattern, NamePattern) else NamePattern(pattern)
    rows: list[dict[str, object]] = []
    known = list(dict.fromkeys(names))
    for name, match in zip(known, checked._matches(known), strict=True):
        try:
            parts = checked._parts(name, match)
            rows.append({"name": name, **{key: getattr(parts, key) for key in GROUPS}, "problem": None})
        except InputError as error:
            rows.append({"name": name, **dict.fromkeys(GROUPS), "problem": str(error)})
    return pd.DataFrame(rows, columns=["name", *GROUPS, "problem"], dtype=object)


def guess_pattern(names: Iterable[str], answers: Answers | None = None) -> NamePattern | None:
    """Guess a pattern from the names: which part is the animal, which the section, side, day, channel.

    Parameters
    ----------
    names
        Names of images.
    answers
        Asks for parts whose role the names do not tell; None takes the likeliest.

    Returns
    -------
    NamePattern or None
        The guess, made from the commonest form of name; it need not match all of them, which
        :func:`preview` shows. None where no part can be told to be the animal.
    """
    found = guess_names(list(names))
    if found is not None and answers is not None:
        found = ask_names(found, answers)
    if found is None or "animal" not in found.roles:
        return None
    return NamePattern(pattern_of(found), example=found.first)


Pattern = NamePattern | Answers | str | None
"""A pattern, its text, None for a guess, or the answers by which what the names do not tell is asked."""
