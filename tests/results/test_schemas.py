"""The shipped schemas of results that are not yet answers."""

from __future__ import annotations

import json

from soleus.schema.check import MODELS, schema_of, write_schemas


def test_the_shipped_schemas_are_those_of_the_models(tmp_path):
    write_schemas(tmp_path)
    made = sorted(p.stem for p in tmp_path.iterdir())
    assert made == sorted(MODELS)
    for name in made:
        assert json.loads((tmp_path / f"{name}.json").read_text()) == schema_of(name), (
            f"{name}: run python -m soleus.schema.check"
        )
