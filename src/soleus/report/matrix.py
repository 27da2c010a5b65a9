"""The matrix to take away: one self-contained page, its figures, tables, and the works that were used."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from soleus.jobs import write_atomically
from soleus.report.bundle import vega_bundle
from soleus.report.export import FigureExporter
from soleus.report.figures.matrix import matrix_figures
from soleus.report.figures.matrix_predictions import study_figure_names
from soleus.report.figures.matrix_rows import probability_text, signed
from soleus.report.page import json_for_html, page_environment
from soleus.report.specs import Figure
from soleus.schema.matrix import NO_EFFECT, MatrixResult

__all__ = ["cells_csv", "findings_csv", "matrix_page", "write_matrix"]

_TEMPLATES = Path(__file__).with_name("templates")
_FIGURES = "figures"
_PAGE = "matrix.html"


def matrix_page(
    result: MatrixResult, figures: Sequence[Figure], *, paths: Mapping[str, str], files: Sequence[str] = ()
) -> str:
    """Fill the page; it loads nothing from elsewhere.

    Parameters
    ----------
    paths
        Where the figure files are, relative to the page, by ``NAME.svg`` and ``NAME.png``; may be empty.
    files
        Data files beside the page.
    """
    from markupsafe import Markup

    figs = {figure.name: figure for figure in figures}
    return (
        page_environment()
        .get_template("matrix.html.j2")
        .render(
            result=result,
            figs=figs,
            study_figures={s.name: [figs[n] for n in study_figure_names(s)] for s in result.studies},
            no_effect=NO_EFFECT,
            labels={row.name: row.label for row in result.rows},
            probability=probability_text,
            signed=signed,
            bibtex="\n\n".join(c.bibtex for c in result.citations),
            paths=paths,
            files=files,
            css=Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8")),
            script=Markup((_TEMPLATES / "hydrate.js").read_text(encoding="utf-8")),
            bundle=Markup(vega_bundle()),
            specs_json=Markup(json_for_html({figure.name: figure.spec for figure in figures})),
        )
    )


def write_matrix(result: MatrixResult, folder: Path, exporter: FigureExporter) -> dict[str, str]:
    """Write page, tables, works and figures; return what was written, relative to ``folder``.

    Raises
    ------
    SoleusError
        Where a figure cannot be drawn.
    OSError
        Where the folder cannot be written.
    """
    texts = {
        "cells": ("cells.csv", cells_csv(result)),
        "findings": ("findings.csv", findings_csv(result)),
        "bibtex": ("citations.bib", "\n\n".join(c.bibtex for c in result.citations) + "\n"),
    }
    for name, text in texts.values():
        (folder / name).write_text(text, encoding="utf-8")
    figures = matrix_figures(result)
    drawn = exporter.export({f.name: f.spec for f in figures}, folder / _FIGURES)
    paths = {key: f"{_FIGURES}/{name}" for key, name in drawn.items()}
    page = matrix_page(result, figures, paths=paths, files=[name for name, _ in texts.values()])
    write_atomically(folder / _PAGE, page.encode())
    return {"page": _PAGE, **{key: name for key, (name, _) in texts.items()}, **paths}


def cells_csv(result: MatrixResult) -> str:
    """Return one row for each set, study and finding."""
    head = (
        *("set", "set_label", "predictive_p", "refuted", "log10_evidence", "log10_for_sign", "opposite"),
        *("study", "probability", "per_finding", "p_without_study", "finding", "finding_probability"),
        *("ratio", "ratio_low", "ratio_high", "sensitive"),
    )
    rows = (
        (
            *(row.name, row.label, row.predictive_p, row.refuted),
            *(row.log10_evidence, row.log10_for_sign, row.opposite),
            *(cell.study, cell.probability, cell.per_finding, cell.p_without),
            *(p.finding, p.probability, p.ratio, p.low, p.high, p.sensitive),
        )
        for row in result.rows
        for cell in row.cells
        for p in cell.predictions
    )
    return _text(head, rows)


def findings_csv(result: MatrixResult) -> str:
    """Return one row for each finding; what was not published is left empty."""
    head = (
        *("study", "finding", "label", "arm", "species", "niche", "modelled_as", "readout", "day"),
        *("direction", "ratio", "ratio_low", "ratio_high", "se", "spread", "differs_by", "scored"),
        *("status", "reason", "citation", "doi", "why_no_doi"),
    )
    rows = (
        (
            *(study.name, f.id, f.label, f.arm, arms[f.arm].species, f.niche, arms[f.arm].modelled_as),
            *(f.readout, f.day, f.direction, f.ratio, f.low, f.high, f.se, f.spread),
            *("; ".join(f.differs_by), f.scored, f.status, f.reason, f.citation, f.doi, f.no_doi),
        )
        for study in result.studies
        for arms in [{arm.name: arm for arm in study.arms}]
        for f in study.findings
    )
    return _text(head, rows)


def _text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return made.getvalue()
