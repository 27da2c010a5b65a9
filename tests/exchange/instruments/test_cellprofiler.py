"""CellProfiler exports: zero-object images count 0, files are joined by image and object."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from soleus.errors import InputError
from soleus.exchange.instruments.cellprofiler import read_cellprofiler

HEAD = "ImageNumber,Count_Nuclei,Count_Cells,FileName_DNA,PathName_DNA,ModuleError_01Images,ModuleError_05Id"
IMAGE = f"""{HEAD}
1,3,2,M01_s1_L.tif,/x,0,0
2,0,0,M01_s1_R.tif,/x,0,0
3,1,1,M02_s1_L.tif,/x,0,0
"""
NUCLEI = """ImageNumber,ObjectNumber,AreaShape_Area,Location_Center_X
1,1,50,1.5
1,2,51,2.5
1,3,52,3.5
3,1,53,4.5
"""
CELLS = """ImageNumber,ObjectNumber,AreaShape_Area
1,1,150
1,2,151
3,1,152
"""


def folder(path: Path, prefix: str = "MyExpt_", **files: str) -> Path:
    contents = {"Image": IMAGE, "Nuclei": NUCLEI, "Cells": CELLS, "Experiment": "Key,Value\nRun,1\n"} | files
    for name, text in contents.items():
        if text:
            (path / f"{prefix}{name}.csv").write_text(text, encoding="utf-8")
    return path


def values(path: Path) -> list[tuple[object, ...]]:
    frame = read_cellprofiler(path).table.frame
    names = ("animal", "section", "side", "readout", "value")
    return list(zip(*(frame[name] for name in names), strict=True))


EXPECTED = [
    ("M01", "s1", "left", "Nuclei", 3), ("M01", "s1", "left", "Cells", 2),
    ("M01", "s1", "right", "Nuclei", 0), ("M01", "s1", "right", "Cells", 0),
    ("M02", "s1", "left", "Nuclei", 1), ("M02", "s1", "left", "Cells", 1),
]  # fmt: skip


@pytest.mark.parametrize("prefix", ["MyExpt_", ""])
def test_images_without_objects_count_zero(tmp_path: Path, prefix: str) -> None:
    assert values(folder(tmp_path, prefix)) == EXPECTED
    assert values(tmp_path / f"{prefix}Nuclei.csv") == EXPECTED
    reading = read_cellprofiler(tmp_path)
    assert list(reading.table.row_numbers) == [2, 2, 3, 3, 4, 4]
    assert reading.table.path.name == f"{prefix}Image.csv"


def test_counts_come_from_the_files_of_objects_where_image_has_none(tmp_path: Path) -> None:
    image = "ImageNumber,FileName_DNA\n1,M01_s1_L.tif\n2,M01_s1_R.tif\n3,M02_s1_L.tif\n"
    assert sorted(values(folder(tmp_path, Image=image))) == sorted(EXPECTED)


def test_a_single_file_has_two_header_rows(tmp_path: Path) -> None:
    combined = (
        "Image,Image,Nuclei,Nuclei,Cells\nImageNumber,ObjectNumber,AreaShape_Area,Location_X,AreaShape_Area\n"
        "1,1,50,1,150\n1,2,51,2,151\n1,3,52,3,nan\n3,1,53,4,152\n"
    )
    image = "ImageNumber,FileName_DNA\n1,M01_s1_L.tif\n2,M01_s1_R.tif\n3,M02_s1_L.tif\n"
    assert values(folder(tmp_path, Image=image, Nuclei="", Cells="", All=combined)) == EXPECTED


def test_metadata_name_the_animal_and_its_group(tmp_path: Path) -> None:
    image = (
        "ImageNumber,Count_Nuclei,Metadata_Mouse,Metadata_Section,Metadata_Group\n"
        "1,3,12,1,HU\n2,0,12,1,HU\n3,1,13,1,control\n"
    )
    reading = read_cellprofiler(folder(tmp_path, Image=image, Cells=""))
    frame = reading.table.frame
    assert list(frame["animal"]) == ["12", "12", "13"] and list(frame["group"]) == ["HU", "HU", "control"]
    assert list(frame["field"]) == ["1", "2", "3"]  # two images of one section
    assert reading.ready and reading.pattern is None


def test_images_in_which_a_module_failed_are_excluded(tmp_path: Path) -> None:
    image = IMAGE.replace("2,0,0,M01_s1_R.tif,/x,0,0", "2,0,,M01_s1_R.tif,/x,0,1")
    reading = read_cellprofiler(folder(tmp_path, Image=image))
    frame = reading.table.frame
    assert list(frame["excluded"]) == ["false"] * 2 + ["true"] * 2 + ["false"] * 2
    assert frame["exclusion_reason"][2] == "CellProfiler's module 05Id failed"
    columns = reading.mapping.columns
    assert (columns.excluded, columns.exclusion_reason) == ("excluded", "exclusion_reason")
    assert "row 3" in " ".join(reading.table.notes)


TWINS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no image file": (lambda p: folder(p, Image="").joinpath("MyExpt_Nuclei.csv"), r"no Image\.csv"),
    "contradiction": (lambda p: folder(p, Image=IMAGE.replace("1,3,2", "1,4,2")), r"row 2: .* 4.*has 3"),
    "object twice": (lambda p: folder(p, Nuclei=NUCLEI + "1,2,9,9\n"), r"Nuclei\.csv, row 6: object 2"),
    "image twice": (lambda p: folder(p, Image=IMAGE + "1,3,2,M09_s1_L.tif,/x,0,0\n"), r"row 5.*twice"),
    "unknown image": (lambda p: folder(p, Nuclei=NUCLEI + "9,1,9,9\n"), r"row 6: .*'9'.*no such image"),
    "negative": (lambda p: folder(p, Image=IMAGE.replace("2,0,0", "2,-1,0")), r"row 3, column 'Count_N"),
    "no number": (lambda p: folder(p, Image=IMAGE.replace("ImageNumber", "Number")), r"row 1.*ImageNumber"),
    "no object number": (lambda p: folder(p, Nuclei=NUCLEI.replace("ObjectNumber", "N")), r"ObjectNumber"),
    "cut off": (lambda p: folder(p, Nuclei=NUCLEI[:-6]), r"row 5.*cells"),
    "no counts": (lambda p: folder(p, Image="ImageNumber,FileName_A\n1,M1\n", Nuclei="", Cells=""), r"Co"),
    "no names": (lambda p: folder(p, Image="ImageNumber,Count_Nuclei\n1,3\n3,1\n", Cells=""), r"Metadata"),
    "name without match": (
        lambda p: folder(p, Image=IMAGE.replace("M02_s1_L.tif", "blank.tif")), r"row 4.*'blank\.tif'"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(TWINS))
def test_malformed_twins_are_refused(tmp_path: Path, name: str) -> None:
    make, words = TWINS[name]
    with pytest.raises(InputError, match=words):
        read_cellprofiler(make(tmp_path))


def test_two_image_files_are_refused(tmp_path: Path) -> None:
    folder(tmp_path, "a_"), folder(tmp_path, "b_")
    with pytest.raises(InputError, match="more than one"):
        read_cellprofiler(tmp_path)
