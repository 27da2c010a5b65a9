"""Put Dunnett's simultaneous answer in the place of single contrasts, where the data allow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from soleus.analysis.answers import Effect, Undetermined
from soleus.analysis.multiplicity import dunnett
from soleus.analysis.nesting import samples

if TYPE_CHECKING:
    import pandas as pd

    from soleus.analysis.declaration import Comparison

__all__ = ["with_dunnett"]

METHOD = "Dunnett's test on {what}animal values against {control!r}; intervals hold together"
_SUITED = ("Welch t test on log", "Welch t test on animal")


def with_dunnett(
    block: Sequence[Comparison], rows: pd.DataFrame, *, level: float, seed: int
) -> list[Comparison]:
    """Replace the contrasts of one read-out and day by Dunnett's.

    Parameters
    ----------
    block
        Its comparisons, each against the same control.
    rows
        Its rows.
    level, seed
        Of the simultaneous intervals, and of the integration.

    Returns
    -------
    list
        A contrast that cannot be told stays so. With fewer than two left, or where the logs or raw
        values that the test stands on are not to be had (zeros, proportions, growth), the
        contrasts stay as they are and Holm's method adjusts them.
    """
    told = [k for k, row in enumerate(block) if isinstance(row.effect, Effect)]
    effects = [row.effect for row in block if isinstance(row.effect, Effect)]
    methods = {effect.method for effect in effects}
    fit = len(told) > 1 and len(methods) == 1 and effects[0].method.startswith(_SUITED)
    if not fit or block[told[0]].day is None:
        return [_with_holm(row) for row in block]
    raw = effects[0].scale == "difference"
    kept = rows[~rows["excluded"].to_numpy(dtype=bool)]
    names = [str(block[k].treated) for k in told]
    control = str(block[told[0]].control)
    by_group = samples(kept, [*names, control])
    values = {g: s.value if raw else np.log(s.value) for g, s in by_group.items()}
    found = dunnett([values[g] for g in names], values[control], level=level, seed=seed)
    out = list(block)
    back = (lambda x: x) if raw else (lambda x: float(np.exp(x)))
    lines = ("animals are independent of each other", "values spread alike in all groups, roughly normal")
    for k, effect, one in zip(told, effects, found, strict=True):
        new = replace(
            effect,
            estimate=back(one.difference),
            low=back(one.low),
            high=back(one.high),
            p_value=one.p_value,
            df=one.df,
            se=one.se,
            method=METHOD.format(what="" if raw else "log ", control=control),
            assumptions=lines,
        )
        out[k] = replace(block[k], effect=new, p_adjusted=one.p_value, correction="dunnett")
    return out


def _with_holm(row: Comparison) -> Comparison:
    note = "Dunnett's test needs logs or values of two groups or more; adjusted by Holm's method"
    if isinstance(row.effect, Undetermined):
        return replace(row, correction="holm")
    said = f"{row.effect.note}; {note}" if row.effect.note else note
    return replace(row, effect=replace(row.effect, note=said), correction="holm")
