"""The one table that everything downstream knows: virtual and real counts alike."""

from __future__ import annotations

from soleus.observations.io import is_table, read, read_csv, read_parquet, write_csv, write_parquet
from soleus.observations.schema import (
    COLUMNS,
    DESIGN_PREFIXES,
    FACTOR_PREFIX,
    PAIRED,
    SCHEMA_VERSION,
    STRATUM_PREFIX,
    UNIT_LEVELS,
    UNIT_PARENTS,
    VALUE_KINDS,
    Column,
    strata_of,
)
from soleus.observations.table import Observations

__all__ = [
    "COLUMNS",
    "DESIGN_PREFIXES",
    "FACTOR_PREFIX",
    "PAIRED",
    "SCHEMA_VERSION",
    "STRATUM_PREFIX",
    "UNIT_LEVELS",
    "UNIT_PARENTS",
    "VALUE_KINDS",
    "Column",
    "Observations",
    "is_table",
    "read",
    "read_csv",
    "read_parquet",
    "strata_of",
    "write_csv",
    "write_parquet",
]
