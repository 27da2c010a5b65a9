"""``soleus claims``: every row with value, probability, grade, verdict and the line that decided."""

from __future__ import annotations

import pytest
from cli_shell import one_object
from typer.testing import CliRunner

from soleus.cli import app
from soleus.report.numbers import ratio_text
from soleus.schema.claims import ClaimsResult


@pytest.fixture(scope="module")
def judged() -> ClaimsResult:
    shown = CliRunner().invoke(app, ["claims", "leg-day", "--json"])
    assert (shown.exit_code, shown.stderr) == (0, "")
    return ClaimsResult.model_validate(one_object(shown.stdout, "claims-1"))


@pytest.fixture
def blocks(cli: CliRunner, judged: ClaimsResult, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is shown of each claim, white space collapsed."""
    monkeypatch.setattr("soleus.api.claims", lambda *_, **__: judged)
    shown = cli.invoke(app, ["claims"])
    assert shown.exit_code == 0, shown.stderr
    parts = [" ".join(part.split()) for part in shown.stdout.split("\n\n")]
    return {part.split()[0]: part for part in parts}


def test_every_row_is_there_with_its_verdict_grade_and_rule(
    judged: ClaimsResult, blocks: dict[str, str]
) -> None:
    assert len(judged.claims) >= 14
    for row in judged.claims:
        block = blocks[row.id]
        assert block.startswith(f"{row.id} {row.verdict} words {row.words}")
        assert f"evidence {row.grade};" in block
        assert row.note in block and "Rule:" in row.note


def test_every_row_shows_value_interval_what_makes_it_true_and_each_probability(
    judged: ClaimsResult, blocks: dict[str, str]
) -> None:
    for row in judged.claims:
        block = blocks[row.id]
        assert f"predicted {row.readout}: " in block and f"with all {row.readout}: " in block
        assert row.claimed.reason in block and "true if " in block
        for name, probability in row.probability_by_mechanism.items():
            assert f"P {probability:.2f} {name}" in block
        for by in row.by_mechanism:
            ratio = f": ratio {ratio_text(by.interval.value)}" if row.value_scale == "ratio" else ""
            assert f"{by.mechanism_set}{ratio}" in block
    assert sum(bool(row.probability_by_mechanism) for row in judged.claims) >= 12
    row = next(row for row in judged.claims if row.value_scale == "ratio" and row.value.level == 0.95)
    value = row.value
    assert f"{value.value:.2f} (95 %: {value.low:.2f} to {value.high:.2f})" in blocks[row.id]


def test_a_design_is_read_off_and_has_no_probability(judged: ClaimsResult, blocks: dict[str, str]) -> None:
    rows = {row.id: row for row in judged.claims}
    assert rows["design-duration"].probability_by_mechanism == {}
    assert "duration: 14 days" in blocks["design-duration"] and "judges nothing" in blocks["design-duration"]
    assert "groups: 2 groups" in blocks["design-groups"]


def test_what_is_speculative_says_so(blocks: dict[str, str]) -> None:
    assert "SPECULATIVE" in blocks["resilience"] and "SPECULATIVE" not in blocks["two-way"]


def test_the_rule_is_printed_with_its_thresholds(judged: ClaimsResult, blocks: dict[str, str]) -> None:
    shown = blocks["The"] if "lines are tried" in blocks["The"] else ""
    for line in judged.rule:
        assert line in shown
    for name, value in judged.thresholds.items():
        assert f"{name} {value:g}" in shown


def test_unknown_study(cli: CliRunner) -> None:
    shown = cli.invoke(app, ["claims", "legday", "--json"])
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "Did you mean 'leg-day'?" in shown.stderr
