"""Rows of judged claims, the evidence behind them, and what a lay reader is told of the account."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from soleus.schema.values import Interval, ResultModel

__all__ = ["Account", "ClaimRow", "ClaimedInterval", "DividingCells", "EvidenceRow", "IntervalBy", "ToldBy"]


class IntervalBy(ResultModel):
    """A prior-predicted ratio of a read-out under one mechanism set (or all, averaged)."""

    mechanism_set: str
    interval: Interval


class ClaimedInterval(ResultModel):
    """The values of the read-out under which the words of a claim would be true; bounds included."""

    scale: Literal["log_ratio", "ratio", "value"]
    low: float | None
    high: float | None
    reason: str


class EvidenceRow(ResultModel):
    """One finding that bears on a claim, and where it is from."""

    id: str
    relation: Literal["direct", "other-readout", "indirect", "the paper", "review", "press"]
    stance: Literal["supports", "opposes"]
    told: bool = Field(description="whether the sentence of the row tells of it")
    found: str = Field(description="in words, put together from the entry")
    reason: str
    readout: str | None
    niche: str | None
    species: str
    day: float | None
    direction: str | None
    log_ratio: float | None
    value: float | None = Field(description="what the paper states, for claims on its design")
    status: str
    citation: str
    source: str = Field(description="author and year")
    doi: str | None
    url: str | None
    no_doi: str | None = Field(description="why there is no DOI, in words")


class ToldBy(ResultModel):
    """The same thing as the paper, the press release and the article tell it; None where one does not."""

    paper: str | None
    press: str | None
    article: str | None


class ClaimRow(ResultModel):
    """One claim of the account, or one part of it, judged by the rule."""

    id: str = Field(description="CLAIM, or CLAIM/PART where it is judged in parts")
    claim: str
    part: str | None
    kind: Literal["design", "finding", "mechanism", "general"]
    words: str
    quote: str = Field(description="the shortest wording of the account")
    label: str = Field(description="what the claim or part says, in a few words")
    word: str = Field(description="the verdict in plain words")
    sentence: str = Field(description="what there is to be said, in one plain sentence")
    situation: str = Field(description="what the sentence was put together for")
    source: str
    primary: str = Field(description="what the primary paper says")
    independent: str = Field(description="what independent studies say")
    readout: str
    value: Interval = Field(description="predicted without any work that the claim cites; it is judged")
    informed: Interval = Field(description="predicted with every source, cited ones too; judges nothing")
    value_scale: Literal["ratio", "cells", "index", "groups", "days"] = "ratio"
    unit: str
    claimed: ClaimedInterval
    by_mechanism: list[IntervalBy]
    probability_by_mechanism: dict[str, float]
    uninformed: list[str] = Field(
        description="sets that no other study informs; their probabilities judge nothing"
    )
    grade: str
    verdict: str = Field(description="the technical verdict of the rule")
    called: str = Field(description="that verdict as a reader is told of it")
    rule_line: str
    inputs: dict[str, float]
    note: str
    evidence: list[EvidenceRow] = Field(description="the most telling first")
    told_by: ToldBy | None = Field(description="None where the paper, press and article tell the same")
    citations: list[str]


class DividingCells(ResultModel):
    """How many of the dividing cells of the zone are stem cells in an undisturbed mouse."""

    stem_share: float
    age_days: float


class Account(ResultModel):
    """What a lay reader is told of the whole account."""

    main: str = Field(description="id of the row that answers the question")
    question: str
    answer: str
    people: str
    about: str
    paper: str = Field(description="author and year of the paper that the account retells")
    paper_url: str | None
    zone: str
    dated: str = Field(description="the day of the evidence in the catalogue, ISO 8601")
    seen_in_part: bool = Field(description="whether only a part of the paper could be read")
    dividing: DividingCells | None
