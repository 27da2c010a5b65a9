"""Labels, plain words and line breaks: what a reader sees in the place of names."""

from __future__ import annotations

import pytest

from soleus.answers.run.names import Names
from soleus.answers.run.values import RunResult
from soleus.report.names import sentence_case, unit_text, words, wrapped


def test_labels_come_before_plain_words(result: RunResult) -> None:
    names = Names.of(result)
    assert names.readout("ki67_density") == "Ki67+ cells, ventral SVZ"
    assert names.readout("quiescent_stem_cells") == "quiescent stem cells that have not divided for a week"
    assert names.readout("afferent_activity") == "afferent activity"
    assert names.mechanism("lactate-division") == "Lactate → division"
    assert names.mechanism("someone-else") == "someone-else"


def test_a_shared_label_is_told_apart_by_the_name(result: RunResult) -> None:
    first, second, *others = result.mechanisms
    twins = [first, second.model_copy(update={"label": first.label}), *others]
    names = Names.of(result.model_copy(update={"mechanisms": twins}))
    assert names.mechanism(first.name) == f"{first.label} ({first.name})"
    assert names.mechanism(second.name) == f"{first.label} ({second.name})"


def test_prose_replaces_names_and_leaves_words_alone(result: RunResult) -> None:
    prose = Names.of(result).prose
    assert prose("ki67_density by 'lactate-division'.") == "Ki67+ cells, ventral SVZ by “Lactate → division”."
    assert prose("lactate-division in opc and stream 'allocation'") == (
        "lactate-division in opc and stream 'allocation'"
    )
    assert prose("leg_press of 30_days") == "leg press of 30 days"


@pytest.mark.parametrize(
    "text, shown",
    [("all stem cells", "All stem cells"), ("mRNA of it", "mRNA of it"), ("SVZ-born", "SVZ-born"), ("", "")],
)
def test_sentence_case_spares_proper_spelling(text: str, shown: str) -> None:
    assert sentence_case(text) == shown


def test_words_and_units() -> None:
    assert words("other_readout_entries") == "other read-out entries"
    assert words("fate.amplify") == "fate: amplify"
    assert [unit_text(unit) for unit in ("1", "cells/mm2", "1/day", "10 um", "log-ratio")] == [
        "", "cells/mm²", "1/day", "10 µm", "log-ratio",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text, most, lines",
    [
        ("mature neurons", 20, ["mature neurons"]),
        ("mature bulb neurons born since 60 days", 26, ["mature bulb neurons", "born since 60 days"]),
        ("transit-amplifying cell 1", 14, ["transit-", "amplifying", "cell 1"]),
        ("activity of hind-limb muscle (low)", 18, ["activity of", "hind-limb", "muscle (low)"]),
        ("", 10, [""]),
    ],
)
def test_labels_are_broken_into_few_even_lines(text: str, most: int, lines: list[str]) -> None:
    assert wrapped(text, most).split("\n") == lines
