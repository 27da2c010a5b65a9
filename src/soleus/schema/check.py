"""The shipped JSON Schemas, and the check of our own output against them."""

from __future__ import annotations

import functools
import json
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from soleus.schema.analysis import AnalysisResult
from soleus.schema.catalogue import CatalogueResult, CheckResult

__all__ = ["MODELS", "checked_json", "schema_of", "write_schemas"]

MODELS: dict[str, type[BaseModel]] = {
    "catalogue-1": CatalogueResult,
    "analysis-1": AnalysisResult,
    "check-2": CheckResult,
}

_ENOUGH = 1000


@functools.cache
def schema_of(name: str) -> dict[str, Any]:
    """Return a shipped schema, e.g. ``run-2``."""
    text = (resources.files("soleus.schema") / f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def checked_json(result: BaseModel) -> str:
    """Return a result as JSON text, after checking it against its shipped schema.

    Raises
    ------
    jsonschema.ValidationError
        If the output does not fit: a fault of ours, never of the user.
    """
    import jsonschema

    name = next(n for n, model in MODELS.items() if isinstance(result, model))
    content = result.model_dump(mode="json")
    jsonschema.Draft202012Validator(schema_of(name)).validate(_sampled(content))
    return result.model_dump_json(indent=2) + "\n"


def _sampled(content: Any) -> Any:
    """Cut very long lists: what one model has made a thousand times is right the next million times."""
    if isinstance(content, dict):
        return {key: _sampled(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_sampled(value) for value in content[:_ENOUGH]]
    return content


def write_schemas(folder: Path) -> None:
    """Write the schemas of all models; run again whenever a model changes."""
    for name, model in MODELS.items():
        content = model.model_json_schema(mode="serialization")
        content["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        text = json.dumps(content, indent=1, sort_keys=True) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(__file__).parent)
