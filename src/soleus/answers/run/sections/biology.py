"""The body, maturation, the dentate gyrus and a culture, as far as a run holds them."""

from __future__ import annotations

from soleus.answers.run.biology_values import (
    BodyInfo,
    BodyMeasure,
    BufferingInfo,
    CultureInfo,
    DentateInfo,
    MaturationInfo,
)
from soleus.answers.run.figures.biology import (
    body_figures,
    culture_figures,
    dentate_figures,
    maturation_figures,
)
from soleus.answers.run.groups import group_labels
from soleus.answers.run.sections.by_group import by_group
from soleus.answers.run.values import RunResult
from soleus.report.names import sentence_case
from soleus.report.section import Cell, Column, Details, Part, Points, Row, Section, Table

__all__ = ["body_section", "culture_section", "dentate_section", "maturation_section"]


def body_section(result: RunResult, body: BodyInfo) -> Section:
    """Return what was measured of the body, and what is predicted of it."""
    parts: tuple[Part, ...] = tuple(body_figures(result))
    if body.measures:
        parts = (_measures(result, body.measures), *parts)
    return Section("body", "The body", (body.statement,), parts, folded=True, brief=False)


def _measures(result: RunResult, measures: list[BodyMeasure]) -> Table:
    labels = group_labels(result.design)
    rows = tuple(
        Row(
            {
                "readout": sentence_case(m.label),
                "day": m.day,
                "contrast": m.contrast,
                "ratio": "not estimable" if m.effect is None else m.effect.ratio,
                "p": None if m.effect is None else m.effect.p_value,
                "true": m.true_ratio,
                "equivalence": m.words,
                **by_group("mean", m.mean_by_group),
                **by_group("n", m.n_by_group),
            }
        )
        for m in measures
    )
    columns = (
        Column("readout", "read-out"),
        Column("day", "day", "day"),
        *((Column("contrast", "contrast"),) if len({m.contrast for m in measures}) > 1 else ()),
        Column("ratio", "ratio (95 %)", "ratio"),
        Column("p", "p", "p"),
        Column("true", "true", "ratio"),
        Column("equivalence", "equivalence"),
        *(Column(f"mean_{name}", f"mean, {label}", "number") for name, label in labels.items()),
        *(Column(f"n_{name}", f"n, {label}", "whole") for name, label in labels.items()),
    )
    note = (
        "Ratio of group means of logs, Welch's t test, each day by itself. Equivalence by two one-sided "
        "tests at 5 %: that no difference is seen shows nothing by itself."
    )
    return Table("body", "What was measured in these animals", columns, rows, note)


def maturation_section(result: RunResult, maturation: MaturationInfo) -> Section:
    """Return how far cells born in the study have come."""
    labels = group_labels(result.design)
    rows = tuple(
        Row(
            {
                "line": s.label,
                "group": labels.get(s.group, s.group),
                "day": s.day,
                "born": s.born,
                "mature": s.mature_share,
            }
        )
        for s in maturation.shares
    )
    columns = (
        Column("line", "line"),
        Column("group", "group"),
        Column("day", "day", "day"),
        Column("born", "cells born since day 0", "number"),
        Column("mature", "mature", "percent"),
    )
    table = Table("maturation", "The same in numbers", columns, rows, folded=True)
    parts: tuple[Part, ...] = (*maturation_figures(result), table)
    return Section("maturation", "Maturation", (maturation.statement,), parts, folded=True, brief=False)


def dentate_section(result: RunResult, dentate: DentateInfo) -> Section:
    """Return the cohort of newborn cells, and the speculative index."""
    parts: list[Part] = list(dentate_figures(result))
    if dentate.buffering:
        parts += [
            _buffering(result, dentate),
            Details("For and against the link to stress", (Points(tuple(dentate.evidence)),)),
        ]
    lead = (dentate.statement, *(one.statement for one in dentate.buffering[:1]))
    return Section("dentate", "The dentate gyrus", lead, tuple(parts), folded=True, brief=False)


def _buffering(result: RunResult, dentate: DentateInfo) -> Table:
    labels, levels = group_labels(result.design), dentate.buffering[0].labels
    rows = tuple(
        Row({"group": labels.get(one.group, one.group), "day": one.day, **_levels(one)})
        for one in dentate.buffering
    )
    columns = (
        Column("group", "group", strong=True),
        Column("day", "day", "day"),
        *(
            Column(f"level_{k}", label, "probability")
            for k, label in zip(dentate.buffering[0].levels, levels, strict=True)
        ),
    )
    note = "Speculative: probability of each level over all that could be expected before any data."
    return Table("buffering", "Stress buffering (speculative)", columns, rows, note)


def _levels(one: BufferingInfo) -> dict[str, Cell]:
    return {f"level_{k}": p for k, p in zip(one.levels, one.probabilities, strict=True)}


def culture_section(result: RunResult, culture: CultureInfo) -> Section:
    """Return the growth of the cultures."""
    parts = tuple(culture_figures(result))
    return Section("culture", "The culture", (culture.statement,), parts, folded=True, brief=False)
