"""False answers of equivalence, several groups, 2 x 2 and cages, by the code that soleus ships."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.error_cases import ANIMAL_CV, Cell, simulate
from soleus.analysis.answers import Effect
from soleus.analysis.clusters import as_units, within_clusters
from soleus.analysis.compare import Settings, compare
from soleus.analysis.contrasts import welch
from soleus.analysis.equivalence import ALPHA, tost_p_value
from soleus.analysis.multiplicity import dunnett, holm
from soleus.analysis.nesting import Sample

__all__ = ["DESIGNS", "run_design"]

Array = NDArray[np.float64]
_SETTINGS = Settings()
_PAIR = (1.0, -1.0)


def _log_totals(n: int, ratios: tuple[float, ...], studies: int, rng: np.random.Generator) -> list[Array]:
    """Log totals of groups whose true mean is 40 a section times a ratio."""
    return [np.log(simulate(Cell(n, 2, 40.0, r), studies, rng).totals[0]) for r in ratios]


def _equivalence(n: int) -> Callable[[int, np.random.Generator], NDArray[np.bool_]]:
    def run(studies: int, rng: np.random.Generator) -> NDArray[np.bool_]:
        margin = 1.5
        found = welch(_log_totals(n, (margin, 1.0), studies, rng), _PAIR)
        parts = zip(found.estimate, found.se, found.df, strict=True)
        limit = math.log(margin)
        return np.array([tost_p_value(e, se=s, df=d, log_margin=limit) <= ALPHA for e, s, d in parts])

    return run


def _three_holm(studies: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    groups = _log_totals(5, (1.0,) * 4, studies, rng)
    p = np.stack([welch([one, groups[3]], _PAIR).p_value for one in groups[:3]], axis=1)
    return np.array([min(x for x in holm(row.tolist()) if x is not None) <= ALPHA for row in p])


def _three_alone(studies: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    groups = _log_totals(5, (1.0,) * 4, studies, rng)
    p = np.stack([welch([one, groups[3]], _PAIR).p_value for one in groups[:3]], axis=1)
    return np.asarray((p <= ALPHA).any(axis=1))


def _three_dunnett(studies: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    groups = _log_totals(5, (1.0,) * 4, studies, rng)
    # The critical value depends on the design alone, so that one call of the test gives it.
    first = dunnett([g[0] for g in groups[:3]], groups[3][0], level=0.95, seed=1)[0]
    critical = (first.high - first.difference) / first.se
    pooled = sum(g.var(axis=1, ddof=1) for g in groups) / 4.0
    se = np.sqrt(pooled * (2.0 / 5.0))
    t = np.stack([np.abs(g.mean(axis=1) - groups[3].mean(axis=1)) / se for g in groups[:3]])
    return np.asarray((t > critical).any(axis=0))


def _two_by_two(studies: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    # Two main effects, no interaction on the log scale.
    groups = _log_totals(5, (1.0, 0.7, 0.5, 0.35), studies, rng)
    return np.asarray(welch(groups, (1.0, -1.0, -1.0, 1.0)).p_value <= ALPHA)


def _caged(studies: int, rng: np.random.Generator, *, crossed: bool) -> tuple[tuple[Sample, Sample], ...]:
    """Eight cages of four, CV 0.3 between cages and between animals; whole cages treated, or half of each."""
    sigma = math.sqrt(math.log(1.0 + ANIMAL_CV**2))
    cages = rng.lognormal(0.0, sigma, (studies, 8, 1))
    animals = rng.lognormal(0.0, sigma, (studies, 8, 4))
    totals = rng.poisson(320.0 * cages * animals).astype(np.float64)
    place = np.arange(32).reshape(8, 4)
    treated = place % 2 == 0 if crossed else place < 16
    out = []
    for study in totals:
        pair = []
        for name, here in (("treated", treated), ("control", ~treated)):
            values = study[here]
            names = tuple(str(k) for k in place[here])
            cage = tuple(str(k // 4) for k in place[here])
            parts = tuple((values[k : k + 1], np.ones(1)) for k in range(len(values)))
            pair.append(Sample(name, names, values, np.ones(len(values)), parts, cage))
        out.append((pair[0], pair[1]))
    return tuple(out)


def _default(groups: Sequence[Sample]) -> object:
    return compare(groups, _PAIR, what="rate", method="default", settings=_SETTINGS)


def _rejects(found: object) -> bool:
    assert isinstance(found, Effect), found
    return found.p_value <= ALPHA


def _cages_as_units(studies: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    pairs = _caged(studies, rng, crossed=False)
    return np.array([
        _rejects(
            _default([as_units(s, "rate") for s in pair])
        )
        for pair in pairs
    ])  # fmt: skip


def _animals_as_units(studies: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    pairs = _caged(studies, rng, crossed=False)
    return np.array([
        _rejects(_default(pair)) for pair in pairs
    ])  # fmt: skip


def _within_cages(studies: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    pairs = _caged(studies, rng, crossed=True)
    return np.array(
        [_rejects(within_clusters(pair, cluster="cage", raw=False, settings=_SETTINGS)) for pair in pairs]
    )


DESIGNS: dict[str, Callable[[int, np.random.Generator], NDArray[np.bool_]]] = {
    "equivalence within 1.5 found at a true ratio of 1.5, 5 animals a group": _equivalence(5),
    "equivalence within 1.5 found at a true ratio of 1.5, 8 animals a group": _equivalence(8),
    "any of 3 groups against control, 5 animals each: Holm over Welch": _three_holm,
    "any of 3 groups against control, 5 animals each: Dunnett": _three_dunnett,
    "WRONG: any of 3 groups against control, 5 animals each, not adjusted": _three_alone,
    "2 x 2, 5 animals a cell: interaction found where there is none": _two_by_two,
    "treated cage by cage, 4 cages of 4 a group: cages as units": _cages_as_units,
    "WRONG: treated cage by cage, 4 cages of 4 a group: animals as units": _animals_as_units,
    "both groups in each of 8 cages: animals within their cages": _within_cages,
}
"""Name to the false answers of many studies; nominal 5 %."""


def run_design(name: str, studies: int, rng: np.random.Generator) -> dict[str, float]:
    """Return how often the false answer was given, with its Monte-Carlo error."""
    rate = float(DESIGNS[name](studies, rng).mean())
    return {"rejection": rate, "rejection_error": math.sqrt(max(rate * (1.0 - rate), 1e-12) / studies)}
