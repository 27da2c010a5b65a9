"""Weaknesses that show in the values: sections, zeros, percentages, ranges, and how many are tested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from soleus.analysis.findings import Block, day_words, finding, listed, percent
from soleus.analysis.intraclass import false_positives, intraclass_correlation
from soleus.analysis.nesting import Sample, carrier

if TYPE_CHECKING:
    import pandas as pd

    from soleus.schema.analysis import Finding

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
        yield finding(
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
    yield finding(
        "pseudoreplication",
        "note",
        block.where,
        f"avoided: {level}s of one animal are alike (intraclass correlation {icc:.2f}, {m:.1f} {level}s"
        f" each), and a t test on {level}s would reject a true null in {percent(rate)} of studies instead"
        " of 5 %",
        "none needed: one value an animal is analysed; report animals as n",
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
            mean, least = float(own["value"].mean()), float(own["value"].min())
            # Markers are often counted on every second section. Images that held none are missed only
            # where some hold next to none.
            if not len(lacking) or least == 0.0 or least > max(2.0, 0.25 * mean):
                continue
            true = float(own["value"].sum()) / len(every)
            names = rows[image.isin(lacking)].drop_duplicates(["animal", "unit_id"])
            places = sorted(f"{a} {u}" for a, u in zip(names["animal"], names["unit_id"], strict=True))
            yield finding(
                "zero-images-missing",
                "warning",
                f"{readout}{day_words(frame, own['day'].iloc[0])}",
                f"{len(lacking)} of {len(every)} images lack a row ({listed(places)}), no row is 0 and the"
                f" smallest is {least:g}: if those held none, the mean an image is {true:.3g} and not"
                f" {mean:.3g}"
                f" ({percent(mean / true - 1.0)} too high)",
                "add a row with value 0 for each image that was looked at and held none",
            )


def percent_without_denominator(block: Block) -> Iterator[Finding]:
    """Shares of an unknown number of cells."""
    rows = block.rows
    if str(rows["value_kind"].iloc[0]) == "fraction" and not rows["denominator"].notna().any():
        share = float(rows["value"].mean())
        few, many = (100.0 * np.sqrt(share * (1.0 - share) / n) for n in (20, 500))
        yield finding(
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
        yield finding(
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
        yield finding(
            "outside-range",
            "error",
            block.where,
            f"{int(out.sum())} of {len(value)} values lie off {low:g} to {high:g} ({shown}); with them the"
            f" mean is {value.mean():.3g}, without them {inside:.3g}",
            "look at these images again; a wrong unit or threshold is the usual cause",
        )


def endpoints_without_family(
    readouts: Sequence[str], *, families: Sequence[Sequence[str]]
) -> Iterator[Finding]:
    """Several read-outs, and no word on which belong together; days and contrasts of one are a family."""
    declared = {readout for family in families for readout in family}
    free = [name for name in readouts if name not in declared]
    tests = len(free)
    if tests < 2:
        return
    chance = 1.0 - 0.95**tests
    yield finding(
        "no-family",
        "warning",
        "the whole table",
        f"{tests} read-outs ({listed(free, 3)}) belong to no declared family: if they were independent and"
        f" nothing had an effect, at least one would come out below 0.05 in {percent(chance)} of studies",
        "declare a family (--family NAME=READOUT,READOUT), or name one primary read-out",
    )
