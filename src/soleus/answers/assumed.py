"""What every answer says of the numbers that it stands on, and of the works they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from soleus.report.names import sentence_case, unit_text
from soleus.report.numbers import figures3
from soleus.report.section import Chip, Code, Column, Link, Row, Section, Strong, Table, Text, Tone
from soleus.schema.run import Assumption, CitationRow

__all__ = ["assumed_section", "sources_section", "status_chip"]

_WORDS = {"provisional": "not yet checked"}
_TONES: Mapping[str, Tone] = MappingProxyType({"provisional": "warn", "checked": "good"})


def status_chip(status: str) -> Chip:
    """Return the state of a number in the words that people read."""
    return Chip(_WORDS.get(status, status), _TONES.get(status, "neutral"))


def assumed_section(numbers: Sequence[Assumption]) -> Section:
    """Return every number with its range, state, reason and source; what is not checked comes first."""
    loose = [n for n in numbers if n.status == "provisional"]
    ordered = [*loose, *(n for n in numbers if n.status != "provisional")]
    columns = (
        Column("label", "assumption"),
        Column("value", "value"),
        Column("range", "range"),
        Column("status", "status"),
        Column("reason", "reason"),
        Column("source", "source"),
    )
    lead = f"{len(loose)} of {len(numbers)} numbers are not yet checked in a source."
    table = Table("numbers", "", columns, tuple(_number_row(n) for n in ordered))
    return Section("numbers", "The numbers behind this", (lead,), (table,), folded=True, brief=False)


def _number_row(number: Assumption) -> Row:
    unit = unit_text(number.unit)
    bounds = None
    if number.low is not None and number.high is not None:
        bounds = f"{figures3(number.low)} to {figures3(number.high)}"
    return Row(
        {
            "label": sentence_case(number.label),
            "value": f"{figures3(number.value)} {unit}".strip(),
            "range": bounds,
            "status": status_chip(number.status),
            "reason": number.reason,
            "source": _source(number),
        },
        tone="warn" if number.status == "provisional" else "neutral",
    )


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
