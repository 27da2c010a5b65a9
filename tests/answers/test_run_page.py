"""The page: every section is there, hostile text is inert, nothing is loaded from elsewhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from run_sample import page_of, specs_of
from soleus.answers.run.glance import glance
from soleus.answers.run.page import SECTIONS

from soleus.answers.run.values import RunResult
from soleus.report.lay_page import lay_page
from soleus.report.names import sentence_case
from soleus.report.numbers import change_between
from soleus.report.page import verdict_class
from soleus.schema.values import Interval

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7*7 }}"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LOADING = {"src", "srcset", "poster", "background", "data", "action", "formaction", "xlink:href", "manifest"}


class Reader(HTMLParser):
    """Collects what a browser would load, what it would run, and the text that it would show."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in ("script", "style"):
            self.inside.append(tag)
        for name, value in attrs:
            if name in LOADING or (tag in ("link", "base") and name == "href"):
                self.loads.append(value or "")
            if name == "style" and "url(" in (value or ""):
                self.loads.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)
            if name == "id":
                self.ids.append(value or "")
            if tag == "a" and name == "href":
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style") and self.inside:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def foreign(loads: list[str]) -> list[str]:
    """Loads that leave the page: everything but data addresses."""
    return [load for load in loads if not load.startswith("data:")]


def plain_text(page: str) -> str:
    return re.sub(r"[ \n]+", " ", " ".join(read(page).text).replace(" .", "."))


def article(result: RunResult) -> str:
    """The page for a lay reader that a run writes beside its report."""
    assert result.account is not None
    study, version = result.design.study, result.versions["soleus"]
    return lay_page(result.account, result.claims, study=study, version=version)


@pytest.fixture(scope="module")
def page(result: RunResult) -> str:
    return page_of(result)


def test_every_section_is_on_the_page(page: str) -> None:
    reader = read(page)
    assert [name for name in reader.ids if name in SECTIONS] == list(SECTIONS)
    assert {f"#{name}" for name in SECTIONS} <= set(reader.links)


def test_every_figure_has_its_place_and_its_specification(page: str, result: RunResult) -> None:
    specs = specs_of(result)
    placed = re.findall(r'data-figure="([^"]+)"', page)
    assert sorted(placed) == sorted(specs)
    stored = re.search(r'<script type="application/json" id="figure-specs">(.*?)</script>', page, re.S)
    assert stored is not None
    assert json.loads(stored.group(1)) == json.loads(json.dumps(specs))


def test_page_says_what_a_reader_must_know(page: str, result: RunResult) -> None:
    text = re.sub(r"[ \n]+", " ", " ".join(read(page).text))
    for needed in (
        "If the reported change is true (put in, not found)", "What could be expected before any data",
        "−70\u202f%", "0.29 (0.27 to 0.31)",
        "0.55 (0.23 to 1.32)", "provisional", str(result.seed), result.run_id, "0.1.0", *result.warnings[:2],
        "as reported (assumed)", "TAP early death",
        "soleus catalogue calibrate svz-resting",
    ):  # fmt: skip
        assert needed in text, needed
    for claim in result.claims:
        assert claim.id in text and claim.words in text and claim.verdict in text
        assert f"{claim.word}. {claim.sentence}" in text
        assert all(e.source in text and e.reason in text for e in claim.evidence)
    for citation in result.citations:
        assert citation.title in text and citation.bibtex.split("\n")[0] in text
    for one in result.numbers:
        assert sentence_case(one.label) in text


def test_the_two_columns_stand_side_by_side_with_their_own_numbers(page: str) -> None:
    face = page[page.index('<div class="card face">') : page.index('<div class="card prior">')]
    prior = page[page.index('<div class="card prior">') :]
    prior = prior[: prior.index("<dl")]
    assert "0.30, put in" in face and "0.55 (0.23 to 1.32)" not in face
    assert "0.55 (0.23 to 1.32)" in prior and "0.30" not in prior


def test_sentences_use_labels_and_say_the_assumption_once(page: str) -> None:
    text = plain_text(page)
    sentence = (
        "Assumption: the true Ki67+ cells, ventral SVZ ratio is set to 0.3 on day 14 by the mechanism set "
        "“Afferent input → activation”."
    )
    assert text.count(sentence) == 1
    assert "'afferent-activation'" not in text


def test_no_raw_name_is_shown(page: str) -> None:
    assert not re.findall(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b", plain_text(page))


def test_page_answers_in_ten_seconds(result: RunResult) -> None:
    answers = dict(glance(result))
    assert answers["Who"] == "Male mouse, C57BL/6J, 120 days old. Control n = 8, unloaded n = 8. All virtual."
    assert answers["What"] == (
        "Control: free ambulation; unloaded: hind-limb unloading, for 28 days. Sampled on day 14 and 28."
    )
    apart = answers["What would tell the possible causes apart"]
    assert apart.startswith("New stem cells per day (ratio 0.20 to 1.00); ")
    assert apart.endswith(
        "Much the same under all: quiescent stem cells that have not divided for a week and Ki67+ cells, "
        "ventral SVZ."
    )
    prior = result.headline[0].prior
    assert answers["How sure"].startswith(
        f"Before any data 95\u202f% interval {change_between(prior)} (1\u202f234 effect sizes): no change is "
        "within it. 1 of 6 numbers used are not yet checked in a source. Claims: 3 measurements point "
        "the other "
    )
    narrow = result.headline[0].model_copy(update={"prior": Interval(value=0.5, low=0.4, high=0.9)})
    moved = result.model_copy(update={"headline": [narrow]})
    assert "no change is outside it" in dict(glance(moved))["How sure"]


def test_the_rule_is_printed_with_its_thresholds(page: str) -> None:
    claims = page[page.index('<section id="claims">') : page.index('<section id="resting">')]
    lines = re.findall(r"<li>(.*?) → <span class=\"chip (\w+)\">(.*?)</span></li>", claims)
    assert lines == [
        ("F = A = 0", "untested", "untested"),
        ("A ≥ 1, F = 0 and max P &lt; 0.1", "contradicted", "contradicted"),
        ("or else", "contested", "contested"),
    ]
    assert "Thresholds: supporting entries 2, contradicted below 0.1." in claims


def test_claims_stand_on_their_own_scale(page: str) -> None:
    site = page[page.index('<tr id="claim-svz-site"') : page.index('<tr id="claim-nsc-70"')]
    assert "18\u202f600 cells (10\u202f331 to 33\u202f487)" in site
    assert "Cells (95" in site and "Ratio (95" not in site
    stem = page[page.index('<tr id="claim-nsc-70"') : page.index('<tr id="claim-nsc-20"')]
    assert "0.62 (0.34 to 1.12)" in stem and " cells (" not in stem
    assert "Afferent input → activation" in stem and "afferent-activation" not in stem


def test_a_source_without_a_year_is_nd(page: str) -> None:
    sources = page[page.index('<section id="sources">') :]
    assert "Nobody A, Noone B (2018)." in sources and "Noone B (n.d.)." in sources
    assert "None" not in plain_text(page)


def test_data_files_are_linked_only_inside_the_folder(result: RunResult) -> None:
    given = {
        "fine": "observations.parquet",
        "up": "../secret",
        "script": "javascript:alert(1)",
        "far": "//x.example/y",
    }
    links = read(page_of(result.model_copy(update={"files": given}))).links
    assert "observations.parquet" in links
    assert not [link for link in links if link.startswith(("javascript", "..", "/"))]


def test_nothing_is_loaded_from_elsewhere(page: str) -> None:
    reader = read(page)
    assert foreign(reader.loads) == []
    assert "default-src 'none'" in page
    assert "iframe" not in reader.tags and "object" not in reader.tags and "embed" not in reader.tags
    style = re.search(r"<style>(.*?)</style>", page, re.S)
    assert style is not None
    assert "url(" not in style.group(1) and "@import" not in style.group(1)


@pytest.mark.parametrize(
    "planted", ['<script src="https://x.example/a.js"></script>', '<img src="http://x.example/p">']
)
def test_a_planted_load_is_seen(page: str, planted: str) -> None:
    assert foreign(read(page.replace("</body>", f"{planted}</body>")).loads)


def test_hostile_text_is_shown_and_never_run(result: RunResult) -> None:
    plain = read(page_of(result))
    data = json.loads(result.model_dump_json())
    keep = {
        "status",
        "mode",
        "activity",
        "name",
        "group",
        "run_id",
        "schema_version",
        "source",
        "target",
        "control",
        "value_scale",
        "scale",
        "kind",
        "relation",
        "stance",
        "measure",
        "equivalence",
        "translation_of",
        # Which lineage, and its cell types, choose figures and colours.
        "niche",
        "centre_kind",
        "types",
    }

    def poison(value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {k: poison(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [poison(v, key) for v in value]
        return value + HOSTILE if isinstance(value, str) and key not in keep else value

    poisoned = RunResult.model_validate(poison(data))
    told = read(article(poisoned))
    assert told.tags.count("script") == 0 and told.handlers == [] and foreign(told.loads) == []
    assert HOSTILE in " ".join(told.text)
    page = page_of(poisoned)
    reader = read(page)
    assert reader.tags.count("script") == plain.tags.count("script") == 3
    assert reader.tags.count("img") == 0 and reader.handlers == []
    assert foreign(reader.loads) == []
    assert HOSTILE in " ".join(reader.text)
    assert not [link for link in reader.links if link.lower().startswith("javascript")]


def test_an_unknown_verdict_is_neutral() -> None:
    assert verdict_class("supported for another read-out") == "other"
    assert verdict_class("nonsense") == "untested"


def test_provisional_assumptions_come_first_and_are_flagged(page: str) -> None:
    table = page[page.index('<section id="numbers">') : page.index('<section id="sources">')]
    rows = re.findall(r"<tr( class=\"provisional\")?><td", table)
    assert rows == [' class="provisional"', "", "", "", "", ""]
    assert "1 of 6 not yet checked in a source" in table


def test_a_bare_result_still_makes_a_page(result: RunResult) -> None:
    fit = result.resting_fit.model_copy(update={"points": [], "moved": []})
    bare = result.model_copy(
        update=dict.fromkeys(("headline", "signals", "lineage_types", "flows", "readouts", "mechanisms"), [])
        | dict.fromkeys(("translation", "claims", "numbers", "citations", "warnings"), [])
        | dict.fromkeys(("body", "maturation", "dentate", "culture"), None)
        | {"resting_fit": fit, "files": {}}
    )
    assert list(specs_of(bare)) == ["design"]
    unfitted = bare.model_copy(update={"resting_fit": None, "lineage_types": result.lineage_types})
    assert "not fitted to counts of undisturbed animals" in page_of(unfitted)
    assert "not fitted to counts" not in page_of(result)
    assert [name for name in read(page_of(bare)).ids if name in SECTIONS] == ["design", "reproduce"]


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to open the page with")
@pytest.mark.parametrize("n, drawn", [(8, True), (600, False)])
def test_a_browser_draws_every_figure(
    tmp_path: Path, build: Callable[..., RunResult], n: int, drawn: bool
) -> None:
    result = build(n, drawn)
    (tmp_path / "report.html").write_text(page_of(result), encoding="utf-8")
    options = "--headless --window-size=1280,900 --no-sandbox --disable-gpu --disable-quic --no-first-run"
    options += " --disable-background-networking --disable-component-update --disable-sync"
    options += " --virtual-time-budget=60000 --dump-dom"
    done = subprocess.run(
        [str(CHROMIUM), *options.split(), f"--user-data-dir={tmp_path / 'profile'}", f"file://{tmp_path}/report.html"],
        capture_output=True, text=True, timeout=180, check=True,
    )  # fmt: skip
    assert 'data-figures="drawn"' in done.stdout
    assert "could not be drawn" not in done.stdout.split("<script")[0]
    drawings = re.findall(r"<svg[^>]*class=\"marks\"[^>]*>", done.stdout)
    assert len(drawings) == len(specs_of(result))
    widths = [float(re.search(r' width="([\d.]+)"', tag)[1]) for tag in drawings]  # type: ignore[index]
    assert 400 < max(widths) <= 1104, "a figure is wider than the page"


def test_report_folder_holds_page_and_figures(tmp_path: Path, result: RunResult) -> None:
    few = result.model_copy(update={"readouts": result.readouts[:2], "claims": [], "signals": []})
    judged = write_report(few.model_copy(update={"claims": result.claims}), tmp_path / "judged")
    assert (
        judged["article"] == "article.html"
        and "article.html" in (tmp_path / "judged/report.html").read_text()
    )
    assert (tmp_path / "judged" / "article.html").read_text() == article(result)
    written = write_report(few, tmp_path / "run")
    assert "article.html" not in (tmp_path / "run/report.html").read_text()
    assert written["report"] == "report.html"
    assert set(written) == {"report"} | {
        f"{name}.{kind}" for name in specs_of(few) for kind in ("svg", "png")
    }
    for path in written.values():
        assert (tmp_path / "run" / path).stat().st_size > 500
    links = read((tmp_path / "run" / "report.html").read_text(encoding="utf-8")).links
    assert set(written.values()) - {"report.html"} <= set(links)
    assert not [
        file for file in (tmp_path / "run").rglob("*") if "partial" in file.name or file.name.startswith(".")
    ]
