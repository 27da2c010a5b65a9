"""Studies of the catalogue, ready to be bound."""

from __future__ import annotations

from soleus.api.packaged import packaged
from soleus.catalogue import studies
from soleus.catalogue.folder import Catalogue
from soleus.study import Study

__all__ = ["load_study"]


def load_study(
    name: str,
    *,
    variants: tuple[str, ...] = (),
    with_off: bool = False,
    panel: str | None = None,
    catalogue: Catalogue | None = None,
) -> Study:
    """Return a study on its resting lineage; see :func:`soleus.catalogue.studies.load_study`.

    Parameters
    ----------
    variants
        Named alternatives of the lineage's numbers.
    with_off
        Switch on the mechanisms that are off by default, too.
    panel
        Panel whose assays take the place of the study's own.
    catalogue
        Content to take the study from; that of the package by default.
    """
    return studies.load_study(
        catalogue or packaged(), name, variants=variants, with_off=with_off, panel=panel
    )
