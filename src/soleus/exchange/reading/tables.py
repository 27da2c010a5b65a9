"""The table of a file, of several sheets or of a folder of files, with a key joined to it.

The fault: "say which sheet" where each sheet is a group, so that half of a study is analysed.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path

from soleus.errors import InputError
from soleus.exchange.readers.files import SheetsError, Source, read_bytes, refusal
from soleus.exchange.readers.mapping import Mapping
from soleus.exchange.readers.question import Answers, Choice, Question, QuestionError
from soleus.exchange.readers.raw import Cell, RawTable
from soleus.exchange.readers.sheets import is_workbook, table_of_workbook
from soleus.exchange.readers.strikes import marked_cells
from soleus.exchange.readers.text import table_of_text
from soleus.exchange.reading.draft import quoted_names

__all__ = ["join_key", "read_raw", "read_table"]

_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods")


def read_raw(path: str | Path, *, sheet: str | None = None, mapping: Mapping | None = None) -> RawTable:
    """Read a table of text or a sheet, by what the file holds and not by its name.

    Parameters
    ----------
    path
        The file.
    sheet
        Sheet of a workbook; None: that of the mapping, or the only one.
    mapping
        Says where sheet and header are, if it is known.

    Raises
    ------
    InputError
        Names file, sheet, row and mend.
    """
    source, data = read_bytes(path)
    row = None if mapping is None else mapping.header_row
    depth = None if mapping is None else mapping.header_rows
    wanted = sheet or (None if mapping is None else mapping.sheet)
    if is_workbook(data):
        table = table_of_workbook(source, data, sheet=wanted, header_row=row, header_rows=depth)
        marked = marked_cells(data, table.sheet, source)
        table.struck, table.coloured = _named(table, marked.struck), _named(table, marked.coloured)
        return table
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise refusal(path, "is XML or HTML, not a table; export it as CSV, or save it as .xlsx")
    if sheet is not None:
        raise refusal(path, f"is text and has no sheets, so no sheet {sheet!r}; leave sheet out")
    return table_of_text(source, data, header_row=row, header_rows=depth)


def _named(table: RawTable, cells: Set[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    names = {place: name for place, name in zip(table.places, table.header, strict=True)}
    rows = set(table.row_numbers)
    found = ((row, names.get(_place(column))) for row, column in sorted(cells))
    return tuple((row, name) for row, name in found if row in rows and name is not None)


def _place(column: str) -> int:
    place = 0
    for letter in column:
        place = 26 * place + ord(letter) - 64
    return place - 1


def read_table(
    path: str | Path, *, sheet: str | None = None, mapping: Mapping | None = None, answers: Answers
) -> RawTable:
    """Read a file, or its sheets or the files of a folder together, where each is a group or an animal.

    Raises
    ------
    QuestionError
        Several sheets or files, and nobody said what each is.
    InputError
        Whatever :func:`read_raw` refuses.
    """
    where = Path(path)
    if where.is_dir():
        return _of_folder(where, answers)
    joined = answers.said("sheet") if sheet is None else None
    if mapping is not None and mapping.values and mapping.sheet is not None and sheet is None:
        if mapping.sheet in ("all as group", "all as animal"):
            joined = mapping.sheet.removeprefix("all as ")
        else:
            return read_raw(path, mapping=mapping)
    try:
        return read_raw(path, sheet=sheet, mapping=mapping if joined is None else None)
    except SheetsError as several:
        tables = {name: _one(path, name) for name in several.sheets}
        return _sheets(where, tables, joined, answers)


def _one(path: str | Path, sheet: str) -> RawTable | None:
    try:
        return read_raw(path, sheet=sheet)
    except InputError:
        return None


def _sheets(path: Path, tables: dict[str, RawTable | None], said: str | None, answers: Answers) -> RawTable:
    alike = _alike(tables)
    if said is None:
        word = answers.ask(
            _question("sheet", f"{len(tables)} sheets hold tables", list(tables), alike=len(alike) > 1)
        )
        if word is None:
            question = answers.first()
            assert question is not None
            raise QuestionError(path, question)
        said = word
    if said in ("group", "animal", "groups", "animals") and len(alike) > 1:
        return _together(path, alike, said.rstrip("s"), sheet=f"all as {said.rstrip('s')}")
    chosen = tables.get(said)
    if chosen is None:
        return read_raw(path, sheet=said)
    return chosen


def _alike(tables: dict[str, RawTable | None]) -> dict[str, RawTable]:
    """Return the tables that have the header of the first."""
    known = {name: table for name, table in tables.items() if table is not None}
    first = next(iter(known.values()), None)
    return {
        name: table for name, table in known.items() if first is not None and table.header == first.header
    }


def _question(kind: str, text: str, names: Sequence[str], *, alike: bool) -> Question:
    together = (
        Choice("groups", f"read together: each {kind} is a group, called by its name"),
        Choice("animals", f"read together: each {kind} is an animal, called by its name"),
    )
    alone = tuple(Choice(name, f"this {kind} alone") for name in names[:8]) if kind == "sheet" else ()
    return Question(
        id=kind,
        about=kind,
        text=f"{text} ({quoted_names(names)}). What is each of them?"
        + ("" if alike else " Their headers differ."),
        choices=(*(together if alike else ()), *alone) or together,
    )


def _together(path: Path, tables: dict[str, RawTable], role: str, *, sheet: str | None) -> RawTable:
    first = next(iter(tables.values()))
    rows: list[tuple[Cell, ...]] = []
    numbers: list[int] = []
    for name, table in tables.items():
        rows += [(name, *row) for row in table.rows]
        numbers += list(table.row_numbers)
    column = role if role not in first.header else f"{role} (by its name)"
    return RawTable(
        source=first.source if sheet is not None else _source_of(path, tables),
        header=(column, *first.header),
        rows=rows,
        row_numbers=numbers,
        sheet=sheet,
        notes=(*first.notes, f"read together: {quoted_names(list(tables))}, each a {role}"),
        decimal=first.decimal,
    )


def _source_of(path: Path, tables: dict[str, RawTable]) -> Source:
    import hashlib

    whole = hashlib.sha256("".join(table.source.sha256 for table in tables.values()).encode()).hexdigest()
    return Source(path, whole)


def _of_folder(folder: Path, answers: Answers) -> RawTable:
    files = sorted(
        f for f in folder.iterdir() if f.suffix.lower() in _ENDINGS and not f.name.startswith((".", "~"))
    )
    if not files:
        raise refusal(folder, "is a folder without tables; name a file")
    tables = {f.stem: read_raw(f) for f in files}
    alike = _alike(dict(tables))
    if len(alike) < len(files):
        other = next(f for f in files if f.stem not in alike)
        raise refusal(
            folder, f"holds tables of different headers ({files[0].name}, {other.name}); name one file"
        )
    word = answers.said("file", ("groups", "animals", "group", "animal"))
    if word is None:
        word = answers.ask(
            _question("file", f"the folder holds {len(files)} tables", list(tables), alike=True)
        )
    if word is None:
        question = answers.first()
        assert question is not None
        raise QuestionError(folder, question)
    return _together(folder, alike, word.rstrip("s"), sheet=None)


def join_key(raw: RawTable, key: RawTable) -> RawTable:
    """Join a blinded table with its key: the columns of the key are added by the code of each row.

    Raises
    ------
    InputError
        No column holds the codes, or a code that the key lacks.
    """
    best: tuple[int, str, str] | None = None
    for name in raw.header:
        cells = {_plain(cell) for cell in raw.cells(name) if cell is not None}
        for code in key.header:
            known = {_plain(cell) for cell in key.cells(code) if cell is not None}
            shared = len(cells & known)
            if shared and len(known) > 1 and (best is None or shared > best[0]) and 2 * shared > len(cells):
                best = (shared, name, code)
    if best is None:
        raise raw.refusal(
            f"no column holds the codes of {key.path.name} ({', '.join(key.header)}); mend the key"
        )
    _, name, code = best
    rows: dict[str, tuple[Cell, ...]] = {}
    place = key.header.index(code)
    for row, number in zip(key.rows, key.row_numbers, strict=True):
        plain = _plain(row[place])
        if plain in rows and rows[plain] != row:
            raise key.refusal(f"code {row[place]!r} stands twice; keep one", row=number, column=code)
        rows[plain] = row
    extra = [k for k, column in enumerate(key.header) if k != place and column not in raw.header]
    joined: list[tuple[Cell, ...]] = []
    own = raw.header.index(name)
    for line, number in zip(raw.rows, raw.row_numbers, strict=True):
        found = rows.get(_plain(line[own]))
        if found is None:
            raise raw.refusal(
                f"{line[own]!r} is not in {key.path.name}; mend the code", row=number, column=name
            )
        joined.append((*line, *(found[k] for k in extra)))
    return RawTable(
        source=raw.source,
        header=(*raw.header, *(key.header[k] for k in extra)),
        rows=joined,
        row_numbers=raw.row_numbers,
        sheet=raw.sheet,
        notes=(*raw.notes, f"joined with {key.path.name} by {name!r}"),
        decimal=raw.decimal,
    )


def _plain(cell: Cell) -> str:
    return (
        ""
        if cell is None
        else f"{cell:.15g}"
        if isinstance(cell, float)
        else " ".join(cell.split()).casefold()
    )
