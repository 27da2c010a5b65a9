"""The matrix of mechanism sets by studies, as a versioned result."""

from __future__ import annotations

from collections.abc import Sequence

from soleus.answers.matrix.sources import counts, matrix_citations, numbers, prior, set_mechanisms
from soleus.answers.matrix.studies import matrix_studies
from soleus.answers.matrix.values import (
    NO_EFFECT,
    MatrixCell,
    MatrixCount,
    MatrixPrediction,
    MatrixResult,
    MatrixSet,
    MatrixStudy,
)
from soleus.answers.numbers.row import as_row
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.folder import Catalogue
from soleus.evidence.findings import findings
from soleus.evidence.matrix import Cell, Matrix, SetRow, build_matrix
from soleus.evidence.stored import finding_responses, findings_key
from soleus.jobs import Progress
from soleus.provenance import run_id, versions
from soleus.values import numbers_in

__all__ = ["describe_matrix", "matrix_result"]

# A sign is spoken against where the evidence, to the one decimal that is shown, lies below 0.
_SHOWN = 0.05


def matrix_result(
    catalogue: Catalogue, *, fresh: bool = False, workers: int = 1, progress: Progress | None = None
) -> MatrixResult:
    """Compute the matrix; seconds with the stored responses, minutes without.

    Parameters
    ----------
    fresh
        Solve every set, strength and study anew instead of taking the stored responses.
    """
    model = effect_model(catalogue).matrix
    found = findings(catalogue)
    responses = finding_responses(catalogue, workers=workers, progress=progress, fresh=fresh)
    built = build_matrix(
        responses, found, refuted_below=model.refuted_below, sensitive_above=model.sensitive_above
    )
    return describe_matrix(catalogue, built)


def describe_matrix(catalogue: Catalogue, matrix: Matrix) -> MatrixResult:
    """Return a matrix as plain data, with the works and judgements that it stands on."""
    studies = matrix_studies(catalogue, matrix)
    rows = [_row(catalogue, row, matrix) for row in matrix.rows]
    judged = numbers(catalogue)
    mechanisms = [m for row in rows for m in row.mechanisms]
    counted = counts(catalogue, studies, mechanisms, judged)
    made = versions()
    asked = {
        "findings": list(matrix.findings),
        "sets": [r.name for r in rows],
        "data": findings_key(catalogue),
    }
    return MatrixResult(
        run_id=run_id(asked, seed=0, versions=made),
        versions=made,
        status="provisional" if any(c.provisional for c in counted) else "checked",
        statements=_statements(rows, studies, counted, refuted_below=matrix.refuted_below),
        refuted=[row.name for row in rows if row.refuted],
        opposite=[row.name for row in rows if row.opposite],
        silent=_silent(rows),
        most_discriminating=_most(studies).name,
        prior=prior(catalogue).model_copy(update={"refuted_below": matrix.refuted_below}),
        studies=studies,
        rows=rows,
        counts=counted,
        numbers=[as_row(catalogue, one, placed=False) for one in numbers_in(judged)],
        assumptions=_assumptions(catalogue, matrix),
        citations=matrix_citations(catalogue, studies, mechanisms),
        files={},
    )


def _row(catalogue: Catalogue, row: SetRow, matrix: Matrix) -> MatrixSet:
    found, below = matrix.findings, matrix.refuted_below
    ids = {study: [f.id for f in found if f.study == study] for study in matrix.studies}
    return MatrixSet(
        name=row.name,
        label=row.label,
        mechanisms=set_mechanisms(catalogue, row.name),
        predictive_p=row.predictive_p,
        refuted=row.refuted,
        refuted_by=[s for s, p in row.predictive_p_without.items() if row.refuted and p >= below],
        log10_evidence=row.log10_evidence,
        log10_for_sign=row.log10_for_sign,
        opposite=row.log10_for_sign < -_SHOWN,
        reach=row.reach,
        cells=[_cell(row.cells[s], ids[s], without=row.predictive_p_without[s]) for s in matrix.studies],
    )


def _cell(cell: Cell, ids: Sequence[str], *, without: float) -> MatrixCell:
    def prediction(finding: str) -> MatrixPrediction:
        middle, low, high = cell.ratios[finding]
        return MatrixPrediction(
            finding=finding,
            probability=min(cell.chances[finding], 1.0),
            ratio=middle,
            low=low,
            high=high,
            sensitive=finding in cell.sensitive,
        )

    return MatrixCell(
        study=cell.study,
        probability=min(cell.probability, 1.0),
        per_finding=min(cell.per_finding, 1.0),
        sensitive=bool(cell.sensitive),
        p_without=without,
        predictions=[prediction(finding) for finding in ids],
    )


def _silent(rows: Sequence[MatrixSet]) -> list[str]:
    return [r.name for r in rows if r.name != NO_EFFECT and not any(c.sensitive for c in r.cells)]


def _most(studies: Sequence[MatrixStudy]) -> MatrixStudy:
    return max(studies, key=lambda study: study.log10_range)


def _statements(
    rows: Sequence[MatrixSet],
    studies: Sequence[MatrixStudy],
    counted: Sequence[MatrixCount],
    *,
    refuted_below: float,
) -> list[str]:
    labels = {row.name: row.label for row in rows}
    sets = [row for row in rows if row.name != NO_EFFECT]
    said = _about_refuted(sets, refuted_below)
    nothing = next((row for row in rows if row.name == NO_EFFECT), None)
    if nothing is not None:
        verdict = "does not explain them either" if nothing.refuted else "may explain them as well"
        said.append(f"No effect of movement at all {verdict} (p = {nothing.predictive_p:.3f}).")
    said += _about_single_studies(sets, studies)
    most = _most(studies)
    said.append(
        f"{most.source} ({most.name}) tells the possible causes apart most: its findings are "
        f"{_times(most.log10_range)} times as probable under “{labels[most.best]}” as under "
        f"“{labels[most.worst]}”."
    )
    against = [f"“{r.label}” ({_times(-r.log10_for_sign)} to 1)" for r in sets if r.opposite]
    if against:
        said.append(f"The findings favour the opposite of the declared sign of: {'; '.join(against)}.")
    silent = [f"“{labels[name]}”" for name in _silent(rows)]
    if silent:
        said.append(
            f"No finding of any study is sensitive to: {'; '.join(silent)}. Such a row says what no effect "
            "would; it is not tested."
        )
    shares = [f"{c.provisional} of {c.total} {c.kind}" for c in counted if c.total]
    return [*said, f"Not yet checked in a source: {'; '.join(shares)}."]


def _times(log10: float) -> str:
    """Write how many times, with two figures and no exponent while it can be read."""
    times = 10.0**log10
    return f"{times:.2g}" if times < 10.0 or times >= 1e7 else f"{float(f'{times:.2g}'):.0f}"


def _about_refuted(sets: Sequence[MatrixSet], below: float) -> list[str]:
    refuted = [row for row in sets if row.refuted]
    if not refuted:
        return [
            "Every possible cause may explain the findings on its own: none has a posterior predictive p "
            f"below {below:g}."
        ]
    share = (
        f"{len(refuted)} of {len(sets)} possible causes {'does' if len(refuted) == 1 else 'do'} not explain "
        f"the findings on {'its' if len(refuted) == 1 else 'their'} own (posterior "
        f"predictive p below {below:g})"
    )
    said = [f"{share}: {_with_p(refuted)}."]
    left = [row for row in sets if not row.refuted]
    return [
        *said,
        f"May explain them on their own: {_with_p(left)}." if left else "No possible cause is left.",
    ]


def _about_single_studies(sets: Sequence[MatrixSet], studies: Sequence[MatrixStudy]) -> list[str]:
    """Say which refutations hold whichever study is left out, and which hang on one or another."""
    sources = {study.name: study.source for study in studies}
    firm = [f"“{row.label}”" for row in sets if row.refuted and not row.refuted_by]
    frail = [
        f"“{row.label}” ({', '.join(sources[s] for s in row.refuted_by)})" for row in sets if row.refuted_by
    ]
    said = [f"Not on their own, whichever study is left out: {'; '.join(firm)}."] if firm else []
    if frail:
        said.append(f"On their own again without any one of the studies named: {'; '.join(frail)}.")
    return said


def _with_p(rows: Sequence[MatrixSet]) -> str:
    return "; ".join(f"“{row.label}” (p = {row.predictive_p:.3f})" for row in rows)


def _assumptions(catalogue: Catalogue, matrix: Matrix) -> list[str]:
    start = prior(catalogue)
    headrooms = ", ".join(f"{h:g}" for h in start.headrooms)
    return [
        f"Every set starts from the same prior of the size of its effect on {start.readout_label} after "
        f"{start.day:g} days of unloading in {start.study}; the sign is its own.",
        "In each cell the strength of a set is weighted by the findings of all other studies, never by those "
        "of the study itself (leave-one-study-out).",
        f"How far a mechanism can go above normal cage life is not known: {headrooms} of the signal's effect "
        "are equally probable beforehand.",
        "A published direction is scored as the outcome of a two-sided test at 5 % in a study of its size; "
        "another laboratory, species, niche, age or a culture each widen it.",
        "The posterior predictive p says how often a set, fitted to all findings, would give findings "
        "that "
        ""
        f"fit it as badly as the real ones. Below {matrix.refuted_below:g} it does not explain them on "
        "its own; "
        ""
        "of true sets that is said by chance in at most twice that share of cases (Meng 1994, Ann Stat "
        "22:1142).",
        "Evidence is the mean likelihood of all findings over the prior, against no effect at all; findings "
        "of one comparison on one day in one niche or culture rest on the same animals and count together as "
        "one; what the same animals show in another niche counts by itself.",
        "Animals of another species or age are modelled as each study says.",
    ]
