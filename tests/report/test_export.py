"""Figure files: the same bytes each time, kept for the next run, and errors that name the figure."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from soleus.errors import CacheWarning, SoleusError
from soleus.report import bundle as bundle_module
from soleus.report.export import FigureExporter, spec_key
from soleus.report.render_worker import render_one
from soleus.report.specs import finish, table


def bars(name: str) -> dict[str, object]:
    """A small figure with a text in it."""
    rows = [{"group": f"{name} {k}", "days": 3 + k} for k in range(3)]
    line = {"field": "group", "type": "nominal"}
    body = {
        "data": table(rows),
        "mark": "bar",
        "encoding": {"y": line, "x": {"field": "days", "type": "quantitative"}},
    }
    return finish(body, description=name, layout="fluid", cell=400)


@pytest.fixture(scope="module")
def two() -> dict[str, dict[str, object]]:
    return {"design": bars("hind-limb unloading"), "discrepancy": bars("misfit")}


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
    assert "hind-limb unloading 0" in [
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


@pytest.mark.parametrize("kind", ["svg", "png"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:500],
        lambda whole: b"",
        lambda whole: whole.replace(b"<svg", b"<script>alert(1)</script><svg") + b" ",
        lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]),
    ],
)
def test_a_damaged_figure_is_told_and_drawn_again(
    tmp_path: Path,
    two: dict[str, dict[str, object]],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    damage: Callable[[bytes], bytes],
) -> None:
    monkeypatch.setenv("SOLEUS_CACHE", str(tmp_path / "cache"))
    one = {"design": two["design"]}
    with FigureExporter(workers=0) as exporter:
        exporter.export(one, tmp_path / "first")
        (kept,) = (tmp_path / "cache" / "figures").glob(f"*.{kind}")
        whole = kept.read_bytes()
        kept.write_bytes(damage(whole))
        with pytest.warns(CacheWarning, match=f"is damaged, and is made again: .*{kind}"):
            exporter.export(one, tmp_path / "second")
        assert kept.read_bytes() == whole
    for name in ("design.svg", "design.png"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_a_figure_under_the_name_of_another_is_not_taken(
    tmp_path: Path, two: dict[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLEUS_CACHE", str(tmp_path / "cache"))
    with FigureExporter(workers=0) as exporter:
        exporter.export(two, tmp_path / "first")
        kept = {n: tmp_path / "cache" / "figures" / f"{spec_key(two[n])}.svg" for n in two}
        kept["design"].write_bytes(kept["discrepancy"].read_bytes())
        with pytest.warns(CacheWarning, match="is damaged"):
            exporter.export(two, tmp_path / "second")
    assert (tmp_path / "first" / "design.svg").read_bytes() == (
        tmp_path / "second" / "design.svg"
    ).read_bytes()


CLIPPED: dict[str, object] = {
    "data": {"values": [{"a": 1, "b": 2}, {"a": 2, "b": 1}]},
    "mark": {"type": "line", "clip": True},
    "encoding": {
        "x": {"field": "a", "type": "quantitative", "scale": {"domain": [0, 1.5]}},
        "y": {"field": "b", "type": "quantitative"},
        "color": {"field": "b", "type": "quantitative"},
    },
}


def test_a_figure_does_not_depend_on_what_was_drawn_before(tmp_path: Path) -> None:
    """The renderer numbers clips and gradients on through all figures of a process."""
    drawn = []
    for number in range(3):
        svg, png = (str(tmp_path / f"{number}.{kind}") for kind in ("svg", "png"))
        render_one(CLIPPED, svg_path=svg, png_path=png)
        drawn.append((Path(svg).read_bytes(), Path(png).read_bytes()))
    assert drawn[0] == drawn[1] == drawn[2]
    text = drawn[0][0].decode()
    used = set(re.findall(r"url\(#([^)]*)\)", text))
    assert len(used) >= 3 and used == set(re.findall(r'\bid="([^"]*)"', text)), "what is used is there"


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


def test_a_full_disk_of_the_cache_costs_time_only(
    tmp_path: Path, two: dict[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setenv("SOLEUS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("soleus.jobs.writing.tempfile.mkstemp", full)
    with FigureExporter(workers=0) as exporter:
        exporter.export(two, tmp_path / "out")
    bundle_module.vega_bundle.cache_clear()
    monkeypatch.setattr("vl_convert.javascript_bundle", lambda _: "window.vegaEmbed=x;")
    assert bundle_module.vega_bundle() == "window.vegaEmbed=x;"
    bundle_module.vega_bundle.cache_clear()
    assert len(list((tmp_path / "out").iterdir())) == 4
    assert [file for file in (tmp_path / "cache").rglob("*") if file.is_file()] == []


@pytest.mark.parametrize("workers", [0, 1])
def test_a_disk_that_fails_is_an_error_of_the_system(
    tmp_path: Path, two: dict[str, dict[str, object]], workers: int
) -> None:
    """As everywhere else: a full disk must not look like a figure that cannot be drawn."""
    with FigureExporter(workers=workers, cache=False) as exporter:
        with pytest.raises(FileNotFoundError, match="no-such/design.svg" if workers else "No such file"):
            exporter.export({"no-such/design": two["design"]}, tmp_path)


def test_the_bundle_that_a_worker_kept_is_taken(
    tmp_path: Path, two: dict[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLEUS_CACHE", str(tmp_path / "cache"))
    with FigureExporter(workers=1) as exporter:
        exporter.start()
        exporter.export({"design": two["design"]}, tmp_path / "out")
    path = bundle_module.bundle_path()
    assert path is not None and path.exists()

    def refuse(_: str) -> str:
        raise AssertionError("made again")

    monkeypatch.setattr("vl_convert.javascript_bundle", refuse)
    bundle_module.vega_bundle.cache_clear()
    assert "vegaEmbed" in bundle_module.vega_bundle()
    bundle_module.vega_bundle.cache_clear()


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
