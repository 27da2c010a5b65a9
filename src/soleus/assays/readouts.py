"""Read-outs: which cells a count means, as weights on microstates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soleus.errors import ModelError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray

__all__ = ["AnyReadout", "Flux", "Readout", "Share", "evaluate", "weight_matrix"]


@dataclass(frozen=True, slots=True)
class Readout:
    """A linear function of cell numbers.

    Parameters
    ----------
    types
        Cell types that are counted.
    cycling
        Count only cells in the cell cycle (Ki67 and the like).
    sensitivity
        Probability that such a cell is detected.
    """

    name: str
    label: str
    types: tuple[str, ...]
    cycling: bool = False
    sensitivity: float = 1.0

    def weights(self, process: Process) -> FloatArray:
        """Return the weight of each microstate, shape (n,).

        Raises
        ------
        ModelError
            If the process has none of these cells.
        """
        wanted = set(self.types)
        known = {m.type for m in process.microstates}
        if not wanted <= known:
            raise ModelError(
                f"read-out {self.name!r} counts {sorted(wanted - known)}, which lineage {process.name!r} "
                f"does not have; it has {sorted(known)}"
            )
        weights = process.weights(lambda m: m.type in wanted and (m.cycling or not self.cycling))
        if not weights.any():
            raise ModelError(f"read-out {self.name!r} counts no microstate of lineage {process.name!r}")
        return weights * self.sensitivity


def weight_matrix(readouts: tuple[Readout, ...], process: Process) -> FloatArray:
    """Return the weights of all read-outs, shape (R, n)."""
    return np.array([r.weights(process) for r in readouts])


@dataclass(frozen=True, slots=True)
class Share:
    """A ratio of two read-outs, such as the mature share of a line."""

    name: str
    label: str
    part: Readout
    whole: Readout


@dataclass(frozen=True, slots=True)
class Flux:
    """Cells of the given types that named transitions add per day, net of the cell that divides."""

    name: str
    label: str
    transitions: tuple[str, ...]
    types: tuple[str, ...]


AnyReadout = Readout | Share | Flux


def evaluate(
    readout: AnyReadout, process: Process, *, cells: FloatArray, role_values: FloatArray
) -> FloatArray:
    """Return the true value of a read-out from mean cells.

    Parameters
    ----------
    cells
        Mean cells per microstate, shape (D, n).
    role_values
        Multipliers of the process' roles on those days, shape (D, R).

    Returns
    -------
    ndarray, shape (D,)
        A share of means is the share in a large population, not the mean of animals' shares.
    """
    if isinstance(readout, Readout):
        return np.asarray(cells @ readout.weights(process))
    if isinstance(readout, Share):
        whole = cells @ readout.whole.weights(process)
        return np.asarray(cells @ readout.part.weights(process) / np.where(whole > 0.0, whole, np.nan))
    return np.array([_flux(readout, process, c, m) for c, m in zip(cells, role_values, strict=True)])


def _flux(readout: Flux, process: Process, cells: FloatArray, role_values: FloatArray) -> float:
    a = process.arrays
    names = [process.transitions[t] for t in process.exit_transition]
    counted = np.array([m.type in readout.types for m in process.microstates])
    total = 0.0
    for e, name in enumerate(names):
        if name not in readout.transitions or process.advance[e]:
            continue
        first, last = a.exit_fates[e], a.exit_fates[e + 1]
        weight = np.array([role_values[r] if r >= 0 else 1.0 for r in a.fate_role[first:last]])
        share = a.fate_probability[first:last] * weight
        share = share / share.sum()
        hazard = a.exit_rate[e] * role_values[a.exit_role[e]] * cells[a.exit_source[e]]
        for f, p in zip(range(first, last), share, strict=True):
            born = counted[a.daughters[a.fate_daughters[f] : a.fate_daughters[f + 1]]].sum()
            # The dividing cell itself is not new; a loss of it counts in stem-cell number, not here.
            total += hazard * p * max(0, int(born) - int(counted[a.exit_source[e]]))
    return float(total)
