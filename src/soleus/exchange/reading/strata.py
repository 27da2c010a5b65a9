"""Columns beside animal and group: regions, times, markers, second factors, batches, parts, labels, marks.

The faults: weeks, compartments and antibodies pooled; sections numbered in two regions summed; a date that
stops the command; animals marked for exclusion that are analysed. Groups are compared within the values of a
column that stands for place, time or a second treatment; batches and observers are kept and named.
"""

from __future__ import annotations

from collections.abc import Callable

from soleus.exchange.readers.headers import letters
from soleus.exchange.readers.mapping import Filter
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.vocabulary import MARKS, UNIT_PLURALS
from soleus.exchange.reading.by_content import dated, read_by_content
from soleus.exchange.reading.draft import Draft, listed
from soleus.exchange.reading.marks import STRUCK, ask_marks, read_excluded
from soleus.exchange.reading.roles import (
    FEW,
    KINDS,
    as_said,
    ask_column,
    by_group,
    levels_of,
    per_animal,
    read_region,
    read_sex,
    read_side,
    take_within,
)
from soleus.exchange.reading.times import read_age, read_time

__all__ = ["ROLE_WORDS", "read_columns"]

ROLE_WORDS = (
    *(
        "within",
        "region",
        "day",
        "parts",
        "section",
        "field",
        "side",
        "batch",
        "observer",
        "covariate",
        "label",
    ),
    *("value", "animal", "group", "marker", "cage", "litter", "exclude"),
)
"""What a column may be said to be, by ``--answer COLUMN=WORD``."""


_UNITS = {"section": "section", "field": "field", "well": "well", "culture": "culture", "passage": "passage",
          "replicate": "field", "slide": "section"}  # fmt: skip


def read_columns(draft: Draft) -> None:
    """Give every column that holds no read-out its role; ask where two roles would give other numbers."""
    for name in list(draft.free):
        said = draft.answers.said_role(name, ROLE_WORDS)
        if said is not None and said != "value":
            as_said(draft, name, said)
    for name in list(draft.free):
        column = draft.view[name]
        if not column.words:
            draft.read(name, "empty", "no cell holds anything", "content", used=False)
            continue
        if dated(column.words):
            draft.take("labels", name, "its cells are dates; kept, never analysed", "content", role="date")
            continue
        reader = _BY_ROLE.get(column.header.role or "")
        if reader is not None and draft.answers.said_role(name, ROLE_WORDS) != "value":
            reader(draft, name)
    for name in list(draft.free):
        if draft.answers.said_role(name, ROLE_WORDS) != "value":
            read_by_content(draft, name)


def _unit_of_animal(draft: Draft, name: str) -> None:
    column = draft.view[name]
    role = column.header.role or "section"
    field = _UNITS[role]
    if column.numeric and letters(name) in UNIT_PLURALS:
        column_once = draft.animal in draft.view.names and len(draft.view[draft.animal or ""].words) == len(
            draft.view
        )
        if column_once and per_animal(draft, name):
            return _ask_number(draft, name)
    numbered = len(column.words) == int(column.present.sum()) and len(column.words) > 1
    if (
        numbered
        and draft.animal is not None
        and per_animal(draft, name)
        and role not in ("well", "culture", "passage")
    ):
        draft.take("labels", name, "one for each animal: a number, nothing that is counted", role="label")
    elif field in draft.columns or field in draft.columns.get("strata", ()):
        draft.take("labels", name, f"a second name of the {field}", role="label")
    else:
        draft.take(field, name, f"the header names a {role} of the animal", role=role)


def _ask_number(draft: Draft, name: str) -> None:
    """A column "Sections" with one row an animal: how many were counted, or which one it was."""
    word = draft.answers.ask(
        Question(
            id=name,
            about="exposure",
            text=f"{name!r} holds {levels_of(draft, name)}: is it how many were counted in each animal?",
            choices=(
                Choice("number", f"yes: counts are divided by {name!r}"),
                Choice("label", "no: it is which one; kept and never analysed"),
            ),
        )
    )
    if word == "label":
        draft.take("labels", name, "you said so", "confirmed", role="label")
    elif word is None:
        draft.read(name, "exposure", "to be confirmed", "content")


def _factor(draft: Draft, name: str) -> None:
    column = draft.view[name]
    if len(column.words) == 1:
        draft.take("labels", name, "the same in every row", role="label")
    elif by_group(draft, name):
        draft.take("labels", name, "the group tells it", "content", role="label")
    elif draft.group is not None and draft.view.determines(name, draft.group):
        draft.take("blocks", name, "several within each group; kept and named", "content", role="factor")
    elif len(column.words) > FEW:
        ask_column(draft, name, f"{name!r} has {len(column.words)} different words. What is it?", KINDS)
    else:
        take_within(draft, name, "a second factor beside the group")


def _batch(draft: Draft, name: str) -> None:
    column = draft.view[name]
    if len(column.words) == 1 or len(column.words) > max(FEW, len(draft.view) // 2):
        draft.take("labels", name, "a number of bookkeeping", role="label")
        return
    draft.take("blocks", name, "kept and named; animals of all are analysed together", role="batch")
    if by_group(draft, name):
        draft.notes.append(f"{name}: each group has one, so that {name!r} and group cannot be told apart")
    else:
        draft.notes.append(
            f"{name}: {levels_of(draft, name)} are analysed together; --answer '{name}=within' compares"
            f" groups within each"
        )


def _plain(field: str) -> Callable[[Draft, str], None]:
    def take(draft: Draft, name: str) -> None:
        if field in draft.columns:
            draft.take("labels", name, f"a second {field}", role="label")
        else:
            draft.take(field, name, f"the header names the {field}")

    return take


def _observer(draft: Draft, name: str) -> None:
    _plain("observer")(draft, name)
    if not per_animal(draft, name):
        draft.summed.append(f"the counts of several observers ({name!r}) are averaged within their animal")


def _included(draft: Draft, name: str) -> None:
    """A column that says which rows are used: those that it denies are left out."""
    column = draft.view[name]
    denied = [w for w in column.words if MARKS.get(w.casefold()) is False]
    if len(column.words) > 3 or not all(w.casefold() in MARKS for w in column.words) or column.numeric:
        return read_by_content(draft, name)
    draft.exclude.append(Filter(column=name, equals=tuple(denied or ("no",))))
    draft.read(name, "excluded", f"rows with {listed([repr(w) for w in denied], 3)} are left out")


def _dosed(draft: Draft, name: str) -> bool:
    """Tell a dose that differs within a group: its animals had different treatments."""
    if draft.group is None or not set(draft.view[name].header.words) & _DOSES or by_group(draft, name):
        return False
    return 1 < len(draft.view[name].words) <= FEW


_DOSES = frozenset("dose doses dosis dosage dosi dosen concentration konzentration".split())


def _ask_dose(draft: Draft, name: str) -> None:
    ask_column(
        draft,
        name,
        f"animals of one group had different doses ({levels_of(draft, name)} under {name!r}). Is each dose"
        f" a group?",
        (
            Choice("group", f"yes: groups are combinations of {draft.group!r} and {name!r}"),
            Choice("label", "no: all doses of a group are analysed together"),
        ),
    )


def _read_label(draft: Draft, name: str) -> None:
    column = draft.view[name]
    if _dosed(draft, name):
        return _ask_dose(draft, name)
    if not column.numeric and any(STRUCK.search(word) for word in column.words):
        struck = [w for w in column.words if STRUCK.search(w)]
        if len(struck) < len(draft.view):
            return ask_marks(draft, name)
    draft.take("labels", name, "kept, never analysed", role="label")


def _date(draft: Draft, name: str) -> None:
    if not draft.view[name].numeric or letters(name) not in ("data", "killed"):
        draft.take("labels", name, "a date; kept, never analysed", role="date")


def _readout(draft: Draft, name: str) -> None:
    column = draft.view[name]
    if "readout" in draft.columns or column.numeric:
        if len(column.words) == 1:
            draft.take("labels", name, "the same in every row", role="label")
        elif "readout" in draft.columns and draft.view.determines(draft.columns["readout"], name):
            draft.take("labels", name, f"{draft.columns['readout']!r} tells it", "content", role="label")
        else:
            take_within(draft, name, "the header names what was counted", role="read-out")
        return
    draft.take("readout", name, f"names what was counted: {levels_of(draft, name)}", role="read-out")


_BY_ROLE: dict[str, Callable[[Draft, str], None]] = {
    "time": read_time,
    "age": read_age,
    "region": read_region,
    "side": read_side,
    "sex": read_sex,
    "factor": _factor,
    "group": _factor,
    "strain": _plain("strain"),
    "cage": _plain("cage"),
    "litter": _plain("litter"),
    "study": _plain("study"),
    "blinded": _plain("blinded"),
    "assay": _plain("assay"),
    "exclusion_reason": _plain("exclusion_reason"),
    "batch": _batch,
    "observer": _observer,
    "excluded": read_excluded,
    "included": _included,
    "label": _read_label,
    "date": _date,
    "readout": _readout,
    **dict.fromkeys(_UNITS, _unit_of_animal),
}
