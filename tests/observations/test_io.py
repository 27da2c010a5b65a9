"""The table on disk: what is written is what is read, and the same table gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from soleus.errors import InputError
from soleus.observations import Observations, is_table, read, read_csv, read_parquet, write_csv, write_parquet

FACTORS = {"Hindlimb Unloading": ("Normally Loaded Control", "Hindlimb Unloaded")}


def table(**changes: Any) -> Observations:
    frame = pd.DataFrame(
        {
            "study": "s",
            "animal": ["m1", "m2", "NA", "null"],
            "group": ["free", "free", "hu", "hu"],
            "day": [14.0, 28.0, 14.0, 0.1 + 0.2],
            "niche": "svz",
            "assay": 'scale, "big"\nfloor',
            "readout": "mass",
            "unit_level": "animal",
            "value": [25.0, 1 / 3, math.nan, 1e-300],
            "value_kind": "mass",
            "unit": "µg",
            "n_units": [None, 2, 3, None],
            "blinded": [True, None, False, None],
            "excluded": [False, False, True, False],
            "exclusion_reason": [None, None, "escaped", None],
            "source": "virtual:0123456789abcdef",
            "source_row": [1, 2, None, 2**53],
            "factor:Hindlimb Unloading": [FACTORS["Hindlimb Unloading"][k] for k in (0, 0, 1, 1)],
        }
    ).assign(**changes)
    return Observations(frame, factors=FACTORS, provenance={"seed": "7", "run_id": "abc"})


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_round_trip(tmp_path: Path, suffix: str) -> None:
    write = {".parquet": write_parquet, ".csv": write_csv}[suffix]
    path = tmp_path / f"t{suffix}"
    write(table(), path)
    again = read(path)
    assert again == table()
    assert again.frame["value"].iloc[1] == 1 / 3
    assert list(again.frame["animal"]) == ["m1", "m2", "NA", "null"]
    assert dict(again.provenance) == {"seed": "7", "run_id": "abc"}


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(strain="\x08\r\x8c", value=0.0, day=0.0)
@example(strain="a\rb\nc\x00d", value=1.5, day=1.0)
@given(strain=TEXT, value=st.floats(0, allow_nan=False, allow_infinity=False), day=st.floats(-1e9, 1e9))
def test_any_text_and_number_survives(tmp_path: Path, strain: str, value: float, day: float) -> None:
    before = table(strain=strain, value=value, day=day, excluded=False, exclusion_reason=None)
    write_csv(before, tmp_path / "t.csv")
    write_parquet(before, tmp_path / "t.parquet")
    assert read_csv(tmp_path / "t.csv") == before
    assert read_parquet(tmp_path / "t.parquet") == before


def test_same_table_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_parquet(table(), tmp_path / f"{name}.parquet")
        write_csv(table(), tmp_path / f"{name}.csv")
    assert sha(tmp_path / "a.parquet") == sha(tmp_path / "b.parquet")
    assert sha(tmp_path / "a.csv") == sha(tmp_path / "b.csv")
    write_parquet(table(day=3.0), tmp_path / "c.parquet")
    assert sha(tmp_path / "a.parquet") != sha(tmp_path / "c.parquet")
    # A table that was read gives the bytes that it was read from.
    write_parquet(read_parquet(tmp_path / "a.parquet"), tmp_path / "d.parquet")
    assert sha(tmp_path / "a.parquet") == sha(tmp_path / "d.parquet")


def test_no_time_and_no_pandas_version_in_the_file(tmp_path: Path) -> None:
    write_parquet(table(), tmp_path / "t.parquet")
    assert set(pq.read_schema(tmp_path / "t.parquet").metadata) == {b"soleus.observations"}
    assert pd.__version__.encode() not in (tmp_path / "t.parquet").read_bytes()


def test_other_tools_read_it(tmp_path: Path) -> None:
    write_parquet(table(), tmp_path / "t.parquet")
    frame = pd.read_parquet(tmp_path / "t.parquet")
    assert list(frame["animal"]) == ["m1", "m2", "NA", "null"]
    assert frame["value"].iloc[0] == 25.0


def test_csv_without_its_description_takes_the_levels_that_occur(tmp_path: Path) -> None:
    write_csv(table(), tmp_path / "t.csv")
    (tmp_path / "t.csv-metadata.json").unlink()
    again = read_csv(tmp_path / "t.csv")
    assert dict(again.factors) == FACTORS
    assert dict(again.provenance) == {}
    assert again.frame.equals(table().frame)


def test_errors_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a file"):
        read(tmp_path / "none.csv")
    (tmp_path / "t.xlsx").write_bytes(b"PK\x03\x04 and more")
    with pytest.raises(InputError, match="is neither Parquet nor CSV"):
        read(tmp_path / "t.xlsx")
    for name, content, message in [
        ("empty.csv", b"", "is empty"),
        ("latin.csv", "study\n\xe4".encode("latin-1"), "cannot be read as UTF-8 CSV"),
        ("ragged.csv", b"a,b\n1,2\n1,2,3\n", "cannot be read as UTF-8 CSV"),
        ("header.csv", b"study,animal\n", "no rows"),
        ("other.csv", b"foo\n1\n", "unknown column 'foo'"),
        ("broken.parquet", b"PAR1 not really PAR1", "cannot be read as Parquet"),
        ("empty.parquet", b"", "cannot be read as Parquet"),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=message) as caught:
            read(tmp_path / name)
        assert name in str(caught.value)


def test_a_table_is_told_by_its_content(tmp_path: Path) -> None:
    write_csv(table(), tmp_path / "t.csv")
    write_parquet(table(), tmp_path / "t.parquet")
    for name, other in (("t.csv", "counts.txt"), ("t.parquet", "download")):
        (tmp_path / other).write_bytes((tmp_path / name).read_bytes())
        assert is_table(tmp_path / name)
        assert is_table(tmp_path / other)
        assert read(tmp_path / other).frame.equals(table().frame)
    text = (tmp_path / "t.csv").read_text(encoding="utf-8")
    quoted = '"' + text.splitlines()[0].replace(",", '","') + '"\r\n'
    for content, own in (
        (quoted.encode("utf-8-sig"), True),
        (text.replace("unit_level", "level", 1).encode(), False),  # a column that every row must have
        (text.replace(",", ";").encode(), False),
        (b"animal,group,value\nm1,a,3\n", False),
        (b"", False),
        (b"\xff\xfe\x00", False),
    ):
        (tmp_path / "other.csv").write_bytes(content)
        assert is_table(tmp_path / "other.csv") is own
    assert not is_table(tmp_path)
    assert not is_table(tmp_path / "absent.csv")


def test_a_damaged_or_newer_description_is_refused(tmp_path: Path) -> None:
    write_csv(table(), tmp_path / "t.csv")
    beside = tmp_path / "t.csv-metadata.json"
    good = json.loads(beside.read_text())
    beside.write_text(json.dumps({**good, "schema_version": "soleus.observations/9"}))
    with pytest.raises(InputError, match="of version 'soleus.observations/9'"):
        read_csv(tmp_path / "t.csv")
    for text in (
        "{",
        "[]",
        "{}",
        '{"schema_version": "soleus.observations/1", "factors": 3, "provenance": {}}',
    ):
        beside.write_text(text)
        with pytest.raises(InputError, match="is damaged"):
            read_csv(tmp_path / "t.csv")


def test_csv_is_what_pandas_writes(tmp_path: Path) -> None:
    import pandas as pd

    from soleus.observations.csv_rows import csv_blocks

    frame = pd.DataFrame(
        {
            "text, with": pd.Series(['a"b', "c,d", None, "line\nend", "plain", "x", ""], dtype="string"),
            "float": [0.0, -0.0, None, 1e-300, 123456789.125, 0.1, 1e22],
            "whole": pd.Series([1, None, -3, 4, 5, 6, 7], dtype="Int64"),
            "flag": pd.Series([True, False, None, True, True, False, True], dtype="boolean"),
        }
    )
    many = pd.concat([frame] * 20_000, ignore_index=True)
    for table in (frame, many):
        assert "".join(csv_blocks(table)) == table.to_csv(index=False, lineterminator="\n")
