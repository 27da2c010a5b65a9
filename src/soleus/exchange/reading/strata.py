"""Columns beside animal and group: regions, times, markers, second factors, batches, parts, labels, marks.

The faults: weeks, compartments and antibodies pooled; sections numbered in two regions summed; a date that
stops the command; animals marked for exclusion that are analysed. Groups are compared within the values of a
column that stands for place, time or a second treatment; batches and observers are kept and named.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from soleus.exchange.readers.headers import letters, tokens
from soleus.exchange.readers.identity import _SEXES
from soleus.exchange.readers.mapping import Filter
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.times import times_of
from soleus.exchange.readers.vocabulary import CONTRA, MARKS, MOMENTS, REGIONS, SIDES, TIMES
from soleus.exchange.reading.draft import Draft, listed, quoted_names
from soleus.exchange.reading.value_names import on_days

__all__ = ["ROLE_WORDS", "dated", "read_columns"]

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

_DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([ T][\d:.]+)?|\d{1,2}[./-]\d{1,2}[./-](\d{4}|\d{2})|\d{1,2}["
    r" .-]?[A-Za-z]{3}[a-z]*[ .-]?\d{2,4}"
)
_FEW = 8
_STRUCK = re.compile(
    r"(?i)\b(exclud\w*|exclu\w*|outlier\w*|ausrei\w+|ausschl\w+|ausgeschl\w+|nicht verwend\w*|do not"
    r" use|not used|omit\w*"
    r"|discard\w*|died|dead|death|tot|verstorben|gestorben|mort|muert\w|mort\w|lost|esclu\w+|descart\w*|eliminad\w*|verworfen|rejet\w*|scart\w+)\b"
)
_UNITS = {"section": "section", "field": "field", "well": "well", "culture": "culture", "passage": "passage",
          "replicate": "field", "slide": "section"}  # fmt: skip
_SESSIONS = frozenset("session sessions sitzung seance sesion sessione visit visite phase momento".split())


def read_columns(draft: Draft) -> None:
    """Give every column that holds no read-out its role; ask where two roles would give other numbers."""
    for name in list(draft.free):
        said = draft.answers.said_role(name, ROLE_WORDS)
        if said is not None and said != "value":
            _as_said(draft, name, said)
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
            _by_content(draft, name)


def dated(words: tuple[str, ...]) -> bool:
    """Tell whether cells are dates."""
    return sum(_DATE.fullmatch(word) is not None for word in words[:200]) > 0.8 * len(words[:200])


def _as_said(draft: Draft, name: str, word: str) -> None:
    you = "you said so"
    if word == "region":
        _place(draft, name, you, "confirmed")
    elif word in ("within", "day", "marker"):
        if word == "day" and times_of(draft.view[name].words, unit=_unit(draft, name)) is not None:
            _day(draft, name, you, "confirmed")
        else:
            _within(draft, name, you, "confirmed", role="factor" if word == "within" else word)
    elif word in ("parts", "section", "field", "side"):
        draft.take(
            "field"
            if word == "parts" and "section" in draft.columns
            else "section"
            if word == "parts"
            else word,
            name,
            you,
            "confirmed",
            role="section" if word == "parts" else word,
        )
        draft.summed.append(f"the parts that {name!r} names are brought together within their animal")
    elif word == "exclude":
        _exclude(draft, name, "confirmed")
    elif word == "group" and draft.group is not None:
        draft.columns["group"] = (draft.group, name)
        draft.read(name, "group", "you said so", "confirmed")
    elif word in ("animal", "group", "observer", "cage", "litter"):
        draft.take(word, name, you, "confirmed")
    else:
        draft.take(
            {"batch": "blocks", "covariate": "covariates", "label": "labels"}[word],
            name,
            you,
            "confirmed",
            role=word,
        )


def _levels(draft: Draft, name: str) -> str:
    return quoted_names(draft.view[name].words, 6)


def _per_animal(draft: Draft, name: str) -> bool:
    """Tell whether every animal has one value of the column."""
    return (
        draft.animal is None
        or draft.animal not in draft.view.names
        or draft.view.determines(draft.animal, name)
    )


def _by_group(draft: Draft, name: str) -> bool:
    """Tell whether every group has one value of the column."""
    return draft.group is not None and draft.view.determines(draft.group, name)


def _within(draft: Draft, name: str, reason: str, told: str = "header", *, role: str = "factor") -> None:
    draft.take("strata", name, reason, told, role=role)  # type: ignore[arg-type]
    draft.within.append(f"{name}: groups are compared within each of {_levels(draft, name)}")


def _place(draft: Draft, name: str, reason: str, told: str = "header") -> None:
    if "niche" in draft.columns:
        return _within(draft, name, reason, told, role="region")
    draft.take("niche", name, reason, told, role="region")  # type: ignore[arg-type]
    if len(draft.view[name].words) > 1:
        draft.within.append(f"{name}: groups are compared within each of {_levels(draft, name)}")


def _day(draft: Draft, name: str, reason: str, told: str = "header") -> None:
    taken = draft.columns.get("day")
    if isinstance(taken, str) and taken in draft.view.names and draft.view.determines(taken, name):
        draft.take("labels", name, f"{taken!r} tells it", "content", role="label")
        return
    if "day" in draft.columns:
        return _within(draft, name, reason, told, role="time")
    draft.day_unit = _unit(draft, name)
    draft.take("day", name, reason, told, role="time")  # type: ignore[arg-type]
    if len(draft.view[name].words) > 1:
        draft.within.append(f"{name}: groups are compared within each of {_levels(draft, name)}")


def _unit(draft: Draft, name: str) -> str | None:
    header = draft.view[name].header
    if header.unit is not None:
        return next((TIMES[w] for w in tokens(header.unit) if w in TIMES), None)
    return next((TIMES[w] for w in header.words if w in TIMES), None)


def _time(draft: Draft, name: str) -> None:
    column = draft.view[name]
    header = column.header
    if (
        column.numeric
        and any(word.isdigit() for word in header.words)
        and name in on_days(list(draft.view.names))
    ):
        return  # "Week 1", "Week 4": a read-out on several days
    if len(column.words) == 1 and not column.numeric and times_of(column.words) is None:
        draft.take("labels", name, "the same in every row", role="label")
        return
    unit = _unit(draft, name)
    session = any(word in _SESSIONS for word in header.words)
    days = None if session or unit == "month" else times_of(column.words, unit=unit)
    stated = unit is not None or any(re.search(r"[^\W\d_]", word) for word in column.words)
    if days is not None and stated:
        if _scattered(draft, name):
            return _ask_time(draft, name)
        return _day(draft, name, f"the header names a time, in {unit or 'day'}s")
    if len(column.words) == 1:
        draft.take("labels", name, "a time in no stated unit, the same in every row", role="label")
    elif _scattered(draft, name):
        _ask_time(draft, name)
    else:
        _within(draft, name, "the header names a time; its words are no days", role="time")


def _scattered(draft: Draft, name: str) -> bool:
    """Tell times that no two groups share enough of to be compared at each."""
    view = draft.view
    if draft.group is None or len(view[name].words) < 3 or _by_group(draft, name):
        return False
    shared = [
        b for b in range(len(view[name].words)) if sum(p[1] == b for p in view.pairs(draft.group, name)) > 1
    ]
    return len(view[name].words) > 6 and len(shared) < 0.5 * len(view[name].words)


def _ask_time(draft: Draft, name: str) -> None:
    _ask_column(
        draft,
        name,
        f"{name!r} names a time, and most of its values occur in one group only. Are groups to be"
        f" compared at each?",
        (
            Choice("label", "no: it is kept and never analysed"),
            Choice("day", "yes: groups are compared at each"),
        ),
    )


def _age(draft: Draft, name: str) -> None:
    column = draft.view[name]
    numbers = column.lenient
    spread = column.numeric and np.nanmin(numbers) > 0 and np.nanmax(numbers) / np.nanmin(numbers) > 1.5
    if len(column.words) == 1 or _by_group(draft, name):
        draft.take(
            "labels", name, "one age in each group" if len(column.words) > 1 else "one age", role="covariate"
        )
    elif (spread or not column.numeric) and len(column.words) <= _FEW and _full(draft, name):
        _within(draft, name, "ages that stand in every group", role="time")
    elif column.numeric and column.numbers is not None:
        if _unit(draft, name) == "day" and "age_days" not in draft.columns:
            draft.take("age_days", name, "the age of each animal", role="covariate")
        else:
            draft.take("covariates", name, "the age of each animal; kept and named", role="covariate")
    else:
        draft.take("labels", name, "ages in words", role="label")


def _full(draft: Draft, name: str) -> bool:
    """Tell whether every value stands in several groups, with two animals each."""
    view = draft.view
    if draft.group is None:
        return False
    counts: dict[tuple[int, int], set[int]] = {}
    animal = view[draft.animal].codes if draft.animal in view.names else np.arange(len(view))
    for a, g, v in zip(
        animal.tolist(), view[draft.group].codes.tolist(), view[name].codes.tolist(), strict=True
    ):
        if g >= 0 and v >= 0:
            counts.setdefault((v, g), set()).add(a)
    groups: dict[int, list[int]] = {}
    for (v, _), animals in counts.items():
        groups.setdefault(v, []).append(len(animals))
    return all(len(n) > 1 and min(n) > 1 for n in groups.values())


def _region(draft: Draft, name: str) -> None:
    _place(draft, name, "the header names a place")


def _side(draft: Draft, name: str) -> None:
    words = {letters(word) for word in draft.view[name].words}
    if words <= set(SIDES):
        draft.take("side", name, "left and right of one animal")
        draft.summed.append(
            f"left and right ({name!r}) are parts of one animal and are brought together in it"
        )
    elif words <= set(CONTRA) or not draft.view[name].numeric:
        _place(
            draft,
            name,
            "sides that were treated differently" if words <= set(CONTRA) else "the header names a side",
        )
    else:
        _ask_within(draft, name)


def _unit_of_animal(draft: Draft, name: str) -> None:
    column = draft.view[name]
    role = column.header.role or "section"
    field = _UNITS[role]
    if (
        role == "section"
        and column.numeric
        and letters(name) in ("sections", "slices", "schnitte", "coupes", "cortes", "sezioni")
    ):
        column_once = draft.animal in draft.view.names and len(draft.view[draft.animal or ""].words) == len(
            draft.view
        )
        if column_once and _per_animal(draft, name):
            return _ask_number(draft, name)
    numbered = len(column.words) == int(column.present.sum()) and len(column.words) > 1
    if (
        numbered
        and draft.animal is not None
        and _per_animal(draft, name)
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
            text=f"{name!r} holds {_levels(draft, name)}: is it how many were counted in each animal?",
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


def _sex(draft: Draft, name: str) -> None:
    words = draft.view[name].words
    known = [letters(w) or w for w in words]
    if all(w in _SEXES for w in known) and _per_animal(draft, name):
        draft.take("sex", name, "kept; both sexes are analysed together" if len(words) > 1 else "one sex")
    else:
        draft.take("blocks", name, "kept; both are analysed together", role="sex")
    if len(words) > 1 and not _by_group(draft, name):
        draft.notes.append(
            f"{name}: {_levels(draft, name)} are analysed together; --answer '{name}=within' compares"
            f" groups within each"
        )
    elif len(words) > 1:
        draft.notes.append(f"{name}: each group holds one sex, so that sex and group cannot be told apart")


def _factor(draft: Draft, name: str) -> None:
    column = draft.view[name]
    if len(column.words) == 1:
        draft.take("labels", name, "the same in every row", role="label")
    elif _by_group(draft, name):
        draft.take("labels", name, "the group tells it", "content", role="label")
    elif draft.group is not None and draft.view.determines(name, draft.group):
        draft.take("blocks", name, "several within each group; kept and named", "content", role="factor")
    elif len(column.words) > _FEW:
        _ask_column(draft, name, f"{name!r} has {len(column.words)} different words. What is it?", _KINDS)
    else:
        _within(draft, name, "a second factor beside the group")


def _batch(draft: Draft, name: str) -> None:
    column = draft.view[name]
    if len(column.words) == 1 or len(column.words) > max(_FEW, len(draft.view) // 2):
        draft.take("labels", name, "a number of bookkeeping", role="label")
        return
    draft.take("blocks", name, "kept and named; animals of all are analysed together", role="batch")
    if _by_group(draft, name):
        draft.notes.append(f"{name}: each group has one, so that {name!r} and group cannot be told apart")
    else:
        draft.notes.append(
            f"{name}: {_levels(draft, name)} are analysed together; --answer '{name}=within' compares"
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
    if not _per_animal(draft, name):
        draft.summed.append(f"the counts of several observers ({name!r}) are averaged within their animal")


def _excluded(draft: Draft, name: str) -> None:
    words = [word.casefold() for word in draft.view[name].words]
    if all(word in MARKS for word in words):
        rows = [int(n) for n, code in zip(draft.view.raw.row_numbers, draft.view[name].codes, strict=True)
                if code >= 0 and MARKS[words[code]]]  # fmt: skip
        if len(rows) == len(draft.view):
            return _ask_marks(draft, name)
        draft.take(
            "excluded", name, f"marks in rows {listed(rows)}: left out" if rows else "no row is marked"
        )
        return
    _ask_marks(draft, name)


def _included(draft: Draft, name: str) -> None:
    """A column that says which rows are used: those that it denies are left out."""
    column = draft.view[name]
    denied = [w for w in column.words if MARKS.get(w.casefold()) is False]
    if len(column.words) > 3 or not all(w.casefold() in MARKS for w in column.words) or column.numeric:
        return _by_content(draft, name)
    draft.exclude.append(Filter(column=name, equals=tuple(denied or ("no",))))
    draft.read(name, "excluded", f"rows with {listed([repr(w) for w in denied], 3)} are left out")


def _ask_marks(draft: Draft, name: str) -> None:
    view = draft.view
    column = view[name]
    struck = [w for w in column.words if _STRUCK.search(w) and MARKS.get(w.casefold(), True)] or [
        w for w in column.words if MARKS.get(w.casefold(), True)
    ]
    if column.header.role == "excluded":
        struck = [w for w in column.words if MARKS.get(w.casefold(), True)]
    rows = [p for p in range(len(view)) if column.word(p) in struck]
    count, shown = len(rows), rows[:3]
    word = draft.answers.ask(
        Question(
            id=name,
            about="excluded",
            text=(
                f"{name!r} has the entries {quoted_names(struck, 3)}. Are rows with them to be left out"
                f" ({count} of {len(view)})?"
            ),
            choices=(
                Choice("exclude", "the rows are left out, with the entry as the reason"),
                Choice("keep", "the rows are analysed; the entry is a note"),
            ),
            head=("row", draft.animal or "", name) if draft.animal in view.names else ("row", name),
            examples=tuple(
                (
                    str(view.raw.row_numbers[p]),
                    *((view[draft.animal or ""].word(p) or "",) if draft.animal in view.names else ()),
                    view[name].word(p) or "",
                )
                for p in shown
            ),
        )
    )
    if word == "exclude":
        _exclude(draft, name, "confirmed")
    else:
        draft.take(
            "labels",
            name,
            "you said so" if word else "to be confirmed",
            "confirmed" if word else "content",
            role="label",
        )


def _exclude(draft: Draft, name: str, told: str) -> None:
    column = draft.view[name]
    marked = [w for w in column.words if MARKS.get(w.casefold(), True)]
    if column.header.role != "excluded":
        marked = [w for w in marked if _STRUCK.search(w)] or marked
    draft.exclude.append(Filter(column=name, equals=tuple(marked)))
    draft.read(name, "excluded", f"rows with {listed([repr(w) for w in marked], 3)} are left out", told)  # type: ignore[arg-type]


def _dosed(draft: Draft, name: str) -> bool:
    """Tell a dose that differs within a group: its animals had different treatments."""
    if draft.group is None or not set(draft.view[name].header.words) & _DOSES or _by_group(draft, name):
        return False
    return 1 < len(draft.view[name].words) <= _FEW


_DOSES = frozenset("dose doses dosis dosage dosi dosen concentration konzentration".split())


def _ask_dose(draft: Draft, name: str) -> None:
    _ask_column(
        draft,
        name,
        f"animals of one group had different doses ({_levels(draft, name)} under {name!r}). Is each dose"
        f" a group?",
        (
            Choice("group", f"yes: groups are combinations of {draft.group!r} and {name!r}"),
            Choice("label", "no: all doses of a group are analysed together"),
        ),
    )


def _label(draft: Draft, name: str) -> None:
    column = draft.view[name]
    if _dosed(draft, name):
        return _ask_dose(draft, name)
    if not column.numeric and any(_STRUCK.search(word) for word in column.words):
        struck = [w for w in column.words if _STRUCK.search(w)]
        if len(struck) < len(draft.view):
            return _ask_marks(draft, name)
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
            _within(draft, name, "the header names what was counted", role="read-out")
        return
    draft.take("readout", name, f"names what was counted: {_levels(draft, name)}", role="read-out")


_KINDS = (
    Choice("within", "place, time or a second treatment: groups are compared within each of its values"),
    Choice("parts", "sections or other parts of one animal: brought together in it"),
    Choice("batch", "a batch: kept and named, its animals are analysed together"),
    Choice("label", "a label: kept, never analysed"),
)


def _ask_column(draft: Draft, name: str, text: str, choices: tuple[Choice, ...]) -> None:
    view = draft.view
    beside = [n for n in (draft.animal, draft.group) if n is not None and n in view.names]
    places = list(
        dict.fromkeys(int(np.argmax(view[name].codes == c)) for c in range(min(3, len(view[name].words))))
    )
    word = draft.answers.ask(
        Question(
            id=name,
            about="column",
            text=text,
            choices=choices,
            head=(*beside, name),
            examples=tuple(tuple(view[n].word(p) or "" for n in (*beside, name)) for p in places),
        )
    )
    if word is None:
        draft.take("labels", name, "to be confirmed", "content", role="label")
    elif word != "value":
        _as_said(draft, name, word)


def _ask_within(draft: Draft, name: str) -> None:
    _ask_column(
        draft,
        name,
        f"every animal has several values of {name!r} ({_levels(draft, name)}). What are they?",
        (_KINDS[0], _KINDS[1], _KINDS[3]),
    )


def _by_content(draft: Draft, name: str) -> None:
    """Read a column whose header says nothing."""
    column = draft.view[name]
    if column.numeric:
        return _numbers_by_content(draft, name)
    if not column.formulas and not _by_words(draft, name):
        _by_crossing(draft, name)


def _by_words(draft: Draft, name: str) -> bool:
    """Read a column by what its words are; tell whether they are anything known."""
    column = draft.view[name]
    folded = {letters(word) for word in column.words}
    if len(column.words) == 1 and bool(column.present.all()):
        draft.take("labels", name, "the same in every row", "content", role="label")
    elif _is_marked(draft, name) or _tells_losses(column.words):
        _ask_marks(draft, name)
    elif folded <= set(SIDES) and len(folded) > 1 and not _per_animal(draft, name):
        _side(draft, name)
    elif folded <= set(CONTRA):
        _place(draft, name, "its words are sides that were treated differently", "content")
    elif sum(w in REGIONS for w in folded) > 0.6 * len(folded) and not _per_animal(draft, name):
        _place(draft, name, "its words are names of regions", "content")
    elif _timed(column.words):
        _time_by_content(draft, name)
    elif folded and folded <= set(_SEXES) and len(folded) == 2 and _per_animal(draft, name):
        _sex(draft, name)
    else:
        return False
    return True


def _by_crossing(draft: Draft, name: str) -> None:
    """Read a column of unknown words by how they stand to animals and groups."""
    column = draft.view[name]
    if len(column.words) > max(_FEW, 0.5 * len(draft.view)) or (
        draft.animal in draft.view.names and len(column.words) > _FEW and _per_animal(draft, name)
    ):
        draft.take("labels", name, "different in almost every row", "content", role="label")
    elif not _per_animal(draft, name):
        _ask_within(draft, name)
    elif _by_group(draft, name):
        draft.take("labels", name, "the group tells it", "content", role="label")
    elif draft.group is not None and draft.view.determines(name, draft.group):
        draft.take("labels", name, "nested in the group", "content", role="label")
    else:
        _ask_column(
            draft,
            name,
            f"{name!r} holds {_levels(draft, name)} in several groups. What is it?",
            (_KINDS[0], _KINDS[2], _KINDS[3]),
        )


def _timed(words: tuple[str, ...]) -> bool:
    codes = sum(re.fullmatch(r"(?i)[tspvw]\s*\d{1,2}|p(n|nd)?\s*\d+", word) is not None for word in words)
    moments = sum(letters(word) in MOMENTS for word in words)
    return len(words) > 1 and (times_of(words) is not None or codes + moments == len(words))


def _time_by_content(draft: Draft, name: str) -> None:
    if times_of(draft.view[name].words) is not None:
        _day(draft, name, "its cells are times", "content")
    else:
        _within(draft, name, "its cells are codes of time points", "content", role="time")


def _tells_losses(words: tuple[str, ...]) -> bool:
    """Tell a column of states of which one is a loss: ok, died."""
    return 1 < len(words) <= 4 and any(_STRUCK.search(word) for word in words)


def _is_marked(draft: Draft, name: str) -> bool:
    """Tell a column in which few rows bear a mark and the others nothing."""
    column = draft.view[name]
    if bool(column.present.all()) or int(column.present.sum()) > 0.4 * len(draft.view):
        return False
    return all(w.casefold() in MARKS for w in column.words) or any(_STRUCK.search(w) for w in column.words)


def _numbers_by_content(draft: Draft, name: str) -> None:
    """Tell numbers of parts and bookkeeping from read-outs."""
    view, column = draft.view, draft.view[name]
    if column.header.unit is not None or not column.whole or column.formulas:
        return
    if draft.animal in view.names and len(column.words) <= 12 and _same_in_animals(draft, name):
        _ask_column(
            draft,
            name,
            f"every animal has the same values of {name!r} ({_levels(draft, name)}). What are they?",
            (_KINDS[0], _KINDS[1], _KINDS[3], Choice("value", "a read-out")),
        )


def _same_in_animals(draft: Draft, name: str) -> bool:
    """Tell whether the column numbers something within each animal: the same numbers, each once a row."""
    view = draft.view
    sets: dict[int, set[int]] = {}
    rows: dict[int, int] = {}
    for a, v in zip(view[draft.animal or ""].codes.tolist(), view[name].codes.tolist(), strict=True):
        sets.setdefault(a, set()).add(v)
        rows[a] = rows.get(a, 0) + 1
    first = next(iter(sets.values()))
    return len(first) > 1 and len(sets) > 2 and all(found == first for found in sets.values())


_BY_ROLE: dict[str, Callable[[Draft, str], None]] = {
    "time": _time,
    "age": _age,
    "region": _region,
    "side": _side,
    "sex": _sex,
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
    "excluded": _excluded,
    "included": _included,
    "label": _label,
    "date": _date,
    "readout": _readout,
    **dict.fromkeys(_UNITS, _unit_of_animal),
}
