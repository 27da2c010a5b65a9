"""The page of the matrix: sources in one click, marks where they belong, hostile text inert, offline."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from soleus.api import packaged

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "answers"))  # tiny_matrix.py

from tiny_matrix import FOUND, tiny_matrix

from soleus.answers.matrix.build import describe_matrix
from soleus.answers.matrix.sections import told_matrix
from soleus.answers.matrix.values import MatrixResult
from soleus.report.pages import Page, page_html

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7*7 }}"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LOADING = {"src", "srcset", "poster", "background", "data", "action", "formaction", "xlink:href", "manifest"}


class Reader(HTMLParser):
    """Collects what a browser would load and run, and each row of a table with its links and text."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.handlers: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.rows: list[dict[str, Any]] = []
        self.inside: list[str] = []
        self.in_row = False
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in ("script", "style"):
            self.inside.append(tag)
        if tag == "tr":
            self.in_row = True
            self.rows.append({"links": [], "text": "", "chips": []})
        for name, value in attrs:
            if name in LOADING or (tag in ("link", "base") and name == "href"):
                self.loads.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)
            if name == "id":
                self.ids.append(value or "")
            if tag == "a" and name == "href":
                self.links.append(value or "")
                if self.in_row:
                    self.rows[-1]["links"].append(value)
            if name == "class" and "chip" in (value or "") and self.in_row:
                self.rows[-1]["chips"].append((value or "").split()[-1])

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style") and self.inside:
            self.inside.pop()
        if tag == "tr":
            self.in_row = False

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.text.append(data)
            if self.in_row:
                self.rows[-1]["text"] += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def built(result: MatrixResult) -> str:
    answer = told_matrix(result)
    return page_html(Page("kind", answer.title, answer.headline, answer.sections, footer="", version="0"))


@pytest.fixture(scope="module")
def result() -> MatrixResult:
    return describe_matrix(packaged(), tiny_matrix())


@pytest.fixture(scope="module")
def page(result: MatrixResult) -> str:
    return built(result)


def row_of(page: str, *words: str) -> list[dict[str, Any]]:
    """Rows that hold all the words."""
    rows = [(row, " ".join(row["text"].split()).lower()) for row in read(page).rows]
    return [row for row, text in rows if all(one.lower() in text for one in words)]


def test_it_loads_nothing_and_says_so(page: str) -> None:
    reader = read(page)
    assert [load for load in reader.loads if not load.startswith("data:")] == []
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None and "default-src 'none'" in policy[1] and "http" not in policy[1]
    assert reader.handlers == [] and len(reader.ids) == len(set(reader.ids))


def test_every_finding_has_its_doi_in_one_click_or_says_why_not(page: str, result: MatrixResult) -> None:
    findings = [f for s in result.studies for f in s.findings]
    assert {f.id for f in findings} == set(FOUND)
    for finding in findings:
        (row,) = row_of(page, finding.label, finding.reason)
        if finding.doi is not None:
            assert row["links"] == [f"https://doi.org/{finding.doi}"]
        else:
            assert str(finding.no_doi).rstrip(".") in row["text"]
        assert ("warn" in row["chips"]) == (finding.status == "provisional")
        assert finding.reason in row["text"]


def test_a_finding_without_its_link_is_seen(result: MatrixResult) -> None:
    """The test above would see a page that lost a link."""
    study = result.studies[0]
    found = study.findings[0].model_copy(update={"url": "https://doi.org/10.1/other"})
    changed = result.model_copy(
        update={"studies": [study.model_copy(update={"findings": [found]}), *result.studies[1:]]}
    )
    (row,) = row_of(built(changed), found.label, found.reason)
    assert row["links"] == ["https://doi.org/10.1/other"]


def test_every_mechanism_has_its_source_and_chip(page: str, result: MatrixResult) -> None:
    for row in result.rows:
        shown = unescape(page.split(f'id="set-{row.name}"')[1].split('<tr id="set-')[0].split("</table>")[0])
        for mechanism in row.mechanisms:
            assert mechanism.reason in shown
            assert (
                f'href="{mechanism.url}"' if mechanism.doi else str(mechanism.no_doi).rstrip(".")
            ) in shown
        assert shown.count("not yet checked") == sum(m.status == "provisional" for m in row.mechanisms)
        assert ("not alone" in shown) == row.refuted
        assert (">opposite<" in shown) == row.opposite
        assert re.findall(r"p = ([\d.]+) without <a href=\"#study-([\w-]+)\"", shown) == [
            (f"{c.p_without:.3f}", c.study) for c in row.cells if c.study in row.refuted_by
        ]


def test_the_table_for_those_who_cannot_see_has_every_cell(page: str, result: MatrixResult) -> None:
    table = page.split("The matrix as a table")[1].split("</table>")[0]
    assert table.count("<th") - table.count("<thead") == len(result.studies) + 1
    lines = table.split("<tr")[2:]
    for line, row in zip(lines, result.rows, strict=True):
        assert row.name in line
        for cell in row.cells:
            assert f"{cell.per_finding:.2f} (" in line
        assert line.count("\u25cb") == sum(not c.sensitive for c in row.cells)


def test_the_picture_comes_first_and_all_else_is_folded(page: str, result: MatrixResult) -> None:
    head = " ".join(unescape(page.split("<nav")[0]).split())
    assert "1 of 3 possible causes does not explain the findings on its own" in head
    assert all(" ".join(line.split()) in head for line in told_matrix(result).headline)
    body = page.split("<main>")[1].split("</main>")[0]
    first, *rest = body.split("<section ")[1:]
    assert 'id="fig-matrix"' in first and "<details><summary>The matrix as a table" in first
    assert all('<details class="folded">' in section for section in rest) and len(rest) >= 6
    text = " ".join("".join(read(page).text).split())
    assert all(" ".join(line.split()) in text for line in [*result.statements, *result.assumptions])
    assert all(f"doi:{c.doi}" in text for c in result.citations if c.doi)


def test_none_refuted_is_a_headline(result: MatrixResult) -> None:
    rows = [
        r.model_copy(update={"predictive_p": 0.5, "refuted": False, "refuted_by": []}) for r in result.rows
    ]
    calm = built(result.model_copy(update={"rows": rows, "refuted": []}))
    assert re.search(r"<h1>Every possible cause may explain the findings on its own</h1>", calm)
    body = calm.split("<main>")[1].split('id="figure-specs"')[0]
    assert "not alone</span>" not in body


def test_hostile_text_is_inert(page: str, result: MatrixResult) -> None:
    study = result.studies[0]
    finding = study.findings[0].model_copy(
        update={"label": HOSTILE, "panel": HOSTILE, "reason": HOSTILE, "no_doi": None, "scored": HOSTILE}
    )
    changed = {"title": HOSTILE, "source": HOSTILE, "findings": [finding], "species": [HOSTILE]}
    mechanism = result.rows[0].mechanisms[0].model_copy(update={"label": HOSTILE, "reason": HOSTILE})
    row = result.rows[0].model_copy(update={"label": HOSTILE, "mechanisms": [mechanism]})
    hostile = result.model_copy(
        update={
            "studies": [study.model_copy(update=changed), *result.studies[1:]],
            "rows": [row, *result.rows[1:]],
            "statements": [HOSTILE],
            "assumptions": [HOSTILE],
            "versions": {**result.versions, HOSTILE: HOSTILE},
        }
    )
    made = built(hostile)
    plain, other = read(page), read(made)
    assert other.tags.count("script") == plain.tags.count("script")
    assert "img" not in other.tags and other.handlers == []
    assert [load for load in other.loads if not load.startswith("data:")] == []
    assert "alert(1)" in "".join(other.text) and "49" not in "".join(other.text).split("alert(1)")[0][-20:]


def test_an_address_of_a_script_is_no_link(result: MatrixResult) -> None:
    study = result.studies[-1]
    finding = study.findings[0].model_copy(
        update={"doi": None, "no_doi": "DOI not confirmed.", "url": "javascript:alert(1)"}
    )
    changed = study.model_copy(update={"findings": [finding]})
    made = built(result.model_copy(update={"studies": [*result.studies[:-1], changed]}))
    assert not [link for link in read(made).links if link.startswith("javascript")]


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_every_figure_is_drawn_in_a_browser(page: str, tmp_path: Path) -> None:
    file = tmp_path / "matrix.html"
    file.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=20000",
            "--dump-dom", file.as_uri(),
        ],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert 'data-figures="drawn"' in done.stdout
    assert "could not be drawn" not in done.stdout.split("<script")[0]
    assert done.stdout.count('class="marks"') == 5
