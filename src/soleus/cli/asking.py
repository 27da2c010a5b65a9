"""A question about a file, put to whoever sits at the terminal, or handed back to the program that asked."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import typer

from soleus.cli.failures import REFUSED, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from soleus.exchange.readers.question import QuestionError
    from soleus.schema.analysis import AnalysisResult

__all__ = ["answer_typed", "asked"]


def asked(run: Callable[..., AnalysisResult], answers: list[str], *, as_json: bool) -> AnalysisResult:
    """Run a job, putting its questions to the terminal one at a time.

    Parameters
    ----------
    run
        Takes ``answers``.
    answers
        What was said so far.
    as_json
        Print a question or a refusal as one object on standard output.
    """
    from soleus.errors import SoleusError
    from soleus.exchange.readers.question import QuestionError

    while True:
        try:
            return run(answers=answers)
        except QuestionError as question:
            typed = answer_typed(question)
            if typed is None:
                raise print_question(question, as_json=as_json) from None
            answers = [*answers, typed]
        except SoleusError as error:
            if as_json:
                print_refusal(error)
            raise


def answer_typed(error: QuestionError) -> str | None:
    """Ask at the terminal; None where there is none, or nothing is typed.

    Returns
    -------
    str or None
        "QUESTION=WORD", as ``--answer`` takes it.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    typer.echo(str(error), err=True)
    for _ in range(3):
        typed = typer.prompt("answer", default="", show_default=False, err=True)
        if not typed.strip():
            return None
        word = error.question.word(typed)
        if word is not None:
            return f"{error.question.id}={word}"
        say(f"{typed!r} is none of {', '.join(choice.word for choice in error.question.choices)}")
    return None


def print_question(error: QuestionError, *, as_json: bool) -> typer.Exit:
    """Print a question; with ``as_json`` as one object on standard output as well."""
    if as_json:
        question = error.question
        content = {
            "kind": "question",
            "file": error.path.name,
            "id": question.id,
            "about": question.about,
            "text": question.text,
            "head": list(question.head),
            "examples": [list(row) for row in question.examples],
            "answers": [
                {"word": c.word, "meaning": c.meaning, "option": f"{question.id}={c.word}"}
                for c in question.choices
            ],
            "others": [other.text for other in error.others],
        }
        typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
    say(f"question: {error}")
    return typer.Exit(REFUSED)


def print_refusal(error: Exception) -> None:
    """Print a refusal as one object on standard output."""
    typer.echo(json.dumps({"kind": "refusal", "text": str(error)}, indent=2, ensure_ascii=False))
