"""Mechanism sets by studies: made-up findings, and real ones on which false sets and signs are caught."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from evidence_models import evidence_of, finding, responses, thresholds

from soleus.api import packaged
from soleus.catalogue.movement import mechanism_sets, movement_entries
from soleus.catalogue.studies import load_study
from soleus.evidence.directions import DIRECTIONS
from soleus.evidence.finding_responses import SetResponses, respond
from soleus.evidence.findings import Finding, findings
from soleus.evidence.matrix import Matrix, build_matrix, no_effect
from soleus.evidence.posterior import weights_without
from soleus.evidence.sets import sets_that_are_on
from soleus.study import bind
from soleus.study.design import Study

ONE_MECHANISM = sorted(name for name, shares in mechanism_sets(packaged()).items() if len(shares) == 1)
# What the published findings cannot tell, stated so that a change is seen.
SILENT = {"isolation-activation"}
FAVOURED_THE_OTHER_WAY = {"hypoxia-activation"}

# Ten studies that saw a fall, two that saw none: what a set with slope -1 predicts.
FELL = [finding("a", "down", study=f"fell-{k}") for k in range(10)]
SAME = [finding("b", "none", study=f"same-{k}") for k in range(2)]
FOUND = (*FELL, *SAME)
TRUE = responses("true", [-1.0] * 10 + [0.0] * 2, largest=2.0)
FALSE = responses("false", [1.0] * 10 + [0.0] * 2, largest=2.0)
BLIND = responses("blind", [0.0] * 12, largest=2.0)


def matrix(*sets: SetResponses, found: tuple[Finding, ...] = FOUND) -> Matrix:
    return build_matrix(sets, found, **thresholds())


def turned(one: SetResponses) -> SetResponses:
    """The same set with its sign the other way."""
    return replace(one, log_ratios=one.flipped, flipped=one.log_ratios)


# Made up.


def test_a_planted_false_set_is_refuted_and_the_true_one_is_not() -> None:
    made = matrix(TRUE, FALSE, BLIND)
    assert [row.name for row in made.rows][0] == "true"
    true, false = made.row("true"), made.row("false")
    assert not true.refuted and true.predictive_p > 0.2
    assert false.refuted and false.predictive_p < 0.005
    assert true.log10_evidence > 3.0 > 0.0 > false.log10_for_sign
    assert made.row("no-effect").refuted


def test_evidence_is_the_mean_likelihood_against_no_effect() -> None:
    made = matrix(TRUE, FALSE)
    nothing = evidence_of(no_effect(TRUE), FOUND)
    for one in (TRUE, FALSE):
        row = made.row(one.name)
        own, other = evidence_of(one, FOUND), evidence_of(one, FOUND, flipped=True)
        assert row.log10_evidence == pytest.approx(math.log10(own / nothing), rel=1e-9)
        assert row.log10_for_sign == pytest.approx(math.log10(own / other), rel=1e-9)
    assert made.row("no-effect").log10_evidence == 0.0
    evidence = [row.log10_evidence for row in made.rows]
    assert evidence == sorted(evidence, reverse=True)


def test_a_cell_is_predicted_without_its_own_study() -> None:
    """Turning what a study found changes its chance to that of the other outcome, and no weight."""
    before = matrix(TRUE).row("true").cells["fell-3"]
    weights = weights_without(TRUE, FOUND, {"fell-3"})
    place = next(i for i, f in enumerate(FOUND) if f.study == "fell-3")
    chances = weights @ FOUND[place].chances(TRUE.log_ratios[place]).T
    assert before.chances == {"fell-3/a": pytest.approx(chances[0], rel=1e-9)}
    assert before.probability == pytest.approx(chances[0], rel=1e-9)
    found = tuple(replace(f, direction="up") if f.study == "fell-3" else f for f in FOUND)
    after = matrix(TRUE, found=found).row("true").cells["fell-3"]
    assert after.probability == pytest.approx(chances[2], rel=1e-9)
    assert after.ratios == before.ratios
    others = matrix(TRUE, found=found).row("true").cells["fell-4"]
    assert others.ratios != matrix(TRUE).row("true").cells["fell-4"].ratios


def test_findings_of_one_study_are_predicted_together() -> None:
    found = (*FELL, *(replace(f, study="same") for f in SAME))
    cell = matrix(TRUE, found=found).row("true").cells["same"]
    # No effect on either at any strength: the chances multiply.
    each = [float(f.chances(np.zeros(1))[1, 0]) for f in SAME]
    assert cell.probability == pytest.approx(math.prod(each), rel=1e-9)
    assert cell.per_finding == pytest.approx(each[0], rel=1e-9)
    assert set(cell.chances) == {f.id for f in SAME}


def test_sensitive_is_what_moves_by_the_threshold_at_the_median() -> None:
    at = thresholds()["sensitive_above"]
    slopes = [at / 1.025 * 1.001, at / 1.025 * 0.999]  # the median strength of 40 up to 2 is 1.025
    one = responses("one", slopes, largest=2.0)
    assert one.at_median[0, 0] == pytest.approx(1.001 * at)
    pair = (finding("a", "up", study="x"), finding("b", "up", study="x"))
    assert matrix(one, found=pair).row("one").cells["x"].sensitive == ("x/a",)


def test_a_set_that_made_its_own_findings_is_seldom_refuted() -> None:
    """Findings drawn from the set itself, strength from its prior: at most one in twenty is refuted."""
    rng = np.random.default_rng(3)
    refuted = 0
    runs = 60
    for _ in range(runs):
        k = rng.integers(TRUE.log_ratios.shape[1])
        found = tuple(
            replace(f, direction=DIRECTIONS[rng.choice(3, p=f.chances(y[k : k + 1])[:, 0])])
            for f, y in zip(FOUND, TRUE.log_ratios, strict=True)
        )
        refuted += matrix(TRUE, found=found).row("true").refuted
    assert refuted <= 7  # 3 expected; more than 7 of 60 would happen once in 70 times


def test_the_matrix_is_the_same_every_time() -> None:
    one, other = matrix(TRUE, FALSE), matrix(TRUE, FALSE)
    assert [r.predictive_p for r in one.rows] == [r.predictive_p for r in other.rows]


# On what was published.


@pytest.fixture(scope="module")
def shipped(shipped_responses: tuple[SetResponses, ...]) -> Matrix:
    return build_matrix(shipped_responses, findings(packaged()), **thresholds())


@pytest.fixture(scope="module")
def reversed_signs(shipped_responses: tuple[SetResponses, ...]) -> Matrix:
    """Every set with a planted sign error."""
    return build_matrix([turned(one) for one in shipped_responses], findings(packaged()), **thresholds())


def test_at_least_eight_studies_meet_every_set(shipped: Matrix) -> None:
    assert len(shipped.studies) >= 8
    assert {row.name for row in shipped.rows} == {*mechanism_sets(packaged()), "no-effect"}
    for row in shipped.rows:
        assert set(row.cells) == set(shipped.studies)
        for cell in row.cells.values():
            assert 0.0 < cell.probability <= cell.per_finding <= 1.0
            assert all(low <= middle <= high for middle, low, high in cell.ratios.values())


def sensitive(made: Matrix, name: str) -> list[str]:
    return [f for cell in made.row(name).cells.values() for f in cell.sensitive]


def test_the_sets_that_no_finding_tells_of_are_known(shipped: Matrix) -> None:
    assert {name for name in ONE_MECHANISM if not sensitive(shipped, name)} == SILENT
    for name in SILENT:
        assert shipped.row(name).log10_for_sign == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("name", [n for n in ONE_MECHANISM if n not in SILENT])
def test_a_planted_sign_error_is_caught(shipped: Matrix, reversed_signs: Matrix, name: str) -> None:
    true, wrong = shipped.row(name), reversed_signs.row(name)
    assert sensitive(shipped, name)
    if name in FAVOURED_THE_OTHER_WAY:
        # Its sign is open and the catalogue says so: it is off by default, and the findings speak against it.
        assert not movement_entries(packaged()).mechanisms[name].on
        true, wrong = wrong, true
    # At 10 to 1 or more for the sign, and the wrong one is worse than no effect, and refuted.
    assert true.log10_for_sign > 1.0
    assert wrong.log10_for_sign == pytest.approx(-true.log10_for_sign, rel=1e-9)
    assert wrong.log10_evidence < 0.0 < true.log10_evidence
    assert wrong.predictive_p < true.predictive_p
    assert wrong.refuted


@pytest.fixture(scope="module")
def arms() -> dict[str, Study]:
    names = {"adami-2018", *(f.arm for f in findings(packaged()))}
    return {name: load_study(packaged(), name, with_off=True) for name in names}


def wrong_way(study: Study, mechanism: str) -> Study:
    """The study with a mechanism whose sign was typed in wrongly."""
    changed = tuple(
        replace(m, direction=-m.direction) if m.name == mechanism else m for m in study.mechanisms
    )
    return replace(study, mechanisms=changed)


@pytest.mark.parametrize("name", ["amplification", "neuroblast-survival"])
def test_the_other_sign_is_what_a_wrong_direction_gives(
    arms: dict[str, Study], shipped_responses: tuple[SetResponses, ...], name: str
) -> None:
    """Two arms solved with the direction turned are the stored curves of the other sign, and the reverse."""
    wanted = [f for f in findings(packaged()) if f.arm in ("adami-2018", "clark-2010")]
    places = [i for i, f in enumerate(findings(packaged())) if f in wanted]
    solved = _solved_the_wrong_way(arms, name, wanted)
    kept = next(r for r in shipped_responses if r.name == name).only(places)
    np.testing.assert_allclose(solved.flipped, kept.log_ratios, atol=1e-4)
    np.testing.assert_allclose(solved.log_ratios, kept.flipped, atol=1e-4)
    assert np.abs(kept.log_ratios - kept.flipped).max() > 0.5


def _solved_the_wrong_way(arms: dict[str, Study], name: str, wanted: list[Finding]) -> SetResponses:
    planted = {arm: wrong_way(study, name) for arm, study in arms.items()}
    sets = sets_that_are_on(packaged(), bind(planted["adami-2018"]))
    (solved,) = respond(packaged(), wanted, studies=planted, sets={name: sets[name]}, workers=2)
    return solved


@pytest.mark.slow
@pytest.mark.parametrize("name", ["amplification", "afferent-activation", "intrinsic-return"])
def test_a_false_set_solved_in_every_study_is_refuted(
    arms: dict[str, Study], shipped: Matrix, shipped_responses: tuple[SetResponses, ...], name: str
) -> None:
    """Unloading that wakes cells, or makes them amplify more: planted as a direction, and solved."""
    solved = _solved_the_wrong_way(arms, name, list(findings(packaged())))
    kept = next(r for r in shipped_responses if r.name == name)
    # The strengths of the true sign are now those of the flipped one.
    np.testing.assert_allclose(solved.flipped, kept.log_ratios, atol=2e-3)
    row = build_matrix([solved], findings(packaged()), **thresholds()).row(name)
    assert row.refuted
    assert row.predictive_p < shipped.row(name).predictive_p
    assert row.log10_for_sign < -1.0
    assert row.log10_evidence < shipped.row(name).log10_evidence - 1.0
