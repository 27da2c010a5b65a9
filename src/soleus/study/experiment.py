"""Bind a study: the compiled process, the modifiers of each group, the read-outs.

An :class:`Experiment` is what ``simulate`` and ``log_prob`` work on. Its numbers can be replaced by
a ``theta`` (see :meth:`Experiment.at`), which is how a study is fitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from soleus.assays import CellReadout, PublishedMean, weight_matrix
from soleus.engines import Start, mean_cells
from soleus.errors import InputError, ModelError, unknown_name
from soleus.lineage import Process, cross, embed
from soleus.lineage.process import FloatArray
from soleus.movement import (
    LogTerm,
    Mechanism,
    ModifierGrid,
    Modifiers,
    matches,
    refine,
    signal_courses,
)
from soleus.study.design import Assay, GroupPlan, Study

__all__ = ["Experiment", "bind"]

GAIN = "gain:"
SCALE = "scale:"
DISCREPANCY = "discrepancy_cv"
_MEAN_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Experiment:
    """A bound study.

    Attributes
    ----------
    gains
        Mechanism to its log-gain; a mechanism that is not listed does nothing.
    edges
        Days of the modifier grid, shared by all groups so that twins stay comparable bit by bit.
    """

    study: Study
    gains: Mapping[str, float]
    grid_error: float
    edges: FloatArray

    @cached_property
    def process(self) -> Process:
        """The compiled process, crossed with the tags of the study's assays."""
        tags, process = self.study.tags(), self.study.niche.process
        return cross(process, tags) if tags else process

    @cached_property
    def start(self) -> Start:
        """The start at the lineage's reference age, of an animal of average niche size."""
        start = self.study.niche.start_at_reference()
        return replace(start, mean=embed(self.process, start.mean))

    @property
    def first_change(self) -> float:
        """The day until which all groups live alike: the first label, or the intervention's start."""
        begins = [float(s.edges[0]) for s in self.process.switches]
        return min([0.0, *(j.day for j in self.process.jumps), *begins])

    @cached_property
    def readouts(self) -> tuple[CellReadout, ...]:
        """All read-outs of the study."""
        return self.study.readouts()

    @cached_property
    def weights(self) -> FloatArray:
        """Weights of the read-outs, shape (R, n)."""
        return weight_matrix(self.readouts, self.process)

    @cached_property
    def mechanisms(self) -> tuple[Mechanism, ...]:
        """The mechanisms that are switched on and act on this niche."""
        return tuple(m for m in self.study.mechanisms if m.acts_in(self.study.niche.niche))

    @cached_property
    def _grids(self) -> dict[str, ModifierGrid]:
        return {
            g.name: ModifierGrid.build(_terms(self.study, g, self.mechanisms), self.edges)
            for g in self.study.groups
        }

    def modifiers(self, group: str, gains: Mapping[str, float] | None = None) -> Modifiers:
        """Return a group's modifiers under the experiment's gains, or under others."""
        if group not in self._grids:
            raise unknown_name(f"group of study {self.study.name!r}", group, self._grids)
        chosen = self.gains if gains is None else gains
        known = {m.name for m in self.mechanisms}
        for name in chosen:
            if name not in known:
                raise unknown_name("mechanism that is on", name, known)
        return self._grids[group].modifiers({name: chosen.get(name, 0.0) for name in known})

    def true_means(
        self, group: str, *, days: tuple[float, ...] | None = None, gains: Mapping[str, float] | None = None
    ) -> FloatArray:
        """Return the true mean read-outs of an average animal, shape (D, R)."""
        cells = mean_cells(
            self.process,
            self.modifiers(group, gains),
            self.start,
            days=days or self.study.sampling_days,
            tolerance=_MEAN_TOLERANCE,
        )
        return np.asarray(cells @ self.weights.T)

    def at(self, theta: Mapping[str, float]) -> Experiment:
        """Return the experiment with the numbers of ``theta``.

        Parameters
        ----------
        theta
            Lineage parameters by name; ``gain:<mechanism>``; ``scale:<name>`` and
            ``discrepancy_cv`` of published means. Natural units.
        """
        niche = {k: v for k, v in theta.items() if k in self.study.niche.parameters}
        gains = {k.removeprefix(GAIN): v for k, v in theta.items() if k.startswith(GAIN)}
        scales = {k.removeprefix(SCALE): v for k, v in theta.items() if k.startswith(SCALE)}
        rest = set(theta) - set(niche) - {GAIN + k for k in gains} - {SCALE + k for k in scales}
        assays = self.study.assays
        known_scales = {a.scale_name for a in assays if isinstance(a, PublishedMean)}
        # A discrepancy belongs to published means; without any it would be lost in silence.
        allowed = {DISCREPANCY} if known_scales else set()
        _refuse_unknown(rest - allowed, "parameter", {*self.study.niche.parameters, *allowed})
        _refuse_unknown(set(scales) - known_scales, "scale factor", known_scales)
        on = {m.name for m in self.mechanisms}
        _refuse_unknown(set(gains) - on, "mechanism that is on", on)
        changed = tuple(_with_theta(a, scales, theta.get(DISCREPANCY)) for a in assays)
        study = replace(self.study, niche=self.study.niche.with_parameters(niche), assays=changed)
        return replace(self, study=study, gains={**self.gains, **gains})


def bind(study: Study, *, gains: Mapping[str, float] | None = None, grid_error: float = 0.05) -> Experiment:
    """Bind a study to its process, modifiers and read-outs.

    Parameters
    ----------
    gains
        Mechanism to log-gain; none by default (no effect).
    grid_error
        Largest deviation of a log-modifier from the middle of its range on an interval, at the
        largest gain that each mechanism allows.
    """
    if not 1e-4 <= grid_error <= 0.5:
        raise InputError(f"grid_error must lie in [1e-4, 0.5], got {grid_error}")
    mechanisms = tuple(m for m in study.mechanisms if m.acts_in(study.niche.niche))
    on = {m.name for m in mechanisms}
    _refuse_unknown(set(gains or {}) - on, "mechanism that is on", on)
    first, last = study.niche.reference_age_days - study.age_days, study.sampling_days[-1]
    needed = {first, 0.0, *study.sampling_days}
    for group in study.groups:
        # What a donor lived through before its cells were plated is no part of the culture's process.
        needed |= {d for d in group.regimen.change_days if first <= d <= last}
    edges = np.array(sorted(needed))
    if len(edges) == 1:
        edges = np.array([edges[0], edges[0] + 1.0])
    for group in study.groups:
        terms = _terms(study, group, mechanisms)
        scales = {m.name: m.max_log_gain for m in mechanisms}
        edges = refine(terms, edges=list(edges), scales=scales, error=grid_error * _widest(mechanisms))
    return Experiment(study, dict(gains or {}), grid_error, edges)


def _widest(mechanisms: tuple[Mechanism, ...]) -> float:
    """A grid for the largest gain would be needlessly fine at the usual ones."""
    return max([1.0, *(0.5 * m.max_log_gain for m in mechanisms)])


def _terms(study: Study, group: GroupPlan, mechanisms: tuple[Mechanism, ...]) -> list[LogTerm]:
    terms = study.niche.age_terms(study.age_days)
    courses = signal_courses(study.signals, group.regimen, study.feedbacks)
    for mechanism in mechanisms:
        if mechanism.signal in group.silenced:
            continue
        course = courses[mechanism.signal]
        terms.append(
            LogTerm(
                mechanism.name,
                mechanism.role,
                lambda days, m=mechanism, c=course: m.response(c.deviation(days)),  # type: ignore[misc]
            )
        )
    return [full for term in terms for full in _on_full_roles(term, study.niche.process.roles)]


def _on_full_roles(term: LogTerm, roles: tuple[str, ...]) -> list[LogTerm]:
    """Return the term once for each role that it names, so that all terms of a role meet in one mean."""
    hit = [role for role in roles if matches(role, term.role)]
    if not hit:
        raise ModelError(
            f"{term.name!r} acts on role {term.role!r}, which the lineage lacks: {sorted(roles)}"
        )
    return [replace(term, role=role) for role in hit]


def _with_theta(assay: Assay, scales: Mapping[str, float], discrepancy: float | None) -> Assay:
    if not isinstance(assay, PublishedMean):
        return assay
    return replace(
        assay,
        scale=scales.get(assay.scale_name, assay.scale),
        discrepancy_cv=assay.discrepancy_cv if discrepancy is None else discrepancy,
    )


def _refuse_unknown(names: set[str], kind: str, known: Iterable[str]) -> None:
    for name in sorted(names):
        raise unknown_name(kind, name, known)
