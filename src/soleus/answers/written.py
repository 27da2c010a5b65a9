"""An answer as JSON, checked against the schema that is shipped with its question."""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any, TypeVar

from soleus.answers.answer import Answer, AnswerValues
from soleus.report.plain import SECTION_SCHEMA, as_data
from soleus.report.section import plain_text

__all__ = ["answer_data", "answer_json", "answer_schema", "envelope_schema", "read_values", "schema_name"]

_Values = TypeVar("_Values", bound=AnswerValues)
_ENOUGH = 1000
# At the top, where whoever reads any answer finds them; all else of the model is the question's own.
_ENVELOPE = tuple(AnswerValues.model_fields)


def answer_json(answer: Answer[Any]) -> str:
    """Return an answer as JSON text, after checking it against its shipped schema.

    Raises
    ------
    jsonschema.ValidationError
        If the output does not fit: a fault of ours, never of the user.
    """
    import jsonschema

    content = answer_data(answer)
    schema = answer_schema(answer.question, answer.values.schema_version)
    jsonschema.Draft202012Validator(schema).validate(_sampled(content))
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def answer_data(answer: Answer[Any]) -> dict[str, Any]:
    """Return an answer as plain data."""
    dumped = answer.values.model_dump(mode="json")
    top = {key: dumped.pop(key) for key in _ENVELOPE}
    return {
        "schema_version": top.pop("schema_version"),
        "question": answer.question,
        "title": answer.title,
        "headline": [plain_text(line) for line in answer.headline],
        **top,
        "values": dumped,
        "sections": [as_data(section) for section in answer.sections],
    }


def read_values(text: str, model: type[_Values]) -> _Values:
    """Return the values of an answer from its JSON text.

    Raises
    ------
    pydantic.ValidationError
        The text is the answer to another question, or of another version.
    """
    content = json.loads(text)
    top = {key: content[key] for key in _ENVELOPE if key in content}
    return model.model_validate({**content.get("values", {}), **top})


def schema_name(version: str) -> str:
    """Return the file of a schema: ``soleus.panel/2`` is ``panel-2.json``."""
    return version.removeprefix("soleus.").replace("/", "-") + ".json"


@functools.cache
def answer_schema(question: str, version: str) -> dict[str, Any]:
    """Return a shipped schema."""
    home = resources.files(f"soleus.answers.{question}")
    found: dict[str, Any] = json.loads((home / schema_name(version)).read_text(encoding="utf-8"))
    return found


def envelope_schema(question: str, model: type[AnswerValues]) -> dict[str, Any]:
    """Return the JSON Schema of an answer whose values are of ``model``."""
    values = model.model_json_schema(mode="serialization")
    definitions = values.pop("$defs", {})
    own = values["properties"]
    top = {key: own.pop(key) for key in _ENVELOPE}
    values["required"] = [key for key in values.get("required", ()) if key in own]
    properties = {
        **top,
        "question": {"const": question},
        "title": {"type": "string"},
        "headline": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
        "values": values,
        "sections": {"type": "array", "items": SECTION_SCHEMA},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": definitions,
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _sampled(content: Any) -> Any:
    """Cut very long lists: what one model has made a thousand times is right the next million times."""
    if isinstance(content, dict):
        return {key: _sampled(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_sampled(value) for value in content[:_ENOUGH]]
    return content
