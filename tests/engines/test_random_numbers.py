"""The numbers that kernels draw: the generator bit for bit, distributions to their far tails.

Seeds are pinned. A sample is refused when it is too far from its distribution and when it is too near:
each test statistic must lie between the quantiles CHANCE and 1 - CHANCE. With about 100 of them a fresh
set of seeds would raise a false alarm once in fifty runs.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from soleus.engines.cells import random

CHANCE = 1e-4
COMPILE = {"error_model": "numpy"}  # as the kernels; never cached, so that a change is always seen


def seeded(seed: int) -> np.ndarray:
    return random.seed_words(np.random.default_rng(seed))


def filler(scalar):
    """Return a compiled loop over a scalar function of the words alone."""

    @numba.njit(**COMPILE)
    def fill(words, out):
        for k in range(out.size):
            out[k] = scalar(words)

    return fill


fill_one_by_one = {name: filler(getattr(random, name)) for name in ("uniform", "exponential", "normal")}


@numba.njit(**COMPILE)
def gamma_one_by_one(words, out, shape):
    for k in range(out.size):
        out[k] = random.gamma(words, shape)


@numba.njit(**COMPILE)
def fill_words(words, out):
    for k in range(out.size):
        out[k] = random._next(words)


@numba.njit(**COMPILE)
def fill_uniform(words, out, number):
    random.fill_uniform(words, out, number)


@numba.njit(**COMPILE)
def fill_exponential(words, out, number):
    random.fill_exponential(words, out, number)


@numba.njit(**COMPILE)
def fill_normal(words, out, number):
    random._fill_normal(words, out, number)


@numba.njit(**COMPILE)
def fill_gamma(words, out, number, shape, draw):
    random.fill_gamma(words, out, number, shape, draw)


FILLS = {"uniform": fill_uniform, "exponential": fill_exponential, "normal": fill_normal}
LAWS = {"uniform": stats.uniform(), "exponential": stats.expon(), "normal": stats.norm()}
SHAPES = [0.07, 0.5, 1.0, 1.3, 4.0, 2e4]


def numbers(name: str, seed: int, number: int) -> np.ndarray:
    out = np.empty(number)
    FILLS[name](seeded(seed), out, number)
    return out


def gammas(shape: float, seed: int, number: int) -> np.ndarray:
    out = np.empty(number)
    fill_gamma(seeded(seed), out, number, shape, np.empty(number))
    return out


def unremarkable(p: float) -> bool:
    """Whether a statistic's upper tail probability is neither too small nor too large."""
    return CHANCE < p < 1.0 - CHANCE


def ks(sample: np.ndarray, law) -> float:
    return float(stats.kstest(sample, law.cdf).pvalue)


def binned(sample: np.ndarray, law, bins: int) -> float:
    """Return the p-value of a chi-square test over equally probable bins."""
    found = np.histogram(sample, bins=law.ppf(np.linspace(0.0, 1.0, bins + 1)))[0]
    return float(stats.chisquare(found).pvalue)


def moments_off(sample: np.ndarray, law) -> np.ndarray:
    """Return z of the sample's mean and variance."""
    mean, variance = law.stats("mv")
    excess = float(law.stats("k"))
    n = len(sample)
    z_mean = (sample.mean() - mean) / math.sqrt(variance / n)
    z_variance = (((sample - mean) ** 2).mean() / variance - 1.0) / math.sqrt((excess + 2.0) / n)
    return np.array([z_mean, z_variance])


# The generator


def reference_words(state: list[int], number: int) -> list[int]:
    """Return what xoshiro256++ gives, written as its authors' C code is, in whole numbers of Python."""
    mask, found = 2**64 - 1, []
    s = list(state)

    def rotated(x: int, k: int) -> int:
        return ((x << k) | (x >> (64 - k))) & mask

    for _ in range(number):
        found.append((rotated((s[0] + s[3]) & mask, 23) + s[0]) & mask)
        t = (s[1] << 17) & mask
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotated(s[3], 45)
    return found


def test_words_are_those_of_the_published_generator():
    # The published first outputs from the state 1, 2, 3, 4.
    published = [41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205]
    assert reference_words([1, 2, 3, 4], 5) == published
    for state in ([1, 2, 3, 4], [int(w) for w in seeded(5)]):
        words, found = np.array(state, dtype=np.uint64), np.empty(300, dtype=np.uint64)
        fill_words(words, found)
        assert [int(w) for w in found] == reference_words(state, 300)
        assert [int(w) for w in found[1:]] != reference_words(state, 299)


def test_a_uniform_number_is_the_upper_53_bits():
    out = np.empty(200)
    fill_one_by_one["uniform"](seeded(6), out)
    wanted = [(w >> 11) * 2.0**-53 for w in reference_words([int(w) for w in seeded(6)], 200)]
    np.testing.assert_array_equal(out, wanted)


class Zeros:
    """A stream that gives the one state from which the generator never leaves zero."""

    def integers(self, low, high, size, dtype):
        return np.zeros(size, dtype=dtype)


def test_seeds_are_never_all_zero():
    words = random.seed_words(Zeros())
    assert words.dtype == np.uint64
    assert words.any()
    out = np.empty(2000)
    fill_exponential(words, out, len(out))
    assert len(np.unique(out)) > 1900
    stuck = np.zeros(4, dtype=np.uint64)  # what seeding must prevent
    fill_exponential(stuck, out, len(out))
    assert not out.any()


def test_seeds_differ_between_streams_and_follow_from_them():
    drawn = {tuple(seeded(k).tolist()) for k in range(200)}
    assert len(drawn) == 200
    np.testing.assert_array_equal(seeded(9), seeded(9))
    bits = np.array([[(int(w) >> b) & 1 for w in seeded(k) for b in range(64)] for k in range(400)])
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 5.0 * 0.5 / math.sqrt(400)


# Arrays and single numbers


@pytest.mark.parametrize("name", sorted(FILLS))
def test_arrays_hold_the_numbers_that_single_calls_give(name):
    # 20 000 numbers: the careful paths (one in a hundred, and the tail, one in 2 000) are met.
    single, many, parts = np.empty((3, 20_000))
    alone, at_once, piecewise = seeded(11), seeded(11), seeded(11)
    fill_one_by_one[name](alone, single)
    FILLS[name](at_once, many, many.size)
    for begin in range(0, parts.size, 160):
        FILLS[name](piecewise, parts[begin:], 160)
    np.testing.assert_array_equal(many, single)
    np.testing.assert_array_equal(parts, single)
    np.testing.assert_array_equal(at_once, alone)  # both leave the generator in the same state
    np.testing.assert_array_equal(piecewise, alone)


@pytest.mark.parametrize("name", sorted(FILLS))
def test_only_the_first_places_are_filled(name):
    out = np.full(50, -7.0)
    FILLS[name](seeded(1), out, 20)
    assert np.all(out[20:] == -7.0)
    assert len(np.unique(out[:20])) == 20
    before = seeded(1)
    FILLS[name](before, out, 0)
    np.testing.assert_array_equal(before, seeded(1))


@pytest.mark.parametrize("shape", [0.5, 3.0])
def test_only_the_first_places_are_filled_with_gamma_numbers(shape):
    out, draw = np.full(50, -7.0), np.full(50, -7.0)
    fill_gamma(seeded(1), out, 20, shape, draw)
    assert np.all(out[20:] == -7.0)
    assert np.all(draw[20:] == -7.0)
    assert np.all(out[:20] > 0.0)


def test_filled_numbers_are_independent_of_their_neighbours():
    """Serial correlation of ranks at lags 1 to 4, of neighbours in an array and between two fills."""
    for name in FILLS:
        ranks = LAWS[name].cdf(numbers(name, 21, 400_000)) - 0.5
        for lag in range(1, 5):
            z = (ranks[lag:] * ranks[:-lag]).mean() * 12.0 * math.sqrt(len(ranks) - lag)
            assert abs(z) < 4.5, (name, lag)
    repeated = np.repeat(numbers("uniform", 21, 200_000), 2) - 0.5  # planted: every number twice
    assert (repeated[1:] * repeated[:-1]).mean() * 12.0 * math.sqrt(len(repeated)) > 100.0


# Distributions


@pytest.mark.parametrize("name", sorted(FILLS))
def test_distribution(name):
    law, sample = LAWS[name], numbers(name, 31, 4_000_000)
    assert unremarkable(ks(sample[:200_000], law))
    assert unremarkable(binned(sample, law, 1000))  # about four bins to a layer
    assert np.all(np.abs(moments_off(sample, law)) < 4.0)


@pytest.mark.parametrize("name", sorted(FILLS))
def test_a_distribution_a_little_off_is_seen(name):
    sample = numbers(name, 31, 1_000_000)
    for off in (-1.0, 1.0):
        assert not unremarkable(ks(sample[:200_000] * (1.0 + 0.03 * off), LAWS[name]))
        assert np.abs(moments_off(sample * (1.0 + 0.005 * off), LAWS[name])).max() > 4.0


@pytest.mark.parametrize("name", ["exponential", "normal"])
@pytest.mark.parametrize("kept", [True, False])
def test_edges_of_layers_taken_wrongly_are_seen(name, kept, monkeypatch):
    """Planted: of points between a layer's sure part and its edge (1 % of all) every one is kept, or none."""
    monkeypatch.setattr(random, "_under", numba.njit(lambda words, low, high, density: kept))
    wrong, out = filler(numba.njit(**COMPILE)(getattr(random, name).py_func)), np.empty(4_000_000)
    wrong(seeded(31), out)
    assert not unremarkable(binned(out, LAWS[name], 1000))


def test_uniform_numbers_stay_below_one():
    sample = numbers("uniform", 33, 4_000_000)
    assert sample.min() >= 0.0
    assert sample.max() < 1.0
    highest = np.array([0, 0, 0, 0], dtype=np.uint64)
    # A state whose next word is all ones: rotl(s0 + s3, 23) + s0 with s0 = 0, s3 = all ones.
    highest[3] = np.uint64(2**64 - 1)
    out = np.empty(1)
    fill_uniform(highest, out, 1)
    assert out[0] == 1.0 - 2.0**-53


def beyond(name: str, edge: float, seed: int) -> tuple[int, np.ndarray, int]:
    """Return how many numbers were drawn, and the sizes of those beyond an edge."""
    found, drawn = [], 0
    words, out = seeded(seed), np.empty(2_000_000)
    for _ in range(10):
        FILLS[name](words, out, out.size)
        drawn += out.size
        found.append(out[np.abs(out) > edge].copy())
    return drawn, np.concatenate(found), int(np.sum([(x > 0).sum() for x in found]))


TAILS = {"exponential": (random._TAIL, stats.expon()), "normal": (random._NORMAL_TAIL, stats.norm())}


def tail_verdicts(name: str, drawn: int, sizes: np.ndarray) -> list[float]:
    """Return p-values of the number beyond the last layer, of their distribution and of those far out."""
    edge, law = TAILS[name]
    sides = 2.0 if name == "normal" else 1.0
    chance = sides * law.sf(edge)
    p_number = float(stats.binom.sf(len(sizes), drawn, chance))
    p_shape = float(stats.kstest(np.abs(sizes), lambda x: 1.0 - law.sf(x) / law.sf(edge)).pvalue)
    far = law.isf(2e-6 / sides)
    p_far = float(stats.binom.sf(np.sum(np.abs(sizes) > far), drawn, 2e-6))
    return [p_number, p_shape, p_far]


@pytest.mark.parametrize("name", sorted(TAILS))
def test_tail_beyond_the_last_layer(name):
    drawn, sizes, positive = beyond(name, TAILS[name][0], seed=41)
    assert len(sizes) > 4000
    assert all(unremarkable(p) for p in tail_verdicts(name, drawn, sizes))
    if name == "normal":
        assert unremarkable(float(stats.binom.sf(positive, len(sizes), 0.5)))


@pytest.mark.parametrize(("name", "constant"), [("exponential", "_TAIL"), ("normal", "_NORMAL_TAIL")])
@pytest.mark.parametrize("factor", [0.99, 1.01])
def test_a_wrong_tail_constant_is_seen(name, constant, factor, monkeypatch):
    """Planted: the tail begins 1 % too early or too late; compiled code takes constants as it finds them."""
    monkeypatch.setattr(random, constant, getattr(random, constant) * factor)
    wrong = filler(numba.njit(**COMPILE)(getattr(random, name).py_func))
    words, out = seeded(41), np.empty(10_000_000)
    wrong(words, out)
    edge = TAILS[name][0]
    sizes = out[np.abs(out) > min(edge, edge * factor)]
    assert not all(unremarkable(p) for p in tail_verdicts(name, out.size, sizes))


@pytest.mark.parametrize("shape", SHAPES)
def test_gamma_distribution(shape):
    law = stats.gamma(shape)
    one_by_one = np.empty(200_000)
    gamma_one_by_one(seeded(52), one_by_one, shape)
    for sample in (gammas(shape, 51, 200_000), one_by_one):
        assert np.all(sample >= 0.0)
        assert unremarkable(ks(sample, law))
        assert unremarkable(binned(sample, law, 400))
        assert np.all(np.abs(moments_off(sample, law)) < 4.0)


@pytest.mark.parametrize("shape", [0.07, 1.3, 4.0])
def test_a_gamma_shape_2_percent_off_is_seen(shape):
    for wrong in (0.98 * shape, 1.02 * shape):
        sample = gammas(wrong, 51, 200_000)
        assert not unremarkable(ks(sample, stats.gamma(shape)))


@pytest.mark.parametrize("shape", [1.0, 2.5])
def test_gamma_tails(shape):
    """Beyond the quantiles 1e-4 at either end, where the sure test of the method does not decide."""
    law, n = stats.gamma(shape), 4_000_000
    sample = gammas(shape, 61, n)
    low, high = law.ppf(1e-4), law.isf(1e-4)
    for count in (np.sum(sample < low), np.sum(sample > high)):
        assert unremarkable(float(stats.binom.sf(count, n, 1e-4)))
    upper = sample[sample > high]
    assert unremarkable(float(stats.kstest(upper, lambda x: 1.0 - law.sf(x) / 1e-4).pvalue))
    lower = sample[sample < low]
    assert unremarkable(float(stats.kstest(lower, lambda x: law.cdf(x) / 1e-4).pvalue))


def test_gamma_numbers_that_skip_the_full_test_are_seen(monkeypatch):
    """Planted: what fails the sure test is kept all the same."""
    monkeypatch.setattr(random, "_accepted", numba.njit(lambda u, x, v, d: v > 0.0))
    wrong = numba.njit(**COMPILE)(random.fill_gamma.py_func)
    sample = np.empty(200_000)
    wrong(seeded(51), sample, sample.size, 1.0, np.empty(sample.size))
    assert not unremarkable(ks(sample, stats.gamma(1.0)))


# The two ziggurats

ZIGGURATS = {
    "exponential": (random._TAIL, random._AREA, lambda x: math.exp(-x), lambda y: -math.log(y)),
    "normal": (
        random._NORMAL_TAIL,
        random._NORMAL_AREA,
        lambda x: math.exp(-0.5 * x * x),
        lambda y: math.sqrt(-2.0 * math.log(y)),
    ),
}


def defects(name: str, tail: float, area: float) -> tuple[float, float]:
    """Return by how much the equations that define a ziggurat are missed, relative.

    The last layer is a rectangle and the tail, of the same area as each of the 255 rectangles above
    it; stacked on each other these end at the top of the density.
    """
    _, _, density, inverse = ZIGGURATS[name]
    last = tail * density(tail) + quad(density, tail, np.inf, epsabs=0.0, epsrel=1e-13)[0]
    x, y = tail, density(tail)
    for _ in range(random._LAYERS - 2):
        y += area / x
        if y >= 1.0:
            return last / area - 1.0, np.inf
        x = inverse(y)
    return last / area - 1.0, (y + area / x) - 1.0


@pytest.mark.parametrize("name", sorted(ZIGGURATS))
def test_constants_solve_the_defining_equations(name):
    tail, area = ZIGGURATS[name][:2]
    of_area, of_top = defects(name, tail, area)
    assert abs(of_area) < 1e-12
    assert abs(of_top) < 1e-9
    for wrong in (tail * (1.0 + 1e-9), tail * (1.0 - 1e-9)):
        assert abs(defects(name, wrong, area)[0]) > 1e-9
    for wrong in (area * (1.0 + 1e-9), area * (1.0 - 1e-9)):
        assert abs(defects(name, tail, wrong)[0]) > 5e-10
        assert abs(defects(name, tail, wrong)[1]) > 5e-9


@pytest.mark.parametrize("name", sorted(ZIGGURATS))
def test_tables_of_layers(name):
    tail, area, density, _ = ZIGGURATS[name]
    prefix = "_NORMAL" if name == "normal" else ""
    width = getattr(random, f"{prefix}_WIDTH") * 2.0**53
    height = getattr(random, f"{prefix}_HEIGHT")
    sure = getattr(random, "_NORMAL_SURE" if prefix else "_SURE_WORD")
    assert len(width) == len(sure) == 256
    assert len(height) == 257
    assert height[-1] == 1.0
    np.testing.assert_allclose(width[0] * density(tail), area, rtol=1e-14)  # as wide as if it had no tail
    np.testing.assert_allclose(width[1:] * np.diff(height)[1:], area, rtol=1e-8)
    np.testing.assert_allclose(height[1:-1], [density(x) for x in width[1:]], rtol=1e-14)
    # Sure is what lies below the next layer's edge, so inside the density at every height.
    inner = np.append(width[1:], 0.0)
    np.testing.assert_allclose(sure / 2.0**53 * width, inner, rtol=0.0, atol=1e-15 * width[0])
    assert np.all(sure / 2.0**53 * width <= inner * (1.0 + 1e-15))
