"""Figures of a panel: valid specifications that can be read, with the numbers of the result in them."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

sys.path.insert(0, str(Path(__file__).parent))  # tiny_panel.py, shared with other folders

from tiny_panel import tiny_fingerprint

from soleus.answers.panel.build import describe_panel
from soleus.answers.panel.figures import animals_text, mark_text, panel_figures
from soleus.answers.panel.values import PanelResult
from soleus.api import packaged
from soleus.report.export import FigureExporter
from soleus.report.specs import Figure
from soleus.report.theme import DIVERGING, INK

Spec = dict[str, Any]
PAGE_PX = 1104


@pytest.fixture(scope="module")
def result() -> PanelResult:
    return describe_panel(packaged(), tiny_fingerprint())


@pytest.fixture(scope="module")
def figures(result: PanelResult) -> dict[str, Figure]:
    return {f.name: f for f in panel_figures(result)}


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    schema = files("altair") / "vegalite" / "v6" / "schema" / "vega-lite-schema.json"
    return Draft7Validator(json.loads(schema.read_text(encoding="utf-8")))


def rows(figure: Figure) -> list[Spec]:
    found: list[Spec] = figure.spec["data"]["values"]
    return found


def parts(spec: object) -> Iterator[Spec]:
    if isinstance(spec, dict):
        yield spec
        for value in spec.values():
            yield from parts(value)
    elif isinstance(spec, list):
        for value in spec:
            yield from parts(value)


def test_both_are_valid_vega_lite_with_data_inline(
    figures: dict[str, Figure], validator: Draft7Validator
) -> None:
    assert list(figures) == ["fingerprint", "separations"]
    for name, figure in figures.items():
        errors = [e.message[:300] for e in validator.iter_errors(figure.spec)]
        assert not errors, (name, errors[:2])
        assert not [part for part in parts(figure.spec) if "url" in part]
        assert figure.spec["width"] <= PAGE_PX


def test_the_validator_sees_a_planted_error(figures: dict[str, Figure], validator: Draft7Validator) -> None:
    broken = json.loads(json.dumps(figures["fingerprint"].spec))
    broken["layer"][0]["encoding"]["color"]["type"] = "numeric"
    assert list(validator.iter_errors(broken))


def test_every_mark_is_a_cell_with_its_own_text_and_colour(
    figures: dict[str, Figure], result: PanelResult
) -> None:
    drawn = rows(figures["fingerprint"])
    assert len(drawn) == len(result.marks) == len({(r["column"], r["row"]) for r in drawn})
    for row, mark in zip(drawn, result.marks, strict=True):
        cause = next(c for c in result.causes if c.name == mark.cause)
        assert row["cause"].lower() == cause.label.lower()
        assert row["signal"] == mark.signal
        if mark.percent is not None:
            sign = "+" if mark.percent > 0 else "\u2212"
            assert row["text"] == f"{sign}{abs(mark.percent):.0f}\u202f%"
        else:
            assert row["text"] == f"× {mark.odds_ratio:.2f}"
    encoding = figures["fingerprint"].spec["layer"][0]["encoding"]
    assert encoding["x"]["scale"]["domain"] == list(dict.fromkeys(r["column"] for r in drawn))
    assert encoding["y"]["scale"]["domain"] == list(dict.fromkeys(r["row"] for r in drawn))


def test_colours_are_symmetric_with_losses_warm(figures: dict[str, Figure]) -> None:
    scale = figures["fingerprint"].spec["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"] == [-d for d in reversed(scale["domain"])]
    assert scale["range"] == list(DIVERGING) and scale["clamp"]
    red, _, blue = channels(scale["range"][0])
    assert red > blue, "a loss is warm"


def channels(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5))


def luminance(colour: tuple[float, ...]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def shade(signal: float, scale: Spec) -> tuple[float, ...]:
    """The colour that the renderer gives a signal: straight lines in red, green and blue."""
    domain, colours = scale["domain"], [channels(c) for c in scale["range"]]
    at = min(max(signal, domain[0]), domain[-1])
    k = next(k for k in range(len(domain) - 1) if at <= domain[k + 1])
    part = (at - domain[k]) / (domain[k + 1] - domain[k])
    return tuple(a + part * (b - a) for a, b in zip(colours[k], colours[k + 1], strict=True))


def contrast(text: str, background: tuple[float, ...]) -> float:
    light = sorted((luminance(channels(text)), luminance(background)))
    return (light[1] + 0.05) / (light[0] + 0.05)


def test_text_stands_out_from_every_colour(result: PanelResult) -> None:
    scale = panel_figures(result)[0].spec["layer"][0]["encoding"]["color"]["scale"]
    signals = [k / 20.0 for k in range(-110, 111)]
    marks = [result.marks[0].model_copy(update={"signal": s}) for s in signals]
    drawn = rows(panel_figures(result.model_copy(update={"marks": marks}))[0])
    worst = min(
        contrast("#ffffff" if row["strong"] else INK, shade(s, scale))
        for s, row in zip(signals, drawn, strict=True)
    )
    # Between white and ink nothing can do better than about 3.8 on some middle shade.
    assert worst > 3.5


def test_text_of_pairs_stands_out(figures: dict[str, Figure]) -> None:
    colours = figures["separations"].spec["layer"][0]["encoding"]["color"]["scale"]["range"]
    assert min(contrast(INK, channels(c)) for c in colours) > 4.5


def test_every_pair_is_a_cell_below_the_diagonal(figures: dict[str, Figure], result: PanelResult) -> None:
    figure = figures["separations"]
    drawn = rows(figure)
    encoding = figure.spec["layer"][0]["encoding"]
    columns, lines = (encoding[c]["scale"]["domain"] for c in "xy")
    assert len(drawn) == len({(r["column"], r["row"]) for r in drawn}) == 6
    for row, pair in zip(drawn, result.separations, strict=True):
        # The n-th row is the cause after the n-th column.
        assert lines.index(row["row"]) >= columns.index(row["column"])
        if pair.panel is None:
            assert (row["size"], row["upper"]) == ("cannot be told apart", "not apart")
        else:
            n = len(pair.panel)
            assert row["upper"] == f"{n} read-out{'s' if n > 1 else ''}"
            assert row["size"].startswith(str(n)) or (n >= 4 and row["size"] == "4 or more")
            assert row["lower"] == f"{max(2, math.ceil(pair.animals))} animals"


@pytest.mark.parametrize(("number", "size"), [(3, "3 read-outs"), (4, "4 or more"), (9, "4 or more")])
def test_larger_panels_share_a_colour(result: PanelResult, number: int, size: str) -> None:
    pair = result.separations[0].model_copy(update={"panel": ["Ki67+"] * number, "animals": 7.2})
    (row,) = rows(panel_figures(result.model_copy(update={"separations": [pair]}))[1])
    assert (row["size"], row["upper"], row["lower"]) == (size, f"{number} read-outs", "8 animals")


def test_a_reversed_cause_says_so(result: PanelResult) -> None:
    causes = [c.model_copy(update={"told_at": 0.25}) if k == 1 else c for k, c in enumerate(result.causes)]
    drawn = rows(panel_figures(result.model_copy(update={"causes": causes}))[1])
    reversed_ = {" ".join(r["row"].split()) for r in drawn if "reversed" in r["row"]}
    assert reversed_ == {"Longer cell cycle of neuroblasts, reversed (× 0.25)"}
    assert any("reversed" in r["first"] for r in drawn)
    assert not any("reversed" in r["row"] for r in rows(panel_figures(result)[1]))


def test_animals_are_whole_and_never_fewer_than_two(result: PanelResult) -> None:
    pair = result.separations[0].model_copy(update={"panel": ["Ki67+"]})
    for given, shown in ((0.3, "2"), (2.0, "2"), (2.01, "3"), (7.9, "8"), (1500.0, "1500")):
        assert animals_text(pair.model_copy(update={"animals": given})) == shown
    none = pair.model_copy(update={"panel": None})
    assert animals_text(none.model_copy(update={"animals": 22.4})) == "23"
    assert animals_text(none.model_copy(update={"animals": 7e9})) == "> 1000"


def test_a_mark_of_nothing_is_no_change(result: PanelResult) -> None:
    count = result.marks[0].model_copy(update={"change": 1e-5, "percent": 1e-3})
    assert mark_text(count) == "±0\u202f%"
    share = count.model_copy(update={"percent": None, "odds_ratio": 1.0})
    assert mark_text(share) == "× 1.00"


def test_captions_say_day_factor_animals_and_fall(figures: dict[str, Figure]) -> None:
    for words in ("28 days", "1.5-fold", "8 animals"):
        assert words in figures["fingerprint"].caption
    for words in ("8 animals", "Ki67+ has fallen by 30 %", "80 % power"):
        assert words in figures["separations"].caption


def test_they_can_be_drawn(figures: dict[str, Figure], tmp_path: Path) -> None:
    # By a worker: the renderer numbers what it draws, and other tests compare its first drawings.
    with FigureExporter(workers=1, cache=False) as draws:
        draws.export({name: figure.spec for name, figure in figures.items()}, tmp_path)
    for name in figures:
        svg = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
        assert svg.count("<text") >= 6
        assert "\u2026" not in svg, "a label was cut"
