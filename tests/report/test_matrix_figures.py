"""Figures of the matrix: valid specifications that can be read, with the numbers of the result in them."""

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

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "results"))  # tiny_matrix.py

from tiny_matrix import ROWS, SIZE, tiny_matrix

from soleus.report.export import FigureExporter
from soleus.report.figures.matrix import REFUTED, matrix_figure, matrix_figures
from soleus.report.figures.matrix_predictions import prediction_figures, study_figure_names
from soleus.report.figures.matrix_rows import APART, probability_text, signed
from soleus.report.specs import Figure
from soleus.report.theme import INK, LOSS
from soleus.results.matrix import describe_matrix
from soleus.schema.matrix import MatrixResult

Spec = dict[str, Any]
PAGE_PX = 1104


@pytest.fixture(scope="module")
def result() -> MatrixResult:
    return describe_matrix(tiny_matrix())


@pytest.fixture(scope="module")
def figures(result: MatrixResult) -> dict[str, Figure]:
    return {f.name: f for f in matrix_figures(result)}


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    schema = files("altair") / "vegalite" / "v6" / "schema" / "vega-lite-schema.json"
    return Draft7Validator(json.loads(schema.read_text(encoding="utf-8")))


def parts(spec: object) -> Iterator[Spec]:
    if isinstance(spec, dict):
        yield spec
        for value in spec.values():
            yield from parts(value)
    elif isinstance(spec, list):
        for value in spec:
            yield from parts(value)


def rows(panel: Spec) -> list[Spec]:
    found: list[Spec] = panel["data"]["values"]
    return found


def shown(panel: Spec, mark: str) -> list[Spec]:
    """The layers of a panel that draw such a mark."""
    return [layer for layer in panel["layer"] if layer["mark"]["type"] == mark]


def test_all_are_valid_vega_lite_with_data_inline(
    figures: dict[str, Figure], validator: Draft7Validator
) -> None:
    assert list(figures) == [
        "matrix", "evidence", "predictions-adami-2018", "predictions-gros-2024", "predictions-yasuhara-2007",
    ]  # fmt: skip
    for name, figure in figures.items():
        errors = [e.message[:300] for e in validator.iter_errors(figure.spec)]
        assert not errors, (name, errors[:2])
        assert not [part for part in parts(figure.spec) if "url" in part]
        assert sum(panel["width"] for panel in figure.spec["hconcat"]) + 200 <= PAGE_PX
        assert figure.caption and figure.title and figure.spec["description"]


def test_the_validator_sees_a_planted_error(figures: dict[str, Figure], validator: Draft7Validator) -> None:
    broken = json.loads(json.dumps(figures["matrix"].spec))
    broken["hconcat"][0]["layer"][0]["encoding"]["color"]["type"] = "numeric"
    assert list(validator.iter_errors(broken))


def test_all_can_be_drawn_and_no_label_is_cut(figures: dict[str, Figure], tmp_path: Path) -> None:
    # By a worker: the renderer numbers what it draws, and other tests compare its first drawings.
    with FigureExporter(workers=1, cache=False) as draws:
        draws.export({name: f.spec for name, f in figures.items()}, tmp_path)
    for name in figures:
        svg = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
        assert "\u2026" not in svg, f"{name}: a label was cut"
    assert (tmp_path / "matrix.svg").read_text(encoding="utf-8").count(f">{REFUTED}<") == 2


def test_every_set_and_study_is_a_cell_with_its_numbers(
    figures: dict[str, Figure], result: MatrixResult
) -> None:
    heat = figures["matrix"].spec["hconcat"][0]
    drawn = rows(heat)
    assert len(drawn) == len({(r["row"], r["column"]) for r in drawn}) == 4 * 3
    cells = [(row, cell) for row in result.rows for cell in row.cells]
    for one, (row, cell) in zip(drawn, cells, strict=True):
        assert " ".join(one["row"].split()).lower() == row.label
        assert one["per_finding"] == cell.per_finding and one["joint"] == cell.probability
        assert one["text"] == probability_text(cell.probability)
        assert one["of"] == f"n = {len(cell.predictions)}"
        assert one["tells"] == cell.sensitive
    fields = [layer["encoding"]["text"]["field"] for layer in shown(heat, "text")]
    assert fields == ["text", "of"]
    (frame,) = [layer for layer in shown(heat, "rect") if "transform" in layer]
    assert frame["transform"] == [{"filter": "!datum.tells"}] and frame["mark"]["strokeDash"]


def test_columns_say_source_species_and_niche(figures: dict[str, Figure]) -> None:
    heads = figures["matrix"].spec["hconcat"][0]["layer"][0]["encoding"]["x"]["scale"]["domain"]
    plain = [" ".join(h.split()) for h in heads]
    assert plain == [
        "Adami et al. 2018 mouse SVZ",
        "Gros et al. 2024 rat SVZ",
        "Yasuhara et al. 2007 rat SVZ",
    ]


@pytest.mark.parametrize(
    ("niches", "head"),
    [
        (["SVZ", "culture", "differentiating culture"], "SVZ + culture"),
        (["SVZ", "dentate gyrus", "culture"], "SVZ + dentate gyrus + culture"),
        (["SVZ", "dentate gyrus", "culture", "body"], "SVZ + dentate gyrus + more"),
    ],
)
def test_many_niches_share_a_head(result: MatrixResult, niches: list[str], head: str) -> None:
    study = result.studies[0].model_copy(update={"niches": niches})
    made = matrix_figure(result.model_copy(update={"studies": [study, *result.studies[1:]]}))
    first = made.spec["hconcat"][0]["layer"][0]["encoding"]["x"]["scale"]["domain"][0]
    assert " ".join(first.split()) == f"Adami et al. 2018 mouse {head}"


def test_rows_are_in_order_with_no_effect_apart(figures: dict[str, Figure], result: MatrixResult) -> None:
    for panel in figures["matrix"].spec["hconcat"]:
        for layer in panel["layer"]:
            domain = layer["encoding"]["y"]["scale"]["domain"]
            assert [d.lower() for d in domain] == [
                *(row.label for row in result.rows[:3]), APART, "no effect of movement on any of it",
            ]  # fmt: skip
    assert all(APART not in row["row"] for p in figures["matrix"].spec["hconcat"] for row in rows(p))


@pytest.mark.parametrize("p", [0.0499, 0.05, 0.0501, 0.0, 1.0])
def test_refuted_is_drawn_exactly_below_the_threshold(result: MatrixResult, p: float) -> None:
    row = result.rows[0].model_copy(update={"predictive_p": p, "refuted": p < 0.05})
    made = matrix_figure(result.model_copy(update={"rows": [row, *result.rows[1:]]}))
    drawn = rows(made.spec["hconcat"][1])
    assert (
        [r["word"] == REFUTED for r in drawn]
        == [r["refuted"] for r in drawn]
        == [p < 0.05, False, True, True]
    )
    assert drawn[0]["p"] == f"p = {p:.3f}"
    words = [layer for layer in shown(made.spec["hconcat"][1], "text") if "word" in str(layer["encoding"])]
    assert all(layer["transform"] == [{"filter": "datum.refuted"}] for layer in words) and words


def test_evidence_is_written_beside_its_bar(figures: dict[str, Figure]) -> None:
    drawn = rows(figures["matrix"].spec["hconcat"][2])
    assert [(r["evidence"], r["text"]) for r in drawn] == [
        (1.5, "+1.5"),
        (0.6, "+0.6"),
        (0.1, "+0.1"),
        (0.0, "0.0"),
    ]
    left, right = (rows(panel) for panel in figures["evidence"].spec["hconcat"])
    assert [r["value"] for r in left] == [1.5, 0.6, 0.1]
    assert [r["value"] for r in right] == [0.9, 0.0, -0.7]
    assert [r["opposite"] for r in right] == [False, False, True] and not any(r["opposite"] for r in left)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.614, "0.61"), (0.0095, "0.01"), (0.0031, "0.003"), (4e-7, "4e-7"), (0.0, "0"), (1.0, "1.00")],
)
def test_probabilities_keep_a_figure(value: float, text: str) -> None:
    assert probability_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1.26, "+1.3"), (-0.7, "\u22120.7"), (-0.04, "0.0"), (0.0, "0.0")]
)
def test_signs_are_written_where_there_is_one(value: float, text: str) -> None:
    assert signed(value) == text


def channels(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5))


def luminance(colour: tuple[float, ...]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_stands_out_from_every_colour(result: MatrixResult) -> None:
    scale = matrix_figure(result).spec["hconcat"][0]["layer"][0]["encoding"]["color"]["scale"]
    domain, colours = scale["domain"], [channels(c) for c in scale["range"]]
    assert domain[0] == 0.0 and domain[-1] == 1.0 and domain[2] == pytest.approx(1 / 3)
    red, _, blue = colours[0]
    assert red > blue, "what was not to be expected is warm"
    row = result.rows[0]
    worst = math.inf
    for k in range(101):
        p = k / 100.0
        cell = row.cells[0].model_copy(update={"per_finding": p, "sensitive": True})
        made = row.model_copy(update={"cells": [cell, *row.cells[1:]]})
        drawn = rows(matrix_figure(result.model_copy(update={"rows": [made]})).spec["hconcat"][0])[0]
        at = next(i for i in range(4) if p <= domain[i + 1])
        part = (p - domain[at]) / (domain[at + 1] - domain[at])
        shade = tuple(a + part * (b - a) for a, b in zip(colours[at], colours[at + 1], strict=True))
        text = (1.0, 1.0, 1.0) if drawn["strong"] else channels(INK)
        light = sorted((luminance(text), luminance(shade)))
        worst = min(worst, (light[1] + 0.05) / (light[0] + 0.05))
    # Between white and ink nothing can do better than about 3.8 on some middle shade.
    assert worst > 3.5


def test_a_pale_cell_has_dark_text(result: MatrixResult) -> None:
    drawn = rows(matrix_figure(result).spec["hconcat"][0])
    assert any(r["per_finding"] < 0.12 and not r["tells"] for r in drawn)
    assert not any(r["strong"] for r in drawn if not r["tells"])


def test_what_was_reported_stands_above_what_is_predicted(
    figures: dict[str, Figure], result: MatrixResult
) -> None:
    down, size = (figures[f"predictions-{s}"].spec["hconcat"][0] for s in ("adami-2018", "yasuhara-2007"))
    texts = [layer["data"]["values"][0] for layer in shown(down, "text")]
    assert [t["text"] for t in texts] == ["▼ lower"]
    none = figures["predictions-gros-2024"].spec["hconcat"][0]
    assert shown(none, "text")[0]["data"]["values"][0]["text"] == "no difference"
    assert not shown(size, "text")
    (diamond,) = [layer for layer in shown(size, "point") if layer["mark"].get("shape") == "diamond"]
    found = result.study("yasuhara-2007").findings[0]
    value = diamond["data"]["values"][0]
    assert value["value"] == pytest.approx(SIZE) and (value["low"], value["high"]) == (found.low, found.high)
    for figure in figures.values():
        if figure.name.startswith("predictions"):
            domain = figure.spec["hconcat"][0]["layer"][-1]["encoding"]["y"]["scale"]["domain"]
            assert domain[0] == "As reported" and domain[-1] == "No effect of movement on any of it"


def test_the_band_is_what_a_study_of_this_size_would_report_so(
    figures: dict[str, Figure], result: MatrixResult
) -> None:
    for study, finding in ((s, f) for s in result.studies for f in s.findings):
        panel = figures[f"predictions-{study.name}"].spec["hconcat"][study.findings.index(finding)]
        (band,) = (layer["data"]["values"][0] for layer in shown(panel, "rect"))
        if finding.direction == "none":
            assert (band["from"], band["to"]) == (finding.none_low, finding.none_high)
        else:
            assert finding.direction == "down" and band["to"] == finding.none_low > band["from"]


def test_predictions_are_those_of_the_sets(figures: dict[str, Figure], result: MatrixResult) -> None:
    for study in result.studies:
        for k, finding in enumerate(study.findings):
            drawn = rows(figures[f"predictions-{study.name}"].spec["hconcat"][k])
            assert len(drawn) == len(ROWS) and {r["finding"] for r in drawn} == {finding.id}
            for one, row in zip(drawn, result.rows, strict=True):
                (p,) = (q for c in row.cells for q in c.predictions if q.finding == finding.id)
                assert (one["value"], one["low"], one["high"]) == (p.ratio, p.low, p.high)
                assert one["unlikely"] == (p.probability < 1 / 3) and one["tells"] == p.sensitive
    assert LOSS in json.dumps(figures["predictions-gros-2024"].spec)


@pytest.mark.parametrize(("count", "names"), [(4, 1), (5, 2), (9, 3)])
def test_many_findings_are_split_and_none_is_lost(result: MatrixResult, count: int, names: int) -> None:
    study = result.study("adami-2018")
    findings = [study.findings[0].model_copy(update={"id": f"adami-2018/f{k}"}) for k in range(count)]
    many = study.model_copy(update={"findings": findings})
    rows_ = []
    for row in result.rows:
        cells = [c for c in row.cells if c.study == "adami-2018"]
        predictions = [cells[0].predictions[0].model_copy(update={"finding": f.id}) for f in findings]
        rows_.append(
            row.model_copy(update={"cells": [cells[0].model_copy(update={"predictions": predictions})]})
        )
    made = prediction_figures(result.model_copy(update={"studies": [many], "rows": rows_}))
    assert [f.name for f in made] == study_figure_names(many) and len(made) == names
    drawn = [r["finding"] for f in made for panel in f.spec["hconcat"] for r in rows(panel)[:1]]
    assert drawn == [f.id for f in findings]
    assert all(sum(p["width"] for p in f.spec["hconcat"]) + 200 <= PAGE_PX + 40 for f in made)


@pytest.mark.parametrize("count", [1, 6, 12])
def test_any_number_of_studies_fits_the_page(result: MatrixResult, count: int) -> None:
    study = result.study("adami-2018")
    studies = [study.model_copy(update={"name": f"s{k}", "source": f"Author {k} 2018"}) for k in range(count)]
    made = []
    for row in result.rows:
        cell = row.cells[0]
        made.append(
            row.model_copy(update={"cells": [cell.model_copy(update={"study": s.name}) for s in studies]})
        )
    figure = matrix_figure(result.model_copy(update={"studies": studies, "rows": made}))
    panels = figure.spec["hconcat"]
    assert len(panels[0]["layer"][0]["encoding"]["x"]["scale"]["domain"]) == count
    assert sum(p["width"] for p in panels) + 2 * 14 + 200 <= PAGE_PX


def test_captions_say_how_to_read_and_what_is_assumed(figures: dict[str, Figure]) -> None:
    caption = figures["matrix"].caption
    for words in ("leave-one-study-out", "per finding", "below 0.05", "by chance", "Assumed", "sensitive"):
        assert words in caption
    assert "leave-one-study-out" in figures["predictions-adami-2018"].caption
    assert "2 do not explain them on their own" in figures["matrix"].spec["description"]
