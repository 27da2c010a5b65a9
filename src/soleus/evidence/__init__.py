"""Claims judged: evidence counted, predictions weighed, verdicts computed."""

from __future__ import annotations

from soleus.evidence.verdicts import (
    EvidenceCounts,
    Relation,
    Verdict,
    cited_studies,
    count_evidence,
    grade_evidence,
    judge,
    relation,
)

__all__ = [
    "EvidenceCounts",
    "Relation",
    "Verdict",
    "cited_studies",
    "count_evidence",
    "grade_evidence",
    "judge",
    "relation",
]
