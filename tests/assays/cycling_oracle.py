"""Cycling cells followed age class by age class: an oracle that knows no formula of the field."""

from __future__ import annotations

import numpy as np
from scipy import linalg

STEP = 0.05


class AgeClasses:
    """Phases of fixed length, in steps of STEP hours; ``stay`` daughters of each division stay."""

    def __init__(self, g1: float, s: float, g2m: float, *, stay: float) -> None:
        self.parts = [round(x / STEP) for x in (g1, s, g2m)]
        self.n = sum(self.parts)
        self.stay = stay
        # The composition that only grows: waves of a cohort over one cycle, each freed of its growth.
        cohort, self.stable = np.eye(self.n)[0], np.zeros(self.n)
        for k in range(self.n):
            self.stable += cohort * stay ** (-k / self.n)
            cohort = self.step(cohort)
        self.stable /= self.stable.sum()
        assert np.allclose(self.step(self.stable), self.stable * stay ** (1 / self.n), rtol=1e-9)
        starts = np.cumsum([0, *self.parts])
        self.phase = {k: slice(starts[i], starts[i + 1]) for i, k in enumerate(("G1", "S", "G2M"))}

    def shares(self) -> list[float]:
        return [float(self.stable[self.phase[k]].sum()) for k in ("G1", "S", "G2M")]

    def step(self, cells: np.ndarray) -> np.ndarray:
        moved = np.roll(cells, 1)
        moved[0] *= self.stay
        return moved

    def cumulative(self, hours: list[float]) -> list[float]:
        """Labelled share under label that is always there."""
        without = self.stable.copy()
        whole = self.stable.copy()
        found, now = [], 0
        without[self.phase["S"]] = 0.0
        for t in hours:
            while now < round(t / STEP):
                without, whole, now = self.step(without), self.step(whole), now + 1
                without[self.phase["S"]] = 0.0
            found.append(1.0 - float(without.sum() / whole.sum()))
        return found

    def after_pulse(self, hours: list[float]) -> list[tuple[np.ndarray, np.ndarray]]:
        """(labelled, all) cells by age class, each time after a pulse."""
        labelled = np.zeros_like(self.stable)
        labelled[self.phase["S"]] = self.stable[self.phase["S"]]
        whole, now, found = self.stable.copy(), 0, []
        for t in hours:
            while now < round(t / STEP):
                labelled, whole, now = self.step(labelled), self.step(whole), now + 1
            found.append((labelled.copy(), whole.copy()))
        return found


class ErlangChain:
    """Phases that are sums of k exponential stages, as a linear system; ``stay`` daughters stay."""

    def __init__(self, means: tuple[float, float, float], *, stages: int, stay: float) -> None:
        rates = np.repeat([stages / m for m in means], stages)
        n = len(rates)
        self.matrix = np.diag(-rates) + np.diag(rates[:-1], -1)
        self.matrix[0, -1] += stay * rates[-1]
        values, vectors = linalg.eig(self.matrix)
        lead = np.argmax(values.real)
        self.stable = np.abs(vectors[:, lead].real)
        self.s = slice(stages, 2 * stages)
        assert n == 3 * stages

    def labelled_mitoses(self, hours: list[float]) -> list[float]:
        """Labelled share of the cells that divide, by time after a pulse."""
        start = np.zeros_like(self.stable)
        start[self.s] = self.stable[self.s]
        return [
            float(
                (linalg.expm(self.matrix * t) @ start)[-1] / (linalg.expm(self.matrix * t) @ self.stable)[-1]
            )
            for t in hours
        ]
