"""Results of a comparison as they might be, for the tests of what is made of them."""

from __future__ import annotations

import copy
from typing import Any

AGREES = {"agrees": True, "mean_p": 0.4, "worst_mean_z": 1.2, "worst_variance_z": -0.8, "animals": 300}


def racer(label: str, ns: float, *, worker: str = "peer", **more: Any) -> dict[str, Any]:
    row = {
        "label": label,
        "worker": worker,
        "exact": True,
        "problem": None,
        "ns_per_event": ns,
        "ms_per_mouse": ns * 0.25,
        "ratio": ns / 12.5,
        "last": {"prepare_wall_s": 0.1},
        "agreement": AGREES,
    }
    return row | more


def results() -> dict[str, Any]:
    broken = racer("GillesPy2 C++", 300.0, worker="gillespy2", problem="no compiler", ratio=None)
    broken["ns_per_event"] = broken["ms_per_mouse"] = None
    exact = {
        "rows": [racer("soleus", 12.5, worker="soleus"), racer("COPASI direct", 115.0), broken],
        "events": 255_512.0,
        "fastest_peer": "COPASI direct",
        "fastest_peer_ratio": 9.2,
    }
    cell = {"left": 2.71, "exact": 2.7, "z": 0.4, "mice": 4000, "passed": True}
    wrong = {"left": 19.8, "exact": 2.7, "z": 223.0, "mice": 4000, "passed": False}
    return {
        "environment": {
            "date": "2030-01-02", "cpu": "A processor", "cores": 2, "system": "Linux x86_64",
            "python": "3.11.1", "libraries": "numpy 2", "rounds": 7, "budget_s": 0.5,
        },
        "versions": {"soleus": "soleus 0", "copasi": "COPASI 4"},
        "problems": {"crn_jax": "no wheel for this Python"},
        "exact": exact,
        "schedule": copy.deepcopy(exact),
        "lowcopy": {
            "rows": [
                {"label": "soleus", "cells": {"step": cell}, "note": None},
                {"label": "COPASI direct", "cells": {"step": wrong}, "note": "a note of it"},
                {
                    "label": "crn-jax",
                    "cells": {"step": {"problem": "no time", "passed": False}},
                    "note": None,
                },
            ],
            "exact": {"step": 2.69997}, "limit_z": 4.0, "grids": ["step"],
        },
        "cores": {
            "moments": {"speed_up": 1.9, "same": True, "wall_1_s": 2.0, "wall_2_s": 1.05},
            "cells": {"speed_up": 1.85, "same": True, "wall_1_s": 2.0, "wall_2_s": 1.08},
        },
    }  # fmt: skip
