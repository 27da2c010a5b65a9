"""Repeated measures of the same animal: body mass, food, a hormone, a muscle.

Animal i on day d of its series gives

``log y_id = log mu_d - (s_a**2 + s_e**2) / 2 + a_i + e_id``, ``a_i ~ N(0, s_a**2)``, ``e_id ~ N(0, s_e**2)``

so that ``mu_d`` is the mean over animals and measurements, and ``s**2 = log(1 + CV**2)``. The logs of
one animal's series are a normal vector of compound symmetry, whose density has a closed form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.assays.body_readouts import BodyReadout
from soleus.assays.counting import log_variance
from soleus.engines import standard_normals
from soleus.errors import InputError, ModelError
from soleus.lineage.process import FloatArray

__all__ = ["BodyAssay"]

_LOG_2PI = math.log(2.0 * math.pi)


@dataclass(frozen=True, slots=True)
class BodyAssay:
    """One read-out of the body, measured in every animal on the same days.

    Parameters
    ----------
    readout
        What is measured, and how the signals move it.
    days
        Days of measurement, increasing, none after the animal's last; empty: once, on its last day
        (what is taken from a dead animal).
    animal_cv, error_cv
        Coefficients of variation between animals, and of one animal's values around its own course.
    """

    name: str
    label: str
    readout: BodyReadout
    days: tuple[float, ...]
    animal_cv: float
    error_cv: float

    def __post_init__(self) -> None:
        if any(later <= day for day, later in zip(self.days, self.days[1:], strict=False)):
            raise ModelError(f"assay {self.name!r}: days must increase, got {self.days}")
        if any(not (math.isfinite(day) and day >= 0.0) for day in self.days):
            raise ModelError(f"assay {self.name!r}: days must be finite and at least 0, got {self.days}")
        for label, cv in (("animal_cv", self.animal_cv), ("error_cv", self.error_cv)):
            if not 0.0 <= cv <= 2.0:
                raise ModelError(f"assay {self.name!r}: {label} must lie in [0, 2], got {cv}")
        if self.error_cv == 0.0:
            raise ModelError(
                f"assay {self.name!r}: error_cv must be above 0; without any error two values of an animal "
                "could not be scored"
            )

    def days_until(self, last_day: float) -> tuple[float, ...]:
        """Return the days on which an animal that is killed on ``last_day`` is measured."""
        return tuple(day for day in self.days if day <= last_day) if self.days else (last_day,)

    @property
    def log_sd(self) -> float:
        """Standard deviation of the log of one value among animals of a group."""
        return math.sqrt(log_variance(self.animal_cv) + log_variance(self.error_cv))

    @property
    def change_log_sd(self) -> float:
        """Standard deviation of the log of an animal's ratio between two days."""
        return math.sqrt(2.0 * log_variance(self.error_cv))

    def draw(self, means: FloatArray, words: NDArray[np.uint64]) -> FloatArray:
        """Draw the series of many animals, shape (N, D).

        Parameters
        ----------
        means
            Mean by animal and day, shape (N, D), above 0.
        words
            Of each animal's own stream (see :meth:`soleus.streams.Streams.words`), shape (N, 4). A longer
            series begins with the values of a shorter one.
        """
        means = np.atleast_2d(np.asarray(means, dtype=float))
        normal = standard_normals(words, 1 + means.shape[1])
        own, error = log_variance(self.animal_cv), log_variance(self.error_cv)
        shift = math.sqrt(own) * normal[:, :1] + math.sqrt(error) * normal[:, 1:] - 0.5 * (own + error)
        return np.asarray(means * np.exp(shift))

    def log_prob(self, values: FloatArray, *, means: FloatArray) -> FloatArray:
        """Return the log-density of one animal's values per unit of their logs, shape (M,).

        Parameters
        ----------
        values
            Shape (D,); days that were missed are simply left out.
        means
            Means of those days to score under, shape (M, D) or (D,).
        """
        measured = np.asarray(values, dtype=float)
        if np.any(~(measured > 0.0)) or not np.isfinite(measured).all():
            raise InputError(
                f"assay {self.name!r}: values must be finite and above 0, got {measured.min():g}; "
                "exclude a value that could not be read"
            )
        own, error, n = log_variance(self.animal_cv), log_variance(self.error_cv), len(measured)
        centre = np.log(np.atleast_2d(np.asarray(means, dtype=float))) - 0.5 * (own + error)
        off = np.log(measured) - centre
        along = error + n * own
        # Compound symmetry: one direction (the sum) has variance s_e^2 + n s_a^2, all others s_e^2.
        together = off.sum(axis=1) ** 2 / n
        square = together / along + ((off**2).sum(axis=1) - together) / error
        log_determinant = math.log(along) + (n - 1) * math.log(error)
        return np.asarray(-0.5 * (square + log_determinant + n * _LOG_2PI))
