"""Write the coefficients of the rational steps, each correctly rounded from 60 digits.

``python -m scripts.rational_table`` writes ``src/soleus/engines/moments/rational_table.py``. Computed in
double precision the stage weights lose three to four digits, differently with each linear-algebra kernel, and
so would every number of the engine.

Source: Hairer and Wanner, Solving Ordinary Differential Equations II (1996), IV.5.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mpmath
from numpy.polynomial import Legendre

__all__ = ["coefficients", "table"]

STAGES = (2, 4, 6)
_DIGITS = 60
_TARGET = Path(__file__).resolve().parent.parent / "src/soleus/engines/moments/rational_table.py"
_HEAD = '''"""Coefficients of the rational steps, as ``python -m scripts.rational_table`` writes them.

By number of stages: poles, (J,); weights of each node by pole, (s, J), real and imaginary; nodes and
quadrature weights, (s,). See ``rational.Rational``.
"""

from __future__ import annotations

__all__ = ["COEFFICIENTS"]

COEFFICIENTS: dict[int, dict[str, list[float] | list[list[float]]]] = '''


def coefficients(stages: int) -> dict[str, list[float] | list[list[float]]]:
    """Return the coefficients of an even number of stages, rounded to double precision at the end."""
    with mpmath.workdps(_DIGITS):
        node = _radau_right(stages)
        power = mpmath.matrix(stages, stages)
        integral = mpmath.matrix(stages, stages)
        for i, c in enumerate(node):
            for k in range(stages):
                power[i, k], integral[i, k] = c**k, c ** (k + 1) / (k + 1)
        # Collocation: the stage integrates every polynomial below degree s exactly.
        iia = integral * mpmath.inverse(power)
        weight = [iia[stages - 1, k] for k in range(stages)]
        # Radau IA is its transpose in the inner product of the weights, reflected in time.
        ia = mpmath.matrix(stages, stages)
        for i in range(stages):
            for k in range(stages):
                ia[stages - 1 - i, stages - 1 - k] = weight[k] * iia[k, i] / weight[i]
        pole, forward = _partial_fractions(iia)
        _, backward = _partial_fractions(ia)
        backward.reverse()  # these stages run from the end of a step; list them from its start
        return {
            "pole_re": [float(p.real) for p in pole],
            "pole_im": [float(p.imag) for p in pole],
            "forward_re": [[float(w.real) for w in row] for row in forward],
            "forward_im": [[float(w.imag) for w in row] for row in forward],
            "backward_re": [[float(w.real) for w in row] for row in backward],
            "backward_im": [[float(w.imag) for w in row] for row in backward],
            "node": [float(c) for c in node],
            "weight": [float(w) for w in weight],
        }


def _radau_right(stages: int) -> list[Any]:
    """Return the right Radau nodes on [0, 1]: roots of ``P_s(2x - 1) - P_(s-1)(2x - 1)``."""

    def polynomial(x: Any) -> Any:
        return mpmath.legendre(stages, 2 * x - 1) - mpmath.legendre(stages - 1, 2 * x - 1)

    near = Legendre.basis(stages) - Legendre.basis(stages - 1)
    node = [mpmath.findroot(polynomial, 0.5 * (1.0 + x)) for x in sorted(near.roots().real)]
    node[-1] = mpmath.mpf(1)
    return node


def _partial_fractions(matrix: Any) -> tuple[list[Any], list[list[Any]]]:
    """Return the poles with positive imaginary part, (J,), and the stage weights, (s, J)."""
    inverse = mpmath.inverse(matrix)
    values, vectors = mpmath.eig(inverse)
    ones = mpmath.matrix([mpmath.fsum(inverse[i, :]) for i in range(inverse.rows)])
    share = mpmath.lu_solve(vectors, ones)
    upper = sorted((j for j in range(len(values)) if values[j].imag > 0), key=lambda j: values[j].imag)
    weights = [[vectors[i, j] * share[j] for j in upper] for i in range(inverse.rows)]
    return [values[j] for j in upper], weights


def table() -> str:
    """Return the source of the module that holds the coefficients."""
    lines = ["{"]
    for stages in STAGES:
        lines.append(f"    {stages}: {{")
        for name, values in coefficients(stages).items():
            lines.append(f'        "{name}": [')
            for row in values:
                lines.append(f"            {row!r},")
            lines.append("        ],")
        lines.append("    },")
    return _HEAD + "\n".join([*lines, "}"]) + "\n"


if __name__ == "__main__":
    _TARGET.write_text(table(), encoding="utf-8")
