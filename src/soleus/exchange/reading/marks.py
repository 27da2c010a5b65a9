"""Animals that were marked to be left out: x under "Ausschluss", "outlier" in a comment, ok and died.

The fault: marked animals are analysed because the column of marks is not known.
"""

from __future__ import annotations

import re

from soleus.exchange.readers.mapping import Filter
from soleus.exchange.readers.question import Choice, Question
from soleus.exchange.readers.vocabulary import MARKS
from soleus.exchange.reading.draft import Draft, listed, quoted_names

__all__ = ["STRUCK", "ask_marks", "is_marked", "read_excluded", "take_exclusions", "tells_losses"]

STRUCK = re.compile(
    r"(?i)\b(exclud\w*|exclu\w*|outlier\w*|ausrei\w+|ausschl\w+|ausgeschl\w+|nicht verwend\w*|do not"
    r" use|not used|omit\w*"
    r"|discard\w*|died|dead|death|tot|verstorben|gestorben|mort|muert\w|mort\w|lost|esclu\w+|descart\w*|eliminad\w*|verworfen|rejet\w*|scart\w+)\b"
)


def read_excluded(draft: Draft, name: str) -> None:
    """Take marks of exclusion, or ask what they mean."""
    words = [word.casefold() for word in draft.view[name].words]
    if all(word in MARKS for word in words):
        rows = [int(n) for n, code in zip(draft.view.raw.row_numbers, draft.view[name].codes, strict=True)
                if code >= 0 and MARKS[words[code]]]  # fmt: skip
        if len(rows) == len(draft.view):
            return ask_marks(draft, name)
        draft.take(
            "excluded", name, f"marks in rows {listed(rows)}: left out" if rows else "no row is marked"
        )
        return
    ask_marks(draft, name)


def ask_marks(draft: Draft, name: str) -> None:
    """Ask whether rows with certain entries are left out."""
    view = draft.view
    column = view[name]
    struck = [w for w in column.words if STRUCK.search(w) and MARKS.get(w.casefold(), True)] or [
        w for w in column.words if MARKS.get(w.casefold(), True)
    ]
    if column.header.role == "excluded":
        struck = [w for w in column.words if MARKS.get(w.casefold(), True)]
    rows = [p for p in range(len(view)) if column.word(p) in struck]
    if struck and column.header.role != "excluded" and _without_values(draft, name, rows):
        draft.take(
            "labels", name, f"a note on rows without any value ({listed(rows)})", "content", role="label"
        )
        return
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
        take_exclusions(draft, name, "confirmed")
    else:
        draft.take(
            "labels",
            name,
            "you said so" if word else "to be confirmed",
            "confirmed" if word else "content",
            role="label",
        )


def _without_values(draft: Draft, name: str, rows: list[int]) -> bool:
    """Tell whether rows hold no number that could be analysed: leaving them out would change nothing."""
    numbers = [draft.view[n] for n in draft.free if n != name and draft.view[n].numeric]
    return bool(numbers) and all(not column.present[p] for column in numbers for p in rows)


def take_exclusions(draft: Draft, name: str, told: str) -> None:
    """Leave out the rows whose entries say so."""
    column = draft.view[name]
    marked = [w for w in column.words if MARKS.get(w.casefold(), True)]
    if column.header.role != "excluded":
        marked = [w for w in marked if STRUCK.search(w)] or marked
    if not marked:
        draft.take("labels", name, "no entry marks a row", role="label")
        return
    draft.exclude.append(Filter(column=name, equals=tuple(marked)))
    draft.read(name, "excluded", f"rows with {listed([repr(w) for w in marked], 3)} are left out", told)  # type: ignore[arg-type]


def tells_losses(words: tuple[str, ...]) -> bool:
    """Tell a column of states of which one is a loss: ok, died."""
    return 1 < len(words) <= 4 and any(STRUCK.search(word) for word in words)


def is_marked(draft: Draft, name: str) -> bool:
    """Tell a column in which few rows bear a mark and the others nothing."""
    column = draft.view[name]
    if bool(column.present.all()) or int(column.present.sum()) > 0.4 * len(draft.view):
        return False
    return all(w.casefold() in MARKS for w in column.words) or any(STRUCK.search(w) for w in column.words)
