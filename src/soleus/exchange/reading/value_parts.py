"""Columns of values that belong together: days, sides and sections in headers, double labels, sums of others.

The faults: left and right compared as two read-outs; a total tested beside its parts.
"""

from __future__ import annotations

from soleus.exchange.readers.headers import letters
from soleus.exchange.readers.mapping import Constants, Values
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.reading.draft import Draft, listed
from soleus.exchange.reading.levels import Level, levels_of_headers
from soleus.exchange.reading.made_of import means_of, multiples, sums_of
from soleus.exchange.reading.value_names import (
    attached,
    doubles,
    hyphened_days,
    numbered,
    on_days,
    rated,
    sided,
)

__all__ = ["double_labels", "made_of_others", "named_parts", "net_cells", "tell_apart"]


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


def named_parts(draft: Draft, entries: dict[str, Values]) -> None:
    """Read days, sides and numbers of parts in the headers."""
    leveled = _levels(draft, entries)
    names = [name for name in entries if name not in leveled]
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
        entries[name] = _as_part(draft, entries[name], stem, Constants(day=day))
    if any(entry.given.day is not None for entry in entries.values()):
        draft.within.append("days in the headers: groups are compared within each")
    sides = sided(names)
    for name, (stem, side) in sides.items():
        if side in ("left", "right"):
            entries[name] = _as_part(draft, entries[name], stem, Constants(side=side))
    if sides:
        what = ", ".join(dict.fromkeys(s or title_of(draft) for s, _ in sides.values()))
        counted = all(entries[n].kind == "count" for n in sides)
        how = "summed" if counted else "averaged"
        draft.summed.append(f"left and right of {what} are parts of one animal and are {how} in it")
    raters = rated(names)
    for name, (stem, observer) in raters.items():
        entries[name] = _as_part(draft, entries[name], stem, Constants(observer=observer))
    named = {*sides, *raters}
    parts = {n: p for n, p in numbered(names).items() if n not in named and entries[n].given.day is None}
    parts |= _attached_parts(draft, [n for n in names if n not in parts and n not in named])
    for name, (stem, unit, number) in parts.items():
        entries[name] = _as_part(draft, entries[name], stem, Constants(**{unit: number}))
    if parts:
        unit = next(iter(parts.values()))[1]
        draft.summed.append(
            f"{listed([repr(n) for n in parts], 4)} are {unit}s of one animal and are brought together in it"
        )
        _drop_means(draft, entries, list(parts))


def _levels(draft: Draft, entries: dict[str, Values]) -> dict[str, Level]:
    """Read headers of several levels, and say what stands for what."""
    found = levels_of_headers(list(entries))
    for name, level in found.items():
        entries[name] = _as_part(draft, entries[name], level.readout, level.given)
    fields = dict.fromkeys(f for level in found.values() for f in level.given.model_fields_set)
    for field in fields:
        words = dict.fromkeys(f"{getattr(level.given, field)}" for level in found.values())
        shown, what = listed(list(words)), {"niche": "region"}.get(field, field)
        if field in ("niche", "day"):
            draft.within.append(f"{what}s in the header ({shown}): groups are compared within each")
        else:
            draft.summed.append(
                f"{what}s in the header ({shown}) are parts of one animal and are brought together in it"
            )
    return found


def _as_part(draft: Draft, entry: Values, stem: str, given: Constants) -> Values:
    readout = None if entry.readout is None else stem or title_of(draft)
    return entry.model_copy(update={"readout": readout, "given": given})


def _attached_parts(draft: Draft, names: list[str]) -> dict[str, tuple[str, str, str]]:
    """Ask about columns that differ in a digit written to their names."""
    found = attached(names)
    if not found:
        return {}
    word = draft.answers.ask(
        Question(
            id="numbers",
            about="values",
            text=(
                f"are {listed([repr(n) for n in found], 4)} parts of one animal (sections, fields), or"
                " read-outs of their own?"
            ),
            choices=(
                Choice("parts", "sections or fields of one read-out: brought together in their animal"),
                Choice("readouts", "read-outs of their own"),
            ),
        )
    )
    return {n: (stem, "section", number) for n, (stem, number) in found.items()} if word == "parts" else {}


def _drop_means(draft: Draft, entries: dict[str, Values], parts: list[str]) -> None:
    """Leave out the sum or mean of the parts that stands beside them."""
    arrays = {n: draft.view[n].lenient for n in entries}
    for name, way in means_of(arrays, parts).items():
        entries.pop(name)
        reason = f"the {way} of {listed(parts, 4)}: the same numbers once more"
        draft.made_of.append(f"{name} is the {way} of {listed(parts, 4)}; it is not analysed again")
        draft.read(name, "made of others", reason, "content", used=False)


def double_labels(draft: Draft, entries: dict[str, Values]) -> None:
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


def net_cells(entries: dict[str, Values]) -> list[Values]:
    """Return double-labelled cells as counts of their own, looked at as those of the first label were."""
    out = []
    for double in doubles(list(entries)):
        share, whole = entries[double.column], entries.get(double.whole)
        if whole is None or share.denominator != double.whole or whole.kind != "count":
            continue
        name = f"{share.readout or double.column}, net cells"
        changes = {"readout": name, "denominator": None, "exposure": whole.exposure}
        out.append(share.model_copy(update=changes))
    return out


def made_of_others(draft: Draft, entries: dict[str, Values]) -> None:
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


def tell_apart(entries: dict[str, Values]) -> None:
    """Name read-outs of one name (a count and its density) by their whole headers."""
    names = [(e.readout, e.given) for e in entries.values()]
    for column, entry in entries.items():
        if entry.readout is not None and names.count((entry.readout, entry.given)) > 1:
            entries[column] = entry.model_copy(update={"readout": column})
