"""The marks that each change of cell behaviour leaves on every read-out, and what tells them apart.

Signs and sizes are computed by the resting lineage through the assays of a panel, never assumed. The
strength of a cause is the factor on its quantity. Marks are shown at one factor for all. To be told apart,
causes are taken where they lower one leading read-out (Ki67+ cells) by the same share, since that is what a
laboratory has seen when it asks; a cause that cannot lower it so far is taken at its strongest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from soleus.assays import weight_matrix
from soleus.catalogue.causes import Cause, causes
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.panels import Panel, load_panel
from soleus.catalogue.studies import load_study
from soleus.engines import PreparedMoments, Start, mean_cells, prepare_moments
from soleus.errors import InputError, NumericalError, unknown_name
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
from soleus.study.design import LabAssay
from soleus.study.spread import Relative, relative_covariance

__all__ = ["Fingerprint", "cause_factor", "fingerprint"]

_STEP = np.log(4.0) / 8.0
_LARGEST_ERROR = 1e-2
_EDGE = 1e-3


@dataclass(frozen=True)
class Fingerprint:
    """What each cause does to each statistic of a panel, and which of them tell two causes apart.

    Attributes
    ----------
    day
        Days since the change began.
    factor
        Factor on each cause's quantity at which ``marks`` are shown.
    fall
        Share by which the leading read-out falls where causes are told apart.
    animals
        Animals per group of the panels below.
    marks
        Changes at ``factor``, shape (causes, K): log-ratios of counts, log odds ratios of shares.
    strengths
        Factor at which each cause is told from the others, and the change of the leading read-out there.
    covariance
        Covariance of the statistics between animals at rest, shape (K, K).
    separations
        For each pair of causes.
    """

    panel: Panel
    day: float
    factor: float
    fall: float
    animals: int
    causes: tuple[Cause, ...]
    statistics: tuple[Statistic, ...]
    marks: FloatArray
    strengths: tuple[tuple[float, float], ...]
    responses: Responses
    covariance: FloatArray
    separations: tuple[Separation, ...]

    def change(self, cause: str, statistic: str) -> float:
        """Return the change of a statistic: the log-ratio of a count, the log odds ratio of a share."""
        return float(self.marks[self.responses.place(cause), self._column(statistic)])

    def _column(self, statistic: str) -> int:
        if statistic not in self.responses.statistics:
            raise unknown_name("statistic", statistic, self.responses.statistics)
        return self.responses.statistics.index(statistic)

    def signal(self, cause: str, statistic: str) -> float:
        """Return that change in standard errors of the difference of two groups of ``animals``."""
        place = self._column(statistic)
        error = np.sqrt(2.0 * self.covariance[place, place] / self.animals)
        return self.change(cause, statistic) / float(error)


def fingerprint(
    catalogue: Catalogue,
    panel: str,
    *,
    day: float = 28.0,
    factor: float = 1.5,
    fall: float = 0.3,
    animals: int = 8,
) -> Fingerprint:
    """Compute the marks of all causes of a panel's lineage.

    Parameters
    ----------
    day
        Days from the change to the read-out; the panel's labels are given before it.
    factor
        Factor on each cause's quantity at which the marks are shown, between 1 and 16.
    fall
        Share by which Ki67+ cells fall where causes are told apart, between 0 and 1.
    animals
        Animals per group for the smallest panels.

    Raises
    ------
    InputError
        If a number is out of its range, or a label would have to be given before the change.
    """
    if not (1.0 < factor < 16.0 and 0.0 < fall < 1.0):
        raise InputError(
            f"factor must lie between 1 and 16 and fall between 0 and 1, got {factor:g} and {fall:g}"
        )
    loaded = load_panel(catalogue, panel, end_day=day)
    study = _study(catalogue, loaded, day)
    chosen = tuple(causes(catalogue, loaded.lineage).values())
    grids = {c.name: _strengths(c, study.niche.lineage, factor) for c in chosen}
    groups = [_Group.of(study, assays) for assays in _by_tags(loaded)]
    names, index, means = _means(groups, chosen, grids)
    statistics = statistics_of(loaded.assays)
    at_rest = statistic_values(statistics, index, means[chosen[0].name][grids[chosen[0].name].rest])
    curves = tuple(statistic_values(statistics, index, means[c.name]) - at_rest for c in chosen)
    names_of = tuple(s.name for s in statistics)
    leading = names_of.index(loaded.leading)
    asked = tuple(
        _asked(c[:, leading], grids[x.name].rest, np.log1p(-fall))
        for c, x in zip(curves, chosen, strict=True)
    )
    responses = Responses(tuple(c.name for c in chosen), names_of, curves, asked)
    covariance = animal_covariance(
        statistics,
        index,
        mean=means[chosen[0].name][grids[chosen[0].name].rest],
        relative=_together(groups, names),
        niche_cv=study.variation.niche_size_cv,
    )
    found = tell_apart(responses, covariance=covariance, animals=animals)
    return Fingerprint(
        panel=loaded,
        day=day,
        factor=factor,
        fall=fall,
        animals=animals,
        causes=chosen,
        statistics=statistics,
        marks=np.array([c[grids[x.name].shown] for c, x in zip(curves, chosen, strict=True)]),
        strengths=tuple(
            (grids[x.name].factors[k], float(c[k, leading]))
            for c, x, k in zip(curves, chosen, asked, strict=True)
        ),
        responses=responses,
        covariance=covariance,
        separations=found,
    )


def _asked(change: FloatArray, rest: int, wanted: float) -> int:
    """Return the weakest strength at which the leading read-out has fallen so far, or the lowest point."""
    reached = np.flatnonzero(change <= wanted)
    if len(reached) == 0:
        return int(np.argmin(change))
    return int(reached[np.argmin(np.abs(reached - rest))])


def _study(catalogue: Catalogue, panel: Panel, day: float) -> Study:
    """Return the control group's life, on the fitted resting lineage, to the day of the panel."""
    plain = load_study(catalogue, panel.study)
    if day > plain.sampling_days[-1]:
        raise InputError(f"day must be at most {plain.sampling_days[-1]:g}, got {day:g}")
    control = plain.control
    return replace(
        plain, groups=(control,), sampling_days=(day,), assays=panel.assays, reported=None, derived=()
    )


def _by_tags(panel: Panel) -> list[tuple[LabAssay, ...]]:
    """Return the assays in groups that need the same tags: each group is crossed with no more."""
    found: dict[tuple[str, ...], list[LabAssay]] = {}
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
    def of(study: Study, assays: tuple[LabAssay, ...]) -> _Group:
        experiment = bind(replace(study, assays=assays))
        if experiment.first_change < 0.0:
            raise InputError(
                f"a label of {[a.name for a in assays]} would be given {-experiment.first_change:g} days "
                "before the change begins; take a later day"
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
            tolerance=1e-9,
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
    """Factors on a cause's quantity, increasing, with no change and the one to be shown among them."""

    factors: tuple[float, ...]
    multipliers: tuple[float, ...]
    rest: int
    shown: int


def _strengths(cause: Cause, lineage: Lineage, shown: float) -> _Grid:
    # Equal steps of the logarithm that hit the factor to be shown.
    step = np.log(shown) / max(1, round(np.log(shown) / _STEP))
    number = int(np.log(cause.widest) / step)
    wanted = [float(np.exp(step * k)) for k in range(-number, number + 1)]
    known = {f: cause_factor(cause, lineage, f) for f in wanted}
    factors = [f for f, m in known.items() if m is not None]
    multipliers = [m for m in known.values() if m is not None]
    nearest = [abs(np.log(f / shown)) for f in factors]
    if min(nearest) > 1e-9:
        raise InputError(f"{cause.quantity} cannot be changed {shown:g}-fold; take a smaller factor")
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
