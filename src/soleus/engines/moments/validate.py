"""What the moments engine refuses before any number is computed."""

from __future__ import annotations

import numpy as np

from soleus.engines.start import Start
from soleus.errors import InputError
from soleus.lineage import Process
from soleus.lineage.process import FloatArray

__all__ = ["check_start", "check_tolerance", "checked_weights"]


def check_start(process: Process, start: Start) -> None:
    """Refuse a start of another process."""
    if start.mean.shape != (process.n_states,):
        raise InputError(
            f"start has {start.mean.shape[0]} microstates, process {process.name!r} has {process.n_states}"
        )


def check_tolerance(tolerance: float, *, lowest: float) -> None:
    """Refuse a tolerance that cannot be held."""
    if not lowest <= tolerance <= 0.1:
        raise InputError(f"tolerance must lie in [{lowest:g}, 0.1], got {tolerance:g}")


def checked_weights(process: Process, weights: FloatArray) -> FloatArray:
    """Return read-out weights as an array (R, n), or refuse them."""
    found = np.atleast_2d(np.asarray(weights, dtype=float))
    if found.shape[1] != process.n_states:
        raise InputError(
            f"weights must have shape (read-outs, {process.n_states} microstates), got {found.shape}"
        )
    if not np.all(np.isfinite(found)):
        raise InputError("weights must be finite numbers")
    if process.has_outside and np.any(found[:, -1] != 0.0):
        raise InputError("weights of the last microstate, the outside world, must be 0: it is never counted")
    return found
