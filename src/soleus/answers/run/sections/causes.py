"""The possible causes: what each moves, whether it reaches the report, and the signals that they follow."""

from __future__ import annotations

from soleus.answers.assumed import status_chip
from soleus.answers.run.figures.lineage import lineage_figure
from soleus.answers.run.figures.signals import signals_figure
from soleus.answers.run.names import Names
from soleus.answers.run.sections.by_group import by_group
from soleus.answers.run.values import MechanismRow, RunResult
from soleus.report.names import sentence_case, words
from soleus.report.numbers import fold_text
from soleus.report.section import Cell, Chip, Column, Link, Points, Row, Section, Table, Text

__all__ = ["causes_section", "lineage_section", "signals_section"]


def causes_section(result: RunResult) -> Section:
    """Return every possible cause, with the course of the lead read-out under it alone."""
    names = Names.of(result)
    reported = result.translation_of == "reported"
    acting = " and ".join(f"“{names.mechanism(name)}”" for name in result.effect.mechanisms)
    some = ", and some cannot produce it at all" if reported else ""
    lead = (
        "Each possible cause joins one signal to one thing that cells do. They compete: several can produce "
        f"the same count{some}. In the animals of this run {f'{acting} acts' if acting else 'none acts'}."
    )
    return Section("causes", "Possible causes", (lead,), (_table(result, names),), folded=True, brief=False)


def _table(result: RunResult, names: Names) -> Table:
    label, reported = result.effect.readout_label, result.translation_of == "reported"
    days = sorted({one.day for m in result.mechanisms for one in m.ratio_by_day})
    # A course of many days is shown where the study samples.
    sampled = [day for day in days if day in result.design.sampling_days]
    shown = days if len(days) <= 4 else sampled or days[-1:]
    columns = (
        Column("cause", "possible cause"),
        Column("moves", "signal → what it moves"),
        Column("here", "in this run"),
        *((Column("reaches", "reaches the reported size"),) if reported else ()),
        Column("strongest", f"strongest {label} ratio", "ratio"),
        *(Column(f"day_{day:g}", f"{label} ratio, day {day:g}", "ratio") for day in shown),
        *((Column("needs", "what it takes"),) if reported else ()),
    )
    return Table("causes", "", columns, tuple(_row(m, result, names) for m in result.mechanisms))


def _row(one: MechanismRow, result: RunResult, names: Names) -> Row:
    here = "acts" if one.name in result.effect.mechanisms else "competes" if one.on else "off"
    word = "yes" if one.reaches_reported else "cannot" if one.on else "off"
    cells: dict[str, Cell] = {
        "cause": sentence_case(names.mechanism(one.name)),
        "moves": f"{words(one.signal)} → {words(one.role)}",
        "here": here,
        "reaches": Chip(word, "good" if one.reaches_reported else "neutral"),
        "strongest": one.strongest_ratio if one.on else None,
        "needs": _needs(one),
    }
    ratios: dict[str, Cell] = {f"day_{p.day:g}": p.ratio for p in one.ratio_by_day}
    sources: list[Text] = [(status_chip(one.status), " ", *_links(one.citations))]
    note: list[Text] = [sentence_case(names.prose(one.note))] if one.note else []
    return Row(cells | ratios, (Points((*note, *sources)),))


def _needs(one: MechanismRow) -> str | None:
    """Say how much what cells do changes where the whole signal is gone."""
    if one.log_gain_reported is None:
        return None
    first = words(one.role.split(" + ")[0])
    return f"{first} changes {fold_text(one.log_gain_reported)} without the signal"


def _links(keys: list[str]) -> tuple[str | Link, ...]:
    found: list[str | Link] = []
    for key in keys:
        found += [", ", Link(key, f"#ref-{key}")] if found else [Link(key, f"#ref-{key}")]
    return tuple(found)


def signals_section(result: RunResult) -> Section:
    """Return the signals over time."""
    lead = (
        "A regimen changes what the legs and the body send. Each signal is a candidate cause; which of them "
        "acts on the niche is a hypothesis that can be switched on or off."
    )
    known = {s.signal: s for s in result.signals}
    rows = tuple(
        Row(
            {
                "signal": sentence_case(s.label),
                "status": status_chip(s.status),
                "sources": _links(s.citations) or "none",
            }
        )
        for s in known.values()
    )
    columns = (Column("signal", "signal"), Column("status", "status"), Column("sources", "sources"))
    table = Table("signals", "Where each time course comes from", columns, rows, folded=True)
    parts = (signals_figure(result), table)
    return Section("signals", "What the legs send", (lead,), parts, folded=True, brief=False)


def lineage_section(result: RunResult) -> Section:
    """Return the cells and the flows between them."""
    lead = ["Stem cells to the left, what they become to the right. An arrow is a flow of cells per day."]
    if result.resting_fit is None:
        lead.append(
            "This lineage is not fitted to counts of undisturbed animals: no calibration of it is stored, so "
            "there is no fit to show, and none of its numbers is checked, whatever the status of each."
        )
    rows = tuple(
        Row({"type": t.name, "label": t.label, "ontology": t.ontology} | by_group("cells", t.cells))
        for t in result.lineage_types
    )
    columns = (
        Column("type", "type"),
        Column("label", "cells"),
        Column("ontology", "Cell Ontology"),
        *(Column(f"cells_{g.name}", f"cells, {g.label}", "number") for g in result.design.groups),
    )
    table = Table("lineage", "True mean number of cells, last day", columns, rows, folded=True)
    parts = (lineage_figure(result), table)
    return Section("lineage", "The lineage", tuple(lead), parts, folded=True, brief=False)
