"""How many animals it takes to show that a read-out of the body did not change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from soleus.analysis import equivalence as tost
from soleus.assays import log_variance
from soleus.catalogue.body import body_readout_entry
from soleus.catalogue.folder import Catalogue
from soleus.errors import InputError

__all__ = ["EquivalencePower", "equivalence_power"]

Measure = Literal["value", "change"]


@dataclass(frozen=True, slots=True)
class EquivalencePower:
    """Power of two one-sided t tests on logs, at a true ratio of 1.

    Attributes
    ----------
    log_sd
        Spread of the log of what is compared, within a group.
    n_for_80
        Animals a group for a power of 80 %; None where 10,000 would not do.
    """

    readout: str
    margin: float
    measure: Measure
    animals_per_group: int
    log_sd: float
    power: float
    n_for_80: int | None


def equivalence_power(
    catalogue: Catalogue,
    readout: str,
    *,
    animals_per_group: int,
    margin: float | None = None,
    cv: float | None = None,
    measure: Measure = "value",
) -> EquivalencePower:
    """Return the power to show equivalence of a read-out of the body, and the animals for 80 %.

    Parameters
    ----------
    margin
        Above 1; that of the catalogue by default.
    cv
        Coefficient of variation between animals of a group on one day; by default that of the catalogue's
        animals and measurements.
    measure
        ``"value"``: one value an animal. ``"change"``: its ratio to its own value on the first day, which
        rids it of what differs between animals and counts the error twice.

    Raises
    ------
    InputError
        Fewer than 2 animals, a margin of 1 or less, or a ``cv`` given for a change.
    """
    entry = body_readout_entry(catalogue, readout)
    chosen = entry.margin.value if margin is None else margin
    if animals_per_group < 2:
        raise InputError(f"equivalence needs at least 2 animals a group, got {animals_per_group}")
    if not chosen > 1.0:
        raise InputError(f"an equivalence margin is a ratio above 1, such as 1.25, got {chosen:g}")
    spread = _spread(catalogue, readout, cv, measure)
    power = tost.tost_power(
        se=spread * math.sqrt(2.0 / animals_per_group),
        df=2.0 * animals_per_group - 2.0,
        log_margin=math.log(chosen),
    )
    needed = tost.n_for_equivalence(spread, margin=chosen)
    return EquivalencePower(readout, chosen, measure, animals_per_group, spread, power, needed)


def _spread(catalogue: Catalogue, readout: str, cv: float | None, measure: Measure) -> float:
    entry = body_readout_entry(catalogue, readout)
    error = log_variance(entry.error_cv.value)
    if measure == "change":
        if cv is not None:
            raise InputError("a cv is that of single values; a change takes the catalogue's error")
        if entry.terminal:
            raise InputError(f"{readout!r} is measured once in each animal; it has no change")
        return math.sqrt(2.0 * error)
    if measure != "value":
        raise InputError(f"measure must be 'value' or 'change', got {measure!r}")
    if cv is not None:
        if not cv > 0.0:
            raise InputError(f"a coefficient of variation is above 0, got {cv:g}")
        return math.sqrt(log_variance(cv))
    return math.sqrt(log_variance(entry.animal_cv.value) + error)
