"""All claims of the account, judged: the values of ``soleus claims``."""

from __future__ import annotations

from typing import Literal

from soleus.answers.answer import AnswerValues
from soleus.schema.claim_rows import Account, ClaimRow

__all__ = ["ClaimsResult"]


class ClaimsResult(AnswerValues):
    """Verdicts on every row of the account under one study."""

    schema_version: Literal["soleus.claims/3"] = "soleus.claims/3"
    study: str
    account: Account
    rule: list[str]
    thresholds: dict[str, float]
    claims: list[ClaimRow]
