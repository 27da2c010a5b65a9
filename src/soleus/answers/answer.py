"""The envelope: what a question was answered, for programs (values) and for people (sections)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, Literal, Self, TypeVar

from pydantic import Field

from soleus.report.section import Section, Text
from soleus.schema.values import Assumption, CitationRow, ResultModel

__all__ = ["Answer", "AnswerValues"]


class AnswerValues(ResultModel):
    """What every typed result records besides what it found.

    These fields stand at the top of an answer's JSON, beside ``values``, which holds the rest.
    """

    schema_version: str
    run_id: str
    seed: int | None = Field(default=None, description="None: nothing was drawn")
    versions: dict[str, str]
    status: Literal["checked", "provisional"] = Field(
        description="'provisional' if any number used is not yet checked in a source"
    )
    numbers: list[Assumption] = Field(description="what the answer stands on, each with its source")
    citations: list[CitationRow]
    files: dict[str, str] = Field(description="what was written, relative to the folder")


_Values = TypeVar("_Values", bound=AnswerValues)


@dataclass(frozen=True)
class Answer(Generic[_Values]):
    """One answer.

    Parameters
    ----------
    question
        The name of the command: ``panel``.
    title
        What a page is headed with.
    headline
        At most five plain sentences.
    values
        The frozen typed result.
    sections
        What people read, in reading order.
    """

    question: str
    title: str
    headline: tuple[Text, ...]
    values: _Values
    sections: tuple[Section, ...]

    def with_files(self, files: dict[str, str]) -> Self:
        """Return the answer that knows what was written of it."""
        return replace(self, values=self.values.model_copy(update={"files": files}))
