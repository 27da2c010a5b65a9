"""Run a bound study on virtual animals: true cells, then what a laboratory would count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from soleus.assays import CountAssay
from soleus.engines import readout_moments, simulate_cells
from soleus.engines.draw import draw_readouts
from soleus.errors import InputError, UnsupportedError
from soleus.jobs import NoProgress, Progress, map_ordered
from soleus.lineage.process import FloatArray
from soleus.observations import Observations
from soleus.streams import Streams
from soleus.study.allocation import allocate
from soleus.study.design import Animal, Study
from soleus.study.experiment import Experiment

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Engine", "counterfactual_twins", "simulate", "true_cells"]

Engine = Literal["moments", "cells"]

_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class _Counted:
    """One animal's counts: assay name to the counts of its units, on the day it was killed."""

    animal: Animal
    day: float
    counts: Mapping[str, tuple[int, ...]]


def simulate(
    experiment: Experiment,
    seed: int,
    *,
    engine: Engine = "moments",
    workers: int = 1,
    progress: Progress | None = None,
    run_id: str = "unnamed",
) -> Observations:
    """Simulate a study and return its table.

    Parameters
    ----------
    seed
        Seed of all streams; the same seed gives the same table for any number of workers.
    engine
        ``"moments"`` draws each animal's cells from their exact mean and covariance given the
        animal; ``"cells"`` follows every cell.
    run_id
        Written into the column ``source``.

    Raises
    ------
    UnsupportedError
        If the study's assays are published summaries: those are data to fit, not to draw.
    """
    streams = Streams(seed)
    study = experiment.study
    assays = _counting_assays(study)
    animals = allocate(study, streams)
    days = _days_of(animals, study)

    def one(number: int) -> _Counted:
        animal, day = animals[number], days[number]
        cells = true_cells(experiment, animal, day=day, streams=streams, engine=engine)
        return _Counted(animal, day, _count(experiment, assays, cells, animal, streams))

    counted = map_ordered(
        one, range(len(animals)), workers=workers, progress=progress or NoProgress(), label="animals"
    )
    frame = _frame(study, assays, counted, run_id)
    factors = {name: _levels(study, name) for name in study.control.factors}
    return Observations(frame, factors, {"run_id": run_id, "seed": str(seed), "engine": engine})


def _counting_assays(study: Study) -> tuple[CountAssay, ...]:
    for assay in study.assays:
        if not isinstance(assay, CountAssay):
            raise UnsupportedError(
                f"assay {assay.name!r} of study {study.name!r} is a published summary: it can be fitted, "
                "not simulated; use counting assays"
            )
    return tuple(a for a in study.assays if isinstance(a, CountAssay))


def _days_of(animals: tuple[Animal, ...], study: Study) -> list[float]:
    """Return each animal's last day: sampling days are dealt in turn within each group."""
    seen: dict[str, int] = {}
    days = []
    for animal in animals:
        turn = seen.get(animal.group, 0)
        seen[animal.group] = turn + 1
        days.append(study.sampling_days[turn % len(study.sampling_days)])
    return days


def true_cells(
    experiment: Experiment, animal: Animal, *, day: float, streams: Streams, engine: Engine
) -> FloatArray:
    """Return one animal's true read-outs on a day, shape (R,)."""
    modifiers = experiment.modifiers(animal.group).scaled(animal.effects)
    start = experiment.start.scaled(animal.niche_size)
    rng = streams.generator("cells", animal.number)
    if engine == "cells":
        cells = simulate_cells(experiment.process, modifiers, start, days=[day], rng=rng)
        return np.asarray(experiment.weights @ cells[0])
    if engine != "moments":
        raise InputError(f"engine must be 'moments' or 'cells', got {engine!r}")
    moments = readout_moments(
        experiment.process, modifiers, start, weights=experiment.weights, days=[day], tolerance=_TOLERANCE
    )
    return draw_readouts(moments.mean[0], moments.covariance[0, :, 0, :], rng)


def _count(
    experiment: Experiment,
    assays: tuple[CountAssay, ...],
    cells: FloatArray,
    animal: Animal,
    streams: Streams,
) -> dict[str, tuple[int, ...]]:
    index = {r.name: i for i, r in enumerate(experiment.readouts)}
    counts = {}
    for assay in assays:
        rng = streams.generator(f"assay:{assay.name}", animal.number)
        drawn = assay.sample(float(cells[index[assay.readout.name]]), rng)
        counts[assay.name] = tuple(int(c) for c in drawn)
    return counts


def counterfactual_twins(
    experiment: Experiment, seed: int, *, pairs: int, day: float, engine: Engine = "moments"
) -> dict[str, FloatArray]:
    """Return the true read-outs of the same animals lived in every group, (pairs, R) by group.

    Twins share every stream, so they differ only by what the regimen does. They are not animals of
    a study: they never enter :class:`~soleus.observations.Observations`.
    """
    streams = Streams(seed)
    study = experiment.study.with_animals(pairs)
    one_group = [a for a in allocate(study, streams) if a.group == study.control.name]
    twins: dict[str, FloatArray] = {}
    for group in study.groups:
        lives = [
            true_cells(experiment, _moved(animal, group.name), day=day, streams=streams, engine=engine)
            for animal in one_group
        ]
        twins[group.name] = np.array(lives)
    return twins


def _moved(animal: Animal, group: str) -> Animal:
    from dataclasses import replace

    return replace(animal, group=group)


def _levels(study: Study, factor: str) -> tuple[str, ...]:
    levels = [study.control.factors[factor]]
    levels += [g.factors[factor] for g in study.treated]
    return tuple(dict.fromkeys(levels))


def _frame(
    study: Study, assays: tuple[CountAssay, ...], counted: list[_Counted], run_id: str
) -> pd.DataFrame:
    import pandas as pd

    rows: list[dict[str, Any]] = []
    plans = {g.name: g for g in study.groups}
    for item in counted:
        animal = item.animal
        whose = {
            "study": study.name,
            "animal": animal.id,
            "group": animal.group,
            "sex": animal.sex,
            "strain": animal.strain,
            "age_days": animal.age_days + item.day,
            "cage": animal.cage,
            "day": item.day,
            "niche": study.niche.niche,
            "source": f"virtual:{run_id}",
            "excluded": False,
            "blinded": True,
            **{f"factor:{k}": v for k, v in plans[animal.group].factors.items()},
        }
        for assay in assays:
            for unit, count in enumerate(item.counts[assay.name]):
                rows.append({**whose, **_unit(assay, unit, count)})
    return pd.DataFrame(rows)


def _unit(assay: CountAssay, unit: int, count: int) -> dict[str, Any]:
    sectioned = assay.unit_level != "animal"
    return {
        "assay": assay.name,
        "readout": assay.readout.name,
        "unit_level": assay.unit_level,
        "unit_id": f"s{unit + 1}" if sectioned else None,
        "section": f"s{unit + 1}" if sectioned else None,
        "value": float(count),
        "value_kind": "count",
        "unit": "cells",
        "exposure": assay.exposure,
        "exposure_unit": assay.exposure_unit,
    }
