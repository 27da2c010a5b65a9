"""A niche: a lineage whose numbers are named parameters, with its age laws and its start.

The same niche serves the fit (parameters vary) and the study (parameters fixed).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np

from soleus.engines import Start, quasi_stationary, stable_growth
from soleus.errors import InputError, ModelError, unknown_name
from soleus.lineage import Lineage, Process, compile_lineage
from soleus.lineage.process import FloatArray
from soleus.movement import LogTerm, ModifierGrid, role_factors
from soleus.study.passages import Passage, plan_passages, with_passages
from soleus.values import Number

__all__ = ["AgeLaw", "Niche", "StartForm", "StartRule"]

StartForm = Literal["quasi-stationary", "stable-growth"]


@dataclass(frozen=True, slots=True)
class AgeLaw:
    """``log m(age)``, relative to ``reference_age_days``.

    Parameters
    ----------
    slope_per_day
        Exponential law: ``offset + slope * (age - reference)``.
    gain, scale_days
        Saturating law, if ``scale_days`` is given:
        ``offset + gain * (1 - exp(-(age - reference) / scale))``.
    """

    role: str
    reference_age_days: float
    offset: float = 0.0
    slope_per_day: float = 0.0
    gain: float = 0.0
    scale_days: float | None = None

    def __call__(self, age_days: FloatArray) -> FloatArray:
        """Return the log-modifier at an age, shape (...,)."""
        since = np.asarray(age_days, dtype=float) - self.reference_age_days
        log_m = self.offset + self.slope_per_day * since
        if self.scale_days is not None:
            log_m = log_m - self.gain * np.expm1(-since / self.scale_days)
        return np.asarray(log_m)


@dataclass(frozen=True, slots=True)
class StartRule:
    """What cells a niche starts with, at the reference age.

    Parameters
    ----------
    totals, slaved
        Form ``quasi-stationary``: totals per type, and the types in balance with them.
    total, under
        Form ``stable-growth``, of cultures: all cells, in the shares of a population that has grown for
        long; with factors on roles in that past, where it was another (mitogens that are now gone).
    """

    totals: Mapping[str, float] = field(default_factory=dict)
    slaved: tuple[str, ...] = ()
    form: StartForm = "quasi-stationary"
    total: float | None = None
    under: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelNumber:
    """A number of a lineage as the model computes with it, beside where it is from.

    Parameters
    ----------
    plain
        In internal units: what engines see.
    number
        The same in the unit of its source.
    """

    plain: float
    number: Number


@dataclass(frozen=True)
class Niche:
    """A lineage with named parameters, in internal units (days, cells, per day).

    Parameters
    ----------
    build, laws, start
        Functions of the parameters.
    dissociation_survival
        Name of the parameter with the probability that a cell lives through a passage; None where a
        lineage knows no passages.
    passages
        Of a culture, in order; see :meth:`with_passages`.
    numbers
        Where parameters are from, as far as it is known.

    Raises
    ------
    ModelError
        If a number beside a parameter is not the one that is computed with.
    """

    name: str
    label: str
    niche: str
    species: str
    reference_age_days: float
    parameters: Mapping[str, float]
    build: Callable[[Mapping[str, float]], Lineage]
    laws: Callable[[Mapping[str, float]], tuple[AgeLaw, ...]]
    start: Callable[[Mapping[str, float]], StartRule]
    dissociation_survival: str | None = None
    passages: tuple[Passage, ...] = ()
    numbers: Mapping[str, ModelNumber] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, one in self.numbers.items():
            if self.parameters.get(name) != one.plain:
                raise ModelError(
                    f"lineage {self.name!r}: parameter {name!r} is {self.parameters.get(name)}, but its "
                    f"source is that of {one.plain}; change it by with_parameters"
                )

    @property
    def in_culture(self) -> bool:
        """Whether it begins when it is plated, in the composition of stable growth."""
        return self.start(self.parameters).form == "stable-growth"

    def with_passages(
        self,
        days: Sequence[float],
        *,
        survival: float | Mapping[str, float] | None = None,
        plated_fraction: float | Sequence[float] = 1.0,
    ) -> Niche:
        """Return the same culture with passages, in place of any that it has.

        Parameters
        ----------
        days
            Increasing days after plating (day 0). A count on the day of a passage is taken before it.
        survival
            Probability that a cell lives through dissociation, or one for each cell type; None: the
            lineage's own parameter, which can then be fitted.
        plated_fraction
            Share of the living cells that is plated again, in (0, 1], one or one a passage. With 1 the
            culture is followed as a whole and its cells are the cumulated number. With less, one flask
            is followed; divide by :func:`~soleus.study.passages.plated_share` for the cumulated number, whose
            mean is the same since cells do not interact.

        Raises
        ------
        InputError, ModelError
        """
        if survival is None and self.dissociation_survival is None:
            raise ModelError(f"lineage {self.name!r} has no survival of dissociation; give it (0 to 1)")
        return replace(self, passages=plan_passages(days, survival=survival, plated_fraction=plated_fraction))

    def at_plating(self, donor_age_days: float) -> Niche:
        """Return the same culture with day 0 of the study (plating) at its donors' age."""
        if not self.in_culture:
            raise ModelError(f"lineage {self.name!r} is no culture: its age is its animal's")
        return replace(self, reference_age_days=donor_age_days)

    def with_parameters(self, changes: Mapping[str, float]) -> Niche:
        """Return the same niche with other numbers, of which no source is known."""
        for name in changes:
            if name not in self.parameters:
                raise unknown_name(f"parameter of lineage {self.name!r}", name, self.parameters)
        kept = {name: one for name, one in self.numbers.items() if name not in changes}
        return replace(self, parameters={**self.parameters, **changes}, numbers=kept)

    @cached_property
    def lineage(self) -> Lineage:
        """The lineage at the current parameters, with its passages."""
        own = self.dissociation_survival
        survival = 1.0 if own is None else self.parameters[own]
        return with_passages(self.build(self.parameters), self.passages, survival=survival)

    @cached_property
    def process(self) -> Process:
        """The compiled process at the current parameters."""
        return compile_lineage(self.lineage)

    def age_terms(self, age_at_day_0: float) -> list[LogTerm]:
        """Return the age laws as log-modifier terms on the study's days."""
        return [
            LogTerm("age", law.role, lambda days, law=law: law(np.asarray(days) + age_at_day_0))  # type: ignore[misc]
            for law in self.laws(self.parameters)
        ]

    def start_at_reference(self) -> Start:
        """Return the Poisson start at the reference age: quasi-stationary, or in stable growth."""
        age = self.reference_age_days
        terms = self.age_terms(0.0)
        grid = ModifierGrid.build(terms, np.array([age - 0.5, age + 0.5]))
        modifiers = grid.modifiers({})
        rule = self.start(self.parameters)
        values = modifiers.on_roles(self.process.roles)[:, 0]
        if rule.form == "stable-growth":
            values = values * role_factors(self.process.roles, rule.under)
            return stable_growth(self.process, rule.total or 0.0, role_values=values)
        return quasi_stationary(self.process, rule.totals, rule.slaved, role_values=values)

    def check_age(self, age_days: float) -> None:
        """Refuse an age before the reference age, from which the lineage is run in."""
        if age_days < self.reference_age_days:
            raise InputError(
                f"lineage {self.name!r} starts at {self.reference_age_days:g} days of age; animals of "
                f"{age_days:g} days are younger: no published totals to start from"
            )
