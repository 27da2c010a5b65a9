"""What holds for every answer: each section is on each face, each number has a source, each text is plain."""

from __future__ import annotations

import html
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent))  # samples.py

from samples import SAMPLES

from soleus.answers import Answer
from soleus.answers.schemas import QUESTIONS, schemas
from soleus.answers.written import answer_data, answer_json, answer_schema
from soleus.report import terminal
from soleus.report.forms import written
from soleus.report.pages import Page, page_html
from soleus.report.section import Entries, Facts, Points, Row, Section, Table, plain_text, walk
from soleus.report.terminal import show_sections

HOME = Path(__file__).resolve().parents[2] / "src" / "soleus" / "answers"


@cache
def answer(question: str) -> Answer[Any]:
    return SAMPLES[question]()


def said(section: Section) -> Iterator[str]:
    """Every text that a reader of the section must find: title, lead, cells, points, captions."""
    yield section.title
    yield from map(plain_text, section.lead)
    for part in walk(section.parts):
        if isinstance(part, Table):
            yield from (written(r.cells.get(c.key), c.form) for r in part.rows for c in part.shown)
        elif isinstance(part, Points):
            yield from map(plain_text, part.items)
        elif isinstance(part, Facts):
            yield from (plain_text(one) for pair in part.pairs for one in pair)
        elif isinstance(part, Entries):
            # A terminal breaks a label beside its text.
            yield from (plain_text(one) for e in part.entries for one in (e.name, *e.label.split(), e.text))
    yield from (figure.title for figure in section.figures)


def on_page(sections: tuple[Section, ...]) -> str:
    text = page_html(Page("kind", "title", (), sections, footer="", version="0"))
    body = re.sub(r"<script.*?</script>|<style.*?</style>", "", text, flags=re.DOTALL)
    return squeezed(html.unescape(re.sub(r"<[^>]+>", "", body)))


def on_screen(sections: tuple[Section, ...], width: int = 80) -> str:
    made = io.StringIO()
    # As wide as wanted, so that no text is broken.
    with patch.object(terminal, "_WIDEST", width):
        show_sections(Console(file=made, width=width, highlight=False), sections, full=True)
    return made.getvalue()


def squeezed(text: str) -> str:
    """Without the spaces, since lines break anywhere."""
    return re.sub(r"\s+", "", text)


def missing(text: str, sections: tuple[Section, ...]) -> list[str]:
    found = squeezed(text)
    return [one for section in sections for one in said(section) if squeezed(one) not in found]


def test_every_question_has_a_sample() -> None:
    assert {name.partition(":")[0] for name in SAMPLES} == set(QUESTIONS)


@pytest.mark.parametrize("question", SAMPLES)
def test_every_section_is_on_the_page(question: str) -> None:
    assert not missing(on_page(answer(question).sections), answer(question).sections)


@pytest.mark.parametrize("question", SAMPLES)
def test_every_section_is_on_the_screen_at_any_width(question: str) -> None:
    sections = answer(question).sections
    wide = on_screen(sections, width=4000)
    assert not missing(wide, sections)
    narrow = on_screen(sections)
    assert all(len(line) <= 80 for line in narrow.splitlines() if "@" not in line and "=" not in line)
    # Numbers stay whole however narrow it is.
    for section in sections:
        for table in section.tables:
            for column in table.shown:
                if column.form != "text":
                    cells = [written(row.cells.get(column.key), column.form) for row in table.rows]
                    assert all(cell in narrow for cell in cells), (table.id, column.key)


@pytest.mark.parametrize("question", SAMPLES)
def test_a_section_that_a_face_forgets_is_seen(question: str) -> None:
    sections = answer(question).sections
    forgotten = (*sections, Section("new", "A new section", lead=("It says something.",)))
    assert missing(on_page(sections), forgotten) == ["A new section", "It says something."]
    assert missing(on_screen(sections, width=4000), forgotten) == ["A new section", "It says something."]


@pytest.mark.parametrize("question", SAMPLES)
def test_json_fits_the_shipped_schema_which_is_that_of_the_model(question: str) -> None:
    one = answer(question)
    content = json.loads(answer_json(one))
    assert content == answer_data(one) and content["question"] == one.question
    assert [section["id"] for section in content["sections"]] == [s.id for s in one.sections]
    schema = answer_schema(one.question, one.values.schema_version)
    for spoilt in ("values", "sections", "numbers", "status"):
        with pytest.raises(ValidationError):
            Draft202012Validator(schema).validate({k: v for k, v in content.items() if k != spoilt})
    with pytest.raises(ValidationError):
        Draft202012Validator(schema).validate(content | {"status": "sure"})


def test_shipped_schemas_are_those_of_the_models() -> None:
    for path, schema in schemas().items():
        assert json.loads((HOME / path).read_text(encoding="utf-8")) == schema, path


@pytest.mark.parametrize("question", SAMPLES)
def test_ids_are_unique_and_links_on_the_page_lead_somewhere(question: str) -> None:
    sections = answer(question).sections
    text = page_html(Page("kind", "title", (), sections, footer="", version="0"))
    body = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    ids = re.findall(r' id="([^"]+)"', body)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', body)) <= set(ids)
    tables = [table.id for section in sections for table in section.tables]
    assert len(tables) == len(set(tables)), "a table's id is the name of its file"


@pytest.mark.parametrize("question", SAMPLES)
def test_the_headline_is_at_most_five_sentences(question: str) -> None:
    assert 1 <= len(answer(question).headline) <= 5


@pytest.mark.parametrize("question", SAMPLES)
def test_every_number_has_a_source_or_says_why_not(question: str) -> None:
    assert not unsourced(answer(question))


def unsourced(one: Answer[Any]) -> list[str]:
    """Numbers without source, and numbers whose state and source do not go together."""
    cited = {work.key for work in one.values.citations}
    loose = any(n.status == "provisional" for n in one.values.numbers)
    found = [] if loose == (one.values.status == "provisional") else ["status"]
    for number in one.values.numbers:
        if number.citation is None and not (number.no_doi or number.status in ("provisional", "fitted")):
            found.append(number.name)
        elif number.citation is not None and number.citation not in cited:
            found.append(number.name)
    return found


@pytest.mark.parametrize("question", SAMPLES)
def test_a_planted_number_without_a_source_or_a_wrong_status_is_seen(question: str) -> None:
    one = answer(question)
    bare = one.values.numbers[0].model_copy(
        update={"name": "planted", "status": "checked", "citation": None, "no_doi": None}
    )
    spoilt = one.values.model_copy(update={"numbers": [*one.values.numbers, bare]})
    assert unsourced(replace(one, values=spoilt)) == ["planted"]
    sure = one.values.model_copy(update={"status": "checked"})
    assert unsourced(replace(one, values=sure)) == ["status"]


def test_a_row_that_a_table_hides_is_missed() -> None:
    columns = answer("panel").sections[0].tables[0].columns[:1]
    table = Table("t", "t", columns, (Row({"first": "seen"}),))
    hidden = replace(table, rows=(*table.rows, Row({"first": "unseen"})))
    screen = on_screen((Section("s", "s", parts=(table,)),))
    assert missing(screen, (Section("s", "s", parts=(hidden,)),)) == ["unseen"]
