"""Weaknesses that show in the values: sections, zeros, percentages, ranges, and how many are tested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from soleus.analysis.findings import Block, Finding, listed, percent
from soleus.analysis.intraclass import false_positives, intraclass_correlation
from soleus.analysis.nesting import Sample, carrier

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "endpoints_without_family",
    "outside_range",
    "percent_without_denominator",
    "pseudoreplication",
    "unequal_sections",
    "zero_images_missing",
]

_LEVELS_OF_IMAGES = ("section", "field", "hemisphere", "well")


def pseudoreplication(block: Block) -> Iterator[Finding]:
    """Several rows an animal: what a test on rows would do, by the data's own intraclass correlation."""
    level = str(block.rows["unit_level"].iloc[0])
    if level in ("animal", "group") or block.rows["se"].notna().any():
        return
    groups = [g for g in block.samples.values() if len(g)]
    if not any(sample.n_rows > len(sample) for sample in groups):
        return
    if all(len(sample) == 1 for sample in groups):
        yield Finding(
            "pseudoreplication",
            "error",
            block.where,
            f"{sum(s.n_rows for s in groups)} {level}s come from one animal a group: they tell how well"
            " those animals were counted, and nothing of the effect; the number of replicates is 1",
            "count at least 3 animals a group",
        )
        return
    icc = intraclass_correlation([_densities(sample) for sample in groups])
    if icc is None or len(groups) < 2:
        return
    two = sorted(groups, key=len)[-2:]
    m = sum(s.n_rows for s in groups) / sum(len(s) for s in groups)
    rate = false_positives(icc, n=(len(two[0]), len(two[1])), rows=m)
    yield Finding(
        "pseudoreplication",
        "warning" if rate > 0.075 else "note",
        block.where,
        f"{level}s of one animal are alike (intraclass correlation {icc:.2f}, {m:.1f} {level}s each):"
        f" a t test on {level}s would reject a true null in {percent(rate)} of studies instead of 5 %",
        "analyse one value an animal, as soleus does; report animals as n",
    )


def _densities(sample: Sample) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    centre = float(np.mean(sample.value)) if len(sample) else 1.0
    # On the scale of the group's mean, so that a group with few cells does not look alike.
    return [values / sizes / (centre or 1.0) for values, sizes in sample.parts]


def zero_images_missing(frame: pd.DataFrame) -> Iterator[Finding]:
    """Images that were counted for one class and have no row for another that never is 0."""
    images = frame[["day", "niche", "assay", "unit_level", "readout", "animal", "unit_id", "value"]][
        ~frame["excluded"].to_numpy(dtype=bool)
        & frame["unit_level"].isin(list(_LEVELS_OF_IMAGES)).to_numpy(dtype=bool)
        & (frame["value_kind"] == "count").to_numpy(dtype=bool, na_value=False)
    ]
    for _, rows in images.groupby(["day", "niche", "assay", "unit_level"], sort=False, dropna=False):
        image = rows.groupby(["animal", "unit_id"], sort=False, dropna=False).ngroup()
        every = np.unique(image)
        for readout, own in rows.groupby("readout", sort=False):
            lacking = np.setdiff1d(every, image.loc[own.index])
            if not len(lacking) or (own["value"] == 0.0).any():
                continue
            mean = float(own["value"].mean())
            true = float(own["value"].sum()) / len(every)
            names = rows[image.isin(lacking)].drop_duplicates(["animal", "unit_id"])
            places = sorted(f"{a} {u}" for a, u in zip(names["animal"], names["unit_id"], strict=True))
            yield Finding(
                "zero-images-missing",
                "error",
                f"{readout} on day {float(own['day'].iloc[0]):g}",
                f"{len(lacking)} of {len(every)} images lack a row ({listed(places)}), no row is 0: if they"
                f" held none, the mean an image is {true:.3g} and not {mean:.3g}"
                f" ({percent(mean / true - 1.0)} too high)",
                "add a row with value 0 for each image that was looked at and held none",
            )


def percent_without_denominator(block: Block) -> Iterator[Finding]:
    """Shares of an unknown number of cells."""
    rows = block.rows
    if str(rows["value_kind"].iloc[0]) == "fraction" and not rows["denominator"].notna().any():
        share = float(rows["value"].mean())
        few, many = (100.0 * np.sqrt(share * (1.0 - share) / n) for n in (20, 500))
        yield Finding(
            "percent-without-denominator",
            "warning",
            block.where,
            f"a share of {percent(share)} has a counting error of {few:.1f} percentage points if it is of"
            f" 20 cells and of {many:.1f} if it is of 500; without the number no animal can be weighted",
            "give the number of cells looked at in the column denominator",
        )


def unequal_sections(block: Block) -> Iterator[Finding]:
    """Animals with different numbers of counted rows."""
    rows = block.rows
    if str(rows["value_kind"].iloc[0]) == "count" and str(rows["unit_level"].iloc[0]) != "group":
        counted = rows["animal"].value_counts()
        if counted.min() == counted.max():
            return
        of_group = rows.groupby("group", sort=False)
        per = (of_group.size() / of_group["animal"].nunique()).sort_values()
        ratio = float(per.iloc[-1] / per.iloc[0])
        weighted = carrier(rows) != "rate" or rows["exposure"].notna().all()
        shift = (
            f"; totals alone would put {per.index[-1]!r} above {per.index[0]!r} by a factor of {ratio:.2f}"
            if ratio > 1.005
            else "; the group means agree"
        )
        yield Finding(
            "unequal-sections",
            "note" if weighted else "warning",
            block.where,
            f"animals have {counted.min()} to {counted.max()} {rows['unit_level'].iloc[0]}s{shift}",
            "none needed: totals are divided by their exposure"
            if weighted
            else "give the area, volume or sampled fraction of each row as exposure; until then the analysis"
            " takes every row for the same area",
        )


def outside_range(block: Block, ranges: Mapping[str, tuple[float, float]]) -> Iterator[Finding]:
    """Values that the assay cannot give."""
    readout = str(block.rows["readout"].iloc[0])
    if readout in ranges:
        low, high = ranges[readout]
        value = block.rows["value"].to_numpy(dtype=float)
        out = (value < low) | (value > high)
        if not out.any():
            return
        inside = float(value[~out].mean()) if (~out).any() else float("nan")
        shown = ", ".join(f"{v:g}" for v in value[out][:4])
        yield Finding(
            "outside-range",
            "error",
            block.where,
            f"{int(out.sum())} of {len(value)} values lie off {low:g} to {high:g} ({shown}); with them the"
            f" mean is {value.mean():.3g}, without them {inside:.3g}",
            "look at these images again; a wrong unit or threshold is the usual cause",
        )


def endpoints_without_family(
    tested: Sequence[tuple[str, str]], *, families: Sequence[Sequence[str]], contrasts: int
) -> Iterator[Finding]:
    """Several tests, given as read-out and place, and no word on which belong together."""
    declared = {readout for family in families for readout in family}
    free = [where for readout, where in tested if readout not in declared]
    tests = len(free) * max(contrasts, 1)
    if tests < 2:
        return
    chance = 1.0 - 0.95**tests
    yield Finding(
        "no-family",
        "warning",
        "the whole table",
        f"{tests} tests ({listed(free, 3)}) belong to no declared family: with independent read-outs and no"
        f" effect at all, at least one would come out below 0.05 in {percent(chance)} of studies",
        "declare families in the plan (the read-outs that answer one question), or name one primary read-out",
    )
