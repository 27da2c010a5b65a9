"""One population of dividing cells: G1, S and G2M in Erlang stages, rest after division, death."""

from __future__ import annotations

import math

import numpy as np

from soleus.errors import ModelError, NumericalError
from soleus.lineage.model import Lineage
from soleus.lineage.parts import CellType, Fate, Phase, Transition
from soleus.lineage.process import FloatArray

__all__ = ["cycling_lineage", "growth_rate_per_day", "growth_shares"]

_CYCLE = ("G1", "S", "G2M")
_STEPS = 200


def cycling_lineage(
    name: str = "cell",
    *,
    phase_days: tuple[float, float, float],
    stages: tuple[int, int, int] = (10, 15, 15),
    rest_probability: float = 0.0,
    death_rate_per_day: float = 0.0,
    label: str | None = None,
    ontology: str | None = None,
) -> Lineage:
    """Return the lineage of one population that divides and may come to rest.

    Parameters
    ----------
    name
        Of the cell type; its places are ``name.G1``, ``name.S``, ``name.G2M`` and, with rest, ``name.G0``.
    phase_days
        Mean lengths of G1, S and G2M in days.
    stages
        Erlang stages of each; a phase of k stages has the coefficient of variation ``k ** -0.5``.
    rest_probability
        Probability that a newborn cell enters G0 instead of G1, each daughter on its own; it stays there.
    death_rate_per_day
        Hazard of death, the same in all phases.

    Raises
    ------
    ModelError
        If a number is out of its range.

    Notes
    -----
    Roles: ``division.NAME.G1``, ``.S``, ``.G2M`` (``division.NAME`` moves the whole clock), ``death.NAME``,
    and with rest the fates ``fate.NAME.none_rests``, ``.one_rests`` and ``.both_rest``.

    Assumes that phases are independent of each other and sisters of each other, and that a resting cell
    never comes back: right for days in culture, wrong for niches that wake their cells.
    Source of the stages and of G0: Jolly et al. 2022 (doi 10.1016/j.crmeth.2022.100315).

    Examples
    --------
    >>> cycling_lineage(phase_days=(0.25, 0.3, 0.2), rest_probability=0.1).places()
    ('cell.G1', 'cell.S', 'cell.G2M', 'cell.G0')
    """
    rest = _share(rest_probability, "rest_probability")
    phases = [Phase(phase, cycling=True) for phase in _CYCLE]
    phases += [Phase("G0")] if rest > 0.0 else []
    ends: list[tuple[Fate, ...]] = [(Fate("next", 1.0, {f"{name}.{p}": 1}),) for p in _CYCLE[1:]]
    ends.append(_division(name, rest))
    steps = [
        Transition(
            f"{name}_{phase}",
            f"division.{name}.{phase}",
            f"{name}.{phase}",
            fates,
            mean_days=days,
            stages=number,
        )
        for phase, fates, days, number in zip(_CYCLE, ends, phase_days, stages, strict=True)
    ]
    if death_rate_per_day != 0.0:
        die = (Fate("die", 1.0),)
        steps += [
            Transition(
                f"{name}_death_{p.name}",
                f"death.{name}",
                f"{name}.{p.name}",
                die,
                rate_per_day=death_rate_per_day,
            )
            for p in phases
        ]
    cell = CellType(name, label or name, tuple(phases), ontology)
    return Lineage(name, (cell,), tuple(steps))


def _share(value: float, what: str) -> float:
    if not 0.0 <= value < 1.0:
        raise ModelError(f"{what} must lie in [0, 1), got {value}; without division nothing grows")
    return float(value)


def _division(name: str, rest: float) -> tuple[Fate, ...]:
    """Return the fates of a division; each daughter rests on its own."""
    if rest == 0.0:
        return (Fate("divide", 1.0, {f"{name}.G1": 2}),)
    role = f"fate.{name}"
    one = {f"{name}.G1": 1, f"{name}.G0": 1}
    return (
        Fate("none_rests", (1.0 - rest) ** 2, {f"{name}.G1": 2}, f"{role}.none_rests"),
        Fate("one_rests", 2.0 * rest * (1.0 - rest), one, f"{role}.one_rests"),
        Fate("both_rest", rest**2, {f"{name}.G0": 2}, f"{role}.both_rest"),
    )


def growth_rate_per_day(
    *,
    phase_days: tuple[float, float, float],
    stages: tuple[int, int, int],
    rest_probability: float = 0.0,
    death_rate_per_day: float = 0.0,
) -> float:
    """Return the rate of stable exponential growth of :func:`cycling_lineage`, per day.

    Notes
    -----
    With s the growth rate plus the death rate, the Euler-Lotka equation of the cycle is
    ``2 (1 - rest) prod_p (1 + s T_p / k_p) ** -k_p = 1``. The logarithm of the left side is convex and falls
    with s, so Newton's method rises from 0 to its one root.

    Raises
    ------
    NumericalError
        If fewer than one of two daughters goes on to cycle, so that no growth is stable.
    """
    rest = _share(rest_probability, "rest_probability")
    if not all(math.isfinite(t) and t > 0.0 for t in phase_days):
        raise ModelError(f"phase_days must be above 0, got {phase_days}")
    gain = math.log(2.0 * (1.0 - rest))
    if gain <= 0.0:
        raise NumericalError(
            f"with rest_probability {rest:g} at most one daughter of two cycles on, and the population does "
            "not grow; it must be below 0.5"
        )
    # (stages, days a stage)
    waits = [(k, t / k) for t, k in zip(phase_days, stages, strict=True)]
    s = 0.0
    for _ in range(_STEPS):
        left = gain - sum(k * math.log1p(s * t) for k, t in waits)
        step = left / sum(k * t / (1.0 + s * t) for k, t in waits)
        s += step
        if abs(step) <= 1e-14 * s:
            break
    return s - death_rate_per_day


def growth_shares(
    growth_per_day: float,
    *,
    phase_days: tuple[float, float, float],
    stages: tuple[int, int, int],
    rest_probability: float = 0.0,
    death_rate_per_day: float = 0.0,
) -> FloatArray:
    """Return the composition of stable growth by stage of G1, S, G2M (and G0, with rest), adding to 1.

    Parameters
    ----------
    growth_per_day
        What :func:`growth_rate_per_day` returns for the same numbers.

    Notes
    -----
    Closed form of ``engines.stable_growth``: what enters a stage leaves it at its rate, dies or is thinned
    by growth, so stage i + 1 holds ``rate_i / (rate_{i+1} + s)`` times stage i.
    """
    s = growth_per_day + death_rate_per_day
    rates = np.concatenate([np.full(k, k / t) for k, t in zip(stages, phase_days, strict=True)])
    ratios = np.concatenate([[1.0], rates[:-1] / (rates[1:] + s)])
    share = np.cumprod(ratios)
    if rest_probability > 0.0:
        share = np.append(share, 2.0 * rest_probability * rates[-1] * share[-1] / s)
    return np.asarray(share / share.sum())
