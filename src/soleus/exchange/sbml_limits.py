"""What SBML core cannot say: refused by name, or said in the model's notes; never dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

from soleus.errors import InputError, UnsupportedError, unknown_name

if TYPE_CHECKING:
    from soleus.engines import Start
    from soleus.lineage import Process
    from soleus.lineage.process import FloatArray

__all__ = ["Amounts", "InitialAmounts", "initial_amounts", "refuse_unsayable"]

InitialAmounts = Literal["mean", "rounded"]


class Amounts(NamedTuple):
    """Cells per microstate as a document states them, shape (n,), and what that loses (or nothing)."""

    cells: FloatArray
    loss: str


def refuse_unsayable(process: Process) -> None:
    """Raise if a process holds what SBML core has no words for.

    Raises
    ------
    UnsupportedError
        With everything that cannot be said, by name.
    """
    found = [reason for find in _UNSAYABLE for reason in find(process)]
    if found:
        raise UnsupportedError(
            f"process {process.name!r} cannot be written as SBML: {'; '.join(found)}. "
            "Take these out of the lineage before the export, or solve it with soleus"
        )


def _jumps(process: Process) -> list[str]:
    return [
        f"jump {jump.name!r} on day {jump.day:g} moves each cell on its own (a binomial draw), which an "
        "SBML event cannot do"
        for jump in process.jumps
    ]


def _gamma_waits(process: Process) -> list[str]:
    return [
        f"transition {name!r} has a gamma wait, which is no hazard per cell (give it stages, an Erlang wait, "
        "instead)"
        for name in process.gamma_transitions
    ]


def _tags(process: Process) -> list[str]:
    return [
        f"tag {name!r} crosses its microstates with levels of a label or marker, whose pulses are no "
        "part of the lineage (export the process without tags)"
        for name in process.tags
    ]


# Each finds what it names; a new attribute of Process that SBML cannot say gets its line here.
_UNSAYABLE: tuple[Callable[[Process], list[str]], ...] = (_tags, _jumps, _gamma_waits)


def initial_amounts(process: Process, start: Start, initial: InitialAmounts | None) -> Amounts:
    """Return the initial amounts of a document.

    Raises
    ------
    InputError
        The start does not fit the process, or is Poisson and ``initial`` does not say what stands
        for it.
    """
    if start.mean.shape != (process.n_states,):
        raise InputError(
            f"start has {start.mean.shape[0]} microstates, process {process.name!r} has {process.n_states}"
        )
    if process.has_outside and start.mean[-1] != 1.0:
        raise InputError(
            f"start: the outside world, where sources come from, must hold 1, got {start.mean[-1]:g}; "
            "make the start with Start.given or another function of soleus.engines"
        )
    if initial is not None and initial not in get_args(InitialAmounts):
        raise unknown_name("initial amounts", str(initial), get_args(InitialAmounts))
    if not start.poisson:
        return Amounts(start.mean, "")
    if initial is None:
        raise InputError(
            "the start is Poisson (random numbers of cells), and SBML core holds fixed initial amounts only; "
            "give initial='mean' (the means, not whole numbers) or initial='rounded' (the nearest whole "
            "numbers). Both lose the variance of the start; or give a fixed start"
        )
    lost = "The start is independent Poisson numbers of cells per microstate, which SBML core cannot say."
    if initial == "mean":
        return Amounts(
            start.mean,
            f"{lost} The initial amounts are its means: mean cell numbers are kept, the variance of the "
            "start is lost.",
        )
    cells = np.round(start.mean)
    inside = slice(0, -1) if process.has_outside else slice(None)
    return Amounts(
        cells,
        f"{lost} The initial amounts are its means rounded to whole cells ({cells[inside].sum():g} in all, "
        f"of a mean of {start.mean[inside].sum():.10g}): the means are shifted by up to half a cell per "
        "microstate, and the variance of the start is lost.",
    )
