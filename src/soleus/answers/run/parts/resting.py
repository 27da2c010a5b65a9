"""The resting fit as the report shows it: points, moved rates, discrepancy."""

from __future__ import annotations

from soleus.answers.run.values import MovedRate, RestingFit, RestingPoint
from soleus.assays import NORMAL_95
from soleus.catalogue.calibrations import RestingCalibration, resting_calibration
from soleus.catalogue.datasets import resting_series, resting_study
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.lineages import lineage_entry
from soleus.catalogue.readouts import readouts
from soleus.schema.values import Interval
from soleus.study import bind, pointwise_published
from soleus.study.niche import Niche

__all__ = ["points_inside", "resting_fit"]


def resting_fit(catalogue: Catalogue, stored: RestingCalibration) -> RestingFit:
    """Return the stored calibration in the form of the result."""
    known = readouts(catalogue, stored.lineage)
    points = [
        RestingPoint(
            source=p.source,
            readout=p.readout,
            label=known[p.readout].label,
            age_days=p.age_days,
            observed=p.observed,
            se=p.se,
            predicted=Interval(value=p.predicted, low=p.low, high=p.high),
            inside=p.low <= p.observed <= p.high,
        )
        for p in stored.points
    ]
    entry = lineage_entry(catalogue, stored.lineage)
    return RestingFit(
        points=points,
        fraction_inside=sum(p.inside for p in points) / len(points),
        discrepancy_cv=stored.theta["discrepancy_cv"],
        discrepancy_without_scale=stored.discrepancy_without_scale,
        log_posterior_lost_without_scale=stored.log_posterior_lost_without_scale,
        scale_factors={
            k.removeprefix("scale:"): v for k, v in stored.theta.items() if k.startswith("scale:")
        },
        n_points=stored.n_points,
        n_free=stored.n_free,
        trend_slope=_around(*stored.trend),
        trend_by_readout={k: _around(*v) for k, v in stored.trend_by_readout.items()},
        moved=_moved(catalogue, stored),
        variants=[f"{name}: {v.reason} ({v.citation})" for name, v in entry.variants.items()],
        made_by=stored.made_by,
    )


def points_inside(catalogue: Catalogue, niche: Niche) -> str:
    """Say how many published means lie inside their predictive intervals under other numbers."""
    stored = resting_calibration(catalogue, f"{niche.name}-resting")
    series = resting_series(catalogue, stored.dataset)
    scales = {k: v for k, v in stored.theta.items() if k not in niche.parameters}
    experiment = bind(resting_study(catalogue, series, niche), grid_error=0.05).at(scales)
    inside = sum(abs(z) <= NORMAL_95 for _, z in pointwise_published(experiment, series.observations))
    return f"{inside} of {stored.n_points} published means"


def _around(value: float, se: float) -> Interval:
    return Interval(value=value, low=value - NORMAL_95 * se, high=value + NORMAL_95 * se)


def _moved(catalogue: Catalogue, stored: RestingCalibration) -> list[MovedRate]:
    """Return published rates against fitted ones, the most moved first; judgements are not listed."""
    entry = lineage_entry(catalogue, stored.lineage)
    rows = []
    for name, parameter in entry.parameters.items():
        if name not in stored.theta or parameter.citation is None or not parameter.published:
            continue
        factor = parameter.value / parameter.internal_value
        fitted = stored.theta[name] * factor
        rows.append(
            MovedRate(
                name=name,
                label=parameter.label,
                unit=parameter.unit,
                published=parameter.value,
                fitted=float(f"{fitted:.4g}"),
                fold=float(f"{fitted / parameter.value:.4g}"),
                citation=parameter.citation,
                reason=parameter.reason,
            )
        )
    return sorted(rows, key=lambda r: -max(r.fold, 1.0 / r.fold))
