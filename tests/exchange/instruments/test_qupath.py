"""QuPath exports, old and new, read back value for value; malformed twins are refused with the row."""

from __future__ import annotations

import hashlib
import itertools
import time
from pathlib import Path

import numpy as np
import pytest

from soleus.errors import InputError
from soleus.exchange.instruments.qupath import read_qupath
from soleus.exchange.instruments.reading import Reading

NEW = (
    "Image\tObject ID\tObject type\tName\tClassification\tParent\tROI\tCentroid X µm\tCentroid Y µm\t"
    "DAPI: Mean\tDAPI: Std.Dev."
)
ANNOTATIONS = (
    "Image\tName\tClass\tParent\tROI\tCentroid X µm\tCentroid Y µm\tNum Detections\tNum Negative\t"
    "Num Positive\tPositive %\tNum Positive per mm^2\tArea µm^2\tPerimeter µm"
)


def write(path: Path, lines: list[str], encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return path


def cell(image: str, identity: str, kind: str) -> str:
    return f"{image}\t{identity}\tCell\t\t{kind}\tSVZ\tPolygon\t10.5\t20.5\t100.0\t3.0"


def cells() -> list[str]:
    rows = [
        *(("M01_s1_L.tif", "DCX"), ("M01_s1_L.tif", "DCX"), ("M01_s1_L.tif", "DCX: Ki67")),
        *(("M01_s1_R.tif", "Ki67"), ("M02_s1_L.tif", ""), ("M01_s1_L.tif", "Ki67")),
    ]
    return [NEW, *(cell(image, f"id-{k}", kind) for k, (image, kind) in enumerate(rows))]


def counts(reading: Reading) -> dict[tuple[object, ...], float]:
    frame = reading.table.frame
    return {
        (animal, section, side, readout): value
        for animal, section, side, readout, value in zip(
            frame["animal"], frame["section"], frame["side"], frame["readout"], frame["value"], strict=True
        )
    }


EXPECTED = {
    ("M01", "s1", "left"): {"DCX": 2, "DCX: Ki67": 1, "Ki67": 1, "unclassified": 0},
    ("M01", "s1", "right"): {"DCX": 0, "DCX: Ki67": 0, "Ki67": 1, "unclassified": 0},
    ("M02", "s1", "left"): {"DCX": 0, "DCX: Ki67": 0, "Ki67": 0, "unclassified": 1},
}
FLAT = {(*unit, kind): float(n) for unit, kinds in EXPECTED.items() for kind, n in kinds.items()}


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_detections_count_by_image_and_class_with_zeros(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    lines = [line.replace("\t", separator) for line in cells()]
    path = write(tmp_path / "cells.txt", lines, encoding)
    reading = read_qupath(path)
    assert counts(reading) == FLAT
    assert reading.table.source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    frame = reading.table.frame
    assert list(frame["n_objects"][:4]) == [4.0] * 4
    where = {
        (image, readout): row
        for image, readout, row in zip(
            frame["image"], frame["readout"], reading.table.row_numbers, strict=True
        )
    }
    assert where["M01_s1_L.tif", "DCX: Ki67"] == 4
    assert where["M01_s1_L.tif", "Ki67"] == 7
    assert where["M02_s1_L.tif", "DCX"] == 6  # a zero stands where its image first occurs
    assert any("count 0" in note for note in reading.table.notes)
    assert reading.mapping.columns.side == "side"
    assert reading.questions == ("Which group is each animal in?",)


def test_parts_of_a_derived_class_count_in_each(tmp_path: Path) -> None:
    found = counts(read_qupath(write(tmp_path / "c.tsv", cells()), parts=True))
    assert found["M01", "s1", "left", "DCX"] == 3
    assert found["M01", "s1", "left", "Ki67"] == 2
    assert found["M01", "s1", "right", "DCX"] == 0


def test_an_old_export_has_class_and_no_object_id(tmp_path: Path) -> None:
    lines = ["Image\tName\tClass\tParent\tROI\tCentroid X µm\tCentroid Y µm"]
    lines += ["M01_s1_L.tif\tPathAnnotationObject\t\tImage\tPolygon\t1\t1"]
    lines += [
        f"M01_s1_L.tif\tPathCellObject\t{kind}\tImage\tPolygon\t1\t1" for kind in ("Negative", "Positive")
    ]
    lines += ["M02_s1_L.tif\tPathCellObject\tNegative\tImage\tPolygon\t1\t1"]
    reading = read_qupath(write(tmp_path / "old.tsv", lines))
    assert counts(reading) == {
        ("M01", "s1", "left", "Positive"): 1, ("M01", "s1", "left", "Negative"): 1,
        ("M02", "s1", "left", "Positive"): 0, ("M02", "s1", "left", "Negative"): 1,
    }  # fmt: skip


def test_annotations_and_cells_in_one_file_give_the_searched_area(tmp_path: Path) -> None:
    lines = [NEW + "\tArea µm^2"]
    for image, area in (("M01_s1_L.tif", "2500000"), ("M02_s1_L.tif", "1000000")):
        lines.append(
            f"{image}\ta-{image}\tAnnotation\tSVZ\tSVZ\tRoot object (Image)\tPolygon\t1\t1\t\t\t{area}"
        )
    lines.append("M01_s1_L.tif\tn\tAnnotation\tinner\tx\tSVZ\tPolygon\t1\t1\t\t\t700")
    lines.append(cell("M01_s1_L.tif", "1", "DCX") + "\t55.0")
    frame = read_qupath(write(tmp_path / "both.tsv", lines)).table.frame
    assert list(frame["value"]) == [1.0, 0.0]
    assert list(frame["exposure_mm2"]) == [2.5, 1.0]
    lines.append(cell("M01_s1_L.tif", "2", "DCX").replace("SVZ", "Root object (Image)") + "\t55.0")
    outside = read_qupath(write(tmp_path / "outside.tsv", lines))
    assert "exposure_mm2" not in outside.table.header
    assert any("outside" in note for note in outside.table.notes)


def annotation(image: str, region: str, numbers: str) -> str:
    return f"{image}\tPathAnnotationObject\t{region}\tImage\tPolygon\t1\t1\t{numbers}\t5.0"


def test_annotations_keep_counts_areas_regions_and_sides(tmp_path: Path) -> None:
    lines = [
        ANNOTATIONS,
        annotation("M01_s1.tif", "Left: SVZ", "10\t7\t3\t30.0\t1.2\t2500000.0"),
        annotation("M01_s1.tif", "Right: SVZ", "4\t4\t\t0\t0\t2000000.0"),
    ]
    reading = read_qupath(write(tmp_path / "a.tsv", lines))
    frame = reading.table.frame
    assert list(frame["readout"]) == ["Detections", "Negative", "Positive"] * 2
    assert list(frame["value"]) == [10, 7, 3, 4, 4, 0]
    assert list(frame["exposure_mm2"]) == [2.5] * 3 + [2.0] * 3
    assert list(frame["side"]) == ["left"] * 3 + ["right"] * 3
    assert list(frame["niche"]) == ["SVZ"] * 6
    assert list(reading.table.row_numbers) == [2, 2, 2, 3, 3, 3]
    assert reading.mapping.exposure is not None and reading.mapping.exposure.unit == "mm2"
    assert any("1 empty number" in note for note in reading.table.notes)


def test_decimal_commas_and_missing_counts(tmp_path: Path) -> None:
    header = "Image;Name;Classification;Parent;Cells: EGFP Count;Area µm^2"
    lines = [header, "M01_s1.tif;;SVZ;Root;12;2500000,5", "M02_s1.tif;;SVZ;Root;;1000000,5"]
    frame = read_qupath(write(tmp_path / "a.csv", lines)).table.frame
    assert frame["value"][0] == 12 and frame["exposure_mm2"][0] == pytest.approx(2.5000005, rel=1e-12)
    assert list(frame["excluded"]) == ["false", "true"]
    assert frame["exclusion_reason"][1] == "empty in the file"


def test_a_last_row_without_line_end_and_another_encoding_are_noted(tmp_path: Path) -> None:
    path = write(tmp_path / "c.tsv", cells(), "cp1252")
    assert any("Windows-1252" in note for note in read_qupath(path).table.notes)
    assert not any("cut short" in note for note in read_qupath(path).table.notes)
    path.write_bytes(path.read_bytes()[:-1])
    assert any("cut short" in note for note in read_qupath(path).table.notes)


def test_areas_in_pixels_are_no_exposure_and_the_note_says_why(tmp_path: Path) -> None:
    lines = [ANNOTATIONS.replace("µm^2", "px^2").replace("µm", "px")]
    lines.append(annotation("M01_s1.tif", "SVZ", "10\t7\t3\t30.0\t1.2\t2500000.0"))
    reading = read_qupath(write(tmp_path / "a.tsv", lines))
    assert "exposure_mm2" not in reading.table.header and reading.mapping.exposure is None
    assert any("pixels of different images differ in size" in note for note in reading.table.notes)


def test_two_annotations_of_one_region_are_two_fields(tmp_path: Path) -> None:
    row = annotation("M01_s1.tif", "SVZ", "10\t7\t3\t30.0\t1.2\t100.0")
    frame = read_qupath(write(tmp_path / "a.tsv", [ANNOTATIONS, row, row])).table.frame
    assert list(frame["field"]) == ["1"] * 3 + ["2"] * 3


def test_a_guess_by_place_alone_is_asked(tmp_path: Path) -> None:
    lines = [line.replace("M0", "") for line in cells()]
    questions = read_qupath(write(tmp_path / "c.tsv", lines)).questions
    assert any("read right" in question for question in questions)
    pattern = r"^(?P<animal>\d)_(?P<section>s\d)_(?P<side>[LR])"
    assert len(read_qupath(tmp_path / "c.tsv", pattern=pattern).questions) == 1


def test_a_pattern_with_a_group_leaves_no_question(tmp_path: Path) -> None:
    lines = [NEW, cell("HU_M01_s1.tif", "1", "DCX"), cell("ctrl_M02_s1.tif", "2", "DCX")]
    reading = read_qupath(write(tmp_path / "c.tsv", lines))
    assert reading.ready and list(reading.table.frame["group"]) == ["HU", "ctrl"]


def twins() -> dict[str, tuple[list[str], str]]:
    good = cells()
    px = NEW + "\tCentroid X px"
    mixed = [
        px,
        cell("M01_s1_L.tif", "1", "A") + "\t",
        cell("M02_s1_L.tif", "2", "A").replace("10.5", "") + "\t7",
    ]
    a = annotation("M01_s1.tif", "SVZ", "10\t7\t3\t30.0\t1.2\t100.0")
    return {
        "cut off": ([*good, "M01_s1_L.tif\tid"], r"row 8.*2 cells.*cut off"),
        "blank row": ([*good[:3], "", *good[3:]], r"row 4"),
        "wrong separator": ([good[0], good[1].replace("\t", ",")], r"row 2.*another separator"),
        "no separator": (["Image", "a.tif"], r"row 1.*no separator"),
        "no image column": ([line.split("\t", 1)[1] for line in good], r"row 1.*no column 'Image'"),
        "no class": ([good[0].replace("Classification", "Kind"), *good[1:]], r"row 1.*Classification"),
        "both classes": ([good[0].replace("ROI", "Class"), *good[1:]], r"row 1.*both"),
        "doubled column": ([good[0].replace("ROI", "Parent"), *good[1:]], r"row 1.*more than once"),
        "header only": ([NEW], r"no rows"),
        "empty image": ([*good, cell("", "9", "DCX")], r"row 8, column 'Image'"),
        "doubled object": ([*good, good[2]], r"row 8.*'id-1' occurs a second time.*remove"),
        "mixed calibration": (mixed, r"row 3.*'M02_s1_L.tif' is measured in pixels.*pixel size"),
        "name without match": ([*good, cell("overview.tif", "9", "DCX")], r"row 8.*'overview.tif' does not"),
        "annotation among cells": (
            ["Image\tName\tClass\tROI", "M01_s1.tif\tDCX\tDCX\tP", "M01_s1.tif\tmy SVZ\t\tP"],
            r"row 3, column 'Name': 'my SVZ' may be an annotation",
        ),
        "unknown type": ([*good, cell("M01_s1_L.tif", "9", "A").replace("Cell", "Blob")], r"row 8.*'Blob'"),
        "same unit": ([*good, cell("M01_s1_L copy.tif", "9", "A")], r"row 8.*both animal M01.*rename one"),
        "negative": ([ANNOTATIONS, a.replace("\t3\t", "\t-3\t")], r"row 2, column 'Num Positive'.*negative"),
        "not whole": ([ANNOTATIONS, a.replace("\t3\t", "\t3.5\t")], r"row 2.*not whole"),
        "not a number": ([ANNOTATIONS, a.replace("\t3\t", "\tthree\t")], r"row 2.*'three' is not a number"),
        "more than all": ([ANNOTATIONS, a.replace("\t3\t", "\t30\t")], r"row 2.*more than the 10"),
        "no area": ([ANNOTATIONS, a.replace("\t100.0\t", "\t0\t")], r"row 2.*not positive"),
    }  # fmt: skip


@pytest.mark.parametrize("name", list(twins()))
def test_malformed_twins_are_refused_with_row_and_mend(tmp_path: Path, name: str) -> None:
    lines, words = twins()[name]
    path = write(tmp_path / "twin.tsv", lines)
    with pytest.raises(InputError, match=words) as caught:
        read_qupath(path)
    assert str(path) in str(caught.value)


def test_binary_nonsense_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    for data in (bytes(range(256)) * 100, b"", b"PK\x03\x04zip"):
        path = tmp_path / "x.tsv"
        path.write_bytes(data)
        with pytest.raises(InputError, match=r"x\.tsv"):
            read_qupath(path)


@pytest.mark.slow
def test_a_million_cells_are_counted_in_under_twenty_seconds(tmp_path: Path) -> None:
    rng, size = np.random.default_rng(5), 1_000_000
    images = [f"M{a:02d}_s{s}_L.tif" for a, s in itertools.product(range(12), range(8))]
    kinds = ["DCX", "DCX: Ki67", "Ki67", ""]
    image, kind = rng.integers(0, len(images), size), rng.integers(0, 4, size)
    path = tmp_path / "million.tsv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write(NEW + "\n")
        for k in range(size):
            stream.write(cell(images[image[k]], f"{k:032x}", kinds[kind[k]]) + "\n")
    start = time.perf_counter()
    frame = read_qupath(path).table.frame
    assert time.perf_counter() - start < 20
    expected = np.bincount(image * 4 + kind, minlength=len(images) * 4)
    found = dict(zip(zip(frame["image"], frame["readout"], strict=True), frame["value"], strict=True))
    for number, name in enumerate(images):
        for other, word in enumerate(kinds):
            assert found[name, word or "unclassified"] == expected[number * 4 + other]
