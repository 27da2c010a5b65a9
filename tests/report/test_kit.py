"""Sections on every face: what is written stays whole, and nothing of others' texts becomes code."""

from __future__ import annotations

import csv
import io

import pytest
from rich.console import Console

from soleus.report.forms import written
from soleus.report.pages import Page, page_html
from soleus.report.plain import as_data
from soleus.report.section import (
    Card,
    Cards,
    Chip,
    Code,
    Column,
    Details,
    Entries,
    Entry,
    Facts,
    Link,
    Points,
    Row,
    Section,
    Strong,
    Table,
    plain_text,
    walk,
)
from soleus.report.sheets import table_csv
from soleus.report.terminal import show_sections
from soleus.schema.values import Interval

SPAN = Interval(value=0.305, low=0.24, high=0.4)


def screen(*sections: Section, width: int = 80, full: bool = False) -> tuple[str, tuple[str, ...]]:
    made = io.StringIO()
    shown = show_sections(Console(file=made, width=width, highlight=False), sections, full=full)
    return made.getvalue(), shown.left_out


@pytest.mark.parametrize(
    ("cell", "form", "text"),
    [
        (0.305, "ratio", "0.30"),
        (0.305, "change", "−70\u202f%"),
        (0.305, "percent", "30.5\u202f%"),
        (SPAN, "ratio", "0.30 (0.24 to 0.40)"),
        (SPAN, "change", "−70\u202f% (−76\u202f% to −60\u202f%)"),
        (Interval(value=2, low=2, high=2), "ratio", "2.00"),
        (Interval(value=2, low=1, high=4, level=1.0), "number", "2 (range 1 to 4)"),
        (12345.6, "whole", "12\u202f346"),
        (28.0, "day", "28"),
        (1.5, "odds", "× 1.50"),
        (0.0004, "p", "0.0004"),
        (0.00001, "p", "< 0.0001"),
        (0.004, "probability", "0.004"),
        (0.5, "probability", "0.50"),
        (-1.54, "signed", "−1.5"),
        (0.04, "signed", "0.0"),
        (6.7, "signed", "+6.7"),
        (2.2512918, "fold", "9.5-fold"),
        (0.1 + 0.2, "raw", "0.3"),
        (None, "ratio", "–"),
        (float("nan"), "ratio", "–"),
        (True, "text", "yes"),
        ("unloaded", "ratio", "unloaded"),
        (Chip("yes", "good"), "text", "yes"),
        (("see ", Link("here", "#x"), Strong("!")), "text", "see here!"),
    ],
)
def test_a_cell_is_written_by_the_form_of_its_column(cell, form, text) -> None:
    assert written(cell, form) == text


def wide_table(columns: int = 12) -> Table:
    heads = tuple(Column(f"c{k}", f"cause {k}", "change") for k in range(columns))
    cells = {f"c{k}": 1 - 0.01 * k for k in range(columns)}
    return Table(
        "wide", "Wide", (Column("what", "read-out"), *heads), (Row({"what": "Ki67+ cells", **cells}),)
    )


@pytest.mark.parametrize("width", [40, 60, 80, 132])
def test_a_wide_table_goes_on_below_itself_and_cuts_nothing(width: int) -> None:
    text, _ = screen(Section("s", "S", parts=(wide_table(),)), width=width)
    assert max(map(len, text.splitlines())) <= width
    for k in range(12):
        assert written(1 - 0.01 * k, "change") in text
    assert text.count("Ki67+ cells") >= (2 if width < 132 else 1), "each part names its rows"


@pytest.mark.parametrize("width", [60, 80, 100])
def test_columns_of_words_never_take_the_room_of_a_number(width: int) -> None:
    words = ("read-out", "assay", "contrast", "unit")
    text = "a label of several long words, as laboratories write them"
    columns = (*(Column(w, w) for w in words), Column("n", "mean, control", "number"), Column("p", "p", "p"))
    rows = (Row({w: text for w in words} | {"n": 123456.0, "p": 0.00061}),)
    shown, _ = screen(Section("s", "S", parts=(Table("t", "", columns, rows),)), width=width)
    assert max(map(len, shown.splitlines())) <= width
    assert written(123456.0, "number") in shown and "0.00061" in shown
    assert screen(Section("s", "S", parts=(Table("t", "", columns, ()),)), width=width)


def test_a_box_shows_its_first_texts_and_says_how_many_more() -> None:
    box = Points(("one", "two", "three"), "Before you quote this", "warn", brief=1)
    text, left = screen(Section("s", "S", parts=(box,)))
    assert "- one" in text and "two" not in text and left == ("2 more (Before you quote this)",)
    assert "- three" in screen(Section("s", "S", parts=(box,)), full=True)[0]


def test_a_terminal_names_what_it_leaves_out_and_full_shows_it() -> None:
    rows = tuple(Row({"what": f"row {k}"}) for k in range(9))
    table = Table("t", "Rows", (Column("what", "what"),), rows, brief=3)
    sections = (
        Section("one", "One", parts=(table, Details("Inside", (Points(("deep",)),)))),
        Section("two", "Two", lead=("unseen",), brief=False),
    )
    text, left = screen(*sections)
    assert left == ("6 more rows (Rows)", "Inside", "Two")
    assert "row 2" in text and "row 3" not in text and "deep" not in text and "unseen" not in text
    text, left = screen(*sections, full=True)
    assert left == () and all(word in text for word in ("row 8", "deep", "unseen"))


def test_rows_of_others_never_become_markup() -> None:
    evil = "<script>alert(1)</script>[red]x[/red] :smile:"
    section = Section(
        "s", evil, lead=(evil,), parts=(
            Table("t", evil, (Column("a", evil),), (Row({"a": evil}, more=(Points((evil,)),)),), note=evil),
            Points((Link(evil, "javascript:alert(1)"), Link("up", "../../etc/passwd"), Strong(evil)), evil),
            Facts(((evil, Chip(evil)),)), Cards((Card(evil, evil, (evil,)),)), Code("c", evil, evil),
        ),
    )  # fmt: skip
    page = page_html(Page(evil, evil, (evil,), (section,), footer=evil, version=evil))
    assert "<script>alert" not in page and "javascript:" not in page and "passwd" not in page
    text, _ = screen(section, width=400, full=True)
    assert text.count("[red]x[/red] :smile:") >= 8


def test_only_web_addresses_files_beside_and_anchors_are_links() -> None:
    links = [
        Link("a", "https://doi.org/10.1/x"),
        Link("b", "#s"),
        Link("c", "file.csv"),
        Link("d", "http://x"),
    ]
    links += [Link("e", "/etc/passwd"), Link("f", "data:text/html,x"), Link("g", "\\\\host\\x")]
    page = page_html(Page("k", "t", (), (Section("s", "S", parts=(Points(tuple(links)),)),), "", "0"))
    body = page.split("<main>")[1].split("</main>")[0]
    assert [name for name in "abcdefg" if f">{name}</a>" in body] == ["a", "b", "c"]


def test_a_table_as_csv_holds_exact_numbers_and_spans_in_three_columns() -> None:
    columns = (Column("what", "what"), Column("r", "ratio", "ratio"), Column("n", "n", "whole"))
    rows = (Row({"what": "=1+1", "r": SPAN, "n": 7}), Row({"what": "b", "r": 0.1 + 0.2}))
    read = list(csv.DictReader(io.StringIO(table_csv(Table("t", "T", columns, rows)))))
    assert read[0] == {"what": "'=1+1", "r": "0.305", "r_low": "0.24", "r_high": "0.4", "n": "7"}
    assert read[1] == {"what": "b", "r": "0.30000000000000004", "r_low": "", "r_high": "", "n": ""}


def test_plain_data_names_every_part_and_keeps_spans() -> None:
    columns = (Column("r", "ratio", "ratio"),)
    section = Section("s", "S", parts=(Table("t", "T", columns, (Row({"r": SPAN}),)),))
    data = as_data(section)
    assert data["kind"] == "section" and data["parts"][0]["kind"] == "table"
    span = data["parts"][0]["rows"][0]["cells"]["r"]
    assert span == {"kind": "span", "value": 0.305, "low": 0.24, "high": 0.4, "level": 0.95}


def test_parts_are_found_wherever_they_lie() -> None:
    inner = Table("inner", "", (Column("a", "a"),), ())
    outer = Table("outer", "", (Column("a", "a"),), (Row({"a": "x"}, more=(Details("d", (inner,)),)),))
    assert [t.id for t in Section("s", "S", parts=(Details("d", (outer,)),)).tables] == ["outer", "inner"]
    assert len(list(walk((Details("d", (outer,)),)))) == 4
    assert plain_text(("a", Strong("b"))) == "ab"


ENTRIES = Entries(
    (
        Entry("feeding", "went on eating", (Chip("Yes.", "good"), " Two studies saw it.")),
        Entry("", "a-label-that-is-longer-than-the-column", "No study looked, as far as we know of any."),
    )
)


@pytest.mark.parametrize("width", [50, 80, 200])
def test_entries_stand_beside_their_names_and_lose_nothing(width: int) -> None:
    text, left = screen(Section("s", "S", parts=(ENTRIES,)), width=width)
    assert not left and max(map(len, text.splitlines())) <= width
    words = text.split()
    for entry in ENTRIES.entries:
        for word in (*entry.name.split(), *entry.label.split(), *plain_text(entry.text).split()):
            assert word in words
    first = next(line for line in text.splitlines() if line.startswith("feeding"))
    assert "Yes. Two" in first and not first.startswith("feeding  went")
    page = page_html(Page("k", "t", (), (Section("s", "S", parts=(ENTRIES,)),), footer="", version="0"))
    assert "<strong>feeding</strong><br>went on eating</td>" in page
    assert '<span class="chip good">Yes.</span> Two studies saw it.' in page
    data = as_data(Section("s", "S", parts=(ENTRIES,)))["parts"][0]
    assert (data["kind"], data["entries"][0]["name"]) == ("entries", "feeding")


def test_a_column_is_shown_by_the_faces_that_it_is_for() -> None:
    columns = (
        Column("a", "alpha"),
        Column("b", "beta", "number", face="wide"),
        Column("c", "gamma", "number", face="file"),
    )
    table = Table("t", "T", columns, (Row({"a": "one", "b": 22.5, "c": 33.5}),))
    section = Section("s", "S", parts=(table,))
    brief, left = screen(section)
    assert "one" in brief and "22.5" not in brief and "33.5" not in brief
    assert left == ("1 more columns (T)",)
    full, left = screen(section, full=True)
    assert "22.5" in full and "33.5" not in full and left == ()
    page = page_html(Page("k", "t", (), (section,), footer="", version="0"))
    assert "22.5" in page and "33.5" not in page and "gamma" not in page
    assert table_csv(table) == "a,b,c\none,22.5,33.5\n"
    assert as_data(section)["parts"][0]["rows"][0]["cells"]["c"] == 33.5


def test_texts_give_way_and_numbers_never() -> None:
    """Two texts and a number that would fit by their least widths, but not by what the texts would like."""
    columns = (Column("a", "alpha"), Column("b", "beta"), Column("n", "n", "number"))
    cells = {"a": "afferent-and-intrinsic-and-more", "b": "a long text that goes on for lines " * 3}
    table = Table("t", "", columns, (Row({**cells, "n": SPAN}),))
    for width in (70, 75, 80, 90):
        text, _ = screen(Section("s", "S", parts=(table,)), width=width)
        assert written(SPAN, "number") in text and "afferent-and-intrinsic-and-more" in text
