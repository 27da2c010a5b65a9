"""The first screen of a report: at most five plain sentences, each from the numbers that it tells of."""

from __future__ import annotations

import pytest
from run_sample import page_of

from soleus.answers.run.headline import in_short
from soleus.answers.run.values import RunResult
from soleus.report.numbers import change, change_between
from soleus.schema.claim_rows import Account, ToldBy
from soleus.schema.values import Interval


def test_five_sentences_open_the_page_and_say_the_numbers(result: RunResult) -> None:
    pairs = in_short(result)
    said = dict(pairs)
    assert list(said) == ["Put in", "What follows", "Not known", "Told otherwise", "What to measure"]
    assert all(text.endswith(".") and text.count(". ") == 0 for text in said.values())
    set_to = next(h for h in result.headline if h.face_value and h.face_value.low == h.face_value.high)
    assert set_to.face_value is not None
    assert f"{change(set_to.face_value.value)} on day {set_to.day:g} was put in" in said["Put in"]
    assert said["Put in"].endswith("it was reported, and not found here.")
    assert change_between(result.headline[0].prior) in said["Not known"]
    against = [f"“{c.quote}”" for c in result.claims if c.situation == "against"]
    assert len(against) == 2
    assert said["Told otherwise"] == f"Measurements point against {', '.join(against)}."
    assert "depending on" in said["What follows"]
    page = page_of(result)
    top = page[page.index("<h1>") : page.index("<nav")]
    assert top.count("<p>") == 5 and all(f"<strong>{about}: </strong>" in top for about in said)
    assert "provisional" not in top and "chip" not in top


def test_what_was_put_in_says_whose_words_and_whose_guess_it_is(result: RunResult) -> None:
    told = ToldBy(
        paper="fewer dividing cells", press="70 % fewer stem cells", article="70 % fewer stem cells"
    )
    main = result.claims[2].model_copy(update={"told_by": told})
    account = Account(
        main=main.id, question="?", answer="", people="", about="", paper="", paper_url=None, zone="",
        dated="2026-01-01", seen_in_part=True, dividing=None,
    )  # fmt: skip
    other = result.model_copy(update={"claims": [main], "account": account})
    assert dict(in_short(other))["Put in"].endswith(
        " was put in: the press release says 70 % fewer stem cells; "
        "that dividing cells were meant is our guess."
    )


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("off", "No effect was put in, so every difference in these animals is chance."),
        ("prior", "drawn from what could be expected before any data."),
        ("calibrated", "drawn from what published data leave open."),
    ],
)
def test_what_was_put_in_follows_the_effect(result: RunResult, mode: str, words: str) -> None:
    other = result.model_copy(update={"effect": result.effect.model_copy(update={"mode": mode})})
    assert dict(in_short(other))["Put in"].endswith(words)


def test_what_follows_is_the_range_over_the_causes_that_reach_the_size(result: RunResult) -> None:
    rows = [
        row.model_copy(update={"ratios": {"stem_cells": ratio, "neurons_born": 0.4}, "reaches": reaches})
        for row, ratio, reaches in zip(
            result.translation, (0.5, 0.9, 1.2, 0.01), (True, True, True, False), strict=False
        )
    ]
    told = dict(in_short(result.model_copy(update={"translation": rows})))
    between = change_between(Interval(value=0.5, low=0.5, high=1.2))
    assert f"change by {between} until day" in told["What follows"]
    assert told["What follows"].startswith("If that is true")


def test_only_what_is_counted_is_named_as_to_measure(result: RunResult) -> None:
    told = dict(in_short(result))["What to measure"]
    none = result.model_copy(update={"readouts": []})
    assert told.startswith("Counting ") and "What to measure" not in dict(in_short(none))


def test_without_claims_and_headline_those_sentences_are_left_out(result: RunResult) -> None:
    bare = result.model_copy(update={"claims": [], "headline": [], "translation": []})
    assert list(dict(in_short(bare))) == ["Put in"]
    assert "The reported size was put in; it was not found here." in page_of(bare)


def test_many_that_are_spoken_against_are_counted_and_a_design_is_told_with_both_numbers(
    result: RunResult,
) -> None:
    claims = [c.model_copy(update={"situation": "against", "label": ""}) for c in result.claims]
    days = result.claims[1].model_copy(update={"situation": "otherwise-said"})
    told = dict(in_short(result.model_copy(update={"claims": [days, *claims]})))["Told otherwise"]
    assert told.startswith(
        "The paper says 14 days where the article says 28 days; measurements point against “"
    )
    assert told.endswith(f" and {len({c.quote for c in claims}) - 2} more.")
