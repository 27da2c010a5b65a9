"""Results and summaries of ImageJ: nameless first column, decimal commas, text named .xls."""

from __future__ import annotations

from pathlib import Path

import pytest

from soleus.errors import InputError
from soleus.exchange.instruments.imagej import read_imagej, read_results

RESULTS = """ ,Label,Area,Mean,Min,Max,X,Y,IntDen,RawIntDen
1,M01_s1_L.tif,12.5,100,90,110,5.25,6,1250,1250
2,M01_s1_L.tif,13.5,101,90,110,5.5,6,1250,1250
3,M01_s1_R.tif:roi 7,14,NaN,90,110,5.5,6,1250,1250
4,M02_s1_L.tif,1.5E-3,101,90,110,5.5,6,1250,1250
"""
SUMMARY = (
    "Slice\tCount\tTotal Area\tAverage Size\t%Area\tMean\n"
    "M01_s1.tif\t3\t10,5\t3,5\t1,25\t7\nM02_s1.tif\t0\t0\tNaN\t0\tNaN\n"
)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("first", ["", " ", '" "'])
def test_results_are_read_value_for_value(tmp_path: Path, first: str) -> None:
    table = read_results(write(tmp_path / "Results.csv", first + RESULTS[1:]))
    assert table.header == ("#", "Label", "Area", "Mean", "Min", "Max", "X", "Y", "IntDen", "RawIntDen")
    assert table.cells("Area") == [12.5, 13.5, 14.0, 0.0015]
    assert table.cells("Mean") == [100.0, 101.0, None, 101.0]
    assert table.cells("Label")[2] == "M01_s1_R.tif:roi 7"
    assert list(table.row_numbers) == [2, 3, 4, 5]


def test_results_count_by_image_and_say_that_zeros_are_missing(tmp_path: Path) -> None:
    reading = read_imagej(write(tmp_path / "Results.csv", RESULTS), readout="Ki67+")
    frame = reading.table.frame
    assert list(zip(frame["animal"], frame["side"], frame["value"], strict=True)) == [
        ("M01", "left", 2), ("M01", "right", 1), ("M02", "left", 1),
    ]  # fmt: skip
    assert list(reading.table.row_numbers) == [2, 4, 5]
    assert reading.mapping.values[0].readout == "Ki67+"
    assert any("Summary" in note for note in reading.table.notes)


def test_an_old_xls_is_text_with_tabs_and_decimal_commas(tmp_path: Path) -> None:
    text = " \tArea\tMean\tX\tY\tSlice\n1\t12,5\t100\t5,25\t6\t1\n2\t13\t7\t5,5\t6\t1\n"
    path = write(tmp_path / "M01_s1_L.xls", text)
    assert read_results(path).cells("Area") == [12.5, 13.0]
    frame = read_imagej(path).table.frame
    assert (frame["animal"][0], frame["section"][0], frame["side"][0], frame["value"][0]) == (
        "M01",
        "s1",
        "left",
        2,
    )


def test_regions_of_an_image_count_together(tmp_path: Path) -> None:
    text = RESULTS + "5,M01_s1_R.tif:roi 8,14,1,90,110,5.5,6,1250,1250\n"
    assert list(read_imagej(write(tmp_path / "Results.csv", text)).table.frame["value"]) == [2, 2, 1]


def test_slices_of_a_stack_are_fields(tmp_path: Path) -> None:
    text = " \tArea\tSlice\n1\t1\t2\n2\t1\t2\n3\t1\t5\n"
    reading = read_imagej(write(tmp_path / "M01.xls", text))
    assert list(reading.table.frame["field"]) == ["2", "5"] and list(reading.table.frame["value"]) == [2, 1]
    assert list(reading.table.row_numbers) == [2, 4]


def test_a_summary_has_the_images_in_which_nothing_was_found(tmp_path: Path) -> None:
    reading = read_imagej(write(tmp_path / "Summary.xls", SUMMARY))
    assert reading.format == "ImageJ summary"
    assert list(reading.table.frame["value"]) == [3, 0] and list(reading.table.frame["animal"]) == [
        "M01",
        "M02",
    ]
    assert not any("Summary" in note for note in reading.table.notes)


TWINS = {
    "cut off": (RESULTS[:-20], r"row 5: has \d cells, the header has 10.*cut off"),
    "decimal commas between commas": (RESULTS.replace("12.5", "12,5"), r"row 2: has 11 cells"),
    "both marks": (SUMMARY.replace("3,5", "3.5"), r"comma \(.*\) and with a point \(3\.5\)"),
    "joined tables": (RESULTS + RESULTS.split("\n", 1)[1], r"row 6: result 1 stands in row 2 too"),
    "not a number": (RESULTS.replace("13.5", "wide"), r"row 3, column 'Area': 'wide' is not a number"),
    "empty label": (RESULTS.replace("M01_s1_R.tif:roi 7", ""), r"row 4, column 'Label'"),
    "negative count": (SUMMARY.replace("\t3\t", "\t-3\t"), r"row 2, column 'Count': .* is negative"),
    "count not whole": (SUMMARY.replace("\t3\t", "\t3,5\t"), r"row 2, column 'Count': .* is not whole"),
    "no count": (SUMMARY.replace("\t3\t", "\t\t"), r"row 2, column 'Count'"),
    "another table": ("a,b\n1,2\n", r"row 1: no column of ImageJ's"),
    "name without match": (RESULTS.replace("M02_s1_L.tif", "blank.tif"), r"row 5: the name 'blank.tif'"),
}


@pytest.mark.parametrize("name", list(TWINS))
def test_malformed_twins_are_refused(tmp_path: Path, name: str) -> None:
    text, words = TWINS[name]
    with pytest.raises(InputError, match=r"twin\.csv.*" + words):
        read_imagej(write(tmp_path / "twin.csv", text))
