"""The model against real counts of undisturbed mice."""

from __future__ import annotations

from soleus.answers.run.figures.moved import discrepancy_figure, moved_figure
from soleus.answers.run.figures.residuals import residuals_figure
from soleus.answers.run.figures.resting import resting_figure
from soleus.answers.run.values import RestingFit, RunResult
from soleus.report.names import sentence_case, unit_text, words
from soleus.report.numbers import figures3, percent
from soleus.report.section import Column, Link, Part, Points, Row, Section, Table, Text

__all__ = ["resting_section"]


def resting_section(result: RunResult, fit: RestingFit) -> Section:
    """Return how the resting lineage fits the published counts by age."""
    lead = (
        "Before any leg is lifted, the lineage has to reproduce what was counted in undisturbed mice of "
        f"different ages. {percent(fit.fraction_inside)} of {fit.n_points} published means lie inside their "
        f"95 % predictive intervals; {fit.n_free} parameters were free."
    )
    parts: list[Part] = [resting_figure(result), residuals_figure(result)]
    if fit.moved:
        parts += [moved_figure(result), _moved(fit)]
    parts += [discrepancy_figure(result), _points(fit), _notes(fit)]
    title = "Undisturbed mice: the model against real counts"
    return Section("resting", title, (lead,), tuple(parts), folded=True, brief=False)


def _moved(fit: RestingFit) -> Table:
    rows = tuple(
        Row(
            {
                "rate": sentence_case(m.label),
                "published": m.published,
                "fitted": m.fitted,
                "unit": unit_text(m.unit) or None,
                "times": m.fold,
                "why": m.reason,
                "source": Link(m.citation, f"#ref-{m.citation}"),
            }
        )
        for m in fit.moved
    )
    columns = (
        Column("rate", "rate", strong=True),
        Column("published", "published", "number"),
        Column("fitted", "fitted", "number"),
        Column("unit", "unit"),
        Column("times", "fitted over published", "odds"),
        Column("why", "why"),
        Column("source", "source"),
    )
    return Table("moved", "Published rates and what the counts made of them", columns, rows, folded=True)


def _points(fit: RestingFit) -> Table:
    rows = tuple(
        Row(
            {
                "readout": p.label,
                "age": p.age_days,
                "observed": p.observed,
                "se": p.se,
                "predicted": p.predicted,
                "inside": "yes" if p.inside else "no",
                "source": words(p.source),
            }
        )
        for p in fit.points
    )
    columns = (
        Column("readout", "read-out"),
        Column("age", "age", "number", "day"),
        Column("observed", "published mean", "number"),
        Column("se", "standard error", "number"),
        Column("predicted", "predicted (95 %)", "number"),
        Column("inside", "inside"),
        Column("source", "source"),
    )
    return Table("resting", "Every published mean with its prediction", columns, rows, folded=True)


def _notes(fit: RestingFit) -> Points:
    lines: list[Text] = []
    if fit.scale_factors:
        factors = ", ".join(
            f"{words(name).removeprefix('scale ')} × {figures3(value)}"
            for name, value in fit.scale_factors.items()
        )
        lines.append(f"Scale factors: {factors}.")
    lines += [f"Where sources disagree: {variant}" for variant in fit.variants]
    return Points((*lines, f"Made by {fit.made_by}."))
