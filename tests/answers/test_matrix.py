"""The matrix as a result: its numbers, its words, its sources, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from soleus.api import packaged

sys.path.insert(0, str(Path(__file__).parent))  # tiny_matrix.py, shared with other folders

from tiny_matrix import FOUND, ROWS, SENSITIVE, SIZE, tiny_findings, tiny_matrix

from soleus import api
from soleus.answers.matrix import build as module
from soleus.answers.matrix.build import describe_matrix
from soleus.answers.matrix.sections import told_matrix
from soleus.answers.matrix.tables import cells_csv, findings_table
from soleus.answers.matrix.values import MatrixFinding, MatrixResult
from soleus.answers.written import answer_json, read_values
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.movement import movement_entries
from soleus.catalogue.sourced import sourced
from soleus.catalogue.store import citations
from soleus.errors import InputError, SoleusError
from soleus.report.sheets import table_csv


@pytest.fixture(scope="module")
def result() -> MatrixResult:
    return describe_matrix(packaged(), tiny_matrix())


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What the computation was asked for; it answers with the matrix made by hand."""
    asked: list[dict[str, object]] = []

    def responses(_: object, **options: object) -> tuple[()]:
        asked.append({k: v for k, v in options.items() if k != "progress"})
        return ()

    def build(given: object, found: object, **thresholds: float):
        asked[-1] |= thresholds
        return tiny_matrix()

    monkeypatch.setattr(module, "finding_responses", responses)
    monkeypatch.setattr(module, "build_matrix", build)
    return asked


def every_source(result: MatrixResult) -> list[Any]:
    findings = [f for s in result.studies for f in s.findings]
    return [*result.studies, *findings, *(m for row in result.rows for m in row.mechanisms)]


def test_it_fits_the_shipped_schema(result: MatrixResult) -> None:
    text = answer_json(told_matrix(result))
    assert read_values(text, MatrixResult) == result
    assert json.loads(text)["schema_version"] == "soleus.matrix/2"


def test_numbers_are_those_of_the_matrix(result: MatrixResult) -> None:
    assert [row.name for row in result.rows] == list(ROWS)
    for row in result.rows:
        chances, p, evidence, sign = ROWS[row.name]
        assert (row.predictive_p, row.log10_evidence, row.log10_for_sign) == (p, evidence, sign)
        held = {q.finding: q for c in row.cells for q in c.predictions}
        assert {f: held[f].probability for f in FOUND} == dict(zip(FOUND, chances, strict=True))
        assert {f for f in FOUND if held[f].sensitive} == set(SENSITIVE[row.name])
        gros = next(c for c in row.cells if c.study == "gros-2024")
        assert gros.probability == pytest.approx(chances[1] * chances[2])
        assert gros.per_finding == pytest.approx(math.sqrt(chances[1] * chances[2]))
        assert held[FOUND[0]].ratio == pytest.approx(0.6 * chances[0] + 0.4)


def test_refuted_is_marked_exactly_below_the_threshold(result: MatrixResult) -> None:
    assert {row.name: row.refuted for row in result.rows} == {
        "stem-cycle": False, "afferent-and-intrinsic": False, "lactate-activation": True, "no-effect": True,
    }  # fmt: skip
    assert result.refuted == ["lactate-activation", "no-effect"]


def test_a_study_that_alone_refutes_a_set_is_named(result: MatrixResult) -> None:
    assert {r.name: r.refuted_by for r in result.rows if r.refuted_by} == {
        "lactate-activation": ["yasuhara-2007"]
    }
    frail = (
        "On their own again without any one of the studies named: “lactate activation” "
        "(Yasuhara et al. 2007)."
    )
    assert frail in result.statements
    assert not any(line.startswith("Not on their own, whichever") for line in result.statements)
    firm = [
        type(r)(**{**_fields(r), "predictive_p_without": {s: r.predictive_p for s in r.predictive_p_without}})
        for r in tiny_matrix().rows
    ]
    said = describe_matrix(packaged(), _with_rows(firm)).statements
    assert (
        "Not on their own, whichever study is left out: “lactate activation”." in said and frail not in said
    )
    held = {(r.name, c.study): c.p_without for r in result.rows for c in r.cells}
    assert (held["stem-cycle", "gros-2024"], held["stem-cycle", "adami-2018"]) == (0.6, 0.4)


def test_a_sign_is_spoken_against_where_the_number_shown_is_below_nothing(result: MatrixResult) -> None:
    assert result.opposite == ["lactate-activation"]
    for sign, spoken in ((-0.049, []), (-0.051, ["stem-cycle"])):
        rows = [
            type(row)(**{**_fields(row), "log10_for_sign": sign if row.name == "stem-cycle" else 1.0})
            for row in tiny_matrix().rows
        ]
        assert describe_matrix(packaged(), _with_rows(rows)).opposite == spoken


def _fields(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def _with_rows(rows: list[Any]) -> Any:
    made = tiny_matrix()
    return type(made)(tuple(rows), made.studies, made.findings, made.refuted_below)


def test_statements_say_who_is_refuted_and_which_study_tells_most(result: MatrixResult) -> None:
    said = " ".join(result.statements)
    assert (
        "1 of 3 possible causes does not explain the findings on its own (posterior predictive p below "
        "0.05): "
        "“lactate activation” (p = 0.050)" in said
    )
    assert (
        "May explain them on their own: “stem cycle” (p = 0.400); “afferent and intrinsic” (p = 0.050)."
        in said
    )
    assert "No effect of movement at all does not explain them either (p = 0.010)" in said
    ranges = {
        s.name: math.log10(max(_joint(n, s.name) for n in ROWS) / min(_joint(n, s.name) for n in ROWS))
        for s in result.studies
    }
    assert {s.name: s.log10_range for s in result.studies} == pytest.approx(ranges)
    most = max(ranges, key=lambda name: ranges[name])
    assert most == result.most_discriminating == "yasuhara-2007"
    assert (
        "Yasuhara et al. 2007 (yasuhara-2007) tells the possible causes apart most: its findings are 40 times"
        in said
    )
    assert "under “stem cycle” as under “lactate activation”" in said
    assert "opposite of the declared sign of: “lactate activation” (5 to 1)" in said
    assert (
        result.silent == ["stem-cycle"]
        and "No finding of any study is sensitive to: “stem cycle”" in said
        and "it is not tested" in said
    )


def _joint(name: str, study: str) -> float:
    return math.prod(c for f, c in zip(tiny_findings(), ROWS[name][0], strict=True) if f.study == study)


def test_none_refuted_is_an_answer() -> None:
    rows = [type(r)(**{**_fields(r), "predictive_p": 0.3, "refuted": False}) for r in tiny_matrix().rows]
    made = describe_matrix(packaged(), _with_rows(rows))
    assert made.refuted == []
    assert made.statements[0].startswith("Every possible cause may explain the findings on its own: none has")
    assert made.statements[1].startswith("No effect of movement at all may explain them as well")


def test_all_refuted_is_one_as_well() -> None:
    tested = [r for r in tiny_matrix().rows if r.name != "stem-cycle"]
    rows = [type(r)(**{**_fields(r), "predictive_p": 0.01, "refuted": True}) for r in tested]
    said = describe_matrix(packaged(), _with_rows(rows)).statements
    assert (
        said[0].startswith("2 of 2 possible causes do not explain")
        and said[1] == "No possible cause is left."
    )


def test_what_nothing_tests_is_not_refuted_however_small_its_p() -> None:
    rows = [type(r)(**{**_fields(r), "predictive_p": 0.01, "refuted": True}) for r in tiny_matrix().rows]
    with pytest.raises(ValueError, match="stem-cycle.*refuted must mean tested"):
        describe_matrix(packaged(), _with_rows(rows))


def test_every_finding_mechanism_and_study_has_its_doi_or_says_why_not(result: MatrixResult) -> None:
    entries = every_source(result)
    assert len(entries) >= 3 + 4 + 6
    assert {e.doi is None for e in entries} == {True, False}
    for entry in entries:
        if entry.citation is None:
            assert entry.no_doi and entry.doi is None
        else:
            work = citations(packaged())[entry.citation]
            assert entry.doi == work.doi
            assert (entry.no_doi == work.note) if work.doi is None else (entry.no_doi is None)
        if entry.doi is not None:
            assert entry.url == f"https://doi.org/{entry.doi}"


def test_findings_are_told_in_words(result: MatrixResult) -> None:
    findings = {f.id: f for s in result.studies for f in s.findings}
    assert set(findings) == set(FOUND)
    ki67 = findings["adami-2018/ki67"]
    assert ki67.label == "Ki67+ cells, unloaded against control, day 14: down"
    assert findings["gros-2024/week"].label.endswith("day 7: no difference")
    assert (ki67.ratio, ki67.low, ki67.high) == (None, None, None)
    plain = {f.id: f for f in tiny_findings()}
    for name, found in findings.items():
        given = plain[name]
        assert (found.se, found.spread, found.differs_by) == (given.se, given.spread, list(given.differs_by))
        assert found.none_high == pytest.approx(math.exp(given.critical * given.se))
        assert found.none_low == pytest.approx(1.0 / found.none_high)
        assert f"{given.se:.2f}" in found.scored and "another laboratory" in found.scored
        assert ("another species" in found.scored) == ("species" in given.differs_by)
        assert (found.status, found.reason) == (given.status, given.reason)
    sized = findings["yasuhara-2007/suspended"]
    assert sized.ratio == pytest.approx(SIZE)
    assert sized.high / sized.ratio == pytest.approx(math.exp(1.96 * sized.se), rel=1e-4)
    assert sized.scored.startswith("its size")


def test_labels_are_unique_within_a_study() -> None:
    from soleus.answers.matrix.studies import _panels
    from soleus.evidence.findings import findings

    every = findings(packaged())
    panels = _panels(packaged(), every)
    assert len({(f.study, panels[f.id]) for f in every}) == len(every) > 10


def test_studies_say_species_niche_and_how_animals_are_modelled(result: MatrixResult) -> None:
    gros = result.study("gros-2024")
    assert (gros.species, gros.niches, gros.source) == (["rat"], ["SVZ"], "Gros et al. 2024")
    assert [a.name for a in gros.arms] == ["gros-2024", "gros-2024-survival"]
    assert all(a.modelled_as and "rat" in a.modelled_as for a in gros.arms)
    assert result.study("adami-2018").arms[0].modelled_as is None


def test_sets_name_their_mechanisms(result: MatrixResult) -> None:
    entries = movement_entries(packaged())
    for row in result.rows:
        assert [m.name for m in row.mechanisms] == list(entries.sets.get(row.name, {}))
        for m in row.mechanisms:
            assert (m.label, m.status) == (
                entries.mechanisms[m.name].label,
                entries.mechanisms[m.name].status,
            )
    assert result.row("no-effect").mechanisms == []
    assert len(result.row("afferent-and-intrinsic").mechanisms) == 4


def test_prior_and_thresholds_are_those_of_the_effect_model(result: MatrixResult) -> None:
    model = effect_model(packaged())
    said = result.prior
    assert (said.median, said.low, said.high) == (model.prior.median, model.prior.low, model.prior.high)
    assert said.headrooms == list(model.matrix.headrooms) and said.readout_label == "Ki67+ cells"
    assert (said.refuted_below, said.sensitive_above) == (0.05, model.matrix.sensitive_above)
    assert said.headrooms_reason and said.thresholds_reason and said.reason
    numbers = {n.name: n for n in result.numbers}
    scored = model.direction_studies.model_dump()
    assert {n.removeprefix("scoring.") for n in numbers if n.startswith("scoring.")} == set(scored) - {
        "reason"
    }
    assert all(n.reason and n.status == "provisional" for n in numbers.values())


def test_what_is_provisional_is_counted(result: MatrixResult) -> None:
    counted = {c.kind: (c.total, c.provisional) for c in result.counts}
    findings = tiny_findings()
    assert counted["findings"] == (4, sum(f.status == "provisional" for f in findings))
    # Six mechanisms stand in the sets, one of them twice.
    assert counted["mechanisms"][0] == 5
    assert counted["numbers of the lineages"][0] > 20
    assert result.status == "provisional" and result.statements[-1].startswith(
        "Not yet checked in a source: "
    )


def test_citations_hold_all_that_is_cited(result: MatrixResult) -> None:
    keys = {c.key for c in result.citations}
    assert {e.citation for e in every_source(result)} - {None} <= keys <= set(citations(packaged()))
    assert all(c.bibtex.startswith("@") and c.reasons for c in result.citations)
    reasons = {c.key: c.reasons for c in result.citations}
    assert "the study gros-2024" in reasons["gros-2024"]
    assert any(r.startswith("finding: BrdU+ cells") for r in reasons["gros-2024"])


def _planted() -> dict[str, Any]:
    def row(k: int, **update: object) -> Any:
        return lambda d: d["rows"][k].update(update)

    def finding(**update: object) -> Any:
        return lambda d: d["studies"][0]["findings"][0].update(update)

    return {
        "a mark above the threshold": row(0, refuted=True),
        "a listed mark above the threshold": lambda d: (
            d["rows"][0].update(refuted=True),
            d["refuted"].insert(0, d["rows"][0]["name"]),
        ),
        "no mark below it": row(2, refuted=False),
        "refuted by a study and not refuted": row(0, refuted_by=["adami-2018"]),
        "a mark that is not listed": lambda d: d.update(refuted=["no-effect"]),
        "a cell is missing": lambda d: d["rows"][1]["cells"].pop(),
        "a prediction is missing": lambda d: d["rows"][1]["cells"][1]["predictions"].pop(),
        "neither DOI nor words": finding(doi=None, no_doi=None),
        "both DOI and words": finding(no_doi="not confirmed"),
        "the address of another": finding(url="https://example.org/x"),
        "a DOI of nothing": finding(citation=None),
        "a probability above 1": lambda d: d["rows"][0]["cells"][0].update(probability=1.01),
        "an unknown best": lambda d: d["studies"][0].update(best="stem-cycles"),
        "an unknown study": lambda d: d.update(most_discriminating="adami-2019"),
        "not finite": row(0, log10_evidence=math.inf),
        "another field": row(0, p=0.1),
        "another direction": finding(direction="sideways"),
    }


@pytest.mark.parametrize("name", list(_planted()))
def test_a_planted_error_is_refused(result: MatrixResult, name: str) -> None:
    content = result.model_dump()
    MatrixResult.model_validate(content)
    _planted()[name](content)
    with pytest.raises(ValidationError):
        MatrixResult.model_validate(content)


def test_who_wrote_a_work_is_told_shortly() -> None:
    assert sourced(packaged(), "adami-2018")["source"] == "Adami et al. 2018"
    assert sourced(packaged(), "adami-bottai-2020")["source"] == "Adami and Bottai 2020"
    assert sourced(packaged(), None)["no_doi"] == "No work is cited: our estimate."
    for key, work in citations(packaged()).items():
        source = sourced(packaged(), key)["source"]
        assert source and not re.search(r"\b(et|Authors?)\b (?!al)", source), key
        assert str(work.year or "n.d.") in source


def test_options_reach_the_computation(computed: list[dict[str, object]]) -> None:
    model = effect_model(packaged()).matrix
    api.matrix(fresh=True, workers=3)
    thresholds = {"refuted_below": model.refuted_below, "sensitive_above": model.sensitive_above}
    assert computed == [{"fresh": True, "workers": 3, **thresholds}]


def test_what_cannot_be_is_refused_before_the_work(computed: list[dict[str, object]], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="workers must be at least 1, got 0"):
        api.matrix(workers=0)
    assert computed == [] and list(tmp_path.iterdir()) == []


def test_tables_are_the_result(result: MatrixResult) -> None:
    cells = list(csv.DictReader(io.StringIO(cells_csv(result))))
    assert len(cells) == len(ROWS) * len(FOUND)
    for line in cells:
        row = result.row(line["set"])
        chance = dict(zip(FOUND, ROWS[row.name][0], strict=True))[line["finding"]]
        assert (float(line["finding_probability"]), line["refuted"]) == (chance, str(row.refuted))
    without = {(line["set"], line["study"]): float(line["p_without_study"]) for line in cells}
    assert without["lactate-activation", "yasuhara-2007"] == 0.31
    lines = {line["finding"]: line for line in csv.DictReader(io.StringIO(table_csv(findings_table(result))))}
    assert set(lines) == set(FOUND)
    for line in lines.values():
        assert bool(line["doi"]) != bool(line["why_no_doi"])
    assert lines["adami-2018/ki67"]["ratio"] == "" and float(lines[FOUND[3]]["ratio"]) == pytest.approx(SIZE)
    assert lines[FOUND[1]]["differs_by"] == "species" and "rat" in lines[FOUND[1]]["modelled_as"]


def test_a_folder_holds_everything_it_lists(computed: list[dict[str, object]], tmp_path: Path) -> None:
    out = tmp_path / "matrix"
    written = api.matrix(out=out).values
    there = {str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()}
    assert there == set(written.files.values())
    assert {
        "matrix.json", "manifest.json", "report.html", "cells.csv", "findings.csv", "causes.csv",
        "studies.csv", "citations.bib",
        "figures/matrix.svg", "figures/matrix.png", "figures/evidence.svg",
        "figures/predictions-adami-2018.png",
    } <= there  # fmt: skip
    assert read_values((out / "matrix.json").read_text(encoding="utf-8"), MatrixResult) == written
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["run_id"], manifest["files"]) == (written.run_id, written.files)
    assert (manifest["question"], manifest["asked"]) == ("matrix", {"fresh": False})
    bibtex = (out / "citations.bib").read_text(encoding="utf-8")
    assert all(f"{{{c.key}," in bibtex for c in written.citations)
    with pytest.raises(InputError, match="exists already"):
        api.matrix(out=out)
    assert len(computed) == 1, "refused before the work"
    assert api.matrix(out=out, overwrite=True).values.files == written.files


def test_nothing_is_left_where_writing_fails(computed, monkeypatch, tmp_path: Path) -> None:
    def fails(*_: object, **__: object):
        raise SoleusError("cannot draw")

    monkeypatch.setattr("soleus.answers.folder.write_answer", fails)
    with pytest.raises(SoleusError, match="cannot draw"):
        api.matrix(out=tmp_path / "deep" / "matrix")
    assert list(tmp_path.iterdir()) == []


def test_the_same_findings_have_the_same_id() -> None:
    made = tiny_matrix()
    fewer = type(made)(made.rows, made.studies, made.findings, made.refuted_below)
    assert describe_matrix(packaged(), made).run_id == describe_matrix(packaged(), fewer).run_id
    other = type(made)(made.rows[:-1], made.studies, made.findings, made.refuted_below)
    assert describe_matrix(packaged(), other).run_id != describe_matrix(packaged(), made).run_id


def test_a_finding_needs_words_for_its_source(result: MatrixResult) -> None:
    content = result.studies[0].findings[0].model_dump()
    with pytest.raises(ValidationError, match="either a DOI or the words"):
        MatrixFinding.model_validate(content | {"doi": None, "no_doi": ""})
