"""Sample tables of ISA-Tab and GeneLab run sheets: which sample is in which group.

Values of factors as NASA OSDR writes them (``Factor Value[Hindlimb Unloading]``), so that results join its
tables. ISA-Tab 1.0, https://isa-specs.readthedocs.io/en/latest/isatab.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from pathlib import Path

from soleus.errors import InputError
from soleus.exchange.instruments.source import Sheet, Text, load, sheet_of, shorten
from soleus.exchange.readers.archive import open_archive, read_member
from soleus.exchange.readers.files import Source, read_bytes, refusal
from soleus.exchange.readers.mapping import Factor, Groups
from soleus.exchange.readers.raw import RawTable

__all__ = ["Samples", "join_samples", "read_samples", "value_columns"]

_FACTOR = re.compile(r"Factor Value\s*\[(?P<name>.+)\]")
_CONTROL = re.compile(
    r"(?i)\b(control|normally|non-irradiated|not |no |sham|ground|vehicle|untreated|baseline|none)"
)
_JOINER = " & "


@dataclass(frozen=True)
class Samples:
    """The samples of a study.

    Parameters
    ----------
    source
        The file.
    factors
        Factor to its levels, the control first where its name tells it.
    levels
        Sample Name to the level of each factor.
    animals
        Sample Name to its Source Name (the animal); empty where there is no such column.
    rows
        Sample Name to its row of the file.
    notes
        What the user should know.
    """

    source: Source
    factors: dict[str, tuple[str, ...]]
    levels: dict[str, dict[str, str]]
    animals: dict[str, str]
    rows: dict[str, int]
    notes: tuple[str, ...] = ()

    def group(self, sample: str) -> str:
        """Return the group of a sample: the levels of all factors that vary, joined by &."""
        return _JOINER.join(self.levels[sample][name] for name in self.factors)

    def column_of(self, table: RawTable) -> str:
        """Return the column of a table that holds the names of samples.

        Raises
        ------
        InputError
            None does.
        """
        for name in table.header:
            cells = {str(cell).strip() for cell in table.cells(name) if cell is not None}
            if cells and len(cells & self.levels.keys()) * 2 > len(cells):
                return name
        known = shorten(list(self.levels))
        raise table.refusal(
            f"no column holds names of samples of {self.source.path.name} ({known}); add them"
        )

    def groups(self) -> Groups:
        """Return what labels of groups mean, for the mapping of a table that was joined."""
        control = _JOINER.join(levels[0] for levels in self.factors.values())
        labels = {self.group(sample): self.group(sample) for sample in self.levels}
        factors = {
            name: Factor(column=f"Factor Value[{name}]", levels={level: level for level in levels})
            for name, levels in self.factors.items()
        }
        known = control in labels and all(_CONTROL.search(levels[0]) for levels in self.factors.values())
        return Groups(labels=labels, control=control if known else None, factors=factors)


def value_columns(path: str | Path) -> list[str]:
    """Return the columns of a sample table that hold numbers; none where it has factors only."""
    try:
        sheet = sheet_of(load(path))
    except InputError:
        return []
    ours = re.compile(
        r"(?i)(source|sample) name|(factor value|characteristics|parameter value|comment)\s*\[|term"
        r" |protocol|unit|date|performer"
    )
    found = []
    for name in dict.fromkeys(sheet.header):
        cells = [cell for cell in sheet.column(name) if cell]
        if ours.match(name) is None and cells and all(re.fullmatch(r"[-+]?[\d.,]+", cell) for cell in cells):
            found.append(name)
    return found


def read_samples(path: str | Path) -> Samples:
    """Read a sample table (``s_*.txt``), a run sheet (CSV), or the one of a folder or ISA archive.

    Raises
    ------
    InputError
        No sample table or several, no Sample Name, no factor with two levels, an empty cell of a factor, or
        a sample with contradicting levels. The message names file, row and mend.
    """
    text = _find(Path(path))
    sheet = sheet_of(text)
    factors = {match["name"].strip(): name for name in sheet.header if (match := _FACTOR.fullmatch(name))}
    if "Sample Name" not in sheet.header:
        mend = "take the study's s_*.txt or its run sheet"
        raise refusal(text.path, f"there is no column 'Sample Name'; {mend}", row=1)
    if not factors:
        mend = "take the study's s_*.txt or its run sheet"
        raise refusal(
            text.path, f"there is no column 'Factor Value[...]', so that no sample has a group; {mend}"
        )
    levels, rows = _levels(sheet, factors, text)
    animals = _animals(sheet, text)
    found = {name: _ordered(levels, name) for name in factors}
    constant = [name for name, known in found.items() if len(known) < 2]
    varying = {name: known for name, known in found.items() if len(known) > 1}
    if not varying:
        problem = f"every factor has one level only ({shorten(constant)})"
        raise refusal(text.path, f"{problem}: there are no groups to compare; take the whole study's table")
    notes = tuple(f"Factor {name!r} has one level, {found[name][0]!r}, and is left out." for name in constant)
    return Samples(text.source, varying, levels, animals, rows, (*text.notes(), *notes))


def _find(path: Path) -> Text:
    if path.is_dir():
        files = sorted(path.glob("s_*.txt"))
        if len(files) != 1:
            names = f" ({shorten([file.name for file in files])})" if files else ""
            raise refusal(path, f"holds {len(files)} sample tables s_*.txt{names}; name the one to read")
        return load(files[0])
    source, data = read_bytes(path)
    if not data.startswith(b"PK"):
        return load(path)
    archive = open_archive(data, source)
    members = [name for name in archive.namelist() if re.fullmatch(r"(.*/)?s_[^/]*\.txt", name)]
    if len(members) != 1:
        raise refusal(path, f"holds {len(members)} sample tables s_*.txt; unpack it and name the one to read")
    return Text(source, read_member(archive, members[0], source=source))


def _levels(
    sheet: Sheet, factors: dict[str, str], text: Text
) -> tuple[dict[str, dict[str, str]], dict[str, int]]:
    levels: dict[str, dict[str, str]] = {}
    rows: dict[str, int] = {}
    columns = {name: sheet.column(column) for name, column in factors.items()}
    for k, (sample, row) in enumerate(zip(sheet.column("Sample Name"), sheet.numbers, strict=True)):
        if not sample:
            raise refusal(text.path, "is empty; name the sample", row=row, column="Sample Name")
        own = {name: cells[k] for name, cells in columns.items()}
        empty = next((name for name, level in own.items() if not level), None)
        if empty is not None:
            problem = f"sample {sample!r} has no level; fill the cell"
            raise refusal(text.path, problem, row=row, column=factors[empty])
        if levels.setdefault(sample, own) != own:
            problem = f"sample {sample!r} has other levels than in row {rows[sample]}"
            raise refusal(text.path, f"{problem}; a sample is in one group: mend one of the rows", row=row)
        rows.setdefault(sample, row)
    return levels, rows


def _animals(sheet: Sheet, text: Text) -> dict[str, str]:
    if "Source Name" not in sheet.header:
        return {}
    animals: dict[str, str] = {}
    pairs = zip(sheet.column("Sample Name"), sheet.column("Source Name"), sheet.numbers, strict=True)
    for sample, animal, row in pairs:
        if not animal or animals.setdefault(sample, animal) != animal:
            raise refusal(text.path, f"sample {sample!r} needs one source; name one animal", row=row)
    return animals


def _ordered(levels: Dictionary[str, dict[str, str]], name: str) -> tuple[str, ...]:
    found = list(dict.fromkeys(own[name] for own in levels.values()))
    return tuple(sorted(found, key=lambda level: _CONTROL.search(level) is None))


def join_samples(table: RawTable, samples: Samples, column: str = "Sample Name") -> RawTable:
    """Give each row of a data table the animal, group and levels of its sample.

    Parameters
    ----------
    table
        Rows with the name of a sample.
    samples
        The study's samples.
    column
        Column of ``table`` with the names.

    Returns
    -------
    RawTable
        The same rows, with the columns ``group``, ``animal`` (where the samples name it and the table has
        none) and ``Factor Value[...]`` added.

    Raises
    ------
    InputError
        A sample that the study does not have, or a column that is there already.
    """
    names = [str(cell).strip() if cell is not None else "" for cell in table.cells(column)]
    for name, row in zip(names, table.row_numbers, strict=True):
        if name not in samples.levels:
            known = shorten(list(samples.levels))
            problem = f"sample {name!r} is not in {samples.source.path.name}, which has {known}"
            raise table.refusal(f"{problem}; mend the name", row=row, column=column)
    added: dict[str, list[str]] = {"group": [samples.group(name) for name in names]}
    if samples.animals and "animal" not in table.header:
        added["animal"] = [samples.animals[name] for name in names]
    for factor in samples.factors:
        added[f"Factor Value[{factor}]"] = [samples.levels[name][factor] for name in names]
    there = [name for name in added if name in table.header]
    if there:
        raise table.refusal(f"has a column {there[0]!r} already; rename or remove it before joining")
    rows = [(*row, *cells) for row, cells in zip(table.rows, zip(*added.values(), strict=True), strict=True)]
    return RawTable(
        source=table.source,
        header=(*table.header, *added),
        rows=rows,
        row_numbers=table.row_numbers,
        sheet=table.sheet,
        notes=(*table.notes, *samples.notes),
        decimal=table.decimal,
    )
