"""Figure files: the same bytes each time, kept for the next run, and errors that name the figure."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from soleus.errors import CacheWarning, SoleusError
from soleus.report import FigureExporter, figures
from soleus.report import bundle as bundle_module
from soleus.report.export import spec_key
from soleus.schema.run import RunResult


@pytest.fixture(scope="module")
def two(result: RunResult) -> dict[str, dict[str, object]]:
    specs = figures(result)
    return {name: specs[name] for name in ("design", "discrepancy")}


def test_svg_is_the_same_in_this_process_and_in_a_worker(
    tmp_path: Path, two: dict[str, dict[str, object]]
) -> None:
    for folder, workers in (("here", 0), ("one", 1), ("two", 2)):
        with FigureExporter(workers=workers, cache=False) as exporter:
            files = exporter.export(two, tmp_path / folder)
        assert sorted(files) == ["design.png", "design.svg", "discrepancy.png", "discrepancy.svg"]
    for name in files:
        one = (tmp_path / "one" / name).read_bytes()
        assert one == (tmp_path / "here" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert (tmp_path / "one" / "design.png").read_bytes().startswith(b"\x89PNG")
    root = ElementTree.fromstring((tmp_path / "one" / "design.svg").read_text(encoding="utf-8"))
    assert "hind-limb unloading" in [
        element.text for element in root.iter("{http://www.w3.org/2000/svg}text")
    ]


def test_a_drawn_figure_is_not_drawn_again(
    tmp_path: Path, two: dict[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLEUS_CACHE", str(tmp_path / "cache"))
    with FigureExporter(workers=0) as exporter:
        exporter.export(two, tmp_path / "first")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("drawn again")

    monkeypatch.setattr("soleus.report.export.render_one", refuse)
    with FigureExporter(workers=0) as exporter:
        exporter.export(two, tmp_path / "second")
        changed = {"design": two["design"] | {"description": "another"}}
        with pytest.raises(AssertionError, match="drawn again"):
            exporter.export(changed, tmp_path / "third")
    for name in ("design.svg", "design.png"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_key_depends_on_every_number(two: dict[str, dict[str, object]]) -> None:
    assert spec_key(two["design"]) == spec_key(dict(reversed(two["design"].items())))
    assert spec_key(two["design"]) != spec_key(two["design"] | {"width": 1})


def test_a_cache_that_cannot_be_written_costs_no_result(
    tmp_path: Path, two: dict[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("SOLEUS_CACHE", str(tmp_path / "file"))
    with FigureExporter(workers=0) as exporter:
        exporter.export({"design": two["design"]}, tmp_path / "out")
    assert (tmp_path / "out" / "design.svg").exists()


@pytest.mark.parametrize("workers", [1])
def test_a_figure_that_cannot_be_drawn_is_named(tmp_path: Path, workers: int) -> None:
    with FigureExporter(workers=workers, cache=False) as exporter:
        with pytest.raises(SoleusError, match="'broken'"):
            exporter.export({"broken": {"mark": {"type": "no such mark"}, "data": {"values": []}}}, tmp_path)


def test_a_worker_that_died_is_reported(tmp_path: Path, two: dict[str, dict[str, object]]) -> None:
    with FigureExporter(workers=1, cache=False) as exporter:
        exporter.start()
        for worker in exporter._all:
            worker.kill()
            worker.wait()
        with pytest.raises(SoleusError, match="has ended"):
            exporter.export({"design": two["design"]}, tmp_path)


def test_a_broken_bundle_in_the_cache_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLEUS_CACHE", str(tmp_path))
    made = []

    def fake(snippet: str) -> str:
        made.append(snippet)
        return "var a = '</script>'; window.vegaEmbed=x;"

    monkeypatch.setattr("vl_convert.javascript_bundle", fake)
    bundle_module.vega_bundle.cache_clear()
    try:
        first = bundle_module.vega_bundle()
        assert "</script" not in first
        (kept,) = tmp_path.glob("vega-*.sealed")
        bundle_module.vega_bundle.cache_clear()
        assert bundle_module.vega_bundle() == first and len(made) == 1
        whole = kept.read_bytes()
        for number, damaged in enumerate(
            (whole[:-9], whole + b"fetch('//elsewhere')", b"", b"window.vegaEmbed=y"), 2
        ):
            kept.write_bytes(damaged)
            bundle_module.vega_bundle.cache_clear()
            with pytest.warns(CacheWarning, match="is damaged, and is made again"):
                assert bundle_module.vega_bundle() == first and len(made) == number
            assert kept.read_bytes() == whole
    finally:
        bundle_module.vega_bundle.cache_clear()
