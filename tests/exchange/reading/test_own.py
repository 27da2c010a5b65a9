"""A run's own table that a spreadsheet saved again: read as itself, and how it was read is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from soleus.api.files import Request, read_file
from soleus.errors import InputError
from soleus.exchange.reading.own import read_saved_again
from soleus.exchange.workbook_writer import write_sheet
from soleus.observations import Observations, read, write_csv


@pytest.fixture
def table(tmp_path: Path) -> tuple[Path, Observations]:
    rows = [
        {
            "study": "s", "animal": f"{g}{k}", "group": g, "sex": "male", "day": 14.0, "assay": "counts",
            "readout": "+Ki67", "unit_level": "section", "unit_id": str(n), "section": str(n),
            "value": float(10 + k + n), "value_kind": "count", "unit": "cells", "exposure": 0.125 + n / 3,
            "exposure_unit": "mm2", "excluded": k == 3 and n == 1, "source": f"file:{0:064x}",
            "source_row": 2 + n,
            "exclusion_reason": "torn" if k == 3 and n == 1 else None,
        }
        for g in ("control", "unloaded") for k in range(4) for n in (1, 2)
    ]  # fmt: skip
    observations = Observations(pd.DataFrame(rows), factors={}, provenance={})
    path = tmp_path / "observations.csv"
    write_csv(observations, path)
    return path, read(path)


def as_semicolons(path: Path) -> Path:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name in ("day", "value", "exposure"):
        frame[name] = frame[name].str.replace(".", ",", regex=False)
    frame["excluded"] = frame["excluded"].str.lower().map({"true": "WAHR", "false": "FALSCH"})
    out = path.with_name("again.csv")
    frame.to_csv(out, sep=";", index=False)
    return out


def as_workbook(path: Path) -> Path:
    frame = pd.read_csv(path, keep_default_na=False, na_values=[""])
    out = path.with_name("again.xlsx")
    write_sheet(frame, out)
    return out


@pytest.mark.parametrize("saved", [as_semicolons, as_workbook])
def test_a_table_that_was_saved_again_is_the_table(saved, table: tuple[Path, Observations]) -> None:
    path, wanted = table
    found = read_file(saved(path), Request())
    for name in wanted.frame.columns:
        one, other = wanted.frame[name], found.observations.frame[name]
        if one.dtype.kind == "f":
            assert np.allclose(one.astype(float), other.astype(float), equal_nan=True), name
        else:
            assert (
                one.astype(object).where(one.notna(), None).tolist()
                == other.astype(object).where(other.notna(), None).tolist()
            ), name
    assert "saved again" in found.format and found.plan is not None
    assert any("summed" in line for line in found.plan.summed)
    assert found.plan.control == "control" and found.plan.left_out[0].why.startswith("torn")


def test_a_run_s_own_table_says_how_it_was_read(table: tuple[Path, Observations]) -> None:
    plan = read_file(table[0], Request()).plan
    assert plan is not None and plan.rows == 14
    assert {c.column: c.role for c in plan.columns}["readout"] == "read-out"
    assert plan.control_reason == "it is named like a control"
    assert read_file(table[0], Request(control="unloaded")).plan.control_reason == "you named it"  # type: ignore[union-attr]


def test_a_cell_that_cannot_be_right_is_named(table: tuple[Path, Observations]) -> None:
    out = as_semicolons(table[0])
    out.write_text(out.read_text(encoding="utf-8").replace("FALSCH", "vielleicht", 1), encoding="utf-8")
    with pytest.raises(InputError, match="vielleicht.*neither true nor false"):
        read_file(out, Request())


def test_another_table_is_none_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Mouse;Group;Cells\nm1;control;3\n", encoding="utf-8")
    assert read_saved_again(path) is None
