"""A published sheet, read straight (Abby et al., mouse oesophagus, wild type and Notch1 mutant)."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from soleus.exchange.readers.totals import totals
from soleus.exchange.reading import read

SHEET = Path(__file__).parents[4] / "shared/data/edu-brdu-epithelium/Summary_EdU_BrdU_data.xlsx"
PARTS = (
    "EdU_blank",
    "EdU_BrdU",
    "EdU_pH3G2",
    "EdU_pH3M",
    "Blank_blank",
    "Blank_pH3G2",
    "Blank_pH3M",
    "Blank_BrdU",
)

needs_sheet = pytest.mark.skipif(not SHEET.is_file(), reason="the published sheet is not at hand")


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """The sheet alone: whoever opened it before may have left a mapping beside it."""
    return Path(shutil.copy(SHEET, tmp_path))


@needs_sheet
def test_the_sheet_is_read_without_being_asked(sheet: Path) -> None:
    imported = read(sheet)
    frame = imported.observations.frame
    assert imported.proposed
    assert imported.observations.groups == ("WT", "Mut")
    assert imported.observations.provenance["control"] == "WT"
    assert imported.observations.readouts == (*PARTS, "bTotal", "sbEdU")
    assert set(frame["unit_level"]) == {"field"}
    assert len(frame) == 21 * 10
    animals = frame.groupby("group")["animal"].unique()
    assert [list(animals["WT"]), list(animals["Mut"])] == [["1", "2", "3", "4"], ["5", "6", "7"]]
    assert (frame.groupby(["animal", "readout"]).size() == 3).all()
    row = frame[(frame["source_row"] == 22) & (frame["readout"] == "EdU_BrdU")]
    assert row[["animal", "group", "field", "value"]].to_numpy().tolist() == [["7", "Mut", "21", 32.0]]


@needs_sheet
def test_the_total_is_the_sum_of_eight_categories_and_the_ninth_is_not_part_of_it(sheet: Path) -> None:
    imported = read(sheet)
    wide = imported.observations.frame.pivot(index="source_row", columns="readout", values="value")
    assert (wide["bTotal"] == wide[list(PARTS)].sum(axis=1)).all()
    assert (wide["bTotal"] != wide[[*PARTS, "sbEdU"]].sum(axis=1)).all()
    names = [*PARTS, "bTotal", "sbEdU"]
    assert totals(wide[names].to_numpy(dtype=float), names) == {"bTotal": PARTS}
    assert any(
        f"'bTotal' is in every row the sum of {', '.join(PARTS)}:" in text for text in imported.plan.made_of
    )


def test_totals_are_found_only_where_the_rows_prove_them() -> None:
    rng = np.random.default_rng(1)
    parts = rng.poisson(30, (12, 4)).astype(float)
    table = np.column_stack([parts, parts[:, :3].sum(axis=1)])
    names = ["a", "b", "c", "d", "all"]
    assert totals(table, names) == {"all": ("a", "b", "c")}
    wrong = table.copy()
    wrong[5, 4] += 1
    assert totals(wrong, names) == {}
    assert totals(table[:4], names) == {}
    assert totals(parts, names[:4]) == {}
