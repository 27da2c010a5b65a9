"""Long work: in order for any number of workers, with progress, and nothing half-written left behind."""

from __future__ import annotations

from soleus.interrupts import (
    interrupt_on_terminate,
    interruptible,
    stop_if_asked,
    uninterrupted,
)
from soleus.jobs.folders import check_output_folder, output_folder, resolved_path
from soleus.jobs.manifest import MANIFEST, write_manifest
from soleus.jobs.names import as_text, shown
from soleus.jobs.ordered import map_ordered
from soleus.jobs.progress import NoProgress, Progress, RichProgress
from soleus.jobs.writing import sealed, unsealed, write_atomically

__all__ = [
    "MANIFEST",
    "NoProgress",
    "Progress",
    "RichProgress",
    "as_text",
    "check_output_folder",
    "interrupt_on_terminate",
    "interruptible",
    "map_ordered",
    "output_folder",
    "resolved_path",
    "sealed",
    "shown",
    "stop_if_asked",
    "uninterrupted",
    "unsealed",
    "write_atomically",
    "write_manifest",
]
