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
from numpy.polynomial import Polynomial

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
    """Return the coefficients of an even number of stages, so that all poles come in pairs."""
    node = _radau_right(stages)
    powers = np.vander(node, stages, increasing=True)
    exponent = np.arange(1, stages + 1)
    # Collocation: the stage integrates every polynomial below degree s exactly.
    iia = np.linalg.solve(powers.T, (node[:, None] ** exponent / exponent).T).T
    weight = iia[-1]
    # Radau IA is its transpose in the inner product of the weights, reflected in time.
    ia = np.asarray((weight * iia.T / weight[:, None])[::-1, ::-1], dtype=np.float64)
    pole, forward = _partial_fractions(np.asarray(iia, dtype=np.float64))
    pole_back, backward = _partial_fractions(ia)
    order = [int(np.argmin(np.abs(pole_back - p))) for p in pole]
    # Backward stages run from the end of a step; list them from its start.
    forward, backward = _settled(forward, pole), _settled(backward[::-1, order], pole)
    end = forward[-1]
    return Rational(
        pole.real.copy(),
        pole.imag.copy(),
        end.real.copy(),
        end.imag.copy(),
        np.array([forward.real, forward.imag]),
        np.array([backward.real, backward.imag]),
        node,
        weight.copy(),
    )


def _radau_right(stages: int) -> FloatArray:
    """Return the right Radau nodes on [0, 1]."""
    legendre = np.polynomial.legendre.Legendre
    both = legendre.basis(stages) - legendre.basis(stages - 1)
    roots = np.sort(both.convert(kind=Polynomial).roots().real)
    roots[-1] = 1.0
    inner = both // legendre([-1.0, 1.0])
    for _ in range(3):
        roots[:-1] -= inner(roots[:-1]) / inner.deriv()(roots[:-1])
    return np.asarray(0.5 * (1.0 + roots))


def _partial_fractions(matrix: FloatArray) -> tuple[ComplexArray, ComplexArray]:
    """Return the poles with positive imaginary part of a method, (J,), and its stage weights, (s, J)."""
    inverse = np.linalg.inv(matrix)
    values, vectors = np.linalg.eig(inverse)
    weights = vectors * np.linalg.solve(vectors, inverse.sum(axis=1))
    upper = np.flatnonzero(values.imag > 0.0)
    upper = upper[np.argsort(values[upper].imag)]
    return values[upper], weights[:, upper]


def _settled(weights: ComplexArray, pole: ComplexArray) -> ComplexArray:
    """Return the stage weights with which nothing changes where nothing happens.

    What rounding leaves of that, 1e-13 a step, would add up over the steps.
    """
    return np.asarray(weights / (2.0 * (weights / pole).real.sum(axis=1))[:, None])
