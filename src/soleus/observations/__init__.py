"""The one table that everything downstream knows: virtual and real counts alike."""

from __future__ import annotations

from soleus.observations.io import is_table, read, read_csv, read_parquet, write_csv, write_parquet
from soleus.observations.schema import (
    COLUMNS,
    FACTOR_PREFIX,
    SCHEMA_VERSION,
    UNIT_LEVELS,
    UNIT_PARENTS,
    VALUE_KINDS,
    Column,
)
from soleus.observations.table import Observations

__all__ = [
    "COLUMNS",
    "FACTOR_PREFIX",
    "SCHEMA_VERSION",
    "UNIT_LEVELS",
    "UNIT_PARENTS",
    "VALUE_KINDS",
    "Column",
    "Observations",
    "is_table",
    "read",
    "read_csv",
    "read_parquet",
    "write_csv",
    "write_parquet",
]
