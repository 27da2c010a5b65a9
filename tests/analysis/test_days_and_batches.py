"""Contrasts across days and strata, batches that lie across groups in any way, and double labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tables import rows_of

import soleus
from soleus.analysis import AnalysisPlan, Finding, analyse, lint
from soleus.errors import InputError
from soleus.observations import Observations

YOUNG = {"CON14": [120, 140, 110, 133], "HLU14": [70, 60, 90, 81]}
OLD = {"CON28": [130, 141, 115, 128], "HLU28": [50, 66, 40, 58]}


def two_days() -> Observations:
    return Observations(
        pd.concat([rows_of(YOUNG, day=14.0, unit_level="animal"), rows_of(OLD, unit_level="animal")])
    )


def test_groups_of_different_days_are_compared_as_independent_animals() -> None:
    plan = AnalysisPlan("CON14", contrasts=(("HLU28", "HLU14"), ("HLU28", "CON28")), seed=1)
    found = {row.contrast: row for row in analyse(two_days(), plan).comparisons}
    assert list(found) == ["HLU28 / CON28", "HLU28 / HLU14"] and len(found) == 2
    across = found["HLU28 / HLU14"]
    t = stats.ttest_ind(np.log(OLD["HLU28"]), np.log(YOUNG["HLU14"]), equal_var=False)
    assert across.effect is not None and across.effect.p_value == pytest.approx(t.pvalue, rel=1e-9)
    assert across.day is None and "days 14 and 28" in str(across.effect.note)
    within = found["HLU28 / CON28"]
    assert within.day == 28.0 and within.effect is not None and "days" not in str(within.effect.note)


def test_no_contrast_of_one_day_is_told_twice() -> None:
    plan = AnalysisPlan("CON14", contrasts=(("HLU28", "CON28", "HLU14", "CON14"), ("HLU14", "CON14")), seed=1)
    rows = analyse(two_days(), plan).comparisons
    assert [row.day for row in rows] == [14.0, None]
    assert rows[1].effect is not None
    logs = {g: np.log(v) for g, v in {**YOUNG, **OLD}.items()}
    se = np.sqrt(sum(v.var(ddof=1) / len(v) for v in logs.values()))
    assert rows[1].effect.se == pytest.approx(se, rel=1e-9)


@pytest.mark.parametrize("name", ["dorsal", "HLU, dorsal", "HLU dorsal"])
def test_a_region_in_a_contrast_is_refused_with_what_to_do(name: str) -> None:
    frames = [
        rows_of({"HLU": [4, 6, 5], "CON": [9, 8, 7]}, niche=niche, unit_level="animal")
        for niche in ("dorsal", "ventral")
    ]
    plan = AnalysisPlan("CON", contrasts=((name, "CON"),), seed=1)
    with pytest.raises(InputError, match=r"names a niche.*--paired"):
        analyse(Observations(pd.concat(frames)), plan)


def batched(batches: str, **more: Any) -> tuple[Finding, ...]:
    """Six control and six treated animals, one letter a batch; "-" for none in the table."""
    rng = np.random.default_rng(2)
    frame = rows_of({"c": rng.poisson(90, 6).tolist(), "t": rng.poisson(60, 6).tolist()}, unit_level="animal")
    frame["block:batch"] = [None if b == "-" else b for b in batches]
    observations, plan = Observations(frame), AnalysisPlan("c", seed=1, **more)
    return lint(observations, plan, analysis=analyse(observations, plan))


@pytest.mark.parametrize(
    ("batches", "code", "words"),
    [
        ("aabbccaabbcc", "batch-not-used", "with it as a block"),
        ("aabbbbbbcccc", "batch-not-used", "6 of 12 animals are in a batch with one group only"),
        ("aabb-baabbb-", "batch-not-used", "2 of 12 animals have no batch"),
        ("aabbccddeeff", "batch-as-unit", "every batch has one group"),
        ("aaaaaabbccdd", "batch-confounded", "cannot be told apart"),
        ("abcdefghaijk", "batch-not-used", "10 of 12 animals are in a batch with one group only"),
    ],
)
def test_a_batch_is_named_whatever_its_design(batches: str, code: str, words: str) -> None:
    found = {one.code: one.consequence for one in batched(batches)}
    assert words in found.get(code, ""), found
    assert sum(name.startswith("batch") for name in found) == 1, found


def test_a_batch_that_is_used_is_in_the_words_of_the_method() -> None:
    assert not [one for one in batched("aabbccaabbcc", blocks=("batch",)) if one.code.startswith("batch")]
    assert not [one for one in batched("aabbccaabbcc", cluster="batch") if one.code.startswith("batch")]


BRDU = """Mouse,Group,BrdU,BrdU/DCX{area}
m1,control,120,80{a}
m2,control,140,95{b}
m3,control,110,70{a}
m4,control,150,99{b}
m5,unloaded,70,30{a}
m6,unloaded,60,28{b}
m7,unloaded,90,35{a}
m8,unloaded,80,33{b}
"""


@pytest.mark.parametrize("area", [True, False])
def test_double_labels_are_shares_of_the_first_and_net_cells_beside(tmp_path: Path, area: bool) -> None:
    given = {"area": ",Area_mm2", "a": ",1.2", "b": ",1.5"} if area else dict.fromkeys(("area", "a", "b"), "")
    file = tmp_path / "brdu.csv"
    file.write_text(BRDU.format(**given))
    rows = {row.readout: row for row in soleus.analyse(file, seed=1, keep=False).comparisons}
    assert list(rows) == ["BrdU", "BrdU/DCX", "BrdU/DCX, net cells"]
    share, net = rows["BrdU/DCX"], rows["BrdU/DCX, net cells"]
    assert share.effect is not None and share.effect.scale == "odds ratio" and share.shown_in == "share"
    odds = [(a / (b - a)) for a, b in ((126, 300), (344, 520))]
    assert share.effect.estimate == pytest.approx(odds[0] / odds[1])
    assert net.effect is not None and net.effect.scale == "ratio"
    assert net.shown_in == ("cells/mm2" if area else "cells")
    sizes = np.array([1.2, 1.5] * 2) if area else np.ones(4)
    logs = [np.log(np.array(v) / sizes).mean() for v in ((30, 28, 35, 33), (80, 95, 70, 99))]
    assert np.log(net.effect.estimate) == pytest.approx(logs[0] - logs[1])


def test_both_factors_need_no_control(tmp_path: Path) -> None:
    lines = ["Mouse,Group,Sex,Ki67"]
    rng = np.random.default_rng(3)
    for k, (diet, sex) in enumerate((d, s) for d in ("diet A", "diet B") for s in "MMMFFF"):
        lines.append(f"m{k},{diet},{sex},{rng.poisson(90)}")
    file = tmp_path / "sex.csv"
    file.write_text("\n".join(lines) + "\n")
    found = soleus.analyse(file, factorial=True, seed=1, keep=False)
    assert [row.contrast for row in found.comparisons] == [
        "Group: diet B / diet A", "Sex: F / M", "Group x Sex",
    ]  # fmt: skip
    assert found.reading is not None and "which way round" in found.reading.control_reason
