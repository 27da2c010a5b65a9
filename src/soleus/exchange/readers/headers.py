"""What one header says: its words, its unit, and the role that it names."""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass, replace

from soleus.exchange.readers import vocabulary
from soleus.exchange.readers.joined import JOINER, is_unit

__all__ = ["Header", "header_of", "letters", "split_unit", "tokens"]

_UNIT_END = re.compile(r"^(.*?)[\s_]*[\[(]\s*([^\[\]()]+?)\s*[\])]\s*$")
_PER = re.compile(r"^(.*?)[\s_]*(?:per|/|pro|par|por)\s*([µμu]m|mm)\s*\^?\s*([23²³])\s*$", re.IGNORECASE)
_BARE = re.compile(
    r"^(.+?)[\s_]+((?:[µμum]m|cm)\s*\^?[23²³]|%|percent|prozent|px\s*\^?[2²])\s*$", re.IGNORECASE
)
_ISATAB = re.compile(
    r"(?i)^(factor value|characteristics|parameter value|comment|source name|sample name|term source"
    r" ref|term accession"
    r" number|protocol ref)\s*(?:\[(.+)\])?$"
)
_HUMP = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")
_COMPOUND = re.compile(r"^(\w{3,}?)(?:nummer|nummern|nr|id|no|num|code|name|namen|bezeichnung|kennung)$")
_TIME_FILL = frozenset(
    "terminal kill killing sacrifice post after of injection injury lesion stroke surgery unloading"
    " treatment since"
    " sampling collection perfusion at the in vitro age survival nach der dem injektion operation tod"
    " totung ende"
    " apres injection despues inyeccion dopo iniezione point punkt recovery entlastung infarct exposure"
    " labelling"
    " label brdu edu experiment culture".split()
)
_SIZES = frozenset("size grosse groesse taille tamano dimensione dimensioni pups".split())
_ORDER = (
    *(
        "exclusion_reason",
        "excluded",
        "included",
        "blinded",
        "observer",
        "sex",
        "strain",
        "age",
        "cage",
        "litter",
    ),
    *("animal", "group", "date", "label", "region", "side", "section", "slide", "field", "replicate"),
    *("well", "culture", "passage", "readout", "assay", "time", "batch", "factor", "study"),
)


@functools.lru_cache(maxsize=4096)
def letters(text: str) -> str:
    """Return the letters and digits of a text, without case, accents, blanks and marks."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    return "".join(c for c in folded if c.isalnum())


@functools.lru_cache(maxsize=4096)
def tokens(text: str) -> tuple[str, ...]:
    """Return the words of a text as :func:`letters`, also those written together in humps."""
    parts = re.split(r"[\W_]+", _HUMP.sub(" ", text.replace("'", " ").replace("’", " ")))
    return tuple(found for part in parts if (found := letters(part)))


def split_unit(header: str) -> tuple[str, str | None]:
    """Split "Area µm^2", "Mass (g)", "Ki67 per mm2" into name and unit; None where there is no unit."""
    header = header.strip().rstrip(":").rstrip() or header
    name, joiner, last = header.rpartition(JOINER)
    if joiner and is_unit(last):
        return name, split_unit(f"x ({last.strip(' ()[]')})")[1]
    if match := _PER.match(header):
        amount = re.split(r"[\s_.]", match[1])[-1]
        if _is_amount(amount) and "/" in header:
            name = match[1].removesuffix(amount).strip(" _.")
            return name or header, header[header.rindex(amount) :].strip() if name else None
        scale = "mm" if match[2].casefold() == "mm" else "um"
        return match[1].strip(" _") or header, f"1/{scale}{match[3].translate(str.maketrans('²³', '23'))}"
    for pattern in (_UNIT_END, _BARE):
        if match := pattern.match(header):
            inner = _PER.match(f"x {match[2]}") or _PER.match(f"x /{match[2]}") if "/" in match[2] else None
            if inner is not None and _is_amount(inner[1].removeprefix("x").strip()):
                return match[1].strip(), match[2].strip()
            if inner is not None:
                return match[1].strip(), split_unit(f"x / {inner[2]}{inner[3]}")[1]
            return match[1].strip(), match[2].strip()
    before, comma, last = header.rpartition(", ")
    if comma and is_unit(last):
        return split_unit(f"{before} ({last})")
    return header, None


def _is_amount(text: str) -> bool:
    """Tell "mg" of "mg/mm3" from "cells" of "cells/mm3"; a capital N may be newtons."""
    return letters(text.translate(_MICRO)) in vocabulary.AMOUNTS or text == "N"


_MICRO = str.maketrans({"µ": "u", "μ": "u"})


@dataclass(frozen=True, slots=True)
class Header:
    """A header taken apart.

    Parameters
    ----------
    text
        As it stands.
    name, unit
        Without its unit, and the unit; None where it has none.
    words
        Its words, folded.
    role
        The role that it names; None where it names none. "units" is a number of sections or fields.
    weak
        The word names the role only where no other column does ("ID", "genotype" for the group).
    of
        For "units", the unit that was counted.
    """

    text: str
    name: str
    unit: str | None
    words: tuple[str, ...]
    role: str | None
    weak: bool = False
    of: str | None = None

    @property
    def letters(self) -> str:
        """The name as letters."""
        return letters(self.name)


@functools.lru_cache(maxsize=4096)
def header_of(text: str) -> Header:
    """Take a header apart and say which role it names."""
    if match := _ISATAB.match(text):
        kind, inner_text = match[1].casefold(), match[2] or ""
        if kind in ("parameter value", "comment") and split_unit(inner_text)[1]:
            # What was measured stands under it with its unit; what has none is a setting.
            inner = header_of(match[2])
            return replace(inner, text=text)
        kinds = {"factor value": "group", "source name": "animal", "sample name": "animal"}
        role = kinds.get(match[1].casefold(), "label")
        weak = match[1].casefold() == "sample name"
        return Header(text, match[2] or text, None, tokens(match[2] or text), role, weak=weak)
    name, unit = split_unit(text)
    words = tuple(_simple(word) for word in tokens(name.rpartition(JOINER)[2]))
    unit_of = _counted_units(text, words)
    if unit_of is not None:
        return Header(text, name, unit, words, "units", of=unit_of)
    if letters(name) in (
        "id",
        "no",
        "nr",
        "number",
        "nummer",
        "numero",
        "code",
        "name",
        "nom",
        "nombre",
        "lfdnr",
        "sample",
        "sampleid",
        "probe",
        "echantillon",
        "muestra",
        "campione",
    ):
        return Header(text, name, unit, words, "animal", weak=True)
    if set(words) & vocabulary.NOUNS["blinded"] and set(words) & _CODES:
        return Header(text, name, unit, words, "animal", weak=True)  # what was written on the slide
    for role in _ORDER:
        if _names(role, name, words) and not (role == "time" and _is_one_time(name)):
            return Header(text, name, unit, words, role)
    return Header(text, name, unit, words, None)


_CODES = frozenset("code id nr no number nummer numero key label codigo codice".split())


def _is_one_time(name: str) -> bool:
    """Tell "Ki67 | 7 days", values of one day, from "Survival | days"."""
    return JOINER in name and any(c.isdigit() for c in name.rpartition(JOINER)[2])


def _simple(word: str) -> str:
    match = _COMPOUND.match(word)
    if match is None:
        return word
    known = any(match[1] in nouns for nouns in vocabulary.NOUNS.values())
    return match[1] if known and not any(word in nouns for nouns in vocabulary.NOUNS.values()) else word


def _counted_units(text: str, words: tuple[str, ...]) -> str | None:
    """Return the unit of "Number of sections", "n fields", "Anzahl Schnitte"; None for "Section number"."""
    units = [vocabulary.UNIT_PLURALS[w] for w in words if w in vocabulary.UNIT_PLURALS]
    counted = any(w in vocabulary.COUNTED or w in vocabulary.LOOKED_AT for w in words) or "#" in text
    each = _EACH.search(re.sub(r"[_.]", " ", text))
    if units and (counted or each or re.search(r"(?i)[(\[]\s*(n|#|n[r°º.]?)\s*[)\]]", text)):
        return units[0]
    if set(words) & {"fov", "img"} and set(words) & (vocabulary.COUNTED - {"count", "no", "nr", "num"}):
        return "field"
    return _glued_units("".join(words))


def _glued_units(word: str) -> str | None:
    """Tell "numberofsections", "anzahlschnitte" and "coupesparanimal"."""
    for plural, unit in vocabulary.UNIT_PLURALS.items():
        if word.startswith(plural) and word[len(plural) :] in vocabulary.COUNTED - {
            "n",
            "no",
            "nr",
            "nb",
            "num",
        }:
            return unit
        if word.startswith(plural) and _EACH_GLUED.fullmatch(word[len(plural) :]):
            return unit
        front = word.removesuffix(plural)
        if front == word or not front:
            continue
        for counted in vocabulary.COUNTED:
            if (
                front.startswith(counted)
                and (counted != "n" or front == "n")
                and _is_fill(front[len(counted) :])
            ):
                return unit
    return None


@functools.lru_cache(maxsize=4096)
def _glued(word: str, role: str) -> bool:
    """Tell a noun that is written together with what changes nothing: "mouseid", "numerodeanimal"."""
    for noun in vocabulary.NOUNS[role]:
        front, found, back = word.partition(noun)
        fill = _is_time_fill if role == "time" else _is_fill
        if found and len(noun) > (2 if role == "time" else 3) and fill(front) and fill(back):
            return True
    return False


def _is_time_fill(text: str) -> bool:
    if not text:
        return True
    return any(text.startswith(word) and _is_time_fill(text[len(word) :]) for word in _LONG_TIME_FILL)


def _is_fill(text: str) -> bool:
    if not text:
        return True
    return any(text.startswith(word) and _is_fill(text[len(word) :]) for word in _LONG_FILL)


_ANIMAL_WORDS = "|".join(sorted(vocabulary.NOUNS["animal"], key=len, reverse=True))
_EACH = re.compile(rf"(?i)(\b(per|pro|par|por|je)\b|/)\s*({_ANIMAL_WORDS})")
_EACH_GLUED = re.compile(rf"(per|pro|par|por|je)({_ANIMAL_WORDS})")
_LOTS = frozenset("lot lots lote lotes lotto lotti charge chargen".split())
_LONG_TIME_FILL = sorted((w for w in vocabulary.QUALIFIERS | _TIME_FILL if len(w) > 1), key=len)
_LONG_FILL = sorted(
    (w for w in vocabulary.QUALIFIERS if len(w) > 1 and w not in ("study", "counted", "index")), key=len
)


def _names(role: str, name: str, words: tuple[str, ...]) -> bool:
    nouns = vocabulary.NOUNS[role]
    whole = letters(name)
    if whole in nouns:
        return True
    if not words:
        return False
    here = [w for w in words if w in nouns]
    if (
        role == "batch"
        and set(words) & _LOTS
        and ("charge" not in words or any(w[:4] == "anti" for w in words))
    ):
        return True  # "Antibody lot", "Charge Antikörper": of whatever
    if role == "date":
        return any(w in vocabulary.DATES or w.endswith(("datum", "date")) for w in words)
    if role == "label" and any(w in _SIZES for w in words):
        return any(w in vocabulary.NOUNS["litter"] or w == "pups" for w in words)
    if not here:
        return len(words) == 1 and _glued(words[0], role)
    fill = vocabulary.QUALIFIERS | (_TIME_FILL if role == "time" else frozenset())
    return all(
        w in nouns or w in fill or w.isdigit() and role == "time" and len(here) < len(words) for w in words
    )
