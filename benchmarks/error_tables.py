"""The tables of ``docs/error-rates.md``, from ``error_rates.json``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.table import markdown

__all__ = ["coverage_range", "render", "tables"]

Row = Mapping[str, Any]
_TRUE_NULL = 1.0


def render(page: str, results: Mapping[str, Any]) -> str:
    """Return the page with the text between each pair of markers made anew.

    Raises
    ------
    ValueError
        A table for which the page has no markers.
    """
    for name, text in tables(results).items():
        pattern = re.compile(rf"(<!-- begin: {name} -->\n).*?(<!-- end: {name} -->)", re.DOTALL)
        if not pattern.search(page):
            raise ValueError(f"the page has no markers '<!-- begin: {name} -->' and '<!-- end: {name} -->'")
        page = pattern.sub(lambda found, text=text: f"{found[1]}{text}\n{found[2]}", page)  # type: ignore[misc]
    return page


def tables(results: Mapping[str, Any]) -> dict[str, str]:
    """Return marker to table, for the parts that the results have."""
    parts: Mapping[str, list[Row]] = results["parts"]
    out = {}
    if "counts" in parts:
        out["headline"] = _headline(parts["counts"])
        for mean in (40.0, 4.0):
            out[f"counts-{mean:g}"] = _grid([row for row in parts["counts"] if row["mean"] == mean])
    if "sparse" in parts:
        out["sparse-headline"] = _sparse_headline(parts["sparse"])
        out["counts-sparse"] = _grid(parts["sparse"])
    models = [row for name in sorted(parts) if name.startswith("model-") for row in parts[name]]
    if models:
        out["models"] = _listing(models)
    if "proportions" in parts:
        out["proportions"] = _grid(parts["proportions"])
    if "beta-binomial" in parts:
        out["beta-binomial"] = _listing(parts["beta-binomial"])
    if "shares" in parts:
        out["shares-headline"] = _shares_headline(parts["shares"])
        out["shares"] = _shares(parts["shares"])
    if "designs" in parts:
        rows = [(r["method"], _rate(r, "rejection"), f"{r['replicates']:,}") for r in parts["designs"]]
        out["designs"] = markdown(("false answer", "how often, %", "studies"), rows)
    return out


def coverage_range(rows: Iterable[Row], method: str) -> tuple[float, float]:
    """Return the smallest and largest coverage of a method over all cells."""
    found = [row["coverage"] for row in rows if row["method"] == method]
    return min(found), max(found)


def _headline(rows: list[Row]) -> str:
    low, high = coverage_range(rows, "default")
    null = [row["rejection"] for row in rows if row["method"] == "default" and row["ratio"] == _TRUE_NULL]
    error = max(row["coverage_error"] for row in rows if row["method"] == "default")
    cells = sum(row["method"] == "default" for row in rows)
    return (
        f"Over {cells} cells of {rows[0]['replicates']:,} studies each, the default's 95 % interval held the"
        f" true ratio in {100 * low:.1f} to {100 * high:.1f} % of studies (Monte-Carlo error at most"
        f" {100 * error:.2f}); it rejected a true null in {100 * min(null):.1f} to {100 * max(null):.1f} %."
    )


def _sparse_headline(rows: list[Row]) -> str:
    low, high = coverage_range(rows, "default")
    silent = max(row["undetermined"] for row in rows if row["method"] == "default")
    alone = max(row["undetermined"] for row in rows if row["method"] == "Welch on logs alone")
    return (
        f"The default's 95 % interval held the true ratio in {100 * low:.1f} to {100 * high:.1f} % of studies"
        f" that had an answer; at most {100 * silent:.1f} % had none (a group without any cell); logs alone"
        f" leave up to {100 * alone:.0f} % without one."
    )


def _shares_headline(rows: list[Row]) -> str:
    said = []
    for method in dict.fromkeys(row["method"] for row in rows):
        null = [r["rejection"] for r in rows if r["method"] == method and r["ratio"] == _TRUE_NULL]
        low, high = coverage_range(rows, method)
        said.append(
            f"{method}: a true null rejected in {100 * min(null):.1f} to {100 * max(null):.1f} %, coverage"
            f" {100 * low:.1f} to {100 * high:.1f} %"
        )
    return "; ".join(said) + "."


def _shares(rows: list[Row]) -> str:
    """One line for each range of cells, share and size; one column for each method and ratio."""
    methods = list(dict.fromkeys(row["method"] for row in rows))
    short = [name.partition(" (")[0].partition(",")[0].removeprefix("Welch on ") for name in methods]
    effect = next(row["ratio"] for row in rows if row["ratio"] != _TRUE_NULL)
    head = ("cells an animal", "share", "animals", *(f"null, {s}, %" for s in short),
            *(f"found at {effect:g}, {s}, %" for s in short),
            *("coverage, default, %", "no answer, default, %"))  # fmt: skip
    lines: dict[tuple[str, ...], dict[tuple[str, float], Row]] = {}
    for row in rows:
        key: tuple[str, ...] = (f"{row['trials'][0]} to {row['trials'][1]}", f"{row['share']:g}", _size(row))
        lines.setdefault(key, {})[row["method"], row["ratio"]] = row
    body = []
    for key, cells in lines.items():
        default = cells[methods[0], effect]
        body.append(
            (
                *key,
                *(_rate(cells[name, _TRUE_NULL], "rejection") for name in methods),
                *(_rate(cells[name, effect], "rejection") for name in methods),
                _rate(default, "coverage"), _rate(default, "undetermined"),
            )
        )  # fmt: skip
    return markdown(head, body)


def _grid(rows: list[Row]) -> str:
    """One line for each method and size: rejections of the null, coverage and power at each true ratio."""
    ratios = sorted({row["ratio"] for row in rows}, reverse=True)
    effects = [ratio for ratio in ratios if ratio != _TRUE_NULL]
    head = (
        *("analysis", "animals", "true null rejected, %"),
        *(f"coverage at {ratio:g}, %" for ratio in ratios),
        *(f"found at {ratio:g}, %" for ratio in effects),
    )
    by: dict[tuple[str, str], dict[float, Row]] = {}
    for row in rows:
        name = f"WRONG: {row['method']}" if row.get("wrong") else row["method"]
        by.setdefault((name, _size(row)), {})[row["ratio"]] = row
    body = []
    for (name, size), cells in by.items():
        body.append(
            (
                *(name, size, _rate(cells[_TRUE_NULL], "rejection")),
                *(_rate(cells[ratio], "coverage") for ratio in ratios),
                *(_rate(cells[ratio], "rejection") for ratio in effects),
            )
        )
    order = {name: k for k, name in enumerate(dict.fromkeys(line[0] for line in body))}
    return markdown(head, sorted(body, key=lambda line: order[line[0]]))


def _listing(rows: list[Row]) -> str:
    """One line for each method and cell, with its Monte-Carlo error, since the studies are fewer."""
    mean = any(row["mean"] for row in rows)
    head = ["analysis", "animals", "true ratio", "rejected, %", "coverage, %", "studies"]
    body = []
    for row in sorted(rows, key=lambda r: (r["method"], r["ratio"] != _TRUE_NULL)):
        line = [row["method"], _size(row), f"{row['ratio']:g}"]
        line += [_with_error(row, "rejection"), _with_error(row, "coverage"), f"{row['replicates']:,}"]
        if mean:
            line.insert(2, f"{row['mean']:g}")
        body.append(line)
    if mean:
        head.insert(2, "cells a section")
    return markdown(head, body)


def _size(row: Row) -> str:
    return f"{row['n'][0]} : {row['n'][1]}"


def _rate(row: Row, name: str) -> str:
    return f"{100 * row[name]:.1f}" if name in row else "-"


def _with_error(row: Row, name: str) -> str:
    return f"{100 * row[name]:.1f} ± {100 * row[f'{name}_error']:.1f}"
