"""What changes of cell behaviour do to read-outs, and what tells them apart: the values of ``soleus panel``.

Plain data with a version. A cause is a change of one quantity of cell behaviour; a statistic is a number per
animal that groups are compared in; a mark is what a cause does to a statistic. All changes are of the
changed group against resting animals.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from soleus.answers.answer import AnswerValues
from soleus.schema.values import ResultModel

__all__ = ["PanelCause", "PanelMark", "PanelResult", "PanelSeparation", "PanelStatistic"]


class PanelCause(ResultModel):
    """One change of cell behaviour, and the strength at which it is told from the others."""

    name: str
    label: str
    quantity: str = Field(description="what changes")
    told_at: float = Field(description="factor on the quantity at which the cause is told from the others")
    leading_log_ratio: float = Field(description="change of the leading read-out at that factor")
    leading_percent: float = Field(description="the same in per cent")
    reaches_fall: bool = Field(description="whether the leading read-out falls as far as asked")


class PanelStatistic(ResultModel):
    """One number per animal: the log total of a count, or the log odds of a share."""

    name: str
    label: str
    scale: Literal["log ratio", "log odds ratio"] = Field(description="what its changes are")


class PanelMark(ResultModel):
    """What a cause, at the factor shown, does to a statistic."""

    cause: str
    statistic: str
    change: float = Field(description="log ratio or log odds ratio")
    percent: float | None = Field(description="change of a count in per cent; None for a share")
    odds_ratio: float | None = Field(description="odds ratio of a share; None for a count")
    signal: float = Field(
        description="change in standard errors of the difference of two groups of the given size"
    )


class PanelSeparation(ResultModel):
    """What it takes to tell two causes apart."""

    first: str
    second: str
    panel: list[str] | None = Field(description="smallest set of statistics; None: not even all of them")
    animals: float = Field(description="animals a group with which it, or all statistics together, would do")
    words: str


class PanelResult(AnswerValues):
    """Marks of all causes of a lineage on a panel of read-outs, and the smallest panel for each pair."""

    schema_version: Literal["soleus.panel/2"] = "soleus.panel/2"
    panel: str
    label: str
    lineage: str
    day: float = Field(description="days since the change began")
    factor: float = Field(description="factor on each cause's quantity at which marks are shown")
    fall: float = Field(description="share by which the leading read-out falls where causes are told apart")
    animals: int = Field(description="animals per group")
    leading: str = Field(description="name of the leading statistic")
    causes: list[PanelCause]
    statistics: list[PanelStatistic]
    marks: list[PanelMark] = Field(description="each cause with each statistic, in order")
    separations: list[PanelSeparation] = Field(description="each pair of causes")
    provisional: int = Field(description="how many of the numbers are provisional")
    assumptions: list[str] = Field(description="what is assumed, in words")
