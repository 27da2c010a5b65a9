"""Every boundary of the verdict rule, crossed both ways."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.api import packaged
from soleus.catalogue import Claim, EvidenceEntry, claim, claims, evidence, verdict_rule
from soleus.errors import CatalogueError, InputError
from soleus.evidence import (
    EvidenceCounts,
    cited_studies,
    count_evidence,
    grade_evidence,
    judge,
    judge_design,
    relation,
)

RULE = verdict_rule(packaged())
BELOW_01, BELOW_05 = math.nextafter(0.1, 0), math.nextafter(0.5, 0)
CLAIM = claim(packaged(), "nsc-70")
OTHER = "ki67_density"
VERDICTS = {"supported", "supported for another read-out", "contested", "contradicted", "untested"}


def entry(number: int = 1, **change: Any) -> EvidenceEntry:
    """A direct, independent, primary entry for the claim, changed as asked."""
    fields: dict[str, Any] = {
        "id": f"entry-{number}",
        "claim": CLAIM.id,
        "readout": CLAIM.readout,
        "niche": "svz",
        "species": "mouse",
        "day": 28,
        "direction": "down",
        "kind": "primary",
        "independent": True,
        "stance": "supports",
        "citation": f"study-{number}",
        "status": "checked",
        "reason": "made up for a test",
    }
    return EvidenceEntry(**{**fields, **change})


def verdict(supporting: int, opposing: int, *probabilities: float) -> str:
    counts = EvidenceCounts(supporting=supporting, opposing=opposing)
    return judge(counts, {f"set {i}": p for i, p in enumerate(probabilities)}, RULE).verdict


@pytest.mark.parametrize(
    ("supporting", "opposing", "probabilities", "expected"),
    [
        # F = A = 0
        (0, 0, [], "untested"),
        (0, 0, [0.99], "untested"),
        # A >= 1, F = 0: max P against 0.1
        (0, 1, [0.0], "contradicted"),
        (0, 1, [BELOW_01], "contradicted"),
        (0, 1, [0.1], "contested"),
        (0, 1, [0.9], "contested"),
        (0, 3, [0.02, 0.05], "contradicted"),
        (0, 3, [0.02, 0.1], "contested"),  # the largest probability decides, not the first
        (0, 3, [0.1, 0.02], "contested"),
        (0, 1, [], "contradicted"),  # nothing predicted: only measurements, and they contradict
        # one entry for: no longer contradicted
        (1, 1, [0.0], "contested"),
        (2, 1, [0.99], "contested"),
        # A = 0: max P against 0.5, F against 2
        (2, 0, [0.5], "supported"),
        (2, 0, [BELOW_05], "contested"),
        (2, 0, [0.1, 0.5], "supported"),
        (2, 0, [0.5, 0.1], "supported"),
        (1, 0, [0.5], "contested"),
        (1, 0, [1.0], "contested"),
        (3, 0, [1.0], "supported"),
        (2, 0, [], "supported"),  # nothing predicted: only measurements, and they agree
        (1, 0, [], "contested"),
        (0, 0, [], "untested"),
        (2, 1, [], "contested"),
    ],
)
def test_boundaries(supporting: int, opposing: int, probabilities: list[float], expected: str) -> None:
    assert verdict(supporting, opposing, *probabilities) == expected


@pytest.mark.parametrize(
    ("supporting", "other_for", "other_against", "expected"),
    [
        (0, {OTHER: 1}, {}, "supported for another read-out"),
        (0, {OTHER: 1}, {OTHER: 1}, "untested"),
        (0, {OTHER: 1}, {"stem_cells": 1}, "supported for another read-out"),
        (0, {OTHER: 1, "stem_cells": 1}, {OTHER: 1}, "supported for another read-out"),
        (0, {}, {OTHER: 1}, "untested"),
        (1, {OTHER: 5}, {}, "contested"),
    ],
)
def test_another_readout(
    supporting: int, other_for: dict[str, int], other_against: dict[str, int], expected: str
) -> None:
    counts = EvidenceCounts(supporting=supporting, other_supporting=other_for, other_opposing=other_against)
    assert judge(counts, {"set": 0.9}, RULE).verdict == expected


@pytest.mark.parametrize(
    ("supporting", "opposing", "alone", "beside"),
    [
        # An ignorant prior alone; the same beside a set that a study informs (P = 0.3).
        (0, 1, "contradicted", "contested"),
        (0, 3, "contradicted", "contested"),
        (2, 0, "supported", "contested"),
        (1, 0, "contested", "contested"),
        (1, 1, "contested", "contested"),
        (0, 0, "untested", "untested"),
    ],
)
@pytest.mark.parametrize("guess", [0.0, 0.05, 0.1, 0.45, 0.5, 1.0])
def test_an_ignorant_prior_is_no_evidence(
    supporting: int, opposing: int, alone: str, beside: str, guess: float
) -> None:
    """Whatever it says: it neither lifts a verdict nor holds one down."""
    counts = EvidenceCounts(supporting=supporting, opposing=opposing)
    found = judge(counts, {"open": guess}, RULE, ignorant=["open"])
    assert (found.verdict, "max_p" in found.inputs) == (alone, False)
    both = judge(counts, {"open": guess, "known": 0.3}, RULE, ignorant=["open"])
    assert (both.verdict, both.inputs["max_p"]) == (beside, 0.3)


def test_what_a_study_informs_counts_again() -> None:
    """The same probability, ignorant and informed: the boundary that the rule draws between them."""
    against, twice = EvidenceCounts(opposing=1), EvidenceCounts(supporting=2)
    for counts, ignorant, informed in (
        (against, "contradicted", "contested"),
        (twice, "supported", "contested"),
    ):
        assert judge(counts, {"set": 0.4}, RULE, ignorant=["set"]).verdict == ignorant
        assert judge(counts, {"set": 0.4}, RULE).verdict == informed


DESIGN = claim(packaged(), "design-duration")


def said(value: float | None, stance: str = "opposes", **change: Any) -> EvidenceEntry:
    """What the paper says of itself on the number of days."""
    fields = {"claim": DESIGN.id, "readout": DESIGN.readout, "niche": None, "day": None, "independent": False}
    direction = None if value is not None else "none"
    made = {"value": value, "direction": direction, "stance": stance, "citation": "adami-2018"}
    return entry(**{**fields, **made, **change})


@pytest.mark.parametrize(
    ("value", "stance", "expected"),
    [
        (27, "supports", "as the paper says"),
        (28, "supports", "as the paper says"),
        (29, "supports", "as the paper says"),
        (math.nextafter(27, 0), "opposes", "not as the paper says"),
        (math.nextafter(29, 99), "opposes", "not as the paper says"),
        (14, "opposes", "not as the paper says"),
        (None, "supports", "as the paper says"),
        (None, "opposes", "not as the paper says"),
    ],
)
def test_a_design_is_judged_by_what_its_paper_says(value: float | None, stance: str, expected: str) -> None:
    assert judge_design(DESIGN, [said(value, stance)], RULE).verdict == expected


@pytest.mark.parametrize(
    "others",
    [
        [],
        [said(28, "supports", kind="press", citation="press-frontiers-2018")],
        [said(28, "supports", independent=True, citation="platel-2019")],  # nobody else can testify
        [said(28, "supports", citation="adami-bottai-2020")],
        [said(2, "opposes", readout="groups")],
        [said(28, "supports", kind="review")],
    ],
)
def test_a_design_that_its_paper_is_silent_on_is_not_to_be_found(others: list[EvidenceEntry]) -> None:
    found = judge_design(DESIGN, others, RULE)
    assert found.verdict == "not to be found in what could be read"
    assert found.rule_line == "not-seen"


def test_a_paper_that_says_both_does_not_say_so() -> None:
    both = [said(28, "supports", id="a"), said(14, "opposes", id="b")]
    found = judge_design(DESIGN, both, RULE)
    assert found.verdict == "not as the paper says"
    assert dict(found.inputs) == {"paper_says_so": 1, "paper_says_otherwise": 1}


@pytest.mark.parametrize(("value", "stance"), [(14, "supports"), (28, "opposes")])
def test_a_value_that_does_not_go_with_its_stance_is_refused(value: float, stance: str) -> None:
    with pytest.raises(CatalogueError, match="correct one"):
        judge_design(DESIGN, [said(value, stance)], RULE)


def test_parts_are_judged_by_what_bears_on_them() -> None:
    first, second = claim(packaged(), "signals/first-days"), claim(packaged(), "signals/lasting")
    own = {"claim": "signals", "readout": "afferent_activity", "niche": "body"}
    entries = [entry(1, parts=("first-days",), **own), entry(2, **own), entry(3, parts=("lasting",), **own)]
    assert count_evidence(first, entries).supporting == 2
    assert count_evidence(second, entries).supporting == 2
    assert count_evidence(claim(packaged(), "signals"), entries).supporting == 3
    moved = [e.model_copy(update={"parts": ("lasting",)}) for e in entries]
    assert count_evidence(first, moved).supporting == 0
    # What is cited for one part may not be used to predict the other.
    assert cited_studies(first, entries) == cited_studies(second, entries) >= {"study-1", "study-3"}


def test_a_readout_of_another_niche_is_the_same_readout_where_no_niche_is_named() -> None:
    anywhere = claim(packaged(), "two-way/at-all")
    assert relation(entry(readout="dg_ki67_density", niche="dg"), anywhere) == "direct"
    assert (
        relation(entry(readout="dg_ki67_density", niche="dg"), claim(packaged(), "two-way/idle-legs"))
        == "indirect"
    )
    # The mass of the body is not the "mass" of a niche called body.
    assert (
        relation(entry(readout="body_mass", niche="body"), claim(packaged(), "feeding/went-on-eating"))
        == "direct"
    )


def test_another_readout_is_named_and_only_then() -> None:
    found = judge(EvidenceCounts(other_supporting={OTHER: 1}), {}, RULE)
    assert found.other_readouts == (OTHER,)
    assert found.inputs["F[ki67_density]"] == 1
    against = judge(EvidenceCounts(opposing=1, other_supporting={OTHER: 1}), {"set": 0.0}, RULE)
    assert (against.verdict, against.other_readouts) == ("contradicted", ())


def test_says_which_line_fired_and_what_it_saw() -> None:
    found = judge(EvidenceCounts(opposing=1), {"afferent": 0.04, "stress": 0.02}, RULE)
    assert found.rule_line == "against-and-unlikely"
    assert found.rule_text == "A >= 1, F = 0, and max P < 0.1 or no other study informs P"
    assert dict(found.inputs) == {"F": 0, "A": 1, "max_p": 0.04}
    assert "max_p" not in judge(EvidenceCounts(opposing=1), {}, RULE).inputs


@pytest.mark.parametrize("bad", [-0.01, 1.01, 70.0, math.nan])
def test_refuses_what_is_no_probability(bad: float) -> None:
    with pytest.raises(InputError, match="must lie in"):
        judge(EvidenceCounts(supporting=1), {"good": 0.5, "bad": bad}, RULE)


def test_refuses_a_rule_without_last_resort_or_with_an_unknown_line() -> None:
    with pytest.raises(CatalogueError, match="no line holds"):
        judge(EvidenceCounts(supporting=1), {}, RULE.model_copy(update={"lines": RULE.lines[:-1]}))
    odd = RULE.lines[0].model_copy(update={"id": "coin"})
    with pytest.raises(CatalogueError, match="'coin'"):
        judge(EvidenceCounts(), {}, RULE.model_copy(update={"lines": (odd,)}))


def test_supports_and_opposes_are_not_swapped() -> None:
    counts = count_evidence(CLAIM, [entry(1), entry(2), entry(3, stance="opposes")])
    assert (counts.supporting, counts.opposing, counts.direct_studies) == (2, 1, 3)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "direct"),
        ({"species": "rat"}, "indirect"),
        ({"niche": "dg"}, "indirect"),
        ({"niche": "culture"}, "indirect"),
        ({"readout": OTHER}, "other-readout"),
        ({"readout": OTHER, "species": "rat"}, "indirect"),
        ({"readout": "astrocytes"}, "indirect"),
        ({"direct": False}, "indirect"),
        ({"direct": True}, "direct"),
        ({"readout": OTHER, "direct": False}, "indirect"),
    ],
)
def test_relation(change: dict[str, Any], expected: str) -> None:
    assert relation(entry(**change), CLAIM) == expected


def test_unrestricted_claim_takes_any_species_and_niche() -> None:
    anywhere = CLAIM.model_copy(update={"species": (), "niche": None})
    assert relation(entry(species="rat", niche="dg"), anywhere) == "direct"


def test_an_entry_cannot_declare_itself_direct() -> None:
    with pytest.raises(CatalogueError, match="says direct"):
        relation(entry(species="rat", direct=True), CLAIM)


@pytest.mark.parametrize(
    ("change", "counted_as"),
    [
        ({"kind": "press", "independent": False}, "press"),
        ({"kind": "review"}, "reviews"),
        ({"kind": "interpretation"}, "reviews"),
        ({"independent": False}, "source_study"),
        ({"species": "rat"}, "indirect"),
    ],
)
def test_what_does_not_count(change: dict[str, Any], counted_as: str) -> None:
    counts = count_evidence(CLAIM, [entry(1, **change), entry(2, stance="opposes", **change)])
    assert (counts.supporting, counts.opposing) == (0, 0)
    assert getattr(counts, counted_as) == 2
    assert judge(counts, {"set": 0.01}, RULE).verdict == "untested"


def test_entries_on_other_claims_are_passed_over() -> None:
    assert count_evidence(CLAIM, [entry(claim="nsc-20")]) == EvidenceCounts()


def test_changing_one_entry_changes_the_verdict() -> None:
    entries = [entry(1), entry(2)]
    likely = {"set": 0.8}
    assert judge(count_evidence(CLAIM, entries), likely, RULE).verdict == "supported"
    turned = [entries[0], entries[1].model_copy(update={"stance": "opposes"})]
    assert judge(count_evidence(CLAIM, turned), likely, RULE).verdict == "contested"
    moved = [entries[0], entries[1].model_copy(update={"species": "rat"})]
    assert judge(count_evidence(CLAIM, moved), likely, RULE).verdict == "contested"
    both = [e.model_copy(update={"stance": "opposes"}) for e in entries]
    assert judge(count_evidence(CLAIM, both), {"set": 0.05}, RULE).verdict == "contradicted"


def test_changing_an_entry_of_the_catalogue_changes_its_verdict() -> None:
    row = claim(packaged(), "svz-site")
    certain = {"set": 1.0}
    assert judge(count_evidence(row, evidence(packaged())), certain, RULE).verdict == "supported"
    fewer = [e for e in evidence(packaged()) if e.id != "site-petreanu"]
    assert judge(count_evidence(row, fewer), certain, RULE).verdict == "contested"


def test_changing_a_threshold_changes_verdict_and_printed_rule() -> None:
    strict = RULE.model_copy(
        update={"supporting_entries": RULE.supporting_entries.model_copy(update={"value": 3})}
    )
    counts = EvidenceCounts(supporting=2)
    assert judge(counts, {"set": 0.9}, RULE).verdict == "supported"
    assert judge(counts, {"set": 0.9}, strict).verdict == "contested"
    assert "F >= 3" in judge(EvidenceCounts(supporting=3), {"set": 0.9}, strict).rule_text


@pytest.mark.parametrize(
    ("counts", "grade"),
    [
        (EvidenceCounts(), "none"),
        (EvidenceCounts(press=4), "press only"),
        (EvidenceCounts(press=4, reviews=1), "reviews only"),
        (EvidenceCounts(reviews=1, source_study=1), "the reported study only"),
        (EvidenceCounts(source_study=1, indirect=1), "indirect only"),
        (EvidenceCounts(indirect=1, other_opposing={OTHER: 1}), "another read-out only"),
        (EvidenceCounts(opposing=1, direct_studies=1, indirect=3), "one independent direct study"),
        (EvidenceCounts(supporting=1, opposing=1, direct_studies=2), "several independent direct studies"),
    ],
)
def test_grade(counts: EvidenceCounts, grade: str) -> None:
    assert grade_evidence(counts) == grade


def test_two_findings_of_one_paper_are_one_study() -> None:
    counts = count_evidence(CLAIM, [entry(1), entry(2, citation="study-1")])
    assert counts.direct_studies == 1
    assert grade_evidence(counts) == "one independent direct study"


def test_cited_studies_are_all_that_a_prediction_must_do_without() -> None:
    left_out = cited_studies(CLAIM, evidence(packaged()))
    assert {"adami-2018", "press-frontiers-2018", "yasuhara-2007", "gros-2024"} <= left_out
    assert "silva-2008" not in left_out
    assert "brand-new" in cited_studies(CLAIM, [entry(citation="brand-new")])


JUDGED = [part for whole in claims(packaged()).values() for part in whole.judged if part.design is None]


@pytest.mark.parametrize("row", JUDGED, ids=lambda c: c.id)
def test_every_claim_of_the_catalogue_gets_a_verdict(row: Claim) -> None:
    assert judge(count_evidence(row, evidence(packaged())), {"set": 0.3}, RULE).verdict in VERDICTS


def test_the_reported_study_and_the_press_alone_leave_the_70_percent_untested() -> None:
    found = judge(count_evidence(CLAIM, evidence(packaged())), {"set": 0.9}, RULE)
    assert (found.verdict, found.grade) == ("untested", "indirect only")


ENTRY = st.builds(
    entry,
    st.integers(1, 9),
    readout=st.sampled_from([CLAIM.readout, OTHER, "stem_cells", "astrocytes"]),
    niche=st.sampled_from(["svz", "dg", "culture"]),
    species=st.sampled_from(["mouse", "rat"]),
    kind=st.sampled_from(["primary", "review", "interpretation"]),
    independent=st.booleans(),
    stance=st.sampled_from(["supports", "opposes"]),
)
PRESS = st.builds(
    entry,
    st.integers(10, 19),
    readout=st.sampled_from([CLAIM.readout, OTHER]),
    kind=st.just("press"),
    independent=st.just(False),
    stance=st.sampled_from(["supports", "opposes"]),
    # A press entry cannot be built as independent; copied past that check, it must still not count.
).flatmap(lambda e: st.sampled_from([e, e.model_copy(update={"independent": True})]))
PREDICTIVE = st.dictionaries(st.sampled_from("abc"), st.floats(0, 1), max_size=3)


@settings(max_examples=150, deadline=None)
@given(st.lists(ENTRY, max_size=6), st.lists(PRESS, min_size=1, max_size=4), PREDICTIVE)
def test_verdict_is_total_and_the_press_never_changes_it(
    entries: list[EvidenceEntry], press: list[EvidenceEntry], predictive: dict[str, float]
) -> None:
    without = judge(count_evidence(CLAIM, entries), predictive, RULE)
    with_press = judge(count_evidence(CLAIM, [*press, *entries]), predictive, RULE)
    assert without.verdict in VERDICTS
    assert with_press.verdict == without.verdict
    assert with_press.rule_line == without.rule_line
    assert dict(with_press.inputs) == dict(without.inputs)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 4), st.integers(0, 4), PREDICTIVE)
def test_one_more_opposing_entry_never_helps(
    supporting: int, opposing: int, predictive: dict[str, float]
) -> None:
    order = ["contradicted", "contested", "supported"]
    before = judge(EvidenceCounts(supporting=supporting, opposing=opposing), predictive, RULE).verdict
    after = judge(EvidenceCounts(supporting=supporting, opposing=opposing + 1), predictive, RULE).verdict
    if before in order:
        assert order.index(after) <= order.index(before)
    else:
        assert after in ("contradicted", "contested")
