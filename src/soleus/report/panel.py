"""The folder of ``soleus panel``: tables for spreadsheets, figures, and the works that were used."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from soleus.report.export import FigureExporter
from soleus.report.figures.fingerprint import panel_figures
from soleus.schema.panel import PanelResult

__all__ = ["marks_csv", "separations_csv", "write_panel"]


def write_panel(result: PanelResult, folder: Path, exporter: FigureExporter) -> dict[str, str]:
    """Write tables and figures of a panel; return what was written, relative to ``folder``.

    Raises
    ------
    SoleusError
        Where a figure cannot be drawn.
    OSError
        Where the folder cannot be written.
    """
    files = {"marks": "marks.csv", "separations": "separations.csv", "bibtex": "citations.bib"}
    bibtex = "\n\n".join(c.bibtex for c in result.citations) + "\n"
    for name, text in zip(files, (marks_csv(result), separations_csv(result), bibtex), strict=True):
        (folder / files[name]).write_text(text, encoding="utf-8")
    return files | exporter.export({f.name: f.spec for f in panel_figures(result)}, folder)


def marks_csv(result: PanelResult) -> str:
    """Return one row for each cause and statistic; what a scale does not have is left empty."""
    causes = {c.name: c for c in result.causes}
    statistics = {s.name: s for s in result.statistics}
    head = ("cause", "cause_label", "statistic", "statistic_label", "scale")
    rows = (
        (
            m.cause,
            causes[m.cause].label,
            m.statistic,
            statistics[m.statistic].label,
            statistics[m.statistic].scale,
            *(m.change, m.percent, m.odds_ratio, m.signal),
        )
        for m in result.marks
    )
    return _text((*head, "change", "percent", "odds_ratio", "signal"), rows)


def separations_csv(result: PanelResult) -> str:
    """Return one row for each pair of causes; the panel is empty where none tells them apart."""
    rows = (
        (s.first, s.second, "; ".join(s.panel or ()), len(s.panel or ()), s.animals, s.words)
        for s in result.separations
    )
    return _text(("first", "second", "panel", "read_outs", "animals", "words"), rows)


def _text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return made.getvalue()
