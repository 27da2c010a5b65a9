"""The R script of a report: complete, harmless with hostile names, and in R it prints the same numbers."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "analysis"))

from test_r_oracles import SETS, plan, table

from soleus.analysis import AnalysisPlan, analyse
from soleus.observations import Observations
from soleus.report.rscript import r_script
from soleus.results.analysis import analysis_result
from soleus.schema.analysis import AnalysisResult, AnalysisSource

SOURCE = AnalysisSource(file="t.csv", sha256="0" * 64, format="CSV", rows=1, excluded=0, notes=[])
RSCRIPT = shutil.which("Rscript")
NUMBER = r"(-?[0-9.eE+-]+)"
LINE = re.compile(rf"^(.*): {NUMBER} \({NUMBER} to {NUMBER}\), p = {NUMBER}$")


def result_of(observations: Observations, declared: AnalysisPlan) -> AnalysisResult:
    return analysis_result(observations, analyse(observations, declared), source=SOURCE)


def own(**changes: object) -> Observations:
    """Counts with exposures, some of them 0, and shares, of 3 groups, in batches."""
    rng = np.random.default_rng(8)
    rows = []
    for k in range(18):
        group = ("ctrl", "low", "high")[k % 3]
        size = float(rng.integers(20, 200))
        mean = {"ctrl": 6.0, "low": 4.0, "high": 2.0}[group]
        for readout, value, more in (
            ("cells", rng.poisson(mean), {"exposure": size / 100, "exposure_unit": "mm2"}),
            ("marked", rng.binomial(int(size), mean / 20), {"denominator": size}),
            ("none", rng.poisson(mean) if group != "high" else 0, {}),
        ):
            rows.append({"animal": f"a{k}", "group": group, "readout": readout, "value": float(value),
                         "block:batch": "xyz"[k // 6], "cage": f"c{k // 2}", **more})  # fmt: skip
    frame = pd.DataFrame(rows).assign(
        study="s",
        day=0.0,
        assay="a",
        unit_level="animal",
        value_kind="count",
        unit="cells",
        source="virtual:x",
    )
    return Observations(frame.assign(**changes))


OWN = {
    "zeros, shares and an empty group": AnalysisPlan("ctrl", seed=1, correction="none", unit="animal"),
    "batches as blocks": AnalysisPlan("ctrl", seed=1, correction="none", blocks=("batch",), unit="animal"),
    "Dunnett of totals": AnalysisPlan("ctrl", seed=1, correction="dunnett", unit="animal"),
    "Dunnett beside": AnalysisPlan("ctrl", seed=1, unit="animal"),
}


def in_r(script: str, folder: Path) -> list[tuple[float, ...]]:
    (folder / "analysis.R").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [str(RSCRIPT), "--vanilla", "analysis.R"], cwd=folder, text=True, capture_output=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = [LINE.match(line) for line in done.stdout.splitlines()]
    return [tuple(float(x) for x in one.groups()[1:]) for one in found if one]


def wanted(result: AnalysisResult) -> list[tuple[float, ...]]:
    found = []
    for one in result.comparisons:
        if one.effect is None:
            continue
        found.append((one.effect.estimate, one.effect.low, one.effect.high, one.effect.p_value))
        if one.low_adjusted is not None and ":" not in one.effect.key:
            found.append((one.effect.estimate, one.low_adjusted, one.high_adjusted, one.p_adjusted))
    return found


@pytest.mark.skipif(RSCRIPT is None, reason="R is not here; the scripts were run in R 4.2")
@pytest.mark.parametrize("name", [*SETS, *OWN])
def test_r_prints_the_same_numbers(name: str, tmp_path: Path) -> None:
    made = result_of(own(), OWN[name]) if name in OWN else result_of(table(SETS[name]), plan(SETS[name]))
    script = r_script(made)
    if "lmerTest" in script.partition("d <- data.frame")[2] or "<- mixed(" in script:
        known = subprocess.run([str(RSCRIPT), "-e", "library(lmerTest)"], capture_output=True)
        if known.returncode:
            pytest.skip("lmerTest is not here")
    printed, expected = in_r(script, tmp_path), wanted(made)
    assert len(printed) == len(expected) > 0
    for theirs, mine in zip(printed, expected, strict=True):
        assert theirs[:3] == pytest.approx(mine[:3], rel=2e-4, abs=1e-9)
        assert theirs[3] == pytest.approx(mine[3], rel=2e-3, abs=1e-6)


def test_every_comparison_is_in_it_and_hostile_names_stay_text() -> None:
    observations = own()
    evil = 'x"); system("touch evil"); c("'
    frame = observations.frame.assign(
        group=observations.frame["group"].replace({"low": evil, "high": "a`b\\c"})
    )
    made = result_of(Observations(frame), AnalysisPlan("ctrl", seed=1, unit="animal"))
    script = r_script(made)
    assert script.count("# soleus: ") == sum(c.effect is not None for c in made.comparisons)
    # Within text or backticks the quotes are escaped, so that nothing of a name is ever a call.
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|#[^\n]*', "", script)
    assert "touch" not in bare and "system" not in bare
    assert 'x\\"); system(' in script
