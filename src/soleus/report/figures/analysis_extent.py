"""What of a large analysis is drawn: the tables hold all of it, the figures what an eye can tell apart."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from soleus.report.names import readout_slug
from soleus.schema.analysis import AnalysisResult, Comparison

__all__ = [
    "DOTS",
    "FIGURES",
    "SLOTS",
    "drawn_readouts",
    "evenly",
    "evenly_parts",
    "extent_notes",
    "figure_names",
]

FIGURES = 24
"""Most read-outs that are drawn."""

DOTS = 2000
"""Most animals, and most of their parts, that one figure shows."""

SLOTS = 40
"""Most groups (times days), and most contrasts, that one figure shows."""

_LONGEST_NAME = 80

Item = TypeVar("Item")


def drawn_readouts(result: AnalysisResult) -> list[str]:
    """Return the read-outs that get a figure: all, or those with the smallest p values, in order."""
    p: dict[str, float] = {}
    for one in result.comparisons:
        value = math.inf if one.effect is None else one.effect.p_value
        p[one.readout] = min(value, p.get(one.readout, math.inf))
    names = list(p)
    if len(names) <= FIGURES:
        return names
    chosen = set(sorted(names, key=lambda name: p[name])[:FIGURES])
    return [name for name in names if name in chosen]


def figure_names(readouts: Iterable[str]) -> dict[str, str]:
    """Return a file name for each read-out's figure: short, and no two alike (Ki67+ and Ki67-)."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for readout in readouts:
        plain = readout_slug(readout)[:_LONGEST_NAME].rstrip("-")
        name, count = plain, 1
        while name in taken:
            count += 1
            name = f"{plain}-{count}"
        taken.add(name)
        names[readout] = name
    return names


def evenly(items: Sequence[Item], keys: Sequence[Hashable], most: int) -> list[Item]:
    """Return at most so many items: of each key every k-th, in order; each key keeps one at least."""
    chosen = evenly_parts([1] * len(items), keys, most)
    return [item for item, parts in zip(items, chosen, strict=True) if parts]


def evenly_parts(counts: Sequence[int], keys: Sequence[Hashable], most: int) -> list[range]:
    """Return which parts of each item are kept, at most so many of all: of each key every k-th."""
    total = sum(counts)
    if total <= most:
        return [range(count) for count in counts]
    sizes: dict[Hashable, int] = {}
    for count, key in zip(counts, keys, strict=True):
        sizes[key] = sizes.get(key, 0) + count
    # Every k-th, rounded up: no more than so many.
    step = {key: max(1, -(-size // max(1, int(size * most / total)))) for key, size in sizes.items()}
    seen: dict[Hashable, int] = {}
    kept = []
    for count, key in zip(counts, keys, strict=True):
        before = seen.get(key, 0)
        seen[key] = before + count
        kept.append(range(-before % step[key], count, step[key]))
    return kept


def extent_notes(result: AnalysisResult) -> list[str]:
    """Return what the figures leave out; the tables hold everything."""
    notes = []
    readouts = list(dict.fromkeys(c.readout for c in result.comparisons))
    drawn = drawn_readouts(result)
    if len(drawn) < len(readouts):
        notes.append(
            f"figures are drawn of {len(drawn)} of {len(readouts):,} read-outs, those with the smallest p"
            " values; the tables hold all of them"
        )
    chosen = set(drawn)
    animals: dict[str, int] = {}
    parts: dict[str, int] = {}
    for animal in result.animals:
        if animal.readout in chosen:
            animals[animal.readout] = animals.get(animal.readout, 0) + 1
            parts[animal.readout] = parts.get(animal.readout, 0) + len(animal.parts)
    for what, counts in (("animals", animals), ("sections, fields or other parts", parts)):
        most = max(counts.values(), default=0)
        if most > DOTS:
            notes.append(
                f"a figure shows {DOTS:,} of up to {most:,} {what}, evenly taken; means and effects are"
                " of all"
            )
    days = len({a.day for a in result.animals})
    if len(result.groups) * days > SLOTS or _most_contrasts(result.comparisons) > SLOTS:
        notes.append(f"a figure shows the first {SLOTS} groups and contrasts; the tables hold all of them")
    return notes


def _most_contrasts(compared: Sequence[Comparison]) -> int:
    counts: dict[str, int] = {}
    for one in compared:
        counts[one.readout] = counts.get(one.readout, 0) + 1
    return max(counts.values(), default=0)
