"""The speculative index: levels by the stated thresholds, from the dentate gyrus alone."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from soleus.api import packaged
from soleus.catalogue.folder import load_yaml
from soleus.catalogue.readouts import readout
from soleus.catalogue.resilience import buffering_index
from soleus.errors import CatalogueError, InputError, UnsupportedError
from soleus.evidence.resilience import stress_buffering

A_LITTLE = 1e-6


@pytest.mark.parametrize(
    ("ratio", "level"),
    [
        (1e-9, -2),
        (0.5 - A_LITTLE, -2),
        (0.5, -2),
        (0.5 + A_LITTLE, -1),
        (0.9 - A_LITTLE, -1),
        (0.9, -1),
        (0.9 + A_LITTLE, 0),
        (1.0, 0),
        (1.1 - A_LITTLE, 0),
        (1.1, 1),
        (1.1 + A_LITTLE, 1),
        (2.0 - A_LITTLE, 1),
        (2.0, 2),
        (2.0 + A_LITTLE, 2),
        (1e9, 2),
    ],
)
def test_each_threshold_is_crossed_where_it_is_stated(ratio: float, level: int) -> None:
    found = stress_buffering(packaged(), "dg", [np.log(ratio)])
    assert found.drawn.tolist() == [level]
    assert found.likeliest == level
    assert found.probabilities[found.levels.index(level)] == 1.0


def test_probabilities_are_shares_of_the_draws() -> None:
    found = stress_buffering(packaged(), "dg", np.log([[0.3, 0.4, 0.7], [1.0, 1.5, 4.0]]))
    assert found.levels == (-2, -1, 0, 1, 2)
    assert found.probabilities.tolist() == pytest.approx([2 / 6, 1 / 6, 1 / 6, 1 / 6, 1 / 6], rel=1e-12)
    assert found.drawn.tolist() == [-2, -2, -1, 0, 1, 2]
    assert found.at_least(0) == pytest.approx(0.5, rel=1e-12)
    assert found.at_least(-2) == 1.0


def test_a_tie_goes_to_the_level_nearest_to_no_change() -> None:
    assert stress_buffering(packaged(), "dg", np.log([0.3, 1.0])).likeliest == 0
    assert stress_buffering(packaged(), "dg", np.log([0.3, 0.7])).likeliest == -1


def test_total_loss_is_the_lowest_level() -> None:
    assert stress_buffering(packaged(), "dg", [-np.inf]).likeliest == -2


@pytest.mark.parametrize("other", ["svz", "culture", "differentiation", "body", "DG", ""])
def test_counts_of_another_niche_are_refused(other: str) -> None:
    with pytest.raises(UnsupportedError, match="dentate gyrus alone.*never drive it"):
        stress_buffering(packaged(), other, [0.0])


@pytest.mark.parametrize("other", ["ki67_density", "mature_neurons", "stem_cells"])
def test_another_readout_is_refused(other: str) -> None:
    with pytest.raises(UnsupportedError, match="driven by read-out 'plastic_neurons'"):
        stress_buffering(packaged(), "dg", [0.0], readout=other)
    assert stress_buffering(packaged(), "dg", [0.0], readout="plastic_neurons").likeliest == 0


@pytest.mark.parametrize("draws", [[], [0.0, np.nan], [np.inf]])
def test_draws_that_are_no_ratio_are_refused(draws: list[float]) -> None:
    with pytest.raises(InputError, match="log-ratio"):
        stress_buffering(packaged(), "dg", draws)


def test_it_says_everywhere_that_it_is_speculative() -> None:
    found = stress_buffering(packaged(), "dg", [np.log(0.4)])
    assert found.status == buffering_index(packaged()).status == "speculative"
    assert found.statement.startswith("Speculative: stress buffering much weaker (-2 of -2 to +2)")
    assert all(level.status == "provisional" for level in buffering_index(packaged()).levels)
    assert found.ranges == (
        "up to 0.5",
        "above 0.5, up to 0.9",
        "above 0.9, below 1.1",
        "1.1 or more, below 2",
        "2 or more",
    )


def test_it_shows_the_evidence_both_ways_and_its_readout_exists() -> None:
    index = buffering_index(packaged())
    stances = {e.citation: e.stance for e in index.evidence}
    assert {k for k, v in stances.items() if v == "for"} >= {"snyder-2011", "hill-2015", "anacker-2018"}
    assert stances["schoenfeld-2014"] == "against"
    assert sum(v == "against" for v in stances.values()) >= 3
    assert readout(packaged(), "dg", index.readout).types == ("yGC",)


@pytest.fixture
def changed(catalogue_with):
    """Read the file with one change."""

    def read(change):
        content = copy.deepcopy(load_yaml(packaged(), "resilience.yaml"))
        change(content)
        return buffering_index(catalogue_with({"resilience.yaml": content}))

    return read


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c.update(status="checked"), "speculative"),
        (lambda c: c.update(niche="svz"), "lineage 'svz' 'plastic_neurons'"),
        (lambda c: c.update(readout="neuroblasts"), "neuroblasts"),
        (lambda c: c["levels"][0].update(up_to=0.95), "bounds increase"),
        (lambda c: c["levels"][0].update(level=-3), "go up by 1"),
        (lambda c: c["levels"][1].update(up_to=None), "no bound"),
        (lambda c: c["levels"][4].update(up_to=9.0), "no bound"),
        (lambda c: c["levels"][2].update(citation="nobody-1900"), "nobody-1900"),
        (lambda c: c["levels"][2].update(status="checked"), "provisional"),
        (lambda c: c["evidence"].__delitem__(slice(3, None)), "for and against"),
        (lambda c: c.update(size=3.0), "size"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused(changed, change, says: str) -> None:
    with pytest.raises(CatalogueError, match=says):
        changed(change)


def test_a_moved_threshold_is_the_one_that_is_applied(changed) -> None:
    index = changed(lambda c: c["levels"][0].update(up_to=0.6))
    assert stress_buffering(packaged(), "dg", [np.log(0.55)], index=index).likeliest == -2
    assert stress_buffering(packaged(), "dg", [np.log(0.65)], index=index).likeliest == -1
