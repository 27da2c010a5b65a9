"""The marks that each change of cell behaviour leaves on every read-out, and what tells them apart.

Signs and sizes are computed by the resting lineage through the assays of a panel, never assumed. The
strength of a cause is the factor on its quantity; all causes are compared at one reference factor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from soleus.assays import weight_matrix
from soleus.catalogue.studies import load_study
from soleus.catalogue.causes import Cause, causes
from soleus.catalogue.panels import Panel, load_panel
from soleus.engines import PreparedMoments, Start, mean_cells, prepare_moments
from soleus.errors import InputError, NumericalError
from soleus.lineage import Lineage
from soleus.lineage.process import FloatArray
from soleus.planning import (
    Responses,
    Separation,
    Statistic,
    animal_covariance,
    statistic_values,
    statistics_of,
    tell_apart,
)
from soleus.study import Experiment, Study, bind
from soleus.study.spread import Relative, relative_covariance

__all__ = ["Fingerprint", "cause_factor", "fingerprint"]

_STUDY = "leg-day"
_STEPS = 8
_WIDEST = 4.0
_LARGEST_ERROR = 1e-3
_EDGE = 1e-3


@dataclass(frozen=True)
class Fingerprint:
    """What each cause does to each statistic of a panel, and which of them tell two causes apart.

    Attributes
    ----------
    day
        Days since the change began.
    reference
        Factor on each cause's quantity.
    animals
        Animals per group of the panels below.
    covariance
        Covariance of the statistics between animals at rest, shape (K, K).
    separations
        For each pair of causes.
    """

    panel: Panel
    day: float
    reference: float
    animals: int
    causes: tuple[Cause, ...]
    statistics: tuple[Statistic, ...]
    responses: Responses
    covariance: FloatArray
    separations: tuple[Separation, ...]

    def change(self, cause: str, statistic: str) -> float:
        """Return the change of a statistic: the log-ratio of a count, the log odds ratio of a share."""
        return float(self.responses.at_reference(cause)[self.responses.statistics.index(statistic)])

    def signal(self, cause: str, statistic: str) -> float:
        """Return that change in standard errors of the difference of two groups of ``animals``."""
        place = self.responses.statistics.index(statistic)
        error = np.sqrt(2.0 * self.covariance[place, place] / self.animals)
        return float(self.responses.at_reference(cause)[place] / error)


def fingerprint(
    panel: str = "svz", *, day: float = 28.0, reference: float = 1.5, animals: int = 8
) -> Fingerprint:
    """Compute the marks of all causes of a panel's lineage.

    Parameters
    ----------
    day
        Days from the change to the read-out; the panel's labels are given before it.
    reference
        Factor on each cause's quantity, above 1.
    animals
        Animals per group for the smallest panels.

    Raises
    ------
    InputError
        If the reference is not between 1 and 4, or a label would have to be given before the change.
    """
    if not 1.0 < reference < _WIDEST:
        raise InputError(f"the reference factor must lie between 1 and {_WIDEST:g}, got {reference:g}")
    loaded = load_panel(panel, end_day=day)
    study = _study(loaded, day)
    chosen = tuple(causes(loaded.lineage).values())
    grids = {c.name: _strengths(c, study.niche.lineage, reference) for c in chosen}
    groups = [_Group.of(study, assays) for assays in _by_tags(loaded)]
    names, index, means = _means(groups, chosen, grids)
    statistics = statistics_of(loaded.assays)
    at_rest = statistic_values(statistics, index, means[chosen[0].name][grids[chosen[0].name].rest])
    curves = tuple(statistic_values(statistics, index, means[c.name]) - at_rest for c in chosen)
    responses = Responses(
        tuple(c.name for c in chosen),
        tuple(s.name for s in statistics),
        curves,
        tuple(grids[c.name].reference for c in chosen),
    )
    covariance = animal_covariance(
        statistics,
        index,
        mean=means[chosen[0].name][grids[chosen[0].name].rest],
        relative=_together(groups, names),
        niche_cv=study.variation.niche_size_cv,
    )
    found = tell_apart(responses, covariance=covariance, animals=animals)
    return Fingerprint(loaded, day, reference, animals, chosen, statistics, responses, covariance, found)


def _study(panel: Panel, day: float) -> Study:
    """Return the control group's life, on the fitted resting lineage, to the day of the panel."""
    plain = load_study(_STUDY)
    if day > plain.sampling_days[-1]:
        raise InputError(f"day must be at most {plain.sampling_days[-1]:g}, got {day:g}")
    control = plain.control
    return replace(
        plain, groups=(control,), sampling_days=(day,), assays=panel.assays, reported=None, derived=()
    )


def _by_tags(panel: Panel) -> list[tuple]:
    """Return the assays in groups that need the same tags: each group is crossed with no more."""
    found: dict[tuple[str, ...], list] = {}
    for assay in panel.assays:
        found.setdefault(tuple(sorted(t.name for t in assay.tags)), []).append(assay)
    return [tuple(assays) for assays in found.values()]


@dataclass(frozen=True, slots=True)
class _Group:
    """Assays of the same tags, bound, with the moments of their read-outs from day 0 on."""

    experiment: Experiment
    prepared: PreparedMoments
    relative: Relative

    @staticmethod
    def of(study: Study, assays: tuple) -> _Group:
        experiment = bind(replace(study, assays=assays))
        if experiment.first_change < 0.0:
            raise InputError(
                f"a label of {[a.name for a in assays]} would be given {-experiment.first_change:g} days before "
                "the change begins; take a later day"
            )
        group, day = study.control.name, study.sampling_days[-1]
        modifiers, process = experiment.modifiers(group), experiment.process
        cells = mean_cells(process, modifiers, experiment.start, days=[0.0], tolerance=1e-9)[0]
        prepared = prepare_moments(
            process,
            modifiers.after(0.0),
            Start(cells, True, process.has_outside),
            weights=weight_matrix(experiment.readouts, process),
            days=[day],
            tolerance=1e-7,
        )
        return _Group(experiment, prepared, relative_covariance(experiment, group, day))

    def means(self, factors: Sequence[Mapping[str, float]]) -> FloatArray:
        """Return mean read-outs under factors on roles from day 0 on, shape (N, R)."""
        own = np.array([self.prepared.factors(f) for f in factors])
        for row in (own[0], own[-1]):
            error = self.prepared.error(own=row)
            if error > _LARGEST_ERROR:
                raise NumericalError(f"the steps in time err by {error:.1e} for the strongest change")
        return self.prepared.batch(own=own).mean[:, 0, :]


@dataclass(frozen=True, slots=True)
class _Grid:
    """Factors on a cause's quantity, increasing, with no change and the reference among them."""

    factors: tuple[float, ...]
    multipliers: tuple[float, ...]
    rest: int
    reference: int


def _strengths(cause: Cause, lineage: Lineage, reference: float) -> _Grid:
    # Equal steps of the logarithm that hit the reference, out to four-fold either way.
    step = np.log(reference) / max(1, round(np.log(reference) / np.log(_WIDEST) * _STEPS))
    number = int(np.log(_WIDEST) / step)
    wanted = [float(np.exp(step * k)) for k in range(-number, number + 1)]
    known = {f: cause_factor(cause, lineage, f) for f in wanted}
    factors = [f for f, m in known.items() if m is not None]
    multipliers = [m for m in known.values() if m is not None]
    nearest = [abs(np.log(f / reference)) for f in factors]
    if min(nearest) > 1e-9:
        raise InputError(f"{cause.quantity} cannot be changed {reference:g}-fold; take a smaller reference")
    rest = int(np.argmin([abs(np.log(f)) for f in factors]))
    return _Grid(tuple(factors), tuple(multipliers), rest, int(np.argmin(nearest)))


def cause_factor(cause: Cause, lineage: Lineage, factor: float) -> float | None:
    """Return the multiplier of the cause's role that changes its quantity by a factor, or None if none can.

    Notes
    -----
    For divisions, lineages that divide 1 to K + 1 times through K transitions with a fate of the role:
    the mean number is ``1 + p_1 + p_1 p_2 + ...`` with each p weighted by the multiplier.
    """
    if cause.acts_on == "rate":
        return factor
    if cause.acts_on == "time":
        return 1.0 / factor
    from scipy.optimize import brentq

    number = _divisions(lineage, cause.role)
    wanted = number(1.0) / factor
    if not number(_EDGE) < wanted < number(1.0 / _EDGE):
        return None
    return float(np.exp(brentq(lambda x: number(float(np.exp(x))) - wanted, np.log(_EDGE), -np.log(_EDGE))))


def _divisions(lineage: Lineage, role: str) -> Callable[[float], float]:
    """Return the mean number of divisions by the multiplier of the fates that go on dividing."""
    again = [
        sum(f.probability for f in t.fates if f.role == role)
        for t in lineage.transitions
        if any(f.role == role for f in t.fates)
    ]

    def number(multiplier: float) -> float:
        total, reached = 1.0, 1.0
        for p in again:
            reached *= p * multiplier / (p * multiplier + 1.0 - p)
            total += reached
        return total

    return number


def _means(
    groups: Sequence[_Group], chosen: Sequence[Cause], grids: Mapping[str, _Grid]
) -> tuple[list[str], dict[str, int], dict[str, FloatArray]]:
    """Return all read-outs, their places, and their means by strength of each cause, (S, R)."""
    names = [r.name for g in groups for r in g.experiment.readouts]
    found = {
        c.name: np.hstack([g.means([{c.role: m} for m in grids[c.name].multipliers]) for g in groups])
        for c in chosen
    }
    return names, {name: k for k, name in enumerate(names)}, found


def _together(groups: Sequence[_Group], names: Sequence[str]) -> Relative:
    """Return the spread of all read-outs; chance is taken as independent between groups of tags."""
    demographic = np.zeros((len(names), len(names)))
    first = 0
    for group in groups:
        size = len(group.experiment.readouts)
        demographic[first : first + size, first : first + size] = group.relative.demographic
        first += size
    own = np.concatenate([g.relative.own_rates for g in groups], axis=2)
    variance = np.concatenate([g.relative.log_variance for g in groups])
    return Relative(demographic, variance, demographic, own)
