"""Judged claims on a terminal: all of them on one screen in plain words, or one in full."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from soleus.cli.failures import printable
from soleus.report.numbers import claimed, figures3, ratio_text

if TYPE_CHECKING:
    from soleus.schema.claim_rows import ClaimRow, EvidenceRow
    from soleus.schema.claims import ClaimsResult
    from soleus.schema.values import Interval

__all__ = ["WORD_STYLES", "show_claim", "show_claims", "word_counts"]

WORD_STYLES = {
    "Yes": "bold green",
    "Partly": "green",
    "Researchers disagree": "yellow",
    "Not settled": "yellow",
    "Not found": "bold red",
    "Measurements point the other way": "bold red",
    "The paper says otherwise": "bold red",
    "Nobody has measured it": "cyan",
    "Could not be checked": "dim",
}
_NAMES = 16
_OF_A_DESIGN = "of a design"
_WIDEST = 110


def _console() -> Console:
    # What is shown are words of others: never markup, and no pictures made of ":word:".
    return Console(markup=False, emoji=False, highlight=False)


def show_claims(result: ClaimsResult, written: Path | None) -> None:
    """Show every claim and part: the verdict in plain words, and one sentence."""
    console = _console()
    told = result.account
    main = next((row for row in result.claims if row.id == told.main), None)
    answer = told.answer.removesuffix("" if main is None else main.sentence).strip()
    title = f"{told.question} {answer} (evidence of {told.dated})"
    console.print(Text(title, style="bold"))
    console.print(_sheet(result.claims, width=min(console.width, _WIDEST)))
    seen = " The paper was seen in part." if told.seen_in_part else ""
    legend = (
        "Lifted: hind legs off the floor. This zone: the sub-ventricular zone. Studies: those collected here;"
    )
    legend += f" unchecked: in no source yet.{seen} Under {result.study}."
    ask = f"In full: soleus claims {told.main.partition('/')[0]}."
    if written is None:
        ask += " Page: soleus claims --out FOLDER"
    console.print(Text(f"{legend} {ask}", style="dim"))
    if written is not None:
        show_written(result, written)


def show_written(result: ClaimsResult, written: Path) -> None:
    """Show where the page is."""
    page = written / result.files["page"]
    _console().print(Text.assemble(("page ", "bold"), printable(page)), soft_wrap=True)


def _sheet(rows: Iterable[ClaimRow], *, width: int) -> Table:
    grid = Table.grid(padding=0)
    grid.width = width
    grid.add_column(width=_NAMES, no_wrap=True)
    grid.add_column(overflow="fold")
    for claim, parts in groupby(rows, key=lambda row: row.claim):
        for k, row in enumerate(parts):
            grid.add_row(_name(claim if k == 0 else "", row.label), _told(row))
    return grid


def _name(claim: str, label: str) -> Text:
    lines = textwrap.wrap(label, _NAMES - 2)
    text = Text(claim, style="bold")
    for line in lines:
        text.append(("\n" if text.plain else "") + f" {line}", style="not bold")
    return text


def _told(row: ClaimRow) -> Text:
    return Text.assemble((f"{row.word}.", WORD_STYLES.get(row.word, "")), f" {row.sentence}")


def word_counts(rows: Sequence[ClaimRow]) -> Text:
    """Return how often each plain word stands, in the order of the words."""
    counts = {word: sum(row.word == word for row in rows) for word in WORD_STYLES}
    text = Text()
    for word, count in counts.items():
        if count:
            text.append(", " if text.plain else "")
            text.append(f"{count} {word[:1].lower()}{word[1:]}", style=WORD_STYLES[word])
    return text


def show_claim(result: ClaimsResult, rows: Sequence[ClaimRow], written: Path | None) -> None:
    """Show one claim in full: words, evidence, what the possible causes predict, and the rule."""
    console = _console()
    first = rows[0]
    console.print(Text.assemble((first.claim, "bold"), f"  “{first.words}”"))
    for row in rows:
        console.print(Text.assemble((f"{row.label}: " if row.part else "", "bold"), _told(row)))
    console.print(f"paper: {first.primary}")
    console.print(f"others: {first.independent}")
    for row in rows:
        console.print()
        console.print(Text(f"Behind it: {row.label or row.claim}", style="bold"))
        console.print(Padding(_evidence(row.evidence), (0, 0, 0, 2)))
        console.print(Padding(_technical(row), (0, 0, 0, 2)))
    console.print()
    console.print(Text("The rule; its lines are tried in order", style="bold"))
    for line in result.rule:
        # A design has a rule of its own.
        if line.startswith(_OF_A_DESIGN) != (first.kind == "design"):
            continue
        console.print(Padding(line, (0, 0, 0, 2)))
    console.print(
        "F, A: direct, independent, primary findings for and against. P: chance that the words are true under"
        " a possible cause, fitted without any study cited for the claim."
    )
    thresholds = ", ".join(f"{name} {value:g}" for name, value in result.thresholds.items())
    console.print(f"Thresholds: {thresholds}.")
    if written is not None:
        show_written(result, written)
        console.print(Text("The page shows all claims.", style="dim"))


def _evidence(entries: Sequence[EvidenceRow]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        grid.add_column(overflow="fold")
    for e in entries:
        link = e.doi or e.url or "no DOI known"
        loose = " Not yet checked in a source." if e.status == "provisional" else ""
        sign = "for" if e.stance == "supports" else "against"
        grid.add_row(f"{sign}, {e.relation}", f"{e.source}\n{link}", f"{e.reason}{loose}")
    return grid


def _technical(row: ClaimRow) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    inputs = ", ".join(
        f"P at most {value:.2g}" if name == "max_p" else f"{name} = {value:.2g}"
        for name, value in row.inputs.items()
    )
    grid.add_row("verdict", f"{row.verdict}; {row.grade}; {inputs}")
    grid.add_row("true if", f"{row.readout}: {claimed(row.claimed)}. {row.claimed.reason}")
    grid.add_row("predicted", _value(row, row.value))
    if row.value_scale == "ratio":
        grid.add_row("with all", f"{_value(row, row.informed)}; every source used, so it judges nothing")
    if lines := _by_cause(row):
        grid.add_row("causes", "\n".join(lines))
    grid.add_row("note", row.note)
    return grid


def _value(row: ClaimRow, value: Interval) -> str:
    ratio = row.value_scale == "ratio"
    write = ratio_text if ratio else figures3
    middle, low, high = (write(x) for x in (value.value, value.low, value.high))
    level = "range" if value.level == 1.0 else f"{100 * value.level:g} %"
    said = f"{row.readout}: ratio {middle}" if ratio else f"{row.readout}: {middle} {row.unit}"
    return said if middle == low == high else f"{said} ({level}: {low} to {high})"


def _by_cause(row: ClaimRow) -> list[str]:
    """Return one line for each possible cause, the most favourable first."""
    intervals = {by.mechanism_set: by.interval for by in row.by_mechanism}
    chances = row.probability_by_mechanism
    lines = []
    for name in sorted(intervals | chances, key=lambda name: -chances.get(name, 0.0)):
        line = f"P {chances[name]:.2f}  {name}" if name in chances else name
        if name in row.uninformed:
            line += ", which no other study informs"
        if name in intervals and row.value_scale == "ratio":
            one = intervals[name]
            value, low, high = (ratio_text(x) for x in (one.value, one.low, one.high))
            line += f": ratio {value}" + ("" if value == low == high else f" ({low} to {high})")
        lines.append(line)
    return lines
