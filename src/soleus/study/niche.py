"""A niche: a lineage whose numbers are named parameters, with its age laws and its start.

The same niche serves the fit (parameters vary) and the study (parameters fixed).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from soleus.engines import Start, quasi_stationary
from soleus.errors import InputError, unknown_name
from soleus.lineage import Lineage, Process, compile_lineage
from soleus.lineage.process import FloatArray
from soleus.movement import LogTerm, ModifierGrid

__all__ = ["AgeLaw", "Niche", "StartRule"]


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
    """Totals per type at the reference age, and the types in balance with them."""

    totals: Mapping[str, float]
    slaved: tuple[str, ...]


@dataclass(frozen=True)
class Niche:
    """A lineage with named parameters, in internal units (days, cells, per day).

    Parameters
    ----------
    build, laws, start
        Functions of the parameters.
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

    def with_parameters(self, changes: Mapping[str, float]) -> Niche:
        """Return the same niche with other numbers."""
        for name in changes:
            if name not in self.parameters:
                raise unknown_name(f"parameter of lineage {self.name!r}", name, self.parameters)
        return replace(self, parameters={**self.parameters, **changes})

    @cached_property
    def lineage(self) -> Lineage:
        """The lineage at the current parameters."""
        return self.build(self.parameters)

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
        """Return the quasi-stationary Poisson start at the reference age."""
        age = self.reference_age_days
        terms = self.age_terms(0.0)
        grid = ModifierGrid.build(terms, np.array([age - 0.5, age + 0.5]))
        modifiers = grid.modifiers({})
        rule = self.start(self.parameters)
        values = modifiers.on_roles(self.process.roles)[:, 0]
        return quasi_stationary(self.process, rule.totals, rule.slaved, role_values=values)

    def check_age(self, age_days: float) -> None:
        """Refuse an age before the reference age, from which the lineage is run in."""
        if age_days < self.reference_age_days:
            raise InputError(
                f"lineage {self.name!r} starts at {self.reference_age_days:g} days of age; animals of "
                f"{age_days:g} days are younger: no published totals to start from"
            )
