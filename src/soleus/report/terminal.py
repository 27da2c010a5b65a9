"""Sections on a terminal: nothing is ever cut, wide tables go on below themselves."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text as Words

from soleus.report.forms import is_numeric, written
from soleus.report.names import unit_text, wrapped
from soleus.report.section import (
    Card,
    Cards,
    Chip,
    Code,
    Column,
    Details,
    Entries,
    Entry,
    Facts,
    Part,
    Points,
    Row,
    Section,
    Strong,
    Table,
    Text,
)
from soleus.report.section import Grid as Figures
from soleus.report.specs import Figure

__all__ = ["Shown", "show_parts", "show_sections"]

# One blank of padding, one that the box draws between columns.
_GAP = 2
_COLOURS = {"good": "green", "bad": "red", "warn": "yellow", "other": "cyan", "neutral": ""}
# A heading of text gives way down to this many letters before a table goes on below itself.
_LEAST_TEXT = 14
# Longer words, such as addresses, go on below themselves.
_MOST_WORD = 34
# Columns of names, and of names with what is told of them: longer lines are hard to read.
_NAMES, _WIDEST = 16, 110


@dataclass(frozen=True)
class Shown:
    """What was shown, so that a face can say what was not: sections and rows that ``full`` would add."""

    left_out: tuple[str, ...]


def show_sections(console: Console, sections: Sequence[Section], *, full: bool = False) -> Shown:
    """Print sections.

    Parameters
    ----------
    full
        Every section, part and row; without it, sections and rows that are brief.

    Returns
    -------
    Shown
        Titles of what was left out.
    """
    left_out: list[str] = []
    for section in sections:
        if not (full or section.brief):
            left_out.append(section.title)
            continue
        console.print()
        console.print(Words(section.title, style="bold"))
        for line in section.lead:
            console.print(_words(line))
        left_out += show_parts(console, section.parts, full=full).left_out
    return Shown(tuple(dict.fromkeys(left_out)))


def show_parts(console: Console, parts: Sequence[Part], *, full: bool = False) -> Shown:
    """Print parts without the heading of their section; else as :func:`show_sections`."""
    return Shown(tuple(left for part in parts for left in _show(console, part, full=full)))


def _show(console: Console, part: Part, *, full: bool) -> list[str]:
    """Print one part; return what was left out of it."""
    match part:
        case Table():
            return _show_table(console, part, full=full)
        case Entries():
            console.print(_entries(part.entries, min(console.width, _WIDEST)))
        case Points():
            return _show_points(console, part, full=full)
        case Facts():
            for term, what in part.pairs:
                console.print(Words.assemble((f"{term} ", "bold"), _words(what)))
        case Cards():
            for card in part.cards:
                console.print(_card(card))
        case Details() | Code() | Figure() | Figures():
            return _show_more(console, part, full=full)
    return []


def _show_points(console: Console, points: Points, *, full: bool) -> list[str]:
    items = points.items if full or points.brief is None else points.items[: points.brief]
    if points.title and items:
        console.print(Words(points.title, style=f"bold {_COLOURS[points.tone]}".strip()))
    for item in items:
        console.print(_bullet(item))
    left = len(points.items) - len(items)
    return [f"{left} more ({points.title})" if items else points.title] if left else []


def _show_more(console: Console, part: Details | Code | Figure | Figures, *, full: bool) -> list[str]:
    """Print what a terminal shows only when asked, or in words."""
    if not full:
        # A picture is no loss of words: its file is named where files are.
        return [part.title] if isinstance(part, Details) else []
    if isinstance(part, Figure):
        console.print(Words.assemble(("figure ", "bold"), f"{part.title}: {part.caption}"))
    elif isinstance(part, Figures):
        for figure in part.figures:
            console.print(Words.assemble(("figure ", "bold"), figure.title))
            for line in part.said.get(figure.name, ()):
                console.print(_bullet(line))
    elif isinstance(part, Code):
        console.print(Words(part.title, style="bold"))
        console.print(part.text, soft_wrap=True)
    else:
        console.print(Words(part.title, style="bold"))
        return [left for inner in part.parts for left in _show(console, inner, full=True)]
    return []


def _show_table(console: Console, table: Table, *, full: bool) -> list[str]:
    rows = table.rows if full or table.brief is None else table.rows[: table.brief]
    if not rows and table.rows:
        return [table.title or table.id]
    if table.title:
        console.print(Words(table.title, style="bold"))
    wanted = [c for c in table.shown if full or c.face == "all"]
    for columns in _blocks(wanted, rows, console.width):
        console.print(_grid(columns, rows, console.width))
    if table.note:
        console.print(Words(table.note, style="dim"))
    more = [row for row in rows if row.more]
    if full:
        for row in more:
            console.print(Words(written(row.cells[table.columns[0].key], "text"), style="bold"))
            for part in row.more:
                _show(console, part, full=True)
    left = [] if len(wanted) == len(table.shown) else [f"{len(table.shown) - len(wanted)} more columns"]
    left += [f"{len(table.rows) - len(rows)} more rows"] if len(rows) < len(table.rows) else []
    return [f"{' and '.join(left)} ({table.title or table.id})"] if left else []


def _entries(entries: Sequence[Entry], width: int) -> Grid:
    longest = (max(len(e.name), *(len(w) + 1 for w in e.label.split()), 0) for e in entries)
    names = max(_NAMES, *(n + 1 for n in longest))
    grid = Grid.grid(padding=0)
    grid.width = width
    grid.add_column(width=names, no_wrap=True)
    grid.add_column(overflow="fold")
    for entry in entries:
        name = Words(entry.name, style="bold")
        for line in textwrap.wrap(entry.label, names - 2):
            name.append(("\n" if name.plain else "") + f" {line}", style="not bold")
        grid.add_row(name, _words(entry.text))
    return grid


def _grid(columns: Sequence[Column], rows: Sequence[Row], width: int) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, padding=(0, _GAP - 1, 0, 0), pad_edge=False, show_edge=False)
    # Widths are ours: left to itself, the library would cut what does not fit.
    for column, wide in zip(columns, _widths(columns, rows, width), strict=True):
        numeric = is_numeric(column.form)
        grid.add_column(
            wrapped(_heading(column), wide) if numeric else _heading(column),
            no_wrap=numeric,
            justify="right" if numeric else "left",
            overflow="fold",
            width=wide,
        )
    for row in rows:
        grid.add_row(*(_cell(row, column) for column in columns))
    return grid


def _widths(columns: Sequence[Column], rows: Sequence[Row], width: int) -> list[int]:
    """Give each column what it needs, and texts what is left, the narrowest first."""
    widths = [_least(column, rows) for column in columns]
    wanted = [
        max([len(_heading(c)), *(len(written(row.cells.get(c.key), c.form)) for row in rows)])
        for c in columns
    ]
    spare = width - sum(widths) - _GAP * len(columns)
    while spare > 0:
        short = [k for k, most in enumerate(wanted) if widths[k] < most]
        if not short:
            break
        widths[min(short, key=lambda k: (is_numeric(columns[k].form), widths[k]))] += 1
        spare -= 1
    return widths


def _blocks(columns: Sequence[Column], rows: Sequence[Row], width: int) -> list[tuple[Column, ...]]:
    """Divide columns into as many tables as the width asks for, each under the first column."""
    first, rest = columns[0], columns[1:]
    start = _least(first, rows) + _GAP
    blocks: list[list[Column]] = [[]]
    used = start
    for column in rest:
        need = _least(column, rows) + _GAP
        if blocks[-1] and used + need > width:
            blocks.append([])
            used = start
        blocks[-1].append(column)
        used += need
    return [(first, *block) for block in blocks]


def _least(column: Column, rows: Sequence[Row]) -> int:
    """Width that a column needs: all of a number, a few words of a text."""
    cells = [written(row.cells.get(column.key), column.form) for row in rows]
    if is_numeric(column.form):
        words = _heading(column).split()
        return max([*map(len, cells), *map(len, words)], default=0)
    longest = max((len(word) for text in [*cells, _heading(column)] for word in text.split()), default=0)
    return max(min(longest, _MOST_WORD), min(_LEAST_TEXT, max(map(len, cells), default=0)))


def _heading(column: Column) -> str:
    unit = unit_text(column.unit)
    return f"{column.title}, {unit}" if unit else column.title


def _cell(row: Row, column: Column) -> Words:
    cell = row.cells.get(column.key)
    if isinstance(cell, str | Chip | Strong | tuple):
        return _words(cell)
    return Words(written(cell, column.form), style="bold" if column.strong else "")


def _words(text: Text) -> Words:
    if isinstance(text, tuple):
        return Words.assemble(*(_words(one) for one in text))
    if isinstance(text, str):
        return Words(text)
    if isinstance(text, Chip):
        return Words(text.text, style=_COLOURS[text.tone])
    return Words(text.text, style="bold" if isinstance(text, Strong) else "")


def _bullet(text: Text) -> Words:
    return Words.assemble("- ", _words(text))


def _card(card: Card) -> Words:
    lines = [Words(f" {' '.join(_words(line).plain.split())}") for line in card.lines]
    return Words.assemble((f"{card.title}: ", "bold"), card.big, *lines)
