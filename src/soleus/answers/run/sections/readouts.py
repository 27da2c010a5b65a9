"""What a laboratory would count in these animals: every read-out, its effect, and every animal."""

from __future__ import annotations

from soleus.answers.run.figures.effects import effects_figure
from soleus.answers.run.figures.readouts import readout_figures
from soleus.answers.run.groups import group_labels
from soleus.answers.run.sections.by_group import by_group
from soleus.answers.run.sections.short import special_cautions
from soleus.answers.run.values import ReadoutResult, RunResult
from soleus.report.names import readout_slug, sentence_case, unit_text
from soleus.report.numbers import between, change, p_text, ratio_text
from soleus.report.section import Column, Details, Grid, Part, Points, Row, Section, Strong, Table, Text

__all__ = ["readouts_section"]

_BRIEF, _LEAST, _BRIEF_NOTES, _UNFOLDED = 8, 3, 1, 12


def readouts_section(result: RunResult) -> Section:
    """Return all read-outs of the cohort."""
    notes = tuple(dict.fromkeys(r.effect.note for r in result.readouts if r.effect and r.effect.note))
    parts: list[Part] = [effects_figure(result), _table(result)]
    if notes:
        parts.append(Points(notes, "Notes on the tests", "warn", brief=_BRIEF_NOTES))
    figures = tuple(readout_figures(result))
    parts += [Details("Every animal, read-out by read-out", (Grid(figures, _said(result)),)), _means(result)]
    what = "cultures" if result.culture is not None else "animals"
    return Section("readouts", f"What these {what} show", parts=tuple(parts))


def _several(result: RunResult) -> bool:
    return len({r.contrast for r in result.readouts}) > 1


def _label(one: ReadoutResult) -> str:
    label = sentence_case(one.label)
    return label if one.measure == "ratio" else f"{label} (odds)"


def _table(result: RunResult) -> Table:
    labels = group_labels(result.design)
    # The last day first where there are several: it is what the page is about.
    days = {r.day for r in result.readouts}
    shown = sorted(result.readouts, key=lambda r: -r.day) if len(days) > 1 else result.readouts
    rows = tuple(
        Row(
            {
                "readout": _label(r),
                "group": labels.get(r.contrast.split(" / ")[0], r.contrast),
                "day": r.day,
                "ratio": "not estimable" if r.effect is None else r.effect.ratio,
                "p": None if r.effect is None else r.effect.p_value,
                "n": " + ".join(str(count) for count in r.n_by_group.values()),
                "true": "not defined" if r.true_ratio is None else r.true_ratio,
            }
        )
        for r in shown
    )
    columns = (
        Column("readout", "read-out"),
        *((Column("group", "group"),) if _several(result) else ()),
        Column("day", "day", "day"),
        Column("ratio", "ratio (95 %)", "ratio"),
        Column("p", "p", "p"),
        Column("n", "n"),
        Column("true", "true", "ratio"),
    )
    title = "Ratio to the control, as counted and as it truly is"
    note = "(odds): an odds ratio." if any(r.measure != "ratio" for r in result.readouts) else ""
    noted = any(r.effect and r.effect.note for r in result.readouts)
    room = _BRIEF - 2 * len(special_cautions(result)) - 3 * noted
    # Two lines a row where a group stands in it.
    brief = max(_LEAST, room // 2 if _several(result) else room)
    return Table("readouts", title, columns, rows, note, brief=brief, folded=len(rows) > _UNFOLDED)


def _means(result: RunResult) -> Table:
    groups = group_labels(result.design)
    rows = tuple(
        Row(
            {
                "readout": _label(r),
                "assay": r.assay,
                "day": r.day,
                "contrast": r.contrast,
                "unit": unit_text(r.unit),
                "method": None if r.effect is None else r.effect.method,
                **by_group("mean", r.mean_by_group),
                **by_group("n", r.n_by_group),
            }
        )
        for r in result.readouts
    )
    columns = (
        Column("readout", "read-out"),
        Column("assay", "assay"),
        Column("day", "day", "day"),
        Column("contrast", "contrast"),
        Column("unit", "unit"),
        *(Column(f"mean_{name}", f"mean, {label}", "number") for name, label in groups.items()),
        *(Column(f"n_{name}", f"n, {label}", "whole") for name, label in groups.items()),
        Column("method", "test"),
    )
    return Table("means", "Means by group, and the tests", columns, rows, brief=0, folded=True)


def _said(result: RunResult) -> dict[str, tuple[Text, ...]]:
    labels, many = group_labels(result.design), _several(result)
    said: dict[str, tuple[Text, ...]] = {}
    for one in result.readouts:
        name = readout_slug(one.readout)
        days = len({r.day for r in result.readouts if r.readout == one.readout}) > 1
        whom = f"{labels.get(one.contrast.split(' / ')[0], one.contrast)}, " if many else ""
        said[name] = (*said.get(name, ()), _sentence(one, whom + (f"day {one.day:g}: " if days else "")))
    return said


def _sentence(one: ReadoutResult, whom: str) -> Text:
    true = "not defined" if one.true_ratio is None else ratio_text(one.true_ratio)
    if one.effect is None:
        return f"{whom}no test; true {true}"
    test = f", {one.measure} {between(one.effect.ratio)}, {p_text(one.effect.p_value)}; true {true}"
    note = f". {one.effect.note}" if one.effect.note else ""
    return (whom, Strong(change(one.effect.ratio.value)), f"{test}{note}")
