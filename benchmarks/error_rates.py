"""How often the analyses are wrong: rejections of a true null, and coverage of 95 % intervals.

``python -m benchmarks.error_rates`` simulates every cell (about half an hour on one core, nearly all of it
the parametric bootstraps; ``--part counts`` takes one minute), merges the figures into
``benchmarks/error_rates.json`` and renders the tables of ``docs/error-rates.md`` between their markers.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.error_cases import ANALYSES, OF_SHARES, WRONG, rates, simulated_models
from benchmarks.error_designs import DESIGNS, run_design
from benchmarks.error_tables import render
from benchmarks.workers import ROOT
from soleus.planning.batch import CountCell, Shares, analyse_shares, draw_counts, draw_shares
from soleus.provenance import versions

__all__ = ["PARTS", "main", "run_part"]

STORE = ROOT / "benchmarks" / "error_rates.json"
PAGE = ROOT / "docs" / "error-rates.md"
SIZES = ((3, 3), (5, 5), (8, 8), (3, 6), (6, 3))
RATIOS = (1.0, 0.7, 0.3)
MEANS = (40.0, 4.0)
SPARSE = (0.5,)
REPLICATES = 20_000
_SEED = 20261123
_MODEL_STUDIES, _DRAWS = 500, 199
_MODEL_CELLS = tuple(
    CountCell(*size, mean, ratio)
    for size, mean, ratio in (
        ((3, 3), 40.0, 1.0),
        ((5, 5), 40.0, 1.0),
        ((3, 6), 40.0, 1.0),
        ((3, 3), 4.0, 1.0),
        ((5, 5), 4.0, 1.0),
        ((5, 5), 40.0, 0.3),
    )
)


def _rng(*key: object) -> np.random.Generator:
    """Return a stream of its own for each cell, so that a part gives the same figures run alone."""
    return np.random.default_rng(np.random.SeedSequence(_SEED, spawn_key=(zlib.crc32(repr(key).encode()),)))


def _counts(replicates: int, means: Sequence[float] = MEANS) -> list[dict[str, Any]]:
    out = []
    for size in SIZES:
        for mean in means:
            for ratio in RATIOS:
                cell = CountCell(*size, mean, ratio)
                study = draw_counts(cell, replicates, _rng("counts", cell))
                for name, analyse in {**ANALYSES, **WRONG}.items():
                    truth = mean * (ratio - 1.0) if name == "t test on sections" else math.log(ratio)
                    found = rates(analyse(study), truth)
                    out.append(_row(name, size, mean, ratio, replicates) | found | {"wrong": name in WRONG})
    return out


def _plain_shares(size: tuple[int, int], ratio: float, studies: int, rng: np.random.Generator) -> Shares:
    return draw_shares(size, studies, share=0.3, odds_ratio=ratio, trials=(150, 150), precision=30.0, rng=rng)


def _proportions(replicates: int) -> list[dict[str, Any]]:
    out = []
    for size in SIZES:
        for ratio in RATIOS:
            rng = _rng("proportions", size, ratio)
            found = rates(analyse_shares(_plain_shares(size, ratio, replicates, rng)), math.log(ratio))
            out.append(_row("default (totals, robust)", size, None, ratio, replicates) | found)
    return out


def _beta_binomial(replicates: int) -> list[dict[str, Any]]:
    out = []
    for size in ((3, 3), (5, 5), (3, 6)):
        for ratio in (1.0, 0.3):
            rng = _rng("beta-binomial", size, ratio)
            studies = max(2, replicates // 20)
            data = np.concatenate(_plain_shares(size, ratio, studies, rng).marked, axis=1)
            found_all = simulated_models(size, math.log(ratio), data, draws=_DRAWS, rng=rng)
            for reference, shares in found_all.items():
                out.append(_row(f"beta-binomial, {reference}", size, None, ratio, studies) | shares)
    return out


def _shares(replicates: int) -> list[dict[str, Any]]:
    """Shares with few to many cells an animal: the default beside what it replaced and what else is used."""
    out = []
    for trials in ((5, 500), (50, 500), (20, 200)):
        for share in (0.03, 0.1, 0.3):
            for size in ((4, 4), (6, 6), (8, 8), (4, 8)):
                for ratio in (1.0, 0.4):
                    rng = _rng("shares", trials, share, size, ratio)
                    drawn = draw_shares(
                        size,
                        replicates,
                        share=share,
                        odds_ratio=ratio,
                        trials=trials,
                        precision=19.0,
                        rng=rng,
                    )
                    for name, analyse in OF_SHARES.items():
                        found = rates(analyse(drawn), math.log(ratio))
                        row = _row(name, size, None, ratio, replicates) | found
                        out.append(row | {"trials": list(trials), "share": share})
    return out


def _designs(replicates: int, text: str = "") -> list[dict[str, Any]]:
    out = []
    for name in (name for name in DESIGNS if text in name):
        out.append({"method": name} | run_design(name, replicates, _rng(name)))
    return out


def _model(cell: CountCell, replicates: int) -> list[dict[str, Any]]:
    studies = max(2, min(_MODEL_STUDIES, replicates))
    rng = _rng("mixed", cell)
    study = draw_counts(cell, studies, rng)
    data = np.concatenate([study.treated, study.control], axis=1)
    size = (cell.treated, cell.control)
    found = simulated_models(size, math.log(cell.ratio), data, draws=_DRAWS, rng=rng)
    return [
        _row(f"negative-binomial mixed model, {name}", size, cell.mean, cell.ratio, studies) | shares
        for name, shares in found.items()
    ]


def _row(
    method: str, size: tuple[int, int], mean: float | None, ratio: float, replicates: int
) -> dict[str, Any]:
    return {"method": method, "n": list(size), "mean": mean, "ratio": ratio, "replicates": replicates}


PARTS = (
    "counts",
    "sparse",
    "proportions",
    "beta-binomial",
    "shares",
    "designs",
    *(f"model-{k}" for k in range(len(_MODEL_CELLS))),
)


def run_part(part: str, replicates: int = REPLICATES) -> list[dict[str, Any]]:
    """Return the rows of one part.

    Raises
    ------
    ValueError
        No such part.
    """
    simple = {
        "counts": _counts,
        "sparse": lambda n: _counts(n, SPARSE),
        "proportions": _proportions,
        "beta-binomial": _beta_binomial,
        "shares": _shares,
        "designs": _designs,
    }
    if part in simple:
        return simple[part](replicates)
    if part in PARTS:
        return _model(_MODEL_CELLS[int(part.removeprefix("model-"))], replicates)
    raise ValueError(f"unknown part {part!r}; parts: {', '.join(PARTS)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts, merge their rows into the store, render the page and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.error_rates", description=__doc__)
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part; may be repeated")
    parser.add_argument("--design", help="of the part designs only those whose name holds this text")
    parser.add_argument("--replicates", type=int, default=REPLICATES, help="simulated studies a cell")
    parser.add_argument("--store", type=Path, default=STORE, help="file to merge the figures into")
    parser.add_argument("--page", type=Path, default=PAGE, help="page to render")
    parser.add_argument("--render", action="store_true", help="render the page from the store, run nothing")
    options = parser.parse_args(arguments)
    known = json.loads(options.store.read_text(encoding="utf-8")) if options.store.is_file() else {}
    results: dict[str, Any] = known or {"parts": {}}
    for part in () if options.render else (options.part or PARTS):
        if part == "designs" and options.design is not None:
            fresh = {row["method"]: row for row in _designs(options.replicates, options.design)}
            old = {row["method"]: row for row in results["parts"].get(part, [])}
            results["parts"][part] = [r for name in DESIGNS if (r := fresh.get(name, old.get(name)))]
        else:
            results["parts"][part] = run_part(part, options.replicates)
        results["environment"], results["seed"] = versions(), _SEED
        options.store.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        sys.stdout.write(f"{part}: {len(results['parts'][part])} rows\n")
    if options.page.is_file():
        options.page.write_text(render(options.page.read_text(encoding="utf-8"), results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
