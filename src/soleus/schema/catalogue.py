"""What the catalogue holds, and what is wrong with it: the objects behind ``soleus catalogue ... --json``."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["CatalogueItem", "CatalogueResult", "CheckProblem", "CheckResult"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class CatalogueItem(_Model):
    """One entry: its kind, name, a line of words, its status, its source, and all its fields as text."""

    kind: str
    name: str
    label: str
    status: str | None
    citation: str | None
    doi: str | None
    fields: dict[str, str]


class CatalogueResult(_Model):
    """Entries of the catalogue."""

    schema_version: Literal["soleus.catalogue/1"] = "soleus.catalogue/1"
    items: list[CatalogueItem]


class CheckProblem(_Model):
    """A reference of the catalogue that leads nowhere."""

    where: str
    message: str


class CheckResult(_Model):
    """The check of the catalogue: its broken references."""

    schema_version: Literal["soleus.check/2"] = "soleus.check/2"
    problems: list[CheckProblem] = Field(description="references that lead nowhere")
