"""All claims of the account, judged: the object behind ``soleus claims --json``."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from soleus.schema.claim_rows import Account, ClaimRow
from soleus.schema.values import CitationRow

__all__ = ["ClaimsResult"]


class ClaimsResult(BaseModel):
    """Verdicts on every row of the account under one study."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: Literal["soleus.claims/2"] = "soleus.claims/2"
    study: str
    account: Account
    rule: list[str]
    thresholds: dict[str, float]
    claims: list[ClaimRow]
    citations: list[CitationRow]
    versions: dict[str, str]
    files: dict[str, str] = Field(
        default_factory=dict, description="what was written, relative to its folder"
    )
