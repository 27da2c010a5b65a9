"""Shares of a culture's cells, by stain or by DNA content, as assays that can be drawn and scored."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soleus.assays.fractions import FractionAssay
from soleus.assays.markers import merge_tags
from soleus.assays.readouts import CellReadout, Share
from soleus.errors import ModelError
from soleus.lineage import Process, Tag
from soleus.lineage.process import FloatArray

__all__ = ["Part", "phase_assay", "share_assay"]

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Part:
    """Cells of a read-out under another name, or those of it that are not in a second one.

    Parameters
    ----------
    without
        Read-out of cells that do not count; all of them must be in ``of``.
    """

    name: str
    label: str
    of: CellReadout
    without: CellReadout | None = None

    @property
    def tags(self) -> tuple[Tag, ...]:
        """What the process must be crossed with."""
        both = (self.of,) if self.without is None else (self.of, self.without)
        return merge_tags([tag for readout in both for tag in readout.tags])

    def weights(self, process: Process) -> FloatArray:
        """Return the weight of each microstate, shape (n,).

        Raises
        ------
        ModelError
            If the second read-out counts cells that the first does not.
        """
        found = self.of.weights(process)
        if self.without is None:
            return found
        found = found - self.without.weights(process)
        if np.any(found < -_ROUNDING):
            raise ModelError(
                f"read-out {self.name!r}: {self.without.name!r} counts cells that {self.of.name!r} does not; "
                "a share is of its own whole"
            )
        return np.maximum(found, 0.0)


def share_assay(
    share: Share,
    *,
    events: int,
    wells: int = 1,
    concentration: float = math.inf,
    sensitivity: float = 1.0,
    false_positive: float = 0.0,
) -> FractionAssay:
    """Return the assay that reads a share: so many cells of each well, positive or not.

    Parameters
    ----------
    share
        Such as ``readouts("culture")["nestin_share"]``.
    events
        Cells that are scored in a well.
    wells
        Wells (or fields) of each culture.
    concentration
        Of the shares of wells around the culture's; infinite: wells differ by chance alone.
    sensitivity, false_positive
        Probabilities that a positive, and another, cell is scored as positive.
    """
    return FractionAssay(
        name=share.name,
        label=share.label,
        categories=(
            Part(f"{share.name}: positive", f"{share.label}, positive", share.part),
            Part(f"{share.name}: negative", f"{share.label}, negative", share.whole, share.part),
        ),
        events=events,
        units=wells,
        unit_level="well",
        confusion=((sensitivity, 1.0 - sensitivity), (false_positive, 1.0 - false_positive)),
        concentration=concentration,
    )


def phase_assay(
    name: str,
    label: str,
    phases: Sequence[Share],
    *,
    events: int,
    wells: int = 1,
    concentration: float = math.inf,
    confusion: tuple[tuple[float, ...], ...] | None = None,
) -> FractionAssay:
    """Return flow cytometry of DNA content: shares that are together the whole.

    Parameters
    ----------
    phases
        Such as the shares ``g0g1_share``, ``s_share`` and ``g2m_share`` of one lineage.
    confusion
        Gating errors, as in :class:`~soleus.assays.FractionAssay`.

    Raises
    ------
    ModelError
        If the shares are of different wholes.
    """
    if len({tuple(getattr(s.whole, "types", (s.whole.name,))) for s in phases}) > 1:
        raise ModelError(f"assay {name!r}: the shares {[s.name for s in phases]} are of different wholes")
    return FractionAssay(
        name=name,
        label=label,
        categories=tuple(Part(f"{name}: {s.name}", s.label, s.part) for s in phases),
        events=events,
        units=wells,
        unit_level="well",
        confusion=confusion,
        concentration=concentration,
    )
