"""Fit of a labelled-mitosis curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from soleus.assays.thymidine.intervals import Interval, Measured, allowed_loss, measured, profile_interval
from soleus.assays.thymidine.mitoses import labelled_mitoses
from soleus.errors import InputError
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["LabelledMitosesFit", "fit_labelled_mitoses"]

_NODES = 256
_NAMES = ("G2", "S", "G1", "cv")
_START_CVS = (0.1, 0.35)
_LOW_CV, _HIGH_CV = 0.02, 1.5
# A length that may be this many times the last hour is not in the data.
_FAR = 20.0


@dataclass(frozen=True, slots=True)
class LabelledMitosesFit:
    """Result of :func:`fit_labelled_mitoses`, hours; ``cv`` is of each of G1, S and G2."""

    g2_hours: Interval
    s_hours: Interval
    cycle_hours: Interval
    cv: float
    residual_sd: float | None


def fit_labelled_mitoses(
    hours: FloatArray,
    fractions: FloatArray,
    *,
    errors: FloatArray | None = None,
    m_hours: float = 0.0,
    growing: bool = False,
) -> LabelledMitosesFit:
    """Fit G2, S phase and cycle to the labelled share of mitoses after a pulse.

    Parameters
    ----------
    hours, fractions
        Shape (n,): time since the pulse and labelled share of the mitoses, one entry an animal.
    errors
        Standard errors, shape (n,); None: unknown and equal.
    m_hours, growing
        As in :func:`~soleus.assays.labelled_mitoses`.

    Raises
    ------
    InputError
        "cannot be told": the data do not rise and fall, so S phase is not in them.

    Notes
    -----
    Least squares with one coefficient of variation for all three phases; intervals are profile likelihood
    over the other parameters. Shares near 0 and 1 vary less than those on the flanks, so equal errors make
    the intervals a little short: they cover 91 % where noise of 0.04 is cut off at 0 and 1. Give the errors
    where they are known. The upper bound of the cycle is infinite where a second wave is
    not told from none. Assumptions as for the curve; after Quastler & Sherman 1959 (doi unknown).
    """
    data = measured(hours, fractions, errors)
    if len(np.unique(data.hours)) < len(_NAMES) + 1:
        raise InputError("cannot be told: needs at least 5 different times")
    model = _Model(data, m_hours, growing)
    best = min((model.fit(start) for start in _starts(data, m_hours)), key=lambda r: r[0])
    loss, theta = best
    allowed = allowed_loss(loss, data, parameters=len(_NAMES))
    g2, s, g1, cv = (float(x) for x in np.exp(theta))
    longest = float(data.hours.max())
    sized = {"allowed": allowed, "low": 0.0, "scale": longest}
    s_interval = profile_interval(model.profile("S", theta), s, high=_FAR * longest, **sized)
    if s_interval.high >= _FAR * longest:
        raise InputError(
            "cannot be told: the labelled share does not fall again, so S phase is not in the data; "
            f"count later than {longest:g} hours"
        )
    cycle = g1 + s + g2 + m_hours
    whole = profile_interval(model.profile("cycle", theta), cycle, high=_FAR * longest, **sized)
    return LabelledMitosesFit(
        profile_interval(model.profile("G2", theta), g2, high=longest, **sized),
        s_interval,
        Interval(cycle, whole.low, np.inf if whole.high >= _FAR * longest else whole.high),
        cv,
        None if data.known_errors else float(np.sqrt(loss / (len(data.hours) - len(_NAMES)))),
    )


def _starts(data: Measured, m_hours: float) -> list[FloatArray]:
    """Return starting points: where the shares first rise and fall through half their maximum."""
    times = np.unique(data.hours)
    shares = np.array([np.average(data.fractions[data.hours == t]) for t in times])
    half = 0.5 * shares.max()
    if half == 0.0:
        raise InputError("cannot be told: no labelled mitosis at any time")
    up = int(np.argmax(shares >= half))
    later = np.flatnonzero(shares[up:] < half)
    down = up + int(later[0]) if len(later) else len(times) - 1
    g2 = max(float(times[up]) - 0.5 * m_hours, 0.02 * float(times[-1]))
    s = max(float(times[down] - times[up]), 0.05 * float(times[-1]))
    rest = [float(t) for t in times[down:][shares[down:] >= half][:1]]
    g1s = [max(r - g2 - s - m_hours, 0.2 * s) for r in rest] + [0.5 * s, 2.0 * s]
    return [np.log([g2, s, g1, cv]) for g1 in g1s for cv in _START_CVS]


class _Model:
    """Weighted residuals of the curve in the logarithms of G2, S, G1 and cv."""

    def __init__(self, data: Measured, m_hours: float, growing: bool) -> None:
        self._data, self._m, self._growing = data, m_hours, growing
        longest = float(data.hours.max())
        self._low = np.log([1e-4 * longest, 1e-4 * longest, 1e-4 * longest, _LOW_CV])
        self._high = np.log([60.0 * longest, 60.0 * longest, 60.0 * longest, _HIGH_CV])

    def residuals(self, theta: FloatArray) -> FloatArray:
        g2, s, g1, cv = np.exp(theta)
        curve = labelled_mitoses(
            self._data.hours,
            g2_hours=g2,
            s_hours=s,
            cycle_hours=g1 + s + g2 + self._m,
            m_hours=self._m,
            cvs=(cv, cv, cv),
            growing=self._growing,
            nodes=_NODES,
        )
        return np.asarray((curve - self._data.fractions) * np.sqrt(self._data.weights))

    def fit(self, start: FloatArray) -> tuple[float, FloatArray]:
        return self._solve(self.residuals, start, np.arange(len(_NAMES)))

    def _solve(
        self, residuals: Callable[[FloatArray], FloatArray], start: FloatArray, free: IntArray
    ) -> tuple[float, FloatArray]:
        low, high = self._low[free], self._high[free]
        inside = np.clip(start, low + 1e-6, high - 1e-6)
        found = optimize.least_squares(
            residuals, inside, bounds=(low, high), x_scale=0.1, xtol=1e-5, ftol=1e-6
        )
        return 2.0 * float(found.cost), np.asarray(found.x)

    def profile(self, name: str, theta: FloatArray) -> Callable[[float], float]:
        """Return the smallest loss at a fixed length of G2, of S or of the cycle."""
        fixed = 2 if name == "cycle" else _NAMES.index(name)
        free = np.array([k for k in range(len(_NAMES)) if k != fixed])
        last = {"x": theta[free]}

        def complete(x: FloatArray, value: float) -> FloatArray | None:
            whole = np.empty(len(_NAMES))
            whole[free] = x
            rest = value - np.exp(x[0]) - np.exp(x[1]) - self._m if name == "cycle" else value
            if rest <= 0.0:
                return None
            whole[fixed] = np.log(rest)
            return whole

        def loss(value: float) -> float:
            def residuals(x: FloatArray) -> FloatArray:
                whole = complete(x, value)
                if whole is None:
                    return np.full(len(self._data.hours), 1e3)
                return self.residuals(whole)

            found, last["x"] = self._solve(residuals, last["x"], free)
            return found

        return loss
