"""Tables whose header has two or three rows: parts, places or times above markers, or below them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.reading_study import Made, Rng, Study, Wanted

__all__ = ["three_rows", "two_rows"]

_SECTIONS = {
    "en": ("Section {}", "Slice {}", "S{}", "Sec {}"),
    "de": ("Schnitt {}", "Schnitt Nr. {}", "S{}"),
    "fr": ("Coupe {}", "Coupe n° {}", "S{}"),
    "es": ("Corte {}", "Sección {}", "S{}"),
    "it": ("Sezione {}", "Fetta {}", "S{}"),
}
_FIELDS = {
    "en": ("Field {}", "Image {}", "Replicate {}", "Well {}"),
    "de": ("Feld {}", "Bild {}", "Replikat {}"),
    "fr": ("Champ {}", "Image {}", "Réplicat {}"),
    "es": ("Campo {}", "Imagen {}", "Foto {}"),
    "it": ("Campo {}", "Immagine {}", "Replica {}"),
}
_DAYS = {
    "en": ("Day {}", "d{}", "{} days"),
    "de": ("Tag {}", "{} Tage"),
    "fr": ("Jour {}", "{} jours"),
    "es": ("Día {}", "{} días"),
    "it": ("Giorno {}", "{} giorni"),
}
_WEEKS = {"en": "Week {}", "de": "Woche {}", "fr": "Semaine {}", "es": "Semana {}", "it": "Settimana {}"}
_REGIONS = (("CA1", "CA3"), ("SVZ", "DG"), ("GCL", "hilus"), ("cortex", "striatum"))
_MARKERS = (("Ki67", "DCX"), ("GFAP", "Iba1"), ("NeuN", "BrdU"), ("Ki67", "DCX", "BrdU"))


@dataclass(frozen=True)
class _Level:
    """Words of one row of the header; those of parts are brought together, others are compared apart."""

    words: tuple[str, ...]
    together: bool


def two_rows(s: Study) -> Made:
    """Markers, and parts, days or regions of each."""
    return _table(s, "header of two rows", [_other(s), _markers(s)])


def three_rows(s: Study) -> Made:
    """Markers, and two levels beside them."""
    place = _Level(tuple(_REGIONS[int(s.rng.integers(len(_REGIONS)))]), False)
    first = _sections(s) if s.rng.random() < 0.6 else place
    return _table(s, "header of three rows", [first, _sides(s), _markers(s)])


def _markers(s: Study) -> _Level:
    return _Level(tuple(_MARKERS[int(s.rng.integers(len(_MARKERS)))]), False)


def _sections(s: Study) -> _Level:
    marks = (("1", "2"), ("1", "2", "3"), ("A", "B"), ("I", "II"))[int(s.rng.integers(4))]
    form = s.pick(_SECTIONS[s.language])
    return _Level(tuple(form.format(m) for m in (marks if form != "S{}" else ("1", "2", "3"))), True)


def _sides(s: Study) -> _Level:
    return _Level(tuple(s.words.sides[int(s.rng.integers(len(s.words.sides)))]), True)


def _other(s: Study) -> _Level:
    kind = int(s.rng.integers(6))
    if kind < 2:
        return _sections(s)
    if kind == 2:
        return _sides(s)
    if kind == 3:
        form = s.pick(_FIELDS[s.language])
        return _Level((form.format(1), form.format(2)), True)
    if kind == 4:
        form = s.pick((*_DAYS[s.language], _WEEKS[s.language]))
        return _Level((form.format(1), form.format(4)), False)
    return _Level(tuple(_REGIONS[int(s.rng.integers(len(_REGIONS)))]), False)


def _table(s: Study, kind: str, levels: list[_Level]) -> Made:
    """Write levels in any order; values of parts differ, and are means of what they are parts of."""
    levels = [levels[int(k)] for k in s.rng.permutation(len(levels))]
    columns = list(product(*(level.words for level in levels)))
    apart = [k for k, level in enumerate(levels) if not level.together]
    bases = {key: s.values() + 5 for key in product(*(levels[k].words for k in apart))}
    cells = [
        np.round(bases[tuple(c[k] for k in apart)] * s.rng.uniform(0.85, 1.15, len(s.ids))) for c in columns
    ]
    wanted: list[Wanted] = []
    for key in bases:
        mine = [v for c, v in zip(columns, cells, strict=True) if tuple(c[k] for k in apart) == key]
        wanted += s.effects(np.mean(mine, axis=0))
    names = [s.pick(s.words.animal), s.pick(s.words.group)]
    repeated = bool(s.rng.random() < 0.3)
    top = int(s.rng.integers(2)) * (len(levels) - 1)  # animal and group stand in the first row or the last
    head: list[list[object]] = []
    for depth in range(len(levels)):
        row: list[object] = list(names) if depth == top else ["", ""]
        for place, column in enumerate(columns):
            new = place == 0 or column[: depth + 1] != columns[place - 1][: depth + 1]
            row.append(column[depth] if new or repeated else "")
        head.append(row)
    rows: list[list[object]] = [
        [i, g, *(int(c[a]) for c in cells)] for a, (i, g) in enumerate(zip(s.ids, s.group_of, strict=True))
    ]
    made = Made(kind, s.language, [str(c) for c in head[0]], rows, wanted, control=s.groups[0], head=head[1:])
    made.answers["control"] = s.groups[0]
    made.bare, made.save = True, _save
    return made


def _save(made: Made, folder: Path, rng: Rng) -> Path:
    """Write as text, or as a workbook with merged or empty cells."""
    rows: list[Sequence[object]] = [made.header, *made.head, *made.rows]
    form = int(rng.integers(4))
    if form < 2:
        path = folder / "table.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=",;"[form]).writerows(rows)
        return path
    import xlsxwriter

    path = folder / "table.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Sheet1")
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if cell != "":
                    sheet.write(r, c, cell)
        if form == 3:
            for r in range(len(made.head)):
                for first, last in _runs(rows[r]):
                    sheet.merge_range(r, first, r, last, rows[r][first])
    return path


def _runs(row: Sequence[object]) -> list[tuple[int, int]]:
    """Return first and last column of each name that has empty cells behind it."""
    starts = [c for c in range(2, len(row)) if row[c] != ""]
    ends = [*(c - 1 for c in starts[1:]), len(row) - 1]
    return [(a, b) for a, b in zip(starts, ends, strict=True) if b > a]
