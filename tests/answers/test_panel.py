"""Marks and separations as a result: the numbers of the fingerprint, with what they stand on."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from soleus.api import packaged

sys.path.insert(0, str(Path(__file__).parent))  # tiny_panel.py, shared with other folders

from tiny_panel import CV, FACTORS, SLOPES, tiny_fingerprint

from soleus import api
from soleus.answers.panel import build as module
from soleus.answers.panel.build import describe_panel, panel_answer
from soleus.answers.panel.sections import told_panel
from soleus.answers.panel.values import PanelResult
from soleus.answers.written import answer_json, read_values
from soleus.catalogue.markers import marker_entries
from soleus.catalogue.store import citations
from soleus.errors import InputError, SoleusError
from soleus.report.section import Table
from soleus.report.sheets import table_csv


@pytest.fixture(scope="module")
def result() -> PanelResult:
    return describe_panel(packaged(), tiny_fingerprint())


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What the computation was asked for; it answers with the one made by hand."""
    asked: list[dict[str, object]] = []

    def instead(_: object, panel: str, **numbers: object):
        asked.append({"panel": panel, **numbers})
        return tiny_fingerprint(animals=int(str(numbers["animals"])))

    monkeypatch.setattr(module, "fingerprint", instead)
    return asked


def test_it_fits_the_shipped_schema(result: PanelResult) -> None:
    text = answer_json(told_panel(result))
    assert read_values(text, PanelResult) == result
    assert json.loads(text)["schema_version"] == "soleus.panel/2"


def test_counts_are_in_per_cent_and_shares_in_odds(result: PanelResult) -> None:
    found = {(m.cause, m.statistic): m for m in result.marks}
    assert list(found) == [(c, s.name) for c in SLOPES for s in result.statistics]
    scales = [s.scale for s in result.statistics]
    assert scales == ["log ratio", "log ratio", "log odds ratio", "log odds ratio"]
    for cause, slopes in SLOPES.items():
        for s, slope, cv in zip(result.statistics, slopes, CV, strict=True):
            mark, ratio = found[cause, s.name], 1.5**slope
            assert mark.change == pytest.approx(math.log(ratio))
            assert mark.signal == pytest.approx(math.log(ratio) / math.sqrt(2.0 * cv**2 / 8))
            if s.scale == "log ratio":
                assert mark.percent == pytest.approx(100.0 * (ratio - 1.0)) and mark.odds_ratio is None
            else:
                assert mark.odds_ratio == pytest.approx(ratio) and mark.percent is None


def test_causes_are_told_where_the_leading_readout_has_fallen(result: PanelResult) -> None:
    assert result.leading == "Ki67+"
    by_name = {c.name: c for c in result.causes}
    assert [c.told_at for c in result.causes] == [2.0, 4.0, 4.0, 4.0]
    assert [c.reaches_fall for c in result.causes] == [True, False, True, True]
    for name, slopes in SLOPES.items():
        cause = by_name[name]
        assert cause.leading_percent == pytest.approx(100.0 * (cause.told_at ** slopes[0] - 1.0))
        assert cause.leading_log_ratio == pytest.approx(slopes[0] * math.log(cause.told_at))
        assert cause.told_at in FACTORS


def test_a_share_of_two_is_named_by_its_words_and_one_of_several_by_its_category(result: PanelResult) -> None:
    labels = {s.name: s.label for s in result.statistics}
    assert labels["Ki67+"] == "cycling cells"
    assert labels["DNA content: G2M"] == "share of sorted SVZ cells by DNA content: G2M"
    from soleus.catalogue.panels import load_panel
    from soleus.planning import statistics_of

    every = {
        s.name: module._statistic(s)
        for s in statistics_of(load_panel(packaged(), "svz", end_day=28.0).assays)
    }
    assert every["labelling index of stem cells"].label == "EdU+ share of cycling stem cells"


def test_pairs_say_what_tells_them_apart(result: PanelResult) -> None:
    plain = tiny_fingerprint().separations
    assert len(result.separations) == 6
    for said, found in zip(result.separations, plain, strict=True):
        assert (said.first, said.second, said.animals) == (found.first, found.second, found.animals)
        if said.panel is not None:
            assert said.words == "; ".join(said.panel)
            assert said.animals <= 8
    alike = next(s for s in result.separations if {s.first, s.second} == {"return", "activation"})
    assert (alike.panel, alike.words) == (None, "cannot be told apart")
    assert any(len(s.panel or ()) > 1 for s in result.separations)


def test_numbers_are_those_of_the_markers_labels_and_counts_in_use(result: PanelResult) -> None:
    names = {n.name for n in result.numbers}
    markers = {n.removeprefix("marker.").split("_")[0] for n in names if n.startswith("marker.")}
    assert markers == {"ki67", "dcx"}, "markers that no gate of the panel asks for were not used"
    entries = marker_entries(packaged(), "svz")
    wanted = {f"marker.{q.name}" for m in ("Ki67", "DCX") for q in entries[m].quantities}
    assert wanted <= names
    assert {"stem_cycle", "variation.niche size", "label.BrdU.sensitivity", "counts.position_cv"} <= names
    assert len(names) == len(result.numbers)
    values = {n.name: n.value for n in result.numbers}
    assert (values["counts.fraction"], values["counts.BrdU+NeuN+.fraction"]) == (0.0833, 0.02)
    assert values["shares.DNA content.events"] == 20000
    assert values["shares.DNA content.G2M"] == 0.95


def test_provisional_numbers_are_counted_and_said(result: PanelResult) -> None:
    assert result.provisional == sum(n.status == "provisional" for n in result.numbers) > 30
    assert result.status == "provisional"
    by_name = {n.name: n.status for n in result.numbers}
    assert by_name["label.EdU.sensitivity"] == "provisional"
    assert by_name["marker.ki67_window_1"] == "checked"


def test_citations_are_exactly_those_of_the_numbers(result: PanelResult) -> None:
    assert {c.key for c in result.citations} == {n.citation for n in result.numbers if n.citation}
    assert {c.key for c in result.citations} <= set(citations(packaged()))
    for work in result.citations:
        assert work.bibtex.startswith("@") and work.reasons


def test_assumptions_name_animals_factor_and_fall(result: PanelResult) -> None:
    said = " ".join(result.assumptions)
    for words in (
        "fitted to published counts",
        "122 days old",
        "1.5-fold",
        "30 per cent",
        "80 per cent power",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"animals": 1}, "animals must be at least 2 a group, got 1"),
        ({"day": 0.0}, "day must be above 0"),
        ({"day": math.nan}, "got nan"),
        ({"day": math.inf}, "got inf"),
    ],
)
def test_what_cannot_be_is_refused_before_the_work(computed, given, words) -> None:
    with pytest.raises(InputError, match=words):
        panel_answer(packaged(), "svz", **given)
    assert computed == []


def test_numbers_reach_the_computation(computed) -> None:
    api.panel("svz", day=25.0, factor=2.0, fall=0.4, animals=12)
    assert computed == [{"panel": "svz", "day": 25.0, "factor": 2.0, "fall": 0.4, "animals": 12}]


def test_progress_ends_even_where_the_work_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    class Told:
        def start(self, label: str, total: int) -> None:
            told.append("start")

        def advance(self, count: int = 1) -> None:
            told.append("advance")

        def finish(self) -> None:
            told.append("finish")

    def fails(*_: object, **__: object):
        raise InputError("no")

    monkeypatch.setattr(module, "fingerprint", fails)
    with pytest.raises(InputError, match="no"):
        panel_answer(packaged(), "svz", progress=Told())
    assert told == ["start", "finish"]


def table(result: PanelResult, name: str) -> Table:
    return next(t for section in told_panel(result).sections for t in section.tables if t.id == name)


def test_tables_are_the_result(result: PanelResult) -> None:
    marks = list(csv.DictReader(io.StringIO(table_csv(table(result, "marks")))))
    assert len(marks) == len(result.marks)
    for row, mark in zip(marks, result.marks, strict=True):
        assert (row["cause"], row["statistic"]) == (mark.cause, mark.statistic)
        assert (float(row["change"]), float(row["signal"])) == (mark.change, mark.signal)
        assert row["percent"] == ("" if mark.percent is None else str(mark.percent))
        assert row["odds_ratio"] == ("" if mark.odds_ratio is None else str(mark.odds_ratio))
    pairs = {
        (row["first"], row["second"]): row
        for row in csv.DictReader(io.StringIO(table_csv(table(result, "separations"))))
    }
    assert len(pairs) == len(result.separations)
    for pair in result.separations:
        row = pairs[pair.first, pair.second]
        if pair.panel is None:
            assert (row["panel"], row["read_outs"]) == ("cannot be told apart", "")
        else:
            assert row["panel"].split("; ") == pair.panel and int(row["read_outs"]) == len(pair.panel)
            assert int(row["animals"]) == max(2, math.ceil(pair.animals))


def test_a_folder_holds_everything_it_lists(computed, tmp_path: Path) -> None:
    out = tmp_path / "panel"
    answer = api.panel(out=out)
    written = answer.values
    assert {str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()} == set(written.files.values())
    assert set(written.files.values()) == {
        "report.html", "panel.json", "manifest.json", "citations.bib",
        "marks.csv", "separations.csv", "causes.csv", "signatures.csv", "numbers.csv", "sources.csv",
        "figures/fingerprint.svg", "figures/fingerprint.png",
        "figures/separations.svg", "figures/separations.png",
    }  # fmt: skip
    assert read_values((out / "panel.json").read_text(encoding="utf-8"), PanelResult) == written
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["run_id"], manifest["files"]) == (written.run_id, written.files)
    assert manifest["asked"] == {"panel": "svz", "day": 28.0, "factor": 1.5, "fall": 0.3, "animals": 8}
    bibtex = (out / "citations.bib").read_text(encoding="utf-8")
    assert all(f"{{{c.key}," in bibtex for c in written.citations)
    with pytest.raises(InputError, match="exists already"):
        api.panel(out=out)
    assert api.panel(out=out, overwrite=True).values.files == written.files


def test_nothing_is_left_where_writing_fails(computed, monkeypatch, tmp_path: Path) -> None:
    def fails(*_: object, **__: object):
        raise SoleusError("cannot draw")

    monkeypatch.setattr("soleus.answers.folder.write_answer", fails)
    with pytest.raises(SoleusError, match="cannot draw"):
        api.panel(out=tmp_path / "deep" / "panel")
    assert list(tmp_path.iterdir()) == []


def test_the_same_question_has_the_same_id() -> None:
    one, other = (
        describe_panel(packaged(), tiny_fingerprint()),
        describe_panel(packaged(), tiny_fingerprint(animals=9)),
    )
    assert one.run_id == describe_panel(packaged(), tiny_fingerprint()).run_id != other.run_id
    assert np.isclose(one.marks[0].signal / other.marks[0].signal, math.sqrt(8 / 9))
