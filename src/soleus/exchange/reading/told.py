"""The plan of a table that was read: the same words on the first run and on every later one."""

from __future__ import annotations

from collections.abc import Mapping as Names
from types import MappingProxyType
from typing import TYPE_CHECKING

from soleus.exchange.readers.headers import header_of
from soleus.exchange.readers.mapping import Mapping
from soleus.exchange.readers.prepare import PART_JOINER
from soleus.exchange.reading.draft import listed, quoted_names
from soleus.exchange.reading.plan import ColumnReading, ReadingPlan, RowsLeftOut, Told
from soleus.observations import STRATUM_PREFIX

if TYPE_CHECKING:
    import pandas as pd

    from soleus.exchange.readers.raw import RawTable
    from soleus.observations import Observations

__all__ = ["plan_of", "rows_left_out", "said_summed", "said_within"]

_COUNTED = ("section", "field", "well")
_UNUSED = ("label", "date", "empty", "made of others", "not used")
_FIELDS = {
    "niche": "region",
    "day": "time",
    "age_days": "covariate",
    "readout": "read-out",
    "strata": "compared within",
    "blocks": "batch",
    "covariates": "covariate",
    "labels": "label",
}


def plan_of(raw: RawTable, mapping: Mapping, observations: Observations, *, proposed: bool) -> ReadingPlan:
    """Say how a table was read.

    Parameters
    ----------
    raw
        The table of the file.
    mapping
        The instructions.
    observations
        What they made of it.
    proposed
        The instructions were drawn just now, and not taken from a file.
    """
    frame = observations.frame
    return ReadingPlan(
        mapping=mapping,
        columns=tuple(_columns(raw, mapping, proposed=proposed)),
        left_out=tuple(_left_out(mapping, frame)),
        rows=int(frame.loc[~frame["excluded"].to_numpy(dtype=bool), "source_row"].nunique()),
        control=mapping.groups.control,
        control_reason=mapping.groups.reason or ("the mapping names it" if mapping.groups.control else ""),
        summed=tuple(said_summed(frame, _unit_names(mapping))),
        divided=tuple(_divided(mapping)),
        within=tuple(said_within(frame)),
        made_of=tuple(
            text for text in mapping.said if "sum of" in text or " times " in text or " mean of " in text
        ),
        notes=tuple(
            text
            for text in mapping.said
            if not ("sum of" in text or " times " in text or " mean of " in text)
        ),
    )


def _columns(raw: RawTable, mapping: Mapping, *, proposed: bool) -> list[ColumnReading]:
    by_column = _roles(mapping)
    found = []
    names = list(raw.header) + [name for name in mapping.roles if name not in raw.header]
    for name in names:
        written = mapping.roles.get(name)
        if written is not None:
            role, _, reason = written.partition(": ")
        else:
            role, reason = (
                by_column.get(name, "not used"),
                "as the mapping says" if name in by_column else "the mapping does not name it",
            )
        told: Told = "content" if proposed else "mapping"
        if name in mapping.answers or "you said so" in reason:
            told = "confirmed"
        elif proposed and "header" in reason:
            told = "header"
        found.append(ColumnReading(name, role, reason, told, role not in _UNUSED))
    return found


def _roles(mapping: Mapping) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, given in mapping.columns.model_dump(exclude_none=True).items():
        for name in (given,) if isinstance(given, str) else given:
            found[name.partition(PART_JOINER)[0]] = _FIELDS.get(field, field)
    if mapping.exposure is not None and mapping.exposure.column:
        found[mapping.exposure.column] = "exposure"
    for entry in mapping.values:
        for name, role in (
            (entry.denominator, "denominator"),
            (None if entry.exposure is None else entry.exposure.column, "exposure"),
        ):
            if name:
                found.setdefault(name, role)
    for entry in mapping.values:
        found[entry.column] = "value"
    return found


def _left_out(mapping: Mapping, frame: pd.DataFrame) -> list[RowsLeftOut]:
    found = [RowsLeftOut(entry.rows, entry.why) for entry in mapping.left_out]
    found += [
        RowsLeftOut((), f"rows in which {rule.column!r} is {listed([repr(w) for w in rule.equals])}")
        for rule in mapping.drop
    ]
    return found + rows_left_out(frame)


def rows_left_out(frame: pd.DataFrame) -> list[RowsLeftOut]:
    """Return rows that a table excludes, by their reason."""
    found = []
    excluded = frame[frame["excluded"].to_numpy(dtype=bool)]
    for reason, rows in excluded.groupby("exclusion_reason", sort=False, observed=True):
        numbers = tuple(sorted({int(n) for n in rows["source_row"].dropna()}))
        columns = ", ".join(dict.fromkeys(map(str, rows["readout"])))
        found.append(RowsLeftOut(numbers, f"{reason} ({columns})"))
    return found


def _unit_names(mapping: Mapping) -> dict[str, str]:
    """Return what the file calls its fields, where that is not what soleus calls them: fibres, crypts."""
    name = mapping.columns.field
    if name is None or PART_JOINER in name or header_of(name).role == "field":
        return {}
    return {"field": f"of {name!r}"}


def said_summed(frame: pd.DataFrame, named: Names[str, str] = MappingProxyType({})) -> list[str]:
    """Say how many parts every animal has, and what is done with them.

    Parameters
    ----------
    named
        What the file calls a kind of part, where that is another word.
    """
    kept = frame[~frame["excluded"].to_numpy(dtype=bool)]
    found: dict[str, list[str]] = {}
    strata = [name for name in kept.columns if str(name).startswith(STRATUM_PREFIX)]
    for key, rows in kept.groupby(["readout", "unit_level", "value_kind"], sort=False):
        level = str(key[1])
        within = rows.groupby(["animal", "day", "niche", "assay", *strata], dropna=False, sort=False)
        # Two observers of whom each counted other animals average nothing.
        raters = int(within["observer"].nunique().max())
        if level == "group" or (level == "animal" and raters < 2):
            continue
        sizes = within["unit_id"].nunique()
        low, high = int(sizes.min()), int(sizes.max())
        if level == "animal":
            found.setdefault(f"{raters} observers counted each animal: their counts are averaged", []).append(
                str(key[0])
            )
        if high < 2:
            continue
        how = "summed" if key[2] == "count" else "averaged"
        many = f"{low}" if low == high else f"{low} to {high}"
        more = f", counted by {raters} observers whose counts are averaged" if raters > 1 else ""
        sides = ", left and right among them" if rows["side"].notna().any() and level != "hemisphere" else ""
        words = (
            "hemispheres or sides (left, right)" if level == "hemisphere" else named.get(level, f"{level}s")
        )
        found.setdefault(f"{many} {words} of each animal are {how} in it{sides}{more}", []).append(
            str(key[0])
        )
    return [f"{', '.join(dict.fromkeys(names))}: {text}" for text, names in found.items()]


def _divided(mapping: Mapping) -> list[str]:
    found = []
    for entry in mapping.values:
        name = entry.readout or entry.column
        exposure = entry.exposure or (mapping.exposure if entry.kind in ("count",) else None)
        if entry.denominator:
            found.append(
                f"{name} is compared as a share of {entry.denominator} (divided by {entry.denominator})"
            )
        elif exposure is not None and entry.kind == "count":
            what = exposure.column or f"{exposure.value:g} {exposure.unit}"
            found.append(
                f"{name} is divided by {what}"
                + (
                    f" ({exposure.unit})"
                    if exposure.column and exposure.unit not in ("?", *_COUNTED) and exposure.unit not in what
                    else ""
                )
            )
    return found


def said_within(frame: pd.DataFrame) -> list[str]:
    """Say what groups are compared within: days, regions, other strata."""
    found = []
    days = sorted({float(day) for day in frame["day"].dropna()})
    if len(days) > 1:
        found.append(f"groups are compared on each day: {listed([f'day {d:g}' for d in days], 12)}")
    places = [str(word) for word in frame["niche"].dropna().unique()]
    if len(places) > 1:
        found.append(f"groups are compared within each region: {quoted_names(places, 12)}")
    for name in frame.columns:
        if str(name).startswith(STRATUM_PREFIX):
            words = [str(word) for word in frame[name].dropna().unique()]
            if len(words) < 2:
                continue
            found.append(
                f"groups are compared within each {str(name).removeprefix(STRATUM_PREFIX)!r}:"
                f" {quoted_names(words, 12)}"
            )
    return found
