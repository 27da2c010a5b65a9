"""Every number that a run touched: with a DOI in one click, or the words that say why there is none."""

from __future__ import annotations

import pytest

from soleus.answers.assumed import status_chip
from soleus.answers.numbers.groups import assumption_groups
from soleus.answers.numbers.sources import assumptions
from soleus.answers.run.build import run_study
from soleus.answers.run.names import Names
from soleus.answers.run.told import told_run
from soleus.answers.run.values import RunResult
from soleus.api import packaged
from soleus.catalogue.store import citations
from soleus.catalogue.studies import load_study
from soleus.conduct import RunOptions
from soleus.report.section import Link, Points, Text, plain_text
from soleus.schema.values import Assumption

STUDIES = ("leg-day", "van-praag-1999", "adami-2018-culture", "gros-2024")


@pytest.fixture(scope="module")
def results() -> dict[str, RunResult]:
    """One small run of each niche, of a label, of bouts and of a culture."""
    options = RunOptions(seed=3, animals=2, effect="off")
    return {name: run_study(packaged(), name, options, workers=2).result for name in STUDIES}


def where(one: Assumption) -> str:
    """What a reader finds in the column of sources."""
    if one.doi:
        return f"https://doi.org/{one.doi}"
    return str(one.no_doi)


def links(text: Text) -> str:
    """The words of a text, and where they lead."""
    if isinstance(text, tuple):
        return "".join(map(links, text))
    return text.href + text.text if isinstance(text, Link) else plain_text(text)


@pytest.mark.parametrize("study", STUDIES)
def test_every_assumption_leads_to_its_doi_or_says_why_not(results, study: str) -> None:
    result = results[study]
    section = next(s for s in told_run(result).sections if s.id == "numbers")
    rows = [row for table in section.tables for row in table.rows]
    assert 60 < len(rows) <= len(result.numbers)
    prose = Names.of(result).prose
    for one in result.numbers:
        assert bool(one.doi) != bool(one.no_doi), one.name
        assert len(one.reason) >= 10 and (one.citation is not None or len(str(one.no_doi)) > 15), one.name
        if one.citation is not None:
            assert one.doi == citations(packaged())[one.citation].doi
        mine = [
            row
            for row in rows
            if row.cells["reason"] == prose(one.reason)
            and plain_text(row.cells["status"]) == status_chip(one.status).text
            and where(one) in links(row.cells["source"])
        ]
        assert mine, one.name


@pytest.mark.parametrize("study", STUDIES)
def test_what_is_ours_names_no_paper(results, study: str) -> None:
    ours = [a for a in results[study].numbers if a.source == "our estimate" and a.citation is not None]
    assert any(a.name.startswith("mechanism.") for a in ours)
    section = next(s for s in told_run(results[study]).sections if s.id == "numbers")
    rows = [row for table in section.tables for row in table.rows]
    prose = Names.of(results[study]).prose
    for one in ours:
        mine = [row for row in rows if row.cells["reason"] == prose(one.reason)]
        assert any(plain_text(row.cells["source"]).startswith("our estimate") for row in mine), one.name


@pytest.mark.parametrize("study", STUDIES)
def test_cited_works_are_among_the_sources(results, study: str) -> None:
    result = results[study]
    known = {row.key for row in result.citations}
    dois = {row.doi for row in result.citations if row.doi}
    for one in result.numbers:
        # Keys that share a DOI are one work.
        assert one.citation is None or one.citation in known or one.doi in dois, one.name


def test_every_kind_of_number_is_there(results) -> None:
    leg = {a.name for a in results["leg-day"].numbers}
    assert {
        "effect.prior", "effect.reported", "effect.directions.other_niche_sd", "effect.directions.culture_sd",
        "effect.directions.other_age_sd", "effect.headroom.2", "body.feedback.wasting-movement",
        "body.body_mass.regained", "body.body_mass.animal_cv", "body.body_mass.baseline",
        "body.course.stress_early.tau_days", "mechanism.afferent-activation.headroom", "animals.unloaded",
        "finding.gros-2024-survival/week", "verdict.supporting_entries", "activity.hindlimb_unloading.load",
    } - leg == set()  # fmt: skip
    running = {a.name for a in results["van-praag-1999"].numbers}
    assert {"dose.wheel_running.distance.scale", "label.BrdU.pulses", "index.-1"} - running == set()
    dish = {a.name for a in results["adami-2018-culture"].numbers}
    assert {"passage.plated_fraction", "passage.4", "assay.dna-content.concentration"} - dish == set()
    assert not any(name.startswith(("body.", "index.")) for name in dish)
    bouts = {a.name for a in assumptions(packaged(), load_study(packaged(), "gros-2024-survival"))}
    assert "bouts.scale" in bouts and any(name.startswith("activity.treadmill.") for name in bouts)


def test_groups_hold_every_assumption_once_and_the_least_sure_first(results) -> None:
    for result in results.values():
        groups = assumption_groups(result.numbers)
        rows = [one.name for _, members in groups for one in members]
        assert sorted(rows) == sorted(one.name for one in result.numbers)
        for _, members in groups:
            loose = [one.status == "provisional" for one in members]
            assert loose == sorted(loose, reverse=True)
    parameters = {p for p in dict(groups)["The lineage"]}
    assert parameters and all("." not in one.name for one in parameters)


def test_what_is_not_checked_is_said_once_and_not_at_every_figure(results) -> None:
    for result in results.values():
        assert result.status == "provisional"
        loose = sum(a.status == "provisional" for a in result.numbers)
        counted = f"{loose} of {len(result.numbers)}"
        assert counted in " ".join(result.warnings)
        answer = told_run(result)
        (box,) = (p for p in answer.sections[0].parts if isinstance(p, Points))
        assert sum(counted in plain_text(item) for item in box.items) == 1
        assert box.brief is not None and counted in " ".join(map(plain_text, box.items[: box.brief]))
        for section in answer.sections:
            for figure in section.figures:
                # The cohort of newborn cells rests on rates of its own, and says which.
                said = "not yet checked" in figure.caption.lower()
                assert said == (figure.name == "dentate-newborn"), figure.name
                assert "rovisional" not in figure.caption
