"""The page for a lay reader: short, calm, plain, whole without scripts, and true of the rows."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from soleus.answers.claims.lay_page import lay_page
from soleus.answers.claims.lay_pictures import dots_picture
from soleus.answers.claims.values import ClaimsResult
from soleus.api import claims
from soleus.schema.claim_rows import ClaimRow

CHROMIUM = shutil.which("chromium")
WORD = re.compile(r"[A-Za-z0-9][\w'’.-]*")


@pytest.fixture(scope="module")
def judged() -> ClaimsResult:
    return claims(workers=2).values


@pytest.fixture(scope="module")
def page(judged: ClaimsResult) -> str:
    return lay_page(judged.account, judged.claims, study="leg-day", version="0.0")


def shown(page: str) -> str:
    """What is read as the page opens: all but pictures and what is folded."""
    main = page[page.index("<main>") :]
    main = re.sub(r"<svg.*?</svg>", "", main, flags=re.S)
    main = re.sub(r"(<details[^>]*>\s*<summary>.*?</summary>).*?</details>", r"\1", main, flags=re.S)
    main = re.sub(r"</(h1|h2|p|td|th|summary|figcaption)>", ". ", main)
    text = html.unescape(re.sub(r"<[^>]+>", " ", main))
    return re.sub(r"(\.\s*)+", ". ", re.sub(r"\s+", " ", text).replace(" .", "."))


def syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = word.lower().endswith("e") and not word.lower().endswith(("le", "ee"))
    return max(1, groups - silent)


def reading_ease(text: str) -> float:
    """Flesch 1948, J Appl Psychol 32:221, doi 10.1037/h0057532: 60 to 70 is plain English, 100 very easy."""
    words = [word for word in WORD.findall(text) if word[0].isalpha()]
    sentences = [s for s in re.split(r"[.?!;:]\s", text) if WORD.search(s)]
    spoken = sum(syllables(word) for word in words)
    return 206.835 - 1.015 * len(words) / len(sentences) - 84.6 * spoken / len(words)


def test_the_formula_tells_easy_from_hard() -> None:
    assert reading_ease("The cat sat on the mat. The dog ran to it. ") > 100
    assert (
        reading_ease("Interdisciplinary heterogeneity notwithstanding, quantification necessitates care. ")
        < 0
    )


def test_it_is_short_and_plain(page: str) -> None:
    text = shown(page)
    assert 500 <= len(WORD.findall(text)) <= 650
    assert reading_ease(text) >= 60


def test_every_row_stands_there_with_quote_word_and_sentence(page: str, judged: ClaimsResult) -> None:
    text = re.sub(r"\s+", " ", shown(page).replace("\u202f", " "))
    for row in judged.claims:
        assert f"“{row.quote}”" in text
        assert f"{row.word}. {row.sentence}" in text
        assert page.count(f'<details id="{row.id.replace("/", "-")}">') == 1
    for head in ("What was found", "What changed on the way", "What else nobody has measured", "for people"):
        assert text.count(head) == 1


def test_question_and_answer_come_first(page: str, judged: ClaimsResult) -> None:
    text = shown(page)
    assert text.strip().startswith(judged.account.question)
    main = next(row for row in judged.claims if row.id == judged.account.main)
    assert judged.account.answer == f"Nobody knows. {main.sentence}"
    assert text.index(judged.account.answer) < text.index("What changed on the way")
    # What the question is about comes first, whose animals they were last.
    quotes = re.findall(r"“([^”]+)”", text[text.index("What changed on the way") :])
    assert quotes[0] == main.quote
    assert quotes.index("in two groups") > quotes.index("muscle speaks to the brain")


def test_nothing_technical_above_the_fold(page: str, judged: ClaimsResult) -> None:
    text = shown(page)
    names = {
        by.mechanism_set.removesuffix(" (within its reach)") for r in judged.claims for by in r.by_mechanism
    }
    assert len(names) > 20
    for name in names:
        assert name not in text
    for word in (
        "contested", "untested", "contradicted", "interval", "mechanism", "prior", "provisional", "refuted",
        "Ki67", " P ", "95", "max", "F =", "A =", "svz", "BrdU", "log",
    ):  # fmt: skip
        assert word not in text, word
    assert not re.search(r"\b0\.\d", text)


def behind(page: str, row: ClaimRow) -> str:
    """What is folded behind a row."""
    start = page.index(f'<details id="{row.id.replace("/", "-")}">')
    return page[start : page.index("</details>", start)]


def test_every_study_that_a_sentence_counts_stands_behind_it(page: str, judged: ClaimsResult) -> None:
    for row in judged.claims:
        listed = re.findall(r"<li>.*?</li>", behind(page, row), flags=re.S)
        shown = html.unescape(" ".join(listed))
        told = {e.citation for e in row.evidence if e.told}
        for e in row.evidence:
            if e.told:
                assert e.source in shown and e.reason in shown, (row.id, e.id)
        works = {e.citation for e in row.evidence if e.relation != "press"}
        more = re.search(r"And (\d+) more: <code>soleus claims ([^<]+)</code>", behind(page, row))
        assert len(listed) >= len(told)
        assert (int(more[1]) if more else 0) == max(0, len(works) - len(listed)), row.id
        assert more is None or more[2] == row.id


def test_why_has_few_works_that_a_reader_can_open(page: str, judged: ClaimsResult) -> None:
    linked = 0
    for row in judged.claims:
        told = behind(page, row)
        listed = re.findall(r"<li>.*?</li>", told, flags=re.S)
        assert 1 <= len(listed) <= max(3, len({e.citation for e in row.evidence if e.told})), row.id
        assert row.called in told
        if row.kind != "design":
            assert f"{row.inputs['F']:g} stud" in told and f"{row.inputs['A']:g} against" in told
            assert (f"above {100 * row.inputs['max_p']:.0f} %" in told) if "max_p" in row.inputs else True
        for unexplained in ("F =", "A =", "max P", "n.d."):
            assert unexplained not in told, row.id
        links = re.findall(r'<a href="([^"]+)" rel="noreferrer">([^<]+)</a>', told)
        known = {(e.url, e.source) for e in row.evidence}
        assert {(url, html.unescape(name)) for url, name in links} <= known
        linked += sum("https://doi.org/" in url for url, _ in links)
        for e in row.evidence:
            if e.status == "provisional" and e.reason in html.unescape(told):
                assert "Not yet checked in a source." in told
    assert linked >= 25


def test_rows_under_one_quote_have_their_labels(page: str, judged: ClaimsResult) -> None:
    text = shown(page)
    for row in judged.claims:
        alike = [r for r in judged.claims if (r.claim, r.quote) == (row.claim, row.quote)]
        label = f"{row.label[:1].upper()}{row.label[1:]}: {row.word}."
        assert (label in text) == (len(alike) > 1), row.id


def test_paper_press_and_article_are_kept_apart(page: str, judged: ClaimsResult) -> None:
    told = {row.id: row.told_by for row in judged.claims if row.told_by}
    assert set(told) == {
        "design-duration", "nsc-70/stem-cells", "nsc-20", "oligo-immature", "neuron-immature",
    }  # fmt: skip
    days = told["design-duration"]
    assert days is not None and (days.paper, days.press, days.article) == ("14 days", "28 days", "28 days")
    twenty = told["nsc-20"]
    assert twenty is not None
    assert (twenty.paper, twenty.press, twenty.article) == (
        "one stem-cell marker unchanged, two lower, in a dish", "70 % fewer, in mice", "20 % fewer, in mice",
    )  # fmt: skip
    assert page.count('data-who="Paper"') == len(told)
    assert page.count('data-who="Press release and article"') == len(told) - 1
    assert page.count('data-who="Press release"') == page.count('data-who="Article"') == 1
    section = page[page.index("What changed on the way") : page.index("What was found")]
    for one in told.values():
        assert one is not None
        for text in (one.paper, one.press, one.article):
            assert f">{text}<" in section.replace("\u202f", " ")


def test_it_is_dated_by_its_evidence_and_says_what_was_seen_in_part(judged: ClaimsResult) -> None:
    def made(**change: object) -> str:
        told = judged.account.model_copy(update=change)
        return lay_page(told, judged.claims, study="leg-day", version="0.0")

    assert f'<time datetime="{judged.account.dated}">' in made()
    assert "2031-05-06" in made(dated="2031-05-06")
    assert "We could read only parts of the paper." in made()
    assert "only parts of the paper" not in made(seen_in_part=False)
    assert made() == made()


def test_the_dots_are_the_computed_share(page: str, judged: ClaimsResult) -> None:
    dividing = judged.account.dividing
    assert dividing is not None and 0.02 < dividing.stem_share < 0.3
    stem = round(100 * dividing.stem_share)
    picture = dots_picture(dividing.stem_share)
    assert picture.count("<circle") == 100 and picture.count("#0b5a3f") == stem
    assert picture in page
    assert f"In our simulated mouse, {stem} of 100 dividing cells are stem cells." in shown(page)
    assert dots_picture(0.5).count("#0b5a3f") == 50


def test_it_works_without_scripts_and_with_nothing_to_load(page: str) -> None:
    assert "<script" not in page and "http-equiv" in page and "default-src 'none'" in page
    assert not re.findall(r"<(?:img|iframe|link (?!rel=\"icon\" href=\"data:,\"))", page)
    assert "url(" not in page and "@import" not in page
    assert {a.partition(":")[0] for a in re.findall(r'href="([^"]*)"', page)} == {"https", "data"}
    assert len(page) < 60_000
    assert page.count("<svg") == 2 == page.count('role="img" aria-label=')


def test_without_a_share_there_are_no_dots(judged: ClaimsResult) -> None:
    told = judged.account.model_copy(update={"dividing": None})
    page = lay_page(told, judged.claims, study="leg-day", version="0.0")
    assert "are stem cells" not in page and page.count("<svg") == 1


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to open the page with")
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(tmp_path: Path, page: str, width: int) -> None:
    """Measured by a script that only the test adds."""
    measure = (
        "<script>document.title = document.documentElement.scrollWidth + ' ' + "
        "document.documentElement.scrollHeight</script>"
    )
    opened = re.sub(r"<meta http-equiv[^>]*>", "", page)
    frame = f'<iframe src="page.html" style="width:{width}px;height:800px;border:0"></iframe>'
    (tmp_path / "page.html").write_text(opened.replace("</body>", f"{measure}</body>"), encoding="utf-8")
    (tmp_path / "frame.html").write_text(
        f"<body>{frame}<script>onload = () => {{ const d = frames[0].document.documentElement;"
        " document.title = d.scrollWidth + ' ' + d.scrollHeight }</script>",
        encoding="utf-8",
    )
    options = "--headless --no-sandbox --disable-gpu --no-first-run --allow-file-access-from-files"
    options += " --disable-background-networking --virtual-time-budget=5000 --dump-dom"
    done = subprocess.run(
        [str(CHROMIUM), *options.split(), f"--user-data-dir={tmp_path / 'p'}", f"file://{tmp_path}/frame.html"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    size = re.search(r"<title>(\d+) (\d+)</title>", done.stdout)
    assert size is not None, done.stdout[:300]
    assert int(size[1]) <= width
    assert int(size[2]) <= (2700 if width == 390 else 2300)
