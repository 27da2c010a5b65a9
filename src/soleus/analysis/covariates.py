"""A read-out as covariate: the weight that was measured beside becomes a number of the animal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soleus.analysis.nesting import samples
from soleus.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from soleus.analysis.declaration import AnalysisPlan

__all__ = ["with_covariates"]


def with_covariates(frame: pd.DataFrame, plan: AnalysisPlan) -> pd.DataFrame:
    """Return the table with the read-outs that the plan names as covariates as columns, and not as read-outs.

    Raises
    ------
    InputError
        Nothing would be left to compare.
    """
    known = {str(name).casefold(): str(name) for name in frame["readout"].drop_duplicates()}
    for name in plan.covariates:
        readout = known.get(name.casefold())
        if readout is None or f"covariate:{name}" in frame.columns:
            continue
        mine = (frame["readout"] == readout).to_numpy(dtype=bool)
        if mine.all():
            raise InputError(
                f"--covariate {name}: it is the only read-out, so that nothing is left to compare"
            )
        kept = frame[mine & ~frame["excluded"].to_numpy(dtype=bool)]
        values: dict[tuple[str, float], float] = {}
        for day, rows in kept.groupby("day", sort=False):
            for sample in samples(rows, list(rows["group"].unique())).values():
                when = float(str(day))
                values |= {
                    (animal, when): v for animal, v in zip(sample.names, sample.value.tolist(), strict=True)
                }
        days = sorted({when for _, when in values})
        rest = frame[~mine].copy()
        keys = zip(rest["animal"], rest["day"], strict=True)
        # Measured once, it is the animal's; measured on several days, it is that day's.
        rest[f"covariate:{name}"] = [
            values.get((str(animal), float(day) if len(days) > 1 else days[0])) for animal, day in keys
        ]
        frame = rest
    return frame
