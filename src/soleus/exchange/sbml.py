"""A bound process as SBML, so that other programs can be given the identical process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from soleus.exchange.sbml_document import document_text
from soleus.exchange.sbml_limits import InitialAmounts, initial_amounts, refuse_unsayable
from soleus.exchange.sbml_network import ScheduleForm, describe
from soleus.jobs import write_atomically

if TYPE_CHECKING:
    from soleus.engines import Start
    from soleus.lineage import Process
    from soleus.movement import Modifiers

__all__ = ["sbml_text", "write_sbml"]


def sbml_text(
    process: Process,
    modifiers: Modifiers,
    start: Start,
    *,
    schedule: ScheduleForm = "piecewise",
    initial: InitialAmounts | None = None,
) -> str:
    """Return a process under its modifiers, from its start, as an SBML Level 3 Version 1 core document.

    Parameters
    ----------
    modifiers
        Edges in days, shape (K + 1,). SBML time counts from the first edge; a role keeps its last
        value after the last one.
    start
        Cells per microstate at the first edge, shape (n,).
    schedule
        How a role's multiplier changes: ``piecewise``, an assignment rule in time, or ``events``
        that set it at each edge. Integrators that stop at events are exact at the edges only with
        the second.
    initial
        What stands for a Poisson start, which SBML core cannot say: ``mean``, or ``rounded`` to
        whole cells for exact simulation. Either loses the start's own variance; the model's notes
        say so.

    Returns
    -------
    str
        The same bytes for the same arguments and the same libsbml.

    Raises
    ------
    UnsupportedError
        The process holds what SBML core cannot say, or ``libsbml`` is not installed.
    InputError, ModelError
        A Poisson start without ``initial``; parts that do not fit together.

    Notes
    -----
    Each microstate is a species (an amount of items, never a concentration), each fate of each exit
    a reaction with the rate ``hazard * multiplier * p w / sum(p w) * cells``, each source a reaction
    without reactants. Numbers carry the 15 significant digits that libsbml writes. Version 1 is
    read by more programs than Version 2, and nothing here needs more.

    Readers, as tried: COPASI 4.48 and libRoadRunner 2.10 solve both forms of schedule. GillesPy2 1.8
    and bioscrape 1.4 solve documents in which no multiplier changes; they refuse ``piecewise``, and
    give wrong numbers without an error for ``events`` (bioscrape ignores events).

    Source: SBML Level 3 Version 1 Core, Release 2, https://doi.org/10.1515/jib-2017-0080.

    Examples
    --------
    >>> from soleus.engines import Start
    >>> from soleus.lineage import CellType, Fate, Lineage, Phase, Transition, compile_lineage
    >>> from soleus.movement import Modifiers
    >>> stem = CellType("stem", "stem cell", (Phase("cycle", cycling=True),))
    >>> two = Fate("two", 1.0, {"stem": 2})
    >>> divide = Transition("divide", "division", "stem", (two,), rate_per_day=0.5)
    >>> process = compile_lineage(Lineage("yule", (stem,), (divide,)))
    >>> text = sbml_text(process, Modifiers.none(0, 2), Start.given(process, {"stem": 10}))
    >>> '<species id="stem_cycle"' in text
    True
    """
    refuse_unsayable(process)
    amounts = initial_amounts(process, start, initial)
    return document_text(describe(process, modifiers, amounts, schedule=schedule))


def write_sbml(
    process: Process,
    modifiers: Modifiers,
    start: Start,
    *,
    path: str | Path,
    schedule: ScheduleForm = "piecewise",
    initial: InitialAmounts | None = None,
) -> Path:
    """Write :func:`sbml_text` to a file, whole or not at all; an existing file is replaced.

    Raises
    ------
    UnsupportedError, InputError, ModelError
        As :func:`sbml_text`; nothing is written then.
    OSError
        Where the folder cannot be written.
    """
    text = sbml_text(process, modifiers, start, schedule=schedule, initial=initial)
    target = Path(path)
    write_atomically(target, text.encode())
    return target
