"""Clones: exact classes and numbers, what is drawn is what is scored, and the real lineage cell by cell."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from soleus.api import packaged
from soleus.assays.clones import CloneAssay
from soleus.assays.clones.classes import CloneClass, pattern_probabilities
from soleus.assays.clones.counts import log_prob_classes
from soleus.assays.clones.label import SparseLabel
from soleus.assays.clones.sizes import plan_circles
from soleus.catalogue.lineages import niche
from soleus.engines import Start, follow_cells
from soleus.engines.generating import generating_function
from soleus.errors import InputError, ModelError, NumericalError, UnknownNameError, UnsupportedError
from soleus.lineage import (
    CellType,
    Fate,
    Jump,
    Label,
    Lineage,
    Phase,
    Process,
    Transition,
    compile_lineage,
    cross,
)
from soleus.movement import ModifierGrid, Modifiers

PLAIN = Modifiers.none(0.0, 10.0)
STEM = ("dNSC", "qNSC", "aNSC")


def lineage(
    *, out: float = 0.0, two: float = 0.0, death: float = 0.0, progeny_death: float = 0.0, **more
) -> Lineage:
    """Return stem cells s that divide to s and d, or to two s, or die; and d that die."""
    types = tuple(CellType(k, k, (Phase("p"),)) for k in "sdx")
    fates = {
        "out": ("s", out, {"s": 1, "d": 1}),
        "two": ("s", two, {"s": 2}),
        "s dies": ("s", death, {}),
        "d dies": ("d", progeny_death, {}),
        "x stays": ("x", 0.0, {}),
    }
    transitions = tuple(
        Transition(name, name.replace(" ", "."), place, (Fate("f", 1.0, daughters),), rate_per_day=rate)
        for name, (place, rate, daughters) in fates.items()
    )
    return Lineage("small", types, transitions, founders=("s", "x"), **more)


def assay(**changes) -> CloneAssay:
    plain = CloneAssay(
        name="clones",
        label="clones",
        labelling=SparseLabel(0.0, {"s": 0.01}),
        groups={"stem": ("s",), "progeny": ("d",)},
        clones=30,
        lost_are_seen=True,
    )
    return replace(plain, **changes)


def one_stem_cell(process: Process) -> np.ndarray:
    return Start.given(process, {"s": 1}).mean


def test_classes_in_closed_form():
    out, death, gone, day = 1.1, 0.0, 0.4, 2.5
    process = compile_lineage(lineage(out=out, death=death, progeny_death=gone))
    found = assay().probabilities(process, PLAIN, one_stem_cell(process), day=day)
    mean = out * (1.0 - math.exp(-gone * day)) / gone  # progeny of an immortal stem cell: Poisson
    np.testing.assert_allclose(found, [0.0, math.exp(-mean), 1.0 - math.exp(-mean), 0.0], rtol=0, atol=1e-9)
    # Stem cells that die, progeny that do not: no progeny if death comes before the first division.
    process = compile_lineage(lineage(out=out, death=0.7))
    found = assay().probabilities(process, PLAIN, one_stem_cell(process), day=day)
    alive, plain = math.exp(-0.7 * day), math.exp(-(0.7 + out) * day)
    lost = 0.7 / (0.7 + out) * (1.0 - plain)
    np.testing.assert_allclose(found, [lost, plain, alive - plain, 1.0 - alive - lost], rtol=0, atol=1e-9)


def test_lost_clones_are_not_seen_in_fixed_tissue():
    process = compile_lineage(lineage(out=1.1, death=0.7))
    founders = one_stem_cell(process)
    live, fixed = assay(), assay(lost_are_seen=False)
    assert live.class_names == ("lost", "stem only", "mixed", "no stem")
    assert fixed.class_names == ("stem only", "mixed", "no stem")
    all_, seen = (a.probabilities(process, PLAIN, founders, day=2.0) for a in (live, fixed))
    np.testing.assert_allclose(seen, all_[1:] / (1.0 - all_[0]), rtol=1e-12)
    assert fixed.expected_clones(process, PLAIN, 500.0 * founders, day=2.0) == pytest.approx(
        5.0 * (1.0 - all_[0]), rel=1e-8
    )
    assert live.expected_clones(process, PLAIN, 500.0 * founders, day=2.0) == pytest.approx(5.0)
    with pytest.raises(ModelError, match="no clone has a cell that is seen"):
        dying = compile_lineage(lineage(death=80.0))
        fixed.probabilities(dying, PLAIN, founders, day=2.0)


def test_missed_cells():
    out, gone, day = 1.1, 0.4, 2.5
    process = compile_lineage(lineage(out=out, progeny_death=gone))
    mean = 0.6 * out * (1.0 - math.exp(-gone * day)) / gone
    some = assay(cell_detection={"stem": 0.9, "progeny": 0.6})
    none = math.exp(-mean)
    expected = [0.1 * none, 0.9 * none, 0.9 * (1.0 - none), 0.1 * (1.0 - none)]
    found = some.probabilities(process, PLAIN, one_stem_cell(process), day=day)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    # The mean of numbers is thinned, and the class probabilities are those of the numbers.
    joint = some.joint(process, PLAIN, one_stem_cell(process), day=day, maximum={"progeny": 30})
    np.testing.assert_allclose(joint.probability, stats.poisson.pmf(np.arange(31), mean), rtol=0, atol=1e-6)


def test_founders_are_cells_times_probability():
    process = compile_lineage(lineage(out=1.0, death=0.5))
    both = assay(labelling=SparseLabel(0.0, {"s": 0.02, "d": 0.01}))
    from_stem = assay().probabilities(process, PLAIN, one_stem_cell(process), day=1.0)
    cells = Start.given(process, {"s": 30, "d": 90, "x": 50}).mean
    found = both.probabilities(process, PLAIN, cells, day=1.0)
    np.testing.assert_allclose(found, 0.4 * from_stem + 0.6 * np.array([0, 0, 0, 1.0]), rtol=0, atol=1e-9)
    np.testing.assert_allclose(both.labelling.labelled(process, cells).sum(), 1.5)
    with pytest.raises(ModelError, match="no cell is labelled"):
        both.probabilities(process, PLAIN, Start.given(process, {"x": 5}).mean, day=1.0)
    for wrong in (cells[:-1], -cells, cells * math.nan):
        with pytest.raises(InputError, match="finite numbers"):
            both.probabilities(process, PLAIN, wrong, day=1.0)


def test_cells_of_the_day_are_those_after_its_jump():
    jump = Jump("half", 1.0, {"s": {"x": 0.5}})
    process = compile_lineage(lineage(jumps=(jump,)))
    start = Start.given(process, {"s": 8})
    for day, left in ((0.5, 8.0), (1.0, 4.0), (1.5, 4.0)):
        cells = SparseLabel(day, {"s": 1.0}).cells(process, PLAIN, start)
        assert cells[process.entry("s")] == pytest.approx(left)


def test_clones_of_cells_that_carry_a_label():
    types = (CellType("s", "s", (Phase("G1"), Phase("S", cycling=True))), CellType("d", "d", (Phase("p"),)))
    turns = (
        Transition("in", "in", "s.G1", (Fate("f", 1.0, {"s.S": 1}),), rate_per_day=0.8),
        Transition("out", "out", "s.S", (Fate("f", 1.0, {"s": 1, "d": 1}),), rate_per_day=2.0),
    )
    plain = compile_lineage(Lineage("cycle", types, turns))
    process = cross(plain, [Label("EdU", ((1.0, 1.0),))])
    start = Start.given(process, {"s": 100})
    label = SparseLabel(1.0, {"s": 0.01}, tags=("EdU",))
    cells = label.cells(process, PLAIN, start)
    labelled = label.labelled(process, cells)
    in_s = process.weights(lambda m: m.phase == "S")
    assert 0.0 < labelled.sum() < 1.0
    np.testing.assert_allclose(labelled * in_s, labelled)  # they were in S phase when it was given
    asked = assay(labelling=label)
    tagged = asked.probabilities(process, PLAIN, cells, day=1.8)
    in_synthesis = assay(labelling=SparseLabel(1.0, {"s": 0.01})).probabilities(
        plain, PLAIN, Start.given(plain, {"s.S": 1}).mean, day=1.8
    )
    np.testing.assert_allclose(tagged, in_synthesis, rtol=0, atol=1e-9)
    with pytest.raises(UnknownNameError):
        asked.probabilities(plain, PLAIN, Start.given(plain, {"s": 1}).mean, day=1.8)


def test_numbers_of_one_group_in_closed_form():
    birth, death, day = 1.2, 0.5, 2.0
    process = compile_lineage(lineage(two=birth, death=death))
    found = assay().joint(
        process, PLAIN, one_stem_cell(process), day=day, maximum={"stem": 25}, tolerance=1e-8
    )
    grown = math.exp((birth - death) * day)
    lost = death * (grown - 1.0) / (birth * grown - death)
    ratio = birth * (grown - 1.0) / (birth * grown - death)
    k = np.arange(1, 26)
    expected = np.r_[lost, (1.0 - lost) * (1.0 - ratio) * ratio ** (k - 1)]
    assert found.groups == ("stem",)
    np.testing.assert_allclose(found.probability, expected, rtol=0, atol=1e-8)
    assert found.above == pytest.approx((1.0 - lost) * ratio**25, abs=1e-7)
    assert found.error == 1e-8
    fixed = assay(lost_are_seen=False).joint(
        process, PLAIN, one_stem_cell(process), day=day, maximum={"stem": 25}, tolerance=1e-8
    )
    np.testing.assert_allclose(fixed.probability[1:], expected[1:] / (1.0 - lost), rtol=0, atol=2e-8)
    assert fixed.probability[0] == pytest.approx(0.0, abs=2e-8)
    assert fixed.above == pytest.approx(found.above / (1.0 - lost), abs=1e-7)


def test_joint_numbers_of_two_and_three_groups():
    out, gone, day = 1.1, 0.4, 2.5
    process = compile_lineage(lineage(out=out, progeny_death=gone, death=0.2))
    three = assay(groups={"stem": ("s",), "progeny": ("d",), "other": ("x",)}, classes=(CloneClass("any"),))
    founders = one_stem_cell(process)
    found = three.joint(process, PLAIN, founders, day=day, maximum={"progeny": 5, "stem": 2})
    mean = out * (1.0 - math.exp(-gone * day)) / gone
    with_stem = math.exp(-0.2 * day) * stats.poisson.pmf(np.arange(6), mean)
    np.testing.assert_allclose(found.probability[:, 1], with_stem, rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.probability[:, 2], 0.0, rtol=0, atol=1e-6)
    alone = three.joint(process, PLAIN, founders, day=day, maximum={"progeny": 5})
    np.testing.assert_allclose(found.probability.sum(axis=1), alone.probability, rtol=0, atol=3e-6)
    assert found.above == pytest.approx(alone.above, abs=1e-5)
    assert alone.above > 1e-3  # folded back where it is not wanted, it would show
    cube = three.joint(
        process, PLAIN, founders, day=day, maximum={"stem": 1, "other": 1, "progeny": 4}, tolerance=1e-5
    )
    np.testing.assert_allclose(cube.probability[:, 0].T, found.probability[:5, :2], rtol=0, atol=1.1e-5)
    np.testing.assert_allclose(cube.probability[:, 1], 0.0, rtol=0, atol=1e-5)


def test_joint_numbers_of_seen_clones_of_which_one_group_is_asked_for():
    process = compile_lineage(lineage(out=1.1, death=0.7))
    founders = one_stem_cell(process)
    fixed = assay(lost_are_seen=False)
    classes = fixed.probabilities(process, PLAIN, founders, day=2.0)
    found = fixed.joint(process, PLAIN, founders, day=2.0, maximum={"progeny": 20})
    assert found.probability[0] == pytest.approx(classes[0], abs=3e-6)  # stem only
    assert found.probability.sum() + found.above == pytest.approx(1.0, abs=1e-9)


def test_circles_that_cannot_be_are_refused():
    for maximum in ((), (1, 1, 1, 1), (-1,), (400, 400)):
        with pytest.raises(InputError):
            plan_circles(maximum, tolerance=1e-6)
    with pytest.raises(NumericalError, match="beyond double precision"):
        plan_circles((5, 5), tolerance=1e-10)
    process = compile_lineage(lineage())
    with pytest.raises(UnknownNameError, match="stem"):
        assay().joint(process, PLAIN, one_stem_cell(process), day=1.0, maximum={"stm": 3})


# The real lineage, against clones followed cell by cell.


def svz(first_day: float, last_day: float) -> tuple[Process, Modifiers]:
    here = niche(packaged(), "svz")
    grid = ModifierGrid.build(here.age_terms(0.0), np.arange(first_day, last_day + 7.0, 7.0))
    return here.process, grid.modifiers({})


def svz_assay(**changes) -> CloneAssay:
    here = niche(packaged(), "svz")
    progeny = tuple(dict.fromkeys(m.type for m in here.process.microstates if m.type not in STEM))
    plain = CloneAssay(
        name="svz clones",
        label="clones of the SVZ",
        labelling=SparseLabel(75.5, {"aNSC": 0.01, "qNSC": 0.01}),
        groups={"stem": STEM, "progeny": progeny},
        clones=40,
        lost_are_seen=True,
    )
    return replace(plain, **changes)


def classes_by_founder(process: Process, modifiers: Modifiers, days: list[float]) -> np.ndarray:
    """Return probabilities of the stem classes by founding microstate, shape (D, 4, n)."""
    stem = process.count(*STEM)
    points = np.array([np.zeros_like(stem), stem, 1.0 - stem, np.ones_like(stem)])
    within = generating_function(process, modifiers, points, label_day=75.5, days=days)
    found = np.array([pattern_probabilities(w) for w in within])
    return found[:, [0, 1, 3, 2]]  # none, stem, both, progeny


def misfit(observed: np.ndarray, by_founder: np.ndarray) -> float:
    """Return the p-value of Wald's chi-squared of class counts of clones with known founders.

    ``observed``: (4,); ``by_founder``: probabilities for each clone, (4, N).
    """
    gap = observed - by_founder.sum(axis=1)
    covariance = np.diag(by_founder.sum(axis=1)) - by_founder @ by_founder.T
    chi = gap @ np.linalg.pinv(covariance, rcond=1e-9) @ gap
    return float(stats.chi2.sf(chi, df=3))


def test_svz_classes_equal_clones_followed_cell_by_cell():
    days = [77.0, 82.0, 89.0]
    process, modifiers = svz(75.0, 89.0)
    start = Start.given(process, {"aNSC": 3000, "qNSC": 3000})
    rng = np.random.default_rng(5)
    found = follow_cells(process, modifiers, start, days=days, rng=rng, label_clones_on=75.5)
    founder = found.founder_microstate
    stem = np.isin(founder, np.flatnonzero(process.count("aNSC", "qNSC")))
    assert stem.sum() > 5000
    has_stem, has_progeny = (
        found.clone_sizes(w)[:, stem] > 0 for w in (process.count(*STEM), 1.0 - process.count(*STEM))
    )
    observed = np.array(
        [
            [(~s & ~p).sum(), (s & ~p).sum(), (s & p).sum(), (~s & p).sum()]
            for s, p in zip(has_stem, has_progeny, strict=True)
        ]
    )
    exact = classes_by_founder(process, modifiers, days)
    here = niche(packaged(), "svz")
    faster = here.with_parameters({"activation_rate": 1.15 * here.parameters["activation_rate"]})
    wrong = classes_by_founder(faster.process, modifiers, days)
    founders = np.bincount(founder[stem], minlength=process.n_states).astype(float)
    for d, day in enumerate(days):
        assert misfit(observed[d], exact[d][:, founder[stem]]) > 0.01
        share = svz_assay().probabilities(process, modifiers, founders, day=day)
        np.testing.assert_allclose(share, exact[d] @ founders / founders.sum(), rtol=0, atol=1e-7)
        if d > 1:  # activation up by 15 % shows
            assert misfit(observed[d], wrong[d][:, founder[stem]]) < 1e-3
    assert observed.min() >= 0
    assert np.all(observed[2] > 100)


def test_svz_numbers_equal_clones_followed_cell_by_cell():
    process, modifiers = svz(75.0, 82.0)
    start = Start.given(process, {"aNSC": 4000})
    rng = np.random.default_rng(8)
    found = follow_cells(process, modifiers, start, days=[80.5], rng=rng, label_clones_on=75.5)
    stem = np.isin(found.founder_microstate, np.flatnonzero(process.count("aNSC", "qNSC")))
    founders = np.bincount(found.founder_microstate[stem], minlength=process.n_states).astype(float)
    sizes = np.stack(
        [found.clone_sizes(w)[0][stem] for w in (process.count(*STEM), 1.0 - process.count(*STEM))]
    ).astype(int)
    joint = svz_assay().joint(
        process, modifiers, founders, day=80.5, maximum={"stem": 3, "progeny": 15}, tolerance=1e-5
    )

    def p_value(probability: np.ndarray) -> float:
        inside = np.all(sizes < np.array(probability.shape)[:, None], axis=0)
        table = np.zeros(probability.shape)
        np.add.at(table, tuple(sizes[:, inside]), 1.0)
        expected = probability.ravel() * stem.sum()
        often = expected >= 8.0
        seen, mean = table.ravel()[often], expected[often]
        seen, mean = np.r_[seen, stem.sum() - seen.sum()], np.r_[mean, stem.sum() - mean.sum()]
        return float(stats.chi2.sf(((seen - mean) ** 2 / mean).sum(), df=len(seen) - 1))

    # Founders are known here, so the counts vary a little less than multinomial: a mild test on that side.
    assert p_value(joint.probability) > 0.01
    shifted = np.roll(joint.probability, 1, axis=1)
    assert p_value(shifted) < 1e-6
    assert 0.1 < joint.above < 0.7


# Sampling and scoring.

P4 = np.array([0.15, 0.4, 0.35, 0.1])


@pytest.mark.parametrize("concentration", [0.5, 12.0, 1e9, math.inf])
def test_scores_are_those_of_the_dirichlet_multinomial(concentration):
    counter = assay(concentration=concentration)
    rng = np.random.default_rng(1)
    counts = counter.sample(P4, rng, animals=50)
    assert counts.shape == (50, 4)
    assert np.all(counts.sum(axis=1) == 30)
    if math.isinf(concentration):
        expected = stats.multinomial.logpmf(counts, 30, P4).sum()
    elif concentration > 1e8:
        expected = stats.multinomial.logpmf(counts, 30, P4).sum()  # the limit; scipy's own sum cancels
    else:
        expected = stats.dirichlet_multinomial.logpmf(counts, concentration * P4, 30).sum()
    assert counter.log_prob(counts, P4) == pytest.approx(expected, rel=1e-6)
    assert counter.log_prob(counts[0], P4) == pytest.approx(counter.log_prob(counts[:1], P4))


@pytest.mark.parametrize("concentration", [3.0, math.inf])
@pytest.mark.parametrize("poisson", [False, True])
def test_scores_sum_to_one(concentration, poisson):
    counter = assay(clones=2, concentration=concentration, poisson=poisson, lost_are_seen=False)
    splits = (
        np.diff([-1, *cuts, n + 2]) - 1
        for n in (range(18) if poisson else [2, 7])
        for cuts in itertools.combinations(range(n + 2), 2)
    )
    total = sum(math.exp(counter.log_prob(c, np.array([0.2, 0.5, 0.3]))) for c in splits)
    assert total == pytest.approx(1.0 if poisson else 2.0, abs=1e-9)


def test_classes_that_cannot_be():
    p = np.array([0.0, 0.6, 0.4, 0.0])
    for concentration in (2.0, math.inf):
        counter = assay(concentration=concentration)
        counts = counter.sample(p, np.random.default_rng(0), animals=20)
        assert np.all(counts[:, [0, 3]] == 0)
        assert math.isfinite(counter.log_prob(counts, p))
        assert counter.log_prob(np.array([1, 5, 5, 0]), p) == -math.inf
    assert assay(poisson=True, clones=4.5).log_prob(np.zeros((2, 4), dtype=int), P4) == pytest.approx(-9.0)
    assert assay().log_prob(np.zeros((3, 4), dtype=int), P4) == 0.0


def test_few_clones_of_strong_overdispersion_are_drawn():
    counts = assay(concentration=1e-3).sample(P4, np.random.default_rng(0), animals=400)
    assert np.all(counts.max(axis=1) == 30)  # nearly every animal has one class only
    np.testing.assert_allclose((counts > 0).mean(axis=0), P4, atol=0.1)


ANIMALS = 1000
ALPHA = 1e-3


def split_log_probs(left: int, share: float, concentration: float) -> np.ndarray:
    """Return log-probabilities that 0 to ``left`` of the clones that are left fall in one class."""
    k = np.arange(left + 1)
    p = np.array([1.0 - share, share])
    return log_prob_classes(np.stack([left - k, k], axis=1), p, concentration=concentration)


def uniforms(counter: CloneAssay, counts: np.ndarray, p: np.ndarray, seed: int) -> np.ndarray:
    """Return randomised probability integral transforms of each split of each animal, shape (S,)."""
    rng = np.random.default_rng(seed)
    cache: dict[tuple[int, int], np.ndarray] = {}
    found = []
    for row in counts:
        left = int(row.sum())
        for c in range(len(p) - 1):
            rest = p[c:].sum()
            if (c, left) not in cache:
                log_p = split_log_probs(left, p[c] / rest, counter.concentration * rest)
                cache[c, left] = np.r_[0.0, np.cumsum(np.exp(log_p))]
            edges = cache[c, left]
            if left > 0:
                found.append(edges[row[c]] + rng.random() * (edges[row[c] + 1] - edges[row[c]]))
            left -= int(row[c])
    return np.array(found)


def test_the_score_is_the_product_of_its_splits():
    counter = assay(concentration=7.0)
    for row in counter.sample(P4, np.random.default_rng(2), animals=5):
        left, total = int(row.sum()), 0.0
        for c in range(3):
            rest = P4[c:].sum()
            total += split_log_probs(left, P4[c] / rest, 7.0 * rest)[row[c]]
            left -= int(row[c])
        assert counter.log_prob(row, P4) == pytest.approx(total, rel=1e-10)


def fit(u: np.ndarray) -> float:
    """Return the p-value that transforms are uniform, as they are or folded (which sees wrong spread)."""
    return 2.0 * min(stats.kstest(v, "uniform").pvalue for v in (u, np.abs(2.0 * u - 1.0)))


@pytest.mark.parametrize("concentration", [5.0, 20.0, math.inf])
@pytest.mark.parametrize("clones", [10, 60])
def test_what_is_drawn_is_what_is_scored(concentration, clones):
    counter = assay(concentration=concentration, clones=clones)
    counts = counter.sample(P4, np.random.default_rng(31), animals=ANIMALS)
    assert fit(uniforms(counter, counts, P4, 1)) > ALPHA


@pytest.mark.parametrize("factor", [1.0 / 1.5, 1.5])
def test_a_wrong_concentration_is_caught(factor):
    """With 1000 animals of 60 clones a concentration of 20 is told from 13 and from 30 every time.

    Measured with 60 seeds: from 16 and from 25 in nine of ten; 20 itself was never refused.
    """
    truth, scored = assay(concentration=20.0, clones=60), assay(concentration=20.0 * factor, clones=60)
    for seed in range(3):
        counts = truth.sample(P4, np.random.default_rng(seed), animals=ANIMALS)
        assert fit(uniforms(scored, counts, P4, seed)) < ALPHA
        assert fit(uniforms(truth, counts, P4, seed)) > ALPHA


def test_numbers_of_clones_are_poisson_as_scored():
    counter = assay(poisson=True, clones=6.5)
    counts = counter.sample(P4, np.random.default_rng(3), animals=ANIMALS)
    given = assay()
    log_p = [
        counter.log_prob(np.array([0, k, 0, 0]), P4) - given.log_prob(np.array([0, k, 0, 0]), P4)
        for k in range(60)
    ]
    edges = np.r_[0.0, np.cumsum(np.exp(log_p))]
    totals = counts.sum(axis=1)
    u = edges[totals] + np.random.default_rng(4).random(ANIMALS) * (edges[totals + 1] - edges[totals])
    assert stats.kstest(u, "uniform").pvalue > ALPHA
    # A mean that is 15 % off is seen.
    more = counter.sample(P4, np.random.default_rng(3), animals=ANIMALS, clones=1.15 * 6.5).sum(axis=1)
    u = edges[more] + np.random.default_rng(4).random(ANIMALS) * (edges[more + 1] - edges[more])
    assert stats.kstest(u, "uniform").pvalue < ALPHA


def score_z(counter: CloneAssay, truth: CloneAssay, *, rate: float, scored_at: float) -> float:
    """Return the mean of d log_prob / d log rate over animals, in its standard errors."""

    def p(out: float) -> np.ndarray:
        process = compile_lineage(lineage(out=out, death=0.7))
        return counter.probabilities(process, PLAIN, one_stem_cell(process), day=2.0)

    counts = truth.sample(p(rate), np.random.default_rng(11), animals=3000)
    step = 1e-4
    up, down = p(scored_at * (1.0 + step)), p(scored_at * (1.0 - step))
    of_animals = [log_prob_classes(counts, q, concentration=counter.concentration) for q in (up, down)]
    assert counter.log_prob(counts, up) == pytest.approx(of_animals[0].sum())
    slopes = (of_animals[0] - of_animals[1]) / (2.0 * step)
    return float(slopes.mean() / slopes.std() * math.sqrt(len(slopes)))


@pytest.mark.parametrize("lost_are_seen", [True, False])
@pytest.mark.parametrize("concentration", [15.0, math.inf])
def test_the_score_is_zero_at_the_truth(lost_are_seen, concentration):
    counter = assay(lost_are_seen=lost_are_seen, concentration=concentration, cell_detection=0.8)
    assert abs(score_z(counter, counter, rate=1.1, scored_at=1.1)) < 3.5
    # Off the truth by 10 %.
    assert abs(score_z(counter, counter, rate=1.1, scored_at=1.21)) > 4.0


def test_assays_that_cannot_be_are_refused():
    for changes, message in (
        ({"groups": {}}, "1 to 10 groups"),
        ({"groups": {"stem": ("s",), "progeny": ("s", "d")}}, "overlap"),
        ({"clones": -1}, "at least 0"),
        ({"clones": 2.5}, "whole number"),
        ({"clones": math.nan}, "finite"),
        ({"concentration": 0.0}, "concentration"),
        ({"concentration": math.nan}, "concentration"),
        ({"cell_detection": 0.0}, "cell_detection"),
        ({"cell_detection": {"stem": 0.5}}, "cell_detection"),
        ({"classes": (CloneClass("lost", lacks=("stem", "progeny")),)}, "no class"),
        ({"classes": (CloneClass("all"), CloneClass("stem", has=("stem",)))}, "exactly one"),
        ({"classes": (CloneClass("all", has=("stm",)),)}, "stm"),
    ):
        with pytest.raises(InputError, match=message):
            assay(**changes)
    for wrong in ({"s": 1.5}, {}, {"s": 0.0}, {"s": math.nan}):
        with pytest.raises(ModelError, match="probability"):
            SparseLabel(0.0, wrong)
    with pytest.raises(ModelError, match="day"):
        SparseLabel(math.inf, {"s": 1.0})
    process = compile_lineage(lineage())
    with pytest.raises(UnknownNameError):
        assay(labelling=SparseLabel(0.0, {"q": 0.1})).probabilities(process, PLAIN, np.ones(3), day=1.0)
    for p in (
        np.array([0.5, 0.5]),
        np.array([0.5, 0.6, -0.1, 0.0]),
        np.array([0.5, 0.5, 0.5, 0.0]),
        P4 * math.nan,
    ):
        with pytest.raises(InputError, match="probabilities"):
            assay().sample(p, np.random.default_rng(0), animals=1)
    for counts in (np.zeros((2, 3)), np.array([-1, 0, 0, 0]), np.array([0.5, 0, 0, 0]), P4 * math.nan):
        with pytest.raises(InputError, match="counts"):
            assay().log_prob(counts, P4)
    wait = Transition("clock", "c", "s", (Fate("f", 1.0, {"s": 1, "d": 1}),), mean_days=1.0, shape=2.5)
    gamma = compile_lineage(
        Lineage("gamma", tuple(CellType(k, k, (Phase("p"),)) for k in "sd"), (wait,), founders=("s",))
    )
    with pytest.raises(UnsupportedError, match="gamma"):
        assay().probabilities(gamma, PLAIN, np.ones(2), day=1.0)
