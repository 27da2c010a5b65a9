"""The article, claim by claim: what it says, and what is true of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from soleus.answers.claims.lay_page import PAGE as ARTICLE
from soleus.answers.run.figures.claims import claims_figure
from soleus.answers.run.names import Names
from soleus.answers.run.values import RunResult
from soleus.report.numbers import claimed, figures3, on_scale
from soleus.report.section import (
    Column,
    Details,
    Facts,
    Link,
    Part,
    Points,
    Row,
    Section,
    Strong,
    Table,
    Text,
)
from soleus.schema.claim_rows import ClaimRow, EvidenceRow

__all__ = ["claims_section"]

_RULE = (
    "F and A count the independent, direct, primary entries for and against the claim's read-out. P is the "
    "predicted probability of the claimed range under one possible cause, fitted without any study that the "
    "claim cites. The first line that holds decides."
)


def claims_section(result: RunResult) -> Section:
    """Return the judged claims, each with what unfolds beneath it."""
    names = Names.of(result)
    counts = Counter(row.word for row in result.claims).most_common()
    tally = ", ".join(f"{count} {word[:1].lower()}{word[1:]}" for word, count in counts)
    lead = (
        f"Of {len(result.claims)} statements: {tally}.",
        (
            Link("The same on one page, for everybody", ARTICLE),
            "; on a terminal: soleus claims, and soleus claims CLAIM for one in full.",
        ),
    )
    columns = (
        Column("claim", "claim"),
        Column("says", "the article says"),
        Column("word", "verdict", strong=True),
        Column("true", "what is true of it"),
    )
    rows = tuple(_row(row, names) for row in result.claims)
    figure = claims_figure(result)
    inside: tuple[Part, ...] = () if figure is None else (figure,)
    parts = (
        Table("claims", "", columns, rows),
        Details("Predictions, and the rule", (*inside, *_rule(result))),
    )
    return Section("claims", "The article, claim by claim", lead, parts, brief=False)


def _row(row: ClaimRow, names: Names) -> Row:
    says = f"“{row.quote}”" + (f" ({row.label})" if row.label else "")
    cells = {"claim": row.id, "says": says, "word": f"{row.word}.", "true": row.sentence}
    evidence = tuple(map(_evidence, row.evidence))
    more: tuple[Part, ...] = (Facts(tuple(_facts(row, names))),)
    if evidence:
        more = (*more, Points(evidence))
    return Row(cells, more, id=f"claim-{row.id.replace('/', '-')}")


def _facts(row: ClaimRow, names: Names) -> Iterator[tuple[str, Text]]:
    inputs = ", ".join(
        f"{name.replace('_', ' ').replace('max p', 'max P')} = {figures3(value)}"
        for name, value in row.inputs.items()
    )
    yield "verdict of the rule", f"{row.called}; {row.grade}" + (f"; {inputs}" if inputs else "")
    yield "the words in full", f"“{row.words}”"
    yield "the paper", row.primary
    yield "independent studies", row.independent
    what = f"{names.readout(row.readout)} {claimed(row.claimed)}. {row.claimed.reason}"
    yield "what would make it true", what
    predicted = on_scale(row.value, row.value_scale)
    informed = on_scale(row.informed, row.value_scale)
    yield (
        "predicted without the works cited here",
        f"{predicted}; with every source {informed}, which judges nothing",
    )
    if row.note:
        yield "note", names.prose(row.note).replace(">=", "≥")


def _evidence(entry: EvidenceRow) -> Text:
    stance = "for" if entry.stance == "supports" else "against"
    unchecked = " (not yet checked in a source)" if entry.status == "provisional" else ""
    href = entry.url if entry.url and entry.url.startswith("https://") else f"#ref-{entry.citation}"
    return (Strong(stance), f", {entry.relation}: ", Link(entry.source, href), f": {entry.reason}{unchecked}")


def _rule(result: RunResult) -> Iterator[Part]:
    if result.verdict_rule:
        lines = (line.replace(">=", "≥").replace("<=", "≤") for line in result.verdict_rule)
        thresholds = ", ".join(
            f"{name.replace('_', ' ')} {figures3(value)}" for name, value in result.verdict_thresholds.items()
        )
        yield Points((_RULE, *lines, f"Thresholds: {thresholds}."), "The rule")
