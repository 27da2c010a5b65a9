"""SPECULATIVE: an ordinal index of stress buffering from new neurons.

No published dose-response links behaviour to new neurons, so only levels are given, never a size. Counts
of any other niche than the index names are refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from soleus.catalogue.folder import Catalogue
from soleus.catalogue.resilience import BufferingIndex, buffering_index
from soleus.errors import InputError, UnsupportedError
from soleus.lineage.process import FloatArray, IntArray

__all__ = ["StressBuffering", "stress_buffering"]


@dataclass(frozen=True, slots=True)
class StressBuffering:
    """The index over draws of a ratio. Speculative.

    Attributes
    ----------
    status
        ``speculative``, to be shown wherever the index is.
    niche, place, readout
        What drives it; the place in words.
    levels, labels
        The levels from the lowest up, shape (L,), and their words.
    ranges
        The ratios that each level holds, in words.
    probabilities
        Share of the draws at each level, shape (L,); adds to 1.
    drawn
        Level of each draw, shape (N,).
    reasons
        Why each level begins and ends where it does.
    """

    status: str
    niche: str
    place: str
    readout: str
    levels: tuple[int, ...]
    labels: tuple[str, ...]
    ranges: tuple[str, ...]
    probabilities: FloatArray
    drawn: IntArray
    reasons: tuple[str, ...]

    @property
    def likeliest(self) -> int:
        """The level with most draws; of equals the one nearest to no change."""
        best = float(self.probabilities.max())
        tied = [k for k, p in zip(self.levels, self.probabilities, strict=True) if p == best]
        return min(tied, key=abs)

    def at_least(self, level: int) -> float:
        """Return the probability of this level or a higher one."""
        return float(np.mean(self.drawn >= level))

    @property
    def statement(self) -> str:
        """The result in one sentence that says what it is."""
        label = self.labels[self.levels.index(self.likeliest)]
        return (
            f"Speculative: stress buffering {label} ({self.likeliest:+d} of {self.levels[0]:+d} to "
            f"{self.levels[-1]:+d}) with probability {float(self.probabilities.max()):.2f}, from "
            f"new neurons of the {self.place} alone."
        )


def stress_buffering(
    catalogue: Catalogue,
    niche: str,
    log_ratios: ArrayLike,
    *,
    readout: str | None = None,
    index: BufferingIndex | None = None,
) -> StressBuffering:
    """Map ratios of new neurons, treated over control, to levels of the speculative index.

    Parameters
    ----------
    niche
        Where the neurons were counted; only the index's own niche is accepted.
    log_ratios
        Natural logarithms of the ratio, any shape with at least one draw. Minus infinity is a total loss.
    readout
        What was counted, if the caller knows; only the index's own read-out is accepted.
    index
        Another index than the catalogue's.

    Raises
    ------
    UnsupportedError
        If the counts come from another niche or are another read-out.
    InputError
        If there is no draw, or one is not a number or plus infinity.
    """
    known = buffering_index(catalogue) if index is None else index
    if niche != known.niche:
        raise UnsupportedError(
            f"the {known.label} is speculative and rests on the {known.place} alone: counts of niche "
            f"{niche!r} never drive it; give log-ratios of {known.readout!r} of niche {known.niche!r}"
        )
    if readout is not None and readout != known.readout:
        raise UnsupportedError(
            f"the {known.label} is driven by read-out {known.readout!r}, not by {readout!r}; "
            f"{known.readout_reason}"
        )
    drawn = np.ravel(np.asarray(log_ratios, dtype=float))
    if not len(drawn):
        raise InputError(f"the {known.label} needs at least one log-ratio, got none")
    if np.any(np.isnan(drawn)) or np.any(np.isposinf(drawn)):
        raise InputError(
            f"log-ratios must be numbers below infinity, got {drawn[~(drawn < np.inf)][0]}; "
            "an empty control group has no ratio"
        )
    position = _positions(np.exp(drawn), known)
    numbers = np.array([one.level for one in known.levels], dtype=np.int64)
    counts = np.bincount(position, minlength=len(numbers))
    return StressBuffering(
        status=known.status,
        niche=known.niche,
        place=known.place,
        readout=known.readout,
        levels=tuple(int(n) for n in numbers),
        labels=tuple(one.label for one in known.levels),
        ranges=_ranges(known),
        probabilities=counts / len(drawn),
        drawn=numbers[position],
        reasons=tuple(one.reason for one in known.levels),
    )


def _positions(ratios: FloatArray, index: BufferingIndex) -> IntArray:
    """Return the place in ``index.levels`` of each ratio, shape (N,): the bounds that it has passed."""
    passed = np.zeros(len(ratios), dtype=np.int64)
    for level in index.levels[:-1]:
        bound = level.up_to
        assert bound is not None
        # exp(log(x)) may miss x by a rounding error, which must not decide on which side a bound falls.
        on_it = np.isclose(ratios, bound, rtol=1e-12, atol=0.0)
        passed += np.where(on_it, not level.including, ratios > bound).astype(np.int64)
    return passed


def _ranges(index: BufferingIndex) -> tuple[str, ...]:
    """Return the ratios of each level in words, telling to which level a bound belongs."""
    words = []
    below = None
    for level in index.levels:
        low = high = ""
        if below is not None:
            low = f"above {below.up_to:g}" if below.including else f"{below.up_to:g} or more"
        if level.up_to is not None:
            high = f"up to {level.up_to:g}" if level.including else f"below {level.up_to:g}"
        words.append(", ".join(part for part in (low, high) if part))
        below = level
    return tuple(words)
