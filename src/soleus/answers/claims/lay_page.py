"""The account in plain words: one page for a lay reader, without scripts and with nothing to load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.answers.claims.lay_pictures import dots_picture, mice_picture
from soleus.report.names import sentence_case
from soleus.report.pages import unbroken, web_link
from soleus.schema.claim_rows import Account, ClaimRow, EvidenceRow

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["PAGE", "lay_page"]

PAGE = "article.html"
_TEMPLATES = Path(__file__).with_name("templates")
_PAPERS = 3
_UNMEASURED = ("in-a-dish", "something-else", "unmeasured")
_DESIGN = ("said", "otherwise-said", "not-seen")
_WORD_CLASSES = {
    "Yes": "yes",
    "Partly": "partly",
    "Researchers disagree": "disagree",
    "Not settled": "disagree",
    "Not found": "against",
    "Measurements point the other way": "against",
    "The paper says otherwise": "against",
}


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading and the rows under it, claim by claim."""

    title: str
    claims: list[list[ClaimRow]]


@dataclass(frozen=True, slots=True)
class _Work:
    """A work behind a row, with all that it found."""

    source: str
    url: str | None
    found: str
    checked: bool


@dataclass(frozen=True, slots=True)
class _Works:
    """The works that are shown behind a row, and how many more there are."""

    shown: list[_Work]
    more: int


def lay_page(told: Account, rows: Sequence[ClaimRow], *, study: str, version: str) -> str:
    """Fill the page.

    Parameters
    ----------
    told
        What there is besides the rows.
    rows
        All rows of the account, in its order.
    study, version
        Under which study they were judged, and by which version.
    """
    from markupsafe import Markup

    return (
        _environment()
        .get_template("lay.html.j2")
        .render(
            told=told,
            sections=_sections(rows, main=told.main),
            works=_works,
            by_the_rule=_by_the_rule,
            labelled=_labelled(rows),
            word_class=lambda word: _WORD_CLASSES.get(word, "open"),
            css=Markup((_TEMPLATES / "lay.css").read_text(encoding="utf-8")),
            mice=Markup(mice_picture()),
            dots=Markup(dots_picture(told.dividing.stem_share)) if told.dividing else None,
            study=study,
            version=version,
        )
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"sentence_case": sentence_case, "unbroken": unbroken, "web_link": web_link}
    return environment


def _sections(rows: Sequence[ClaimRow], *, main: str) -> list[_Section]:
    """Share out the claims: what was retold otherwise, what was found, what nobody has measured.

    The claim that the question is about comes first; parts of a claim stay together but where one was never
    measured and others were.
    """
    first = main.partition("/")[0]
    retold = {row.claim for row in rows if row.told_by is not None}
    changed = sorted((row for row in rows if row.claim in retold), key=lambda row: row.claim != first)
    open_ = [row for row in rows if row.claim not in retold and row.situation in _UNMEASURED]
    found = [row for row in rows if row not in changed and row not in open_]
    # Who the animals were is the least of it.
    found.sort(key=lambda row: row.situation in _DESIGN)
    sections = [
        _Section("What changed on the way", _by_quote(changed)),
        _Section("What was found", _by_quote(found)),
        _Section("What else nobody has measured", _by_quote(open_)),
    ]
    return [section for section in sections if section.claims]


def _by_quote(rows: Iterable[ClaimRow]) -> list[list[ClaimRow]]:
    return [list(own) for _, own in groupby(rows, key=lambda row: (row.claim, row.quote))]


def _labelled(rows: Sequence[ClaimRow]) -> Callable[[ClaimRow], bool]:
    """Return whether a row needs its label: more than one has its quote."""
    quotes = Counter((row.claim, row.quote) for row in rows)
    return lambda row: quotes[row.claim, row.quote] > 1


def _works(row: ClaimRow) -> _Works:
    """Return all works that the sentence tells of, filled up with those that tell most, each once."""
    studies = [e for e in row.evidence if e.relation != "press"] or list(row.evidence)
    by_work: dict[str, list[EvidenceRow]] = {}
    for e in sorted(studies, key=lambda e: not e.told):
        by_work.setdefault(e.citation, []).append(e)
    told = [key for key, own in by_work.items() if own[0].told]
    # Of the others, those that a reader can open come first.
    others = sorted((key for key in by_work if key not in told), key=lambda key: not by_work[key][0].url)
    shown = [*told, *others[: max(0, _PAPERS - len(told))]]
    return _Works([_work(by_work[key]) for key in shown], len(by_work) - len(shown))


def _work(entries: Sequence[EvidenceRow]) -> _Work:
    return _Work(
        source=entries[0].source,
        url=entries[0].url,
        found=" ".join(dict.fromkeys(e.reason for e in entries)),
        checked=all(e.status != "provisional" for e in entries),
    )


def _by_the_rule(row: ClaimRow) -> str:
    """Say what the rule saw and how it decided, in words."""
    said = f"By the written rule: {row.called}" + (f" ({row.verdict})" if row.called != row.verdict else "")
    if row.kind == "design":
        return f"{said}."
    for_, against = int(row.inputs["F"]), int(row.inputs["A"])
    counted = f"{for_} {'study' if for_ == 1 else 'studies'} of just this for it, {against} against"
    chance = row.inputs.get("max_p")
    simulated = "" if chance is None else f"; no simulated cause gives it a chance above {100 * chance:.0f} %"
    return f"{said}; {counted}{simulated}."
