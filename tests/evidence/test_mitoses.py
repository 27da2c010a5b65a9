"""The labelled-mitosis curve of the closed form is that of a crossed process."""

from __future__ import annotations

import numpy as np
import pytest

from soleus.assays.thymidine import labelled_mitoses
from soleus.engines import Start, mean_cells, stable_growth
from soleus.lineage import Label, Window, compile_lineage, cross, cycling_lineage, embed
from soleus.movement import Modifiers

STAGES = 60
IN_MITOSIS = 6  # the last stages of G2M
HOURS = np.array([1.0, 3.0, 5.0, 8.0, 11.0, 14.0, 18.0, 22.0, 26.0])


def simulated(g1: float, s: float, g2m: float) -> np.ndarray:
    """Return the labelled share of mitoses at hours after a pulse of an instant, in a growing culture."""
    phases = (g1 / 24.0, s / 24.0, g2m / 24.0)
    process = compile_lineage(cycling_lineage(phase_days=phases, stages=(STAGES,) * 3))
    start = stable_growth(process, 1e4, role_values=np.ones(len(process.roles)))
    crossed = cross(process, [Label("EdU", ((0.0, 0.0),), detectable_divisions=6)])
    begin = Start(embed(crossed, start.mean), poisson=True)
    cells = mean_cells(crossed, Modifiers.none(0.0, 2.0), begin, days=(HOURS / 24.0).tolist())
    mitosis = Window(phases=("G2M",), from_stage=STAGES - IN_MITOSIS).mask(crossed)
    labelled = mitosis & (crossed.level("EdU") > 0)
    return np.asarray(cells @ labelled / (cells @ mitosis))


@pytest.mark.parametrize(("g1", "s", "g2m"), [(8.0, 9.0, 4.0), (4.0, 13.0, 3.0)])
def test_the_closed_form_is_the_crossed_process(g1, s, g2m):
    mitosis = g2m * IN_MITOSIS / STAGES
    cv = STAGES**-0.5
    formula = labelled_mitoses(
        HOURS,
        g2_hours=g2m - mitosis,
        s_hours=s,
        cycle_hours=g1 + s + g2m,
        m_hours=mitosis,
        cvs=(cv, cv, (STAGES - IN_MITOSIS) ** -0.5),
        growing=True,
    )
    found = simulated(g1, s, g2m)
    assert found.max() > 0.95
    # The formula takes mitosis as a fixed time; here it is six exponential steps.
    np.testing.assert_allclose(found, formula, atol=0.035)
    # The ideal curve without spread is further off: the test can tell.
    ideal = labelled_mitoses(
        HOURS, g2_hours=g2m - mitosis, s_hours=s, cycle_hours=g1 + s + g2m, m_hours=mitosis, growing=True
    )
    assert np.abs(found - ideal).max() > 0.07
