from __future__ import annotations

import json

import pytest
from benchmarks.regression import BOUNDS, CASES, MEMORY, failures, main, measure_ratios

from benchmarks import regression


def stored() -> dict[str, dict[str, float]]:
    return json.loads(BOUNDS.read_text(encoding="utf-8"))


def test_every_case_has_a_bound_and_the_bounds_pass_themselves():
    bounds = stored()
    assert set(bounds["ratio"]) == set(CASES)
    assert set(bounds["peak_mib"]) == set(MEMORY)
    assert failures(bounds, bounds) == []


@pytest.mark.parametrize(("factor", "number"), [(0.1, 0), (1.99, 0), (2.01, 1), (50.0, 1)])
def test_a_figure_fails_beyond_twice_its_bound_only(factor, number):
    bounds = stored()
    measured = {"ratio": {"exact": factor * bounds["ratio"]["exact"]}}
    assert len(failures(measured, bounds)) == number


def test_memory_a_missing_bound_and_a_figure_that_is_no_number_fail():
    bounds = stored()
    name = "study, 100 animals"
    said = failures({"peak_mib": {name: 3.0 * bounds["peak_mib"][name]}}, bounds)
    assert len(said) == 1 and "MiB at peak" in said[0]
    assert "no bound is stored" in failures({"ratio": {"new": 1.0}}, bounds)[0]
    assert len(failures({"ratio": {"exact": float("nan")}}, bounds)) == 1


@pytest.mark.slow
def test_a_planted_slowdown_of_a_real_case_is_found(tmp_path, monkeypatch, capsys):
    """The work of one case is done three times over; its own bound, measured here, must be passed."""
    monkeypatch.setattr(regression, "BOUNDS", tmp_path / "bounds.json")
    assert main(["--only", "moments", "--update"]) == 0
    assert main(["--only", "moments"]) == 0
    assert main(["--only", "moments", "--plant", "moments"]) == 1
    assert "FAILED moments" in capsys.readouterr().err


class FakeWorker:
    """A machine on which a case costs as much as it is asked to repeat, in a busy second round."""

    def __init__(self) -> None:
        self.calls = 0

    def ask(self, task, **job):
        self.calls += 1
        busy = 7.0 if 6 <= self.calls <= 7 else 1.0
        if task == "calibrate":
            return {"cpu_s": 0.01 * job["repeats"] * busy}
        return {"cpu_s": 0.05 * job.get("mice", job.get("repeats")) * busy}


def test_the_ratio_does_not_depend_on_a_busy_round_and_a_planted_case_is_dearer():
    assert measure_ratios(FakeWorker(), ["exact"])["exact"] == pytest.approx(5.0)
    assert measure_ratios(FakeWorker(), ["exact"], plant="exact")["exact"] == pytest.approx(15.0)
    assert measure_ratios(FakeWorker(), ["exact"], plant="moments")["exact"] == pytest.approx(5.0)


def test_the_command_fails_where_a_bound_is_passed(monkeypatch, capsys):
    bounds = stored()
    monkeypatch.setattr(regression, "measure_peaks", lambda names: {})
    monkeypatch.setattr(
        regression, "measure_ratios", lambda *_, **__: {"exact": 2.5 * bounds["ratio"]["exact"]}
    )
    assert main(["--only", "exact"]) == 1
    assert "FAILED exact: " in capsys.readouterr().err
    monkeypatch.setattr(regression, "measure_ratios", lambda *_, **__: {"exact": bounds["ratio"]["exact"]})
    assert main(["--only", "exact"]) == 0
