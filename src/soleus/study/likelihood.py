"""Score a table under a bound study: the other half of the hinge.

Published summaries are independent given the parameters. Counts of one animal share its niche
size, its own rates and the demographic noise of its cells; these are marginalised as follows.

* Niche size is integrated jointly for all read-outs of the animal, on a grid that closes in on the
  integrand: its log is concave, and many read-outs make it far narrower than the prior.
* The animal's own rates and the demographic noise enter each read-out as a log-normal factor whose
  log-variance is computed from the process (see ``spread``). That this factor is taken as independent
  between read-outs of counts is an approximation; its size is tested against simulation. Shares of a
  population (:class:`~soleus.assays.FractionAssay`) use the whole covariance of their categories and are
  independent of the animal's niche size.
* Measures of the body (:class:`~soleus.assays.BodyAssay`) share nothing with the niche but the regimen:
  an animal's series is scored in closed form.
* An observer's factor on counts is shared by all animals of that observer and integrated over all of
  them together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from soleus.assays import CountAssay, FractionAssay, PublishedMean, log_variance
from soleus.errors import InputError, UnsupportedError, unknown_name
from soleus.lineage.process import FloatArray
from soleus.observations import Observations
from soleus.study.body import body_log_prob, split_body_rows
from soleus.study.counted import Counted, counts_of_observer
from soleus.study.design import Assay
from soleus.study.experiment import Experiment
from soleus.study.spread import Relative, relative_covariance

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["log_prob", "pointwise_published"]


@dataclass(frozen=True, slots=True)
class _Summary:
    """One published mean of a table."""

    assay: PublishedMean
    group: str
    day: float
    value: float
    se: float


def log_prob(
    experiment: Experiment, observations: Observations, theta: Mapping[str, float] | None = None
) -> float:
    """Return the log-probability of a table.

    Parameters
    ----------
    theta
        Numbers to use instead of the experiment's own (see :meth:`Experiment.at`).

    Raises
    ------
    InputError
        If a row's assay, group or day is not in the study, or a summary lacks its error.
    UnsupportedError
        If the same cultures are followed over several days.

    Notes
    -----
    Bounds on the animals' effects (``Variation.bound_sd``) are left out; they trim variances a little.
    """
    here = experiment if theta is None else experiment.at(theta)
    if here.study.longitudinal and len(here.study.sampling_days) > 1:
        raise UnsupportedError(
            f"study {here.study.name!r} follows cultures over {len(here.study.sampling_days)} days; their "
            "counts hang together and only one day can be scored: give a study with that day alone"
        )
    frame = observations.frame
    body, frame = split_body_rows(here.study, frame[~frame["excluded"].astype(bool)])
    summaries = _summaries(here, frame)
    counts = frame[frame["unit_level"] != "group"]
    of_niche = _published(here, summaries) + _animals(here, counts, _means(here, counts))
    return of_niche + body_log_prob(here.study, body)


def pointwise_published(experiment: Experiment, observations: Observations) -> list[tuple[float, float]]:
    """Return, for each published mean in order, its prediction (scaled) and its standardised residual."""
    summaries = _summaries(experiment, observations.frame)
    return [
        (s.assay.scale * mean, s.assay.standardised(s.value, s.se, mean_cells=mean))
        for s, mean in zip(summaries, _summary_means(experiment, summaries), strict=True)
    ]


def _assay_of(experiment: Experiment, name: str) -> Assay:
    for assay in experiment.study.assays:
        if assay.name == name:
            return assay
    known = [a.name for a in experiment.study.assays]
    raise unknown_name(f"assay of study {experiment.study.name!r}", name, known)


def _summaries(experiment: Experiment, frame: pd.DataFrame) -> list[_Summary]:
    """Return the group-level rows as published means."""
    rows = frame[frame["unit_level"] == "group"]
    columns = (rows[c].tolist() for c in ("assay", "group", "day", "value", "se"))
    found = []
    for name, group, day, value, se in zip(*columns, strict=True):
        assay = _assay_of(experiment, str(name))
        if not isinstance(assay, PublishedMean):
            raise InputError(f"assay {assay.name!r} counts animals; its rows cannot have unit_level 'group'")
        if not se > 0.0:
            raise InputError(
                f"{assay.readout.name!r} on day {day:g}: a published mean needs its standard error "
                "in column 'se'"
            )
        found.append(_Summary(assay, str(group), float(day), float(value), float(se)))
    return found


def _summary_means(experiment: Experiment, summaries: list[_Summary]) -> list[float]:
    """Return the predicted mean cells of each published mean."""
    index = _index(experiment)
    means = {
        group: _means_on(experiment, group, {s.day for s in summaries if s.group == group})
        for group in {s.group for s in summaries}
    }
    return [float(means[s.group][s.day][index[s.assay.readout.name]]) for s in summaries]


def _published(experiment: Experiment, summaries: list[_Summary]) -> float:
    return math.fsum(
        s.assay.log_prob(s.value, s.se, mean_cells=mean)
        for s, mean in zip(summaries, _summary_means(experiment, summaries), strict=True)
    )


def _means_on(experiment: Experiment, group: str, days: set[float]) -> dict[float, FloatArray]:
    ordered = tuple(sorted(days))
    return dict(zip(ordered, experiment.true_means(group, days=ordered), strict=True))


def _means(experiment: Experiment, rows: pd.DataFrame) -> dict[str, dict[float, FloatArray]]:
    return {
        str(group): _means_on(experiment, str(group), {float(d) for d in part["day"]})
        for group, part in rows.groupby("group", sort=False)
    }


def _index(experiment: Experiment) -> dict[str, int]:
    return {r.name: i for i, r in enumerate(experiment.readouts)}


def _animals(
    experiment: Experiment, rows: pd.DataFrame, means: Mapping[str, dict[float, FloatArray]]
) -> float:
    if rows.empty:
        return 0.0
    spread = log_variance(experiment.study.variation.niche_size_cv)
    relative: dict[tuple[str, float], Relative] = {}
    by_observer: dict[object, list[list[Counted]]] = {}
    total = 0.0
    for identity, animal in rows.groupby(["animal", "group", "day"], sort=False):
        name, group, day = cast("tuple[str, str, float]", identity)
        if (group, day) not in relative:
            relative[group, day] = relative_covariance(experiment, group, day)
        mean = means[group][day]
        counted, shares = _of_animal(experiment, animal, mean, relative[group, day])
        total += shares
        by_observer.setdefault(_observer(str(name), animal), []).append(counted)
    return total + math.fsum(
        counts_of_observer(animals, niche_spread=spread) for animals in by_observer.values()
    )


def _of_animal(
    experiment: Experiment, animal: pd.DataFrame, mean: FloatArray, relative: Relative
) -> tuple[list[Counted], float]:
    """Return an animal's counts with their predictions, and the log-probability of its shares."""
    index = _index(experiment)
    counted: list[Counted] = []
    total = 0.0
    for name, units in animal.groupby("assay", sort=False):
        assay = _assay_of(experiment, str(name))
        if isinstance(assay, PublishedMean):
            raise InputError(f"assay {assay.name!r} does not count cells of animals")
        places = [index[r.name] for r in assay.readouts]
        if isinstance(assay, CountAssay):
            counts = units["value"].to_numpy(dtype=np.int64)
            variance = float(relative.log_variance[places[0]])
            counted.append(Counted(assay, counts, float(mean[places[0]]), variance))
        else:
            score = assay.log_prob(
                _events(assay, units),
                mean_cells=mean[places],
                relative_covariance=relative.covariance[np.ix_(places, places)],
            )
            total += float(score[0])
    return counted, total


def _events(assay: FractionAssay, rows: pd.DataFrame) -> FloatArray:
    """Return the events of each unit by category, shape (units, K)."""
    table = rows.assign(unit_id=rows["unit_id"].astype(object).fillna("")).pivot_table(
        index="unit_id", columns="readout", values="value", aggfunc="sum", observed=True
    )
    names = [r.name for r in assay.readouts]
    missing = [n for n in names if n not in table.columns] or [n for n in names if table[n].isna().any()]
    if missing:
        raise InputError(
            f"assay {assay.name!r}: a unit lacks the category {missing[0]!r}; give all of {names}, with 0 "
            "where no event fell, or exclude the whole unit"
        )
    return table[names].to_numpy(dtype=float)


def _observer(animal: str, rows: pd.DataFrame) -> object:
    """Return who counted an animal; all animals without a name share one unnamed observer."""
    found = rows["observer"].dropna().unique().tolist()
    if len(found) > 1:
        raise UnsupportedError(
            f"animal {animal!r} was counted by {found}: scoring takes one observer an animal; average the "
            "replicate counts first, or keep one observer's rows"
        )
    return found[0] if found else None
