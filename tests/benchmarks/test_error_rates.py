"""Error rates: the stored figures hold what is claimed, the page shows them, and they can be made again."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from benchmarks.error_cases import ANALYSES, WRONG, rates
from benchmarks.error_designs import DESIGNS, run_design
from benchmarks.error_rates import MEANS, PAGE, PARTS, RATIOS, SIZES, STORE, main, run_part
from benchmarks.error_tables import coverage_range, render

from soleus.analysis.contrasts import Estimates, totals_robust, welch
from soleus.planning.batch import CountCell, analyse_shares, draw_counts, draw_shares

STORED = json.loads(STORE.read_text(encoding="utf-8"))
COUNTS = STORED["parts"]["counts"]


def test_every_part_is_stored_with_at_least_ten_thousand_studies_a_cell() -> None:
    assert set(STORED["parts"]) == set(PARTS)
    assert len(COUNTS) == len(SIZES) * len(MEANS) * len(RATIOS) * (len(ANALYSES) + len(WRONG))
    fast = COUNTS + STORED["parts"]["sparse"] + STORED["parts"]["shares"] + STORED["parts"]["proportions"]
    assert all(row["replicates"] >= 20_000 for row in fast)
    assert all(row["replicates"] >= 2000 for row in STORED["parts"]["designs"])
    assert {row["n"][0] for row in COUNTS} >= {3, 5, 8} and [3, 6] in [row["n"] for row in COUNTS]


def test_the_default_covers_as_it_says() -> None:
    low, high = coverage_range(COUNTS, "default")
    assert 0.93 <= low <= high <= 0.97
    null = [row["rejection"] for row in COUNTS if row["method"] == "default" and row["ratio"] == 1.0]
    assert 0.03 <= min(null) <= max(null) <= 0.055


def test_shares_keep_their_rate_where_one_factor_does_not() -> None:
    shares = STORED["parts"]["shares"]
    null: dict[str, list[float]] = {}
    for row in shares:
        if row["ratio"] == 1.0:
            null.setdefault(row["method"], []).append(row["rejection"])
    assert 0.02 <= min(null["default (totals, robust)"]) <= max(null["default (totals, robust)"]) <= 0.065
    assert max(null["quasi-binomial, one factor"]) > 0.13


def test_sparse_counts_are_answered_cautiously() -> None:
    """Where animals without cells are common logs alone go wrong, and the default does not."""
    sparse = STORED["parts"]["sparse"]
    low, high = coverage_range(sparse, "default")
    assert 0.945 <= low <= high <= 0.99
    assert coverage_range(sparse, "Welch on logs alone")[0] < 0.85
    assert max(row["undetermined"] for row in sparse if row["method"] == "default") < 0.05


def test_the_wrong_analyses_are_wrong() -> None:
    for method, least in zip(WRONG, (0.15, 0.3, 0.08), strict=True):
        null = [row["rejection"] for row in COUNTS if row["method"] == method and row["ratio"] == 1.0]
        assert min(null) > least, method


def test_designs_keep_their_rate() -> None:
    for row in STORED["parts"]["designs"]:
        if row["method"].startswith("WRONG"):
            assert row["rejection"] > 0.1
        else:
            # Two are above; the analysis and the page say so.
            few = "a third of 9 litters" in row["method"] or "4, 5, 6" in row["method"]
            assert row["rejection"] < (0.08 if few else 0.06), row


def test_the_page_shows_what_is_stored() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert render(page, STORED) == page
    assert page.count("WRONG: ") >= len(WRONG) * len(SIZES) * len(MEANS)


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="no markers '<!-- begin: headline -->'"):
        render("# nothing", STORED)


def test_figures_come_out_again() -> None:
    """2,000 fresh studies of one cell: within 4 standard errors of the stored figures, either way."""
    cell = CountCell(5, 5, 40.0, 0.7)
    study = draw_counts(cell, 2000, np.random.default_rng(99))
    for name, analyse in {**ANALYSES, **WRONG}.items():
        truth = 40.0 * (0.7 - 1.0) if name == "t test on sections" else math.log(0.7)
        found = rates(analyse(study), truth)
        (row,) = (
            r for r in COUNTS if (r["method"], r["n"], r["mean"], r["ratio"]) == (name, [5, 5], 40.0, 0.7)
        )
        for what in ("rejection", "coverage"):
            error = math.hypot(found[f"{what}_error"], row[f"{what}_error"])
            assert abs(found[what] - row[what]) < 4 * error, (name, what)


def test_many_studies_give_what_the_package_gives_for_one() -> None:
    study = draw_counts(CountCell(3, 5, 1.0, 0.3), 60, np.random.default_rng(1))
    together = ANALYSES["default"](study)
    for k, (one, other) in enumerate(zip(*study.totals, strict=True)):
        if not one.any() or not other.any():
            continue
        zero = not (one > 0).all() or not (other > 0).all()
        if zero:
            single = totals_robust([one, other], [np.ones(3), np.ones(5)], (1.0, -1.0), shares=False)
        else:
            single = welch([np.log(one), np.log(other)], (1.0, -1.0))
        assert float(together.p_value[k]) == pytest.approx(float(single.p_value), rel=1e-9)


def test_wald_of_negative_binomial_totals_is_statsmodels() -> None:
    import statsmodels.api as sm

    study = draw_counts(CountCell(5, 5, 40.0, 0.7), 3, np.random.default_rng(2))
    found = WRONG["negative-binomial GLM on totals, Wald"](study)
    x = sm.add_constant(np.repeat([1.0, 0.0], 5))
    for k in range(3):
        y = np.concatenate([part[k] for part in study.totals])
        fit = sm.NegativeBinomial(y, x).fit(disp=0, method="bfgs", maxiter=500, gtol=1e-8)
        family = sm.families.NegativeBinomial(alpha=fit.params[-1])
        oracle = sm.GLM(y, x, family=family).fit(tol=1e-12)
        assert found.estimate[k] == pytest.approx(oracle.params[1], rel=1e-5)
        assert found.se[k] == pytest.approx(oracle.bse[1], rel=1e-3)


def test_rates_are_counted() -> None:
    found = rates(
        Estimates(np.array([0.0, 1.0, 5.0, np.nan]), np.array([1.0, 1.0, 1.0, 1.0]), np.full(4, 1e9)), 0.0
    )
    assert found["rejection"] == pytest.approx(1 / 3)
    assert found["coverage"] == pytest.approx(2 / 3)
    assert found["undetermined"] == 0.25
    assert rates(Estimates(*(np.full(2, np.nan),) * 3), 0.0) == {"undetermined": 1.0}


def test_simulated_studies_have_the_stated_means_and_spread() -> None:
    study = draw_counts(CountCell(4, 4, 40.0, 0.5), 20_000, np.random.default_rng(3))
    assert study.control.mean() == pytest.approx(40.0, rel=0.01)
    assert study.treated.mean() == pytest.approx(20.0, rel=0.01)
    # CV^2 of a section: animals 0.09, sections 1/8 within them, Poisson 1/40.
    expected = 0.09 + 1.09 / 8 + 1 / 40
    assert study.control.var() / 1600 == pytest.approx(expected, rel=0.03)
    shares = draw_shares(
        (3, 3),
        20_000,
        share=0.3,
        odds_ratio=1.0,
        trials=(150, 150),
        precision=30.0,
        rng=np.random.default_rng(4),
    )
    assert np.mean([part.mean() for part in shares.marked]) == pytest.approx(45.0, rel=0.01)
    assert rates(analyse_shares(shares), 0.0)["rejection"] == pytest.approx(0.036, abs=0.008)


@pytest.mark.parametrize("name", DESIGNS)
def test_designs_run(name: str) -> None:
    assert 0.0 <= run_design(name, 40, np.random.default_rng(5))["rejection"] <= 0.5


def test_the_command_merges_and_renders(tmp_path) -> None:
    store, page = tmp_path / "rates.json", tmp_path / "page.md"
    page.write_text("<!-- begin: designs -->\n<!-- end: designs -->\n", encoding="utf-8")
    arguments = ["--part", "designs", "--replicates", "30", "--store", str(store), "--page", str(page)]
    assert main(arguments) == 0
    assert page.read_text().count("|") > 30
    assert len(json.loads(store.read_text())["parts"]["designs"]) == len(DESIGNS)
    with pytest.raises(ValueError, match="unknown part 'x'; parts: counts"):
        run_part("x")
