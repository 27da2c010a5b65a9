"""Every number that a run touched: with a DOI in one click, or the words that say why there is none."""

from __future__ import annotations

import html
import re

import pytest

from soleus.api import packaged
from soleus.catalogue.store import citations
from soleus.catalogue.studies import load_study
from soleus.report import build_page
from soleus.report.assumptions import assumption_groups
from soleus.report.figures import build_figures
from soleus.results.run import RunOptions, run_study
from soleus.results.sources import assumptions
from soleus.schema.run import Assumption, RunResult

STUDIES = ("leg-day", "van-praag-1999", "adami-2018-culture", "gros-2024")


@pytest.fixture(scope="module")
def results() -> dict[str, RunResult]:
    """One small run of each niche, of a label, of bouts and of a culture."""
    options = RunOptions(seed=3, animals=2, effect="off")
    return {name: run_study(packaged(), name, options, workers=2).result for name in STUDIES}


def where(one: Assumption) -> str:
    """What a reader finds in the column of sources."""
    if one.doi:
        return f'href="https://doi.org/{one.doi}"'
    return html.escape(str(one.no_doi), quote=False)


@pytest.mark.parametrize("study", STUDIES)
def test_every_assumption_leads_to_its_doi_or_says_why_not(results, study: str) -> None:
    result = results[study]
    page = html.unescape(build_page(result))
    table = page[page.index('<section id="assumptions">') : page.index('<section id="sources">')]
    rows = re.findall(r"<tr[^>]*><td>(?:(?!</tr>).)*</tr>", table, re.S)
    assert len(rows) == len(result.assumptions) > 70
    for one in result.assumptions:
        assert bool(one.doi) != bool(one.no_doi), one.name
        assert len(one.reason) >= 10 and (one.citation is not None or len(str(one.no_doi)) > 15), one.name
        if one.citation is not None:
            assert one.doi == citations(packaged())[one.citation].doi
        assert any(html.unescape(where(one)) in row and one.status in row for row in rows), one.name


@pytest.mark.parametrize("study", STUDIES)
def test_what_is_ours_names_no_paper(results, study: str) -> None:
    page = html.unescape(build_page(results[study]))
    ours = [a for a in results[study].assumptions if a.source == "our estimate" and a.citation is not None]
    assert any(a.name.startswith("mechanism.") for a in ours)
    table = page[page.index('<section id="assumptions">') : page.index('<section id="sources">')]
    rows = re.findall(r"<tr[^>]*><td>(?:(?!</tr>).)*</tr>", table, re.S)
    for one in ours:
        own = [r for r in rows if ">our estimate<" in r or '"source">our estimate' in r]
        assert any(html.unescape(one.reason)[:40] in r for r in own), one.name


@pytest.mark.parametrize("study", STUDIES)
def test_cited_works_are_among_the_sources(results, study: str) -> None:
    result = results[study]
    known = {row.key for row in result.citations}
    dois = {row.doi for row in result.citations if row.doi}
    for one in result.assumptions:
        # Keys that share a DOI are one work.
        assert one.citation is None or one.citation in known or one.doi in dois, one.name


def test_every_kind_of_number_is_there(results) -> None:
    leg = {a.name for a in results["leg-day"].assumptions}
    assert {
        "effect.prior", "effect.reported", "effect.directions.other_niche_sd", "effect.directions.culture_sd",
        "effect.directions.other_age_sd", "effect.headroom.2", "body.feedback.wasting-movement",
        "body.body_mass.regained", "body.body_mass.animal_cv", "body.body_mass.baseline",
        "body.course.stress_early.tau_days", "mechanism.afferent-activation.headroom", "animals.unloaded",
        "finding.gros-2024-survival/week", "verdict.supporting_entries", "activity.hindlimb_unloading.load",
    } - leg == set()  # fmt: skip
    running = {a.name for a in results["van-praag-1999"].assumptions}
    assert {"dose.wheel_running.distance.scale", "label.BrdU.pulses", "index.-1"} - running == set()
    dish = {a.name for a in results["adami-2018-culture"].assumptions}
    assert {"passage.plated_fraction", "passage.4", "assay.dna-content.concentration"} - dish == set()
    assert not any(name.startswith(("body.", "index.")) for name in dish)
    bouts = {a.name for a in assumptions(packaged(), load_study(packaged(), "gros-2024-survival"))}
    assert "bouts.scale" in bouts and any(name.startswith("activity.treadmill.") for name in bouts)


def test_groups_hold_every_assumption_once_and_the_least_sure_first(results) -> None:
    for result in results.values():
        groups = assumption_groups(result.assumptions)
        rows = [one.name for _, members in groups for one in members]
        assert sorted(rows) == sorted(one.name for one in result.assumptions)
        for _, members in groups:
            loose = [one.status == "provisional" for one in members]
            assert loose == sorted(loose, reverse=True)
    parameters = {p for p in dict(groups)["The lineage"]}
    assert parameters and all("." not in one.name for one in parameters)


def test_provisional_is_said_in_every_output(results) -> None:
    for result in results.values():
        assert result.status == "provisional"
        loose = sum(a.status == "provisional" for a in result.assumptions)
        assert f"{loose} of {len(result.assumptions)}" in " ".join(result.warnings)
        page = build_page(result)
        counted = f"{loose} of {len(result.assumptions)}"
        assert f'<span class="chip provisional">{counted} not yet checked in a source<' in page
        for figure in build_figures(result):
            said = "not yet checked in a source" in figure.caption.lower()
            assert said != (figure.name == "design"), figure.name
            assert "rovisional" not in figure.caption
        told = result.model_copy(update={"status": "checked"})
        assert sum("see the assumptions" in f.caption for f in build_figures(told)) == 0
