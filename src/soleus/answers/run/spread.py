"""How far the mechanisms differ in each read-out: what could tell them apart."""

from __future__ import annotations

from dataclasses import dataclass

from soleus.answers.run.values import RunResult, TranslationRow
from soleus.report.numbers import on_log_axis

__all__ = ["Spread", "last_day_rows", "readout_spreads"]


@dataclass(frozen=True)
class Spread:
    """The range of a read-out's true ratio over the mechanisms that reach the reported size."""

    readout: str
    low: float
    high: float

    @property
    def fold(self) -> float:
        """The largest ratio over the smallest."""
        return on_log_axis(self.high) / on_log_axis(self.low)


def last_day_rows(result: RunResult) -> list[TranslationRow]:
    """Return the rows of the last day, mechanisms that reach the reported size first."""
    last = max((row.day for row in result.translation), default=0.0)
    return sorted((row for row in result.translation if row.day == last), key=lambda row: not row.reaches)


def readout_spreads(result: RunResult) -> list[Spread]:
    """Return the spread of every read-out on the last day, the most telling first.

    Only mechanisms that reach the reported size count; with fewer than two of them every fold is 1.
    """
    rows = last_day_rows(result)
    reaching = [row for row in rows if row.reaches]
    spreads = []
    for name in dict.fromkeys(name for row in rows for name in row.ratios):
        ratios = [row.ratios[name] for row in reaching if name in row.ratios]
        spreads.append(Spread(name, min(ratios, default=1.0), max(ratios, default=1.0)))
    return sorted(spreads, key=lambda one: -one.fold)
