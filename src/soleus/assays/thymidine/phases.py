"""Shares of a cycling population that are in each phase."""

from __future__ import annotations

from typing import NamedTuple

from soleus.errors import InputError

__all__ = ["PhaseShares", "phase_shares"]


class PhaseShares(NamedTuple):
    """Shares of the cycling cells, which add to 1."""

    g1: float
    s: float
    g2m: float


def phase_shares(g1_hours: float, s_hours: float, g2m_hours: float, *, growing: bool) -> PhaseShares:
    """Return the share of cycling cells in each phase.

    Parameters
    ----------
    g1_hours, s_hours, g2m_hours
        Lengths of the phases, hours, each at least 0 and not all 0.
    growing
        False: one daughter of each division stays in the population, on average, which keeps its
        number. Ages are uniform and a share is the phase's part of the cycle, ``T_i / T_c``.
        True: both daughters stay and the number doubles each cycle. There are twice as many newborn
        cells as cells about to divide, density ``2 a exp(-a age)`` with ``a = ln 2 / T_c``, so
        ``G2M = 2**(T_G2M / T_c) - 1``, ``S = 2**((T_S + T_G2M) / T_c) - 2**(T_G2M / T_c)``, G1 the rest.

    Raises
    ------
    InputError
        If a length is negative or the cycle is 0.

    Notes
    -----
    Assumes phases of one length in all cells, balanced growth, no death that depends on age. Cells that
    stay for less than a cycle on average (more than half of the daughters leave) have ages in between.
    Source: Steel 1977, *Growth Kinetics of Tumours*, Oxford (book, doi unknown); with phases of variable
    length Weber et al. 2014, doi 10.1371/journal.pcbi.1003616.

    Examples
    --------
    >>> round(phase_shares(8.0, 9.0, 3.0, growing=False).s, 3)
    0.45
    >>> round(phase_shares(8.0, 9.0, 3.0, growing=True).s, 3)
    0.406
    """
    lengths = (g1_hours, s_hours, g2m_hours)
    cycle = sum(lengths)
    if min(lengths) < 0.0 or not 0.0 < cycle < float("inf"):
        raise InputError(f"phases are lengths in hours of at least 0 with a sum above 0, got {lengths}")
    if not growing:
        return PhaseShares(*(length / cycle for length in lengths))
    late = 2.0 ** (g2m_hours / cycle)
    after_g1 = 2.0 ** ((s_hours + g2m_hours) / cycle)
    return PhaseShares(2.0 - after_g1, after_g1 - late, late - 1.0)
