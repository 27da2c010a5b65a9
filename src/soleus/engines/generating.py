"""Probability generating functions: the whole distribution of what descends from one cell.

Cells do not interact, so ``F_i(s, t) = E[prod_j s_j ** X_j(T) | one cell in microstate i on day t]`` obeys
the backward equation of multitype branching processes,

``-dF_i/dt = sum_fates r_f(t) prod_daughters F_d - h_i(t) F_i``,  ``F_i(s, T) = s_i``

with r_f the hazard of a fate and h_i that of all of them; a jump with matrix M replaces F_i by
``sum_j M_ij F_j + 1 - sum_j M_ij``. The right-hand side is a polynomial, so its Taylor series in time is
found by recurrence, and each step takes as much of it as keeps the last two terms below a bound. All is
done twice with different bounds; the difference is the error that is held below the tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from soleus.engines.generating_steps import walk
from soleus.engines.generator import pattern_of, tabulate
from soleus.engines.schedule import Schedule, build_schedule, jump_rows
from soleus.errors import InputError, NumericalError, UnsupportedError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray, IntArray
from soleus.movement import Modifiers

__all__ = ["generating_function"]

Points = NDArray[Any]  # float64 or complex128

_ORDER = 16
_REACH = 5.0  # longest step times the largest hazard; explicit series of this order are stable to 6.6
_BLOCK = 32  # points that are stepped together
_FINER = 0.01
_SHORTER = 0.8
_TRIES = 4
_LOWEST = 1e-13
_MOST_STEPS = 10_000_000


class _Terms(NamedTuple):
    """The right-hand side, piece by piece of time.

    ``left``, ``right``: factors of each product of daughters, microstates or earlier products (counted on
    from n), (m,); ``row``, ``node``: of each term the microstate that it belongs to and its microstate
    or product, (T,); ``gain``: its hazard, (P, T); ``death``: hazard of fates without daughters, and
    ``hazard``: that of all, (P, n).
    """

    left: IntArray
    right: IntArray
    row: IntArray
    node: IntArray
    gain: FloatArray
    death: FloatArray
    hazard: FloatArray


def generating_function(
    process: Process,
    modifiers: Modifiers,
    points: Points,
    *,
    label_day: float,
    days: Sequence[float],
    tolerance: float = 1e-8,
) -> Points:
    """Return ``E[prod_j s_j ** X_j(day)]`` of the clone of one cell, by its microstate, shape (D, P, n).

    Parameters
    ----------
    points
        Values of s by microstate, real or complex, of modulus at most 1, shape (P, n).
    label_day
        Day on which the one cell is there, in its microstate after any jump of that day: the clone label
        comes last, as in :func:`follow_cells`. (:func:`mean_cells` gives the cells before the jump.)
    days
        Increasing days on which the clone is looked at, from ``label_day`` on, shape (D,). A look on the
        day of a jump is taken before it.
    tolerance
        Bound of the error of each value, absolute, in [1e-13, 1e-2]: the largest difference between two
        solutions with different steps, of which the better one is returned.

    Raises
    ------
    InputError
        If points or days are out of range.
    UnsupportedError
        If the process has gamma waits (no finite equations) or sources (the outside has no clone).
    NumericalError
        If the tolerance is not met.

    Notes
    -----
    Exact for every process that the engines solve exactly, whatever its growth. Time and memory grow with
    points times microstates, and time with the largest hazard times the days followed. The tolerance is
    absolute: a probability below it is not resolved. Equations: Athreya and Ney 1972, chapter V.7
    (doi 10.1007/978-3-642-65371-1); steps: Jorba and Zou 2005 (doi 10.1080/10586458.2005.10128904).

    Examples
    --------
    >>> import numpy as np
    >>> from soleus.engines.generating import generating_function
    >>> from soleus.lineage import CellType, Fate, Lineage, Phase, Transition, compile_lineage
    >>> from soleus.movement import Modifiers
    >>> stem = CellType("stem", "stem cell", (Phase("cycle", cycling=True),))
    >>> divide = Transition("divide", "division", "stem", (Fate("two", 1.0, {"stem": 2}),), rate_per_day=0.5)
    >>> process = compile_lineage(Lineage("yule", (stem,), (divide,)))
    >>> s = np.array([[0.5]])
    >>> f = generating_function(process, Modifiers.none(0, 2), s, label_day=0.0, days=[2.0])
    >>> p = np.exp(-1.0)
    >>> bool(abs(f[0, 0, 0] - 0.5 * p / (1 - 0.5 * (1 - p))) < 1e-8)
    True
    """
    _refuse(process)
    s = _checked_points(process, points)
    looks = np.asarray(days, dtype=np.float64)
    if looks.ndim != 1 or len(looks) == 0 or not looks[0] >= label_day:
        raise InputError(f"days must be increasing and not before label_day {label_day:g}, got {list(days)}")
    if not _LOWEST <= tolerance <= 1e-2:
        raise InputError(f"tolerance must lie in [{_LOWEST:g}, 0.01], got {tolerance}")
    marks = [label_day, *looks] if looks[0] > label_day else looks
    schedule = build_schedule(process, modifiers, [float(d) for d in marks])
    terms = _terms(process, schedule)
    first = int(schedule.sample_at[0])
    found = [
        _solve(terms, schedule, s, span=(first, int(last)), tolerance=tolerance)
        for last in schedule.sample_at[-len(looks) :]
    ]
    return np.array(found)


def _refuse(process: Process) -> None:
    if process.gamma_transitions:
        raise UnsupportedError(
            f"process {process.name!r}: transitions {list(process.gamma_transitions)} have gamma waits, "
            "whose generating functions have no finite equations; give them stages (a whole shape), or "
            "follow clones with follow_cells"
        )
    if process.has_outside:
        raise UnsupportedError(
            f"process {process.name!r} has sources, and the outside world has no clone; compile the lineage "
            "without its sources: cells that enter later carry no clone label and change no clone"
        )


def _checked_points(process: Process, points: Points) -> Points:
    s = np.asarray(points)
    s = s.astype(np.complex128 if np.iscomplexobj(s) else np.float64)
    if s.ndim != 2 or s.shape[1] != process.n_states or len(s) == 0:
        raise InputError(
            f"points must have shape (P, {process.n_states}), s for each microstate of {process.name!r}, "
            f"with at least one row; got {s.shape}"
        )
    if not np.all(np.abs(s) <= 1.0 + 1e-12):
        raise InputError("points must be of modulus at most 1, where the generating function converges")
    return s


def _products(process: Process) -> tuple[list[tuple[int, int]], list[int]]:
    """Return the products of daughters as pairs of factors, and the node of each fate (-1: no daughter)."""
    a, n = process.arrays, process.n_states
    pairs: list[tuple[int, int]] = []
    known: dict[tuple[int, ...], int] = {(i,): i for i in range(n)}

    def node_of(born: tuple[int, ...]) -> int:
        if born not in known:
            pairs.append((node_of(born[:-1]), born[-1]))
            known[born] = n + len(pairs) - 1
        return known[born]

    spans = zip(a.fate_daughters[:-1], a.fate_daughters[1:], strict=True)
    born = [tuple(sorted(a.daughters[first:last].tolist())) for first, last in spans]
    return pairs, [node_of(b) if b else -1 for b in born]


def _terms(process: Process, schedule: Schedule) -> _Terms:
    pattern = pattern_of(process)
    rate = tabulate(process, pattern, schedule.role_values).fate_rate
    if not np.all(np.isfinite(rate)):
        raise NumericalError("generating function: a hazard is not finite; check rates and modifiers")
    pairs, nodes = _products(process)
    factors = np.array(pairs, dtype=np.int64).reshape(-1, 2).T.copy()
    source = pattern.source_of_fate
    death = np.zeros((len(rate), process.n_states))
    hazard = np.zeros_like(death)
    merged: dict[tuple[int, int], FloatArray] = {}
    for f, node in enumerate(nodes):
        i = int(source[f])
        hazard[:, i] += rate[:, f]
        if node < 0:
            death[:, i] += rate[:, f]
        else:
            merged[i, node] = merged.get((i, node), 0.0) + rate[:, f]
    places = np.array(list(merged), dtype=np.int64).reshape(-1, 2).T.copy()
    gain = np.array(list(merged.values())).reshape(len(merged), len(rate)).T.copy()
    return _Terms(factors[0], factors[1], places[0], places[1], gain, death, hazard)


def _solve(
    terms: _Terms, schedule: Schedule, s: Points, *, span: tuple[int, int], tolerance: float
) -> Points:
    """Return the values at the first cut of the span for one look at its last cut, shape (P, n)."""
    blocks = [s[k : k + _BLOCK] for k in range(0, len(s), _BLOCK)]
    return np.concatenate([_solve_block(terms, schedule, b, span=span, tolerance=tolerance) for b in blocks])


def _solve_block(
    terms: _Terms, schedule: Schedule, s: Points, *, span: tuple[int, int], tolerance: float
) -> Points:
    error, reach = 0.1 * tolerance, _REACH
    coarse = _run(terms, schedule, s, span=span, error=error)
    for _ in range(_TRIES):
        # Shorter in both bounds, so that the two never take the same steps.
        error, reach = _FINER * error, _SHORTER * reach
        fine = _run(terms, schedule, s, span=span, error=error, reach=reach)
        if np.max(np.abs(fine - coarse)) <= tolerance:
            return fine
        coarse = fine
    raise NumericalError(
        f"generating function: the tolerance {tolerance:g} is not met between days "
        f"{schedule.times[span[0]]:g} and {schedule.times[span[1]]:g}; allow a larger one"
    )


def _run(
    terms: _Terms,
    schedule: Schedule,
    s: Points,
    *,
    span: tuple[int, int],
    error: float,
    order: int = _ORDER,
    reach: float = _REACH,
) -> Points:
    """Walk back over a span of cuts with a given bound per step, shape (P, n)."""
    first, last = span
    # Columns of the kernel: real parts of all points, then their imaginary parts.
    value = np.concatenate([s.real, s.imag]).T.copy() if np.iscomplexobj(s) else s.T.copy()
    work = np.zeros((order + 1, terms.hazard.shape[1] + len(terms.left), value.shape[1]))
    pieces = slice(first, last)
    jump = schedule.jump_at[pieces].copy()
    jump[:1] = -1  # the clone label comes after a jump of its day
    steps = walk(
        value,
        work,
        len(s),
        *terms[:4],
        terms.gain[pieces],
        terms.death[pieces],
        terms.hazard[pieces],
        np.diff(schedule.times[first : last + 1]),
        jump,
        *jump_rows(schedule.jumps, terms.hazard.shape[1]),
        np.array([error, reach, _MOST_STEPS]),
    )
    if steps < 0:
        raise NumericalError(
            f"generating function: more than {_MOST_STEPS:g} steps; follow clones for less long"
        )
    if np.iscomplexobj(s):
        return np.ascontiguousarray((value[:, : len(s)] + 1j * value[:, len(s) :]).T)
    return np.ascontiguousarray(value.T)
