"""Which rows are analysed together: one read-out, day, place and kind at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from soleus.errors import InputError, unknown_name
from soleus.observations import STRATUM_PREFIX, strata_of

if TYPE_CHECKING:
    import pandas as pd

    from soleus.analysis.declaration import AnalysisPlan
    from soleus.observations import Observations

__all__ = ["SUMMARIES", "Part", "chosen_rows", "is_summary", "parts_of", "shown_in"]

_KEY = ("readout", "day", "niche", "assay", "unit_level", "value_kind")
SUMMARIES = "these rows are published summaries (a mean with its se), not animals; fit accepts them"


@dataclass(frozen=True, eq=False)
class Part:
    """Rows of one read-out on one day (None: over all days), in one place.

    Parameters
    ----------
    rows
        Excluded ones too.
    base
        Rows of the same on the day of the baseline; None where there is none.
    spans
        Days that were brought together for a contrast of groups of different days.
    """

    readout: str
    day: float | None
    niche: str | None
    assay: str
    unit_level: str
    value_kind: str
    strata: tuple[tuple[str, str], ...]
    rows: pd.DataFrame
    base: pd.DataFrame | None = None
    spans: tuple[float, ...] = ()

    @property
    def kept(self) -> pd.DataFrame:
        """The rows that are not excluded."""
        excluded = self.rows["excluded"].to_numpy(dtype=bool)
        return self.rows[~excluded] if excluded.any() else self.rows

    @property
    def place(self) -> tuple[object, ...]:
        """All but the day."""
        return (self.readout, self.niche, self.assay, self.unit_level, self.value_kind, self.strata)


def chosen_rows(observations: Observations, plan: AnalysisPlan) -> pd.DataFrame:
    """Return the rows of the read-outs and days that a plan names.

    Raises
    ------
    UnknownNameError, InputError
        A read-out or day that the table does not have, more than one study, or summaries alone.
    """
    frame = observations.frame
    if frame["study"].nunique() > 1:
        names = ", ".join(map(str, frame["study"].unique()))
        raise InputError(f"the table holds more than one study: {names}; analyse them one by one")
    named = {*plan.readouts, *plan.margins, *plan.growth, *(r for f in plan.families.values() for r in f)}
    for readout in sorted(named):
        if readout not in observations.readouts:
            raise unknown_name("readout", readout, observations.readouts)
    if plan.readouts:
        frame = frame[frame["readout"].isin(list(plan.readouts)).to_numpy(dtype=bool)]
    wanted = [*plan.days, *([] if plan.baseline is None else [plan.baseline])]
    missing = sorted(set(wanted) - set(frame["day"]))
    if missing:
        have = ", ".join(f"{day:g}" for day in sorted(set(frame["day"])))
        raise InputError(f"no value on day {missing[0]:g}; there are values on day {have}")
    if plan.days:
        frame = frame[frame["day"].isin(wanted).to_numpy(dtype=bool)]
    if is_summary(frame).all():
        raise InputError(f"cannot be told from these data, because {SUMMARIES}")
    return frame


def is_summary(frame: pd.DataFrame) -> pd.Series:
    """Say which rows are published summaries."""
    return (frame["unit_level"] == "group").astype(bool) | frame["se"].notna()


def parts_of(frame: pd.DataFrame, plan: AnalysisPlan) -> Iterator[Part]:
    """Yield the parts that are analysed one by one, growth first."""
    growing = frame["readout"].isin(list(plan.growth)).to_numpy(dtype=bool)
    every = [*_KEY, *strata_of(frame.columns)]
    over_days = [name for name in every if name != "day"]
    for key, rows in frame[growing].groupby(over_days, sort=False, dropna=False):
        yield _part((key[0], None, *key[1:]), rows, every)
    base: dict[tuple[object, ...], pd.DataFrame] = {}
    found = [
        _part(tuple(key), rows, every)
        for key, rows in frame[~growing].groupby(every, sort=False, dropna=False)
    ]
    if plan.baseline is None:
        yield from found
        return
    base = {part.place: part.kept for part in found if part.day == plan.baseline}
    if len(base) == len(found):
        raise InputError(
            f"--baseline {plan.baseline:g}: the table has no other day, so that nothing is left to compare"
        )
    for part in found:
        if part.day != plan.baseline:
            yield Part(
                part.readout, part.day, part.niche, part.assay, part.unit_level, part.value_kind, part.strata,
                part.rows, base.get(part.place),
            )  # fmt: skip


def _part(key: tuple[object, ...], rows: pd.DataFrame, every: list[str]) -> Part:
    strata = [
        (name.removeprefix(STRATUM_PREFIX), str(word))
        for name, word in zip(every[len(_KEY) :], key[len(_KEY) :], strict=True)
        if isinstance(word, str)
    ]
    day = None if key[1] is None else float(str(key[1]))
    niche = key[2] if isinstance(key[2], str) else None
    return Part(str(key[0]), day, niche, str(key[3]), str(key[4]), str(key[5]), tuple(strata), rows)


def shown_in(part: Part) -> str:
    """Return what a unit's value is in, such as cells/mm2 or cells per field."""
    unit = str(part.rows["unit"].iloc[0])
    if part.value_kind != "count":
        return "share" if part.value_kind == "fraction" else unit
    if part.rows["denominator"].notna().any():
        return "share"
    exposures = part.rows["exposure_unit"].dropna().unique().tolist()
    if exposures:
        return f"{unit}/{exposures[0]}"
    return unit if part.unit_level == "animal" else f"{unit} per {part.unit_level}"
