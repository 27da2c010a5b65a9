"""Clones: sparse labelling on a day, and what each clone is made of on a later one.

Given the parameters of the process the likelihood is exact, neither simulated nor by moments: a clone's
composition comes from its generating function, at s = 0 and 1 for classes and on circles for numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy

from soleus.assays.clones.classes import STEM_CLASSES, CloneClass, class_of_pattern, pattern_probabilities
from soleus.assays.clones.counts import checked_counts, checked_probabilities, draw_classes, log_prob_classes
from soleus.assays.clones.label import SparseLabel
from soleus.assays.clones.sizes import JointClones, plan_circles
from soleus.engines.generating import generating_function
from soleus.errors import ModelError, unknown_name
from soleus.lineage import Process
from soleus.lineage.process import FloatArray, IntArray
from soleus.movement import Modifiers

__all__ = ["CloneAssay"]

_MOST_GROUPS = 10
_TOLERANCE = 1e-10


@dataclass(frozen=True)
class CloneAssay:
    """Clones by composition.

    Parameters
    ----------
    labelling
        When which cells found clones.
    groups
        Names of groups to their cell types. Types in no group are not looked at.
    classes
        Every combination of groups that are there or not must fall in one of them.
    clones
        Clones that are seen in an animal: their number, or its mean if ``poisson``. Exactly that many
        are drawn if not ``poisson``; scores are then given the number that was seen.
    poisson
        Whether the number of clones is Poisson, and scored.
    cell_detection
        Probability that a cell of a clone is seen, or one for each group.
    lost_are_seen
        False: fixed tissue; a clone without a seen cell is not observed, and all is conditional on being
        seen. True: founders are followed live, and lost clones are counted.
    concentration
        Overdispersion between animals: their class probabilities are Dirichlet with this sum;
        infinite: all animals alike. The variance of counts of N clones is ``(N + concentration) / (1 +
        concentration)`` times multinomial.

    Notes
    -----
    Founders are the mean cells of the day times their probability of being labelled; where the animals'
    own proportions differ, ``concentration`` takes it up. Cells are seen independently of each other. A
    clone that is missed as a whole for a reason that has nothing to do with its cells (a lost section, a
    weak colour) changes neither classes nor numbers of cells: it is invisible, cancels, and acts as a
    lower ``clones`` or probability of labelling.

    Sources: Klein and Simons 2011 (doi 10.1242/dev.060103) for clones as data on fate; Athreya and Ney
    1972 (doi 10.1007/978-3-642-65371-1) for generating functions.
    """

    name: str
    label: str
    labelling: SparseLabel
    groups: Mapping[str, tuple[str, ...]]
    clones: float
    classes: tuple[CloneClass, ...] = STEM_CLASSES
    poisson: bool = False
    cell_detection: float | Mapping[str, float] = 1.0
    lost_are_seen: bool = False
    concentration: float = math.inf

    def __post_init__(self) -> None:
        where = f"assay {self.name!r}"
        if not 1 <= len(self.groups) <= _MOST_GROUPS:
            raise ModelError(f"{where}: needs 1 to {_MOST_GROUPS} groups, got {len(self.groups)}")
        types = [t for group in self.groups.values() for t in group]
        if len(set(types)) < len(types):
            raise ModelError(f"{where}: a cell type is in two groups; groups must not overlap")
        self._number(None)
        if not self.concentration > 0.0:
            raise ModelError(
                f"{where}: concentration must be above 0 (infinite for none), got {self.concentration}"
            )
        detection = self._detection
        if set(detection) != set(self.groups) or not all(0.0 < d <= 1.0 for d in detection.values()):
            raise ModelError(
                f"{where}: cell_detection is one probability in (0, 1], or one for each of "
                f"{sorted(self.groups)}; got {self.cell_detection}"
            )
        class_of_pattern(self.classes, tuple(self.groups), where=where)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the C classes that are observed, in order."""
        return tuple(c.name for c, one in zip(self.classes, self._observed(), strict=True) if one)

    @property
    def _detection(self) -> Mapping[str, float]:
        if isinstance(self.cell_detection, Mapping):
            return self.cell_detection
        return dict.fromkeys(self.groups, self.cell_detection)

    def probabilities(
        self,
        process: Process,
        modifiers: Modifiers,
        founders: FloatArray,
        *,
        day: float,
        tolerance: float = _TOLERANCE,
    ) -> FloatArray:
        """Return the probability of each observed class, shape (C,), in the order of ``class_names``.

        Parameters
        ----------
        founders
            Mean cells per microstate on the day of labelling, as from :meth:`SparseLabel.cells`, shape (n,).
        day
            Day on which clones are looked at, not before the day of labelling.
        tolerance
            Bound of the error of the generating function. Probabilities add and subtract up to 2**G of
            its values.

        Raises
        ------
        UnsupportedError
            If the process has gamma waits or sources.
        """
        pattern = self._patterns(process, modifiers, founders, day=day, tolerance=tolerance)
        if not self.lost_are_seen:
            pattern[0] = 0.0
        found = np.bincount(self._classes(), weights=pattern, minlength=len(self.classes))
        if not found.sum() > tolerance:
            raise ModelError(
                f"assay {self.name!r}: no clone has a cell that is seen on day {day:g}; add groups, or look "
                "earlier"
            )
        return np.asarray(found[self._observed()] / found.sum())

    def expected_clones(
        self, process: Process, modifiers: Modifiers, founders: FloatArray, *, day: float
    ) -> float:
        """Return the mean number of clones observed in an animal with these cells on the day."""
        labelled = float(self.labelling.labelled(process, founders).sum())
        if self.lost_are_seen:
            return labelled
        pattern = self._patterns(process, modifiers, founders, day=day, tolerance=_TOLERANCE)
        return labelled * float(pattern[1:].sum())

    def joint(
        self,
        process: Process,
        modifiers: Modifiers,
        founders: FloatArray,
        *,
        day: float,
        maximum: Mapping[str, int],
        tolerance: float = 1e-6,
    ) -> JointClones:
        """Return the joint distribution of the numbers of seen cells of one to three groups in a clone.

        Parameters
        ----------
        founders, day
            As in :meth:`probabilities`.
        maximum
            Group to the largest number asked for; other groups may have any number.
        tolerance
            Bound of the error of each probability, at least 1e-9 for two groups and 1e-8 for three.

        Raises
        ------
        InputError, NumericalError, UnsupportedError

        Notes
        -----
        Time grows with the product of the maxima, about 15 ms a point for 100 microstates over 8 weeks,
        with twice ``max + 1`` points a group, three or four times for small tolerances.
        """
        known = list(self.groups)
        for name in maximum:
            if name not in known:
                raise unknown_name("group", name, known)
        circles = plan_circles(tuple(maximum.values()), tolerance=tolerance)
        columns = [known.index(name) for name in maximum]

        def function(points: NDArray[np.complex128]) -> NDArray[np.complex128]:
            s = np.ones((len(points), len(known)), dtype=np.complex128)
            s[:, columns] = points
            tight = circles.function_error
            return self._evaluate(process, modifiers, founders, by_group=s, day=day, tolerance=tight)

        unseen = 0.0
        if not self.lost_are_seen:
            none = np.zeros((1, len(known)))
            q = self._evaluate(process, modifiers, founders, by_group=none, day=day, tolerance=_TOLERANCE)
            unseen = float(q[0])
        return circles.joint(tuple(maximum), function, unseen=unseen, tolerance=tolerance)

    def sample(
        self,
        probabilities: FloatArray,
        rng: np.random.Generator,
        *,
        animals: int,
        clones: float | None = None,
    ) -> IntArray:
        """Draw the numbers of clones by class, shape (animals, C).

        Parameters
        ----------
        probabilities
            As from :meth:`probabilities`, shape (C,).
        clones
            Instead of the assay's own, e.g. from :meth:`expected_clones`.
        """
        p = checked_probabilities(probabilities, self.class_names)
        number = self._number(clones)
        totals = rng.poisson(number, size=animals) if self.poisson else np.full(animals, int(number))
        return draw_classes(p, totals, concentration=self.concentration, rng=rng)

    def log_prob(self, counts: IntArray, probabilities: FloatArray, *, clones: float | None = None) -> float:
        """Return the log-probability of counts by class, shape (C,) of one animal or (N, C) of several.

        Exact given the parameters. Animals without clones are normal input; animals that were not looked at
        are left out. ``clones``: as in :meth:`sample`; it is scored only if ``poisson``.
        """
        p = checked_probabilities(probabilities, self.class_names)
        found = checked_counts(counts, self.class_names)
        total = float(log_prob_classes(found, p, concentration=self.concentration).sum())
        if self.poisson:
            mean, numbers = self._number(clones), found.sum(axis=1)
            total += float((xlogy(numbers, mean) - mean - gammaln(numbers + 1.0)).sum())
        return total

    def _number(self, given: float | None) -> float:
        number = self.clones if given is None else given
        if not (math.isfinite(number) and number >= 0.0):
            raise ModelError(
                f"assay {self.name!r}: clones must be a finite number of at least 0, got {number}"
            )
        if not self.poisson and number != round(number):
            raise ModelError(
                f"assay {self.name!r}: {number:g} clones is no whole number; round it, or use poisson=True"
            )
        return number

    def _classes(self) -> IntArray:
        return class_of_pattern(self.classes, tuple(self.groups), where=f"assay {self.name!r}")

    def _observed(self) -> NDArray[np.bool_]:
        """Return which classes clones can be seen in, shape (classes,)."""
        first = 0 if self.lost_are_seen else 1
        there = np.zeros(len(self.classes), dtype=np.bool_)
        there[self._classes()[first:]] = True
        return there

    def _evaluate(
        self,
        process: Process,
        modifiers: Modifiers,
        founders: FloatArray,
        *,
        by_group: NDArray[Any],
        day: float,
        tolerance: float,
    ) -> NDArray[Any]:
        """Return the generating function of a clone's seen cells at s by group (P, G), shape (P,)."""
        points = np.ones((len(by_group), process.n_states), dtype=by_group.dtype)
        for g, (name, types) in enumerate(self.groups.items()):
            seen = self._detection[name]
            points[:, process.count(*types) > 0.0] = (1.0 - seen + seen * by_group[:, g])[:, None]
        labelled = self.labelling.labelled(process, founders)
        values = generating_function(
            process, modifiers, points, label_day=self.labelling.day, days=[day], tolerance=tolerance
        )
        return np.asarray(values[0] @ (labelled / labelled.sum()))

    def _patterns(
        self, process: Process, modifiers: Modifiers, founders: FloatArray, *, day: float, tolerance: float
    ) -> FloatArray:
        """Return the probability of each combination of groups that are seen, shape (2**G,)."""
        number = len(self.groups)
        there = (np.arange(2**number)[:, None] >> np.arange(number) & 1).astype(np.float64)
        within = self._evaluate(process, modifiers, founders, by_group=there, day=day, tolerance=tolerance)
        return pattern_probabilities(within)
