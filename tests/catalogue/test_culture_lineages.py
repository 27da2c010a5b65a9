"""Cultures of the catalogue: growth by its closed form, passages, shares, and a start in stable growth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from soleus.api import packaged
from soleus.assays import Evaluator, Share
from soleus.catalogue import folder, store
from soleus.catalogue.lineages import lineage_entry, niche
from soleus.catalogue.readouts import readout, readouts
from soleus.engines import Start, mean_cells, readout_moments, simulate_cells
from soleus.engines.generator import dense_generator
from soleus.errors import CatalogueError, InputError, ModelError, UnknownNameError
from soleus.movement import Modifiers
from soleus.study.passages import passage_number, plated_share

CULTURES = ("culture", "differentiation")
DAYS = [6.0, 12.0, 18.0, 24.0, 30.0]


def growth_from_numbers(p: dict[str, float]) -> float:
    """Return the growth rate from the renewal equation of the stem cells, without any matrix.

    Only stem cells renew themselves, so growth is the root of ``K(s) = 1``, the discounted number of
    stem cells that one newborn stem cell becomes: by dividing, or by resting and coming back.
    """
    death, back = p["stem_death_rate"], p["return_rate"]

    def discounted(s: float) -> float:
        g1 = p["stem_cycle"] - p["stem_s_phase"] - p["g2m"]
        rate = 4 / g1
        step = rate / (rate + back + death + s)
        rested = back / (rate + back + death + s) * sum(step**k for k in range(4))
        rest = 1.0
        for stages, days in ((4, p["stem_s_phase"]), (2, p["g2m"])):
            rest *= (stages / days / (stages / days + death + s)) ** stages
        born = 2.0 * p["renew_probability"] + p["asymmetric_probability"]
        woken = p["activation_rate"] / (p["activation_rate"] + p["quiescent_death_rate"] + s)
        return step**4 * rest * born + rested * woken

    low, high = 0.0, 5.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if discounted(middle) > 1.0 else (low, middle)
    return low


def cells_after(here, days, **changes) -> np.ndarray:
    here = here.with_parameters(changes)
    end = max(days)
    mean = mean_cells(here.process, Modifiers.none(0.0, end), here.start_at_reference(), days=days)
    return mean.sum(axis=1)


@pytest.mark.parametrize("name", CULTURES)
def test_every_number_says_where_it_comes_from_and_claims_no_more_than_was_seen(name):
    entry = lineage_entry(packaged(), name)
    for p in entry.parameters.values():
        assert len(p.reason) >= 10
        assert p.status == "provisional", p.name
        assert p.low is not None and p.low <= p.value <= p.high, p.name
        assert p.low < 0.8 * p.value and p.high > 1.15 * p.value or p.kind == "probability", p.name
        assert p.citation is None or p.citation in store.citations(packaged())


def test_roles_have_the_shared_names():
    grown = niche(packaged(), "culture").process.roles
    assert {"activation", "return", "division.stem", "division.amplifying", "fate.amplify"} <= set(grown)
    assert {"death.quiescent", "death.stem", "death.amplifying", "death.differentiated"} <= set(grown)
    matured = niche(packaged(), "differentiation").process.roles
    lines = {"maturation.neuron", "maturation.oligodendrocyte", "maturation.astrocyte"}
    assert {*lines, "commitment.exit", "commitment.line", "death.neuron"} <= set(matured)


@pytest.mark.parametrize(
    "changes",
    [{}, {"return_rate": 0.6, "activation_rate": 0.1}, {"stem_cycle": 1.4}, {"renew_probability": 0.6}],
)
def test_a_culture_grows_as_the_renewal_equation_says(changes):
    here = niche(packaged(), "culture").with_parameters(changes)
    rate = growth_from_numbers(dict(here.parameters))
    assert 0.02 < rate < 0.6
    found = cells_after(here, [0.0, *DAYS])
    assert np.log(found / 1e5) == pytest.approx(rate * np.array([0.0, *DAYS]), abs=1e-9)


@pytest.mark.parametrize("name", CULTURES)
def test_the_start_has_the_given_total_in_the_shares_of_growth(name):
    here = niche(packaged(), name)
    start, rule = here.start_at_reference(), here.start(here.parameters)
    assert start.mean.sum() == pytest.approx(1e5)
    assert start.poisson
    under = Modifiers.none(0.0, 3.0).scaled(dict(rule.under))
    mean = mean_cells(here.process, under, start, days=[0.0, 3.0])
    assert mean[1].sum() > 1.2 * mean[0].sum()
    assert mean[1] / mean[1].sum() == pytest.approx(mean[0] / mean[0].sum(), rel=1e-7, abs=1e-14)


NO_DEATH = {f"{k}_death_rate": 0.0 for k in ("quiescent", "stem", "progenitor", "differentiated")} | {
    "return_rate": 0.0
}


def clone_of(place: str, day: float, roles: dict[str, float] | None = None, **changes: float) -> float:
    """Return the mean cells of one cell's clone where nothing dies or rests."""
    here = niche(packaged(), "culture").with_parameters({**NO_DEATH, **changes})
    modifiers = Modifiers.none(0.0, day).scaled(roles or {})
    start = Start.given(here.process, {place: 1})
    return float(mean_cells(here.process, modifiers, start, days=[day])[0].sum())


def test_progenitors_divide_up_to_four_times():
    """Each division but the last goes on with one probability: 16 cells if always, 2 if never."""
    p = niche(packaged(), "culture").parameters["amplify_probability"]
    sizes = [2.0]
    for _ in range(3):
        sizes.append(2.0 * (p * sizes[-1] + 1.0 - p))
    for number, size in enumerate(reversed(sizes), start=1):
        assert clone_of(f"P{number}", 20.0) == pytest.approx(size, rel=1e-9)
    assert clone_of("P1", 20.0, amplify_probability=1.0) == pytest.approx(16.0)
    assert clone_of("P1", 20.0, {"fate.amplify": 1e-12}) == pytest.approx(2.0)
    assert clone_of("P1", 20.0, {"fate.consume": 7.0}) == pytest.approx(sizes[-1], rel=1e-9)


def test_stem_cells_found_lines_of_progenitors():
    """Consumed, a stem cell leaves two first progenitors; asymmetric, it adds one a cycle."""
    one = clone_of("P1", 20.0)
    only = {"renew_probability": 0.0, "asymmetric_probability": 0.0}
    assert clone_of("SC", 25.0, **only) == pytest.approx(2.0 * one, rel=1e-9)
    only["asymmetric_probability"] = 1.0
    added = (clone_of("SC", 40.0, **only) - clone_of("SC", 30.0, **only)) / 10.0
    assert added == pytest.approx(one / niche(packaged(), "culture").parameters["stem_cycle"], rel=1e-6)


def test_five_passages_multiply_by_growth_and_survival():
    """Losses are the same for all cells, so the composition stays that of stable growth."""
    here = niche(packaged(), "culture").with_passages(DAYS)
    rate, survival = growth_from_numbers(dict(here.parameters)), here.parameters["dissociation_survival"]
    # A count on the day of a passage is taken before it.
    expected = 1e5 * np.exp(rate * np.array(DAYS)) * survival ** np.arange(5)
    assert cells_after(here, DAYS) == pytest.approx(expected, rel=1e-9)
    assert cells_after(here, [30.5]) == pytest.approx(
        expected[-1] * survival * math.exp(0.5 * rate), rel=1e-9
    )


def test_survival_is_the_lineages_own_unless_it_is_given():
    fitted = niche(packaged(), "culture").with_passages([6.0]).with_parameters({"dissociation_survival": 0.4})
    given = niche(packaged(), "culture").with_passages([6.0], survival=0.4)
    assert cells_after(fitted, [7.0]) == pytest.approx(cells_after(given, [7.0]), rel=1e-12)
    assert given.with_parameters({"dissociation_survival": 0.9}).process.jumps[0].share.max() == 0.4


def test_a_flask_and_the_whole_culture_cumulate_to_the_same_number():
    whole = niche(packaged(), "culture").with_passages(DAYS)
    flask = niche(packaged(), "culture").with_passages(DAYS, plated_fraction=[0.2, 0.1, 0.3, 0.2, 0.25])
    shares = np.array([plated_share(flask.passages, d) for d in DAYS])
    assert shares == pytest.approx([1.0, 0.2, 0.02, 0.006, 0.0012])
    assert cells_after(flask, DAYS) / shares == pytest.approx(cells_after(whole, DAYS), rel=1e-9)
    assert [passage_number(flask.passages, d) for d in (0.0, 6.0, 6.1, 30.0)] == [0, 0, 1, 4]


def test_survival_by_type_selects():
    """Cells that do not live through passages are fewer in a passaged culture than in growth alone."""
    here = niche(packaged(), "culture")
    hard = here.with_passages(DAYS, survival={"qSC": 0.2})
    end = Modifiers.none(0.0, 30.1)
    resting = readout(packaged(), "culture", "quiescent_sphere_forming").weights(here.process)
    share = []
    for one in (here, hard):
        mean = mean_cells(one.process, end, here.start_at_reference(), days=[30.1])[0]
        share.append(float(resting @ mean / mean.sum()))
    assert share[1] < 0.5 * share[0]
    with pytest.raises(UnknownNameError, match="qSC"):
        here.with_passages([6.0], survival={"qSCs": 0.2}).process  # noqa: B018


def test_moments_and_cells_agree_on_a_culture_with_passages():
    here = niche(packaged(), "culture").with_parameters({"plated_cells": 300.0})
    here = here.with_passages([4.0, 8.0], survival=0.7, plated_fraction=0.4)
    names = ("cells", "sphere_forming", "progenitors")
    weights = np.array([readout(packaged(), "culture", n).weights(here.process) for n in names])
    days, modifiers, start = [4.0, 9.0], Modifiers.none(0.0, 9.0), here.start_at_reference()
    exact = readout_moments(here.process, modifiers, start, weights=weights, days=days)
    rng = np.random.default_rng(20)
    drawn = np.array(
        [simulate_cells(here.process, modifiers, start, days=days, rng=rng) @ weights.T for _ in range(1500)]
    )
    se = np.sqrt(np.array([np.diag(exact.covariance[d, :, d, :]) for d in range(2)]) / len(drawn))
    assert np.all(np.abs(drawn.mean(axis=0) - exact.mean) < 4.5 * se)
    variance = drawn.var(axis=0, ddof=1)
    expected = np.array([np.diag(exact.covariance[d, :, d, :]) for d in range(2)])
    assert variance == pytest.approx(expected, rel=0.2)
    both = np.cov(drawn[:, 0, 0], drawn[:, 1, 0])[0, 1]
    assert both == pytest.approx(exact.covariance[0, 0, 1, 0], rel=0.25)


def shares_of(name, role_values=None, days=(7.0,)):
    here = niche(packaged(), name)
    if role_values is None:
        role_values = {}
    modifiers = Modifiers.none(0.0, max(days)).scaled(role_values)
    mean = mean_cells(here.process, modifiers, here.start_at_reference(), days=list(days))
    found = Evaluator(list(readouts(packaged(), name).values()), here.process)
    values = found(mean, np.ones((len(days), len(here.process.roles))))
    return {k: values[:, i] for i, k in enumerate(found.names)}


def test_shares_are_of_the_whole_and_phases_add_to_it():
    found = shares_of("culture")
    assert found["g0g1_share"] + found["s_share"] + found["g2m_share"] == pytest.approx(1.0, abs=1e-12)
    for name, values in found.items():
        if name.endswith("share"):
            assert 0.0 < values[0] < 1.0, name
    whole = {r.whole.types for r in readouts(packaged(), "culture").values() if isinstance(r, Share)}
    assert whole == {tuple(lineage_entry(packaged(), "culture").types)}


@pytest.mark.parametrize(
    ("role", "factor", "falls", "rises"),
    [
        (
            "activation",
            0.05,
            ["cells", "nestin_share", "ki67_share", "g2m_share"],
            ["quiescent_sphere_forming"],
        ),
        ("return", 6.0, ["cells", "nestin_share", "ki67_share", "s_share"], ["quiescent_sphere_forming"]),
        ("division", 0.5, ["cells", "progenitors"], []),
        ("fate.amplify", 0.1, ["cells", "progenitors"], ["sphere_forming_share", "gfap_share"]),
        ("death", 3.0, ["cells"], []),
    ],
)
def test_a_role_moves_a_culture_as_it_should(role, factor, falls, rises):
    before, after = shares_of("culture", days=(12.0,)), shares_of("culture", {role: factor}, days=(12.0,))
    for name in falls:
        assert after[name] < 0.97 * before[name], name
    for name in rises:
        assert after[name] > 1.03 * before[name], name


def test_cells_leave_the_cycle_commit_and_mature_after_withdrawal():
    found = shares_of("differentiation", days=(0.0, 2.0, 5.0, 10.0))
    assert np.all(np.diff(found["ki67_share"]) < 0.0)
    assert found["ki67_share"][0] > 0.5 and found["ki67_share"][3] < 0.01
    for name in ("map2_share", "galc_share", "gfap_share", "mature_neuron_share"):
        assert np.all(np.diff(found[name][1:]) > 0.0), name
    # A MAP2+ neuron was a beta-III-tubulin+ one first.
    assert np.all(found["tubb3_share"] >= found["map2_share"])
    assert found["mature_oligodendrocyte_share"][2] < found["mature_neuron_share"][2]


@pytest.mark.parametrize(
    ("role", "falls", "stays"),
    [
        ("maturation.neuron", ["map2_share", "mature_neuron_share"], ["galc_share", "gfap_share"]),
        ("maturation.oligodendrocyte", ["galc_share", "mature_oligodendrocyte_share"], ["map2_share"]),
        ("maturation.astrocyte", ["gfap_share"], ["mature_neuron_share"]),
        ("commitment", ["tubb3_share", "gfap_share"], []),
    ],
)
def test_slower_maturation_leaves_its_own_line_young(role, falls, stays):
    before, after = shares_of("differentiation"), shares_of("differentiation", {role: 0.4})
    for name in falls:
        assert after[name] < 0.9 * before[name], name
    for name in stays:
        assert after[name] == pytest.approx(before[name], rel=0.02), name


def test_growth_is_the_leading_eigenvalue_and_nothing_grows_after_withdrawal():
    here = niche(packaged(), "differentiation")
    a = dense_generator(here.process, np.ones(len(here.process.roles)))
    assert np.linalg.eigvals(a).real.max() < 0.0


@pytest.mark.parametrize(
    ("days", "options", "says"),
    [
        ([6.0, 6.0], {}, "increase"),
        ([0.0], {}, "after plating"),
        ([6.0], {"survival": 1.2}, "survival"),
        ([6.0], {"survival": 0.0}, "survival"),
        ([6.0], {"plated_fraction": 0.0}, "plated_fraction"),
        ([6.0, 12.0], {"plated_fraction": [0.5]}, "give one plated_fraction or 2"),
    ],
)
def test_passages_that_cannot_be_are_refused(days, options, says):
    with pytest.raises(InputError, match=says):
        niche(packaged(), "culture").with_passages(days, **options)


def test_only_cultures_are_plated_and_passaged():
    with pytest.raises(ModelError, match="no survival of dissociation"):
        niche(packaged(), "svz").with_passages([6.0])
    with pytest.raises(ModelError, match="is no culture"):
        niche(packaged(), "svz").at_plating(122.0)
    assert niche(packaged(), "culture").at_plating(122.0).reference_age_days == 122.0
    assert [niche(packaged(), n).in_culture for n in ("svz", *CULTURES)] == [False, True, True]


@pytest.mark.parametrize(
    ("start", "says"),
    [
        ({"form": "stable-growth"}, "stable growth"),
        ({"form": "stable-growth", "total": "plated_cells", "slaved": ["SC"]}, "stable growth"),
        ({"totals": {"qSC": "plated_cells"}, "total": "plated_cells"}, "quasi-stationary"),
        ({"form": "quasi-stationary"}, "quasi-stationary"),
        ({"form": "growing"}, "form"),
    ],
)
def test_a_start_rule_that_mixes_forms_is_refused(catalogue_with, start, says):
    content = {**folder.load_yaml(packaged(), "lineages/culture.yaml"), "start": start}
    with pytest.raises(CatalogueError, match=says):
        lineage_entry(catalogue_with({"lineages/culture.yaml": content}), "culture")
