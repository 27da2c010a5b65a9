"""The tables of the matrix: causes, studies, findings, and every cell for spreadsheets."""

from __future__ import annotations

import csv
import io

from soleus.answers.assumed import status_chip
from soleus.answers.matrix.figures.heat_map import REFUTED
from soleus.answers.matrix.figures.rows import probability_text
from soleus.answers.matrix.values import (
    NO_EFFECT,
    MatrixCell,
    MatrixFinding,
    MatrixMechanism,
    MatrixResult,
    MatrixSet,
    MatrixStudy,
)
from soleus.report.names import sentence_case
from soleus.report.pages import web_link
from soleus.report.section import Chip, Column, Link, Part, Points, Row, Table, Text
from soleus.schema.values import Interval

__all__ = ["causes_table", "cells_csv", "findings_table", "matrix_table", "studies_table"]

_BRIEF_CAUSES = 17
_RING = "○"


def _ordered(result: MatrixResult) -> list[MatrixSet]:
    """Return the rows by their evidence, what all are compared with last."""
    return sorted(result.rows, key=lambda row: row.name == NO_EFFECT)


def _source(one: MatrixStudy | MatrixFinding | MatrixMechanism) -> Text:
    """Return where something comes from: its DOI in one click, or why there is none."""
    why = (one.no_doi or "").rstrip(".")
    if one.doi is not None and one.url is not None:
        return (f"{one.source}, ", Link(f"doi:{one.doi}", one.url))
    if one.citation is None:
        return why
    where = Link(one.source, str(one.url)) if web_link(one.url) else one.source
    return (where, f" ({why})")


def matrix_table(result: MatrixResult) -> Table:
    """Return causes by studies: the probability per finding, and in brackets that of all together."""
    rows = []
    for row in _ordered(result):
        cells = {cell.study: _cell(cell) for cell in row.cells}
        rows.append(Row({"cause": row.name, **cells}))
    columns = (
        Column("cause", "possible cause"),
        *(Column(s.name, f"{s.source}, {', '.join(s.species)}", "number") for s in result.studies),
    )
    note = (
        "Predictive probability per finding; in brackets that of all findings of the study together. "
        f"{_RING}: no finding of the study is sensitive to the cause."
    )
    return Table("matrix", "The matrix as a table", columns, tuple(rows), note=note, brief=0, folded=True)


def _cell(cell: MatrixCell) -> str:
    ring = "" if cell.sensitive else f" {_RING}"
    return f"{cell.per_finding:.2f} ({probability_text(cell.probability)}){ring}"


def causes_table(result: MatrixResult) -> Table:
    """Return one row for each possible cause, with its mechanisms and their sources beneath it."""
    prior = result.prior
    columns = (
        Column("cause", "possible cause"),
        Column("label", "in words", face="wide"),
        Column("p", "p", "number"),
        Column("verdict", "on its own"),
        Column("evidence", "evidence", "signed"),
        Column("sign", "its sign", "signed"),
        Column("opposite", ""),
        Column("reach", "reach", "number", face="wide"),
    )
    note = (
        f"p: posterior predictive; {REFUTED}: below {prior.refuted_below:g}. Evidence: log10 against no "
        "effect. Its sign: log10 for the declared sign against the opposite."
    )
    rows = tuple(_cause(row, result) for row in _ordered(result))
    return Table("causes", "", columns, rows, note=note, brief=_BRIEF_CAUSES)


def _cause(row: MatrixSet, result: MatrixResult) -> Row:
    return Row(
        {
            "cause": row.name,
            "label": sentence_case(row.label),
            "p": row.predictive_p,
            "verdict": _verdict(row, result),
            "evidence": row.log10_evidence,
            "sign": None if row.name == NO_EFFECT else row.log10_for_sign,
            "opposite": Chip("opposite", "warn") if row.opposite else "",
            "reach": row.reach,
        },
        more=_behind(row),
        id=f"set-{row.name}",
    )


def _verdict(row: MatrixSet, result: MatrixResult) -> Text:
    if row.refuted:
        return Chip(REFUTED, "bad")
    return Chip("not tested", "neutral") if row.name in result.silent else "may explain"


def _behind(row: MatrixSet) -> tuple[Part, ...]:
    mechanisms: list[Text] = [
        (f"{sentence_case(m.label)} (", status_chip(m.status), "): ", *_texts(_source(m)), f". {m.reason}.")
        for m in row.mechanisms
    ]
    without: list[Text] = [
        (f"p = {c.p_without:.3f} without ", Link(c.study, f"#study-{c.study}"))
        for c in row.cells
        if c.study in row.refuted_by
    ]
    return (Points((*mechanisms, *without)),) if mechanisms or without else ()


def _texts(text: Text) -> tuple[str | Link, ...]:
    parts = text if isinstance(text, tuple) else (text,)
    return tuple(part for part in parts if isinstance(part, str | Link))


def studies_table(result: MatrixResult) -> Table:
    """Return one row for each study, and how far it tells the causes apart."""
    labels = {row.name: row.label for row in result.rows}
    columns = (
        Column("study", "study"),
        Column("species", "animals"),
        Column("niches", "niche"),
        Column("findings", "findings", "whole"),
        Column("tells_apart", "tells apart", "number"),
        Column("best", "best predicted by", face="wide"),
        Column("worst", "worst by", face="wide"),
        Column("modelled_as", "modelled as", face="wide"),
        Column("source", "source"),
    )
    rows = tuple(
        Row(
            {
                "study": s.name,
                "species": ", ".join(s.species),
                "niches": ", ".join(s.niches),
                "findings": len(s.findings),
                "tells_apart": s.log10_range,
                "best": labels[s.best],
                "worst": labels[s.worst],
                "modelled_as": "; ".join(dict.fromkeys(a.modelled_as for a in s.arms if a.modelled_as)),
                "source": _source(s),
            },
            id=f"study-{s.name}",
        )
        for s in result.studies
    )
    note = "Tells apart: log10 of how much more probable the best row makes its findings than the worst does."
    return Table("studies", "", columns, rows, note=note)


def findings_table(result: MatrixResult) -> Table:
    """Return one row for each published finding, its source and how it is scored."""
    columns = (
        Column("study", "study"),
        Column("finding", "name", face="file"),
        Column("label", "finding"),
        *(Column(key, key, face="file") for key in ("arm", "species", "niche", "modelled_as", "readout")),
        Column("day", "day", "day", face="file"),
        Column("direction", "direction", face="file"),
        Column("ratio", "size", "ratio"),
        Column("se", "standard error", "number", face="file"),
        Column("spread", "spread", "number", face="file"),
        Column("differs_by", "differs by", face="file"),
        Column("scored", "scored as"),
        Column("status", "status"),
        Column("reason", "reason"),
        Column("source", "source"),
        *(Column(key, key.replace("_", " "), face="file") for key in ("citation", "doi", "why_no_doi")),
    )
    rows = tuple(_finding(study, f) for study in result.studies for f in study.findings)
    note = "What was seen as a direction is scored as a direction; a size only where one was published."
    return Table("findings", "Every finding", columns, rows, note=note, folded=True)


def _finding(study: MatrixStudy, f: MatrixFinding) -> Row:
    arm = next(arm for arm in study.arms if arm.name == f.arm)
    size = None
    if f.ratio is not None and f.low is not None and f.high is not None:
        size = Interval(value=f.ratio, low=f.low, high=f.high)
    copied = ("arm", "niche", "readout", "day", "direction", "se", "spread", "reason", "citation", "doi")
    return Row(
        {
            "study": study.name,
            "finding": f.id,
            "label": sentence_case(f.label),
            "species": arm.species,
            "modelled_as": arm.modelled_as,
            "ratio": size,
            "differs_by": "; ".join(f.differs_by),
            "scored": sentence_case(f.scored),
            "status": status_chip(f.status),
            "source": _source(f),
            "why_no_doi": f.no_doi,
        }
        | {key: getattr(f, key) for key in copied},
        tone="warn" if f.status == "provisional" else "neutral",
    )


def cells_csv(result: MatrixResult) -> str:
    """Return one row for each cause, study and finding: too many to read, none too many to compute with."""
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
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return made.getvalue()
