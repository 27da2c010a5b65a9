"""What the catalogue says must hang together: sources exist, signs agree, rows are complete."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from soleus.api import packaged
from soleus.catalogue import (
    Claim,
    ClaimInterval,
    EvidenceEntry,
    Quantity,
    citations,
    claims,
    evidence,
    quantities,
    verdict_rule,
)
from soleus.catalogue.edition import edition, evidence_digest

ACCOUNT = [
    "design-groups", "design-duration", "feeding", "no-stress", "svz-site", "nsc-70", "nsc-20",
    "oligo-immature", "neuron-immature", "oxygen", "signals", "leg-exercise", "resilience", "two-way",
]  # fmt: skip
ENTRIES = {entry.id: entry for entry in evidence(packaged())}


def test_there_is_something_to_test() -> None:
    assert len(quantities(packaged())) >= 110
    assert len(evidence(packaged())) >= 60
    assert len(citations(packaged())) >= 50


def test_every_statement_of_the_account_is_there_in_order() -> None:
    assert list(claims(packaged())) == ACCOUNT


def test_no_two_citations_share_a_doi() -> None:
    counts = Counter(work.doi.lower() for work in citations(packaged()).values() if work.doi is not None)
    assert [doi for doi, count in counts.items() if count > 1] == []


def test_works_without_doi_or_year_say_so() -> None:
    for work in citations(packaged()).values():
        if work.doi is None:
            assert work.note is not None and "DOI" in work.note, work.key
        if work.year is None:
            assert work.note is not None, work.key


@pytest.mark.parametrize("claim", claims(packaged()).values(), ids=lambda c: c.id)
def test_claim_has_sources_evidence_and_a_plain_reason_if_later(claim: Claim) -> None:
    assert citations(packaged())[claim.source].kind in ("press", "account")
    assert citations(packaged())[claim.primary_citation].key == "adami-2018"
    assert any(entry.claim == claim.id for entry in evidence(packaged()))
    assert claim.needs
    cited_by_evidence = {entry.citation for entry in evidence(packaged()) if entry.claim == claim.id}
    assert set(claim.citations) <= cited_by_evidence


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_press_entries_are_those_that_cite_the_press(entry: EvidenceEntry) -> None:
    cites_press = citations(packaged())[entry.citation].kind in ("press", "account")
    assert (entry.kind == "press") == cites_press
    # The reported study is no independent witness to its own result.
    if entry.citation == "adami-2018":
        assert not entry.independent


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_an_entry_names_parts_that_there_are_and_bears_on_one(entry: EvidenceEntry) -> None:
    assert set(entry.parts) <= set(claims(packaged())[entry.claim].parts)
    assert any(entry.bears_on(part) for part in claims(packaged())[entry.claim].judged)


def test_the_evidence_is_dated() -> None:
    """Whoever changes claims, evidence or rule states the day, and the digest that stands here."""
    assert edition(packaged()).digest == evidence_digest(packaged()), (
        "edition.yaml: state the day of the change, and this digest"
    )


@pytest.mark.parametrize("claim", claims(packaged()).values(), ids=lambda c: c.id)
def test_quotes_are_words_of_the_account(claim: Claim) -> None:
    for row in claim.judged:
        assert row.quote.lower() in claim.words.lower()


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_stance_agrees_with_the_measured_direction(entry: EvidenceEntry) -> None:
    for part in claims(packaged())[entry.claim].judged:
        if entry.bears_on(part) and entry.base_readout == part.readout:
            _agrees(entry, part.interval)


def _agrees(entry: EvidenceEntry, interval: ClaimInterval) -> None:
    if entry.value is not None:
        assert interval.contains(entry.value) == (entry.stance == "supports")
    if interval.scale != "log_ratio":
        return
    if entry.log_ratio is not None:
        assert interval.contains(entry.log_ratio) == (entry.stance == "supports")
        return
    signs = {
        "down": interval.low is None or (interval.high is not None and interval.high < 0),
        "up": interval.high is None or (interval.low is not None and interval.low > 0),
        "none": interval.contains(0.0),
    }
    assert entry.direction is not None
    assert signs[entry.direction] == (entry.stance == "supports")


def test_no_study_counts_twice_for_the_same_readout_of_a_claim() -> None:
    keys = Counter(
        (e.claim, e.parts, e.readout, e.citation, e.stance)
        for e in evidence(packaged())
        if e.kind == "primary" and e.independent
    )
    repeated = [key for key, count in keys.items() if count > 1]
    # Mice housed in two ways, and rats of two ages: each is one work, and counted once.
    assert repeated == [
        ("feeding", (), "body_mass", "tahimic-2019", "supports"),
        ("no-stress", (), "corticosterone", "adrenocortical-tail-suspension", "supports"),
    ]


def _each(suffix: str) -> list[str]:
    return [f"{kind}_outcome_{fate}_bast_{suffix}" for kind, fate in _outcomes()]


def _outcomes() -> list[tuple[str, str]]:
    return [
        ("active", "self_renewal"), ("active", "consuming"), ("active", "asymmetric"),
        ("c", "self_renewal"), ("c", "differentiating"), ("c", "asymmetric"),
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", ["2mo", "12mo"])
@pytest.mark.parametrize("kind", ["active", "c"])
def test_division_outcomes_add_to_one(kind: str, suffix: str) -> None:
    names = [name for name in _each(suffix) if name.startswith(kind)]
    assert len(names) == 3
    assert sum(quantities(packaged())[name].value for name in names) == pytest.approx(1.0, abs=0.0015)


def test_derived_numbers_follow_from_their_formula() -> None:
    q = {name: quantity.value for name, quantity in quantities(packaged()).items()}
    rate = q["activation_r0_carvajal"] * math.exp(-q["activation_beta_carvajal"] * 60)
    renewal = 0.5 * (1 + math.exp(-q["self_renewal_approach_carvajal"] * 60) * (2 * 0.4821 - 1))
    assert q["activation_rate_carvajal_60d"] == pytest.approx(rate, rel=1e-3)
    assert q["self_renewal_carvajal_60d"] == pytest.approx(renewal, rel=1e-3)
    assert q["division_rate_carvajal"] == pytest.approx(math.log(2) * 24 / q["b1_cycle_length"], rel=1e-3)
    assert q["neuroblast_flux_sorted_cells"] == pytest.approx(
        q["neuroblast_export_rate_bast"] * 19573, rel=1e-3
    )
    loss = q["soleus_loss_limit"] * (1 - math.exp(-7 / q["soleus_loss_time"]))
    assert 1 - loss == pytest.approx(q["soleus_mass_7d_ratio"], rel=2e-3)
    assert q["activation_rate_bast_2mo"] == pytest.approx(0.00519 * 24, rel=1e-9)
    assert q["dormant_exit_rate"] == pytest.approx(1.59e-4 * 24, rel=1e-9)


def test_known_orderings_hold() -> None:
    q = {name: quantity.value for name, quantity in quantities(packaged()).items()}
    for cell in ("b1", "c", "a"):
        assert q[f"{cell}_s_phase"] < q[f"{cell}_cycle_length"]
    assert q["activation_rate_basak"] < q["activation_rate_bast_2mo"] < q["activation_rate_carvajal_60d"]
    assert q["return_rate_bast_12mo"] < q["return_rate_bast_2mo"]
    assert q["resting_oxygen_use_7d_ratio"] > 1 > q["vo2max_head_down_9d_ratio"]


@pytest.mark.parametrize("quantity", quantities(packaged()).values(), ids=lambda q: q.name)
def test_quantity_has_a_range_and_a_source_or_says_why_not(quantity: Quantity) -> None:
    assert quantity.low is not None
    assert quantity.high is not None
    if quantity.citation is None:
        assert quantity.status in ("provisional", "derived")
    if "recall" in (quantity.reason + " ").lower() or "recollection" in quantity.reason:
        assert quantity.status == "provisional"


def test_rule_is_the_one_of_the_design() -> None:
    rule = verdict_rule(packaged())
    assert [line.verdict for line in rule.lines] == [
        "supported for another read-out", "untested", "contradicted", "contested", "supported", "contested",
    ]  # fmt: skip
    assert (rule.contradicted_below.value, rule.supported_at_least.value) == (0.1, 0.5)
    assert (rule.supporting_entries.value, rule.opposing_entries.value) == (2, 1)
    assert (
        rule.line("against-and-unlikely").text == "A >= 1, F = 0, and max P < 0.1 or no other study informs P"
    )
    assert [line.verdict for line in rule.design_lines] == [
        "not to be found in what could be read", "not as the paper says", "as the paper says",
    ]  # fmt: skip
