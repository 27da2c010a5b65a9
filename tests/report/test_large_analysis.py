"""Large tables: figures are thinned and say so, and no figure takes an analysis with it."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import soleus
from soleus.report.export import FigureExporter
from soleus.report.figures.analysis import analysis_figures
from soleus.report.figures.analysis_extent import DOTS, FIGURES, evenly, evenly_parts, figure_names


def counts(path: Path, *, animals: int, readouts: int = 1, sections: int = 1) -> Path:
    rng = np.random.default_rng(1)
    names = [f"gene{k} count" for k in range(readouts)]
    lines = [",".join(["animal", "group", *(["section"] if sections > 1 else []), *names])]
    for a in range(animals):
        mean = 40 if a % 2 else 30
        for s in range(sections):
            own = [f"m{a}", "control" if a % 2 else "HU", *([str(s)] if sections > 1 else [])]
            lines.append(",".join([*own, *map(str, rng.poisson(mean, readouts))]))
    path.write_text("\n".join(lines) + "\n")
    return path


def test_many_animals_are_thinned_evenly_and_the_mean_is_of_all(tmp_path: Path) -> None:
    file = counts(tmp_path / "a.csv", animals=2 * DOTS)
    result = soleus.analyse(file, seed=1, out=tmp_path / "out")
    said = (
        f"a figure shows {DOTS:,} of up to {2 * DOTS:,} animals, evenly taken; means and effects are of all"
    )
    assert said in result.warnings
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert said in page
    assert len(json.loads((tmp_path / "out" / "analysis.json").read_text())["animals"]) == 2 * DOTS
    (figure,) = analysis_figures(result)
    layers = figure.spec["hconcat"][0]["layer"]
    shown = layers[1]["data"]["values"]
    assert 0.95 * DOTS <= len(shown) <= DOTS
    assert abs(sum(row["group"] == "HU" for row in shown) - DOTS / 2) < 0.05 * DOTS
    assert len(layers[2]["data"]["values"]) == 2
    for row in layers[2]["data"]["values"]:
        own = [a.value for a in result.animals if a.group == row["slot"].partition("\n")[0]]
        assert row["kind"] == "geometric mean"
        assert row["value"] == pytest.approx(np.exp(np.mean(np.log(own))))


def test_many_sections_are_thinned(tmp_path: Path) -> None:
    file = counts(tmp_path / "a.csv", animals=20, sections=200)
    result = soleus.analyse(file, seed=1)
    (figure,) = analysis_figures(result)
    parts = figure.spec["hconcat"][0]["layer"][0]["data"]["values"]
    assert 0.9 * DOTS <= len(parts) <= DOTS
    assert len({row["animal"] for row in parts}) == 20


def test_of_many_read_outs_those_with_the_smallest_p_are_drawn(tmp_path: Path) -> None:
    file = counts(tmp_path / "a.csv", animals=12, readouts=FIGURES + 6)
    result = soleus.analyse(file, seed=1, out=tmp_path / "out")
    assert any(
        f"figures are drawn of {FIGURES} of {FIGURES + 6} read-outs" in line for line in result.warnings
    )
    p = {c.readout: c.effect.p_value for c in result.comparisons if c.effect is not None}
    drawn = {figure.title.lower() for figure in analysis_figures(result)}
    assert drawn == {name.lower() for name in sorted(p, key=p.__getitem__)[:FIGURES]}
    assert len(list((tmp_path / "out" / "figures").glob("*.svg"))) == FIGURES
    assert len((tmp_path / "out" / "effects.csv").read_text().splitlines()) == FIGURES + 7


def test_small_tables_are_drawn_whole_and_say_nothing(tmp_path: Path) -> None:
    result = soleus.analyse(counts(tmp_path / "a.csv", animals=12), seed=1, out=tmp_path / "out")
    assert not [line for line in result.warnings if "figure" in line]
    (figure,) = analysis_figures(result)
    assert len(figure.spec["hconcat"][0]["layer"][1]["data"]["values"]) == 12


def test_a_figure_that_fails_is_named_and_the_rest_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLEUS_CACHE", str(tmp_path / "cache"))
    import soleus.report.analysis as module

    whole = module.analysis_figures

    def broken(result: object) -> list[object]:
        figures = whole(result)
        figures[0].spec["hconcat"][0]["layer"][0]["mark"] = {"type": "none of these"}
        return figures

    monkeypatch.setattr(module, "analysis_figures", broken)
    result = soleus.analyse(counts(tmp_path / "a.csv", animals=12, readouts=2), seed=1, out=tmp_path / "out")
    (said,) = [line for line in result.warnings if "could not be drawn" in line]
    assert said.lower().startswith("the figure of 'gene0")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "could not be drawn" in page and "gene1" in page
    assert len(list((tmp_path / "out" / "figures").glob("*.svg"))) == 1
    assert "could not be drawn" in (tmp_path / "out" / "analysis.json").read_text()
    assert (tmp_path / "out" / "effects.xlsx").is_file()


def test_a_process_that_dies_takes_no_analysis_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLEUS_CACHE", str(tmp_path / "cache"))
    start = FigureExporter.start

    def dying(self: FigureExporter) -> None:
        start(self)
        for worker in self._all:
            worker.kill()
            worker.wait()

    monkeypatch.setattr(FigureExporter, "start", dying)
    result = soleus.analyse(counts(tmp_path / "a.csv", animals=12), seed=1, out=tmp_path / "out")
    assert any("could not be drawn: the process that draws figures has ended" in w for w in result.warnings)
    assert {"effects.csv", "effects.xlsx", "report.html", "analysis.json"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }


def test_names_of_figures_are_short_and_no_two_alike() -> None:
    names = figure_names(["Ki67+", "Ki67-", "Ki67", "x" * 5000, "=/\\"])
    assert len(set(names.values())) == 5
    assert all(len(name) < 100 for name in names.values())


@pytest.mark.parametrize("n", [1, 7, 1999, 2000, 2001, 5003, 100_000])
def test_thinning_keeps_no_more_than_asked_and_every_key(n: int) -> None:
    keys = [k % 3 for k in range(n)]
    kept = evenly(list(range(n)), keys, 2000)
    assert len(kept) <= 2000 and kept == sorted(kept)
    assert {k % 3 for k in kept} == set(keys)
    assert len(kept) == n if n <= 2000 else len(kept) > 1000
    parts = evenly_parts([n] * 4, ["a", "b", "a", "c"], 2000)
    assert sum(map(len, parts)) <= 2000 or n <= 500


LARGE = {
    "1,000,000 rows of 1,000 animals": {"animals": 1000, "sections": 1000},
    "50,000 animals": {"animals": 50_000},
    "5,000 columns": {"animals": 12, "readouts": 5000},
}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux does")
@pytest.mark.parametrize("name", LARGE)
def test_a_large_table_gets_its_report(name: str, tmp_path: Path) -> None:
    file = counts(tmp_path / "a.csv", **LARGE[name])
    program = "import sys; from soleus.cli import main; sys.argv[0] = 'soleus'; main()"
    arguments = ["analyse", str(file), "--seed", "1", "--out", str(tmp_path / "out")]
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "out" / "report.html").is_file()
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024 <= 1500
