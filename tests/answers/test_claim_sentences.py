"""The plain word and sentence of each row, put together from entries and numbers: both change them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.answers.claims import build as claims_module
from soleus.api import packaged
from soleus.catalogue import plain_words as words_module
from soleus.catalogue import store
from soleus.catalogue.plain_words import plain_words
from soleus.catalogue.records import EvidenceEntry
from soleus.errors import CatalogueError
from soleus.evidence.plain import tell
from soleus.evidence.plain_clauses import Clauses
from soleus.evidence.verdicts import count_evidence, judge, judge_design

ENTRIES = {entry.id: entry for entry in store.evidence(packaged())}
JUDGED = {part.id: part for whole in store.claims(packaged()).values() for part in whole.judged}


@pytest.fixture(scope="module")
def rows(predictions):
    return {r.id: r for r in claims_module.claim_rows(packaged(), predictions)}


@pytest.fixture
def changed(monkeypatch, predictions):
    """Judge a row, through the whole chain, with entries changed (None: removed) or added."""

    def judged(row: str, changes: dict[str, dict[str, Any] | None], *more: EvidenceEntry):
        kept = [
            entry if key not in changes else EvidenceEntry.model_validate({**entry.model_dump(), **new})
            for key, entry in ENTRIES.items()
            if (new := changes.get(key, {})) is not None
        ]
        monkeypatch.setattr(claims_module, "evidence", lambda _: (*kept, *more))
        return claims_module._row(packaged(), predictions, store.claim(packaged(), row))

    return judged


SIZE = {"direction": None}
CASES: list[tuple[str, dict[str, dict[str, Any] | None], str, str]] = [
    (
        "design-duration",
        {"duration-methods": {"value": 21}},
        "The paper says otherwise",
        "Its methods say 21 days, not 28.",
    ),
    (
        "design-duration",
        {"duration-methods": {"value": 28, "stance": "supports"}},
        "Yes",
        "Its methods say: 28 days.",
    ),
    (
        "design-groups/groups",
        {"groups-paper": None},
        "Could not be checked",
        "What we read gives no groups.",
    ),
    (
        "feeding/ate-as-usual",
        {"feeding-leptin-study": {"log_ratio": -0.5108}},
        "Measurements point the other way",
        "One study of lifted mice saw 40 % lower food intake than before; the paper's: not seen.",
    ),
    (
        "feeding/ate-as-usual",
        {"feeding-leptin-study": None},
        "Partly",
        "Two studies of lifted mice saw at most 8 % lower body mass; food intake was not measured.",
    ),
    (
        "feeding/went-on-eating",
        {"feeding-mass-ellman": {"log_ratio": -0.1508}},
        "Yes",
        "Two studies of lifted mice saw at most 14 % lower body mass.",
    ),
    (
        "no-stress",
        {"stress-tahimic": None},
        "Measurements point the other way",
        "Two studies of lifted mice saw higher stress-hormone levels; the paper's: not seen.",
    ),
    (
        "no-stress",
        {"stress-ellman": None, "stress-leptin-study": None, "stress-tahimic": None},
        "Nobody has measured it",
        "No study measured stress-hormone levels in lifted mice.",
    ),
    (
        "oxygen",
        {"oxygen-silva": {"log_ratio": -0.2231, "stance": "supports"}},
        "Not settled",
        "One study of lifted rats (an abstract) saw 20 % lower oxygen use at rest; two saw lower "
        "peak oxygen use, one of them no change.",
    ),
    (
        "oxygen",
        {"oxygen-silva": {"species": "mouse"}},
        "Measurements point the other way",
        "One study of lifted mice (an abstract) saw 25 % higher oxygen use at rest; the body's "
        "oxygen was not measured; two of lifted rats saw lower peak oxygen use.",
    ),
    (
        "svz-site",
        {"site-lois": None},
        "Partly",
        "One study of mice saw new nerve cells from this zone; nobody has repeated it.",
    ),
    (
        "nsc-70/dividing-cells",
        {"nsc70-adami-ki67": {"log_ratio": -1.204, **SIZE}},
        "Could not be checked",
        "The paper saw 70 % fewer dividing cells in this zone; one study of lifted rats did not on day 7.",
    ),
    (
        "nsc-70/dividing-cells",
        {"nsc70-gros": {"species": "mouse"}},
        "Not found",
        "One study of lifted mice saw no change in dividing cells in this zone.",
    ),
    (
        "nsc-70/dividing-cells",
        {"nsc70-gros": None},
        "Could not be checked",
        "The paper saw fewer dividing cells in this zone, size not seen; no other study of lifted "
        "mice has counted them.",
    ),
    (
        "nsc-70/stem-cells",
        {"nsc70-adami-ki67": {"readout": "neuroblasts"}},
        "Nobody has measured it",
        "The paper counted young nerve cells, not new stem cells.",
    ),
    (
        "nsc-20",
        {"nsc20-adami-sox2": {"direction": "down", "stance": "supports"}},
        "Nobody has measured it",
        "Only in a dish: three stem-cell markers lower.",
    ),
    (
        "oligo-immature",
        {"oligo-adami": {"niche": "svz"}},
        "Could not be checked",
        "The paper saw fewer mature oligodendrocytes in this zone, size not seen; no other study "
        "of lifted mice has counted them.",
    ),
    (
        "signals/lasting",
        {"signals-anderson": {"day": 10}},
        "Not settled",
        "One study of lifted rats saw weaker leg signals on day 10; two saw lower leg-muscle "
        "activity on days 28 and 49, one of them no change on day 7.",
    ),
    (
        "signals/lasting",
        {"signals-ohira": None},
        "Partly",
        "One study of lifted rats saw weaker leg signals; nobody has repeated it.",
    ),
    (
        "leg-exercise/running-zone",
        {"exercise-mastrorilli": None},
        "Yes",
        "Two studies of running mice (one unchecked) saw more dividing cells in this zone.",
    ),
    (
        "leg-exercise/weights-hippocampus",
        {"exercise-nokia": {"direction": "up", "stance": "supports"}},
        "Partly",
        "One study of weight-trained rats saw more new nerve cells in the hippocampus; nobody has "
        "repeated it.",
    ),
    (
        "leg-exercise/weights-zone",
        {"exercise-nokia": {"niche": "svz", "readout": "ki67_density"}},
        "Not found",
        "One study of weight-trained rats saw no change in dividing cells in this zone.",
    ),
    (
        "resilience",
        {"resilience-running": None},
        "Researchers disagree",
        "Three studies of mice (two unchecked) saw stress relief from new hippocampus cells; one "
        "of running mice saw no such link.",
    ),
    (
        "two-way/idle-legs",
        {"twoway-yasuhara": None},
        "Not found",
        "One study of lifted rats saw no change in dividing cells in this zone.",
    ),
    (
        "two-way/at-all",
        {"twoway-rich": {"species": "rat"}},
        "Yes",
        "Two studies of running mice and rats saw more dividing cells, one in this zone, one in "
        "the hippocampus, through muscle signals.",
    ),
    (
        "two-way/idle-legs",
        {"twoway-gros": {"day": 3}},
        "Not settled",
        "One study of lifted rats saw fewer young nerve cells in this zone on day 14; one saw no "
        "change in dividing cells on day 3; the paper saw fewer.",
    ),
    (
        "signals/lasting",
        {"signals-ohira-weeks": None},
        "Not settled",
        "One study of lifted rats saw weaker leg signals on day 21; one saw 61 % lower leg-muscle "
        "activity on day 28; one did not on day 7.",
    ),
]


def test_enough_entries_are_tried() -> None:
    assert len({key for _, changes, _, _ in CASES for key in changes}) >= 12
    assert len({row for row, *_ in CASES}) >= 12


@pytest.mark.parametrize(("row", "changes", "word", "said"), CASES)
def test_a_changed_entry_changes_what_is_said(
    rows, changed, row: str, changes: dict[str, dict[str, Any] | None], word: str, said: str
) -> None:
    after = changed(row, changes)
    assert after.word == word
    assert after.sentence == said
    assert (after.word, after.sentence) != (rows[row].word, rows[row].sentence)


def test_a_changed_entry_of_another_claim_changes_nothing(rows, changed) -> None:
    assert changed("no-stress", {"oxygen-silva": None}).sentence == rows["no-stress"].sentence


def planted(**change: Any) -> EvidenceEntry:
    fields = {
        "id": "planted", "claim": "nsc-70", "readout": "new_stem_cells_per_day", "niche": "svz",
        "species": "mouse", "day": 28.0, "direction": "down", "kind": "primary", "independent": True,
        "stance": "supports", "citation": "platel-2019", "status": "provisional", "reason": "planted here",
    }  # fmt: skip
    return EvidenceEntry.model_validate({**fields, **change})


def test_a_computed_chance_changes_what_is_said(changed) -> None:
    """Two studies for it: whether the sentence doubts them hangs on what the simulation gives."""
    twice = [planted(id="one"), planted(id="two", citation="menn-2006")]
    doubted = changed("nsc-70/stem-cells", {}, *twice)
    assert doubted.inputs["max_p"] < 0.5 and doubted.situation == "unlikely"
    assert doubted.sentence == (
        "Two studies of lifted mice (unchecked) saw fewer new stem cells in this zone, yet "
        "the simulation finds "
        "so large a change unlikely."
    )
    elsewhere = [
        planted(id=f"more-{k}", readout="ki67_density", parts=("dividing-cells",), citation=c)
        for k, c in enumerate(("platel-2019", "menn-2006"))
    ]
    likely = changed("nsc-70/dividing-cells", {}, *elsewhere)
    assert likely.inputs["max_p"] >= 0.5 and (likely.situation, likely.word) == ("repeated", "Yes")


def test_the_press_changes_no_word(rows, changed) -> None:
    press = {key: None for key, e in ENTRIES.items() if e.kind == "press"}
    for name in ("no-stress", "nsc-70/stem-cells", "leg-exercise/weights-zone"):
        assert changed(name, press).sentence == rows[name].sentence


def test_words_are_only_said_where_findings_do(rows) -> None:
    for row in rows.values():
        direct = [e for e in row.evidence if e.relation == "direct"]
        stances = {e.stance for e in direct}
        if row.word == "Researchers disagree":
            assert stances == {"supports", "opposes"}, row.id
        if row.word == "Not settled":
            beside = {e.stance for e in row.evidence if e.relation == "other-readout"}
            assert len(stances) == 1 and beside - stances, row.id
        if row.word == "Nobody has measured it":
            assert not direct, row.id
        if row.word == "Measurements point the other way":
            assert stances == {"opposes"} and any(e.direction != "none" for e in direct), row.id
        if row.word == "Not found":
            assert stances == {"opposes"} and all(e.direction == "none" for e in direct), row.id


def test_every_word_of_the_file_is_one_of_nine() -> None:
    assert set(plain_words(packaged()).words.values()) == {
        "Yes", "Partly", "Researchers disagree", "Measurements point the other way", "Nobody has measured it",
        "The paper says otherwise", "Could not be checked", "Not found", "Not settled",
    }  # fmt: skip


# What each word says of the statement; a verdict may only be shown with words that say the same.
SAYS = {
    "supported": {"Yes"},
    "as the paper says": {"Yes"},
    "supported for another read-out": {"Partly"},
    "contested": {"Researchers disagree", "Not settled", "Partly", "Not found"},
    "contradicted": {"Measurements point the other way", "Not found"},
    "untested": {"Nobody has measured it", "Could not be checked"},
    "not as the paper says": {"The paper says otherwise"},
    "not to be found in what could be read": {"Could not be checked"},
}


def test_no_row_of_the_table_has_a_word_that_says_another_thing_than_its_verdict() -> None:
    words = plain_words(packaged())
    rule = store.verdict_rule(packaged())
    assert set(words.verdicts) == {line.verdict for line in (*rule.lines, *rule.design_lines)} == set(SAYS)
    for verdict, shown in words.verdicts.items():
        assert {words.words[s] for s in shown.situations} <= SAYS[verdict]
    told = [s for shown in words.verdicts.values() for s in shown.situations]
    assert set(told) == set(words.words) == set(words.sentences)
    # Only where one word can follow from two verdicts does a situation stand twice.
    assert {s for s in told if told.count(s) > 1} == {"not-found"}


def test_a_situation_that_its_verdict_does_not_have_is_refused() -> None:
    with pytest.raises(CatalogueError, match="'contested' is not given in situation 'against'"):
        plain_words(packaged()).word("contested", "against")


def _counts_in(sentence: str) -> list[int]:
    """Return how many studies each clause of a sentence counts."""
    numbers = plain_words(packaged()).numbers
    counted = re.findall(r"(?:^|; )(?!one of)(\w+)(?= (?:stud|of|saw|did|\())", sentence.lower())
    return [numbers.index(word) for word in counted if word in numbers[1:]]


def test_a_sentence_counts_the_works_that_it_names_as_told(rows) -> None:
    counting = 0
    for row in rows.values():
        works = {e.citation for e in row.evidence if e.told and e.relation != "the paper"}
        if row.kind == "design" or not works:
            assert _counts_in(row.sentence) == [], row.id
            continue
        counting += 1
        # A work with findings on two sides is counted in both, unless it is told of as one of them.
        sides = {
            (e.citation, e.readout, e.stance) for e in row.evidence if e.told and e.relation != "the paper"
        }
        many = len(sides) - row.sentence.count("one of them")
        assert len(works) <= sum(_counts_in(row.sentence)) <= many, row.id
    assert counting >= 12


def test_what_was_only_recalled_is_not_counted_without_a_word(rows) -> None:
    for row in rows.values():
        told: dict[str, set[str]] = {}
        for e in row.evidence:
            if e.told and e.relation != "the paper":
                told.setdefault(e.citation, set()).add(e.status)
        loose = sum(statuses == {"provisional"} for statuses in told.values())
        assert ("unchecked" in row.sentence) == bool(loose), row.id
    assert "(two unchecked)" in rows["resilience"].sentence
    assert "(an abstract)" in rows["oxygen"].sentence


def test_sizes_are_the_range_over_the_studies() -> None:
    """The largest of findings of which some saw nothing, and both ends of those that all saw something."""
    clauses = Clauses(packaged(), JUDGED["feeding/ate-as-usual"], plain_words(packaged()))

    def told(*sizes: float | None) -> str:
        entries = [
            planted(readout="food_intake", niche="body", citation=f"work-{k}", log_ratio=size, direction=None)
            if size is not None
            else planted(readout="food_intake", niche="body", citation=f"work-{k}", direction="none")
            for k, size in enumerate(sizes)
        ]
        return clauses.found(entries)

    assert told(-0.1054, -0.2231) == "10 to 20 % lower food intake"
    assert told(None, -0.1054, -0.2231) == "at most 20 % lower food intake"
    assert told(0.0953, -0.2231) == "food intake within 20 % of normal"
    unsized = [
        planted(id="a", readout="food_intake", niche="body", direction=way) for way in ("none", "down")
    ]
    assert clauses.found(unsized) == "unchanged or lower food intake"


def test_one_work_that_tells_of_two_days_is_one_study(changed) -> None:
    days = [planted(id=f"day-{d:g}", day=d, citation="platel-2019") for d in (7.0, 28.0)]
    row = changed("nsc-70/stem-cells", {}, *days)
    assert row.inputs["F"] == 1.0
    assert row.sentence.startswith("One study of lifted mice (unchecked) saw fewer new stem cells")


def test_a_changed_noun_changes_the_sentence(monkeypatch, rows, predictions) -> None:
    words = plain_words(packaged())
    noun = words.readouts["corticosterone"].model_copy(update={"noun": "worry", "more": "more"})
    other = words.model_copy(update={"readouts": {**words.readouts, "corticosterone": noun}})
    monkeypatch.setattr(claims_module, "plain_words", lambda _: other)
    found = claims_module._row(packaged(), predictions, store.claim(packaged(), "no-stress"))
    assert found.sentence == "Three studies of lifted mice saw more worry; the paper's: not seen."


def test_what_may_be_left_out_is_left_out_where_the_sentence_gets_too_long() -> None:
    claim = JUDGED["two-way/at-all"]
    verdict = judge(count_evidence(claim, ENTRIES.values()), {}, store.verdict_rule(packaged()))

    def said(so: str | None) -> list[str]:
        wordy = claim.model_copy(update={"so": so})
        return tell(
            packaged(), wordy, verdict, list(ENTRIES.values()), plain_words(packaged())
        ).sentence.split()

    bare = len(said(None))
    room = plain_words(packaged()).pieces.most_words - bare
    assert room > 2
    for extra in (1, room, room + 1, 40):
        assert len(said(" ".join(["so"] * extra))) == bare + (extra if extra <= room else 0)


def test_a_readout_without_a_noun_is_refused() -> None:
    with pytest.raises(CatalogueError, match="no plain word for read-out 'telomeres'"):
        plain_words(packaged()).noun("telomeres")
    assert plain_words(packaged()).noun("dg_ki67_density") is words_module.plain_words(packaged()).noun(
        "ki67_density"
    )


def _told(row: str, entries: list[EvidenceEntry], chance: float) -> Any:
    claim = JUDGED[row]
    verdict = (
        judge_design(claim, entries, store.verdict_rule(packaged()))
        if claim.design is not None
        else judge(count_evidence(claim, entries), {"set": chance}, store.verdict_rule(packaged()))
    )
    return tell(packaged(), claim, verdict, entries, plain_words(packaged()))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(JUDGED)), st.sets(st.sampled_from(sorted(ENTRIES))), st.floats(0, 1))
def test_whatever_is_left_of_the_evidence_makes_a_short_whole_sentence(
    row: str, gone: set[str], chance: float
) -> None:
    told = _told(row, [e for key, e in ENTRIES.items() if key not in gone], chance)
    assert len(told.sentence.split()) <= plain_words(packaged()).pieces.most_words
    assert re.fullmatch(r"[A-Z0-9][^{}]*\.", told.sentence) and "  " not in told.sentence
    assert told.word == plain_words(packaged()).words[told.situation]
    assert set(told.told) <= set(ENTRIES) - gone
