"""``soleus claims``: all of the article on one screen in plain words, one claim in full, or as a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from soleus.answers.claims.values import ClaimsResult
from soleus.answers.written import answer_schema, read_values
from soleus.cli import app
from soleus.report.numbers import ratio_text

NARROW = {"COLUMNS": "80"}


def values(stdout: str) -> ClaimsResult:
    """The values of the one JSON object that was printed, checked against its schema."""
    schema = answer_schema("claims", "soleus.claims/3")
    Draft202012Validator(schema).validate(json.loads(stdout))
    return read_values(stdout, ClaimsResult)


@pytest.fixture(scope="module")
def judged() -> ClaimsResult:
    shown = CliRunner().invoke(app, ["claims", "--json"])
    assert (shown.exit_code, shown.stderr) == (0, "")
    return values(shown.stdout)


@pytest.fixture(scope="module")
def screen() -> str:
    shown = CliRunner().invoke(app, ["claims"], env=NARROW)
    assert (shown.exit_code, shown.stderr) == (0, "")
    return shown.stdout


def flat(text: str) -> str:
    return " ".join(text.split())


def test_all_rows_and_parts_fit_one_screen_at_80_columns(screen: str, judged: ClaimsResult) -> None:
    lines = screen.splitlines()
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 80
    assert len(judged.claims) == 22
    # Without the column of names, each word and sentence stands there whole and in order.
    told = flat("\n".join(line[16:] for line in lines[1:]))
    place = 0
    for row in judged.claims:
        place = told.index(f"{row.word}. {row.sentence}", place)
    names = flat(" ".join(line[:16] for line in lines[1:-3]))
    wanted = [f"{'' if r.part and r is not first else r.claim} {r.label}" for r, first in _with_first(judged)]
    assert names == flat(" ".join(wanted))


def _with_first(judged: ClaimsResult) -> list[tuple[object, object]]:
    first = {}
    for row in judged.claims:
        first.setdefault(row.claim, row)
    return [(row, first[row.claim]) for row in judged.claims]


def test_no_colour_and_nothing_technical_on_that_screen(screen: str) -> None:
    assert "\x1b" not in screen
    for word in ("contested", "untested", "max_p", "P 0.", "F =", "provisional", "mechanism", "interval"):
        assert word not in screen
    coloured = CliRunner().invoke(app, ["claims"], env={**NARROW, "NO_COLOR": "1", "FORCE_COLOR": ""})
    assert coloured.stdout == screen


@pytest.mark.parametrize("columns", ["60", "200"])
def test_narrow_and_wide_screens_lose_no_word(judged: ClaimsResult, columns: str) -> None:
    shown = CliRunner().invoke(app, ["claims"], env={"COLUMNS": columns})
    told = flat("\n".join(line[16:] for line in shown.stdout.splitlines()[1:]))
    for row in judged.claims:
        assert f"{row.word}. {row.sentence}" in told


def test_the_screen_says_what_lifted_means_how_old_it_is_and_what_to_ask_next(
    screen: str, judged: ClaimsResult
) -> None:
    assert f"evidence of {judged.account.dated}" in screen.splitlines()[0]
    assert "Lifted: hind legs off the floor." in screen and "The paper was seen in part." in screen
    assert "soleus claims nsc-70" in screen and "soleus claims --out FOLDER" in screen


def test_one_claim_in_full_has_evidence_causes_and_rule(cli: CliRunner, judged: ClaimsResult) -> None:
    shown = cli.invoke(app, ["claims", "nsc-70"], env={"COLUMNS": "240"})
    assert shown.exit_code == 0, shown.stderr
    text = flat(shown.stdout)
    rows = [row for row in judged.claims if row.claim == "nsc-70"]
    assert len(rows) == 2
    for row in rows:
        assert f"{row.label}: {row.word}. {row.sentence}" in text
        # The answer first, what is behind it later.
        assert text.index(row.sentence) < text.index(rows[0].primary) < text.index(row.claimed.reason)
        assert f"{row.verdict}; {row.grade}; F = 0, A = 0" in text
        assert row.claimed.reason in text and row.note in text and "Rule:" in row.note
        for entry in row.evidence:
            assert entry.source in text and (entry.doi is None or entry.doi in text)
        for name, probability in row.probability_by_mechanism.items():
            blind = ", which no other study informs" if name in row.uninformed else ""
            assert f"P {probability:.2f} {name}{blind}" in text
        value = row.value
        low, high = ratio_text(value.low), ratio_text(value.high)
        assert f"{ratio_text(value.value)} (95 %: {low} to {high})" in text
        by = row.by_mechanism[0]
        assert f"{by.mechanism_set}: ratio {ratio_text(by.interval.value)}" in text
    assert rows[0].primary in text and rows[0].independent in text
    for line in judged.rule:
        assert (line in text) != line.startswith("of a design")
    for name, threshold in judged.thresholds.items():
        assert f"{name} {threshold:g}" in text
    assert "svz-site" not in text


def test_any_case_is_understood(cli: CliRunner) -> None:
    assert cli.invoke(app, ["claims", "NSC-70"]).stdout == cli.invoke(app, ["claims", "nsc-70"]).stdout


def test_a_part_alone(cli: CliRunner) -> None:
    shown = cli.invoke(app, ["claims", "nsc-70/dividing-cells", "--json"])
    found = values(shown.stdout)
    assert [row.id for row in found.claims] == ["nsc-70/dividing-cells"]
    cited = {n.citation for n in found.numbers if n.citation} | set(found.claims[0].citations)
    assert cited <= {c.key for c in found.citations}
    for_claims = {c.key for c in found.citations if any(r.startswith("claim ") for r in c.reasons)}
    assert for_claims == set(found.claims[0].citations)


def test_what_is_speculative_says_so_behind_the_sentence(cli: CliRunner, judged: ClaimsResult) -> None:
    notes = {row.id: row.note for row in judged.claims}
    assert "SPECULATIVE" in notes["resilience"] and "SPECULATIVE" not in notes["two-way/idle-legs"]
    assert "SPECULATIVE" in cli.invoke(app, ["claims", "resilience"]).stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("leg-day", "soleus claims --study leg-day"),
        ("adami-2018", "soleus claims nsc-70"),
        ("mastrorilli-2017", "soleus claims --study mastrorilli-2017"),
        ("nsc70", "Did you mean 'nsc-70'?"),
        ("nsc-70/stem-cell", "Did you mean 'nsc-70/stem-cells'?"),
    ],
)
def test_what_is_no_claim_is_answered_with_what_to_ask(cli: CliRunner, given: str, said: str) -> None:
    shown = cli.invoke(app, ["claims", given])
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert said in shown.stderr
    assert ("is a study, not a claim" in shown.stderr) == said.startswith("soleus")


def test_another_study_and_one_that_is_not_known(cli: CliRunner) -> None:
    shown = cli.invoke(app, ["claims", "--study", "adami-2018", "design-duration", "--json"])
    assert values(shown.stdout).study == "adami-2018"
    assert "Under adami-2018." in flat(cli.invoke(app, ["claims", "--study", "adami-2018"]).stdout)
    unknown = cli.invoke(app, ["claims", "--study", "legday", "--json"])
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert "Did you mean 'leg-day'?" in unknown.stderr


def test_the_page_is_written_once_and_is_the_same_each_time(cli: CliRunner, tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    shown = cli.invoke(app, ["claims", "--out", str(first)], env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.stderr
    assert str(first / "article.html") in shown.stdout
    there = {str(p.relative_to(first)) for p in first.rglob("*") if p.is_file()}
    assert there == set(json.loads((first / "claims.json").read_text())["files"].values())
    assert {"article.html", "report.html", "claims.json", "manifest.json", "evidence.csv"} <= there
    assert cli.invoke(app, ["claims", "nsc-70", "--json", "--out", str(second)]).exit_code == 0
    # The page shows all claims, whichever was asked for on the screen.
    assert (first / "article.html").read_bytes() == (second / "article.html").read_bytes()
    assert len(json.loads((second / "claims.json").read_text())["values"]["claims"]) == 22
    again = cli.invoke(app, ["claims", "--out", str(first)])
    assert again.exit_code == 2 and "exists already" in again.stderr and "--overwrite" in again.stderr
    assert cli.invoke(app, ["claims", "--out", str(first), "--overwrite"]).exit_code == 0
