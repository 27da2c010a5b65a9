"""The words of a panel: its headline and its sections."""

from __future__ import annotations

from collections import Counter

from soleus.answers.answer import Answer
from soleus.answers.assumed import assumed_section, sources_section
from soleus.answers.panel.figures import animals_text, fingerprint_figure, mark_text, separations_figure
from soleus.answers.panel.values import PanelResult, PanelSeparation
from soleus.report.numbers import change, figures3
from soleus.report.section import Column, Points, Row, Section, Table

__all__ = ["told_panel"]

_BRIEF_PAIRS = 12
_NOT_APART = "Where a pair cannot be told apart: the animals that all read-outs together would take."


def told_panel(result: PanelResult) -> Answer[PanelResult]:
    """Return the answer: values, and what people read of them."""
    return Answer(
        question="panel",
        title=result.label,
        headline=_headline(result),
        values=result,
        sections=(
            _pairs(result),
            _causes(result),
            _marks(result),
            Section("assumed", "What is assumed", parts=(Points(tuple(result.assumptions)),), brief=False),
            assumed_section(result.numbers),
            sources_section(result.citations),
        ),
    )


def _headline(result: PanelResult) -> tuple[str, ...]:
    apart = [s for s in result.separations if s.panel is not None]
    helps = Counter(name for s in apart for name in s.panel or ())
    lines = [
        f"{len(apart)} of {len(result.separations)} pairs of causes can be told apart with at most "
        f"{result.animals} animals a group."
    ]
    if helps:
        best, times = helps.most_common(1)[0]
        lines.append(f"The read-out that helps most often is {best}, in {times} of these pairs.")
    if len(apart) < len(result.separations):
        first = next(s for s in result.separations if s.panel is None)
        lines.append(f"Even all read-outs together do not tell {first.first} from {first.second}.")
    lines.append(
        f"{result.provisional} of the {len(result.numbers)} numbers behind this are not yet checked in a "
        "source."
    )
    return tuple(lines)


def _pairs(result: PanelResult) -> Section:
    rows = [
        Row(
            {
                "first": pair.first,
                "second": pair.second,
                "panel": "cannot be told apart" if pair.panel is None else "; ".join(pair.panel),
                "read_outs": None if pair.panel is None else len(pair.panel),
                "animals": _animals(pair),
            }
        )
        for pair in sorted(result.separations, key=lambda s: s.panel is not None)
    ]
    table = Table(
        id="separations",
        title="Smallest set of stains for each pair of causes",
        columns=(
            Column("first", "one"),
            Column("second", "other"),
            Column("panel", "set of stains"),
            Column("read_outs", "read-outs", "whole"),
            Column("animals", "animals a group", "whole"),
        ),
        rows=tuple(rows),
        note="" if all(s.panel for s in result.separations) else _NOT_APART,
        brief=_BRIEF_PAIRS,
        folded=True,
    )
    return Section("pairs", "Pairs of causes", parts=(separations_figure(result), table))


def _animals(pair: PanelSeparation) -> int | str:
    text = animals_text(pair)
    return int(text) if text.isdecimal() else text


def _causes(result: PanelResult) -> Section:
    rows = [
        Row(
            {
                "cause": cause.name,
                "label": cause.label,
                "quantity": cause.quantity,
                "told_at": figures3(cause.told_at, 2),
                "leading": change(1.0 + cause.leading_percent / 100.0)
                + ("" if cause.reaches_fall else " at most"),
            }
        )
        for cause in result.causes
    ]
    table = Table(
        id="causes",
        title="",
        columns=(
            Column("cause", "cause"),
            Column("label", "in words"),
            Column("quantity", "quantity"),
            Column("told_at", "×"),
            Column("leading", result.leading),
        ),
        rows=tuple(rows),
    )
    fall = f"{100 * result.fall:g} %"
    return Section(
        "causes",
        "The causes",
        lead=(f"Told apart where {result.leading} has fallen by {fall}, or as far as each can bring it.",),
        parts=(table,),
    )


def _marks(result: PanelResult) -> Section:
    found = {(m.statistic, m.cause): m for m in result.marks}
    wide = Table(
        id="signatures",
        title="Counts: change in per cent; shares: odds ratio",
        columns=(
            Column("statistic", "read-out"),
            *(Column(c.name, c.name, "number") for c in result.causes),
        ),
        rows=tuple(
            Row({"statistic": s.name} | {c.name: mark_text(found[s.name, c.name]) for c in result.causes})
            for s in result.statistics
        ),
        folded=True,
    )
    return Section(
        "marks",
        f"Signatures where each quantity is changed {result.factor:g}-fold",
        parts=(fingerprint_figure(result), wide, _every_mark(result)),
        brief=False,
    )


def _every_mark(result: PanelResult) -> Table:
    causes = {c.name: c.label for c in result.causes}
    statistics = {s.name: s for s in result.statistics}
    rows = [
        Row(
            {
                "cause": m.cause,
                "cause_label": causes[m.cause],
                "statistic": m.statistic,
                "statistic_label": statistics[m.statistic].label,
                "scale": statistics[m.statistic].scale,
                "change": m.change,
                "percent": m.percent,
                "odds_ratio": m.odds_ratio,
                "signal": m.signal,
            }
        )
        for m in result.marks
    ]
    columns = (
        Column("cause", "cause"),
        Column("cause_label", "in words"),
        Column("statistic", "read-out"),
        Column("statistic_label", "in words"),
        Column("scale", "scale"),
        Column("change", "change, natural log", "number"),
        Column("percent", "change in per cent", "number"),
        Column("odds_ratio", "odds ratio", "ratio"),
        Column("signal", "in standard errors", "number"),
    )
    return Table("marks", "Every cause with every read-out", columns, tuple(rows), folded=True)
