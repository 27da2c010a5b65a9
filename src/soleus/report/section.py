"""What every answer is made of: sections of texts, tables and figures, drawn by each face in its own way.

A question builds :class:`Section` values and knows no face; page, terminal, spreadsheet and JSON are one
renderer each over them (:mod:`~soleus.report.pages`, :mod:`~soleus.report.terminal`,
:mod:`~soleus.report.sheets`, :mod:`~soleus.report.plain`) and know no question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from soleus.report.specs import Figure

__all__ = [
    "Card",
    "Cards",
    "Cell",
    "Chip",
    "Code",
    "Column",
    "Details",
    "Entries",
    "Entry",
    "Face",
    "Facts",
    "Form",
    "Grid",
    "Link",
    "Part",
    "Points",
    "Row",
    "Section",
    "Span",
    "Strong",
    "Table",
    "Text",
    "Tone",
    "plain_text",
    "walk",
]

Face = Literal["all", "wide", "file"]
Tone = Literal["good", "bad", "warn", "other", "neutral"]
Form = Literal[
    "text", "whole", "number", "day", "ratio", "change", "odds", "percent", "probability", "p", "fold",
    "signed", "raw",
]  # fmt: skip


class Span(Protocol):
    """A central value with a lower and an upper bound."""

    @property
    def value(self) -> float: ...  # noqa: D102
    @property
    def low(self) -> float: ...  # noqa: D102
    @property
    def high(self) -> float: ...  # noqa: D102
    @property
    def level(self) -> float: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere: an https address, a file beside the page, or ``#id`` on it."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A word that is a state: a status, a verdict, yes or no."""

    text: str
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Strong:
    """A text that stands out."""

    text: str


Text: TypeAlias = "str | Link | Chip | Strong | tuple[str | Link | Chip | Strong, ...]"
Cell: TypeAlias = "Text | float | int | Span | None"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    key
        Under which rows hold their cell, and the heading in files and JSON.
    title
        The heading that people read.
    form
        How numbers and spans are written; texts stand as they are. ``ratio`` 0.31, ``change`` -69 %,
        ``percent`` of a fraction, ``fold`` of a natural logarithm, ``signed`` +1.5,
        ``raw`` as Python writes it.
    unit
        Of numbers; said in the heading, so that no cell repeats it.
    strong
        Whether cells stand out.
    face
        Who shows it: ``all``; ``wide``: a terminal only when asked for everything; ``file``: spreadsheets and
        JSON alone, for programs that would miss it.
    """

    key: str
    title: str
    form: Form = "text"
    unit: str = ""
    strong: bool = False
    face: Face = "all"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, what unfolds beneath it, the id that links find, and its state."""

    cells: Mapping[str, Cell]
    more: tuple[Part, ...] = ()
    id: str = ""
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under typed columns.

    Parameters
    ----------
    id
        Name of its file, unique in the answer.
    brief
        Rows that a terminal shows unless asked for all; None: all of them, 0: it is only named.
    folded
        Whether a page opens it only when asked, under its title; a terminal goes by ``brief``.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""
    brief: int | None = None
    folded: bool = False

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns that people see."""
        return tuple(c for c in self.columns if c.face != "file")


@dataclass(frozen=True, slots=True)
class Entry:
    """A name, empty where it is that of the entry above, what of it is meant, and what is told of it."""

    name: str
    label: str
    text: Text


@dataclass(frozen=True, slots=True)
class Entries:
    """Names at the left, what is told of each at the right."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Points:
    """A list of texts; with a heading it stands in a box of its tone.

    Parameters
    ----------
    brief
        Texts that a terminal shows unless asked for all; None: all of them.
    """

    items: tuple[Text, ...]
    title: str = ""
    tone: Tone = "neutral"
    brief: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Terms with what they are."""

    pairs: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One figure in large type, with what it is."""

    title: str
    big: str
    lines: tuple[Text, ...] = ()
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Cards:
    """Cards side by side."""

    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A text to copy as it stands, such as BibTeX."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """Small figures side by side, each with the sentences that it shows; text is by figure name."""

    figures: tuple[Figure, ...]
    said: Mapping[str, tuple[Text, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Details:
    """Parts that a page opens only when asked."""

    title: str
    parts: tuple[Part, ...]


Part: TypeAlias = "Table | Figure | Entries | Points | Facts | Cards | Code | Grid | Details"


@dataclass(frozen=True, slots=True)
class Section:
    """One part of an answer that a reader would look for by its name.

    Parameters
    ----------
    id
        Where links lead; unique in the answer.
    lead
        What it says, in plain sentences.
    folded
        Whether a page opens it only when asked.
    brief
        Whether a terminal shows it without being asked for everything.
    """

    id: str
    title: str
    lead: tuple[Text, ...] = ()
    parts: tuple[Part, ...] = ()
    folded: bool = False
    brief: bool = True

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, those inside details and under rows included."""
        return tuple(p for p in walk(self.parts) if isinstance(p, Table))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure, in reading order."""
        return tuple(p for p in walk(self.parts) if isinstance(p, Figure))


def walk(parts: Sequence[Part]) -> Iterator[Part]:
    """Yield every part, and the parts within it, in reading order."""
    for part in parts:
        yield part
        if isinstance(part, Details):
            yield from walk(part.parts)
        elif isinstance(part, Grid):
            yield from part.figures
        elif isinstance(part, Table):
            for row in part.rows:
                yield from walk(row.more)


def plain_text(text: Text) -> str:
    """Return a text without links and chips.

    >>> plain_text((Strong("Yes"), ", see ", Link("the paper", "https://doi.org/10.1/x")))
    'Yes, see the paper'
    """
    if isinstance(text, str):
        return text
    if isinstance(text, tuple):
        return "".join(plain_text(one) for one in text)
    return text.text
