"""What every answer says of the numbers that it stands on, and of the works they come from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from soleus.report.names import sentence_case, unit_text
from soleus.report.numbers import figures3
from soleus.report.section import Chip, Code, Column, Link, Points, Row, Section, Strong, Table, Text, Tone
from soleus.schema.values import Assumption, CitationRow

__all__ = ["assumed_section", "sources_section", "status_chip"]

_NAMED = 3
_WORDS = {"provisional": "not yet checked"}
_TONES: Mapping[str, Tone] = MappingProxyType({"provisional": "warn", "checked": "good"})


def status_chip(status: str) -> Chip:
    """Return the state of a number in the words that people read."""
    return Chip(_WORDS.get(status, status), _TONES.get(status, "neutral"))


def assumed_section(
    numbers: Sequence[Assumption], groups: Sequence[tuple[str, Sequence[Assumption]]] = ()
) -> Section:
    """Return every number with its range, state, reason and source; what is not checked comes first.

    Parameters
    ----------
    groups
        Headings with the numbers under each; without any, all stand in one table.
    """
    loose = sum(n.status == "provisional" for n in numbers)
    lead = f"{loose} of {len(numbers)} numbers are not yet checked in a source."
    tables = [_numbers(f"numbers-{_slug(title)}", title, rows) for title, rows in groups]
    parts = tuple(tables) or (_numbers("numbers", "", numbers),)
    return Section("numbers", "The numbers behind this", (lead,), parts, folded=True, brief=False)


def _numbers(name: str, title: str, numbers: Sequence[Assumption]) -> Table:
    ordered = sorted(numbers, key=lambda n: n.status != "provisional")
    alike: dict[Assumption, list[str]] = {}
    for n in ordered:
        # Rows that say the same of several things stand as one.
        alike.setdefault(n.model_copy(update={"name": "", "label": ""}), []).append(n.label)
    columns = (
        Column("label", "assumption"),
        Column("value", "value"),
        Column("range", "range"),
        Column("status", "status"),
        Column("reason", "reason"),
        Column("source", "source"),
    )
    rows = tuple(_number_row(n, labels) for n, labels in alike.items())
    heading = f"{title} ({len(numbers)})" if title else ""
    return Table(name, heading, columns, rows, folded=bool(title))


def _slug(title: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", title.lower()))


def _number_row(number: Assumption, labels: Sequence[str]) -> Row:
    unit = unit_text(number.unit)
    bounds = None
    if number.low is not None and number.high is not None:
        bounds = f"{figures3(number.low)} to {figures3(number.high)}"
    return Row(
        {
            "label": sentence_case(_label(labels)),
            "value": f"{figures3(number.value)} {unit}".strip(),
            "range": bounds,
            "status": status_chip(number.status),
            "reason": number.reason,
            "source": _source(number),
        },
        more=(Points(tuple(labels)),) if len(labels) > _NAMED else (),
        tone="warn" if number.status == "provisional" else "neutral",
    )


def _label(labels: Sequence[str]) -> str:
    """Name what a row is about: all of few things, or what many have in common."""
    if len(labels) <= _NAMED:
        return "; ".join(labels)
    ends = {label.rpartition(": ")[2] for label in labels}
    what = next(iter(ends)) if len(ends) == 1 else labels[0]
    return f"{what}, {len(labels)} of them alike" if len(ends) == 1 else f"{what} and {len(labels) - 1} more"


def _source(number: Assumption) -> Text:
    if number.doi:
        return Link(number.source or number.doi, f"https://doi.org/{number.doi}")
    if number.citation:
        return (Link(number.source or number.citation, f"#ref-{number.citation}"), f" {number.no_doi or ''}")
    return number.no_doi or number.source or "our estimate"


def sources_section(citations: Sequence[CitationRow]) -> Section:
    """Return the works that were used and what for, and their BibTeX."""
    rows = tuple(
        Row(
            {
                "work": (f"{c.authors} ({c.year or 'n.d.'}). ", Strong(c.title)),
                "doi": None if c.doi is None else Link(f"doi:{c.doi}", f"https://doi.org/{c.doi}"),
                "used_for": "; ".join(c.reasons),
            },
            id=f"ref-{c.key}",
        )
        for c in citations
    )
    columns = (Column("work", "work"), Column("doi", "DOI"), Column("used_for", "used for"))
    bibtex = "\n\n".join(c.bibtex for c in citations)
    parts = (Table("sources", "", columns, rows), Code("bibtex", "BibTeX of exactly these works", bibtex))
    return Section("sources", "Sources", parts=parts, folded=True, brief=False)
