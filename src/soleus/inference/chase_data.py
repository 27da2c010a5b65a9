"""The small table of an EdU pulse and chase by flow: fractions by DNA-content gate, with their errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from soleus.errors import InputError, unknown_name
from soleus.inference.chase_model import GATES
from soleus.lineage.process import FloatArray

__all__ = ["ChaseData"]

_HOUR_NAMES = ("hours", "time_point")
_ALIASES = {"G2": "G2M", "G2/M": "G2M", "G0/G1": "G1", "G0G1": "G1"}
_TOO_MUCH = 4.0


@dataclass(frozen=True)
class ChaseData:
    """Fractions of all cells after a pulse, by gate in the order G1, S, G2M.

    Attributes
    ----------
    hours
        After the analogue was added, shape (T,), increasing.
    labelled, labelled_error
        Labelled cells of the gate over **all** cells, and standard errors, shape (T, 3); NaN: not measured.
    steady, steady_error
        All cells of the gate over all cells in stable growth, shape (3,); NaN: not measured.
    """

    hours: FloatArray
    labelled: FloatArray
    labelled_error: FloatArray
    steady: FloatArray
    steady_error: FloatArray

    def __post_init__(self) -> None:
        h = self.hours
        if (
            h.ndim != 1
            or len(h) == 0
            or not np.all(np.isfinite(h))
            or h[0] <= 0.0
            or np.any(np.diff(h) <= 0.0)
        ):
            raise InputError(f"hours must be above 0 and increase, one row a time, got {h.tolist()}")
        for what, value, error, shape in (
            ("labelled fractions", self.labelled, self.labelled_error, (len(h), 3)),
            ("steady-state fractions", self.steady, self.steady_error, (3,)),
        ):
            if value.shape != shape or error.shape != shape:
                raise InputError(f"{what} and their errors must have shape {shape}, got {value.shape}")
            there = ~np.isnan(value)
            if not np.all(error[there] > 0.0):
                raise InputError(f"{what}: every value needs a standard error above 0")
            # What is left after a background is taken off may lie a little below 0.
            beyond = np.maximum(-value, value - 1.0)[there] > _TOO_MUCH * error[there]
            if np.any(beyond):
                far = value[there][beyond]
                raise InputError(
                    f"{what} must lie in [0, 1], within {_TOO_MUCH:g} errors, got {far[0]:g}; per cent?"
                )
        if not np.any(~np.isnan(self.labelled)):
            raise InputError("the table holds no labelled fraction")
        self._refuse_fractions_of_the_gate()

    def _refuse_fractions_of_the_gate(self) -> None:
        total, error = self.labelled.sum(axis=1), np.sqrt(np.sum(self.labelled_error**2, axis=1))
        for hour, value, se in zip(self.hours, total, error, strict=True):
            if value > 1.0 + _TOO_MUCH * se:
                raise InputError(
                    f"labelled fractions at {hour:g} h add to {value:.2f}: they must be of all cells, not of "
                    "the cells of each gate; multiply each by the gate's share of all cells"
                )

    @property
    def number(self) -> int:
        """How many values there are."""
        return int(np.sum(~np.isnan(self.labelled)) + np.sum(~np.isnan(self.steady)))

    @staticmethod
    def of(chase: pd.DataFrame, steady: pd.DataFrame | None = None) -> ChaseData:
        """Return the data of a table.

        Parameters
        ----------
        chase
            One row a time: ``hours`` (or ``time_point``), ``mean_G1``, ``mean_S``, ``mean_G2`` and
            ``err_G1``, ``err_S``, ``err_G2``; ``G2M`` is read like ``G2``. Fractions of all cells.
        steady
            One row a gate: ``phase``, ``mean``, ``error``; gates may be missing.
        """
        table = _tidy(chase)
        hours = next((table[name] for name in _HOUR_NAMES if name in table), None)
        if hours is None:
            raise InputError(f"the chase has no column of hours, one of {_HOUR_NAMES}; it has {list(table)}")
        values = [[_column(table, f"{kind}_{gate}") for gate in GATES] for kind in ("mean", "err")]
        mean, error = np.full(3, np.nan), np.full(3, np.nan)
        if steady is not None:
            rows = _tidy(steady)
            for phase, m, e in zip(*(_column(rows, c) for c in ("phase", "mean", "error")), strict=True):
                gate = _ALIASES.get(str(phase).strip(), str(phase).strip())
                if gate not in GATES:
                    raise unknown_name("gate of the steady state", str(phase), GATES)
                mean[GATES.index(gate)], error[GATES.index(gate)] = float(m), float(e)
        labelled, errors = (np.array(v, dtype=float).T for v in values)
        return ChaseData(np.asarray(hours, dtype=float), labelled, errors, mean, error)


def _tidy(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose index is a column too, with blanks stripped from names and gates named alike."""
    flat = table.reset_index() if table.index.name is not None else table

    def name(column: object) -> str:
        text = str(column).strip()
        kind, _, gate = text.partition("_")
        return f"{kind}_{_ALIASES.get(gate, gate)}" if kind in ("mean", "err") and gate else text

    return flat.rename(columns=name)


def _column(table: pd.DataFrame, name: str) -> list[object]:
    if name not in table:
        raise unknown_name("column of the table", name, map(str, table.columns))
    return list(table[name])
