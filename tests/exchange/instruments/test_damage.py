"""Random damage to files of every format ends in a reading or in a message that names the file."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from soleus.errors import InputError
from soleus.exchange.instruments import detect_format, read_instrument, read_samples
from soleus.exchange.readers.table import to_observations

FILES = {
    "qupath": (
        "Image\tObject ID\tObject type\tName\tClassification\tParent\tCentroid X µm\tArea µm^2\n"
        "M01_s1_L.tif\ta\tAnnotation\tSVZ\t\tRoot object (Image)\t1.5\t250000\n"
        "M01_s1_L.tif\tb\tCell\t\tDCX: Ki67\tSVZ\t1.5\t55\nM02_s1_R.tif\tc\tCell\t\tDCX\tSVZ\t2.5\t51\n"
    ),
    "annotations": (
        "Image;Class;Num Detections;Num Positive;Area µm^2\n"
        "M01_s1.tif;SVZ;10;3;2500,5\nM02_s1.tif;SVZ;5;;11,5\n"
    ),
    "cellprofiler": (
        "ImageNumber,Count_A,Count_B,FileName_X,ModuleError_01Id\n1,3,2,M01_s1.tif,0\n2,0,0,M01_s2.tif,1\n"
    ),
    "results": " ,Label,Area,X\n1,M01_s1_L.tif,12.5,1\n2,M01_s1_L.tif,13.5,2\n3,M02_s1_R.tif:r,1E3,3\n",
    "summary": "Slice\tCount\tTotal Area\nM01_s1.tif\t3\t10,5\nM02_s1.tif\t0\t0\n",
    "markers": (
        '<?xml version="1.0"?>\n<CellCounter_Marker_File><Image_Properties><Image_Filename>M01_s1.tif'
        "</Image_Filename></Image_Properties><Marker_Data><Marker_Type><Type>1</Type><Marker><MarkerX>1"
        "</MarkerX><MarkerY>2</MarkerY></Marker></Marker_Type></Marker_Data></CellCounter_Marker_File>"
    ),
    "prism": (
        '<?xml version="1.0"?>\n<GraphPadPrismFile><Table XFormat="none" YFormat="replicates">'
        '<Title>T</Title><YColumn Subcolumns="1"><Title>A</Title><Subcolumn><d>1.5</d><d Excluded="1">2</d>'
        "</Subcolumn></YColumn></Table></GraphPadPrismFile>"
    ),
    "flowjo": (
        ",Count,Cells | Count,Cells/A | Freq. of Parent\n"
        "HU_M01,100,50,10.5\nC_M02,90,40,20 %\nMean,95,45,15\n"
    ),
    "isatab": "Source Name\tSample Name\tFactor Value[Hindlimb Unloading]\nm1\ta\tx\nm2\tb\tNormally y\n",
}  # fmt: skip
MARKS = b"\t,;\n\"'<>&|:-./0915eEnNaA \x00\xb5\xc2\xff"


def damaged(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 5))):
        where, what = rng.randrange(len(data) + 1), rng.randrange(4)
        if what == 0:
            data = data[:where]
        elif what == 1:
            data = data[:where] + bytes([rng.choice(MARKS)]) + data[where + 1 :]
        elif what == 2:
            data = data[:where] + bytes([rng.choice(MARKS)]) + data[where:]
        else:
            other = rng.randrange(len(data) + 1)
            data = data[:where] + data[other : other + rng.randrange(40)] + data[where:]
        data = data or b" "
    return data


@pytest.mark.parametrize("times", [20, pytest.param(500, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", list(FILES))
def test_damage_never_ends_in_a_traceback(tmp_path: Path, name: str, times: int) -> None:
    rng = random.Random(f"damage of {name}")
    refused = 0
    path = tmp_path / ("Image.csv" if name == "cellprofiler" else "file.txt")
    for _ in range(times):
        path.write_bytes(damaged(FILES[name].encode("utf-8"), rng))
        try:
            if detect_format(path) == "isatab":
                read_samples(path)
            else:
                for reading in read_instrument(path):
                    to_observations(reading.table, reading.mapping)
        except InputError as error:
            assert path.name in str(error)
            refused += 1
    assert refused > times // 10
