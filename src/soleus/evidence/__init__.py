"""Claims judged: evidence counted, predictions weighed, verdicts computed."""

from __future__ import annotations

from soleus.evidence.bearing import Bearing, Relation, bearing, relation
from soleus.evidence.verdicts import (
    EvidenceCounts,
    Verdict,
    cited_studies,
    count_evidence,
    grade_evidence,
    judge,
    judge_design,
)

__all__ = [
    "Bearing",
    "EvidenceCounts",
    "Relation",
    "Verdict",
    "bearing",
    "cited_studies",
    "count_evidence",
    "grade_evidence",
    "judge",
    "judge_design",
    "relation",
]
