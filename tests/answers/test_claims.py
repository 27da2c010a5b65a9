"""Claims through the whole chain: from an entry of the evidence file to the verdict on the page."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from soleus.answers.claims import build as claims_module
from soleus.answers.claims.build import claim_rows, judge_claims, rule_in_words
from soleus.api import packaged
from soleus.catalogue import store
from soleus.catalogue.body import body_readout_entry
from soleus.catalogue.calibrations import resting_calibration
from soleus.catalogue.datasets import resting_series
from soleus.catalogue.plain_words import plain_words
from soleus.catalogue.records import Claim, EvidenceEntry
from soleus.catalogue.resilience import buffering_index
from soleus.catalogue.study_entries import arms_of, study_entry
from soleus.errors import CatalogueError, InputError
from soleus.evidence import body as body_module
from soleus.evidence import claim_predictions as claim_predictions_module
from soleus.evidence import predictions as predictions_module
from soleus.evidence.body import body_predictions
from soleus.evidence.claim_predictions import Draws, _farthest, _span, predict_claim
from soleus.evidence.claim_targets import ClaimTarget
from soleus.evidence.finding_responses import respond
from soleus.evidence.findings import findings
from soleus.evidence.resilience import stress_buffering
from soleus.evidence.verdicts import cited_studies

VERDICTS = {"supported", "supported for another read-out", "contested", "contradicted", "untested"}
VERDICTS_OF_A_DESIGN = {"as the paper says", "not as the paper says", "not to be found in what could be read"}
CLAIMS = [part for whole in store.claims(packaged()).values() for part in whole.judged]
BODY = [c for c in CLAIMS if c.niche == "body" and c.design is None]


@pytest.fixture(scope="module")
def rows(predictions):
    return {r.id: r for r in claim_rows(packaged(), predictions)}


def cited(claim: Claim) -> frozenset[str]:
    return cited_studies(claim, store.evidence(packaged()))


# Every row is whole.


def test_every_claim_has_its_row(rows):
    assert list(rows) == [c.id for c in CLAIMS]
    assert list(dict.fromkeys(r.claim for r in rows.values())) == list(store.claims(packaged()))
    assert len(store.claims(packaged())) == 14
    parts = {c: [r.part for r in rows.values() if r.claim == c] for c in store.claims(packaged())}
    assert {c: len(p) for c, p in parts.items() if p != [None]} == {
        "design-groups": 2, "feeding": 2, "nsc-70": 2, "signals": 2, "leg-exercise": 4, "two-way": 2,
    }  # fmt: skip


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_no_row_lacks_value_interval_source_or_verdict(rows, claim):
    row = rows[claim.id]
    assert row.words == claim.words
    assert row.verdict in (VERDICTS if claim.design is None else VERDICTS_OF_A_DESIGN) and row.grade
    assert row.word in plain_words(packaged()).words.values()
    assert row.sentence[0].isupper() and row.sentence.endswith(".") and len(row.sentence.split()) <= 30
    assert row.evidence
    assert row.note.startswith("Rule: ")
    for interval in (row.value, row.informed, *(by.interval for by in row.by_mechanism)):
        assert interval.low <= interval.value <= interval.high
        assert all(math.isfinite(v) for v in (interval.low, interval.value, interval.high))
    assert row.by_mechanism
    stated = (row.claimed.scale, row.claimed.low, row.claimed.high)
    assert stated == (claim.interval.scale, claim.interval.low, claim.interval.high)
    assert row.claimed.low is not None or row.claimed.high is not None
    assert row.unit
    assert row.source == claim.source and row.primary and row.independent
    assert {row.source, claim.primary_citation, *claim.citations} <= set(row.citations)
    assert set(row.citations) <= set(store.citations(packaged()))
    assert all(0.0 <= p <= 1.0 for p in row.probability_by_mechanism.values())
    assert {"F", "A"} <= set(row.inputs) or claim.design is not None


def test_a_row_is_on_the_scale_of_its_words(rows):
    scales = {name: row.value_scale for name, row in rows.items()}
    assert {n for n, s in scales.items() if s != "ratio"} == {
        "design-groups/groups", "design-groups/sex-and-age", "design-duration", "svz-site", "resilience",
    }  # fmt: skip
    assert (scales["svz-site"], scales["resilience"]) == ("cells", "index")
    assert rows["svz-site"].value.value > 1000.0
    designs = [
        rows[n].value.value for n in ("design-groups/groups", "design-groups/sex-and-age", "design-duration")
    ]
    assert designs == [2.0, 122.0, 14.0]


def test_a_claim_that_is_read_from_a_cited_study_has_no_probability(rows):
    for row in rows.values():
        known = {n: p for n, p in row.probability_by_mechanism.items() if n not in row.uninformed}
        if row.kind == "design":
            assert row.probability_by_mechanism == {} and row.uninformed == []
            assert set(row.inputs) == {"paper_says_so", "paper_says_otherwise"}
        elif known:
            assert row.inputs["max_p"] == max(known.values()), row.id
        else:
            assert row.probability_by_mechanism and "max_p" not in row.inputs, row.id
            assert "No other study informs a prediction, so P judges nothing." in row.note


def test_which_predictions_are_a_prior_that_no_study_has_touched(rows):
    """All courses of the body whose every study is cited; in the zone only what no finding tells apart."""
    blind = {n for n, r in rows.items() if r.kind != "design" and "max_p" not in r.inputs}
    assert blind == {
        "feeding/went-on-eating", "feeding/ate-as-usual", "no-stress", "oxygen", "signals/first-days",
        "signals/lasting",
    }  # fmt: skip
    for name in ("oligo-immature", "nsc-20"):
        assert rows[name].uninformed == ["isolation-activation (within its reach)"]


def test_a_study_that_is_left_in_informs_again(predictions):
    """Computed, not listed: with one work no longer cited, its prediction counts."""
    claim = store.claim(packaged(), "no-stress")
    every = cited(claim)
    assert predict_claim(packaged(), predictions, claim, exclude=every).informed == frozenset()
    some = predict_claim(packaged(), predictions, claim, exclude=every - {"ellman-2013"})
    assert some.informed == {"early", "sustained"} and some.fitted == ("ellman-2013",)
    # A prior taken from a study that is not cited is informed, too; one from the press is not.
    oxygen = store.claim(packaged(), "oxygen")
    left_in = predict_claim(packaged(), predictions, oxygen, exclude=cited(oxygen) - {"silva-2008"})
    assert "hanging" in left_in.informed
    from_press = predict_claim(
        packaged(), predictions, oxygen, exclude=cited(oxygen) - {"press-frontiers-2018"}
    )
    assert from_press.informed == frozenset()


def test_information_is_told_from_its_threshold(monkeypatch, predictions):
    claim = store.claim(packaged(), "oligo-immature")
    before = predict_claim(packaged(), predictions, claim, exclude=cited(claim))
    assert 0 < len(before.ignorant) < len(before.by_set)
    rule = store.verdict_rule(packaged())
    much = rule.model_copy(update={"informed_from": rule.informed_from.model_copy(update={"value": 99.0})})
    monkeypatch.setattr(claim_predictions_module, "verdict_rule", lambda _: much)
    assert predict_claim(packaged(), predictions, claim, exclude=cited(claim)).ignorant == frozenset(
        before.by_set
    )


def test_every_verdict_follows_from_the_inputs_that_are_shown(rows):
    """The rule once more, from what stands in the row alone."""
    for row in rows.values():
        if row.kind == "design":
            so, otherwise = row.inputs["paper_says_so"], row.inputs["paper_says_otherwise"]
            said = "not as the paper says" if otherwise else "as the paper says"
            assert row.verdict == (said if so or otherwise else "not to be found in what could be read")
            continue
        f, a, p = row.inputs["F"], row.inputs["A"], row.inputs.get("max_p")
        others = {k[2:-1] for k, v in row.inputs.items() if k.startswith("F[") and v >= 1}
        others -= {k[2:-1] for k, v in row.inputs.items() if k.startswith("A[") and v >= 1}
        if f == a == 0:
            expected = "supported for another read-out" if others else "untested"
        elif a >= 1:
            expected = "contradicted" if f == 0 and (p is None or p < 0.1) else "contested"
        else:
            expected = "supported" if f >= 2 and (p is None or p >= 0.5) else "contested"
        assert row.verdict == expected, row.id


# No study that is cited for a claim judges it.


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_nothing_that_a_claim_cites_is_fitted(predictions, claim):
    left_out = cited(claim)
    assert {claim.source, claim.primary_citation} <= left_out
    found = predict_claim(packaged(), predictions, claim, exclude=left_out)
    assert not set(found.fitted) & left_out
    if claim.niche != "body" and found.fitted:
        used = predictions.given(exclude=left_out).used
        assert {f.citation for f in used} == set(found.fitted)
        for f in used:
            # Neither the study, nor the study of which it is an arm, nor the works behind any of them.
            arms = {study_entry(packaged(), arm).citation for arm in arms_of(packaged(), f.study)}
            assert (
                not {f.study, f.arm, f.citation, study_entry(packaged(), f.arm).citation, *arms} & left_out
            ), f.id


def test_something_is_left_to_fit_where_nobody_cites_it(predictions, rows):
    fitted = {c.id: predict_claim(packaged(), predictions, c, exclude=cited(c)).fitted for c in CLAIMS}
    assert {"gros-2024", "yasuhara-2007", "clark-2010"} <= set(fitted["oligo-immature"])
    assert "adami-2018" not in {w for works in fitted.values() for w in works}
    assert len(fitted["nsc-70/stem-cells"]) >= 4
    for name, works in fitted.items():
        for work in works:
            assert work in rows[name].note.partition("fitted to")[2].partition("without")[0], name


@pytest.fixture
def with_findings(monkeypatch, predictions):
    """Judge a claim after some findings were turned into their opposite."""

    def judged(claim: Claim, works: frozenset[str]):
        def turn(f):
            if not {f.study, f.citation} & works:
                return f
            other = {"down": "up", "up": "down", "none": "up"}[f.direction]
            return replace(f, direction=other, log_ratio=None)

        changed = tuple(turn(f) for f in findings(packaged()))
        monkeypatch.setattr(predictions_module, "findings", lambda _: changed)
        return claims_module._row(packaged(), predictions, claim), changed != findings(packaged())

    return judged


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c not in BODY], ids=lambda c: c.id)
def test_turning_what_cited_studies_found_changes_no_prediction(rows, with_findings, claim):
    row, any_turned = with_findings(claim, cited(claim))
    assert any_turned, "else the test shows nothing"
    before = rows[claim.id]
    assert row.model_copy(update={"informed": before.informed}) == before


@pytest.mark.parametrize(
    "name", ["nsc-70/stem-cells", "oligo-immature", "leg-exercise/running-zone", "two-way/idle-legs"]
)
def test_turning_what_other_studies_found_does(rows, with_findings, name):
    """The spy sees something: the same change to studies that are not cited moves the prediction."""
    claim = store.claim(packaged(), name)
    others = frozenset(f.study for f in findings(packaged())) - cited(claim)
    row, _ = with_findings(claim, others)
    assert row.by_mechanism != rows[name].by_mechanism
    # And what every source together says knows the cited studies, too.
    informed, _ = with_findings(claim, cited(claim))
    assert informed.informed != rows[name].informed


@pytest.mark.parametrize("claim", BODY, ids=lambda c: c.id)
def test_priors_of_the_body_from_cited_works_are_replaced(predictions, rows, claim):
    left_out = cited(claim)
    entry = body_readout_entry(packaged(), claim.readout)
    treated, control = (_span(packaged(), a, claim.day) for a in ("hindlimb_unloading", "free_ambulation"))
    found = body_predictions(packaged(), claim.readout, claim.day, treated, control, exclude=left_out)
    for course, one in found.items():
        from_cited = {e for e in entry.sets[course] if entry.effects[e].citation in left_out}
        assert set(one.replaced) == from_cited
        assert not {f.citation for f in one.used} & left_out
    every = {e for one in found.values() for e in one.replaced}
    assert ("takes its place" in rows[claim.id].note) == bool(every)


def test_changing_a_cited_entry_of_the_body_changes_no_probability(monkeypatch, predictions, rows):
    """Its direction is turned in the file that the body is fitted to; what the claim counts stays."""
    claim = store.claim(packaged(), "signals/lasting")
    left_out = cited(claim)
    turned = tuple(
        e.model_copy(update={"log_ratio": None, "direction": "up"}) if e.citation in left_out else e
        for e in store.evidence(packaged())
    )
    monkeypatch.setattr(body_module, "evidence", lambda _: turned)
    row = claims_module._row(packaged(), predictions, claim)
    assert row.probability_by_mechanism == rows["signals/lasting"].probability_by_mechanism
    assert row.by_mechanism == rows["signals/lasting"].by_mechanism


def test_the_resting_fit_uses_no_study_cited_for_a_predicted_claim(rows):
    series = set(resting_series(packaged()).citations)
    assert resting_calibration(packaged()).dataset == "svz-resting-series"
    for name, row in rows.items():
        if row.probability_by_mechanism:
            assert not series & set(cited(store.claim(packaged(), name))), name


def test_probabilities_are_those_of_the_weighted_draws(predictions):
    likely = store.claim(packaged(), "oligo-immature").interval.model_copy(update={"low": -0.8, "high": -0.4})
    claim = store.claim(packaged(), "oligo-immature").model_copy(
        update={"readout": "neuroblasts", "interval": likely}
    )
    row = claims_module._row(packaged(), predictions, claim)
    found = predictions.given(exclude=cited(claim))
    assert set(predictions.carrying) <= set(row.probability_by_mechanism)
    seen = []
    for name in predictions.carrying:
        p = row.probability_by_mechanism[name]
        y = predictions.tables[name].at(predictions.scale.declared[name], "neuroblasts", 28.0)
        assert p == pytest.approx(float(found.weights[name][(y >= -0.8) & (y <= -0.4)].sum()), abs=1e-12)
        seen.append(p)
    assert 0.05 < max(seen) < 0.95


@pytest.mark.parametrize(
    ("scale", "low", "expected"),
    [("log_ratio", math.log(0.8), 0.75), ("ratio", 0.8, 0.75), ("ratio", 1.5, 0.25), ("log_ratio", 0.8, 0.0)],
)
def test_a_claimed_interval_is_met_on_its_own_scale(scale, low, expected):
    """Draws are logarithms; an interval in ratios is compared with ratios."""
    values = np.log([0.5, 0.9, 2.0])
    draws = Draws(values, np.array([0.25, 0.5, 0.25]))
    claim = store.claim(packaged(), "nsc-70")
    interval = claim.interval.model_copy(update={"scale": scale, "low": low, "high": None})
    found = claims_module._inside(claim.model_copy(update={"interval": interval}), draws)
    assert found == pytest.approx(expected, abs=1e-12)


def test_levels_are_read_as_levels_and_not_between_them():
    draws = Draws(np.array([0.0, 1.0, 3.0]), np.array([0.5, 0.4, 0.1]))
    shown = claims_module._interval(draws, "index")
    assert (shown.low, shown.value, shown.high) == (0.0, 0.0, 3.0)
    one = claims_module._interval(Draws(np.array([14.0]), np.ones(1)), "days")
    assert (one.low, one.value, one.high, one.level) == (14.0, 14.0, 14.0, 1.0)


def test_each_scenario_is_predicted_where_it_says(predictions):
    """The ladder of the exercise claim, not the unloaded group of the study that was asked for."""
    claim = store.claim(packaged(), "leg-exercise/weights-zone")
    found = predict_claim(packaged(), predictions, claim, exclude=cited(claim))
    assert f"{claim.scenario.group} against {claim.scenario.against}" in found.note
    assert found.scale == "ratio"
    # More than cage life can do next to nothing while headroom is small: far from the fall of unloading.
    assert abs(float(np.median(found.pooled.values))) < 0.2
    index = predict_claim(packaged(), predictions, store.claim(packaged(), "resilience"), exclude=())
    assert index.scale == "index" and "SPECULATIVE" in index.note
    assert set(np.unique(index.pooled.values)) <= {float(k) for k in range(-10, 11)}
    for one in (found, index):
        for draws in (*one.by_set.values(), one.pooled):
            assert draws.weights.sum() == pytest.approx(1.0, rel=1e-9)
            assert draws.values.shape == draws.weights.shape


@pytest.mark.parametrize(
    ("name", "readout"),
    [
        ("leg-exercise/running-zone", "ki67_density"),
        ("leg-exercise/weights-hippocampus", "new_neurons"),
        ("resilience", None),
    ],
)
def test_a_scenario_is_solved_for_its_own_groups_readout_and_day(predictions, name, readout):
    """The stored curves of a claim are those of what its file says, solved here from those words."""
    claim = store.claim(packaged(), name)
    where = claim.scenario
    wanted = ClaimTarget(
        "by-hand",
        where.study,
        readout or buffering_index(packaged()).readout,
        where.group,
        where.against,
        claim.day,
    )
    chosen = predictions.tables["afferent-activation"].set
    (solved,) = respond(packaged(), [wanted], sets={"afferent-activation": chosen}, workers=2)
    logs = solved.log_ratios[0]
    found = predict_claim(packaged(), predictions, claim, exclude=()).by_set["afferent-activation"].values
    if readout is None:
        index = buffering_index(packaged())
        logs = stress_buffering(packaged(), index.niche, logs, readout=index.readout).drawn
    np.testing.assert_allclose(found, logs, atol=1e-5)


def test_the_other_side_is_told_and_judges_nothing(predictions, rows, monkeypatch):
    claim = store.claim(packaged(), "two-way/idle-legs")
    assert claim.also.words in rows["two-way/idle-legs"].note
    alone = claims_module._row(packaged(), predictions, claim.model_copy(update={"also": None}))
    assert alone.verdict == rows["two-way/idle-legs"].verdict
    assert alone.inputs == rows["two-way/idle-legs"].inputs
    assert claim.also.words not in alone.note


# An entry changes the verdict.


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
        kept = tuple(e for e in store.evidence(packaged()) if e.id != without)
        for module in (claims_module, body_module):
            monkeypatch.setattr(module, "evidence", lambda _: (*kept, *more))
        return claims_module._row(packaged(), predictions, store.claim(packaged(), claim))

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
    fitted = after.note.partition("fitted to")[2].partition("without")[0]
    assert fitted and "yasuhara-2007" not in fitted
    assert after.by_mechanism != before.by_mechanism


def test_the_claims_result_stands_alone():
    result = judge_claims(packaged(), "adami-2018", workers=2)
    assert result.study == "adami-2018"
    known = {c.key for c in result.citations}
    assert {k for r in result.claims for k in r.citations} <= known
    lines, thresholds = rule_in_words(packaged())
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
            "informed_from": 0.005,
        }
    )


def test_a_claim_that_the_study_cannot_show_is_refused(predictions):
    """No row stays empty in silence: what nobody can predict is an error that says what to do."""
    for change in ({"niche": "dg"}, {"readout": "sphere_growth"}):
        claim = store.claim(packaged(), "nsc-70").model_copy(update=change)
        with pytest.raises(CatalogueError, match=r"'nsc-70'.*does not follow.*such as leg-day"):
            claims_module._row(packaged(), predictions, claim)


def test_a_set_that_cuts_the_prior_short_is_judged_within_its_reach(predictions, rows):
    short = set(predictions.tables) - set(predictions.carrying)
    named = set(rows["nsc-70/stem-cells"].probability_by_mechanism)
    assert named == set(predictions.carrying) | {f"{n} (within its reach)" for n in short}


def test_value_claims_are_judged_on_the_control(predictions):
    row = claims_module._row(packaged(), predictions, store.claim(packaged(), "svz-site"))
    study = predictions.responder.experiment
    column = [r.name for r in study.readouts].index("new_neurons")
    truth = study.true_means("control", days=(28.0,), gains={})[0, column]
    assert row.value.value == pytest.approx(truth, rel=1e-6)
    assert [b.mechanism_set for b in row.by_mechanism] == ["resting lineage"]
    assert set(row.probability_by_mechanism.values()) == {1.0}


def test_claims_are_not_judged_under_a_study_of_something_else():
    for name, why in {
        "mastrorilli-2017": "is not unloaded from the first day on",
        "nomura-2012": "it is of dg, not of svz",
        "leg-exercise": "is not unloaded from the first day on",
        "gros-2024": "it ends on day 7, before day 14",
    }.items():
        with pytest.raises(InputError, match=f"under study '{name}': .*{why}.*such as leg-day"):
            judge_claims(packaged(), name)


def test_words_about_the_whole_time_hold_on_every_day(rows):
    """A course that has faded by the last day does not make them true."""
    for name in ("feeding/ate-as-usual", "no-stress"):
        assert rows[name].probability_by_mechanism["early"] < 0.9
        assert "largest change of days 1, 3, 7, 14, 28" in rows[name].note
    values = _farthest([np.array([0.1, -0.5, 0.0]), np.array([-0.2, 0.4, 0.0])])
    np.testing.assert_array_equal(values, [-0.2, -0.5, 0.0])


def test_a_prior_made_in_view_of_a_cited_work_says_so(rows):
    assert (
        "made in view of adami-2018, gros-2024, press-frontiers-2018, yasuhara-2007"
        in rows["nsc-70/stem-cells"].note
    )
    assert "made in view of" not in rows["no-stress"].note and "made in view of" not in rows["svz-site"].note


def test_muscle_is_told_from_hanging(rows):
    assert "unloaded against hanging" in rows["two-way/idle-legs"].note
    assert rows["two-way/idle-legs"].probability_by_mechanism["glucocorticoid-activation"] < 0.1
