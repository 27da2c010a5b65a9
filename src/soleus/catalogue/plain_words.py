"""The words in which a lay reader is told of claims: pieces of sentences, never sentences of a claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from soleus.catalogue.folder import Catalogue, load_yaml, once
from soleus.errors import CatalogueError

__all__ = ["Noun", "Pieces", "PlainPage", "PlainWords", "ShownVerdict", "Situation", "plain_words"]

_FILE = "plain-words.yaml"

Situation = Literal[
    "said",
    "otherwise-said",
    "not-seen",
    "repeated",
    "other-readout",
    "once",
    "unlikely",
    "disagree",
    "unsettled",
    "not-found",
    "against",
    "source-only",
    "in-a-dish",
    "something-else",
    "unmeasured",
]
"""What there is to be said of a claim, from its verdict and the kinds of entries behind it."""

_Sense = Literal["down", "up", "none"]
_COMPARED = {"count": ("fewer", "more"), "mass": ("less", "more"), "level": ("lower", "higher")}


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Noun(_Entry):
    """What a read-out is called, and how more and less of it are."""

    noun: str
    kind: Literal["count", "mass", "level"]
    many: bool | None = None
    less: str | None = None
    more: str | None = None
    found: Mapping[_Sense, str] = {}

    @property
    def plural(self) -> bool:
        """Whether it is spoken of in the plural; what is counted is, unless told."""
        return self.kind == "count" if self.many is None else self.many

    def compared(self, sense: _Sense) -> str:
        """Return the comparative of a change."""
        less, more = _COMPARED[self.kind]
        return (self.less or less) if sense == "down" else (self.more or more)


class Pieces(_Entry):
    """Pieces that several sentences share."""

    size_not_seen: str
    unmeasured_by_paper: str
    itself: str
    beside: str
    paper_too: str
    no_other: str
    within: str
    at_most: str
    either: str
    same: str
    unchanged: str
    change: str
    no_change: str
    did_not: str
    marker: str
    than_before: str
    on_day: str
    on_days: str
    one_of_them: str
    unchecked: str
    abstract: str
    from_: str = Field(alias="from")
    most_words: int


class ShownVerdict(_Entry):
    """What a technical verdict is called, and in which situations it may be given."""

    called: str
    situations: tuple[Situation, ...]


class PlainPage(_Entry):
    """What the page for a lay reader says besides the claims."""

    main: str
    question: str
    about: str
    zone: str
    answers: Mapping[str, str]
    people: str


class PlainWords(_Entry):
    """The whole file."""

    verdicts: Mapping[str, ShownVerdict]
    words: Mapping[Situation, str]
    sentences: Mapping[Situation, str]
    pieces: Pieces
    animals: Mapping[str, str]
    species: Mapping[str, str]
    any_species: str
    places: Mapping[str, str]
    readouts: Mapping[str, Noun]
    units: Mapping[str, tuple[str, str]]
    numbers: tuple[str, ...]
    page: PlainPage

    def word(self, verdict: str, situation: Situation) -> str:
        """Return the word for a situation that a verdict was given in.

        Raises
        ------
        CatalogueError
            If the table of verdicts does not have the situation under that verdict.
        """
        shown = self.verdicts.get(verdict)
        if shown is None or situation not in shown.situations:
            raise CatalogueError(
                f"{_FILE}: verdict {verdict!r} is not given in situation {situation!r}; state it under "
                "'verdicts', with a word that says the same"
            )
        return self.words[situation]

    def noun(self, readout: str | None) -> Noun:
        """Return the noun of a read-out.

        Raises
        ------
        CatalogueError
            If the file has none.
        """
        name = readout or ""
        known = self.readouts.get(name) or self.readouts.get(name.partition("_")[2])
        if known is None:
            raise CatalogueError(f"{_FILE}: no plain word for read-out {name!r}; add it to 'readouts'")
        return known

    def number(self, count: int) -> str:
        """Write a small number as a word."""
        return self.numbers[count] if count < len(self.numbers) else str(count)


@once
def plain_words(catalogue: Catalogue) -> PlainWords:
    """Return the words of the catalogue."""
    try:
        return PlainWords.model_validate(load_yaml(catalogue, _FILE))
    except ValidationError as error:
        raise CatalogueError(f"{_FILE}: {error}") from error
