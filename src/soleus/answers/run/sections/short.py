"""What a reader sees first: two figures in large type, one picture, and what to know before quoting."""

from __future__ import annotations

from soleus.answers.run.figures.headline import headline_figure
from soleus.answers.run.groups import group_labels
from soleus.answers.run.names import Names
from soleus.answers.run.values import Headline, RunResult
from soleus.report.names import sentence_case
from soleus.report.numbers import between, change, change_between, is_point, percent
from soleus.report.section import Card, Cards, Column, Part, Points, Row, Section, Table

__all__ = ["short_section", "special_cautions"]

_MODES = {
    "reported": "as reported (put in, not found)",
    "prior": "drawn from what could be expected before any data",
    "calibrated": "drawn from what published data leave open",
    "off": "none (switched off)",
}
# What makes all of it about something else stands before what holds for every run.
_FIRST = ("These animals are not", "The lineage", "Variants", "A culture holds")


def short_section(result: RunResult) -> Section:
    """Return the opening of the page."""
    parts: list[Part] = []
    if result.headline:
        parts = [_cards(result.headline[0]), headline_figure(result), _table(result)]
    return Section("short", "In short", parts=(*parts, _cautions(result)))


def _cards(first: Headline) -> Cards:
    what = f"{sentence_case(first.label)}, day {first.day:g}"
    prior = Card(
        "Before any data",
        change(first.prior.value),
        (
            f"{what}: anything from {change_between(first.prior)} "
            f"(median and {percent(first.prior.level)} interval over the possible causes).",
        ),
        "other",
    )
    face = first.face_value
    if face is None:
        return Cards((prior,))
    how = "put in, not found" if is_point(face) else f"ratio {between(face)} over the possible causes"
    true = Card("If the reported change is true", change(face.value), (f"{what}: {how}.",), "bad")
    return Cards((true, prior))


def _table(result: RunResult) -> Table:
    labels = group_labels(result.design)
    several = len({row.group for row in result.headline}) > 1
    rows = [
        Row(
            {
                "readout": sentence_case(row.label),
                "group": labels.get(row.group, row.group),
                "day": row.day,
                "if_reported": row.face_value,
                "before_data": row.prior,
                "observed": row.observed,
            }
        )
        for row in result.headline
    ]
    columns = (
        Column("readout", "read-out"),
        *((Column("group", "group"),) if several else ()),
        Column("day", "day", "day"),
        Column("if_reported", "if the report is true", "ratio"),
        Column("before_data", "before any data", "ratio"),
        Column("observed", "these animals show", "ratio"),
    )
    note = (
        "Ratios to the control. If the report is true: middle and range over the possible causes that reach "
        "it. Before any data: median and 95 % interval over those that reach all of it."
    )
    return Table("headline", "The same in numbers", columns, tuple(rows), note, brief=0, folded=True)


def special_cautions(result: RunResult) -> list[str]:
    """Return what makes this run another than a reader would take it for; a screen shows all of it."""
    special = [line for line in _warnings(result) if line.startswith(_FIRST)]
    # What was reported and put in is said in the headline already.
    return special if result.effect.mode == "reported" else [*special, _effect(result)]


def _warnings(result: RunResult) -> list[str]:
    return [line for line in result.warnings if line != result.effect.statement]


def _cautions(result: RunResult) -> Points:
    """Return how the effect came about and what limits the run, in one box instead of at every figure."""
    special = special_cautions(result)
    lines = dict.fromkeys([*special, *_warnings(result), _effect(result)])
    prose = Names.of(result).prose
    return Points(tuple(map(prose, lines)), "Before you quote this", "warn", brief=len(special) + 1)


def _effect(result: RunResult) -> str:
    effect = result.effect
    return f"Size of the effect in the animals drawn: {_MODES[effect.mode]}. {effect.statement}"
