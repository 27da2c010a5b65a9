"""Headers of two rows: what stands above is a part, place or time of what stands below, or the reverse.

The fault: the sections of a marker tested as read-outs of their own, called "column 4".
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import xlsxwriter

from soleus import analyse
from soleus.exchange.readers.header_rows import rows_of_header

CONTROL, TREATED = (40, 38, 44), (24, 29, 22)
RATIO = pytest.approx(0.6118, rel=1e-3)
SQUARED = pytest.approx(0.6118**2, rel=2e-3)
# of the means of two parts of an animal, and of their squares
MEANS, SQUARED_MEANS = pytest.approx(0.6140, rel=1e-3), pytest.approx(0.3796, rel=1e-3)

Rows = list[list[object]]


def table(*header: list[object], words: str, groups: tuple[str, str] = ("ctrl", "HLU")) -> Rows:
    """Six animals; ``words`` has an "a" for a column of the first read-out and a "b" for one of the second.

    Animals have other values in every further column, groups the same.
    """
    found: Rows = [list(row) for row in header]
    for place in range(6):
        cells = []
        for k, word in enumerate(words):
            value = (CONTROL, TREATED)[place > 2][(place + words[:k].count(word)) % 3]
            value += words[:k].count(word) // 3
            cells.append(value if word == "a" else value**2)
        found.append([f"m{place + 1}", groups[place > 2], *cells])
    return found


def write(path: Path, rows: Rows, merges: tuple[tuple[int, int, int, int], ...] = ()) -> Path:
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        return path
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet("Sheet1")
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if cell not in ("", None):
                    sheet.write(r, c, cell)
        for top, left, bottom, right in merges:
            sheet.merge_range(top, left, bottom, right, rows[top][left])
    return path


def found(path: Path, **more: object) -> dict[tuple[str, ...], object]:
    """Return read-out, region and day of each comparison with its effect; all have three animals a group."""
    result = analyse(path, seed=1, **more)  # type: ignore[arg-type]
    out: dict[tuple[str, ...], object] = {}
    for one in result.comparisons:
        if one.effect is None or "change by day" in one.contrast:
            continue
        assert sorted(one.effect.n.values()) == [3, 3], one
        where = [one.niche] if one.niche else []
        where += [f"day {one.day:g}"] if one.day else []
        out[(one.readout, *where)] = one.effect.estimate
    return out


ABOVE = [
    (["Mouse", "Group", "Section 1", "", "Section 2", "", ""], ["", "", "Ki67", "DCX", "Ki67", "DCX"]),
    (["Maus", "Gruppe", "Schnitt 1", "", "Schnitt 2", ""], ["", "", "Ki67", "DCX", "Ki67", "DCX"]),
    (["Souris", "Groupe", "Coupe A", "", "Coupe B", ""], ["", "", "Ki67", "DCX", "Ki67", "DCX"]),
    (["Ratón", "Grupo", "Corte 1", "", "Corte 2", ""], ["", "", "Ki67", "DCX", "Ki67", "DCX"]),
    (["Topo", "Gruppo", "Sezione I", "", "Sezione II", ""], ["", "", "Ki67", "DCX", "Ki67", "DCX"]),
    (["", "", "S1", "", "S2", ""], ["Mouse", "Group", "Ki67", "DCX", "Ki67", "DCX"]),
    (["Mouse", "Group", "left", "", "right", ""], ["", "", "Ki67", "DCX", "Ki67", "DCX"]),
    (["Maus", "Gruppe", "Feld 1", "", "Feld 2", ""], ["", "", "Ki67", "DCX", "Ki67", "DCX"]),
    (["Mouse", "Group", "Well 1", "", "Well 2", ""], ["", "", "Ki67", "DCX", "Ki67", "DCX"]),
    (["Mouse", "Group", "Replicate 1", "", "Replicate 2", ""], ["", "", "Ki67", "DCX", "Ki67", "DCX"]),
    # as written by programs that repeat the upper name
    (["Mouse", "Group", "Section 1", "Section 1", "Section 2", "Section 2"], ["", "", *["Ki67", "DCX"] * 2]),
]


@pytest.mark.parametrize("place", range(len(ABOVE)))
def test_parts_above_markers_are_brought_together(place: int, tmp_path: Path) -> None:
    path = write(tmp_path / f"a.{('csv', 'xlsx')[place % 2]}", table(*ABOVE[place], words="abab"))
    assert found(path) == {("Ki67",): MEANS, ("DCX",): SQUARED_MEANS}


@pytest.mark.parametrize(
    "below",
    [["Section 1", "Section 2"], ["S1", "S2"], ["1", "2"], ["Schnitt a", "Schnitt b"], ["L", "R"],
     ["links", "rechts"], ["field 1", "field 2"], ["G", "D"], ["I", "D"], ["hemL", "hemR"],
     ["linke Hemi", "rechte Hemi"]],
    ids=lambda b: b[0],
)  # fmt: skip
def test_markers_above_parts(below: list[object], tmp_path: Path) -> None:
    header = ["Mouse", "Group", "Ki67", "", "DCX", ""], ["", "", *below, *below]
    path = write(tmp_path / "a.csv", table(*header, words="aabb"))
    assert found(path) == {("Ki67",): MEANS, ("DCX",): SQUARED_MEANS}


def test_merged_cells_across_and_down(tmp_path: Path) -> None:
    rows = table(
        ["Mouse", "Group", "Section 1", "", "Section 2", ""], ["", "", *["Ki67", "DCX"] * 2], words="abab"
    )
    merges = ((0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3), (0, 4, 0, 5))
    path = write(tmp_path / "a.xlsx", rows, merges)
    assert found(path) == {("Ki67",): MEANS, ("DCX",): SQUARED_MEANS}


@pytest.mark.parametrize(
    ("above", "places"),
    [
        (("CA1", "CA3"), ("CA1", "CA3")),
        (("Day 7", "Day 14"), ("day 7", "day 14")),
        (("Woche 1", "Woche 2"), ("day 7", "day 14")),
        (("semaine 1", "semaine 2"), ("day 7", "day 14")),
        (("7 días", "14 días"), ("day 7", "day 14")),
    ],
)
@pytest.mark.parametrize("markers_above", [False, True])
def test_regions_and_days_are_compared_apart(
    above: tuple[str, str], places: tuple[str, str], markers_above: bool, tmp_path: Path
) -> None:
    one, other = (("Ki67", "DCX"), above) if markers_above else (above, ("Ki67", "DCX"))
    header = ["Mouse", "Group", one[0], "", one[1], ""], ["", "", *other, *other]
    path = write(tmp_path / "a.csv", table(*header, words="aabb" if markers_above else "abab"))
    assert found(path) == {
        (marker, place): value for place in places for marker, value in (("Ki67", RATIO), ("DCX", SQUARED))
    }


def test_channels_are_never_added(tmp_path: Path) -> None:
    header = ["Mouse", "Group", "C1", "", "C2", ""], ["", "", "S1", "S2", "S1", "S2"]
    assert found(write(tmp_path / "a.csv", table(*header, words="aabb"))) == {
        ("C1",): MEANS,
        ("C2",): SQUARED_MEANS,
    }


@pytest.mark.parametrize("repeated", [False, True])
@pytest.mark.parametrize("rows", [2, 3])
def test_animal_and_group_in_the_last_row(rows: int, repeated: bool, tmp_path: Path) -> None:
    sides = ["left", "right"] * 2 if rows == 3 else ["left", "right"]
    width = len(sides) // 2
    header: list[list[object]] = [
        ["", "", *(["Ki67"] * (2 * width) + ["DCX"] * (2 * width))[: 2 * len(sides)]]
    ]
    if rows == 3:
        header.append(["", "", *["CA1", "CA1", "CA3", "CA3"] * 2])
    header.append(["Mouse", "Group", *["left", "right"] * (len(header[0]) // 2 - 1)])
    if not repeated:
        for row in header[:-1]:
            row[:] = [c if k < 2 or c != row[k - 1] else "" for k, c in enumerate(list(row))]
    half = (len(header[-1]) - 2) // 2
    path = write(tmp_path / "a.csv", table(*header, words="a" * half + "b" * half))
    places = [("CA1",), ("CA3",)] if rows == 3 else [()]
    assert set(found(path)) == {(marker, *place) for marker in ("Ki67", "DCX") for place in places}


def as_read(rows: Rows) -> list[list[str]]:
    return [list(map(str, row)) for row in rows]


def test_a_title_above_different_names_is_no_row_of_the_header() -> None:
    header = ["", "", "Counts", "", "Weights"], ["Mouse", "Group", "Ki67", "DCX", "BW (g)"]
    assert rows_of_header(as_read(table(*header, words="aba")), 0) == 1
    again = ["", "", "CA1", "CA1", "CA3"], ["Mouse", "Group", "Ki67", "DCX", "Ki67"]
    assert rows_of_header(as_read(table(*again, words="aba")), 0) == 2


def test_three_rows(tmp_path: Path) -> None:
    header = (
        ["Mouse", "Group", "Section 1", "", "", "", "Section 2", "", "", ""],
        ["", "", *["left", "", "right", ""] * 2],
        ["", "", *["Ki67", "DCX"] * 4],
    )
    path = write(tmp_path / "a.csv", table(*header, words="ab" * 4))
    assert found(path) == {
        ("Ki67",): pytest.approx(0.6169, rel=1e-3),
        ("DCX",): pytest.approx(0.3841, rel=1e-3),
    }


def test_a_first_row_of_cells_is_no_header(tmp_path: Path) -> None:
    rows = table(["Mouse", "Group", "Ki67", "", "Note"], words="a")
    rows = [rows[0], *([*row, "", "ok"] for row in rows[1:])]
    assert found(write(tmp_path / "a.csv", rows)) == {("Ki67",): RATIO}
