"""Every boundary of the verdict rule, crossed both ways."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.catalogue import Claim, EvidenceEntry, claim, claims, evidence, verdict_rule
from soleus.errors import CatalogueError, InputError
from soleus.evidence import EvidenceCounts, cited_studies, count_evidence, grade_evidence, judge, relation

RULE = verdict_rule()
BELOW_01, BELOW_05 = math.nextafter(0.1, 0), math.nextafter(0.5, 0)
CLAIM = claim("nsc-70")
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
        (0, 1, [], "contested"),  # nothing predicted: not contradicted
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
        (2, 0, [], "contested"),
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


def test_another_readout_is_named_and_only_then() -> None:
    found = judge(EvidenceCounts(other_supporting={OTHER: 1}), {}, RULE)
    assert found.other_readouts == (OTHER,)
    assert found.inputs["F[ki67_density]"] == 1
    against = judge(EvidenceCounts(opposing=1, other_supporting={OTHER: 1}), {"set": 0.0}, RULE)
    assert (against.verdict, against.other_readouts) == ("contradicted", ())


def test_says_which_line_fired_and_what_it_saw() -> None:
    found = judge(EvidenceCounts(opposing=1), {"afferent": 0.04, "stress": 0.02}, RULE)
    assert found.rule_line == "against-and-unlikely"
    assert found.rule_text == "A >= 1, F = 0 and max P < 0.1"
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
    row = claim("svz-site")
    certain = {"set": 1.0}
    assert judge(count_evidence(row, evidence()), certain, RULE).verdict == "supported"
    fewer = [e for e in evidence() if e.id != "site-petreanu"]
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
    left_out = cited_studies(CLAIM, evidence())
    assert {"adami-2018", "press-frontiers-2018", "yasuhara-2007", "gros-2024"} <= left_out
    assert "silva-2008" not in left_out
    assert "brand-new" in cited_studies(CLAIM, [entry(citation="brand-new")])


@pytest.mark.parametrize("row", claims().values(), ids=lambda c: c.id)
def test_every_claim_of_the_catalogue_gets_a_verdict(row: Claim) -> None:
    assert judge(count_evidence(row, evidence()), {"set": 0.3}, RULE).verdict in VERDICTS


def test_the_reported_study_and_the_press_alone_leave_the_70_percent_untested() -> None:
    found = judge(count_evidence(CLAIM, evidence()), {"set": 0.9}, RULE)
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
