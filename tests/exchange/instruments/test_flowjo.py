"""FlowJo tables: frequencies become counts of a parent, or are refused; rows of means are dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from soleus.errors import InputError
from soleus.exchange.instruments.flowjo import read_flowjo
from soleus.exchange.readers.mapping import Constants
from soleus.exchange.readers.table import to_observations

HEAD = (
    ",Count,Cells | Count,Cells/Ki67+ | Freq. of Parent (%),Cells/Ki67+ | Median (FITC-A),"
    "Cells/S | Freq. of Total"
)
TABLE = f"""{HEAD}
HU_M01.fcs,20000,10000,12.3,100.5,5.0
ctrl_M02.fcs,20000,8000,25.00 %,90,10
Mean,20000,9000,18.65,95,7.5
SD,0,1414,8.98,7.4,3.5
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def rows(path: Path) -> dict[tuple[str, str], tuple[float, float]]:
    frame = read_flowjo(path).table.frame
    keys = zip(frame["animal"], frame["readout"], strict=True)
    return dict(zip(keys, zip(frame["value"], frame["denominator"], strict=True), strict=True))


EXPECTED = {
    ("M01", "Cells"): (10000, 20000), ("M01", "Ki67+"): (1230, 10000), ("M01", "S"): (1000, 20000),
    ("M02", "Cells"): (8000, 20000), ("M02", "Ki67+"): (2000, 8000), ("M02", "S"): (2000, 20000),
}  # fmt: skip


@pytest.mark.parametrize(("separator", "mark"), [(",", "."), ("\t", ","), (";", ",")])
def test_frequencies_become_counts_of_their_parent(tmp_path: Path, separator: str, mark: str) -> None:
    text = TABLE.replace(",", separator)
    text = text.replace(".3", f"{mark}3").replace("25.00", f"25{mark}00").replace("5.0\n", f"5{mark}0\n")
    text = text.replace("100.5", f"100{mark}5")
    if mark == ",":
        text = "\n".join(text.splitlines()[:3])
    path = write(tmp_path / "table.csv", text)
    assert rows(path) == EXPECTED


def test_rows_of_means_are_dropped_and_noted_and_the_rest_is_observed(tmp_path: Path) -> None:
    reading = read_flowjo(write(tmp_path / "t.csv", TABLE), constants=Constants(day=3, assay="flow"))
    notes = " ".join(reading.table.notes)
    assert "Mean (row 4), SD (row 5)" in notes and "at most 100 cells" in notes
    assert reading.ready and list(reading.table.row_numbers) == [2, 2, 2, 3, 3, 3]
    frame = to_observations(reading.table, reading.mapping).frame
    assert list(frame["group"]) == ["HU"] * 3 + ["ctrl"] * 3
    assert list(frame["denominator"]) == [20000, 10000, 20000, 20000, 8000, 20000]
    assert set(frame["value_kind"]) == {"count"}


def test_keywords_name_animal_and_group_and_empty_cells_are_excluded(tmp_path: Path) -> None:
    text = "Sample,Mouse,Group,Live | Count,Live/A | Count,Live/B/A | Count\n"
    text += "x1,7,HU,100,40,n/a\nx2,8,C,100,50,3\n"
    frame = read_flowjo(write(tmp_path / "t.csv", text)).table.frame
    assert list(frame["animal"]) == ["7"] * 3 + ["8"] * 3
    assert list(frame["readout"][:3]) == ["Live", "Live/A", "Live/B/A"]
    assert list(frame["excluded"]) == ["false", "false", "true"] + ["false"] * 3


def test_a_workbook_is_read_like_text(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    lines = TABLE.replace("25.00 %", "25.00").splitlines()
    book.active.append(["Sample", *lines[0].split(",")[1:]])
    for line in lines[1:]:
        name, *numbers = line.split(",")
        book.active.append([name, *map(float, numbers)])
    book.save(tmp_path / "t.xlsx")
    assert rows(tmp_path / "t.xlsx") == EXPECTED


def test_gates_can_be_chosen(tmp_path: Path) -> None:
    text = TABLE.replace("Cells/S | Freq. of Total", "Lost/S | Freq. of Parent")
    path = write(tmp_path / "t.csv", text)
    with pytest.raises(InputError, match=r"column 'Lost/S \| Freq. of Parent'.*'Lost', whose Count is not"):
        read_flowjo(path)
    assert set(read_flowjo(path, gates=["Cells/Ki67+"]).table.frame["readout"]) == {"Ki67+"}
    with pytest.raises(InputError, match="no gate 'Kells'"):
        read_flowjo(path, gates=["Kells"])


ONLY_MEANS = "\n".join([HEAD, *TABLE.splitlines()[3:], ""])
TWINS = {
    "no parent count": (TABLE.replace("Cells | Count", "Cells | Mean (A)"), r"row 1, column .*no weight"),
    "means only": (ONLY_MEANS, r"row 2: holds rows of means only"),
    "negative count": (TABLE.replace(",10000,", ",-5,"), r"row 2, column 'Cells \| Count': '-5' is negative"),
    "over 100": (TABLE.replace("12.3", "123"), r"row 2, column .*123 is no percentage"),
    "child over parent": (TABLE.replace(",8000,", ",80000,"), r"row 3: 80000 cells of 'Cells' are more than"),
    "not a number": (TABLE.replace("12.3", "many"), r"row 2, column .*'many' is not a number"),
    "sample twice": (TABLE.replace("ctrl_M02", "HU_M01"), r"row 3: the sample 'HU_M01.fcs' stands in row 2"),
    "cut off": (TABLE[:-20], r"row 5: has \d cells"),
    "not FlowJo's": ("a,b\nM1,2\n", r"row 1: no column is of the form"),
    "no statistic": (",Cells | Median (A)\nM1,2\n", r"row 1: .*Count"),
    "doubled column": (TABLE.replace("Cells/S | Freq. of Total", "Count"), r"row 1: column 'Count'"),
    "contradiction": (
        TABLE.replace("Cells/S | Freq. of Total", "Cells/Ki67+ | Count").replace(",5.0\n", ",999\n"),
        r"row 2.*12\.3 % of 10000 cells are not the 999",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(TWINS))
def test_malformed_twins_are_refused(tmp_path: Path, name: str) -> None:
    text, words = TWINS[name]
    with pytest.raises(InputError, match=r"twin\.csv.*" + words):
        read_flowjo(write(tmp_path / "twin.csv", text))
