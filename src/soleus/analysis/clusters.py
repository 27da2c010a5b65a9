"""Cages and litters: what is independent when animals live or are born together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from soleus.analysis.answers import Effect, Undetermined, cannot, plural
from soleus.analysis.compare import Settings, compare, effect_from
from soleus.analysis.contrasts import Estimates
from soleus.analysis.nesting import Carrier, Sample

__all__ = ["as_units", "compare_clustered", "within_clusters"]

Array = NDArray[np.float64]


def compare_clustered(
    groups: Sequence[Sample], *, cluster: str, what: Carrier, method: str, settings: Settings
) -> Effect | Undetermined:
    """Compare treated with control where animals of one cage or litter are alike.

    Parameters
    ----------
    groups
        Treated and control, with the cluster of each animal.
    cluster
        "cage" or "litter".
    what, method, settings
        As for :func:`~soleus.analysis.compare.compare`.

    Returns
    -------
    Effect or Undetermined
        Where each cluster holds one group only, the clusters are the units (for clusters of equal
        size this is the mixed model's test with Satterthwaite's degrees of freedom). Where each
        holds both groups, animals are compared within their clusters. Where the groups have one
        cluster each, group and cluster cannot be told apart, and the answer says so.
    """
    homeless = sum(name is None for sample in groups for name in sample.clusters)
    if homeless:
        return cannot(f"{plural(homeless, 'animal')} of {_names(groups)} has no {cluster} in the table")
    sets = [set(sample.clusters) for sample in groups]
    shared = sets[0] & sets[1]
    if not shared:
        for sample, own in zip(groups, sets, strict=True):
            if len(own) == 1 and len(sample) > 1:
                return cannot(
                    f"all animals of group {sample.group!r} share one {cluster}: what the group does and what"
                    f" the {cluster} does cannot be told apart; spread each group over at least 2 {cluster}s"
                )
        units = [as_units(sample, what) for sample in groups]
        own_settings = Settings(settings.level, settings.draws, settings.seed, cluster)
        return compare(units, (1.0, -1.0), what=what, method=method, settings=own_settings)
    if method not in ("default", "welch-log", "welch"):
        return cannot(f"method {method!r} does not know {cluster}s that hold both groups; use the default")
    return within_clusters(groups, cluster=cluster, raw=method == "welch", settings=settings)


def as_units(sample: Sample, what: Carrier) -> Sample:
    """Bring the animals of each cluster together: totals are summed, means averaged."""
    order: dict[str, list[int]] = {}
    for k, name in enumerate(sample.clusters):
        order.setdefault(str(name), []).append(k)
    totals, sizes, parts = [], [], []
    for members in order.values():
        if what != "mean":
            totals.append(float(sample.total[members].sum()))
            sizes.append(float(sample.size[members].sum()))
        else:
            totals.append(float(sample.total[members].mean()))
            sizes.append(1.0)
        # Within a cage its animals are what sections are within an animal.
        parts.append((sample.total[members], sample.size[members]))
    names = tuple(order)
    return Sample(sample.group, names, np.array(totals), np.array(sizes), tuple(parts), names)


def within_clusters(
    groups: Sequence[Sample], *, cluster: str, raw: bool, settings: Settings
) -> Effect | Undetermined:
    """Compare two groups within the clusters that hold both; clusters cancel, random or not.

    Notes
    -----
    Least squares with one level for each cluster (the intra-block analysis), residual degrees of
    freedom. Valid for any spread between clusters; assumes equal spread within them.
    """
    values = np.concatenate([sample.value for sample in groups])
    if not raw and not (values > 0.0).all():
        return cannot("an animal has a value of 0 or less, which has no log; declare the method 'welch'")
    labels: Mapping[str, int] = {
        name: k for k, name in enumerate(dict.fromkeys(str(c) for s in groups for c in s.clusters))
    }
    code = np.array([labels[str(c)] for sample in groups for c in sample.clusters])
    treated = np.repeat([1.0, 0.0], [len(sample) for sample in groups])
    y = values if raw else np.log(values)
    df = len(y) - len(labels) - 1
    if df < 1:
        return cannot(
            f"{plural(len(y), 'animal')} in {plural(len(labels), cluster)} leave no degree of freedom for the"
            " spread within them"
        )
    sizes = np.bincount(code)
    x = treated - (np.bincount(code, treated) / sizes)[code]
    centred = y - (np.bincount(code, y) / sizes)[code]
    leverage = float(x @ x)
    slope = float(x @ centred) / leverage
    rest = centred - slope * x
    variance = float(rest @ rest) / df / leverage
    if variance <= 1e-24 * (1.0 + float(np.abs(y).max())) ** 2:
        variance = 0.0
    found = Estimates(np.array(slope), np.array(np.sqrt(variance)), np.array(float(df)))
    answer = effect_from(found, groups, method="welch" if raw else "welch-log", settings=settings)
    if isinstance(answer, Undetermined):
        return answer
    on = "animal values" if raw else "log animal values"
    return Effect(
        scale=answer.scale,
        estimate=answer.estimate,
        low=answer.low,
        high=answer.high,
        level=answer.level,
        p_value=answer.p_value,
        df=answer.df,
        n=answer.n,
        unit=answer.unit,
        method=f"least squares on {on} with one level for each {cluster}, t on residual df",
        assumptions=(
            f"animals are independent of each other within their {cluster}",
            f"spread within a {cluster} alike in both groups; {cluster}s may differ by any amount",
        ),
        se=answer.se,
        note=answer.note,
    )


def _names(groups: Sequence[Sample]) -> str:
    return " and ".join(repr(sample.group) for sample in groups)
