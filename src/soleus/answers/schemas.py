"""The shipped JSON Schemas of answers, made from their models: ``python -m soleus.answers.schemas``."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from soleus.answers.answer import AnswerValues
from soleus.answers.written import envelope_schema, schema_name

__all__ = ["QUESTIONS", "schemas", "write_schemas"]

QUESTIONS = {"claims": "ClaimsResult", "matrix": "MatrixResult", "panel": "PanelResult", "run": "RunResult"}
"""Each question, by the name of its folder, with the model of its values."""


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of every answer, by its path below ``answers/``."""
    found = {}
    for question, name in QUESTIONS.items():
        model: type[AnswerValues] = getattr(import_module(f"soleus.answers.{question}.values"), name)
        version = str(model.model_fields["schema_version"].default)
        found[f"{question}/{schema_name(version)}"] = envelope_schema(question, model)
    return found


def write_schemas(folder: Path) -> None:
    """Write them; run again whenever a model changes."""
    for path, content in schemas().items():
        (folder / path).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(__file__).parent)
