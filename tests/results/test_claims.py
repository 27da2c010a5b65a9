"""Claims through the whole chain: from an entry of the evidence file to the verdict on the page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from soleus.catalogue import store
from soleus.catalogue.calibrations import resting_calibration
from soleus.catalogue.datasets import resting_series
from soleus.catalogue.records import EvidenceEntry
from soleus.evidence import predictions as predictions_module
from soleus.evidence.predictions import Predictions
from soleus.evidence.verdicts import cited_studies
from soleus.results import claims as claims_module
from soleus.results.claims import claim_rows, judge_claims, rule_in_words

VERDICTS = {"supported", "supported for another read-out", "contested", "contradicted", "untested"}


@pytest.fixture(scope="module")
def rows(predictions):
    return {r.id: r for r in claim_rows(predictions)}


def test_every_claim_has_its_row(rows):
    assert list(rows) == list(store.claims())
    assert len(rows) == 14
    for row in rows.values():
        claim = store.claim(row.id)
        assert row.words == claim.words
        assert row.verdict in VERDICTS
        assert row.note.startswith("Rule: ")
        assert set(row.citations) <= set(store.citations())
        if claim.available == "later":
            assert claim.later_reason in row.note
            assert row.value is None
            assert row.probability_by_mechanism == {}
        for p in row.probability_by_mechanism.values():
            assert 0.0 <= p <= 1.0
        for by in row.by_mechanism:
            assert by.interval.low <= by.interval.value <= by.interval.high


def test_what_is_simulated_now_is_simulated(rows):
    predicted = {i for i, r in rows.items() if r.value is not None}
    assert predicted == {"svz-site", "nsc-70", "nsc-20", "oligo-immature", "neuron-immature", "signals"}
    assert rows["svz-site"].value_scale == "cells"
    assert rows["svz-site"].value.value > 1000.0
    assert rows["svz-site"].verdict == "supported"
    assert rows["nsc-70"].value_scale == "ratio"


def used_by_claim(monkeypatch, predictions) -> dict[str, tuple[set[str], list[set[str]]]]:
    """Claim to the works cited for it, and the works behind each calibration that it was judged by."""
    used: list[set[str]] = []
    plain = Predictions.given

    def watched(self, exclude):
        found = plain(self, exclude)
        used.append({r.citation for r in found.used})
        return found

    monkeypatch.setattr(Predictions, "given", watched)
    result = {}
    for claim in store.claims().values():
        used.clear()
        claims_module._row(predictions, claim)
        result[claim.id] = (set(cited_studies(claim, store.evidence())), [set(u) for u in used])
    return result


def test_no_claim_is_judged_by_a_study_cited_for_it(monkeypatch, predictions):
    found = used_by_claim(monkeypatch, predictions)
    calibrated = {i: uses for i, (_, uses) in found.items() if uses}
    assert set(calibrated) == {"svz-site", "nsc-70", "nsc-20", "oligo-immature", "neuron-immature"}
    for name, (cited, uses) in found.items():
        for works in uses:
            assert not works & cited, name
    # Something is left to calibrate by where nobody cites it, else the test above would be empty.
    assert calibrated["oligo-immature"] == [{"gros-2024", "yasuhara-2007"}]
    assert calibrated["nsc-70"] == [set()]


def test_the_note_says_what_the_prediction_was_fitted_to(rows):
    assert "fitted to gros-2024, yasuhara-2007, without" in rows["oligo-immature"].note
    assert "prior alone" in rows["nsc-70"].note


def test_the_resting_fit_uses_no_study_cited_for_a_predicted_claim(rows):
    series = set(resting_series().citations)
    assert resting_calibration().dataset == "svz-resting-series"
    for name, row in rows.items():
        if row.probability_by_mechanism:
            assert not series & set(cited_studies(store.claim(name), store.evidence())), name


def test_a_signal_does_not_confirm_itself(rows):
    """The courses come from works cited for the claim: they are shown, and have no probability."""
    row = rows["signals"]
    assert len(row.by_mechanism) == 2
    assert sorted(b.interval.value for b in row.by_mechanism) == pytest.approx([0.39, 0.94], abs=0.02)
    assert row.probability_by_mechanism == {}
    assert "max_p" not in row.inputs
    assert "time courses" in row.note


def test_a_signal_from_elsewhere_has_a_probability(monkeypatch, predictions):
    monkeypatch.setattr(claims_module, "cited_studies", lambda *_: frozenset({"press-frontiers-2018"}))
    row = claims_module._row(predictions, store.claim("signals"))
    assert sorted(row.probability_by_mechanism.values()) == [0.0, 1.0]


def test_probabilities_are_those_of_the_weighted_draws(predictions):
    likely = store.claim("oligo-immature").interval.model_copy(update={"low": -0.8, "high": -0.4})
    claim = store.claim("oligo-immature").model_copy(update={"readout": "neuroblasts", "interval": likely})
    row = claims_module._row(predictions, claim)
    found = predictions.given(exclude=cited_studies(claim, store.evidence()))
    assert set(predictions.carrying) <= set(row.probability_by_mechanism)
    for name in predictions.carrying:
        p = row.probability_by_mechanism[name]
        y = predictions.tables[name].at(found.strengths[name], "neuroblasts", 28.0)
        assert p == pytest.approx(float(found.weights[name][(y >= -0.8) & (y <= -0.4)].sum()), abs=1e-12)
        assert 0.05 < p < 0.95


def entry(**changes) -> EvidenceEntry:
    fields = {
        "id": "planted",
        "claim": "nsc-70",
        "readout": "new_stem_cells_per_day",
        "niche": "svz",
        "species": "mouse",
        "day": 28.0,
        "direction": "down",
        "kind": "primary",
        "independent": True,
        "stance": "supports",
        "citation": "platel-2019",
        "status": "provisional",
        "reason": "planted by a test",
    }
    return EvidenceEntry.model_validate({**fields, **changes})


@pytest.fixture
def verdict(monkeypatch, predictions):
    """Judge a claim with further entries in the evidence, through the whole chain."""

    def judged(*more: EvidenceEntry, claim: str = "nsc-70", without: str | None = None):
        kept = tuple(e for e in store.evidence() if e.id != without)
        for module in (claims_module, predictions_module):
            monkeypatch.setattr(module, "evidence", lambda: (*kept, *more))
        return next(r for r in claim_rows(predictions) if r.id == claim)

    return judged


FOR = [entry(id=f"for-{k}", citation=c) for k, c in enumerate(("platel-2019", "menn-2006"))]
AGAINST = entry(id="against", stance="opposes", direction="none", citation="hughes-2018")


def test_an_entry_changes_the_verdict(verdict):
    assert verdict().verdict == "untested"
    assert verdict(FOR[0]).verdict == "contested"
    assert verdict(FOR[0]).inputs["F"] == 1.0
    # 70 % fewer new stem cells is unlikely under every set, so two findings do not yet support it.
    twice = verdict(*FOR)
    assert twice.inputs["F"] == 2.0
    assert twice.inputs["max_p"] < 0.5
    assert twice.verdict == "contested"
    against = verdict(AGAINST)
    expected = "contradicted" if against.inputs["max_p"] < 0.1 else "contested"
    assert against.verdict == expected
    assert verdict(*FOR, AGAINST).verdict == "contested"


def test_another_readout_another_species_and_the_press_count_as_such(verdict):
    other = verdict(entry(readout="active_stem_cells"))
    assert other.verdict == "supported for another read-out"
    assert "active_stem_cells" in other.note
    assert verdict(entry(species="rat")).verdict == "untested"
    assert verdict(entry(kind="press", independent=False)).verdict == "untested"


def test_a_claim_that_is_likely_and_repeated_is_supported(verdict):
    assert verdict(claim="svz-site").verdict == "supported"
    assert verdict(claim="svz-site", without="site-lois").verdict == "contested"


def test_a_new_entry_also_leaves_the_calibration(verdict):
    """A work that becomes a witness for a claim may no longer calibrate its prediction."""
    before = verdict(claim="oligo-immature")
    witness = entry(
        claim="oligo-immature",
        readout="mature_oligodendrocyte_share",
        citation="yasuhara-2007",
    )
    after = verdict(witness, claim="oligo-immature")
    assert "yasuhara-2007" in before.note.partition("fitted to")[2]
    assert "yasuhara-2007" not in after.note
    assert after.by_mechanism != before.by_mechanism


def test_the_claims_result_stands_alone():
    result = judge_claims("adami-2018", workers=2)
    assert result.study == "adami-2018"
    known = {c.key for c in result.citations}
    assert {k for r in result.claims for k in r.citations} <= known
    lines, thresholds = rule_in_words()
    assert result.rule == lines
    assert (
        result.thresholds
        == thresholds
        == {
            "opposing_entries": 1.0,
            "supporting_entries": 2.0,
            "other_readout_entries": 1.0,
            "contradicted_below": 0.1,
            "supported_at_least": 0.5,
        }
    )


def test_a_claim_about_another_niche_is_not_predicted(predictions):
    claim = store.claim("nsc-70").model_copy(update={"niche": "dg"})
    assert claims_module._predicted(predictions, claim, frozenset())[0] == []


def test_a_set_that_cuts_the_prior_short_is_judged_within_its_reach(predictions, rows):
    short = set(predictions.tables) - set(predictions.carrying)
    named = set(rows["nsc-70"].probability_by_mechanism)
    assert named == set(predictions.carrying) | {f"{n} (within its reach)" for n in short}


def test_value_claims_are_judged_on_the_control(predictions):
    row = claims_module._row(predictions, store.claim("svz-site"))
    study = predictions.responder.experiment
    column = [r.name for r in study.readouts].index("new_neurons")
    truth = study.true_means("control", days=(28.0,), gains={})[0, column]
    assert row.value.value == pytest.approx(truth, rel=1e-6)
    assert np.ptp([b.interval.value for b in row.by_mechanism]) == 0.0
    assert replace(predictions) is not predictions
