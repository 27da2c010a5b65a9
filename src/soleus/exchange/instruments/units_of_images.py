"""From the names of images to animal, section and side, one row a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from soleus.exchange.instruments.pattern import NameParts, NamePattern, Pattern, looks_like_animal
from soleus.exchange.instruments.reading import find_pattern, part_columns
from soleus.exchange.readers.files import Source, refusal
from soleus.exchange.readers.names import PARTS

__all__ = ["Named", "name_images"]


@dataclass(frozen=True)
class Named:
    """Images and their parts.

    Parameters
    ----------
    pattern
        By which the parts were found; None where columns of the file name them.
    parts
        Of each image.
    questions
        Whether a guess is right that rests on the place of a word in the name alone.
    """

    pattern: NamePattern | None
    parts: tuple[NameParts, ...]
    questions: tuple[str, ...] = ()

    def columns(self, images: Sequence[int]) -> dict[str, list[object]]:
        """Return the columns of parts for rows whose image is given by index."""
        columns = part_columns(self.parts)
        return {name: [cells[image] for image in images] for name, cells in columns.items()}


def name_images(
    names: Sequence[str],
    pattern: Pattern,
    *,
    source: Source,
    rows: Sequence[int],
    distinct: bool = True,
) -> Named:
    """Find animal, section and side of every image.

    Parameters
    ----------
    names
        Different names.
    pattern
        Guessed where None.
    source
        File that they stand in.
    rows
        First row of the file of each.
    distinct
        Refuse two images with the same parts: they would be one unit twice.

    Raises
    ------
    InputError
        No pattern can be guessed, a name does not match, or two images have the same parts.
    """
    found = find_pattern(pattern, names, source=source)
    parts = found.apply(names, path=source.path, rows=rows)
    if distinct:
        _check_distinct(names, parts, source=source, rows=rows)
    questions: tuple[str, ...] = ()
    if pattern is None and not all(looks_like_animal(part.animal) for part in parts):
        example = f"{names[0]!r} would be {_words(parts[0])}"
        questions = (f"Are the names of images read right? By them {example}.",)
    return Named(found, tuple(parts), questions)


def _check_distinct(
    names: Sequence[str], parts: Sequence[NameParts], *, source: Source, rows: Sequence[int]
) -> None:
    seen: dict[NameParts, str] = {}
    for name, part, row in zip(names, parts, rows, strict=True):
        if part in seen:
            problem = f"the images {seen[part]!r} and {name!r} are both {_words(part)}"
            mend = "rename one, or say by --pattern what tells them apart, such as (?P<section>...)"
            raise refusal(source.path, f"{problem}; {mend}", row=row)
        seen[part] = name


def _words(part: NameParts) -> str:
    named = {name: getattr(part, name) for name in PARTS}
    return ", ".join(f"{name} {word}" for name, word in named.items() if word)
