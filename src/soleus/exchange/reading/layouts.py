"""Tables that are not one animal a row: a column for each group, an animal or section across, transposed.

The fault: the commonest table of all, one column a group, is a dead end; so are animals across and a header
of two rows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from soleus.exchange.readers.headers import header_of, letters, split_unit
from soleus.exchange.readers.joined import JOINER, is_unit
from soleus.exchange.readers.mapping import Constants, ValueKind, Values
from soleus.exchange.readers.prepare import grouped_columns, melted
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.raw import RawTable
from soleus.exchange.readers.vocabulary import COUNT_WORDS, EXTENT, REGIONS, SHARES, STATISTICS
from soleus.exchange.reading.by_content import dated
from soleus.exchange.reading.draft import Draft, quoted_names
from soleus.exchange.reading.value_parts import title_of
from soleus.exchange.reading.view import View
from soleus.exchange.reading.who import control_like, image_like

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["animals_across", "groups_across", "other_kind", "transposed"]

_GENES = 200


def other_kind(raw: RawTable) -> None:
    """Refuse files that are no tables of animals, in one sentence.

    Raises
    ------
    InputError
        A single column, or a matrix of genes.
    """
    named = [name for name in raw.header if any(cell is not None for cell in raw.cells(name))]
    if len(named) < 2:
        raise raw.refusal(
            "has one column, and effects need animals, groups and values; give a table with a column for each"
        )
    _summaries_alone(raw)
    _genes(raw)
    if len(raw) < _GENES:
        return
    view = View(raw)
    roles = {header_of(name).role for name in raw.header}
    first = view[raw.header[0]]
    numeric = sum(view[name].numeric for name in raw.header[1:])
    if (
        len(first.words) == len(raw)
        and not first.numeric
        and numeric >= 3
        and not roles & {"animal", "group"}
    ):
        if numeric >= len(raw.header) - 3 and header_of(raw.header[0]).role != "readout":
            raise raw.refusal(
                f"is a matrix of {len(raw):,} rows such as {first.words[0]!r} and {numeric} samples, as"
                f" of genes; soleus"
                " analyses tables of animals: give the read-outs of interest with one animal a row"
            )


_NOT_ANIMALS = frozenset(
    "gene genes gen geneid genesymbol genename symbol ensembl ensemblid ensemblgeneid transcript transcriptid"
    " probe probes probeid probeset probesetid peptide peptides peptid protein proteins proteine proteina otu"
    " otuid asv asvid metabolite metabolit metabolita taxon taxa lipid gensymbol gena".split()
)
_ACCESSION = re.compile(r"ENS[A-Z]*[GTP]\d{6,}(\.\d+)?|[NX][MRP]_\d{5,}(\.\d+)?|\d+_(?:[a-z]_)?at")
_SAMPLES = re.compile(r"(GSM|SRR|ERR|SAMN|SAMEA)\d*", re.IGNORECASE)


def _genes(raw: RawTable) -> None:
    """Refuse a matrix whose rows are genes, proteins or taxa and whose columns are samples."""
    view = View(raw)
    first = view[raw.header[0]]
    others = [name for name in raw.header[1:] if view[name].numeric]
    rows = len(first.words) == len(raw) and len(raw) > 3 and not first.numeric
    if not rows or len(others) < 3 or any(header_of(n).role in ("animal", "group") for n in raw.header[1:]):
        return
    named = letters(first.name) in _NOT_ANIMALS
    known = 2 * sum(_ACCESSION.fullmatch(word) is not None for word in first.words) > len(first.words)
    if named or known or all(_SAMPLES.fullmatch(name) for name in others):
        raise raw.refusal(
            f"is a matrix of {len(raw):,} rows such as {first.words[0]!r} and {len(others)} samples, as of"
            " genes; soleus analyses tables of animals: give the read-outs of interest with one animal a row"
        )


def _summaries_alone(raw: RawTable) -> None:
    """Refuse a table of means with their errors: the animals cannot be brought back from them."""
    view = View(raw)
    numeric = [n for n in raw.header if view[n].numeric]
    found = [STATISTICS.get(letters(n)) for n in numeric]
    others = [n for n in raw.header if n not in numeric]
    errors = {"sd", "sem"} & set(found)
    if (
        numeric
        and None not in found
        and "mean" in found
        and errors
        and all(len(view[n].words) == len(raw) for n in others)
    ):
        raise raw.refusal(
            "holds means with their SD or SEM, one row a group: the animals' values cannot be told from"
            " them, so that no"
            " analysis by animal is possible; take the table with the animals"
        )


def transposed(raw: RawTable) -> RawTable | None:
    """Turn a table with a column for each animal and the group in a row; None where it is none."""
    if len(raw.header) < 5 or len(raw) < 2:
        return None
    titles = raw.cells(raw.header[0])
    words = [cell for cell in titles if isinstance(cell, str)]
    if len(words) < len(titles) or len(set(words)) < len(words):
        return None
    roles = [header_of(word).role for word in words]
    if "group" not in roles or any(header_of(name).role == "group" for name in raw.header):
        return None
    header = [raw.header[0] if header_of(raw.header[0]).role == "animal" else "animal", *words]
    rows = []
    for place, name in enumerate(raw.header[1:], 1):
        rows.append((name, *(row[place] for row in raw.rows)))
    return RawTable(
        source=raw.source,
        header=header,
        rows=[tuple(_number(cell) for cell in row) for row in rows],
        row_numbers=range(2, len(rows) + 2),
        sheet=raw.sheet,
        notes=(*raw.notes, "each column is an animal: the table was turned, rows are its columns"),
        decimal=raw.decimal,
    )


def _number(cell: str | float | None) -> str | float | None:
    return cell


def groups_across(draft: Draft) -> bool:
    """Read one column a group, one animal a row, where the user says so; ask where it looks like one."""
    raw = draft.raw
    roles = {header_of(name).role for name in raw.header if not header_of(name).weak}
    said = draft.answers.said("layout", ("group-per-column", "readout-per-column"))
    if said is None:
        if roles & {"animal", "group"} or any(JOINER in name for name in raw.header):
            return False
        columns = grouped_columns(raw)
        texts = [
            name for name in raw.header if name not in columns and any(c is not None for c in raw.cells(name))
        ]
        if len(columns) < 2 or len(texts) > 1 or _measured(columns) or _named(draft, columns, texts):
            return False
        if (
            texts
            and roles & {"time", "region", "section", "field", "factor", "side"}
            and not any(map(control_like, columns))
        ):
            return False
        said = draft.answers.ask(_question(raw, columns, texts))
        if said is None:
            said = "group-per-column"
    if said != "group-per-column":
        return False
    draft.layout = said
    draft.view = View(melted(raw))
    draft.columns.update(group="group", animal="animal")
    for name in ("group", "animal"):
        draft.read(name, name, "each column is a group, each of its rows an animal", "confirmed")
    draft.notes.append(
        f"each column is a group ({quoted_names(grouped_columns(raw))}), each of its rows one animal"
    )
    return True


def _named(draft: Draft, columns: list[str], texts: list[str]) -> bool:
    """Tell whether rows are images, or a column holds dates: then columns are no groups."""
    return any(image_like(draft.view, name) for name in texts) or any(
        dated(draft.view[n].words) for n in columns
    )


def _measured(columns: Sequence[str]) -> bool:
    """Tell headers that name read-outs: units, counts, regions."""
    named = 0
    for name in columns:
        header = header_of(name)
        words = set(header.words)
        if words & {"control", "ctrl", "kontrolle"}:
            continue
        known = header.unit is not None and not header.unit.lower().startswith("n=")
        named += bool(
            known or words & COUNT_WORDS or words & SHARES or words & EXTENT or letters(name) in REGIONS
        )
    return 2 * named > len(columns)


def _question(raw: RawTable, columns: list[str], texts: list[str]) -> Question:
    shown = columns[:4]
    rows = [tuple(_cell(raw.cells(name)[k]) for name in shown) for k in range(min(3, len(raw)))]
    return Question(
        id="layout",
        about="layout",
        text=(
            f"no column names animal or group. Is each column a group ({quoted_names(columns)}), and"
            f" each of its"
            f" rows an animal? (also: --layout group-per-column)"
        ),
        choices=(
            Choice("group-per-column", f"{len(columns)} groups of up to {len(raw)} animals"),
            Choice(
                "readout-per-column",
                "each column is a read-out; a column of animals and one of groups is missing",
            ),
        ),
        head=tuple(shown),
        examples=tuple(rows),
    )


def _cell(cell: str | float | None) -> str:
    return "" if cell is None else f"{cell:.15g}" if isinstance(cell, float) else cell


_WORDS = frozenset("value wert messwert values sem sd mean count".split()) | COUNT_WORDS | EXTENT | SHARES


def animals_across(draft: Draft) -> bool:
    """Read headers such as "Control | M1" as group and animal."""
    view = draft.view
    plain = {view[name].header.role for name in draft.free if JOINER not in name}
    if {"animal", "group"} <= plain:
        return False
    names = [name for name in draft.free if name.count(JOINER) == 1 and view[name].numeric]
    pairs = [(name, *name.split(JOINER)) for name in names]
    tops = list(dict.fromkeys(pair[1] for pair in pairs))
    below = [pair[2] for pair in pairs]
    if (
        _has_animals(view, names)
        or len(tops) < 2
        or len(pairs) < 4
        or any(letters(word) in _WORDS or is_unit(word) for word in below)
    ):
        return False
    if len(set(below)) < len(below) and not all(word.strip("#. ").isdigit() for word in below):
        # M1 under two groups: read-outs of the same animals, more likely than animals.
        return False
    if any(letters(top) in REGIONS for top in tops) or any(split_unit(word)[1] for word in below):
        return False
    again = len(set(below)) < len(below)
    readout, kind = title_of(draft), _kind(view, names)
    for name, top, word in pairs:
        given = Constants(group=top, animal=f"{top}-{word}" if again else word)
        unit = "cells" if kind == "count" else "unit not given"
        draft.values.append(Values(column=name, readout=readout, kind=kind, unit=unit, given=given))
        draft.read(name, "value", f"animal {given.animal} of group {top}")
    draft.notes.append(f"each column is an animal; groups are {quoted_names(tops)}")
    _rows_across(draft)
    return True


def _has_animals(view: View, across: Sequence[str]) -> bool:
    """Tell that columns name animals and their groups already: nothing else is across."""
    beside = [name for name in view.names if name not in across]
    roles = {header_of(name).role for name in beside if 1 < len(view[name].words)}
    groups = [n for n in beside if header_of(n).role == "group" and 1 < len(view[n].words) < len(view)]
    return "animal" in roles and bool(groups)


def _kind(view: View, names: Sequence[str]) -> ValueKind:
    return "count" if all(view[name].whole for name in names) else "level"


def _rows_across(draft: Draft) -> None:
    """Say what the rows below the animals are."""
    view = draft.view
    if len(view) < 2:
        return
    others = [name for name in draft.free if view[name].words]
    if any(
        header_of(n).role in ("section", "field", "time", "region", "readout", "well", "side", "slide")
        for n in others
    ):
        return
    title = others[0] if len(others) == 1 else None
    choices = [Choice("section", "sections or fields of each animal: brought together in it")]
    if title is not None:
        choices += [
            Choice("readout", f"read-outs, named by {title!r}"),
            Choice("within", f"regions, days or treatments, named by {title!r}: compared apart"),
        ]
    word = draft.answers.ask(
        Question(
            id="rows",
            about="rows",
            text=f"each column is an animal and has {len(view)} rows"
            + (f" ({quoted_names(view[title].words, 3)})" if title else "")
            + ": what are they?",
            choices=tuple(choices),
        )
    )
    if word == "section" or word is None:
        draft.rows_are = "section"
        if title is not None:
            draft.take("labels", title, "names the sections", role="label")
    elif title is not None:
        draft.take(
            "readout" if word == "readout" else "strata",
            title,
            "you said so",
            "confirmed",
            role="read-out" if word == "readout" else "factor",
        )
        if word == "readout":
            draft.values = [entry.model_copy(update={"readout": None}) for entry in draft.values]
