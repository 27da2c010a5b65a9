"""Design-based counting against a region of cells that is really cut, framed, focused through and counted."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from soleus.assays import CountAssay, Readout
from soleus.assays.stereology import (
    AxisProfile,
    OpticalFractionator,
    SectionSampling,
    abercrombie,
    as_density,
    as_total,
    coefficient_of_error,
    fractionator_assay,
    section_assay,
    section_spread,
    systematic_cv,
    thickness_fraction,
    unshrunk_density,
)
from soleus.errors import InputError, ModelError

LENGTH = 2400.0
THICK = 40.0
HEIGHT = 10.0
CELLS = 6000
READOUT = Readout("x", "x", ("A",))
X = np.linspace(0.0, LENGTH, 481)
ARCH = AxisProfile(X, X * (LENGTH - X))
SERIES = SectionSampling(THICK, 6, LENGTH)
BOX = AxisProfile(np.array([0.0, LENGTH]), np.array([1.0, 1.0]))
Z_LIMIT = 3.5


def region(profile: AxisProfile, rng: np.random.Generator, cells: int = CELLS) -> np.ndarray:
    """Tops of the cells along the axis."""
    x = np.linspace(0.0, LENGTH, 2401)
    below = integrate.cumulative_simpson(np.interp(x, profile.position_um, profile.density), x=x, initial=0.0)
    return np.interp(rng.random(cells), below / below[-1], x)


def cut(
    tops: np.ndarray, *, every: int, rng: np.random.Generator, disector: tuple[float, float] | None = None
):
    """Counts of each sampled section: fragments, or tops within (from, to) of a section's thickness."""
    spacing = every * THICK
    start = rng.uniform(-spacing, 0.0) - spacing
    lows = np.arange(start, LENGTH + HEIGHT, spacing)
    low, high = (
        (lows - HEIGHT, lows + THICK) if disector is None else (lows + disector[0], lows + disector[1])
    )
    ordered = np.sort(tops)
    counts = np.searchsorted(ordered, high) - np.searchsorted(ordered, low)
    return counts[(lows > -THICK) & (lows < LENGTH)]


def _z(values: np.ndarray, expected: float) -> float:
    return float((values.mean() - expected) / (values.std(ddof=1) / math.sqrt(len(values))))


def _fractionator_totals(tsf: float, *, repeats: int = 400) -> np.ndarray:
    """Estimates from guard zones of 5 um, a 30-um disector and frames on a fifth of the area."""
    plan = OpticalFractionator(ssf=1 / 6, asf=0.2, tsf=tsf)
    rng = np.random.default_rng(21)
    tops = region(ARCH, rng)
    sums = [cut(tops, every=6, rng=rng, disector=(5.0, 35.0)).sum() for _ in range(repeats)]
    return np.array([plan.total(rng.binomial(q, 0.2)) for q in sums])


def test_the_fractionator_is_unbiased():
    totals = _fractionator_totals(thickness_fraction(30.0, mounted_um=THICK, guard_um=5.0))
    assert abs(_z(totals, CELLS)) < Z_LIMIT


@pytest.mark.parametrize("tsf", [1.0, 0.75 * 1.1])
def test_a_wrong_thickness_fraction_is_noticed(tsf):
    assert abs(_z(_fractionator_totals(tsf), CELLS)) > Z_LIMIT


def _fragment_totals(correct) -> np.ndarray:
    rng = np.random.default_rng(22)
    tops = region(ARCH, rng)
    counts = [6.0 * cut(tops, every=6, rng=rng).sum() for _ in range(400)]
    return np.array([correct(c) for c in counts])


def test_abercrombie_takes_out_the_bias_of_fragments():
    totals = _fragment_totals(lambda c: abercrombie(c, section_um=THICK, object_um=HEIGHT))
    assert abs(_z(totals, CELLS)) < Z_LIMIT


@pytest.mark.parametrize("height", [0.0, 0.8 * HEIGHT, 1.2 * HEIGHT])
def test_fragments_without_or_with_a_wrong_correction_are_noticed(height):
    totals = _fragment_totals(lambda c: abercrombie(c, section_um=THICK, object_um=height))
    assert abs(_z(totals, CELLS)) > Z_LIMIT
    if height == 0.0:
        assert totals.mean() == pytest.approx(CELLS * (THICK + HEIGHT) / THICK, rel=0.01)


def _variances(profile: AxisProfile, spacing: float, m: int) -> tuple[float, float]:
    """Mean of the estimated systematic variance and the true one, thin sections of a very dense region."""
    series = []
    for start in (np.arange(100) + 0.5) / 100 * spacing - spacing:
        lows = start + spacing * np.arange(math.ceil(LENGTH / spacing) + 2)
        series.append(1e12 * profile.share(lows, lows + 1.0))
    estimated = np.mean([(coefficient_of_error(s, m=m).systematic * s.sum()) ** 2 for s in series])
    return float(estimated), float(np.var([s.sum() for s in series]))


def _over_intervals(profile: AxisProfile, sections: int, m: int) -> np.ndarray:
    """Single intervals swing around the formula, so mean over some with ``sections`` to one more."""
    counts = sections + (np.arange(6) + 0.5) / 6
    return np.mean([_variances(profile, LENGTH / n, m) for n in counts], axis=0)


@pytest.mark.parametrize("sections", [6, 10])
@pytest.mark.parametrize(("profile", "m"), [(ARCH, 1), (BOX, 0)])
def test_the_systematic_variance_is_the_true_one(profile, m, sections):
    """An arch has sloping ends (m = 1), a box jumps (m = 0)."""
    estimated, true = _over_intervals(profile, sections, m)
    assert estimated == pytest.approx(true, rel=0.15)


@pytest.mark.parametrize(("profile", "m"), [(ARCH, 0), (BOX, 1)])
def test_a_wrong_smoothness_is_noticed(profile, m):
    estimated, true = _over_intervals(profile, 8, m)
    assert not 0.3 < estimated / true < 3.0


def test_the_coefficient_of_error_is_that_of_repeated_sampling():
    """Counting and systematic parts together, against the spread of 600 samples of fresh regions."""
    rng = np.random.default_rng(23)
    series = [cut(region(ARCH, rng, 1500), every=8, rng=rng, disector=(0.0, THICK)) for _ in range(600)]
    totals = np.array([s.sum() for s in series])
    estimated = math.sqrt(np.mean([coefficient_of_error(s).total ** 2 for s in series]))
    found = totals.std(ddof=1) / totals.mean()
    assert estimated == pytest.approx(found, rel=4.0 / math.sqrt(2 * 600))


def test_the_coefficient_of_error_by_hand():
    found = coefficient_of_error(np.array([10, 20, 10]), m=0)
    systematic = (3 * (600 - 40) - 4 * 400 + 100) / 12
    assert found.counting == pytest.approx(math.sqrt(40) / 40)
    assert found.systematic == pytest.approx(math.sqrt(systematic) / 40)
    assert found.total == pytest.approx(math.hypot(found.counting, found.systematic))
    found = coefficient_of_error(np.array([10, 1, 10, 1]), m=1)
    assert found.systematic == pytest.approx(math.sqrt((3 * (202 - 22) - 4 * 30 + 101) / 240) / 22)
    assert coefficient_of_error(np.array([5, 5, 5, 5]), m=1).systematic == 0.0


def test_the_systematic_cv_by_hand():
    """A box of 2400 um and a section every 960 um: 2 whole ones always, a third 1 time in 2."""
    sampling = SectionSampling(section_um=1.0, every_nth=960, region_length_um=LENGTH)
    # 3 sections with probability 1/2 and 2 otherwise: CV = 0.5 / 2.5.
    assert systematic_cv(sampling, BOX) == pytest.approx(0.2, rel=5e-3)


def _assays_of(sampling: SectionSampling, profile: AxisProfile, **changes) -> CountAssay:
    plan = OpticalFractionator(ssf=sampling.ssf, asf=0.5, tsf=1.0)
    keep = dict(label="f", fractionator=plan, sampling=sampling, profile=profile)
    return fractionator_assay("f", READOUT, **(keep | changes))


def _spread_ratio(assay: CountAssay, seen: np.ndarray) -> float:
    """Two-sided probability of the observed variance of counts, if the assay's were the true one."""
    rng = np.random.default_rng(25)
    words = rng.integers(0, 2**64, size=(100_000, 4), dtype=np.uint64)
    drawn = assay.sample_many(np.full(100_000, float(CELLS)), words)[:, 0]
    ratio = (len(seen) - 1) * seen.var(ddof=1) / drawn.var()
    tail = stats.chi2.cdf(ratio, len(seen) - 1)
    return float(2.0 * min(tail, 1.0 - tail))


@pytest.fixture(scope="module")
def counted_box() -> np.ndarray:
    """One section in 24 of a region with sharp ends, frames on half of the area."""
    rng = np.random.default_rng(24)
    counts = [cut(region(BOX, rng), every=24, rng=rng, disector=(0.0, THICK)).sum() for _ in range(800)]
    return rng.binomial(counts, 0.5)


def test_the_fractionator_assay_has_mean_and_spread_of_real_counts(counted_box):
    assay = _assays_of(SectionSampling(THICK, 24, LENGTH), BOX)
    assert assay.units == 1 and assay.unit_level == "animal"
    assert assay.position_cv > 0.1
    assert abs(_z(counted_box / assay.fraction, CELLS)) < Z_LIMIT
    assert _spread_ratio(assay, counted_box) > 1e-3


def test_an_assay_without_its_position_error_is_noticed(counted_box):
    assay = _assays_of(SectionSampling(THICK, 24, LENGTH), BOX)
    for wrong in (0.0, 0.7 * assay.position_cv, 1.4 * assay.position_cv):
        assert _spread_ratio(replace(assay, position_cv=wrong), counted_box) < 1e-3


def test_two_sections_at_a_landmark_share_their_place():
    """Means, and the covariance of the sections, of fragments counted where the knife falls."""
    sampling = SectionSampling(10.0, 5, LENGTH, sections_used=2, start_um=400.0, start_sd_um=150.0)
    assay = section_assay(
        "s", READOUT, label="s", sampling=sampling, profile=ARCH, area_mm2=0.5, object_um=HEIGHT
    )
    rng = np.random.default_rng(26)
    pairs = []
    for _ in range(1500):
        tops = np.sort(region(ARCH, rng, 3000))
        lows = 400.0 + 150.0 * rng.standard_normal() + np.array([0.0, 50.0])
        pairs.append(np.searchsorted(tops, lows + 10.0) - np.searchsorted(tops, lows - HEIGHT))
    seen = np.array(pairs)
    assert assay.units == 2 and assay.exposure == 0.5
    assert abs(_z(seen.mean(axis=1) / assay.fraction, 3000.0)) < Z_LIMIT
    mean = seen.mean()
    covariance = np.cov(seen.T)[0, 1]
    # Standard error of a covariance of 1500 pairs.
    error = math.sqrt((seen[:, 0].var() * seen[:, 1].var() + covariance**2) / 1500)
    assert abs(covariance - (mean * assay.position_cv) ** 2) < Z_LIMIT * error
    assert (mean * assay.position_cv) ** 2 > 2.0 * Z_LIMIT * error


def test_the_share_of_a_section_by_hand():
    sampling = SectionSampling(10.0, 5, LENGTH, sections_used=1, start_um=1000.0)
    spread = section_spread(sampling, ARCH, object_um=6.0)
    density = lambda x: 6.0 * x * (LENGTH - x) / LENGTH**3  # noqa: E731
    assert spread.share == pytest.approx(integrate.quad(density, 994.0, 1010.0)[0], rel=1e-4)
    assert spread.animal_cv == pytest.approx(0.0, abs=1e-12)
    assert spread.section_cv == pytest.approx(0.0, abs=1e-12)


def test_a_section_assay_by_hand():
    """Two sections at a fixed place, where the arch is not flat, on half of their area."""
    sampling = SectionSampling(10.0, 20, LENGTH, sections_used=2, start_um=200.0, area_fraction=0.5)
    first, second = ARCH.share(np.array([200.0, 400.0]), np.array([210.0, 410.0]))
    own = (second - first) / (second + first)
    keep = dict(label="s", sampling=sampling, profile=ARCH, area_mm2=0.5)
    plain = section_assay("s", READOUT, **keep)
    assert plain.fraction == pytest.approx(0.25 * (first + second), rel=1e-9)
    assert plain.position_cv == pytest.approx(0.0, abs=1e-9)
    assert plain.unit_cv == pytest.approx(own, rel=1e-9) and own > 0.2
    noisy = section_assay("s", READOUT, **keep, handling_cv=0.3, unit_cv=0.4, observer_cv=0.1)
    assert noisy.position_cv == pytest.approx(0.3)
    assert noisy.unit_cv == pytest.approx(math.sqrt((1.0 + own**2) * 1.16 - 1.0))
    assert (noisy.unit_level, noisy.exposure_unit, noisy.observer_cv) == ("section", "mm2", 0.1)


def test_totals_and_densities_are_reported_from_the_same_counts():
    sampling = SectionSampling(10.0, 5, LENGTH, sections_used=2, start_um=600.0)
    keep = dict(label="s", sampling=sampling, profile=ARCH, area_mm2=0.5)
    corrected = section_assay("s", READOUT, **keep, object_um=HEIGHT)
    tops = section_assay("s", READOUT, **keep)
    assert as_density(np.array([30, 20]), corrected) == 50.0
    assert as_density(np.array([30]), corrected) == 60.0
    # Fragments of objects as high as the section is thick count nearly double.
    ratio = as_total(np.array([30, 20]), tops) / as_total(np.array([30, 20]), corrected)
    assert ratio == pytest.approx(2.0, rel=0.01)
    with pytest.raises(InputError, match="at least one count"):
        as_total(np.array([]), corrected)


def test_a_quarter_of_shrinkage_is_taken_out_of_a_density():
    assert unshrunk_density(64.0, linear_shrinkage=0.25) == pytest.approx(27.0)


def test_handling_adds_to_the_position_error():
    sampling = SectionSampling(THICK, 6, LENGTH)
    plain, handled = _assays_of(sampling, ARCH), _assays_of(sampling, ARCH, handling_cv=0.2, observer_cv=0.1)
    expected = (1.0 + plain.position_cv**2) * 1.04 - 1.0
    assert handled.position_cv**2 == pytest.approx(expected)
    assert handled.observer_cv == 0.1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: OpticalFractionator(ssf=16.7, asf=0.2, tsf=0.5), "percentage"),
        (lambda: OpticalFractionator(0.1, 0.2, 0.5).total(-1), "at least 0"),
        (lambda: thickness_fraction(30.0, mounted_um=35.0, guard_um=5.0), "do not fit"),
        (lambda: abercrombie(10.0, section_um=0.0, object_um=3.0), "above 0"),
        (lambda: unshrunk_density(1.0, linear_shrinkage=25.0), r"\[0, 1\)"),
        (lambda: coefficient_of_error(np.array([3, 4]), m=1), "at least 3 sections"),
        (lambda: coefficient_of_error(np.array([3, 4, 5]), m=2), "0 or 1"),
        (lambda: AxisProfile(np.array([0.0, 0.0]), np.array([1.0, 1.0])), "rising"),
        (lambda: AxisProfile(np.array([0.0, 1.0]), np.array([0.0, 0.0])), "not all 0"),
        (lambda: SectionSampling(THICK, 100, LENGTH), "more than the region"),
        (lambda: SectionSampling(THICK, 6, LENGTH, area_fraction=1.2), "area_fraction"),
        (lambda: SectionSampling(THICK, 6, LENGTH, sections_used=0), "at least 1"),
        (lambda: SectionSampling(THICK, 6, LENGTH, sections_used=1, start_um=9999.0), "in the region"),
        (lambda: systematic_cv(SectionSampling(THICK, 6, 1000.0), ARCH), "1000 um"),
        (lambda: systematic_cv(SectionSampling(THICK, 6, LENGTH, sections_used=2), ARCH), "section_spread"),
        (lambda: section_spread(SERIES, ARCH), "needs sections_used"),
        (lambda: _assays_of(SERIES, ARCH, fractionator=OpticalFractionator(0.5, 1, 1)), "same number"),
    ],
)  # fmt: skip
def test_impossible_designs_are_refused(make, message):
    with pytest.raises((InputError, ModelError), match=message):
        make()
