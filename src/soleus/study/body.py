"""The body of the animals of a study: its rows of the table, and their score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from soleus.assays import BodyAssay
from soleus.errors import InputError
from soleus.lineage.process import FloatArray
from soleus.streams import Streams
from soleus.study.design import Animal, Study
from soleus.units import QUANTITIES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["body_frame", "body_log_prob", "split_body_rows"]

NICHE = "body"


def body_frame(
    study: Study,
    animals: Sequence[Animal],
    *,
    last_days: Sequence[float],
    lost: Sequence[bool],
    streams: Streams,
    source: str,
) -> pd.DataFrame:
    """Return one row for each animal, body assay and day, animals in order.

    Parameters
    ----------
    last_days
        Day on which each animal is killed; it is not measured after that.
    lost
        Whether each animal was lost: its rows stay, excluded with the reason.
    """
    import pandas as pd

    parts = [_assay_rows(study, assay, animals, last_days, streams) for assay in study.body]
    rows = [row for per_animal in zip(*parts, strict=True) for part in per_animal for row in part]
    gone = {animal.id for animal, is_lost in zip(animals, lost, strict=True) if is_lost}
    frame = pd.DataFrame(rows)
    frame["source"] = source
    frame["blinded"] = True
    frame["excluded"] = frame["animal"].isin(gone)
    frame["exclusion_reason"] = [("animal lost" if out else None) for out in frame["excluded"]]
    frame.loc[frame["excluded"], "value"] = np.nan
    return frame


_Rows = list[dict[str, Any]]


def _assay_rows(
    study: Study, assay: BodyAssay, animals: Sequence[Animal], last_days: Sequence[float], streams: Streams
) -> list[_Rows]:
    """Return the rows of each animal."""
    words = streams.words(f"assay:{assay.name}", [animal.number for animal in animals])
    found: list[_Rows] = [[] for _ in animals]
    kinds: dict[tuple[str, float], list[int]] = {}
    for place, (animal, last) in enumerate(zip(animals, last_days, strict=True)):
        kinds.setdefault((animal.group, last), []).append(place)
    for (group, last), places in kinds.items():
        days = assay.days_until(last)
        if not days:
            continue
        means = _means(study, assay, group, days)
        values = assay.draw(np.tile(means, (len(places), 1)), words[places])
        for place, series in zip(places, values.tolist(), strict=True):
            found[place] = [
                _row(study, assay, animals[place], day, value)
                for day, value in zip(days, series, strict=True)
            ]
    return found


def _means(study: Study, assay: BodyAssay, group: str, days: Sequence[float]) -> FloatArray:
    return assay.readout.mean(
        study.group(group).regimen, days, signals=study.signals, feedbacks=study.feedbacks
    )


def _row(study: Study, assay: BodyAssay, animal: Animal, day: float, value: float) -> dict[str, Any]:
    factors = study.group(animal.group).factors
    return {
        "study": study.name,
        "animal": animal.id,
        "group": animal.group,
        "sex": animal.sex,
        "strain": animal.strain,
        "age_days": animal.age_days + day,
        "cage": animal.cage,
        "day": day,
        "niche": NICHE,
        "assay": assay.name,
        "readout": assay.readout.name,
        "unit_level": "animal",
        "value": value,
        "value_kind": assay.readout.value_kind,
        "unit": assay.readout.unit,
        **{f"factor:{name}": factors[name] for name in study.control.factors},
    }


def split_body_rows(study: Study, frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of the study's body assays, and the others."""
    if not study.body:
        return frame.iloc[:0], frame
    of_body = frame["assay"].isin([assay.name for assay in study.body]).to_numpy(dtype=bool)
    return frame[of_body], frame[~of_body]


def body_log_prob(study: Study, rows: pd.DataFrame) -> float:
    """Return the log-probability of the rows of body assays, animals being independent.

    Raises
    ------
    InputError
        If a row is a published summary, or two rows are of one animal, assay and day.
    """
    if rows.empty:
        return 0.0
    if (rows["unit_level"] != "animal").any():
        raise InputError("assays of the body measure animals; their rows need unit_level 'animal'")
    assays = {assay.name: assay for assay in study.body}
    total = 0.0
    for (name, group), part in rows.groupby(["assay", "group"], sort=False):
        assay = assays[str(name)]
        scale = _scale(assay, part)
        days = tuple(sorted({float(day) for day in part["day"]}))
        mean = dict(zip(days, _means(study, assay, str(group), days), strict=True))
        for animal, series in part.groupby("animal", sort=False):
            at = [float(day) for day in series["day"]]
            if len(set(at)) < len(at):
                raise InputError(
                    f"assay {assay.name!r}: animal {animal!r} has two values on one day; average them first"
                )
            values = scale * series["value"].to_numpy(dtype=float)
            total += float(assay.log_prob(values, means=np.array([mean[day] for day in at]))[0])
    return total


def _scale(assay: BodyAssay, rows: pd.DataFrame) -> float:
    """Return the factor from the rows' unit to that of the read-out; masses are converted."""
    own = assay.readout
    for name in rows["readout"].unique():
        if name != own.name:
            raise InputError(f"assay {assay.name!r} measures {own.name!r}; its rows cannot be of {name!r}")
    units = [str(unit) for unit in rows["unit"].unique()]
    if units == [own.unit]:
        return 1.0
    masses = QUANTITIES["mass"].factors
    if len(units) == 1 and units[0] in masses and own.unit in masses:
        return masses[units[0]] / masses[own.unit]
    raise InputError(
        f"assay {assay.name!r} is in {own.unit!r}, its rows in {', '.join(map(repr, units))}; convert them"
    )
