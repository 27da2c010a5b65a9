"""The reading plan as plain records, for screen, JSON and report."""

from __future__ import annotations

from pathlib import Path

from soleus.exchange.reading.plan import ReadingPlan
from soleus.schema.analysis import AnalysisReading, ReadColumn, ReadRows

__all__ = ["reading_of"]


def reading_of(plan: ReadingPlan | None, *, mapping: Path | None) -> AnalysisReading | None:
    """Return how a file was read; None for a table of soleus, which says it itself.

    Parameters
    ----------
    plan
        The plan.
    mapping
        The mapping file that was used.
    """
    if plan is None:
        return None
    return AnalysisReading(
        columns=[
            ReadColumn(column=c.column, role=c.role, reason=c.reason, told=c.told, used=c.used)
            for c in plan.columns
        ],
        rows=plan.rows,
        left_out=[ReadRows(rows=list(entry.rows), why=entry.why) for entry in plan.left_out],
        control=plan.control,
        control_reason=plan.control_reason,
        summed=list(plan.summed),
        divided=list(plan.divided),
        within=list(plan.within),
        made_of=list(plan.made_of),
        notes=list(plan.notes),
        answers=dict(plan.mapping.answers),
        mapping=None if mapping is None else mapping.name,
    )
