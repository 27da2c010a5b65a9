"""From a table to its reading plan: every column a role, every row a reason, every doubt a question."""

from __future__ import annotations

from typing import Any

from soleus.errors import InputError
from soleus.exchange.readers.mapping import Columns, Constants, Groups, Mapping, header_hash
from soleus.exchange.readers.prepare import PART_JOINER
from soleus.exchange.readers.question import Answers, Choice, Question, QuestionError
from soleus.exchange.readers.raw import RawTable
from soleus.exchange.reading.anew import ask_anew, told_by_batch
from soleus.exchange.reading.colours import ask_colours
from soleus.exchange.reading.control import choose_control, read_pairs
from soleus.exchange.reading.decimals import ask_decimal
from soleus.exchange.reading.draft import NOTHING_SAID, Draft, Wanted, listed
from soleus.exchange.reading.ids import read_ids
from soleus.exchange.reading.layouts import animals_across, groups_across, other_kind
from soleus.exchange.reading.made_of import total_levels
from soleus.exchange.reading.rows import ask_blanks, ask_repeats, ask_values
from soleus.exchange.reading.strata import read_columns
from soleus.exchange.reading.summaries import leave_summaries
from soleus.exchange.reading.values import read_values
from soleus.exchange.reading.view import View
from soleus.exchange.reading.whose import read_who, with_parts_seen
from soleus.jobs import as_text

__all__ = ["mapping_of", "propose"]


def propose(raw: RawTable, *, answers: Answers, wanted: Wanted = NOTHING_SAID) -> Draft:
    """Draw the plan of a table.

    Parameters
    ----------
    raw
        The table.
    answers, wanted
        What the user said.

    Returns
    -------
    Draft
        The whole interpretation.

    Raises
    ------
    QuestionError
        Something is open that would change a number.
    InputError
        The file is of another kind, or holds what cannot be right.
    """
    other_kind(raw)
    draft = Draft(raw, View(raw), answers, wanted)
    ask_decimal(draft)
    if not groups_across(draft) and not animals_across(draft):
        read_who(draft)
    ask_colours(draft)
    leave_summaries(draft)
    if "animal" in draft.columns or draft.values:
        _parts(draft)
    read_columns(draft)
    if not draft.values:
        read_values(draft)
    if not draft.values:
        ask_values(draft)
    _totals(draft)
    _constants(draft)
    by_day = _by_day(draft)
    choose_control(draft, _labels(draft), by_day=by_day)
    _days_apart(draft, by_day)
    ask_blanks(draft)
    ask_anew(draft)
    ask_repeats(draft)
    first = answers.first()
    if first is not None:
        raise QuestionError(raw.path, first, [q for q in answers.open if q is not first])
    stray = answers.unused()
    if stray:
        asked = ", ".join(question.id for question in answers.offered) or "nothing"
        raise InputError(
            f"--answer {stray[0]!r} answers nothing that is asked of {raw.path.name} (asked: {asked})"
        )
    return draft


def _parts(draft: Draft) -> None:
    before = len(draft.names)
    if draft.animal is not None and not draft.layout and PART_JOINER not in draft.animal:
        read_ids(draft)
    if len(draft.names) > before:
        with_parts_seen(draft)
    if not told_by_batch(draft):
        read_pairs(draft)


def _labels(draft: Draft) -> tuple[str, ...]:
    given = draft.columns.get("group")
    if isinstance(given, tuple):
        view = draft.view
        pairs = zip(*(view[name].codes.tolist() for name in given), strict=True)
        return tuple(
            dict.fromkeys(
                ", ".join(view[n].words[c] for n, c in zip(given, pair, strict=True))
                for pair in pairs
                if min(pair) >= 0
            )
        )
    if given is None:
        return tuple(dict.fromkeys(str(entry.given.group) for entry in draft.values if entry.given.group))
    return draft.view[given].words


def _by_day(draft: Draft) -> dict[str, tuple[str, ...]] | None:
    """Return each day's groups, where every group has its own day; None where days are crossed."""
    day, group = draft.columns.get("day"), draft.group
    if not isinstance(day, str) or group is None or not draft.view.determines(group, day):
        return None
    found: dict[str, list[str]] = {}
    for one, other in sorted(draft.view.pairs(group, day)):
        found.setdefault(draft.view[day].words[other], []).append(draft.view[group].words[one])
    return {when: tuple(groups) for when, groups in found.items()}


def _days_apart(draft: Draft, by_day: dict[str, tuple[str, ...]] | None) -> None:
    """Ask about groups that were killed on other days than their control."""
    if (
        by_day is None
        or draft.contrasts
        or draft.wanted.contrasts
        or len(by_day) < 2
        or draft.control is None
    ):
        return
    alone = [groups for groups in by_day.values() if draft.control not in groups]
    if not alone:
        return
    day = str(draft.columns["day"])
    word = draft.answers.ask(
        Question(
            id=day,
            about="control",
            text=(
                f"by {day!r} each group has a time of its own, and the control {draft.control!r} has"
                f" another than"
                f" {listed([repr(g) for groups in alone for g in groups])}. Is it their control all the"
                f" same? Groups of one"
                " day are compared by --contrast TREATED/CONTROL."
            ),
            choices=(
                Choice("label", f"yes: every group is compared with {draft.control!r}, whatever its time"),
            ),
        )
    )
    if word == "label":
        draft.columns.pop("day")
        draft.day_unit = None
        draft.within = [text for text in draft.within if not text.startswith(f"{day}:")]
        draft.take("labels", day, "you said so", "confirmed", role="label")
        _constants(draft)


def _totals(draft: Draft) -> None:
    """Say which regions or markers are sums of others."""
    animal = draft.animal
    single = [entry.column for entry in draft.values if entry.kind == "count"]
    if animal is None or animal not in draft.view.names or len(single) != 1:
        return
    for name in (draft.columns.get("niche"), draft.columns.get("readout"), *draft.columns.get("strata", ())):
        if isinstance(name, str) and name in draft.view.names:
            for total, parts in total_levels(draft.view, name, single[0], animal).items():
                draft.made_of.append(
                    f"{total} ({name}) is in every animal the sum of {' and '.join(parts)}: the same"
                    f" cells once more"
                )


def _constants(draft: Draft) -> None:
    fixed: dict[str, Any] = {"study": as_text(draft.raw.path.stem)}
    if "day" not in draft.columns and any(entry.given.day is None for entry in draft.values):
        fixed["day"] = 0.0
    if "assay" not in draft.columns:
        fixed["assay"] = "counts"
    if "study" in draft.columns:
        fixed.pop("study")
    draft.constants = Constants(**fixed)


def _struck(draft: Draft) -> dict[str, tuple[int, ...]]:
    """Return the struck-out cells of each column of values; a struck-out animal strikes its row."""
    names = {entry.column for entry in draft.values}
    animal = draft.columns.get("animal")
    found: dict[str, list[int]] = {}
    for row, column in draft.raw.struck:
        for name in names if column == animal else {column} & names:
            found.setdefault(name, []).append(row)
    return {name: tuple(sorted(set(rows))) for name, rows in found.items()}


def mapping_of(draft: Draft) -> Mapping:
    """Write the plan down as the instructions by which the table is read."""
    return Mapping(
        columns=Columns(**draft.columns),
        constants=draft.constants,
        values=tuple(draft.values),
        exposure=draft.exposure,
        groups=Groups(
            control=draft.control,
            factors=draft.factors,
            contrasts=draft.contrasts,
            reason=draft.control_reason or None,
        ),
        answers=dict(draft.answers.settled),
        roles={
            r.column: f"{r.role}: {r.reason}" for r in draft.readings.values() if PART_JOINER not in r.column
        },
        said=(*draft.made_of, *draft.notes),
        names=tuple(draft.names),
        layout=draft.layout,
        day_unit=draft.day_unit if draft.day_unit in ("day", "week", "hour") else None,
        left_out=tuple(draft.left_out),
        struck=_struck(draft),
        exclude=tuple(draft.exclude),
        missing=tuple(draft.missing),
        decimal=draft.decimal,
        fill_down=tuple(draft.fill_down),
        rows_are=draft.rows_are,
        sheet=draft.raw.sheet,
        header_sha256=header_hash(draft.raw.header),
    )
