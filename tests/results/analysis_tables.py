"""A small table of real-looking counts, and its analysis, shared by tests."""

from __future__ import annotations

import pandas as pd

from soleus.analysis.declaration import AnalysisPlan
from soleus.analysis.plan import analyse
from soleus.observations import Observations
from soleus.results.analysis import analysis_result
from soleus.schema.analysis import AnalysisResult, AnalysisSource

SOURCE = AnalysisSource(file="counts.csv", sha256="0" * 64, format="CSV", rows=30, excluded=1, notes=[])


def table(**changes) -> Observations:
    """Return counts of two sections of five control and four unloaded animals, and their body mass."""
    rows = []
    for number in range(9):
        group = "control" if number < 5 else "unloaded"
        mean = 40 + 3 * number if group == "control" else 18 + 2 * number
        for section in range(2):
            rows.append(
                {"animal": f"m{number}", "group": group, "readout": "Ki67", "unit_level": "section",
                 "unit_id": f"s{section}", "section": f"s{section}", "value": mean + 2 * section,
                 "value_kind": "count", "unit": "cells", "exposure": 0.5 + 0.25 * section,
                 "exposure_unit": "mm2"}
            )  # fmt: skip
        rows.append(
            {"animal": f"m{number}", "group": group, "readout": "mass", "unit_level": "animal",
             "value": 25.0 + number / 10, "value_kind": "mass", "unit": "g"}
        )  # fmt: skip
    frame = pd.DataFrame(rows).assign(
        study="s", day=28.0, niche="svz", assay="count", sex="male", strain="C57BL/6",
        source="file:" + "0" * 64, excluded=False, exclusion_reason=None, blinded=True,
    )  # fmt: skip
    for name, values in changes.items():
        frame[name] = values
    return Observations(frame)


PLAN = AnalysisPlan("control", margins={"mass": 1.2}, families={"main": ("Ki67",)}, seed=1)


def result(observations: Observations | None = None, plan: AnalysisPlan = PLAN, **more) -> AnalysisResult:
    here = table() if observations is None else observations
    return analysis_result(here, analyse(here, plan), source=SOURCE, **more)
