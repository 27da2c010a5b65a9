"""A question about a file that its user can answer in one word."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from soleus.errors import InputError

__all__ = ["Answers", "Choice", "Question", "QuestionError", "asked_text"]

_WIDTH = 80
_RANKS = tuple(
    "layout sheet file animal group names column rows missing excluded values exposure control".split()
)
"""What is asked first: whatever other questions depend on."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: the word to type, and what it would mean."""

    word: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Question:
    """What nobody but the user can tell.

    Parameters
    ----------
    id
        What an answer calls it: "control", or the name of a column.
    about
        Kind of question (decides which is asked first).
    text
        The question, in one or two sentences.
    choices
        The words that answer it.
    head, examples
        A small table: what soleus would read from three cells.
    """

    id: str
    about: str
    text: str
    choices: tuple[Choice, ...]
    head: tuple[str, ...] = ()
    examples: tuple[tuple[str, ...], ...] = ()

    @property
    def rank(self) -> int:
        """Place among questions: what others depend on comes first."""
        return _RANKS.index(self.about) if self.about in _RANKS else len(_RANKS)

    def word(self, given: str) -> str | None:
        """Return the choice that a typed text means, without case and blanks; None where it is none."""
        plain = " ".join(given.split()).casefold()
        exact = [c.word for c in self.choices if c.word.casefold() == plain]
        near = [
            c.word for c in self.choices if re.sub(r"\W+", "", c.word.casefold()) == re.sub(r"\W+", "", plain)
        ]
        return exact[0] if exact else near[0] if len(near) == 1 else None


class QuestionError(InputError):
    """A file that can be read in two ways, and what its user is asked.

    Parameters
    ----------
    path
        The file.
    question
        What is asked first.
    others
        What would be asked after it, as far as can be told.
    """

    def __init__(self, path: str | Path, question: Question, others: Sequence[Question] = ()) -> None:
        self.path, self.question, self.others = Path(path), question, tuple(others)
        super().__init__(asked_text(question, name=str(path)))

    def __reduce__(self) -> tuple[type[QuestionError], tuple[Path, Question, tuple[Question, ...]]]:
        return type(self), (self.path, self.question, self.others)


class Answers:
    """What the user has said, by question.

    Parameters
    ----------
    given
        Texts such as "animal=prefix", or "prefix" alone.
    """

    def __init__(self, given: Sequence[str] = (), kept: dict[str, str] | None = None) -> None:
        self._texts = list(given)
        self._kept = {key: word for key, word in (kept or {}).items() if word != "?"}
        self._used: set[str] = set()
        self.settled: dict[str, str] = {}
        self.open: list[Question] = []
        self.offered: list[Question] = []

    def said(self, name: str, allowed: Sequence[str] = ()) -> str | None:
        """Return what was said of something that need not be asked; None where nothing was said.

        Raises
        ------
        InputError
            A word that is not allowed; lists those that are.
        """
        found = self._find(name)
        if found is None:
            return None
        folded = {word.casefold(): word for word in allowed}
        if allowed and found.strip().casefold() not in folded:
            raise InputError(f"--answer {name!r}: {found!r} is none of {', '.join(allowed)}")
        self.settled[name] = folded.get(found.strip().casefold(), found)
        return self.settled[name]

    def said_role(self, name: str, roles: Sequence[str]) -> str | None:
        """Return the role that was said of a column; None where nothing was, or something else."""
        found = self._find(name)
        word = None if found is None else next((r for r in roles if r == found.strip().casefold()), None)
        if word is not None:
            self.settled[name] = word
        return word

    def _find(self, name: str) -> str | None:
        for text in self._texts:
            if text.casefold().startswith(f"{name}=".casefold()):
                self._used.add(text)
                return text[len(name) + 1 :].strip()
        return self._kept.get(name)

    def ask(self, question: Question) -> str | None:
        """Return the answer to a question; None where it is open, and is noted.

        Raises
        ------
        InputError
            An answer that the question does not offer.
        """
        self.offered.append(question)
        found = self._find(question.id)
        if found is not None:
            word = question.word(found)
            if word is None:
                listed = ", ".join(repr(c.word) for c in question.choices)
                raise InputError(f"{question.id!r} cannot be answered by {found!r}; answers are {listed}")
            self.settled[question.id] = word
            return word
        for text in self._texts:
            word = question.word(text)
            if word is not None and text not in self._used:
                self._used.add(text)
                self.settled[question.id] = word
                return word
        if question.id not in {other.id for other in self.open}:
            self.open.append(question)
        return None

    def unused(self) -> list[str]:
        """Return the answers that nothing asked for."""
        return [text for text in self._texts if text not in self._used]

    def first(self) -> Question | None:
        """Return the question to ask now."""
        return min(self.open, key=lambda question: question.rank, default=None)


def asked_text(question: Question, *, name: str) -> str:
    """Return a question as it is printed: text, three examples, answers, and how to give one."""
    words = textwrap.wrap(question.text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    lines = [f"{name}:", *words]
    if question.examples:
        lines += ["", *(f"    {line}" for line in _columns([question.head, *question.examples]))]
    lines += ["", "answers:"]
    width = min(max(len(choice.word) for choice in question.choices), 30)
    for choice in question.choices:
        first, *rest = textwrap.wrap(choice.meaning, _WIDTH - width - 8) or [""]
        lines.append(f"    {choice.word:<{width}}  {first}")
        lines += [" " * (width + 6) + line for line in rest]
    example = question.choices[0].word
    lines += ["", f"say one:  --answer {quoted(f'{question.id}={example}')}"]
    return "\n".join(lines)


def quoted(text: str) -> str:
    """Return a text as it must be typed in a shell."""
    return text if re.fullmatch(r"[\w.,:=+/-]+", text) else "'" + text.replace("'", "'\\''") + "'"


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [min(max(len(row[k]) for row in rows), 34) for k in range(len(rows[0]))]
    cut = [[cell if len(cell) <= 34 else f"{cell[:33]}…" for cell in row] for row in rows]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cut
    ]
