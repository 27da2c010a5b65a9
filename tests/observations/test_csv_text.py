"""Text in CSV: no cell begins like a formula, and every text comes back as it was."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soleus.observations import Observations, read_csv, write_csv
from soleus.observations.csv_text import guarded, guarded_frame, unguarded, unguarded_frame

DANGEROUS = [
    *("=1+1", "=cmd|'/c calc'!A1", "+Dox", "+SUM(1,1)", "-cmd|' /C calc'!A0", "-20 °C", "@SUM(1)", "-1+1"),
    *("\t=1", "\r=1", "\n=1", " =1", "＝1+1", "'=1", "''=1", "'-12.5", "=", "@"),
]
HARMLESS = [
    "-12.5",
    "+3",
    "1e-3",
    "-.5",
    "+/+",
    "-/-",
    "+/-",
    "-",
    "+",
    "+ / -",
    "control",
    "'quoted'",
    "",
    "a=b",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_a_spreadsheet_would_compute_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_genotypes_and_plain_words_stay(text: str) -> None:
    assert guarded(text) == text
    assert unguarded(text) == text


@given(st.text(alphabet="'=+-@\t\r\n /1.e(a＝", max_size=8))
def test_every_text_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text


def test_numbers_of_a_table_stay_numbers_and_headings_are_text_too() -> None:
    frame = pd.DataFrame(
        {"=a": ["=1", "x", None], "n": [-1.5, 2.0, None], "k": [-1, 2, 3], "f": [True, False, True]}
    )
    written = guarded_frame(frame)
    assert list(written) == ["'=a", "n", "k", "f"]
    assert written["'=a"].iloc[:2].tolist() == ["'=1", "x"]
    assert written["n"].iloc[0] == -1.5 and list(written["k"]) == [-1, 2, 3]
    pd.testing.assert_frame_equal(unguarded_frame(written), frame, check_dtype=False)


def test_a_table_of_hostile_names_comes_back_from_csv_as_it_was(tmp_path: Path) -> None:
    names = ["=cmd|'/c calc'!A1", "+Dox", "-/-", "'=1", "@SUM(1)", "-20 °C", "control"]
    same = {
        "study": "=s",
        "day": 0.0,
        "assay": "-a()",
        "unit_level": "animal",
        "value_kind": "mass",
        "unit": "g",
    }
    rows = [
        {
            **same,
            "group": name,
            "animal": f"+{k}",
            "readout": "-0.5",
            "value": -0.0 + k,
            "source": "virtual:x",
        }
        for k, name in enumerate(names)
    ]
    frame = pd.DataFrame(rows).assign(niche="SVZ")
    frame["factor:@f"] = ["=low" if k % 2 else "+high" for k in range(len(names))]
    table = Observations(frame, factors={"@f": ("=low", "+high")})
    write_csv(table, tmp_path / "o.csv")
    assert read_csv(tmp_path / "o.csv") == table
    with (tmp_path / "o.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    kept = ("-/-", "-0.5", *(f"+{k}" for k in range(len(names))))
    assert not [c for c in cells if c[:1] in ("=", "@", "+", "-", "\t", "\r") and c not in kept]
    assert "'=cmd|'/c calc'!A1" in cells
