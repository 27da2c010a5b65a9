"""All claims of the account, judged: the object behind ``soleus claims --json``."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from soleus.schema.run import CitationRow, ClaimRow

__all__ = ["ClaimsResult"]


class ClaimsResult(BaseModel):
    """Verdicts on every row of the account under one study."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: Literal["soleus.claims/1"] = "soleus.claims/1"
    study: str
    rule: list[str]
    thresholds: dict[str, float]
    claims: list[ClaimRow]
    citations: list[CitationRow]
    versions: dict[str, str]
