"""Run a bound study on virtual animals: true cells, then what a laboratory would count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from soleus.assays import CountAssay, PublishedMean, log_variance
from soleus.errors import UnsupportedError
from soleus.jobs import Progress
from soleus.lineage.process import FloatArray
from soleus.observations import Observations
from soleus.streams import Streams
from soleus.study.allocation import allocate
from soleus.study.body import body_frame
from soleus.study.cohort import Engine, true_cells
from soleus.study.design import Animal, LabAssay, Study
from soleus.study.experiment import Experiment
from soleus.study.followed import followed_cells
from soleus.study.frame import animal_frame
from soleus.study.losses import draw_losses, lost_animals

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["counterfactual_twins", "simulate"]

_DIGITS = 12


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
    assays = _laboratory_assays(study)
    animals = allocate(study, streams)
    days = _days_of(animals, study)
    source = f"virtual:{run_id}"
    frames: list[pd.DataFrame] = []
    if assays and study.longitudinal:
        cells = followed_cells(
            experiment, animals, streams=streams, engine=engine, workers=workers, progress=progress
        )
        frames += _followed(experiment, assays, animals, cells, streams, source=source)
    elif assays:
        cells = true_cells(
            experiment, animals, days=days, streams=streams, engine=engine, workers=workers, progress=progress
        )
        index = {r.name: i for i, r in enumerate(experiment.readouts)}
        counts = [_count(a, cells[:, [index[r.name] for r in a.readouts]], animals, streams) for a in assays]
        lost = draw_losses(study.losses, assays, animals, streams)
        frames.append(
            animal_frame(study, assays, animals, days=days, counts=counts, lost=lost, source=source)
        )
    if study.body:
        gone = lost_animals(study.losses, animals, streams)
        frames.append(body_frame(study, animals, last_days=days, lost=gone, streams=streams, source=source))
    frame = _joined(frames)
    frame["value"] = _recorded(frame["value"].to_numpy(dtype=float))
    factors = {name: _levels(study, name) for name in study.control.factors}
    made = {"run_id": run_id, "seed": str(seed), "engine": engine, "control": study.control.name}
    return Observations(frame, factors, made)


def _recorded(values: FloatArray) -> FloatArray:
    """Return values as they are written down: 12 digits, without the last bits of a processor."""
    recorded = values.copy()
    measured = np.isfinite(values) & (values != np.round(values))
    recorded[measured] = [float(f"{value:.{_DIGITS}g}") for value in values[measured].tolist()]
    return recorded


def _followed(
    experiment: Experiment,
    assays: Sequence[LabAssay],
    animals: Sequence[Animal],
    cells: FloatArray,
    streams: Streams,
    *,
    source: str,
) -> list[pd.DataFrame]:
    """Return one table for each sampling day, of the same cultures; ``cells`` (N, D, R) are the true ones."""
    study = experiment.study
    index = {r.name: i for i, r in enumerate(experiment.readouts)}
    tables = []
    for d, day in enumerate(study.sampling_days):
        counts = [
            _count(a, cells[:, d, [index[r.name] for r in a.readouts]], animals, streams, when=f":{day:g}")
            for a in assays
        ]
        days = [day] * len(animals)
        tables.append(animal_frame(study, assays, animals, days=days, counts=counts, source=source))
    return tables


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    if not frames:
        raise UnsupportedError("the study has no assay, so there is nothing to draw; give it at least one")
    if len(frames) == 1:
        return frames[0]
    import pandas as pd

    # Categories of the parts differ; plain text joins them without a word lost.
    plain = [f.astype({c: "object" for c in f.select_dtypes("category").columns}) for f in frames]
    return pd.concat(plain, ignore_index=True)


def _laboratory_assays(study: Study) -> tuple[LabAssay, ...]:
    for assay in study.assays:
        if isinstance(assay, PublishedMean):
            raise UnsupportedError(
                f"assay {assay.name!r} of study {study.name!r} is a published summary: it can be fitted, "
                "not simulated; use counting assays"
            )
    return tuple(a for a in study.assays if not isinstance(a, PublishedMean))


def _days_of(animals: tuple[Animal, ...], study: Study) -> list[float]:
    """Return each animal's last day: sampling days are dealt in turn within each group."""
    seen: dict[str, int] = {}
    days = []
    for animal in animals:
        turn = seen.get(animal.group, 0)
        seen[animal.group] = turn + 1
        days.append(study.sampling_days[turn % len(study.sampling_days)])
    return days


def _count(
    assay: LabAssay, cells: FloatArray, animals: Sequence[Animal], streams: Streams, *, when: str = ""
) -> FloatArray:
    """Return the counts of an assay, shape (N, units, read-outs), from each animal's own stream."""
    words = streams.words(f"assay:{assay.name}{when}", [animal.number for animal in animals])
    if isinstance(assay, CountAssay) and assay.observer_cv > 0.0:
        cells = cells * _observer_factors(assay, animals, streams)[:, None]
    return assay.draw(cells, words)


def _observer_factors(assay: CountAssay, animals: Sequence[Animal], streams: Streams) -> FloatArray:
    """Return the share that each animal's observer counts, relative to the mean observer, shape (N,).

    One standard normal number for each observer serves all assays: who is lenient is so in each.
    """
    spread = log_variance(assay.observer_cv)
    normal = {
        name: streams.generator(f"observer:{name}").standard_normal()
        for name in dict.fromkeys(animal.observer for animal in animals)
    }
    drawn = np.array([normal[animal.observer] for animal in animals])
    return np.asarray(np.exp(np.sqrt(spread) * drawn - 0.5 * spread))


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
    days = [day] * len(one_group)
    return {
        group.name: true_cells(
            experiment,
            [replace(animal, group=group.name) for animal in one_group],
            days=days,
            streams=streams,
            engine=engine,
        )
        for group in study.groups
    }


def _levels(study: Study, factor: str) -> tuple[str, ...]:
    levels = [study.control.factors[factor]]
    levels += [g.factors[factor] for g in study.treated]
    return tuple(dict.fromkeys(levels))
