"""True values of read-outs from mean cells: counts, shares and fluxes, compiled once per process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soleus.assays.readouts import AnyReadout, Flux, Share
from soleus.errors import unknown_name
from soleus.lineage import Process
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["Evaluator"]


@dataclass(frozen=True, slots=True)
class _FluxTerms:
    """Exits that make the counted cells: source, hazard at modifier 1, role, and fates to weigh."""

    source: IntArray
    rate: FloatArray
    role: IntArray
    fates: tuple[tuple[FloatArray, IntArray, FloatArray], ...]

    def at(self, cells: FloatArray, role_values: FloatArray) -> float:
        total = 0.0
        for source, rate, role, (probability, fate_role, born) in zip(
            self.source, self.rate, self.role, self.fates, strict=True
        ):
            weighted = probability * np.where(fate_role < 0, 1.0, role_values[fate_role])
            total += float(rate * role_values[role] * cells[source] * (weighted @ born) / weighted.sum())
        return total


class Evaluator:
    """Evaluates read-outs of one process.

    Parameters
    ----------
    readouts
        What to evaluate; the order is kept.
    """

    def __init__(self, readouts: Sequence[AnyReadout], process: Process) -> None:
        rows: list[FloatArray] = []
        self._places: list[tuple[int, int] | _FluxTerms] = []
        for readout in readouts:
            if isinstance(readout, Flux):
                self._places.append(_flux_terms(readout, process))
            elif isinstance(readout, Share):
                self._places.append((len(rows), len(rows) + 1))
                rows += [readout.part.weights(process), readout.whole.weights(process)]
            else:
                self._places.append((len(rows), -1))
                rows.append(readout.weights(process))
        self._weights = np.array(rows).reshape(len(rows), process.n_states)
        self.names = tuple(r.name for r in readouts)

    def __call__(self, cells: FloatArray, role_values: FloatArray) -> FloatArray:
        """Return true values, shape (D, R).

        Parameters
        ----------
        cells
            Mean cells per microstate, shape (D, n).
        role_values
            Multipliers of the process' roles on those days, shape (D, roles).

        Notes
        -----
        A share of means is the share in a large population, not the mean of animals' shares.
        """
        linear = cells @ self._weights.T
        values = np.empty((len(cells), len(self._places)))
        for r, place in enumerate(self._places):
            if isinstance(place, _FluxTerms):
                values[:, r] = [place.at(c, m) for c, m in zip(cells, role_values, strict=True)]
            elif place[1] >= 0:
                whole = linear[:, place[1]]
                values[:, r] = linear[:, place[0]] / np.where(whole > 0.0, whole, np.nan)
            else:
                values[:, r] = linear[:, place[0]]
        return values


def _flux_terms(readout: Flux, process: Process) -> _FluxTerms:
    a = process.arrays
    for name in readout.transitions:
        if name not in process.transitions:
            raise unknown_name("transition", name, process.transitions)
    counted = np.array([m.type in readout.types for m in process.microstates])
    exits = [
        e
        for e, t in enumerate(process.exit_transition)
        if process.transitions[t] in readout.transitions and not process.advance[e]
    ]
    fates = []
    for e in exits:
        span = slice(int(a.exit_fates[e]), int(a.exit_fates[e + 1]))
        own = int(counted[a.exit_source[e]])
        # The dividing cell itself is not new; its loss counts in the number of cells, not here.
        born = np.array(
            [
                max(0, int(counted[a.daughters[a.fate_daughters[f] : a.fate_daughters[f + 1]]].sum()) - own)
                for f in range(span.start, span.stop)
            ],
            dtype=float,
        )
        fates.append((a.fate_probability[span], a.fate_role[span], born))
    index = np.array(exits, dtype=np.int64)
    return _FluxTerms(a.exit_source[index], a.exit_rate[index], a.exit_role[index], tuple(fates))
