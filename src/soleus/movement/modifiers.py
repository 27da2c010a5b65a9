"""Rate modifiers on a time grid: what every engine takes from movement, age and animal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from soleus.errors import ModelError

__all__ = ["Modifiers", "matches", "role_factors", "role_hits"]

FloatArray = NDArray[np.float64]


def matches(role: str, pattern: str) -> bool:
    """Whether a role is named by a pattern: itself, or a prefix that ends at a dot."""
    return role == pattern or role.startswith(pattern + ".")


@lru_cache(maxsize=256)
def role_hits(roles: tuple[str, ...], patterns: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """Return, for each pattern, the roles that it names."""
    found = []
    for pattern in patterns:
        hit = tuple(i for i, role in enumerate(roles) if matches(role, pattern))
        if not hit:
            raise ModelError(
                f"modifier of role {pattern!r} moves nothing; roles of the lineage: {sorted(roles)}"
            )
        found.append(hit)
    return tuple(found)


def role_factors(roles: tuple[str, ...], factors: Mapping[str, float]) -> FloatArray:
    """Return one factor for each role, shape (R,), from factors on roles or prefixes of them."""
    own = np.ones(len(roles))
    for hit, factor in zip(role_hits(roles, tuple(factors)), factors.values(), strict=True):
        own[list(hit)] *= factor
    return own


@dataclass(frozen=True, slots=True)
class Modifiers:
    """Piecewise-constant multipliers of roles.

    Attributes
    ----------
    edges
        Days, shape (K + 1,), strictly increasing.
    roles
        Names of the rows (or prefixes of roles).
    values
        Shape (len(roles), K): the mean of the continuous modifier over each interval; at least 0.
    """

    edges: FloatArray
    roles: tuple[str, ...]
    values: FloatArray

    def __post_init__(self) -> None:
        edges = np.ascontiguousarray(self.edges, dtype=np.float64)
        values = np.ascontiguousarray(self.values, dtype=np.float64)
        object.__setattr__(self, "edges", edges)
        object.__setattr__(self, "values", values)
        if edges.ndim != 1 or len(edges) < 2 or not np.all(np.diff(edges) > 0.0):
            raise ModelError("modifiers: edges must be at least two strictly increasing days")
        if not np.all(np.isfinite(edges)):
            raise ModelError("modifiers: edges must be finite days")
        if values.shape != (len(self.roles), len(edges) - 1):
            raise ModelError(
                f"modifiers: values must have shape (roles, intervals) = "
                f"({len(self.roles)}, {len(edges) - 1}), got {values.shape}"
            )
        if not np.all(np.isfinite(values)) or np.any(values < 0.0):
            raise ModelError("modifiers: values must be finite and at least 0")

    @staticmethod
    def none(start_day: float, end_day: float) -> Modifiers:
        """Return modifiers that change nothing between two days."""
        return Modifiers(np.array([start_day, end_day]), (), np.zeros((0, 1)))

    def on_roles(self, roles: tuple[str, ...]) -> FloatArray:
        """Return the multipliers of a process' roles, shape (len(roles), K).

        Raises
        ------
        ModelError
            If a row moves no role of the process: its effect would be lost in silence.
        """
        full = np.ones((len(roles), len(self.edges) - 1))
        for row, hit in zip(self.values, role_hits(roles, self.roles), strict=True):
            full[list(hit)] *= row
        return full

    def scaled(self, factors: Mapping[str, float]) -> Modifiers:
        """Return these modifiers with constant factors on further roles (an animal's own rates)."""
        if not factors:
            return self
        extra = np.array([[f] * (len(self.edges) - 1) for f in factors.values()])
        return Modifiers(self.edges, (*self.roles, *factors), np.vstack([self.values, extra]))

    def after(self, day: float) -> Modifiers:
        """Return the same function of time from ``day`` on."""
        if not self.edges[0] <= day < self.edges[-1]:
            raise ModelError(f"modifiers: day {day:g} must lie in [{self.edges[0]:g}, {self.edges[-1]:g})")
        split = self.split_at([day])
        first = int(np.searchsorted(split.edges, day))
        return Modifiers(split.edges[first:], self.roles, split.values[:, first:])

    def split_at(self, days: Iterable[float]) -> Modifiers:
        """Return the same function of time with further edges."""
        inner = [d for d in days if self.edges[0] < d < self.edges[-1]]
        edges = np.unique(np.concatenate([self.edges, np.array(inner, dtype=float)]))
        index = np.searchsorted(self.edges, edges[:-1], side="right") - 1
        return Modifiers(edges, self.roles, self.values[:, index])
