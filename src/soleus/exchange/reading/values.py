"""Which columns hold read-outs, what kind of numbers they are, and what they are divided by.

The faults: the number of sections tested as a count; the area of a fibre or a lesion taken for the area
that was counted; slides, experiments and doses tested as read-outs; formulas without a value read as an
empty column.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from soleus.exchange.readers.grid import JOINER
from soleus.exchange.readers.headers import Header, letters, split_unit
from soleus.exchange.readers.mapping import Constants, Exposure, ValueKind, Values
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.vocabulary import (
    COUNT_WORDS,
    COUNTED,
    EXTENT,
    MEASURED,
    OWN_AREA,
    QUALIFIERS,
    REGIONS,
    SHARES,
    UNIT_PLURALS,
)
from soleus.exchange.reading.codes import ask_missing, mixed_shares
from soleus.exchange.reading.draft import Draft, listed
from soleus.exchange.reading.made_of import means_of, multiples, sums_of
from soleus.exchange.reading.value_names import doubles, hyphened_days, numbered, on_days, rated, sided

__all__ = ["read_values"]

_AREA_UNITS = ("um2", "mm2", "cm2", "px2", "um3", "mm3", "cm3", "px", "ul")
_MASS_UNITS = ("g", "mg", "kg", "ug")
_TIME_UNITS = ("h", "min", "d", "day", "days", "s")
_COUNT_UNITS = (
    *(
        "cells",
        "cell",
        "n",
        "count",
        "counts",
        "#",
        "zellen",
        "cellules",
        "celulas",
        "células",
        "cellule",
        "neurons",
    ),
    *("spheres", "anzahl", "nuclei", "no", "no."),
)
_TYPOGRAPHY = str.maketrans({"µ": "u", "μ": "u", "²": "2", "³": "3", "^": None, " ": None})
_MEASURES = frozenset(
    "weight gewicht korpergewicht poids peso mass masse massa bw force kraft fuerza forza latency latenz"
    " latence latencia"
    " latenza duration dauer duree duracion durata speed geschwindigkeit vitesse velocidad velocita"
    " distance distanz"
    " distancia distanza length lange longueur longitud lunghezza intensity intensitat intensite"
    " intensidad intensita"
    " level concentration konzentration concentracion concentrazione diameter durchmesser diametre"
    " diametro score grade"
    " temperature glucose corticosterone expression ratio volume thickness height width perimeter age"
    " time cyclelength"
    " optical od fluorescence velocity amplitude frequency pressure".split()
)
_SCORES = frozenset(
    "score scores punkte punktwert puntuacion punteggio grade zscore ddct dct log2fc change delta".split()
)
_GENERIC = (
    frozenset("value wert messwert values valeur valor valore measurement result ergebnis n".split())
    | COUNT_WORDS
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
class _Found:
    """Columns of numbers while they are sorted."""

    names: list[str] = field(default_factory=list)
    areas: list[tuple[str, str]] = field(default_factory=list)
    units: list[tuple[str, str]] = field(default_factory=list)


def read_values(draft: Draft) -> None:
    """Sort what is left into read-outs, exposures and bookkeeping."""
    found = _Found()
    for name in list(draft.free):
        _sort(draft, name, found)
    for name, header in ((n, draft.view[n].header) for n in list(draft.free)):
        if name not in found.names and all(name != n for n, _ in (*found.areas, *found.units)):
            draft.take(
                "labels",
                name,
                f"holds no numbers{'' if header.role is None else ''}",
                "content",
                role="label",
            )
    _areas_that_are_values(draft, found)
    ask_missing(draft, found.names)
    entries = {name: _entry(draft, name) for name in found.names}
    _named_parts(draft, entries)
    _double_labels(draft, entries)
    _shares_of(draft, entries)
    _divide(draft, entries, found)
    _made_of_others(draft, entries)
    _tell_apart(entries)
    draft.values = list(entries.values())
    for name in entries:
        draft.read(name, "value", _why(entries[name]), "header")


def _why(entry: Values) -> str:
    given = entry.given
    more = [
        f"on day {given.day:g}" if given.day is not None else "",
        f"{given.side} side" if given.side else "",
        f"section {given.section}" if given.section else "",
        f"field {given.field}" if given.field else "",
        f"a share of {entry.denominator!r}" if entry.denominator else "",
    ]
    return f"{entry.readout or 'the read-out of its row'}, {entry.kind} in {entry.unit}" + "".join(
        f", {m}" for m in more if m
    )


def _sort(draft: Draft, name: str, found: _Found) -> None:
    column = draft.view[name]
    header = column.header
    if column.formulas:
        return _formulas(draft, name, found)
    if not column.numeric:
        return
    if header.role == "units":
        found.units.append((name, header.of or "section"))
        return
    if draft.answers.settled.get(name) == "number":
        found.units.append(
            (name, "field" if letters(name) in ("images", "fields", "bilder", "felder") else "section")
        )
        return
    unit = None if header.unit is None else header.unit.translate(_TYPOGRAPHY)
    if _extent(header, unit):
        found.areas.append((name, unit or "?"))
    elif _bookkeeping(draft, name):
        draft.take("labels", name, "a number of bookkeeping: kept, never analysed", "content", role="label")
    else:
        found.names.append(name)


def _extent(header: Header, unit: str | None) -> bool:
    words = [letters(w) for w in header.name.replace("_", " ").replace(JOINER, " ").split()]
    return unit in _AREA_UNITS or (unit is None and any(w in EXTENT for w in (*header.words, *words)))


def _formulas(draft: Draft, name: str, found: _Found) -> None:
    column = draft.view[name]
    rows = [
        draft.view.raw.row_numbers[p]
        for p in range(len(draft.view))
        if column.word(p) == "formula without a value"
    ]
    if len(rows) < int(column.present.sum()):
        found.names.append(name)  # some cells: reading the column names the first
        return
    word = draft.answers.ask(
        Question(
            id=name,
            about="values",
            text=(
                f"the cells of {name!r} are formulas whose values are not in the file (row"
                f" {listed(rows, 3)}): open it in a"
                " spreadsheet and save it there, then they are. Or is it to be read without this column?"
            ),
            choices=(Choice("leave-out", f"{name!r} is not analysed"),),
        )
    )
    told = "you said so" if word else "to be confirmed"
    draft.read(
        name, "empty", f"formulas without values; {told}", "confirmed" if word else "content", used=False
    )


def _bookkeeping(draft: Draft, name: str) -> bool:
    """Tell numbers that count rows, or that the group alone decides: slides, images, doses."""
    view, column = draft.view, draft.view[name]
    if draft.answers.settled.get(name) == "value":
        return False
    numbers = column.lenient
    there = numbers[np.isfinite(numbers)]
    if len(there) == 0:
        return column.numbers is not None  # a column of faulty cells is refused by name later
    header = column.header
    named = header.unit is not None or any(
        w in COUNT_WORDS or w in SHARES or w in _MEASURES for w in header.words
    )
    if len(there) > 4 and column.whole and not named:
        steps = np.diff(there)
        if (steps == 1).all() or (
            len(np.unique(there)) == len(there)
            and np.array_equal(np.sort(there), np.arange(there.min(), there.min() + len(there)))
        ):
            return True
    several = draft.group in view.names and len(view[draft.group or ""].words) > 1
    if several and 1 < len(column.words) and view.determines(draft.group or "", name):
        counts = np.bincount(view[draft.group or ""].codes + 1)[1:]
        return bool((counts > 2).all())
    return len(column.words) == 1 and len(there) > 5 and not named


def _areas_that_are_values(draft: Draft, found: _Found) -> None:
    """Keep areas and volumes of what was measured as read-outs; the others are what was counted in."""
    counts = [n for n in found.names if _countable(draft, n)]
    kept: list[tuple[str, str]] = []
    for name, unit in found.areas:
        header = draft.view[name].header
        words = set(header.words) | {letters(w) for w in header.name.split()}
        own = bool(words & OWN_AREA) and not words & {"section", "slice", "schnitt", "counted", "roi"}
        stem = _stem(name)
        paired = any(stem and _stem(count) == stem for count in counts)
        plain = all(w in _COUNTED_IN or w in QUALIFIERS or w in COUNTED for w in header.words)
        volume = unit.endswith("3") or any(w.startswith("vol") for w in words)
        if not counts or own:
            found.names.append(name)
        elif paired or (plain and not volume):
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


def _countable(draft: Draft, name: str) -> bool:
    column = draft.view[name]
    header = column.header
    unit = None if header.unit is None else header.unit.translate(_TYPOGRAPHY).casefold()
    if unit is not None and unit not in _COUNT_UNITS:
        return False
    words = set(header.words)
    if words & MEASURED or words & _MEASURES or words & SHARES or "%" in name or words & {"per", "pro"}:
        return False
    return column.whole and bool((column.lenient[~np.isnan(column.lenient)] >= 0).all())


def _entry(draft: Draft, name: str) -> Values:
    header = draft.view[name].header
    kind, unit = _kind(draft, name)
    readout = None if "readout" in draft.columns else _readout(draft, header.name)
    return Values(column=name, readout=readout, kind=kind, unit=unit)


def _readout(draft: Draft, word: str) -> str:
    """Name a read-out: the header; where that says only "count", what stands above it, or the sheet."""
    above, _, own = word.rpartition(JOINER)
    generic = all(w in _GENERIC for w in (letters(part) for part in own.replace("_", " ").split()) if w)
    if generic and above:
        return above
    return word


def title_of(draft: Draft) -> str:
    """Return what the table is called: its sheet, unless that has a name that says nothing."""
    sheet = draft.raw.sheet
    if sheet is None or letters(sheet).rstrip("0123456789") in (
        "sheet",
        "tabelle",
        "table",
        "feuil",
        "hoja",
        "foglio",
        "data",
        "daten",
    ):
        return "count"
    return sheet


def _kind(draft: Draft, name: str) -> tuple[ValueKind, str]:
    column = draft.view[name]
    header = column.header
    numbers = column.lenient
    there = numbers[~np.isnan(numbers)]
    if header.unit is not None:
        found = _by_unit(draft, name, header.unit)
        if found is not None:
            return found
    words = set(header.words)
    if (
        words & SHARES
        or "%" in header.name
        or any(s in letters(header.name) for s in ("percent", "prozent", "fraction", "freqof"))
    ):
        cents = "%" in name or bool(there.max(initial=0.0) > 1.0)
        return _share(draft, name, "%" if cents else "1")
    if words & _SCORES or ((there < 0).mean() > 0.25 if len(there) else False):
        return "score", "1"
    if words & _MEASURES or words & {"density", "dichte", "densite", "densidad", "densita"}:
        return "level", "unit not given"
    if column.numbers is None or bool((there == np.round(there)).all()):
        return "count", "cells"
    return _not_whole(draft, name, there)


def _by_unit(draft: Draft, name: str, given: str) -> tuple[ValueKind, str] | None:
    unit = given.translate(_TYPOGRAPHY)
    low = unit.casefold()
    numbers = draft.view[name].lenient
    there = numbers[~np.isnan(numbers)]
    whole = bool((there == np.round(there)).all())
    if "/" in low and low.rpartition("/")[2] in _AREA_UNITS[:-1]:
        return "density", unit
    if low in ("%", "percent", "prozent", "pourcent"):
        return _share(draft, name, "%")
    if low in _MASS_UNITS:
        return "mass", unit
    if low in _TIME_UNITS:
        return "time", unit
    if low in _COUNT_UNITS or low.startswith("n="):
        return ("count", "cells") if whole else ("level", given)
    if low in _AREA_UNITS:
        return "area", given
    if any(c.isdigit() for c in low) and "in" in low and whole:
        return None  # "(1 in 6)": how sections were sampled, no unit
    return ("score" if (there < 0).any() else "level"), given


def _share(draft: Draft, name: str, unit: str) -> tuple[ValueKind, str]:
    numbers = draft.view[name].lenient
    mixed = mixed_shares(numbers)
    if mixed is not None:
        low, high = (int(np.argmax(rows)) for rows in mixed)
        rows = draft.view.raw.row_numbers
        raise draft.view.raw.refusal(
            f"holds shares and per cent: {numbers[low]:g} in row {rows[low]} and {numbers[high]:g} in"
            f" row {rows[high]} cannot"
            " both be in one unit; write all as per cent, or all as shares of 1",
            column=name,
        )
    there = numbers[~np.isnan(numbers)]
    if unit == "%" and there.size and 0.0 < there.max() <= 1.0 and len(there) > 1:
        word = draft.answers.ask(
            Question(
                id=name,
                about="values",
                text=f"column {name!r} is in %, and no value is above 1 (the largest is"
                f" {there.max():g}): are these fractions?",
                choices=(Choice("fractions", "1 means all"), Choice("percent", "100 means all")),
            )
        )
        return "fraction", "1" if word == "fractions" else "%"
    return "fraction", unit


def _not_whole(draft: Draft, name: str, there: np.ndarray) -> tuple[ValueKind, str]:
    whole = int((there == np.round(there)).sum())
    if whole >= 3 and whole >= 0.7 * len(there) and not set(draft.view[name].header.words) & MEASURED:
        odd = int(np.flatnonzero(np.nan_to_num(draft.view[name].lenient) % 1 != 0)[0])
        row = draft.view.raw.row_numbers[odd]
        word = draft.answers.ask(
            Question(
                id=name,
                about="values",
                text=(
                    f"column {name!r} holds numbers: what are they? Nearly all are whole, and row {row} holds"
                    f" {draft.view[name].word(odd)}; mend the cell if it is a mistake."
                ),
                choices=(
                    Choice("measure", "densities, means or other measures that need not be whole"),
                    Choice("count", "counts of cells: a number that is not whole is refused"),
                ),
            )
        )
        if word == "count":
            return "count", "cells"
    return "level", "unit not given"


def _named_parts(draft: Draft, entries: dict[str, Values]) -> None:
    """Read days, sides and numbers of parts in the headers."""
    names = list(entries)
    marked = hyphened_days(names)
    if marked:
        word = draft.answers.ask(
            Question(
                id="hyphen",
                about="values",
                text=f"do the hyphens in {listed([repr(n) for n in marked])} mean days before the start,"
                f" or nothing?",
                choices=(
                    Choice("before", "days before: -7 is a week before"),
                    Choice("after", "days after; the hyphen is a mark"),
                ),
            )
        )
        if word == "before":
            for name, (stem, day) in on_days(names).items():
                entries[name] = entries[name].model_copy(
                    update={"readout": stem, "given": Constants(day=-day)}
                )
            return
    for name, (stem, day) in on_days(names).items():
        entries[name] = _part(draft, entries[name], stem, Constants(day=day))
    if any(entry.given.day is not None for entry in entries.values()):
        draft.within.append("days in the headers: groups are compared within each")
    sides = sided(names)
    for name, (stem, side) in sides.items():
        if side in ("left", "right"):
            entries[name] = _part(draft, entries[name], stem, Constants(side=side))
    if sides:
        what = ", ".join(dict.fromkeys(s or title_of(draft) for s, _ in sides.values()))
        counted = all(entries[n].kind == "count" for n in sides)
        how = "summed" if counted else "averaged"
        draft.summed.append(f"left and right of {what} are parts of one animal and are {how} in it")
    raters = rated(names)
    for name, (stem, observer) in raters.items():
        entries[name] = _part(draft, entries[name], stem, Constants(observer=observer))
    named = {*sides, *raters}
    parts = {n: p for n, p in numbered(names).items() if n not in named and entries[n].given.day is None}
    for name, (stem, unit, number) in parts.items():
        entries[name] = _part(draft, entries[name], stem, Constants(**{unit: number}))
    if parts:
        unit = next(iter(parts.values()))[1]
        draft.summed.append(
            f"{listed([repr(n) for n in parts], 4)} are {unit}s of one animal and are brought together in it"
        )
        _drop_means(draft, entries, list(parts))


def _part(draft: Draft, entry: Values, stem: str, given: Constants) -> Values:
    readout = None if entry.readout is None else stem or title_of(draft)
    return entry.model_copy(update={"readout": readout, "given": given})


def _drop_means(draft: Draft, entries: dict[str, Values], parts: list[str]) -> None:
    """Leave out the sum or mean of the parts that stands beside them."""
    arrays = {n: draft.view[n].lenient for n in entries}
    for name, way in means_of(arrays, parts).items():
        entries.pop(name)
        reason = f"the {way} of {listed(parts, 4)}: the same numbers once more"
        draft.made_of.append(f"{name} is the {way} of {listed(parts, 4)}; it is not analysed again")
        draft.read(name, "made of others", reason, "content", used=False)


def _double_labels(draft: Draft, entries: dict[str, Values]) -> None:
    """Take double-labelled cells for shares of the first label."""
    for double in doubles(list(entries)):
        part, whole = draft.view[double.column].lenient, draft.view[double.whole].lenient
        entry = entries[double.column]
        if entry.kind != "count" or entries[double.whole].kind != "count" or (part > whole).any():
            continue
        entries[double.column] = entry.model_copy(update={"denominator": double.whole})
        draft.divided.append(
            f"{double.column} is compared as a share of {double.whole}, whose cells it is part of"
        )


def _shares_of(draft: Draft, entries: dict[str, Values]) -> None:
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


_LOOKED_AT = frozenset(
    "counted total analysed analyzed examined scored gezahlt gezahlte untersucht gesamt comptees"
    " contadas contate n".split()
)


def _divide(draft: Draft, entries: dict[str, Values], found: _Found) -> None:
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
    plain = [n for n in counts if _countable(draft, n)]
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


def _made_of_others(draft: Draft, entries: dict[str, Values]) -> None:
    """Say which columns are sums or multiples of others; drop the sum of left and right."""
    arrays = {n: draft.view[n].lenient for n, entry in entries.items() if draft.view[n].numbers is not None}
    sides = {n for n, entry in entries.items() if entry.given.side is not None}
    for total, parts in sums_of(arrays).items():
        said = f"{total!r} is in every row the sum of {', '.join(parts)}: the same cells once more"
        if set(parts) <= sides:
            entries.pop(total)
            draft.read(total, "made of others", f"the sum of {', '.join(parts)}", "content", used=False)
            said += "; it is not analysed again"
        draft.made_of.append(said)
    for name, (other, factor) in multiples({n: a for n, a in arrays.items() if n in entries}).items():
        entries.pop(name)
        draft.read(name, "made of others", f"{factor:.6g} times {other!r}", "content", used=False)
        draft.made_of.append(
            f"{name!r} is in every row {factor:.6g} times {other!r}: the same numbers, not a second read-out"
        )


def _tell_apart(entries: dict[str, Values]) -> None:
    """Name read-outs of one name (a count and its density) by their whole headers."""
    names = [(e.readout, e.given) for e in entries.values()]
    for column, entry in entries.items():
        if entry.readout is not None and names.count((entry.readout, entry.given)) > 1:
            entries[column] = entry.model_copy(update={"readout": column})
