"""Words that laboratories write in headers, in English and German, and what they stand for."""

from __future__ import annotations

import re

from soleus.exchange.readers.grid import JOINER, is_unit

__all__ = ["AREA", "CONTROLS", "COUNT", "DENSITY", "IDENTITIES", "IGNORED", "MASS", "SHARE", "TIME", "VALUE"]
__all__ += ["plain", "split_unit"]

IDENTITIES: dict[str, tuple[str, ...]] = {
    "animal": (
        *(
            "animal",
            "animalid",
            "animalno",
            "animalnumber",
            "mouse",
            "mouseid",
            "mouseno",
            "mice",
            "rat",
            "ratid",
        ),
        *("subject", "subjectid", "individual", "specimen", "id", "tier", "tiernr", "tiernummer", "maus"),
        *("mausnr", "mausid", "ratte", "versuchstier", "eartag"),
    ),
    "group": (
        *("group", "groups", "treatment", "condition", "genotype", "cohort", "arm", "exposuregroup"),
        *("experimentalgroup", "gruppe", "behandlung", "bedingung", "genotyp", "treatmentgroup", "grp"),
    ),
    "sex": ("sex", "gender", "geschlecht"),
    "strain": ("strain", "line", "stamm", "mousestrain"),
    "age_days": ("agedays", "aged", "alter", "alterdays", "altertage", "age"),
    "cage": ("cage", "cageid", "cageno", "kaefig", "käfig", "kafig"),
    "litter": ("litter", "litterid", "wurf"),
    "day": (
        "day",
        "days",
        "dpi",
        "timepoint",
        "time",
        "tag",
        "tage",
        "zeitpunkt",
        "dayofsampling",
        "studyday",
    ),
    "niche": ("niche", "region", "area name", "brainregion", "nische", "structure", "tissue", "hirnregion"),
    "assay": ("assay", "staining", "stain", "färbung", "faerbung"),
    "side": ("side", "hemisphere", "seite", "hemisphäre", "hemisphaere", "leftright"),
    "section": (
        "section",
        "sectionid",
        "sectionno",
        "slice",
        "sliceno",
        "sliceid",
        "schnitt",
        "schnittnr",
        "sectionnumber",
    ),
    "field": (
        "field",
        "fov",
        "image",
        "imageid",
        "fieldofview",
        "bild",
        "feld",
        "gesichtsfeld",
        "picture",
        "roi",
    ),
    "well": ("well", "wellid"),
    "culture": ("culture", "dish", "kultur"),
    "passage": ("passage", "passageno"),
    "observer": ("observer", "counter", "countedby", "rater", "auswerter", "untersucher", "beobachter"),
    "blinded": ("blinded", "blind", "verblindet"),
    "excluded": ("excluded", "exclude", "ausgeschlossen"),
    "exclusion_reason": ("exclusionreason", "reasonforexclusion", "ausschlussgrund"),
    "readout": (
        "readout",
        "marker",
        "measure",
        "measurement",
        "variable",
        "celltype",
        "zelltyp",
        "messgröße",
    ),
}

VALUE = ("value", "wert", "messwert", "values")
COUNT = ("count", "counts", "cells", "cellcount", "n", "number", "anzahl", "zellzahl", "zellen", "numcells")
DENSITY = ("density", "dichte")
AREA = ("area", "fläche", "flaeche", "volume", "volumen")
SHARE = ("percent", "prozent", "fraction", "anteil", "proportion", "frequency", "freqof", "share")
MASS = ("mass", "weight", "gewicht", "masse")
TIME = ("duration", "latency", "dauer", "cyclelength")
IGNORED = (
    *(
        "",
        "no",
        "nr",
        "row",
        "index",
        "unnamed0",
        "x",
        "y",
        "z",
        "xm",
        "ym",
        "centroidx",
        "centroidy",
        "objectid",
    ),
    *(
        "comment",
        "comments",
        "note",
        "notes",
        "bemerkung",
        "bemerkungen",
        "date",
        "datum",
        "filename",
        "path",
    ),
    *(
        "batch",
        "charge",
        "plate",
        "platte",
        "block",
        "run",
        "slide",
        "experiment",
        "replicate",
        "year",
        "jahr",
    ),
    *("bregma", "level", "ap", "magnification", "objective", "thickness", "age", "alter", "ageweeks", "dob"),
)

CONTROLS = (
    *(
        "control",
        "controls",
        "ctrl",
        "ctl",
        "ctr",
        "con",
        "wt",
        "wildtype",
        "vehicle",
        "veh",
        "sham",
        "untreated",
        "saline",
    ),
    *(
        "kontrolle",
        "kontrollen",
        "kontrolltiere",
        "normallyloadedcontrol",
        "groundcontrol",
        "baseline",
        "pbs",
    ),
)

_UNIT_END = re.compile(r"^(.*?)[\s_]*[\[(]\s*([^\[\]()]+?)\s*[\])]\s*$")
_PER = re.compile(r"^(.*?)[\s_]*(?:per|/|pro)\s*([µμu]m|mm)\s*\^?\s*([23²³])\s*$", re.IGNORECASE)
_BARE = re.compile(
    r"^(.+?)[\s_]+((?:[µμum]m|cm)\s*\^?[23²³]|%|percent|prozent|px\s*\^?[2²])\s*$", re.IGNORECASE
)


def plain(header: str) -> str:
    """Return the letters of a header, without case, blanks and marks."""
    return re.sub(r"[\W_]+", "", header).casefold()


def split_unit(header: str) -> tuple[str, str | None]:
    """Split "Area µm^2", "Mass (g)", "Ki67 per mm2" into name and unit; None where there is no unit."""
    name, joiner, last = header.rpartition(JOINER)
    if joiner and is_unit(last):
        return name, split_unit(f"x ({last.strip(' ()[]')})")[1]
    if match := _PER.match(header):
        scale = "mm" if match[2].casefold() == "mm" else "um"
        return match[1].strip(" _") or header, f"1/{scale}{match[3].translate(str.maketrans('²³', '23'))}"
    for pattern in (_UNIT_END, _BARE):
        if match := pattern.match(header):
            inner = _PER.match(f"x {match[2]}") or _PER.match(f"x /{match[2]}") if "/" in match[2] else None
            if inner is not None:
                return match[1].strip(), split_unit(f"x / {inner[2]}{inner[3]}")[1]
            return match[1].strip(), match[2].strip()
    return header, None
