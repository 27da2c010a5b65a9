r"""Animal, section and side from the names of images.

A pattern is a regular expression with named groups, searched in the name of the image, such as
``^(?P<animal>M\d+)_s(?P<section>\d+)_(?P<side>L|R)``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.errors import InputError
from soleus.exchange.instruments.match_names import match_names
from soleus.exchange.instruments.source import shorten
from soleus.exchange.readers.files import refusal

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GROUPS", "NameParts", "NamePattern", "guess_pattern", "looks_like_animal", "parts_of", "preview"]

GROUPS = ("animal", "section", "side", "field", "group", "day")
"""The named groups that a pattern may have; ``animal`` it must have."""

_SIDES = {
    "l": "left", "left": "left", "lh": "left", "li": "left",
    "r": "right", "right": "right", "rh": "right", "re": "right",
}  # fmt: skip
_SECTION = re.compile(r"(?i)(s|sec|sect|section|sl|slice|schnitt)-?\d+[a-z]?")
_ANIMAL = re.compile(r"(?i)(m|mouse|ms|rat|animal|an|a|id|tier|maus)#?\d+[a-z]?")
_GROUP = re.compile(
    r"(?i)(ctrl|control|con|ctl|hu|hlu|hls|unloaded|unloading|loaded|reloaded|normal|sham|veh|vehicle|treated|untreated"
    r"|wt|ko|het|baseline|flight|ground)"
)
_FIELD = re.compile(r"(?i)(f|fov|field|img|image|roi)\d+")
_SPLIT = re.compile(r"[_\s\-]+")
_PART_FORM = r"[^_\s./\\-]+"
_SIDE_FORM = "(?i:left|right|lh|rh|li|re|l|r)"
_ENDING = re.compile(
    r"(?i)\.(ome\.)?(tiff?|czi|lsm|lif|nd2|vsi|svs|ndpi|png|jpe?g|zvi|oib|oir|qptiff|scn|xml|csv|xls)\b.*"
)
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


@dataclass(frozen=True)
class NamePattern:
    r"""A checked pattern.

    Parameters
    ----------
    text
        Regular expression with the named group ``animal`` and any of :data:`GROUPS`.

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
    )


def looks_like_animal(text: str) -> bool:
    """Tell whether a word has the form of an animal's id (M07, mouse12), not only its place in a name."""
    return _ANIMAL.fullmatch(text) is not None


def _side(text: str | None, name: str) -> str | None:
    if text is None:
        return None
    side = _SIDES.get(text.lower())
    if side is None:
        raise InputError(f"the side {text!r} in the name {name!r} is neither left (L) nor right (R)")
    return side


def _day(text: str | None, name: str) -> float | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(f"the day {text!r} in the name {name!r} is not a number") from None


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


def guess_pattern(names: Iterable[str]) -> NamePattern | None:
    """Guess a pattern from the names: which part is the animal, which the section and the side.

    Parameters
    ----------
    names
        Names of images.

    Returns
    -------
    NamePattern or None
        The guess, made from the commonest form of name; it need not match all of them, which
        :func:`preview` shows. None where no part can be told to be the animal.
    """
    known = list(dict.fromkeys(names))
    split = [_tokens(name) for name in known]
    if not split or not any(split):
        return None
    width = Counter(len(tokens) for tokens in split).most_common(1)[0][0]
    alike = [tokens for tokens in split if len(tokens) == width]
    columns = list(zip(*alike, strict=True))
    roles = _roles(columns)
    if "animal" not in roles:
        return None
    first = next(name for name, tokens in zip(known, split, strict=True) if len(tokens) == width)
    return NamePattern(_assemble(first, roles))


def _stem(name: str) -> str:
    """Return the name without folder, without ending and without QuPath's name of a series."""
    last = re.split(r"[\\/]", name)[-1]
    return _ENDING.sub("", last)


def _tokens(name: str) -> list[str]:
    return [token for token in _SPLIT.split(_stem(name)) if token]


def _roles(columns: list[tuple[str, ...]]) -> list[str | None]:
    """Give each part of the name its role: by its form first, then by which parts vary."""
    roles: list[str | None] = [None] * len(columns)

    def take(role: str, fits: Callable[[str], object]) -> None:
        if role in roles:
            return
        for index, column in enumerate(columns):
            if roles[index] is None and all(fits(token) for token in column):
                roles[index] = role
                return

    take("side", lambda token: token.lower() in _SIDES)
    take("animal", _ANIMAL.fullmatch)
    take("section", _SECTION.fullmatch)
    take("field", _FIELD.fullmatch)
    take("group", _GROUP.fullmatch)
    for role in ("animal", "section"):
        free = [i for i, column in enumerate(columns) if roles[i] is None and len(set(column)) > 1]
        numbered = [i for i in free if all(any(c.isdigit() for c in token) for token in columns[i])]
        # A section without any digit is more likely a treatment.
        likely = numbered or (free if role == "animal" else [])
        if role not in roles and likely:
            roles[likely[0]] = role
    if "animal" not in roles and None in roles:
        # All images are of one animal: its part is the same in all names, most likely with a digit.
        free = [i for i, role in enumerate(roles) if role is None]
        roles[next((i for i in free if any(c.isdigit() for c in columns[i][0])), free[0])] = "animal"
    return roles


def _assemble(name: str, roles: list[str | None]) -> str:
    """Write the expression: roles become groups, other parts anything without a separator."""
    last = max(index for index, role in enumerate(roles) if role)
    text = r"(?:^|[\\/])" if re.search(r"[\\/]", name) else "^"
    for index, role in enumerate(roles[: last + 1]):
        inner = _SIDE_FORM if role == "side" else _PART_FORM
        text += (r"[_\s-]+" if index else "") + (f"(?P<{role}>{inner})" if role else inner)
    return text + r"(?=[_\s.-]|$)"
