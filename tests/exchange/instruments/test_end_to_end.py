"""From an instrument's file to observations: asked once, saved, used again without asking."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from soleus.exchange.instruments import animals_table, read_instrument, read_prism_tables, write_pzfx
from soleus.exchange.instruments.reading import Reading
from soleus.exchange.readers.mapping import Constants, Mapping
from soleus.exchange.readers.table import to_observations
from soleus.observations import Observations

CONSTANTS = Constants(day=14, assay="section count", niche="SVZ")


def answered(reading: Reading, groups: dict[str, str]) -> Mapping:
    filled = reading.mapping.groups.model_copy(update={"labels": groups})
    return Mapping.model_validate_json(
        reading.mapping.model_copy(update={"groups": filled}).model_dump_json()
    )


def totals(observations: Observations, readout: str) -> dict[str, tuple[str, float, int]]:
    rows = observations.rows(readout, 14)
    table = rows.groupby("animal", sort=False).agg(
        group=("group", "first"), value=("value", "sum"), n=("value", "size")
    )
    return {str(one.Index): (one.group, one.value, one.n) for one in table.itertuples()}


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_qupath_to_animals(tmp_path: Path) -> None:
    lines = ["Image\tObject ID\tObject type\tClassification\tParent"]
    for number, image in enumerate(["M01_s1_L", "M01_s1_L", "M01_s2_L", "M02_s1_R"]):
        lines.append(f"{image}.tif\t{number}\tCell\t{'DCX' if image != 'M01_s2_L' else 'Ki67'}\tSVZ")
    path = write(tmp_path / "cells.tsv", "\n".join(lines) + "\n")
    (first,) = read_instrument(path, constants=CONSTANTS)
    mapping = answered(first, {"M01": "HU", "M02": "control"})
    (again,) = read_instrument(path, mapping=mapping)
    assert again.ready
    observations = to_observations(again.table, again.mapping)
    assert totals(observations, "DCX") == {"M01": ("HU", 2.0, 2), "M02": ("control", 1.0, 1)}
    assert totals(observations, "Ki67") == {"M01": ("HU", 1.0, 2), "M02": ("control", 0.0, 1)}
    frame = observations.frame
    assert set(frame["source"]) == {f"file:{again.table.source.sha256}"}
    assert list(frame["unit_level"].unique()) == ["section"] and list(frame["side"].unique()) == [
        "left",
        "right",
    ]


def test_cellprofiler_to_animals(tmp_path: Path) -> None:
    text = "ImageNumber,Count_DCX,Metadata_Animal,Metadata_Section,Metadata_Group\n"
    text += "1,5,M01,1,HU\n2,0,M01,2,HU\n3,7,M02,1,control\n"
    (reading,) = read_instrument(write(tmp_path / "Image.csv", text), constants=CONSTANTS)
    assert reading.ready and reading.assumed == ()
    observations = to_observations(reading.table, reading.mapping)
    assert totals(observations, "DCX") == {"M01": ("HU", 5.0, 2), "M02": ("control", 7.0, 1)}


def test_cell_counter_to_animals(tmp_path: Path) -> None:
    def markers(image: str, number: int) -> str:
        clicks = "".join(
            f"<Marker><MarkerX>{k}</MarkerX><MarkerY>1</MarkerY></Marker>" for k in range(number)
        )
        return (
            f"<CellCounter_Marker_File><Image_Properties><Image_Filename>{image}</Image_Filename>"
            f"</Image_Properties><Marker_Data><Marker_Type><Type>3</Type>{clicks}</Marker_Type></Marker_Data>"
            "</CellCounter_Marker_File>"
        )

    write(tmp_path / "a.xml", markers("M01_s1.tif", 4)), write(tmp_path / "b.xml", markers("M02_s1.tif", 0))
    first, second = read_instrument(tmp_path, types={3: "DCX"}, constants=CONSTANTS)
    groups = {"M01": "HU", "M02": "control"}
    for reading, animal, expected in ((first, "M01", ("HU", 4.0, 1)), (second, "M02", ("control", 0.0, 1))):
        observations = to_observations(reading.table, answered(reading, groups))
        assert totals(observations, "DCX") == {animal: expected}
    again = read_instrument(tmp_path, mapping=answered(first, groups))
    assert all(reading.ready for reading in again)
    # A mapping tells which buttons count, also in a file in which nothing was clicked.
    other = "<Marker_Type><Type>1</Type></Marker_Type>"
    text = markers("M03_s1.tif", 0).replace("<Marker_Type>", f"{other}<Marker_Type>")
    write(tmp_path / "c.xml", text)
    (empty,) = read_instrument(tmp_path / "c.xml", mapping=answered(first, {**groups, "M03": "HU"}))
    assert [name for name in empty.table.header if name.startswith("type")] == ["type 3"]
    assert totals(to_observations(empty.table, empty.mapping), "DCX") == {"M03": ("HU", 0.0, 1)}


def test_imagej_summary_to_animals(tmp_path: Path) -> None:
    text = "Slice\tCount\tTotal Area\nHU_M01_s1.tif\t3\t1,5\nHU_M01_s2.tif\t0\t0\nctrl_M02_s1.tif\t4\t2,5\n"
    (reading,) = read_instrument(write(tmp_path / "Summary.xls", text), constants=CONSTANTS)
    assert reading.ready
    observations = to_observations(reading.table, reading.mapping)
    assert totals(observations, "objects") == {"M01": ("HU", 3.0, 2), "M02": ("ctrl", 4.0, 1)}


def test_without_a_day_all_is_on_day_zero_and_that_is_said(tmp_path: Path) -> None:
    text = "ImageNumber,Count_DCX,Metadata_Animal,Metadata_Group\n1,5,M01,HU\n2,4,M02,control\n"
    (reading,) = read_instrument(write(tmp_path / "Image.csv", text))
    assert reading.assumed == ("no column names a day: days are not told apart",)
    frame = to_observations(reading.table, reading.mapping).frame
    assert set(frame["day"]) == {0.0} and set(frame["assay"]) == {"CellProfiler"}


def test_annotated_areas_stay_an_exposure(tmp_path: Path) -> None:
    text = "Image\tClassification\tNum Detections\tNum DCX\tArea µm^2\nHU_M01_s1.tif\tSVZ\t9\t4\t250000\n"
    text += "HU_M01_s2.tif\tSVZ\t9\t5\t500000\nctrl_M02_s1.tif\tSVZ\t9\t6\t1000000\n"
    constants = Constants(day=14, assay="section count")
    (reading,) = read_instrument(write(tmp_path / "a.tsv", text), constants=constants)
    observations = to_observations(reading.table, reading.mapping)
    assert set(observations.frame["niche"]) == {"SVZ"}
    rows = observations.rows("DCX", 14)
    table = rows.groupby("animal", sort=False).agg({"value": "sum", "exposure": "sum", "group": "first"})
    assert list(table["value"]) == [9, 6] and set(rows["exposure_unit"]) == {"mm2"}
    write_pzfx([animals_table("DCX", table)], tmp_path / "out.pzfx")
    (prism,) = read_prism_tables(tmp_path / "out.pzfx")[1]
    found = {column.title: [cell.value for cell in column.subcolumns[0]] for column in prism.columns}
    assert found == {"HU": [9.0], "ctrl": [6.0]}
    np.testing.assert_allclose(table["exposure"].to_numpy(), [0.75, 1.0], rtol=1e-12)
