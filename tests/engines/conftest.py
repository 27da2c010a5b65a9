"""Makes the helpers of this folder, and the scripts, importable by name (tests are no package)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[2])]
