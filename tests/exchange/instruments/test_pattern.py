"""Patterns of image names: guessed, shown before they are applied, and refused with the row."""

from __future__ import annotations

from pathlib import Path

import pytest

from soleus.errors import InputError
from soleus.exchange.instruments.pattern import NameParts, NamePattern, guess_pattern, preview

NAMES = ["M01_s3_L.ome.tif", "M01_s3_R.ome.tif", "M02_s4_L.ome.tif - Series 1"]


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (NAMES, NameParts("M01", "s3", "left")),
        (["HU_mouse12_sec03_left.czi", "ctrl_mouse13_sec01_right.czi"],
         NameParts("mouse12", "sec03", "left", group="HU")),
        (["scans/HU 12 sec3 left.czi", "scans/HU 12 sec4 left.czi"],
         NameParts("12", "sec3", "left", group="HU")),
        (["HU_M01.fcs", "C_M02.fcs"], NameParts("M01")),
        (["dark_4.tif", "light_5.tif"], NameParts("4")),
        (["ctrl-7-1.tif", "ctrl-8-1.tif", "hu-9-2.tif"], NameParts("7", "1", group="ctrl")),
        (["A7_f01_R.png", "A7_f02_R.png"], NameParts("A7", side="right", field="f01")),
    ],
)  # fmt: skip
def test_a_pattern_is_guessed_from_names(names: list[str], parts: NameParts) -> None:
    pattern = guess_pattern(names)
    assert pattern is not None
    assert pattern.parts(names[0]) == parts
    assert list(preview(pattern, names)["problem"]) == [None] * len(names)


def test_a_preview_shows_names_that_do_not_match() -> None:
    pattern = guess_pattern(NAMES)
    assert pattern is not None
    table = preview(pattern, [*NAMES, "overview.tif"])
    assert list(table["animal"][:3]) == ["M01", "M01", "M02"]
    assert list(table["side"][:3]) == ["left", "right", "left"]
    assert "does not match" in table["problem"][3]


def test_nothing_is_guessed_from_nothing() -> None:
    assert guess_pattern([]) is None
    assert guess_pattern(["left.tif", "right.tif"]) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("(?P<animal>M", "not a regular"),
        (r"(?P<section>\d+)", "animal"),
        (r"(?P<animal>M)(?P<mouse>1)", "mouse"),
    ],
)
def test_a_pattern_that_cannot_serve_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        NamePattern(text)


def test_names_that_do_not_match_are_refused_with_row_and_mend() -> None:
    pattern = NamePattern(r"^(?P<animal>M\d+)_(?P<side>\w)")
    with pytest.raises(InputError, match=r"x\.tsv, row 7: the name 'slide'.*also 'other'.*mend the pattern"):
        pattern.apply(["M1_L", "slide", "other"], path=Path("x.tsv"), rows=[2, 7, 9])
    with pytest.raises(InputError, match=r"row 3: the side 'Q'.*neither left"):
        pattern.apply(["M1_L", "M1_Q"], path=Path("x.tsv"), rows=[2, 3])
