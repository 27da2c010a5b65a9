"""Rational steps: how the exponential of a stiff generator is taken without following its fastest rate.

Forward, the stages of Radau IIA; backward in time, those of Radau IA. Both give
``exp(z) ~ R(z)`` of order 2s - 1 with R the Pade approximant (s - 1, s), which fades fast components
(L-stable), both meet at the same nodes inside a step, and the quadrature there has the same order, so
means, backward read-outs and the integral of their products are all of order 2s - 1. For a linear
system each stage is a sum over the poles of R, ``Y_i = sum_j w_ij (lambda_j - z)^-1``, so that one
factorisation per pole serves all stages.

Source: Hairer and Wanner, Solving Ordinary Differential Equations II (1996), IV.5 (methods) and IV.3
(Pade approximants).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from soleus.engines.moments.rational_table import COEFFICIENTS
from soleus.lineage.process import FloatArray

__all__ = ["Rational", "rational_steps"]

ComplexArray = np.ndarray[tuple[int, ...], np.dtype[np.complex128]]


class Rational(NamedTuple):
    """Poles in the upper half plane (their conjugates count too) and what to take of each.

    ``pole_re``, ``pole_im``, ``end_re``, ``end_im``: shape (J,); a step ends at ``2 Re sum end_j x_j``.
    ``forward``, ``backward``: parts (2, s, J), real and imaginary, of the weights of each node.
    ``node``, ``weight``: quadrature on [0, 1] from the start of a step, shape (s,).
    """

    pole_re: FloatArray
    pole_im: FloatArray
    end_re: FloatArray
    end_im: FloatArray
    forward: FloatArray
    backward: FloatArray
    node: FloatArray
    weight: FloatArray


@cache
def rational_steps(stages: int) -> Rational:
    """Return the coefficients of 2, 4 or 6 stages, so that all poles come in pairs.

    They are stored, not computed here: linear algebra in double precision would leave 1e-13 of each weight
    to the kernels of the processor (``scripts/rational_table.py`` makes them from 60 digits).
    """
    stored = {name: np.array(values) for name, values in COEFFICIENTS[stages].items()}
    pole = stored["pole_re"] + 1j * stored["pole_im"]
    forward = _settled(stored["forward_re"] + 1j * stored["forward_im"], pole)
    backward = _settled(stored["backward_re"] + 1j * stored["backward_im"], pole)
    end = forward[-1]
    return Rational(
        stored["pole_re"],
        stored["pole_im"],
        end.real.copy(),
        end.imag.copy(),
        np.array([forward.real, forward.imag]),
        np.array([backward.real, backward.imag]),
        stored["node"],
        stored["weight"],
    )


def _settled(weights: ComplexArray, pole: ComplexArray) -> ComplexArray:
    """Return the stage weights with which nothing changes where nothing happens.

    What rounding leaves of that, 1e-13 a step, would add up over the steps.
    """
    return np.asarray(weights / (2.0 * (weights / pole).real.sum(axis=1))[:, None])
