"""What the header of a column of values says beside the read-out: a day, a side, a number, a double label.

The faults: "BW d-3" read as day 3; the left and the right soleus compared as two read-outs; sections 1 to 4
side by side tested as four read-outs; BrdU/DCX taken for a ratio, or for a free count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from soleus.exchange.readers.headers import letters, split_unit
from soleus.exchange.readers.joined import JOINER
from soleus.exchange.readers.sides import side_of
from soleus.exchange.readers.times import DAYS_OF
from soleus.exchange.readers.vocabulary import NOUNS, REGIONS, SIDES, TIMES, UNIT_PLURALS

__all__ = ["Double", "attached", "doubles", "numbered", "on_days", "rated", "sided"]

_TIME_WORDS = "|".join(sorted((w for w in TIMES if w not in ("g_", "j", "mo")), key=len, reverse=True))
_DAY_AFTER = re.compile(rf"(?i)^(.*?)(?<![^\W\d_])({_TIME_WORDS})([\s_]*)([-−–+]?)[\s_]*(\d+(?:[.,]\d+)?)$")
_DAY_BEFORE = re.compile(rf"(?i)^(.*?)(?<![\w.])([-−–]?\d+(?:[.,]\d+)?)[\s_]*({_TIME_WORDS})$")
_DAY_FIRST = re.compile(rf"(?i)^({_TIME_WORDS})[\s_]*([-−–]?)(\d+)[\s_:|-]+(.+)$")
_UNIT_STEMS = {
    **{plural: unit for plural, unit in UNIT_PLURALS.items()},
    **dict.fromkeys(
        "s sec sect section slice sl schnitt schn coupe tranche corte seccion sezione sez fetta".split(),
        "section",
    ),
    **dict.fromkeys(
        "f field fov image img bild feld champ campo imagen immagine roi rep replicate replikat tile".split(),
        "field",
    ),
    "well": "well",
}
_NUMBERED = re.compile(r"^(.*?)([\s_#.\-]*)(\d{1,2})$")


def on_days(names: list[str]) -> dict[str, tuple[str, float]]:
    """Return the columns that are one read-out on several days: column to read-out and day.

    Notes
    -----
    A hyphen before the number is a sign where another column of the read-out has none ("d-3" beside "d3").
    """
    found: dict[str, tuple[str, str, str, str]] = {}
    for name in names:
        word = split_unit(name)[0]
        if match := _DAY_AFTER.match(word):
            found[name] = (match[1].strip(" |_-,"), match[2], match[4], match[5])
        elif match := _DAY_BEFORE.match(word):
            sign = "-" if match[2][0] in "-−–" else ""
            found[name] = (match[1].strip(" |_-,"), match[3], sign, match[2].lstrip("-−–"))
        elif match := _DAY_FIRST.match(word):
            found[name] = (match[4].strip(" |_-,"), match[1], match[2], match[3])
    out: dict[str, tuple[str, float]] = {}
    for name, (stem, unit, _, _) in found.items():
        alike = [f for f in found.values() if letters(f[0]) == letters(stem)]
        minus = not all(f[2] for f in alike)
        scale = DAYS_OF.get(TIMES[letters(unit)])
        if len(alike) < 2 or scale is None:
            continue
        factor = -1.0 if found[name][2] and found[name][2] in "-−–" and minus else 1.0
        out[name] = (stem, factor * float(found[name][3].replace(",", ".")) * scale)
    return out


def hyphened_days(names: list[str]) -> list[str]:
    """Return the columns whose days all have a hyphen: days before, or days after."""
    marked = [
        name
        for name in names
        if re.search(r"(?i)(?<![^\W\d_])(d|day|tag|t)[\s_]*[-−–]\d+$", split_unit(name)[0])
    ]
    return marked if len(marked) > 1 and set(marked) >= set(on_days(names)) else []


def sided(names: list[str]) -> dict[str, tuple[str, str]]:
    """Return the columns that come in a left and a right: column to read-out and side."""
    found: dict[str, tuple[str, str]] = {}
    for name in names:
        word = split_unit(name)[0]
        parts = [part for part in re.split(r"[\s_|.\-]+", word) if part]
        places = [
            k
            for k, part in enumerate(parts)
            if side_of(part) is not None and (len(part) > 1 or k in (0, len(parts) - 1))
        ]
        if not places:
            found |= _glued_side(name, word)
        if len(places) == 1:
            stem = " ".join(part for k, part in enumerate(parts) if k != places[0])
            found[name] = (stem, side_of(parts[places[0]]) or "")
    by_stem: dict[tuple[str, str | None], set[str]] = {}
    for name, (stem, side) in found.items():
        by_stem.setdefault((letters(stem), split_unit(name)[1]), set()).add(side)
    counts = {
        key: [s for n, s in found.items() if (letters(s[0]), split_unit(n)[1]) == key] for key in by_stem
    }
    return {
        name: both
        for name, both in found.items()
        if len(by_stem[letters(both[0]), split_unit(name)[1]]) == 2
        and len(counts[letters(both[0]), split_unit(name)[1]]) == 2
    }


def rated(names: list[str]) -> dict[str, tuple[str, str]]:
    """Return columns that are one read-out counted by several observers: column to read-out and observer."""
    found: dict[str, tuple[str, str]] = {}
    for name in names:
        match = _RATED.match(split_unit(name)[0])
        if match is not None and letters(match[2]) in NOUNS["observer"]:
            found[name] = (match[1].strip(" _-"), f"{match[2]} {match[3]}")
    stems = [letters(stem) for stem, _ in found.values()]
    return {name: both for name, both in found.items() if stems.count(letters(both[0])) > 1}


_RATED = re.compile(r"^(.*?)([^\W\d_]+)[\s_#.-]*(\d{1,2}|[A-Z]{1,2})$")


def _glued_side(name: str, word: str) -> dict[str, tuple[str, str]]:
    """Return read-out and side of "SoleusLeft", "soleusgauche"; nothing where there is none."""
    for text, side in SIDES.items():
        front = word[: -len(text)].strip(" _-.")
        if len(text) > 3 and front and letters(word).endswith(text):
            return {name: (front, side)}
    return {}


def attached(names: list[str]) -> dict[str, tuple[str, str]]:
    """Return columns whose names differ in a last digit that is written to them: "Ki671", "Ki672", "Ki673".

    They may be parts of one animal or markers of one family (Sox1, Sox2, Sox3): nobody can tell.
    """
    found: dict[str, tuple[str, str]] = {}
    for name in names:
        match = re.match(r"^(.*\w)([1-9])$", split_unit(name)[0])
        if match is not None and letters(match[0]) not in REGIONS and letters(match[1]) not in _NO_PARTS:
            found[name] = (match[1], match[2])
    out = {}
    for name, (stem, number) in found.items():
        alike = sorted(int(n) for s, n in found.values() if letters(s) == letters(stem))
        enough = 2 if stem[-1:].isdigit() else 3
        if len(alike) >= enough and alike == list(range(1, len(alike) + 1)):
            out[name] = (stem, number)
    return out


def numbered(names: list[str]) -> dict[str, tuple[str, str, str]]:
    """Return columns that number the parts of an animal: column to read-out (or ""), unit and number.

    "Section 1", "S2", "Ki67 field 3", "DCX_1": numbers from 1 without a gap, two at least. A number that is
    part of a marker's name ("Sox2", "CA1") is none.
    """
    found: dict[str, tuple[str, str, str, str]] = {}
    for name in names:
        word = split_unit(name)[0].replace(JOINER, " ")
        match = _NUMBERED.match(word)
        if match is None:
            lettered = _LETTERED.match(word)
            unit = _UNIT_STEMS.get(letters(lettered[2])) if lettered is not None else None
            if lettered is not None and unit is not None:
                key = letters(f"{lettered[1]} {lettered[2]}")
                number = str(ord(lettered[3].casefold()) - ord("a") + 1)
                found[name] = (key, lettered[1].strip(" _-#.("), unit, number)
            continue
        stem, gap, number = match[1].strip(" _-#.("), match[2], match[3]
        parts = [p for p in re.split(r"[\s_]+", stem) if p]
        last = letters(parts[-1]) if parts else ""
        if last in _UNIT_STEMS and (
            gap.strip(" ") or gap or len(parts) > 1 or len(last) > 1 or last == "s" or last == "f"
        ):
            rest = [p for p in parts[:-1] if letters(p) not in ("count", "anzahl", "cells", "zellen", "n")]
            found[name] = (letters(stem), " ".join(rest), _UNIT_STEMS[last], number)
        elif gap and parts and letters(stem) not in _NO_PARTS:
            found[name] = (letters(stem), stem, "section", number)
    out: dict[str, tuple[str, str, str]] = {}
    for name, (key, stem, unit, number) in found.items():
        alike = sorted(int(f[3]) for f in found.values() if f[0] == key)
        if len(alike) > 1 and alike == list(range(1, len(alike) + 1)):
            out[name] = (stem, unit, str(int(number)))
    return out


_LETTERED = re.compile(r"^(.*?)([^\W\d_]{2,}?)\.?(?:[\s_.\-]+|(?=[A-H]$))([A-Ha-h])$")
_NO_PARTS = frozenset(
    "layer schicht couche capa strato type typ area zone group gruppe cohort batch animal mouse maus rat"
    " test trial"
    " versuch prueba prova essai day tag week woche jour dia time session phase visit il ca experiment"
    " experience cage"
    " rater observer counter observador auswerter dose channel kanal".split()
)


@dataclass(frozen=True, slots=True)
class Double:
    """Cells of the first label that bear the second as well.

    Parameters
    ----------
    column, whole
        The column, and the column of all cells of the first label.
    """

    column: str
    whole: str


def doubles(names: list[str]) -> list[Double]:
    """Return double labels whose first label has a column of its own: "BrdU/DCX" beside "BrdU"."""
    plain = {_marker(name): name for name in names}
    found = []
    for name in names:
        first = _first_label(name)
        if first is not None and first in plain and plain[first] != name:
            found.append(Double(name, plain[first]))
    return found


_GENERIC = re.compile(
    r"(?i)\b(cells?|counts?|zellen|anzahl|cellules|celulas|células|cellule|total|n|number|of|all)\b|[()+#]"
)


def _marker(name: str) -> str:
    return letters(_GENERIC.sub(" ", split_unit(name)[0]))


def _first_label(name: str) -> str | None:
    text = split_unit(name)[0]
    text = re.sub(r"(?i)\b(cells?|counts?|zellen|anzahl)\b", " ", re.sub(r"[_.]+", " ", text)).strip()
    match = re.match(
        r"^([\w\-]+)\s*\+?\s*(?:/|\+|&|:|_and_|\band\b|\bund\b|\bet\b|\by\b|\be\b)\s*([\w\-]+)\s*\+?\s*(?:\(.*\))?$",
        text,
    )
    if match is not None and match[1] and match[2]:
        return letters(match[1])
    match = re.match(r"^([\w\-]+?)\+([\w\-]+?)\+$", text)
    return letters(match[1]) if match else None
