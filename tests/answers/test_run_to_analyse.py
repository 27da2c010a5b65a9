"""What ``run`` wrote, ``analyse`` reads without a question, and finds the same effects in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import soleus
from soleus.answers.run.build import RunOutcome, run_study
from soleus.api import packaged
from soleus.catalogue.studies import study_names
from soleus.conduct import RunOptions
from soleus.errors import InputError
from soleus.observations import read_csv, write_csv, write_parquet

TABLES = ("observations.csv", "observations.parquet")


@pytest.fixture(scope="module")
def written(runs: dict[str, RunOutcome], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    write_csv(runs["leg-day"].observations, folder / TABLES[0])
    write_parquet(runs["leg-day"].observations, folder / TABLES[1])
    return folder


def effects(analysed, assays: set[str]) -> dict[tuple[str, float], tuple[float, ...]]:
    return {
        (c.readout, c.day): (c.effect.estimate, c.effect.low, c.effect.high, c.effect.p_value)
        for c in analysed.comparisons
        if c.effect is not None and c.assay in assays and c.day is not None
    }


@pytest.mark.parametrize("table", TABLES)
def test_the_effects_of_the_run_are_found_again(table, written, runs) -> None:
    run = runs["leg-day"].result
    analysed = soleus.analyse(written / table)
    assert analysed.plan.control == "control"
    assert [g.name for g in analysed.groups if g.control] == ["control"]
    frame = runs["leg-day"].observations.frame
    counted = set(frame.loc[frame["niche"] == "svz", "assay"])
    found = effects(analysed, counted)
    expected = {
        (r.readout, r.day): (r.effect.ratio.value, r.effect.ratio.low, r.effect.ratio.high, r.effect.p_value)
        for r in run.readouts
        if r.effect is not None
    }
    assert len(expected) >= 10
    assert found.keys() == expected.keys()
    for key, wanted in expected.items():
        assert found[key] == pytest.approx(wanted, rel=1e-9), key
    body = {(m.readout, m.day): m.effect.ratio.value for m in run.body.measures if m.effect is not None}
    assert len(body) >= 10
    again = {key: one[0] for key, one in effects(analysed, set(frame["assay"]) - counted).items()}
    assert again == pytest.approx(body, rel=1e-9)


def named(readout: str) -> str:
    """A share is named after its category in the table, after what it is a share of in a result."""
    before, _, after = readout.partition(": ")
    return before if after in ("", "positive") else after


@pytest.mark.parametrize(
    "study",
    [
        "adami-2018-culture",
        "leg-day-reloading",
        "gros-2024-dg",
        *(pytest.param(name, marks=pytest.mark.slow) for name in study_names(packaged())),
    ],
)
def test_every_study_is_analysed_as_it_was_run(study, tmp_path) -> None:
    """Cultures, shares, several treated groups and days, read-outs that cannot be told."""
    done = run_study(packaged(), study, RunOptions(seed=1, animals=4, effect="prior"), workers=2)
    write_csv(done.observations, tmp_path / TABLES[0])
    analysed = soleus.analyse(tmp_path / TABLES[0])
    found = {
        (named(c.readout), c.day, c.contrast): c.effect.estimate
        for c in analysed.comparisons
        if c.effect is not None
    }
    wanted = {
        (r.readout, r.day, r.contrast): r.effect.ratio.value
        for r in done.result.readouts
        if r.effect is not None
    }
    assert wanted
    assert {key: found.get(key) for key in wanted} == pytest.approx(wanted, rel=1e-9)


def test_the_folder_of_a_run_will_do(written) -> None:
    """Parquet is taken from it, whatever else lies there."""
    analysed = soleus.analyse(written)
    assert analysed.source.file == written.name
    assert [c.effect for c in analysed.comparisons] == [
        c.effect for c in soleus.analyse(written / TABLES[1]).comparisons
    ]


def test_nothing_is_written_beside_and_how_it_was_read_is_said(written) -> None:
    before = sorted(p.name for p in written.iterdir())
    analysed = soleus.analyse(written / TABLES[0])
    assert sorted(p.name for p in written.iterdir()) == before
    assert analysed.source.format == "a table of soleus"
    assert any("its own columns say what each value is" in note for note in analysed.source.notes)


def test_the_control_is_that_of_the_study_whatever_its_name(written, tmp_path) -> None:
    """Names that tell nothing: the table itself carries which group is the control."""
    table = read_csv(written / TABLES[0])
    names = {"control": "B", "unloaded": "A"}
    frame = table.frame.assign(group=table.frame["group"].map(names))
    renamed = type(table)(frame, table.factors, {**table.provenance, "control": "B"})
    write_csv(renamed, tmp_path / "t.csv")
    assert soleus.analyse(tmp_path / "t.csv").plan.control == "B"
    assert soleus.analyse(tmp_path / "t.csv", control="A").plan.control == "A"
    # Without its description no column says which is the control: it is asked for.
    (tmp_path / "t.csv-metadata.json").unlink()
    with pytest.raises(InputError, match="which group is the control"):
        soleus.analyse(tmp_path / "t.csv")


def test_an_analysis_can_be_analysed_again(written, tmp_path) -> None:
    first = soleus.analyse(written / TABLES[0], control="unloaded", out=tmp_path / "a")
    again = soleus.analyse(tmp_path / "a" / TABLES[1])
    assert again.plan.control == "unloaded"
    assert [c.effect for c in again.comparisons] == [c.effect for c in first.comparisons]


def test_a_table_that_was_edited_is_read_or_refused_never_guessed(written, tmp_path) -> None:
    shutil.copy(written / TABLES[0], tmp_path / "t.csv")
    frame = pd.read_csv(tmp_path / "t.csv")
    frame.loc[0, "value"] = -3.0
    frame.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(InputError, match=r"value"):
        soleus.analyse(tmp_path / "t.csv")
    frame.loc[0, "value"] = 3.0
    frame.assign(remark="x").to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(InputError, match="unknown column 'remark'"):
        soleus.analyse(tmp_path / "t.csv")
    for option in ({"sheet": "1"}, {"pattern": "(?P<animal>.*)"}):
        with pytest.raises(InputError, match="is a table of soleus and has no"):
            soleus.analyse(written / TABLES[0], **option)


def test_parquet_of_another_kind_is_refused_by_its_columns(tmp_path) -> None:
    pd.DataFrame({"mouse": ["m1"], "count": [3]}).to_parquet(tmp_path / "lab.parquet")
    with pytest.raises(InputError, match=r"lab\.parquet.*column"):
        soleus.analyse(tmp_path / "lab.parquet")


@pytest.mark.parametrize("given", ["", *TABLES])
def test_what_is_read_is_never_replaced(written, tmp_path, given) -> None:
    """An analysis written over its own run would take the run with it."""
    soleus.analyse(written / TABLES[0], out=tmp_path / "run")
    before = {p: p.stat().st_mtime_ns for p in sorted((tmp_path / "run").iterdir())}
    with pytest.raises(InputError, match=r"lies in .*run.*give another folder"):
        soleus.analyse(tmp_path / "run" / given, out=tmp_path / "run", overwrite=True)
    assert {p: p.stat().st_mtime_ns for p in sorted((tmp_path / "run").iterdir())} == before
