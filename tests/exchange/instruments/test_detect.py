"""Formats are told by what a file holds, whatever its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from soleus.errors import InputError
from soleus.exchange.instruments.detect import FORMATS, detect_format, read_instrument

FILES = {
    "qupath": "Image\tObject ID\tObject type\tClassification\nM01_s1_L.tif\t1\tCell\tDCX\n",
    "cellprofiler": "ImageNumber,Count_Nuclei,Metadata_Animal\n1,3,M01\n",
    "imagej": " ,Label,Area\n1,M01_s1_L.tif,12\n",
    "cell_counter": (
        '<?xml version="1.0"?><CellCounter_Marker_File><Image_Properties><Image_Filename>M01_s1.tif'
        "</Image_Filename></Image_Properties><Marker_Data><Marker_Type><Type>1</Type></Marker_Type>"
        "</Marker_Data></CellCounter_Marker_File>"
    ),
    "prism": (
        '<?xml version="1.0"?><GraphPadPrismFile><Table YFormat="replicates"><Title>T</Title><YColumn>'
        "<Title>A</Title><Subcolumn><d>1</d></Subcolumn></YColumn></Table></GraphPadPrismFile>"
    ),
    "flowjo": ",Count,Cells | Count\nM01,10,5\n",
    "isatab": '"Sample Name"\t"Factor Value[A]"\n"a"\t"x"\n',
}


@pytest.mark.parametrize("name", list(FILES))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_format_is_told_by_content(tmp_path: Path, name: str, encoding: str) -> None:
    path = tmp_path / ("Image.csv" if name == "cellprofiler" else "file.dat")
    path.write_bytes(FILES[name].encode(encoding))
    assert detect_format(path) == name
    if name == "isatab":
        with pytest.raises(InputError, match="--samples"):
            read_instrument(path)
        return
    (reading,) = read_instrument(path)
    assert len(reading.table) == 1 and reading.table.path == path


def test_every_format_is_tried_here() -> None:
    assert set(FILES) == set(FORMATS)


def test_folders_are_told_by_what_lies_in_them(tmp_path: Path) -> None:
    for name, file in (("cellprofiler", "My_Image.csv"), ("isatab", "s_x.txt"), ("cell_counter", "a.xml")):
        folder = tmp_path / name
        folder.mkdir()
        assert detect_format(folder) is None
        (folder / file).write_text(FILES[name], encoding="utf-8")
        assert detect_format(folder) == name
    assert len(read_instrument(tmp_path / "cell_counter")) == 1


def test_tidy_tables_and_nonsense_are_none_of_these(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    for data in (
        b"animal,group,count\nM1,a,3\n",
        b"",
        bytes(range(256)),
        b"<html></html>",
        b"PK\x03\x04broken",
    ):
        path.write_bytes(data)
        assert detect_format(path) is None
        with pytest.raises(InputError, match="no file of an instrument"):
            read_instrument(path)
    with pytest.raises(InputError, match="does not exist"):
        detect_format(tmp_path / "nothing")
