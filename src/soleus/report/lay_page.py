"""The account in plain words: one page for a lay reader, without scripts and with nothing to load."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from soleus.report.lay_pictures import dots_picture, mice_picture
from soleus.report.page import page_environment
from soleus.schema.claim_rows import Account, ClaimRow, EvidenceRow

__all__ = ["PAGE", "lay_page"]

PAGE = "article.html"
_TEMPLATES = Path(__file__).with_name("templates")
_PAPERS = 3
# Letters of a word that its other forms share: weights, weight-trained.
_STEM = 5
_UNMEASURED = ("not-seen", "source-only", "in-a-dish", "something-else", "unmeasured")
_WORD_CLASSES = {
    "Yes": "yes",
    "Partly": "partly",
    "Researchers disagree": "disagree",
    "Measurements point the other way": "against",
    "The paper says otherwise": "against",
}


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading and the rows under it, claim by claim."""

    title: str
    claims: list[list[ClaimRow]]


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
        page_environment()
        .get_template("lay.html.j2")
        .render(
            told=told,
            sections=_sections(rows),
            papers=_papers,
            said=_said,
            word_class=lambda word: _WORD_CLASSES.get(word, "open"),
            css=Markup((_TEMPLATES / "lay.css").read_text(encoding="utf-8")),
            mice=Markup(mice_picture()),
            dots=Markup(dots_picture(told.dividing.stem_share)) if told.dividing else None,
            study=study,
            version=version,
        )
    )


def _sections(rows: Sequence[ClaimRow]) -> list[_Section]:
    """Share out the rows: what was found, what is told otherwise than in the paper, what nobody knows."""
    retold = {row.claim for row in rows if row.told_by is not None}
    changed = [row for row in rows if row.claim in retold]
    open_ = [row for row in rows if row.claim not in retold and row.situation in _UNMEASURED]
    found = [row for row in rows if row not in changed and row not in open_]
    sections = [
        _Section("What was found", _by_quote(found)),
        _Section("What the article changed", _by_quote(changed)),
        _Section("What nobody has measured", _by_quote(open_)),
    ]
    return [section for section in sections if section.claims]


def _by_quote(rows: Iterable[ClaimRow]) -> list[list[ClaimRow]]:
    return [list(own) for _, own in groupby(rows, key=lambda row: (row.claim, row.quote))]


def _said(rows: Sequence[ClaimRow]) -> bool:
    """Whether quotes and sentences say all that the labels of the parts would."""
    return all(
        word[:_STEM] in f"{row.quote} {row.sentence}".lower()
        for row in rows
        for word in row.label.lower().replace(",", "").split()
    )


def _papers(row: ClaimRow) -> list[EvidenceRow]:
    """Return the few works that tell most, each once; of equals, those that a reader can open."""
    studies = [e for e in row.evidence if e.relation != "press"]
    once = list({e.citation: e for e in reversed(studies)}.values())[::-1]
    linked = [e for e in once if e.url]
    return (linked if len(linked) >= min(2, len(once)) else once)[:_PAPERS] or list(row.evidence[:1])
