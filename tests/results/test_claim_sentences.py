"""The plain word and sentence of each row, put together from entries and numbers: both change them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.catalogue import plain_words as words_module
from soleus.catalogue import store
from soleus.catalogue.plain_words import plain_words
from soleus.catalogue.records import EvidenceEntry
from soleus.errors import CatalogueError
from soleus.evidence.plain import tell
from soleus.evidence.verdicts import count_evidence, judge, judge_design
from soleus.results import claims as claims_module

ENTRIES = {entry.id: entry for entry in store.evidence()}
JUDGED = {part.id: part for whole in store.claims().values() for part in whole.judged}


@pytest.fixture(scope="module")
def rows(predictions):
    return {r.id: r for r in claims_module.claim_rows(predictions)}


@pytest.fixture
def changed(monkeypatch, predictions):
    """Judge a row, through the whole chain, with entries changed (None: removed) or added."""

    def judged(row: str, changes: dict[str, dict[str, Any] | None], *more: EvidenceEntry):
        kept = [
            entry if key not in changes else EvidenceEntry.model_validate({**entry.model_dump(), **new})
            for key, entry in ENTRIES.items()
            if (new := changes.get(key, {})) is not None
        ]
        monkeypatch.setattr(claims_module, "evidence", lambda: (*kept, *more))
        return claims_module._row(predictions, store.claim(row))

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
        "The paper's methods say so: 28 days.",
    ),
    ("design-groups/groups", {"groups-paper": None}, "Could not be checked", "The parts that could be read"),
    (
        "feeding/ate-as-usual",
        {"feeding-leptin-study": {"log_ratio": -0.5108}},
        "Measurements point the other way",
        "One study of lifted mice found 40 % lower food intake.",
    ),
    (
        "feeding/ate-as-usual",
        {"feeding-leptin-study": None},
        "Partly",
        "Two studies of lifted mice found body mass within 4 % of normal; food intake was not measured.",
    ),
    (
        "feeding/went-on-eating",
        {"feeding-mass-ellman": {"log_ratio": -0.0834}},
        "Yes",
        "Two studies of lifted mice found body mass within 8 % of normal, so they ate.",
    ),
    (
        "no-stress",
        {"stress-tahimic": None},
        "Measurements point the other way",
        "Two studies of lifted mice found higher stress-hormone levels.",
    ),
    (
        "no-stress",
        {"stress-ellman": None, "stress-leptin-study": None, "stress-tahimic": None},
        "Nobody has measured it",
        "No study has measured stress-hormone levels in lifted mice.",
    ),
    (
        "oxygen",
        {"oxygen-silva": {"log_ratio": -0.2231, "stance": "supports"}},
        "Researchers disagree",
        "One study of lifted rats found 20 % lower oxygen use at rest after 7 days; one found no change",
    ),
    (
        "oxygen",
        {"oxygen-silva": {"species": "mouse"}},
        "Measurements point the other way",
        "One study of lifted mice found 25 % higher oxygen use at rest; the paper did not measure it.",
    ),
    (
        "svz-site",
        {"site-lois": None},
        "Partly",
        "One study of mice found new nerve cells in this zone; nobody has repeated it.",
    ),
    (
        "nsc-70/dividing-cells",
        {"nsc70-adami-ki67": {"log_ratio": -1.204, **SIZE}},
        "Could not be checked",
        "The paper found 70 % fewer dividing cells in this zone; one study of lifted rats found no change",
    ),
    (
        "nsc-70/dividing-cells",
        {"nsc70-gros": {"species": "mouse"}},
        "Measurements point the other way",
        "One study of lifted mice found no change in dividing cells in this zone.",
    ),
    (
        "nsc-70/dividing-cells",
        {"nsc70-gros": None},
        "Could not be checked",
        "no other study of lifted mice has counted them.",
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
        "The paper saw fewer stem cells, but in a dish.",
    ),
    (
        "oligo-immature",
        {"oligo-adami": {"niche": "svz"}},
        "Could not be checked",
        "The paper found fewer mature oligodendrocytes in this zone, by how much was not seen; no other",
    ),
    (
        "signals/lasting",
        {"signals-anderson": {"day": 10}},
        "Researchers disagree",
        "One study of lifted rats found weaker signals from the legs after 10 days; one found no change",
    ),
    (
        "signals/lasting",
        {"signals-ohira": None},
        "Partly",
        "One study of lifted rats found weaker signals from the legs; nobody has repeated it.",
    ),
    (
        "leg-exercise/running-zone",
        {"exercise-mastrorilli": None},
        "Yes",
        "Two studies of running mice found more dividing cells in this zone.",
    ),
    (
        "leg-exercise/weights-hippocampus",
        {"exercise-nokia": {"direction": "up", "stance": "supports"}},
        "Partly",
        "One study of weight-trained rats found more new nerve cells in the hippocampus; nobody",
    ),
    (
        "leg-exercise/weights-zone",
        {"exercise-nokia": {"niche": "svz", "readout": "ki67_density"}},
        "Measurements point the other way",
        "One study of weight-trained rats found no change in dividing cells in this zone.",
    ),
    (
        "resilience",
        {"resilience-running": None},
        "Researchers disagree",
        "from new hippocampus cells; one of running mice found none after 3 days.",
    ),
    (
        "two-way/idle-legs",
        {"twoway-yasuhara": None},
        "Measurements point the other way",
        "One study of lifted rats found no change in dividing cells in this zone.",
    ),
    (
        "two-way/at-all",
        {"twoway-rich": {"species": "rat"}},
        "Yes",
        "Two studies of running mice and rats found more dividing cells in this zone and the hippocampus,",
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
    assert said in after.sentence
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
        "Two studies of lifted mice found fewer new stem cells in this zone, yet the simulation finds so "
        "large a change unlikely."
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


def test_researchers_disagree_only_where_findings_do(rows) -> None:
    for row in rows.values():
        stances = {e.stance for e in row.evidence if e.relation in ("direct", "other-readout")}
        if row.word == "Researchers disagree":
            assert stances == {"supports", "opposes"}, row.id
        if row.word == "Nobody has measured it":
            assert not any(e.relation == "direct" for e in row.evidence), row.id
        if row.word == "Measurements point the other way":
            assert any(e.stance == "opposes" and e.relation == "direct" for e in row.evidence), row.id


def test_every_word_of_the_file_is_one_of_seven() -> None:
    assert set(plain_words().words.values()) == {
        "Yes", "Partly", "Researchers disagree", "Measurements point the other way", "Nobody has measured it",
        "The paper says otherwise", "Could not be checked",
    }  # fmt: skip


def test_a_changed_noun_changes_the_sentence(monkeypatch, rows, predictions) -> None:
    words = plain_words()
    noun = words.readouts["corticosterone"].model_copy(update={"noun": "worry", "more": "more"})
    other = words.model_copy(update={"readouts": {**words.readouts, "corticosterone": noun}})
    monkeypatch.setattr(claims_module, "plain_words", lambda: other)
    found = claims_module._row(predictions, store.claim("no-stress"))
    assert found.sentence == "Three studies of lifted mice found more worry."


def test_what_may_be_left_out_is_left_out_where_the_sentence_gets_too_long() -> None:
    claim = JUDGED["feeding/went-on-eating"]
    counted = count_evidence(claim, ENTRIES.values())
    verdict = judge(counted, {}, store.verdict_rule())
    bare = len("Two studies of lifted mice found body mass within 4 % of normal".split())
    room = plain_words().pieces.most_words - bare
    for extra in (1, room, room + 1, 40):
        wordy = claim.model_copy(update={"so": " ".join(["so"] * extra)})
        said = tell(wordy, verdict, list(ENTRIES.values()), plain_words()).sentence
        assert len(said.split()) == bare + (extra if extra <= room else 0)


def test_a_readout_without_a_noun_is_refused() -> None:
    with pytest.raises(CatalogueError, match="no plain word for read-out 'telomeres'"):
        plain_words().noun("telomeres")
    assert plain_words().noun("dg_ki67_density") is words_module.plain_words().noun("ki67_density")


def _told(row: str, entries: list[EvidenceEntry], chance: float) -> Any:
    claim = JUDGED[row]
    verdict = (
        judge_design(claim, entries, store.verdict_rule())
        if claim.design is not None
        else judge(count_evidence(claim, entries), {"set": chance}, store.verdict_rule())
    )
    return tell(claim, verdict, entries, plain_words())


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(JUDGED)), st.sets(st.sampled_from(sorted(ENTRIES))), st.floats(0, 1))
def test_whatever_is_left_of_the_evidence_makes_a_short_whole_sentence(
    row: str, gone: set[str], chance: float
) -> None:
    told = _told(row, [e for key, e in ENTRIES.items() if key not in gone], chance)
    assert len(told.sentence.split()) <= plain_words().pieces.most_words
    assert re.fullmatch(r"[A-Z0-9][^{}]*\.", told.sentence) and "  " not in told.sentence
    assert told.word == plain_words().words[told.situation]
