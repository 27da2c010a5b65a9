"""What is behind a verdict: evidence, what possible causes predict, and the rule's inputs."""

from __future__ import annotations

from collections.abc import Sequence

from soleus.report.numbers import claimed, figures3, ratio_text
from soleus.report.section import (
    Cell,
    Chip,
    Column,
    Details,
    Entries,
    Entry,
    Link,
    Part,
    Points,
    Row,
    Table,
    Text,
)
from soleus.schema.claim_rows import ClaimRow, EvidenceRow
from soleus.schema.values import Interval

__all__ = ["behind", "causes_table", "evidence_table"]

_COPIED = (
    "relation", "reason", "readout", "niche", "species", "day", "direction", "log_ratio", "status", "doi",
    "url",
)  # fmt: skip
_PREDICTED = "What each possible cause predicts"


def behind(row: ClaimRow, *, folded: bool = False) -> tuple[Part, ...]:
    """Return everything behind one row: its evidence, its technical terms, and each possible cause.

    Parameters
    ----------
    folded
        Whether the causes, which are many, are shown only when asked for.
    """
    causes = tuple(_by_cause(row))
    parts: list[Part] = [
        Points(tuple(_told(e) for e in row.evidence)),
        Entries(tuple(Entry(name, "", what) for name, what in _terms(row))),
    ]
    if causes and folded:
        parts.append(Details(_PREDICTED, (Points(causes),)))
    elif causes:
        parts.append(Points(causes))
    return tuple(parts)


def _told(e: EvidenceRow) -> Text:
    loose = " Not yet checked in a source." if e.status == "provisional" else ""
    return (_sign(e), f", {e.relation}: ", _source(e), f" ({_address(e)}): {e.reason}{loose}")


def _sign(e: EvidenceRow) -> Chip:
    return Chip("for", "good") if e.stance == "supports" else Chip("against", "bad")


def _source(e: EvidenceRow) -> Link | str:
    return Link(e.source, e.url) if e.url else e.source


def _address(e: EvidenceRow) -> str:
    return e.doi or e.url or "no DOI known"


def _terms(row: ClaimRow) -> list[tuple[str, Text]]:
    inputs = ", ".join(
        f"P at most {value:.2g}" if name == "max_p" else f"{name} = {value:.2g}"
        for name, value in row.inputs.items()
    )
    terms: list[tuple[str, Text]] = [
        ("verdict", f"{row.verdict}; {row.grade}; {inputs}"),
        ("true if", f"{row.readout}: {claimed(row.claimed)}. {row.claimed.reason}"),
        ("predicted", _value(row, row.value)),
    ]
    if row.value_scale == "ratio":
        informed = f"{_value(row, row.informed)}; every source used, so it judges nothing"
        terms.append(("with all", informed))
    return [*terms, ("note", row.note)]


def _value(row: ClaimRow, value: Interval) -> str:
    ratio = row.value_scale == "ratio"
    write = ratio_text if ratio else figures3
    middle, low, high = (write(x) for x in (value.value, value.low, value.high))
    level = "range" if value.level == 1.0 else f"{100 * value.level:g} %"
    said = f"{row.readout}: ratio {middle}" if ratio else f"{row.readout}: {middle} {row.unit}"
    return said if middle == low == high else f"{said} ({level}: {low} to {high})"


def _causes(row: ClaimRow) -> list[str]:
    """Return the possible causes of a row, the most favourable first."""
    chances = row.probability_by_mechanism
    names = {by.mechanism_set for by in row.by_mechanism} | set(chances)
    order = [by.mechanism_set for by in row.by_mechanism]
    return sorted(sorted(names, key=order.index), key=lambda name: -chances.get(name, 0.0))


def _by_cause(row: ClaimRow) -> list[str]:
    """Return one line for each possible cause."""
    intervals = {by.mechanism_set: by.interval for by in row.by_mechanism}
    chances = row.probability_by_mechanism
    lines = []
    for name in _causes(row):
        line = f"P {chances[name]:.2f}  {name}" if name in chances else name
        if name in row.uninformed:
            line += ", which no other study informs"
        if name in intervals and row.value_scale == "ratio":
            one = intervals[name]
            value, low, high = (ratio_text(x) for x in (one.value, one.low, one.high))
            line += f": ratio {value}" + ("" if value == low == high else f" ({low} to {high})")
        lines.append(line)
    return lines


def evidence_table(rows: Sequence[ClaimRow]) -> Table:
    """Return every finding that bears on a claim, one a row."""
    columns = (
        Column("claim", "claim"),
        Column("stance", "speaks"),
        Column("relation", "bears on it"),
        Column("source", "source"),
        Column("reason", "what it says"),
        Column("readout", "read-out", face="file"),
        Column("niche", "niche", face="file"),
        Column("species", "animals", face="file"),
        Column("day", "day", "day", face="file"),
        Column("direction", "direction", face="file"),
        Column("log_ratio", "log ratio", "number", face="file"),
        Column("status", "status", face="file"),
        Column("doi", "DOI", face="file"),
        Column("url", "address", face="file"),
    )
    table = tuple(_evidence(row, e) for row in rows for e in row.evidence)
    return Table("evidence", "Every finding that bears on a claim", columns, table, folded=True)


def _evidence(row: ClaimRow, e: EvidenceRow) -> Row:
    cells: dict[str, Cell] = {name: getattr(e, name) for name in _COPIED}
    return Row({"claim": row.id, "stance": _sign(e), "source": _source(e), **cells})


def causes_table(rows: Sequence[ClaimRow]) -> Table:
    """Return what each possible cause predicts for each claim, one a row."""
    columns = (
        Column("claim", "claim"),
        Column("cause", "possible cause"),
        Column("probability", "chance that the words are true", "probability"),
        Column("value", "predicted", "number"),
        Column("unit", "in"),
        Column("informed", "informed by another study"),
    )
    table: list[Row] = []
    for row in rows:
        intervals = {by.mechanism_set: by.interval for by in row.by_mechanism}
        unit = f"{row.readout}, {'ratio' if row.value_scale == 'ratio' else row.unit}"
        for name in _causes(row):
            cells: dict[str, Cell] = {
                "claim": row.id,
                "cause": name,
                "probability": row.probability_by_mechanism.get(name),
                "value": intervals.get(name),
                "unit": unit,
                "informed": "no" if name in row.uninformed else "yes",
            }
            table.append(Row(cells))
    return Table("causes", _PREDICTED, columns, tuple(table), folded=True)
