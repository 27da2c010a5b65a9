"""Versioned, described results: what ``--json`` prints and what the report reads."""
