"""The tables of ``docs/evidence.md``, written from a result so that nobody types a number."""

from __future__ import annotations

from collections.abc import Sequence

from soleus.answers.matrix.figures.heat_map import REFUTED
from soleus.answers.matrix.values import NO_EFFECT, MatrixFinding, MatrixMechanism, MatrixResult, MatrixStudy
from soleus.report.names import sentence_case
from soleus.report.numbers import signed

__all__ = ["matrix_tables"]


def matrix_tables(result: MatrixResult) -> dict[str, str]:
    """Return what the matrix says, its sets, its findings, and the judgements behind it."""
    return {
        "statements": "\n".join(f"- {line}" for line in result.statements),
        "assumed": "\n".join(f"- {line}" for line in result.assumptions),
        "sets": _sets(result),
        "findings": _findings(result),
        "judgements": _judgements(result),
    }


def _sets(result: MatrixResult) -> str:
    head = ["set", "in words", "p", "", "log10 evidence", "log10 for the sign", "source of its mechanisms"]
    rows = []
    for row in result.rows:
        sign = "" if row.name == NO_EFFECT else signed(row.log10_for_sign)
        rows.append(
            [
                f"`{row.name}`",
                sentence_case(row.label),
                f"{row.predictive_p:.3f}",
                f"**{REFUTED}**" if row.refuted else "",
                signed(row.log10_evidence),
                f"{sign} **opposite**" if row.opposite else sign,
                "; ".join(dict.fromkeys(_source(m) for m in row.mechanisms)),
            ]
        )
    return _table(head, rows)


def _findings(result: MatrixResult) -> str:
    head = ["study", "animals", "finding", "status", "source", "best row", "worst row"]
    rows = []
    for study in result.studies:
        for k, finding in enumerate(study.findings):
            first = k == 0
            rows.append(
                [
                    f"{study.source}" if first else "",
                    f"{', '.join(study.species)}; {', '.join(study.niches)}" if first else "",
                    finding.label,
                    finding.status,
                    _source(finding),
                    f"`{study.best}`" if first else "",
                    f"`{study.worst}`" if first else "",
                ]
            )
    return _table(head, rows)


def _judgements(result: MatrixResult) -> str:
    rows = [
        [f"`{n.name}`", sentence_case(n.label), f"{n.value:g}" + _range(n.low, n.high), n.status]
        for n in result.numbers
    ]
    counted = [[f"of {c.total} {c.kind}", "", f"{c.provisional}", "provisional"] for c in result.counts]
    return _table(["name", "what", "value", "status"], [*rows, *counted])


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" ({low:g} to {high:g})"


def _source(one: MatrixFinding | MatrixMechanism | MatrixStudy) -> str:
    if one.doi is not None:
        return f"[{one.source}]({one.url})"
    return f"{one.source} ({str(one.no_doi).rstrip('.')})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
