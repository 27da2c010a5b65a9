"""The words of the matrix: its headline and its sections."""

from __future__ import annotations

from collections.abc import Iterator

from soleus.answers.answer import Answer
from soleus.answers.assumed import assumed_section, sources_section
from soleus.answers.matrix.figures.evidence import evidence_figure
from soleus.answers.matrix.figures.heat_map import matrix_figure
from soleus.answers.matrix.figures.predictions import study_figures
from soleus.answers.matrix.tables import causes_table, findings_table, matrix_table, studies_table
from soleus.answers.matrix.values import NO_EFFECT, MatrixResult
from soleus.report.section import Details, Points, Section

__all__ = ["told_matrix"]


def told_matrix(result: MatrixResult) -> Answer[MatrixResult]:
    """Return the answer: values, and what people read of them."""
    sections = (
        Section(
            "matrix",
            "The matrix",
            parts=(matrix_figure(result), matrix_table(result)),
            brief=False,
        ),
        Section("causes", "Possible causes", parts=(causes_table(result),), folded=True),
        Section("words", "In words", parts=(Points(tuple(result.statements)),), folded=True, brief=False),
        Section("evidence", "Evidence and sign", parts=(evidence_figure(result),), folded=True, brief=False),
        _studies(result),
        Section(
            "assumed", "What is assumed", parts=(Points(tuple(result.assumptions)),), folded=True, brief=False
        ),
        assumed_section(result.numbers),
        sources_section(result.citations),
    )
    return Answer("matrix", _title(result), tuple(_headline(result)), result, sections)


def _title(result: MatrixResult) -> str:
    sets = [row for row in result.rows if row.name != NO_EFFECT]
    refuted = sum(row.refuted for row in sets)
    if not refuted:
        return "Every possible cause may explain the findings on its own"
    verb = "does" if refuted == 1 else "do"
    whose = "its" if refuted == 1 else "their"
    return f"{refuted} of {len(sets)} possible causes {verb} not explain the findings on {whose} own"


def _headline(result: MatrixResult) -> Iterator[str]:
    """Yield at most five short sentences; the lists behind them are a section of their own."""
    sets = [row for row in result.rows if row.name != NO_EFFECT]
    tested = [row for row in sets if row.name not in result.silent]
    left = sum(not row.refuted for row in tested)
    best = max(sets, key=lambda row: row.log10_evidence)
    untested = len(sets) - len(tested)
    more = f"; {untested} {_is(untested)} not tested" if untested else ""
    yield f"{left} may explain them{more}; the evidence is strongest for “{best.label}”."
    firm = sum(row.refuted and not row.refuted_by for row in sets)
    frail = sum(bool(row.refuted_by) for row in sets)
    if firm or frail:
        yield (
            f"Of these {firm + frail}, {firm} {'stays' if firm == 1 else 'stay'} so whichever study is left "
            f"out; {frail} may explain them again without one study or another."
        )
    opposite = [f"“{row.label}”" for row in sets if row.opposite]
    if opposite:
        yield f"The findings favour the opposite of the declared sign of {len(opposite)}: {opposite[0]}" + (
            "." if len(opposite) == 1 else " and others."
        )
    nothing = next((row for row in result.rows if row.name == NO_EFFECT), None)
    if nothing is not None:
        verdict = "does not explain them either" if nothing.refuted else "may explain them as well"
        yield f"No effect of movement at all {verdict} (p = {nothing.predictive_p:.3f})."
    most = result.study(result.most_discriminating)
    loose = next(c for c in result.counts if c.kind == "findings")
    yield (
        f"{most.source} ({', '.join(most.species)}) tells them apart most; {loose.provisional} of "
        f"{loose.total} findings are not yet checked in a source."
    )


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _studies(result: MatrixResult) -> Section:
    predictions = [
        Details(f"{study.source}: {study.title}", tuple(study_figures(result, study)))
        for study in result.studies
    ]
    return Section(
        "studies",
        "Studies and findings",
        lead=("What every cause predicts for every finding, study by study, is below the tables.",),
        parts=(studies_table(result), findings_table(result), *predictions),
        folded=True,
        brief=False,
    )
