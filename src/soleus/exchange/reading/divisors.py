"""What counts are divided by: an area, a number of sections, the cells that were looked at.

The faults: the number of sections tested as a count; the area of a fibre or a lesion taken for the area that
was counted. Whatever is divided by is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from soleus.exchange.readers.grid import JOINER
from soleus.exchange.readers.headers import Header, letters, split_unit
from soleus.exchange.readers.mapping import Exposure, Values
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.vocabulary import (
    COUNT_WORDS,
    COUNTED,
    EXTENT,
    OWN_AREA,
    QUALIFIERS,
    REGIONS,
    UNIT_PLURALS,
)
from soleus.exchange.reading.draft import Draft, listed
from soleus.exchange.reading.numbers_kinds import AREA_UNITS, is_countable

__all__ = ["Found", "areas_that_are_values", "cells_looked_at", "is_extent", "read_divisors", "shares_of"]

# "What was counted in", said outright.
_SAID_COUNTED = frozenset(
    "counted analysed analyzed measured sampled scanned examined gezahlte gezahltes ausgezahlte untersuchte"
    " untersuchtes analysierte analysiertes comptee compte comptes analysee analyse mesuree examinee explore"
    " exploree contada contado analizada analizado medida examinada muestreada contata contato analizzata"
    " analizzato esaminata esaminato campionata campionato misurata".split()
)
_COUNTED_IN = (
    frozenset(
        "section sections slice schnitt roi field fields image counted analysed analyzed measured"
        " sampled total tissue region"
        " reference counting scanned schnittflache coupe corte sezione gesamt untersuchte feld campo"
        " champ mean per niche"
        " bild frame of the in area flache".split()
    )
    | EXTENT
    | REGIONS
)


@dataclass
class Found:
    """Columns of numbers while they are sorted."""

    names: list[str] = field(default_factory=list)
    areas: list[tuple[str, str]] = field(default_factory=list)
    units: list[tuple[str, str]] = field(default_factory=list)


def is_extent(header: Header, unit: str | None) -> bool:
    """Tell an area or a volume by its unit or its words."""
    words = [letters(w) for w in header.name.replace("_", " ").replace(JOINER, " ").split()]
    return unit in AREA_UNITS or (unit is None and any(w in EXTENT for w in (*header.words, *words)))


def areas_that_are_values(draft: Draft, found: Found) -> None:
    """Keep areas and volumes of what was measured as read-outs; the others are what was counted in."""
    counts = [n for n in found.names if is_countable(draft, n)]
    kept: list[tuple[str, str]] = []
    for name, unit in found.areas:
        header = draft.view[name].header
        words = set(header.words) | {letters(w) for w in header.name.split()}
        joined = letters(header.name)
        named = words & OWN_AREA or any(len(word) > 4 and word in joined for word in OWN_AREA)
        own = bool(named) and not words & {"section", "slice", "schnitt", "counted", "roi"}
        stem = _stem(name)
        paired = any(stem and _stem(count) == stem for count in counts)
        plain = all(w in _COUNTED_IN or w in QUALIFIERS or w in COUNTED for w in header.words)
        volume = unit.endswith("3") or any(w.startswith("vol") for w in words)
        if not counts or own:
            found.names.append(name)
        elif paired or (plain and not volume) or words & _SAID_COUNTED:
            kept.append((name, unit))
        elif _asked_divisor(draft, name, counts) == "value":
            found.names.append(name)
        else:
            kept.append((name, unit))
    found.areas = kept
    found.names.sort(key=draft.view.names.index)


def _asked_divisor(draft: Draft, name: str, counts: list[str]) -> str | None:
    return draft.answers.ask(
        Question(
            id=name,
            about="exposure",
            text=f"is {name!r} what the cells were counted in, or a read-out of its own? It decides what"
            f" {listed([repr(c) for c in counts], 3)} is divided by.",
            choices=(
                Choice("divide", f"counts are divided by {name!r}"),
                Choice("value", "it is a read-out; counts are not divided by it"),
            ),
        )
    )


def shares_of(draft: Draft, entries: dict[str, Values]) -> None:
    """Find the number of cells that per cent were taken of: with it each is a whole number."""
    shares = [n for n, entry in entries.items() if entry.kind == "fraction" and entry.denominator is None]
    counts = [
        n for n, e in entries.items() if e.kind == "count" and set(draft.view[n].header.words) & _LOOKED_AT
    ]
    for share in shares:
        scale = 100.0 if entries[share].unit == "%" else 1.0
        numbers = draft.view[share].lenient
        digits = max(
            (len(w.replace(",", ".").rstrip("% ").partition(".")[2]) for w in draft.view[share].words),
            default=0,
        )
        for count in counts:
            whole = draft.view[count].lenient
            there = ~np.isnan(numbers) & ~np.isnan(whole)
            marked = numbers[there] * whole[there] / scale
            near = 0.51 * 10.0**-digits * whole[there] / scale + 1e-9
            named = not set(draft.view[count].header.words) & {"total", "gesamt", "n"}
            if (
                there.sum() < 3
                or ((near > 0.3).any() and not named)
                or (np.abs(marked - np.round(marked)) > near).any()
            ):
                continue
            entries[share] = entries[share].model_copy(update={"denominator": count})
            draft.divided.append(f"{share} is a share of {count}")
    taken = {entry.denominator for entry in entries.values() if entry.kind == "fraction"}
    for count in counts:
        if count in taken:
            entries.pop(count)
            draft.read(count, "denominator", "the cells that the shares were taken of", "content")


def cells_looked_at(draft: Draft, entries: dict[str, Values]) -> None:
    """Take "total cells" for what the marked cells were counted among, where no row says otherwise."""
    counts = [n for n, e in entries.items() if e.kind == "count" and e.denominator is None]
    totals = [n for n in counts if set(draft.view[n].header.words) & (_LOOKED_AT - {"n"})]
    totals = [n for n in totals if set(draft.view[n].header.words) & _CELLS]
    marked = [n for n in counts if n not in totals]
    if len(totals) != 1 or not marked:
        return
    (total,) = totals
    whole = draft.view[total].lenient
    for name in marked:
        part = draft.view[name].lenient
        there = ~np.isnan(part) & ~np.isnan(whole)
        if there.sum() < 3 or (part[there] > whole[there]).any() or (np.isnan(whole) & ~np.isnan(part)).any():
            return
    for name in marked:
        entries[name] = entries[name].model_copy(update={"denominator": total})
        draft.divided.append(f"{name} is a share of {total}")
    entries.pop(total)
    draft.read(total, "denominator", "the cells among which the others were counted", "content")


_CELLS = frozenset(
    "cells cell zellen zelle cellules cellule celulas celula cellule nuclei dapi hoechst neurons".split()
)
_LOOKED_AT = frozenset(
    "all alle tous toutes todas todos tutte tutti"
    " counted total analysed analyzed examined scored gezahlt gezahlte untersucht gesamt comptees"
    " contadas contate n".split()
)


def read_divisors(draft: Draft, entries: dict[str, Values], found: Found) -> None:
    """Give counts the area, or the number of sections, that they were counted in."""
    counts = [n for n, entry in entries.items() if entry.kind == "count" and entry.denominator is None]
    once = (
        draft.animal is None
        or draft.animal not in draft.view.names
        or len(draft.view[draft.animal].words) == len(draft.view)
    )
    units = found.units if once and len(entries) else []
    for name, unit in found.units:
        reason = (
            f"the number of {unit}s that were counted"
            if units
            else "the rows themselves are the sections or fields"
        )
        draft.read(name, "exposure" if units else "label", reason, "header", used=bool(units))
        if not units:
            draft.columns["labels"] = (*draft.columns.get("labels", ()), name)
    for name, _ in found.areas:
        draft.read(name, "exposure", "the area or volume that was counted in", "header")
    plain = [n for n in counts if is_countable(draft, n)]
    if len(found.areas) > 1:
        _pair(draft, entries, found.areas, counts)
    choices = [(n, u) for n, u in (*(found.areas if len(found.areas) == 1 else []), *units)]
    if not choices:
        return
    if not counts:
        for name, _ in choices:
            draft.read(name, "label", "nothing is divided by it: no read-out is a count", used=False)
            draft.columns["labels"] = (*draft.columns.get("labels", ()), name)
        return
    divisor = choices[0] if len(choices) == 1 else _ask_which(draft, choices, counts)
    if divisor is None:
        return
    exposure = Exposure(column=divisor[0], unit=divisor[1])
    among = plain if divisor in units else counts
    if set(among) == set(entries) or (divisor not in units and found.areas):
        draft.exposure = exposure
    else:
        for name in among:
            entries[name] = entries[name].model_copy(update={"exposure": exposure})
    if among:
        draft.divided.append(f"{listed(among, 4)} divided by {divisor[0]}")
    else:
        draft.read(divisor[0], "label", "nothing is divided by it: the read-outs are means", used=False)
        draft.columns["labels"] = (*draft.columns.get("labels", ()), divisor[0])


def _ask_which(draft: Draft, choices: list[tuple[str, str]], counts: list[str]) -> tuple[str, str] | None:
    word = draft.answers.ask(
        Question(
            id="divided by",
            about="exposure",
            text=f"what is {listed([repr(c) for c in counts], 3)} to be divided by:"
            f" {' or '.join(repr(n) for n, _ in choices)}?",
            choices=(
                *(Choice(n, f"counts are divided by {n!r}") for n, _ in choices),
                Choice("nothing", "counts as they stand"),
            ),
        )
    )
    return next(((n, u) for n, u in choices if n == word), None)


def _pair(draft: Draft, entries: dict[str, Values], areas: list[tuple[str, str]], counts: list[str]) -> None:
    """Give each area to the counts whose header begins alike."""
    for count in counts:
        fitting = [(n, u) for n, u in areas if _stem(n) and _stem(n) == _stem(count)]
        if len(fitting) != 1:
            word = draft.answers.ask(
                Question(
                    id=f"area of {count}",
                    about="exposure",
                    text=f"which area belongs to {count!r}: {', '.join(repr(n) for n, _ in areas)}?",
                    choices=(
                        *(Choice(n, f"{count!r} is divided by {n!r}") for n, _ in areas),
                        Choice("none", "none: counts as they stand"),
                    ),
                )
            )
            fitting = [(n, u) for n, u in areas if n == word]
        if fitting:
            exposure = Exposure(column=fitting[0][0], unit=fitting[0][1])
            entries[count] = entries[count].model_copy(update={"exposure": exposure})
            draft.divided.append(f"{count} divided by {fitting[0][0]}")


def _stem(name: str) -> str:
    """Return what stands before the last word of a header: "SVZ" of "SVZ area (mm2)"."""
    word = split_unit(name)[0]
    above, joiner, _ = word.rpartition(JOINER)
    if joiner:
        return letters(above)
    parts = word.replace("_", " ").split()
    kept = [p for p in parts if letters(p) not in EXTENT | COUNT_WORDS | COUNTED
            and letters(p) not in UNIT_PLURALS]  # fmt: skip
    return letters(" ".join(kept)) if len(kept) < len(parts) else letters(" ".join(parts[:-1]))
