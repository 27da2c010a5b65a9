"""The page: every section is there, hostile text is inert, nothing is loaded from elsewhere."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from run_sample import page_of, specs_of

from soleus.answers.assumed import assumed_section
from soleus.answers.claims.lay_page import lay_page
from soleus.answers.folder import write_answer
from soleus.answers.run.article import write_article
from soleus.answers.run.told import told_run
from soleus.answers.run.values import RunResult
from soleus.answers.written import read_values
from soleus.report.bundle import vega_bundle
from soleus.report.export import FigureExporter
from soleus.report.numbers import change, change_between
from soleus.report.pages import packed
from soleus.report.section import Cards, Points, Table
from soleus.report.section import plain_text as plain_text_of

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


def rows_of(value: object) -> object:
    """What the page's script makes of packed columns."""
    if isinstance(value, list):
        return [rows_of(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "packed" not in value:
        return {key: rows_of(one) for key, one in value.items()}
    rows: list[dict[str, object]] = [{} for _ in range(value["packed"])]
    for name, column in value["columns"].items():
        cells = column["cells"] if "cells" in column else [column["words"][k] for k in column["at"]]
        for at, cell in zip(column.get("of", range(len(rows))), cells, strict=True):
            rows[at][name] = cell
    return {"values": rows}


def stored_specs(page: str) -> dict[str, object]:
    stored = re.search(r'<script type="application/json" id="figure-specs">(.*?)</script>', page, re.S)
    assert stored is not None
    found: dict[str, object] = json.loads(stored.group(1))
    return found


def test_every_figure_has_its_place_and_its_specification(page: str, result: RunResult) -> None:
    specs = specs_of(result)
    placed = re.findall(r'data-figure="([^"]+)"', page)
    assert sorted(placed) == sorted(specs)
    assert rows_of(stored_specs(page)) == json.loads(json.dumps(specs))
    # Rows that lack a field stay without it: a planted null would be another picture.
    planted = packed({"data": {"values": [{"a": 1}, {"a": 2, "b": "x"}]}})
    assert rows_of(planted) == {"data": {"values": [{"a": 1}, {"a": 2, "b": "x"}]}}


def test_the_libraries_lie_in_the_page_and_are_those_of_the_bundle(page: str) -> None:
    held = re.search(r'<script type="application/gzip" id="vega-bundle">(.*?)</script>', page, re.S)
    assert held is not None
    assert gzip.decompress(base64.b64decode(held.group(1))).decode() == vega_bundle()


def test_what_a_first_reader_needs_is_open_and_the_rest_is_folded(result: RunResult) -> None:
    sections = told_run(result).sections
    opened = [section.id for section in sections if not section.folded]
    assert opened == ["short", "claims", "translation", "readouts", "design"]
    assert [section.id for section in sections][: len(opened)] == opened
    assert {section.id for section in sections if section.folded} == {
        "body", "dentate", "culture", "maturation", "causes", "signals", "lineage", "resting", "numbers",
        "sources", "again",
    }  # fmt: skip
    assert len(sections[0].figures) == 1, "one picture before the first question"


def test_the_cards_say_what_was_put_in_and_what_could_be_expected(result: RunResult) -> None:
    (cards,) = (part for part in told_run(result).sections[0].parts if isinstance(part, Cards))
    face, prior = cards.cards
    assert (face.title, face.big) == ("If the reported change is true", "−70\u202f%")
    assert face.lines == ("Ki67+ cells, ventral SVZ, day 14: put in, not found.",)
    first = result.headline[0].prior
    assert prior.big == change(first.value) and change_between(first) in plain_text_of(prior.lines[0])
    bare = result.headline[0].model_copy(update={"face_value": None})
    (cards,) = (
        part
        for part in told_run(result.model_copy(update={"headline": [bare]})).sections[0].parts
        if isinstance(part, Cards)
    )
    assert [card.title for card in cards.cards] == ["Before any data"]


def test_cautions_stand_once_and_what_the_animals_are_not_comes_first(result: RunResult) -> None:
    line = "These animals are not those of the lineage (rat). Mice stand for them."
    warned = result.model_copy(update={"warnings": [*result.warnings, line]})
    (box,) = (p for p in told_run(warned).sections[0].parts if isinstance(p, Points))
    said = [plain_text_of(item) for item in box.items]
    assert said[0] == line and box.tone == "warn"
    assert sum("is set to 0.3 on day 14" in one for one in said) == 1
    text = plain_text(page_of(warned))
    assert text.count(line) == 1 and "'afferent-activation'" not in text


def test_no_raw_name_is_shown(page: str) -> None:
    assert not re.findall(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b", plain_text(page))


def test_a_possible_cause_says_what_it_takes_in_words(result: RunResult) -> None:
    table = table_of(result, "causes")
    for row, one in zip(table.rows, result.mechanisms, strict=True):
        reaches = row.cells["reaches"]
        assert plain_text_of(reaches) == ("yes" if one.reaches_reported else "cannot" if one.on else "off")
        assert (row.cells["needs"] is None) == (one.log_gain_reported is None)
        for point in one.ratio_by_day:
            if point.day in result.design.sampling_days:
                assert row.cells[f"day_{point.day:g}"] == point.ratio
    needs = [str(row.cells["needs"]) for row in table.rows if row.cells["needs"]]
    assert needs and all(re.search(r"changes [\d.]+-fold without the signal$", text) for text in needs)


def test_alike_numbers_stand_as_one_row_that_names_them_all(result: RunResult) -> None:
    first = result.numbers[0]
    many = [first.model_copy(update={"name": f"n{k}", "label": f"assay {k}: fraction"}) for k in range(7)]
    section = assumed_section([*many, *result.numbers[1:]])
    (table,) = section.tables
    row = table.rows[[str(r.cells["label"]) for r in table.rows].index("Fraction, 7 of them alike")]
    (points,) = row.more
    assert isinstance(points, Points) and points.items == tuple(n.label for n in many)
    assert len(table.rows) == len(result.numbers)
    other = many[3].model_copy(update={"value": 2.0 * first.value})
    apart = assumed_section([*many[:3], other, *many[4:]]).tables[0]
    assert len(apart.rows) == 2, "another value is another row"


def table_of(result: RunResult, name: str) -> Table:
    return next(t for section in told_run(result).sections for t in section.tables if t.id == name)


def test_the_rule_is_printed_with_its_thresholds(result: RunResult) -> None:
    text = plain_text(page_of(result))
    assert all(line.replace(">=", "≥").replace("<=", "≤") in text for line in result.verdict_rule)
    assert "Thresholds: supporting entries 2, contradicted below 0.1." in text


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
    shown = [section.id for section in told_run(bare).sections]
    assert shown == ["short", "design", "numbers", "sources", "again"]


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to open the page with")
@pytest.mark.parametrize("n, drawn", [(8, True), (600, False)])
def test_a_browser_draws_every_figure(
    tmp_path: Path, build: Callable[..., RunResult], n: int, drawn: bool
) -> None:
    result = build(n, drawn)
    # What is folded is drawn when it is opened.
    opened = page_of(result).replace("<details", "<details open")
    (tmp_path / "report.html").write_text(opened, encoding="utf-8")
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


def test_a_folder_holds_page_values_tables_and_figures(tmp_path: Path, result: RunResult) -> None:
    few = result.model_copy(update={"readouts": result.readouts[:2], "claims": [], "signals": []})
    with FigureExporter() as exporter:
        told = write_answer(
            told_run(few), tmp_path, exporter, asked={"study": "made-up", "seed": 1}, kicker="Virtual study"
        )
    files = told.values.files
    assert all((tmp_path / path).stat().st_size > 50 for path in files.values())
    assert {f"{name}.{kind}" for name in specs_of(few) for kind in ("svg", "png")} <= set(files)
    assert read_values((tmp_path / "run.json").read_text(encoding="utf-8"), RunResult) == told.values
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["question"] == "run" and manifest["asked"] == {"study": "made-up", "seed": 1}
    links = read((tmp_path / "report.html").read_text(encoding="utf-8")).links
    assert {path for path in files.values() if path.startswith("figures/")} <= set(links)
    assert "article.html" not in links and write_article(few, tmp_path) == {}
    assert write_article(result, tmp_path) == {"article": "article.html"}
    assert (tmp_path / "article.html").read_text(encoding="utf-8") == article(result)
    assert "article.html" in read(page_of(result)).links
