"""False answers of equivalence, several groups, 2 x 2, blocks, baselines, pairs, litters and zeros.

All by the code that soleus ships; where it works on many studies at once it is called so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from soleus.analysis.answers import Effect
from soleus.analysis.compare import compare
from soleus.analysis.contrasts import welch
from soleus.analysis.equivalence import ALPHA, tost_p_value
from soleus.analysis.multiplicity import chance_inside, chance_none, holm
from soleus.analysis.nesting import Sample, as_units
from soleus.analysis.wording import Settings
from soleus.planning.batch import CountCell, analyse_counts, draw_counts

__all__ = ["DESIGNS", "FEW", "run_design"]

Array = NDArray[np.float64]
Verdicts = NDArray[np.bool_]
_PAIR = (1.0, -1.0)
_CV = 0.3
_SIGMA = math.sqrt(math.log(1.0 + _CV**2))
FEW = 4000
"""Studies of designs whose analysis takes milliseconds (mixed models, permutations)."""


def _log_totals(n: int, ratios: tuple[float, ...], studies: int, rng: np.random.Generator) -> list[Array]:
    """Log totals of groups whose true mean is 40 a section times a ratio."""
    return [np.log(draw_counts(CountCell(n, 2, 40.0, r), studies, rng).totals[0]) for r in ratios]


def _equivalence(n: int) -> Callable[[int, np.random.Generator], Verdicts]:
    def run(studies: int, rng: np.random.Generator) -> Verdicts:
        margin = 1.5
        found = welch(_log_totals(n, (margin, 1.0), studies, rng), _PAIR)
        parts = zip(found.estimate, found.se, found.df, strict=True)
        limit = math.log(margin)
        return np.array([tost_p_value(e, se=s, df=d, log_margin=limit) <= ALPHA for e, s, d in parts])

    return run


def _three_holm(studies: int, rng: np.random.Generator) -> Verdicts:
    groups = _log_totals(5, (1.0,) * 4, studies, rng)
    p = np.stack([welch([one, groups[3]], _PAIR).p_value for one in groups[:3]], axis=1)
    return np.array([min(x for x in holm(row.tolist()) if x is not None) <= ALPHA for row in p])


def _three_alone(studies: int, rng: np.random.Generator) -> Verdicts:
    groups = _log_totals(5, (1.0,) * 4, studies, rng)
    p = np.stack([welch([one, groups[3]], _PAIR).p_value for one in groups[:3]], axis=1)
    return np.asarray((p <= ALPHA).any(axis=1))


def _dunnett(
    studies: int, rng: np.random.Generator, *, n: tuple[int, ...], cv: tuple[float, ...], pooled: bool = False
) -> Verdicts:
    """Three groups and a control (last), of unequal number and spread; whether any differs."""
    sigma = [math.sqrt(math.log(1.0 + c**2)) for c in cv]
    groups = [rng.normal(0.0, s, (studies, k)) for k, s in zip(n, sigma, strict=True)]
    means = [g.mean(axis=1) for g in groups]
    shares = [g.var(axis=1, ddof=1) / g.shape[1] for g in groups]
    df = float(sum(n) - len(n))
    if pooled:
        common = sum(g.var(axis=1) * g.shape[1] for g in groups) / df
        shares = [common / k for k in n]
    out = np.zeros(studies, dtype=bool)
    for k in range(studies):
        se = [math.sqrt(s[k] + shares[-1][k]) for s in shares[:-1]]
        t = [float(m[k] - means[-1][k]) / s for m, s in zip(means[:-1], se, strict=True)]
        each = [
            df if pooled else s**4 / (own[k] ** 2 / (i - 1) + shares[-1][k] ** 2 / (n[-1] - 1))
            for s, own, i in zip(se, shares[:-1], n[:-1], strict=True)
        ]
        shared = np.array([math.sqrt(shares[-1][k]) / s for s in se])
        if pooled:
            top = max(map(abs, t))
            out[k] = top > 1.9 and chance_inside(top, df, shared) >= 1.0 - ALPHA
            continue
        least = float(2.0 * stdtr(each, -np.abs(t)).min())
        # Beyond these a family of three cannot lie on the other side of 5 %.
        out[k] = (
            least <= ALPHA / 3.0
            or least < ALPHA
            and chance_none(least, np.array(each), shared) >= 1.0 - ALPHA
        )
    return out


def _two_by_two(n: int) -> Callable[[int, np.random.Generator], Verdicts]:
    def run(studies: int, rng: np.random.Generator) -> Verdicts:
        # Two main effects, no interaction on the log scale.
        groups = _log_totals(n, (1.0, 0.7, 0.5, 0.35), studies, rng)
        return np.asarray(welch(groups, (1.0, -1.0, -1.0, 1.0)).p_value <= ALPHA)

    return run


def _sample(group: str, values: Array, **marks: Sequence[object]) -> Sample:
    parts = tuple((values[k : k + 1], np.ones(1)) for k in range(len(values)))
    names = tuple(f"{group}{k}" for k in range(len(values)))
    return Sample(group, names, values, np.ones(len(values)), parts, {n: tuple(m) for n, m in marks.items()})


def _rejects(found: object) -> bool:
    return isinstance(found, Effect) and found.p_value <= ALPHA


def _compare(pair: Sequence[Sample], settings: Settings) -> bool:
    return _rejects(compare(pair, _PAIR, what="rate", method="default", settings=settings))


def _clusters(
    studies: int, rng: np.random.Generator, *, sizes: tuple[int, ...], how: str, low: float = 320.0
) -> Verdicts:
    """Clusters of animals, CV 0.3 between clusters and between animals; whole ones treated, or halves."""
    code = np.repeat(np.arange(len(sizes)), sizes)
    within = np.concatenate([np.arange(k) for k in sizes])
    if how in ("units", "animals"):
        treated = code % 2 == 0
    elif how == "partly":
        # A third of the clusters hold both groups, the others one.
        treated = np.where(code % 3 == 0, within % 2 == 0, code % 2 == 0)
    else:
        treated = within % 2 == 0
    out = np.zeros(studies, dtype=bool)
    for k in range(studies):
        cluster = rng.lognormal(0.0, _SIGMA, len(sizes))[code]
        totals = rng.poisson(low * cluster * rng.lognormal(0.0, _SIGMA, len(code))).astype(float)
        names = [str(c) for c in code]
        pair = [
            _sample(g, totals[here], litter=[names[j] for j in np.flatnonzero(here)])
            for g, here in (("treated", treated), ("control", ~treated))
        ]
        if how == "units":
            pair = [as_units(one, "litter", "rate") for one in pair]
        settings = Settings(
            cluster="litter" if how in ("partly", "crossed") else None,
            blocks=("litter",) if how == "blocks" else (),
        )
        out[k] = _compare(pair, settings)
    return out


def _blocked(studies: int, rng: np.random.Generator) -> Verdicts:
    """Three batches that differ by a factor of 1.5 each, 2 animals of each group in each."""
    batch = ["a", "a", "b", "b", "c", "c"]
    shift = np.log(1.5) * np.array([0, 0, 1, 1, 2, 2])
    out = np.zeros(studies, dtype=bool)
    for k in range(studies):
        pair = [
            _sample(
                g,
                rng.poisson(320.0 * np.exp(shift + rng.normal(0.0, _SIGMA, 6))).astype(float),
                **{"block:b": batch},
            )
            for g in ("treated", "control")
        ]
        out[k] = _compare(pair, Settings(blocks=("block:b",)))
    return out


def _ancova(studies: int, rng: np.random.Generator) -> Verdicts:
    """Baseline and outcome of log-normal animals that correlate at 0.7, 6 a group."""
    out = np.zeros(studies, dtype=bool)
    for k in range(studies):
        pair = []
        for g in ("treated", "control"):
            before = rng.normal(0.0, 0.25, 6)
            after = 0.7 * before + rng.normal(0.0, 0.25 * math.sqrt(1.0 - 0.49), 6)
            pair.append(_sample(g, 20.0 * np.exp(after), **{"covariate:b": (20.0 * np.exp(before)).tolist()}))
        out[k] = _compare(pair, Settings(covariates=("covariate:b",)))
    return out


def _paired(studies: int, rng: np.random.Generator) -> Verdicts:
    """Two sides of 6 animals, CV 0.3 between animals and 0.2 between sides."""
    out = np.zeros(studies, dtype=bool)
    for k in range(studies):
        animal = rng.lognormal(0.0, _SIGMA, 6)
        sides = [rng.poisson(60.0 * animal * rng.lognormal(0.0, 0.2, 6)).astype(float) for _ in range(2)]
        pair = [_sample("m", side + 1.0) for side in sides]
        out[k] = _compare([pair[0], pair[1]], Settings(paired=True))
    return out


def _zeros(
    studies: int, rng: np.random.Generator, *, mean: float, exposures: tuple[float, float]
) -> Verdicts:
    """Few cells in animals looked at to very different extents, 6 a group."""
    cell = CountCell(6, 6, mean / 8.0, 1.0, exposures=exposures)
    return np.asarray(analyse_counts(draw_counts(cell, studies, rng)).p_value <= ALPHA)


def _all_zero(studies: int, rng: np.random.Generator) -> Verdicts:
    """Half a cell an animal, 5 a group, whatever answers: totals, or permutation where a group has none."""
    out = np.zeros(studies, dtype=bool)
    for k in range(studies):
        pair = [
            _sample(g, rng.poisson(0.5 * rng.lognormal(0.0, _SIGMA, 5)).astype(float)) for g in ("t", "c")
        ]
        out[k] = _compare(pair, Settings())
    return out


_LITTERS = (1, 6, 2, 5, 3, 4, 4, 3)
DESIGNS: dict[str, Callable[[int, np.random.Generator], Verdicts]] = {
    "equivalence within 1.5 found at a true ratio of 1.5, 5 animals a group": _equivalence(5),
    "equivalence within 1.5 found at a true ratio of 1.5, 8 animals a group": _equivalence(8),
    "any of 3 groups against control, 5 animals each: Holm over Welch": _three_holm,
    "any of 3 groups against control, 5 animals each: Dunnett of unequal spread": partial(
        _dunnett, n=(5, 5, 5, 5), cv=(0.3, 0.3, 0.3, 0.3)
    ),
    "any of 3 groups of 4, 5, 6 (CV 0.6, 0.3, 0.3) against 12 (CV 0.2): Dunnett of unequal spread": partial(
        _dunnett, n=(4, 5, 6, 12), cv=(0.6, 0.3, 0.3, 0.2)
    ),
    "any of 3 groups of 5 (CV 0.3) against 12 (CV 0.6): Dunnett of unequal spread": partial(
        _dunnett, n=(5, 5, 5, 12), cv=(0.3, 0.3, 0.3, 0.6)
    ),
    "WRONG: any of groups of 4, 5, 6 (CV 0.6, 0.3, 0.3) against 12 (CV 0.2): Dunnett of one spread": partial(
        _dunnett, n=(4, 5, 6, 12), cv=(0.6, 0.3, 0.3, 0.2), pooled=True
    ),
    "WRONG: any of 3 groups against control, 5 animals each, not adjusted": _three_alone,
    "2 x 2, 5 animals a cell: interaction found where there is none": _two_by_two(5),
    "2 x 2, 3 animals a cell: interaction found where there is none": _two_by_two(3),
    "treated cage by cage, 4 cages of 4 a group: cages as units": partial(
        _clusters, sizes=(4,) * 8, how="units"
    ),
    "WRONG: treated cage by cage, 4 cages of 4 a group: animals as units": partial(
        _clusters, sizes=(4,) * 8, how="animals"
    ),
    "treated litter by litter, 8 litters of 1 to 6: litters as units": partial(
        _clusters, sizes=_LITTERS, how="units"
    ),
    "WRONG: treated litter by litter, 8 litters of 1 to 6: animals as units": partial(
        _clusters, sizes=_LITTERS, how="animals"
    ),
    "both groups in each of 8 cages of 4: cages as blocks": partial(_clusters, sizes=(4,) * 8, how="blocks"),
    "both groups in each of 8 cages of 4: mixed model": partial(_clusters, sizes=(4,) * 8, how="crossed"),
    "both groups in a third of 9 litters of 2 to 5: mixed model": partial(
        _clusters, sizes=(2, 3, 4, 5, 2, 3, 4, 5, 3), how="partly"
    ),
    "three batches, 2 animals of each group in each: batch as block": _blocked,
    "day 0 as baseline (correlation 0.7), 6 animals a group": _ancova,
    "6 animals, each under both conditions: paired": _paired,
    "zeros, 2 cells an animal, exposures from 1 to 4": partial(_zeros, mean=2.0, exposures=(0.5, 2.0)),
    "zeros, 2 cells an animal, exposures from 1 to 16": partial(_zeros, mean=2.0, exposures=(0.25, 4.0)),
    "zeros, 5 cells an animal, exposures from 1 to 16": partial(_zeros, mean=5.0, exposures=(0.25, 4.0)),
    "half a cell an animal, 5 animals a group: totals, or exact permutation of an empty group": _all_zero,
}
"""Name to the false answers of many studies; nominal 5 %."""

_SLOW = ("mixed model", "permutation")


def run_design(name: str, studies: int, rng: np.random.Generator) -> dict[str, float]:
    """Return how often the false answer was given, with its Monte-Carlo error, and of how many studies."""
    many = min(studies, FEW) if any(word in name for word in _SLOW) else studies
    rate = float(DESIGNS[name](many, rng).mean())
    error = math.sqrt(max(rate * (1.0 - rate), 1e-12) / many)
    return {"rejection": rate, "rejection_error": error, "replicates": many}
