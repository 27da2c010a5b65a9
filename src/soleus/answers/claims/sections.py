"""The words of judged claims: all of them on one sheet, and what is behind each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from soleus.answers.answer import Answer
from soleus.answers.assumed import assumed_section, sources_section
from soleus.answers.claims.behind import behind, causes_table, evidence_table
from soleus.answers.claims.values import ClaimsResult
from soleus.report.section import (
    Cell,
    Chip,
    Column,
    Entries,
    Entry,
    Part,
    Points,
    Row,
    Section,
    Table,
    Text,
    Tone,
)
from soleus.schema.claim_rows import ClaimRow

__all__ = ["WORD_TONES", "legend", "told_claims"]

WORD_TONES: dict[str, Tone] = {
    "Yes": "good",
    "Partly": "good",
    "Researchers disagree": "warn",
    "Not settled": "warn",
    "Not found": "bad",
    "Measurements point the other way": "bad",
    "The paper says otherwise": "bad",
    "Nobody has measured it": "other",
    "Could not be checked": "neutral",
}
_OF_A_DESIGN = "of a design"
_LETTERS = (
    "F, A: direct, independent, primary findings for and against. P: chance that the words are true under"
    " a possible cause, fitted without any study cited for the claim."
)


def told_claims(result: ClaimsResult, *, claim: str | None = None) -> Answer[ClaimsResult]:
    """Return the answer: values, and what people read of them.

    Parameters
    ----------
    claim
        The one claim, or part, that the rows are of, told in full; None for the whole account.
    """
    told = result.account
    main = next((row for row in result.claims if row.id == told.main), None)
    verdict = told.answer.removesuffix("" if main is None else main.sentence).strip()
    sections = _whole(result) if claim is None else _one(result)
    if claim is None:
        title = f"{told.question} {verdict} (evidence of {told.dated})"
        headline: tuple[Text, ...] = (*((main.sentence,) if main else ()), *_headline(result))
    else:
        first = result.claims[0]
        title = f"{first.claim}  “{first.words}”"
        headline = tuple(_answer(row, named=bool(row.part)) for row in result.claims)
    sections += (assumed_section(result.numbers), sources_section(result.citations))
    return Answer("claims", title, headline, result, sections)


def _headline(result: ClaimsResult) -> Iterator[str]:
    rows = result.claims
    counts = {word: sum(row.word == word for row in rows) for word in WORD_TONES}
    said = [f"“{word}” {count}" for word, count in counts.items() if count]
    yield f"Of {len(rows)} statements of the article: {', '.join(said)}."
    yield legend(result)


def legend(result: ClaimsResult) -> str:
    """Return what the words of the sentences mean, and under which study the claims were judged."""
    seen = " The paper was seen in part." if result.account.seen_in_part else ""
    return (
        "Lifted: hind legs off the floor. This zone: the sub-ventricular zone. Studies: those collected here;"
        f" unchecked: in no source yet.{seen} Under {result.study}."
    )


def _answer(row: ClaimRow, *, named: bool = False) -> Text:
    chip = Chip(f"{row.word}.", WORD_TONES.get(row.word, "neutral"))
    return (f"{row.label}: " if named else "", chip, f" {row.sentence}")


def _whole(result: ClaimsResult) -> tuple[Section, ...]:
    return (
        Section("account", "The article, claim by claim", parts=(_sheet(result.claims),)),
        Section(
            "behind", "What is behind each verdict", parts=(_verdicts(result),), folded=True, brief=False
        ),
        _rule(result),
        Section(
            "tables",
            "Evidence and predictions as tables",
            parts=(evidence_table(result.claims), causes_table(result.claims)),
            folded=True,
            brief=False,
        ),
    )


def _sheet(rows: Sequence[ClaimRow]) -> Entries:
    entries = [
        Entry(claim if k == 0 else "", row.label, _answer(row))
        for claim, parts in groupby(rows, key=lambda row: row.claim)
        for k, row in enumerate(parts)
    ]
    return Entries(tuple(entries))


def _verdicts(result: ClaimsResult) -> Table:
    columns = (
        Column("claim", "claim"),
        Column("words", "the article says", face="wide"),
        Column("word", "is it so"),
        Column("sentence", "what is known", face="file"),
        Column("verdict", "verdict of the rule"),
        Column("value", "predicted", "number"),
        Column("unit", "in"),
    )
    rows = [_verdict(row) for row in result.claims]
    note = "Predicted: median and 95 %, fitted without any study that the claim cites."
    return Table("verdicts", "", columns, tuple(rows), note=note)


def _verdict(row: ClaimRow) -> Row:
    cells: dict[str, Cell] = {
        "claim": row.id,
        "words": row.words,
        "word": Chip(row.word, WORD_TONES.get(row.word, "neutral")),
        "sentence": row.sentence,
        "verdict": row.verdict,
        "value": row.value,
        "unit": f"{row.readout}, {'ratio' if row.value_scale == 'ratio' else row.unit}",
    }
    return Row(cells, more=(_sayings(row), *behind(row, folded=True)), id=f"claim-{row.id.replace('/', '-')}")


def _sayings(row: ClaimRow) -> Entries:
    return Entries((Entry("paper", "", row.primary), Entry("others", "", row.independent)))


def _one(result: ClaimsResult) -> tuple[Section, ...]:
    first = result.claims[0]
    said = Section("words", "What paper and others say", parts=(_sayings(first),))
    rows = [
        Section(
            f"behind-{row.id.replace('/', '-')}", f"Behind it: {row.label or row.claim}", parts=behind(row)
        )
        for row in result.claims
    ]
    return (said, *rows, _rule(result, design=first.kind == "design"))


def _rule(result: ClaimsResult, *, design: bool | None = None) -> Section:
    """Return the rule; of one claim only the lines that judge claims of its kind."""
    # A design has a rule of its own.
    lines = [line for line in result.rule if design is None or line.startswith(_OF_A_DESIGN) == design]
    thresholds = ", ".join(f"{name} {value:g}" for name, value in result.thresholds.items())
    parts: tuple[Part, ...] = (Points(tuple(lines)), Points((_LETTERS, f"Thresholds: {thresholds}.")))
    title = "The rule; its lines are tried in order"
    return Section("rule", title, parts=parts, folded=design is None, brief=design is not None)
