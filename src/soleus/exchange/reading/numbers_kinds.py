"""What kind of numbers a column of values holds: counts, densities, shares, areas, masses, times, scores.

The faults: a force in mN called a density of cells; shares beside per cent; a count that is no whole number.
"""

from __future__ import annotations

import numpy as np

from soleus.exchange.readers.headers import letters
from soleus.exchange.readers.mapping import ValueKind
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.vocabulary import AMOUNTS, COUNT_WORDS, MEASURED, SHARES
from soleus.exchange.reading.codes import mixed_shares
from soleus.exchange.reading.draft import Draft

__all__ = ["AREA_UNITS", "MEASURES", "TYPOGRAPHY", "is_countable", "kind_of"]

AREA_UNITS = ("um2", "mm2", "cm2", "px2", "um3", "mm3", "cm3", "px", "ul")


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


TYPOGRAPHY = str.maketrans({"µ": "u", "μ": "u", "²": "2", "³": "3", "^": None, " ": None})


MEASURES = frozenset(
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


def is_countable(draft: Draft, name: str) -> bool:
    """Tell whether a column may hold counts of cells that a divisor belongs to."""
    column = draft.view[name]
    header = column.header
    unit = None if header.unit is None else header.unit.translate(TYPOGRAPHY).casefold()
    words = set(header.words)
    stained = unit is not None and unit.isalpha() and unit not in AMOUNTS and bool(words & COUNT_WORDS)
    if unit is not None and unit not in _COUNT_UNITS and not stained:
        return False
    if words & MEASURED or words & MEASURES or words & SHARES or "%" in name or words & {"per", "pro"}:
        return False
    return column.whole and bool((column.lenient[~np.isnan(column.lenient)] >= 0).all())


def kind_of(draft: Draft, name: str) -> tuple[ValueKind, str]:
    """Return kind and unit of a column of values."""
    column = draft.view[name]
    header = column.header
    numbers = column.lenient
    there = numbers[~np.isnan(numbers)]
    if header.unit is not None:
        found = _by_unit(draft, name, header.unit)
        if found is not None:
            return found
    if any(word.endswith("%") for word in column.words):
        return _share(draft, name, "%")
    words = set(header.words)
    if (
        words & SHARES
        or "%" in header.name
        or any(s in letters(header.name) for s in ("percent", "prozent", "fraction", "freqof"))
    ):
        cents = "%" in name or bool(there.max(initial=0.0) > 1.0)
        return _share(draft, name, "%" if cents else "1")
    named = words & _SCORES or letters(header.name) in _SCORES
    # Less than nothing is never an amount; a lone -1 or -999 among whole numbers is a code or a slip.
    broken = bool((there < 0).any()) and not bool((there == np.round(there)).all())
    if named or broken or ((there < 0).mean() > 0.25 if len(there) else False):
        return "score", "1"
    if words & MEASURES or words & {"density", "dichte", "densite", "densidad", "densita"}:
        return "level", "unit not given"
    if column.numbers is None or bool((there == np.round(there)).all()):
        return "count", "cells"
    return _not_whole(draft, name, there)


def _by_unit(draft: Draft, name: str, given: str) -> tuple[ValueKind, str] | None:
    unit = given.translate(TYPOGRAPHY)
    low = unit.casefold()
    numbers = draft.view[name].lenient
    there = numbers[~np.isnan(numbers)]
    whole = bool((there == np.round(there)).all())
    above, per, below = low.rpartition("/")
    if per and below in AREA_UNITS[:-1]:
        if _is_amount(draft, name, unit):
            return "level", given
        return "density", low if above in ("1", "cell", "cells") else f"1/{below}"
    if low in ("%", "percent", "prozent", "pourcent"):
        return _share(draft, name, "%")
    if low in _MASS_UNITS:
        return "mass", low
    if low in _TIME_UNITS:
        return "time", low
    if low in _COUNT_UNITS or low.startswith("n="):
        return ("count", "cells") if whole else ("level", given)
    if low in AREA_UNITS:
        return "area", given
    cells = set(draft.view[name].header.words) & COUNT_WORDS
    if whole and cells and low.isalpha() and low not in AMOUNTS:
        return "count", "cells"  # "All cells (DAPI)": what they were seen by, no unit
    if any(c.isdigit() for c in low) and "in" in low and whole:
        return None  # "(1 in 6)": how sections were sampled, no unit
    return ("score" if (there < 0).any() else "level"), given


_STRESSES = frozenset(
    "stress strength tension force kraft spannung festigkeit contrainte resistance fuerza tensione forza"
    " sforzo modulus specific".split()
)


def _is_amount(draft: Draft, name: str, unit: str) -> bool:
    """Tell mg/cm2 from cells/mm2; N/mm2 is a stress where the header says so."""
    above = unit.rpartition("/")[0]
    if above.casefold() in AMOUNTS and above != "n":
        return True
    return above == "N" and bool(set(draft.view[name].header.words) & _STRESSES)


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
