"""Parts of animals in words, letters and rows of a header: brought together, never tested apart."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from soleus.analysis.answers import Effect
from soleus.analysis.declaration import AnalysisPlan
from soleus.analysis.plan import analyse
from soleus.exchange.reading import Imported, QuestionError, read

VALUES = (40, 38, 44, 24, 29, 22)
RATIO = 0.6118


def effects(imported: Imported) -> dict[str, list[tuple[float, int]]]:
    plan = AnalysisPlan(control=imported.mapping.groups.control or "ctrl", seed=1)
    found: dict[str, list[tuple[float, int]]] = {}
    for one in analyse(imported.observations, plan).comparisons:
        assert isinstance(one.effect, Effect)
        n = sum(one.effect.n.values())
        found.setdefault(one.readout, []).append((round(one.effect.estimate, 3), n))
    return found


def group(k: int) -> str:
    return "ctrl" if k < 3 else "HU"


def written(folder: Path, lines: list[str]) -> Path:
    path = folder / "a.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


SIDES = [
    *(("_hemL", "_hemR"), ("hemL", "hemR"), ("_LH", "_RH"), ("LH", "RH"), ("_Lhem", "_Rhem")),
    *((" linke Hemi", " rechte Hemi"), ("_hém_g", "_hém_d"), (" hg", " hd"), ("_izdo", "_dcho")),
    *(
        ("_emisfero_sx", "_emisfero_dx"),
        (" links", " rechts"),
        ("-left", "-right"),
        ("_Seite_li", "_Seite_re"),
    ),
]
LETTERED = [
    *((" Schnitt a", " Schnitt b"), (" slice a", " slice b"), (" coupe A", " coupe B"), ("_secA", "_secB")),
    *(
        (" corte a", " corte b"),
        (" fetta A", " fetta B"),
        (" section I", " section II"),
        (" Bild a", " Bild b"),
    ),
]


@pytest.mark.parametrize("ends", [*SIDES, *LETTERED])
def test_words_of_a_part_behind_an_id_name_no_animal(tmp_path: Path, ends: tuple[str, str]) -> None:
    rows = [f"rat{k + 1}{end},{group(k)},{v}" for k, v in enumerate(VALUES) for end in ends]
    imported = read(written(tmp_path, ["Mouse,Group,DCX", *rows]))
    assert effects(imported) == {"DCX": [(pytest.approx(RATIO, abs=1e-3), 6)]}
    assert any("are summed in it" in text for text in imported.plan.summed)


@pytest.mark.parametrize("ends", [("_foo", "_bar"), ("_SVZl", "_SVZr"), ("-I", "-D")])
def test_unknown_endings_that_all_groups_share_are_asked_about(tmp_path: Path, ends: tuple[str, str]) -> None:
    rows = [f"rat{k + 1}{end},{group(k)},{v}" for k, v in enumerate(VALUES) for end in ends]
    with pytest.raises(QuestionError) as asked:
        read(written(tmp_path, ["Mouse,Group,DCX", *rows]))
    assert [choice.word for choice in asked.value.question.choices] == ["prefix", "whole"]


@pytest.mark.parametrize(
    "columns",
    [
        "DCX hemL,DCX hemR",
        "DCX slice a,DCX slice b",
        "DCX_secA,DCX_secB",
        "Schnitt A,Schnitt B",
        "DCX LH,DCX RH",
    ],
)
def test_words_of_a_part_in_headers(tmp_path: Path, columns: str) -> None:
    rows = [f"m{k},{group(k)},{v},{v}" for k, v in enumerate(VALUES)]
    rows[0] = "m0,ctrl,41,39"
    ((_, found),) = effects(read(written(tmp_path, [f"Mouse,Group,{columns}", *rows]))).items()
    assert found == [(pytest.approx(RATIO, abs=1e-3), 6)]


@pytest.mark.parametrize("words", [("hemL", "hemR"), ("linke Hemi", "rechte Hemi"), ("g", "d"), ("LH", "RH")])
def test_words_of_a_side_in_cells(tmp_path: Path, words: tuple[str, str]) -> None:
    rows = [f"m{k},{group(k)},{w},{v}" for k, v in enumerate(VALUES) for w in words]
    found = effects(read(written(tmp_path, ["Mouse,Group,Side,DCX", *rows])))
    assert found == {"DCX": [(pytest.approx(RATIO, abs=1e-3), 6)]}


UPPER = [
    ("Section 1", "Section 2"),
    ("Schnitt 1", "Schnitt 2"),
    ("Coupe A", "Coupe B"),
    ("left", "right"),
    ("Well 1", "Well 2"),
]


def two_rows(upper: tuple[str, str], *, apart: bool = False) -> list[str]:
    """Ki67 and DCX below each of two names; the second has twice the first."""
    rows = []
    for k, v in enumerate(VALUES):
        ki67, dcx = v, v + 10 + (k % 2)
        rows.append(f"m{k},{group(k)},{ki67},{dcx},{2 * ki67 + k % 2},{2 * dcx - k % 2}")
    return [f"Mouse,Group,{upper[0]},,{upper[1]},", ",,Ki67,DCX,Ki67,DCX", *rows]


@pytest.mark.parametrize("upper", UPPER)
def test_parts_above_markers_are_brought_together(tmp_path: Path, upper: tuple[str, str]) -> None:
    found = effects(read(written(tmp_path, two_rows(upper))))
    assert {name: len(each) for name, each in found.items()} == {"Ki67": 1, "DCX": 1}
    assert all(n == 6 for each in found.values() for _, n in each)


@pytest.mark.parametrize("upper", [("Day 1", "Day 7"), ("SVZ", "DG"), ("Woche 1", "Woche 4")])
def test_days_and_regions_above_markers_are_compared_apart(tmp_path: Path, upper: tuple[str, str]) -> None:
    imported = read(written(tmp_path, two_rows(upper)))
    assert {name: len(each) for name, each in effects(imported).items()} == {"Ki67": 2, "DCX": 2}
    assert imported.plan.within


@pytest.mark.parametrize("lower", ["Section 1,Section 2", "1,2", "L,R", "a,b"])
def test_markers_above_parts(tmp_path: Path, lower: str) -> None:
    lines = two_rows(("Ki67", "DCX"))
    lines[1] = f",,{lower},{lower}"
    found = effects(read(written(tmp_path, lines)))
    assert {name: [n for _, n in each] for name, each in found.items()} == {"Ki67": [6], "DCX": [6]}


def test_three_rows_of_header_as_text_and_merged(tmp_path: Path) -> None:
    three = [
        ["Mouse", "Group", "Section 1", "", "", "", "Section 2", "", "", ""],
        ["", "", "left", "", "right", "", "left", "", "right", ""],
        ["", "", *["Ki67", "DCX"] * 4],
    ]
    body = [[f"m{k}", group(k), *(v + 7 * j + (k * j) % 3 for j in range(8))] for k, v in enumerate(VALUES)]
    text = read(written(tmp_path, [",".join(map(str, row)) for row in (*three, *body)]))
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 2, 0, 5, "Section 1")
        sheet.merge_range(0, 6, 0, 9, "Section 2")
        for k in range(4):
            sheet.merge_range(1, 2 + 2 * k, 1, 3 + 2 * k, ("left", "right")[k % 2])
        for r, row in enumerate((*three, *body)):
            for c, cell in enumerate(row):
                if cell != "" and not (r < 2 and c > 1):
                    sheet.write(r, c, cell)
    assert effects(text) == effects(read(path))
    assert {name: [n for _, n in each] for name, each in effects(text).items()} == {"Ki67": [6], "DCX": [6]}
    assert text.observations.frame["unit_id"].nunique() == 4


@pytest.mark.parametrize(
    "header",
    [
        *(
            "images analysed",
            "n images",
            "Anzahl Bilder",
            "nb images",
            "fields counted",
            "ausgewertete Bilder",
        ),
        *("Bilder (n)", "campos contados", "champs comptés", "coupes analysées", "sezioni analizzate"),
        *("images per animal", "Schnitte pro Tier", "imagesanalysed", "number of FOV", "n_img"),
        *("coupesparanimal", "sezioni.per.animale", "slicespermouse"),
    ],
)
def test_a_number_of_images_is_what_counts_are_divided_by(tmp_path: Path, header: str) -> None:
    numbers = (4, 5, 6, 4, 8, 5)
    rows = [f"m{k},{group(k)},{v * n},{n}" for k, (v, n) in enumerate(zip(VALUES, numbers, strict=True))]
    imported = read(written(tmp_path, [f"Mouse,Group,DCX,{header}", *rows]))
    assert effects(imported) == {"DCX": [(pytest.approx(RATIO, abs=1e-3), 6)]}
    assert imported.plan.divided == (f"DCX is divided by {header}",)


@pytest.mark.parametrize("header", ["images", "Bilder", "fields", "coupes"])
def test_a_bare_plural_is_asked_about(tmp_path: Path, header: str) -> None:
    rows = [f"m{k},{group(k)},{v},{4 + k % 3}" for k, v in enumerate(VALUES)]
    with pytest.raises(QuestionError) as asked:
        read(written(tmp_path, [f"Mouse,Group,DCX,{header}", *rows]))
    assert [choice.word for choice in asked.value.question.choices] == ["number", "label"]
