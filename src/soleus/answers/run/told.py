"""A run as an answer: its headline, and its sections in the order of the page."""

from __future__ import annotations

from collections.abc import Iterator

from soleus.answers.answer import Answer
from soleus.answers.assumed import assumed_section, sources_section
from soleus.answers.numbers.groups import assumption_groups
from soleus.answers.run.headline import in_short
from soleus.answers.run.names import Names
from soleus.answers.run.sections.biology import (
    body_section,
    culture_section,
    dentate_section,
    maturation_section,
)
from soleus.answers.run.sections.causes import causes_section, lineage_section, signals_section
from soleus.answers.run.sections.claims import claims_section
from soleus.answers.run.sections.design import again_section, design_section
from soleus.answers.run.sections.elsewhere import elsewhere_section
from soleus.answers.run.sections.readouts import readouts_section
from soleus.answers.run.sections.resting import resting_section
from soleus.answers.run.sections.short import short_section
from soleus.answers.run.values import RunResult
from soleus.report.section import Section, Strong, Text

__all__ = ["told_run"]


def told_run(result: RunResult) -> Answer[RunResult]:
    """Return the answer: values, and what people read of them."""
    return Answer(
        question="run",
        title=result.design.title,
        headline=_headline(result),
        values=result,
        sections=(*_unfolded(result), *_folded(result), *_behind(result)),
    )


def _headline(result: RunResult) -> tuple[Text, ...]:
    lines = [(Strong(f"{about}: "), sentence) for about, sentence in in_short(result)]
    return tuple(lines) or (result.effect.statement,)


def _unfolded(result: RunResult) -> Iterator[Section]:
    """What a first reader needs."""
    yield short_section(result)
    if result.claims:
        yield claims_section(result)
    if result.translation:
        yield elsewhere_section(result)
    if result.readouts:
        yield readouts_section(result)
    yield design_section(result)


def _folded(result: RunResult) -> Iterator[Section]:
    """What opens when it is asked for."""
    if result.body is not None:
        yield body_section(result, result.body)
    if result.dentate is not None:
        yield dentate_section(result, result.dentate)
    if result.culture is not None:
        yield culture_section(result, result.culture)
    if result.maturation is not None:
        yield maturation_section(result, result.maturation)
    if result.mechanisms:
        yield causes_section(result)
    if result.signals:
        yield signals_section(result)
    if result.lineage_types:
        yield lineage_section(result)
    if result.resting_fit is not None and result.resting_fit.points:
        yield resting_section(result, result.resting_fit)


def _behind(result: RunResult) -> Iterator[Section]:
    """What it stands on, and how to make it again."""
    prose = Names.of(result).prose
    shown = [
        n.model_copy(update={"label": prose(n.label), "reason": prose(n.reason)}) for n in result.numbers
    ]
    yield assumed_section(shown, assumption_groups(shown))
    yield sources_section(result.citations)
    yield again_section(result)
