"""Sex, batch, cage, litter and observer beside the group: confounded, the unit, or left unused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from soleus.analysis.compare import compare
from soleus.analysis.findings import finding, listed, percent
from soleus.analysis.intraclass import false_positives
from soleus.analysis.linear import shown_name
from soleus.analysis.nesting import carrier, samples
from soleus.analysis.units import animals_of, design_columns, independence, nested_clusters
from soleus.analysis.wording import Settings
from soleus.errors import InputError
from soleus.schema.analysis import Effect

if TYPE_CHECKING:
    import pandas as pd

    from soleus.analysis.declaration import Analysis, AnalysisPlan
    from soleus.schema.analysis import Finding

__all__ = ["confounded", "not_used", "outliers", "units"]

_SHARE = 0.2
_BLOCKS = ("sex", "observer", "strain")


def confounded(frame: pd.DataFrame, plan: AnalysisPlan | None) -> Iterator[Finding]:
    """Columns in which some pair of groups shares no entry, so that the one cannot be told from the other."""
    animals = animals_of(frame)
    groups = list(animals["group"].drop_duplicates())
    if len(groups) < 2:
        return
    nested = set(nested_clusters(frame))
    control = plan.control if plan is not None and plan.control in groups else groups[0]
    for column in design_columns(frame):
        known = animals[animals[column].notna()]
        if column in nested or known[column].nunique() < 2 or column == "observer":
            continue
        entries = {g: set(known.loc[known["group"] == g, column]) for g in groups}
        apart = [g for g in groups if g != control and entries[g] and not entries[g] & entries[control]]
        alone = known.groupby("group", sort=False)[column].nunique()
        each = known.groupby(column).size()
        # Every animal with an entry of its own is no grouping at all.
        if (
            not apart
            or not entries[control]
            or int(each.max()) < 2
            or column in ("cage", "litter")
            and alone.min() > 1
        ):
            continue
        name = shown_name(column)
        said = "; ".join(f"{g}: {listed(sorted(map(str, entries[g])))}" for g in (control, *apart))
        yield finding(
            f"{name}-confounded",
            "error",
            "the whole table",
            f"{name} and group cannot be told apart ({said}): whatever {name} does, 100 % of it,"
            " counts as the"
            " effect of the group, and no analysis can take it apart",
            f"spread each {name} over the groups; until then say in the paper that the two are confounded",
        )


def units(frame: pd.DataFrame, plan: AnalysisPlan | None) -> Iterator[Finding]:
    """Cages, litters or batches in which all animals had one treatment: the unit, or overridden."""
    nested = nested_clusters(frame)
    if plan is None or not nested:
        return
    animals = animals_of(frame)
    column = nested[0]
    name = shown_name(column)
    found = independence(frame, plan)
    each = animals.groupby("group", sort=False)[column].nunique()
    shared = float(animals.groupby(column).size().mean())
    said = ", ".join(f"{group}: {n}" for group, n in each.items())
    two = sorted(int(n) for n in each)[-2:]
    rate = false_positives(_SHARE, n=(two[0], two[1]), rows=shared)
    wrong = (
        f"if {name}s make {percent(_SHARE)} of the variance, animals taken for independent reject a"
        " true null in"
        f" {percent(rate)} of studies instead of 5 %"
    )
    if found.unit == column:
        yield finding(
            f"{name}-as-unit", "note", "the whole table",
            f"every {name} has one group ({said} {name}s, {shared:.1f} animals each), so that the"
            f" {name} is the"
            f" unit; {wrong}",
            "none needed; --unit animal overrides it",
        )  # fmt: skip
    elif plan.unit in ("animal", "animals"):
        yield finding(
            "animals-as-units", "warning", "the whole table",
            f"every {name} has one group ({said} {name}s, {shared:.1f} animals each), and animals are"
            " analysed as"
            f" asked: {wrong}",
            f"leave --unit out, so that the {name} is the unit",
        )  # fmt: skip


def not_used(frame: pd.DataFrame, plan: AnalysisPlan | None) -> Iterator[Finding]:
    """Columns that no block, cluster or unit uses: what the block would do, or why there is none."""
    if plan is None or plan.growth:
        return
    animals = animals_of(frame)
    told = {one.code for one in confounded(frame, plan)}
    unit = independence(frame, plan)
    used = {*plan.blocks, plan.cluster, plan.unit, unit.unit, unit.cluster}
    for column in design_columns(frame):
        name = shown_name(column)
        known = animals[animals[column].notna()]
        crossed = known.groupby(column)["group"].nunique()
        idle = len(crossed) < 2 or len(crossed) > len(animals) // 2 and not (crossed > 1).any()
        if name in used or column in used or idle or (plan.factorial and column == "sex"):
            continue
        pooled = "males and females are analysed together" if column == "sex" else f"{name} is not used"
        where = "the whole table"
        if plan.paired:
            yield finding(
                f"{name}-not-used", "note", where,
                f"{name} is not used: each unit is compared with itself, so that what {name} adds to both"
                " of its values drops out", f"none needed, unless the effect itself depends on {name}",
            )  # fmt: skip
            continue
        if not (crossed > 1).any():
            if column not in nested_clusters(frame)[:1] and f"{name}-confounded" not in told:
                yield finding(
                    f"{name}-not-used", "warning", where,
                    f"{pooled}, and each entry of {name} holds one group only: what it does"
                    " counts with the groups",
                    f"--unit {name} takes each entry for one unit",
                )  # fmt: skip
            continue
        what = _what_a_block_does(frame, plan, column)
        offer = f"--block {name} compares within {name}"
        if column == "sex":
            offer += "; --factorial tests whether the effect differs between males and females"
        elif column != "observer":
            offer += f"; --cluster {name} takes it for a random effect"
        alone = int(known[column].map(crossed).eq(1).sum())
        if alone:
            what += f"; {alone} of {len(known)} animals are in a {name} with one group only"
        lost = len(animals) - len(known)
        if lost:
            what += f"; {lost} of {len(animals)} animals have no {name} in the table"
        yield finding(f"{name}-not-used", "note", where, f"{pooled}; {what}", offer)


def _what_a_block_does(frame: pd.DataFrame, plan: AnalysisPlan, column: str) -> str:
    kept = frame[~frame["excluded"].to_numpy(dtype=bool) & frame["animal"].notna().to_numpy(dtype=bool)]
    key = ["readout", "day", "niche", "assay", "unit_level", "value_kind"]
    groups = [g for g in kept["group"].drop_duplicates() if g != plan.control]
    for names, rows in kept.groupby(key, sort=False, dropna=False):
        what = carrier(rows)
        try:
            found = samples(rows, [*groups[:1], plan.control], marks=[column], single=[column])
            pair = list(found.values())
            plain, within = (
                compare(pair, (1.0, -1.0), what=what, method="default", settings=s, kind=str(names[5]))
                for s in (Settings(level=plan.level), Settings(level=plan.level, blocks=(column,)))
            )
        except InputError:
            continue
        if not (isinstance(plain, Effect) and isinstance(within, Effect)) or plain.scale != within.scale:
            continue
        if plain.scale == "difference":
            widths = [e.high - e.low for e in (plain, within)]
        elif min(plain.low, within.low) > 0.0:
            widths = [float(np.log(e.high / e.low)) for e in (plain, within)]
        else:
            continue
        shown = f"{within.estimate:.3g} ({within.low:.3g} to {within.high:.3g})"
        factor = widths[1] / widths[0]
        return (
            f"with it as a block {names[0]} would have a {within.scale} of {shown}, an interval"
            f" {factor:.2f} times"
            " as wide"
        )
    return "what a block would do cannot be told from these data"


def outliers(analysis: Analysis | None) -> Iterator[Finding]:
    """One unit that moves an effect by far more than any other."""
    for row in analysis.comparisons if analysis is not None else ():
        left = row.leave_one_out
        if left is None or not left.gross or row.effect is None:
            continue
        yield finding(
            "gross-outlier",
            "warning",
            f"{row.readout}, {row.contrast}",
            f"{left.without} ({left.group}) has {left.value:.4g}: with it the {row.effect.scale} is"
            f" {row.effect.estimate:.2f} ({row.effect.low:.2f} to {row.effect.high:.2f}), without it"
            f" {left.estimate:.2f} ({left.estimate_low:.2f} to {left.estimate_high:.2f}); nothing was"
            " removed",
            "look at that animal's images and notes; a slipped digit is the usual cause. Report both"
            " if it stays",
        )
