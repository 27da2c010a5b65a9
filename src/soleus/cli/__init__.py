"""The command line: translates to :mod:`soleus.api`, shows what comes back, and holds no logic."""

from __future__ import annotations

from soleus.cli.app import app, main

__all__ = ["app", "main"]
