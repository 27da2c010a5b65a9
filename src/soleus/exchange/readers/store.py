"""Mappings on disk: a small YAML file beside the data, read by a safe loader, written atomically."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from soleus.exchange.readers.files import read_small_text, refusal
from soleus.exchange.readers.mapping import MISSING_WORDS, Mapping
from soleus.jobs import shown, write_atomically

__all__ = ["load_mapping", "mapping_path", "mapping_text", "save_mapping"]

_LARGEST = 2**20
_MOST_VALUES = 200_000
_LONGEST_NUMBER = 40
_TEXT = "tag:yaml.org,2002:str"
_HEAD = """\
# How soleus reads {name}. Edit and keep beside the file: it is used again without asking.
# columns:   which column holds animal, group, day, section, field, side, sex, cage, ...
# constants: what holds for every row (study, day, niche, assay, unit_level)
# values:    columns of values: readout, kind (count density fraction mass time), unit, exposure, denominator
# exposure:  area or volume behind the counts: {{column: ..., unit: um2}} or {{value: ..., unit: mm2}}
# groups:    labels {{label in the file: group}}, control, factors {{name: {{levels: {{group: level}}}}}}
# drop/keep: [{{column: ..., equals: [...]}}]; fill_down, rows_are, missing, decimal as needed
# Cells that mean "no value" anyway: {missing}
"""


class _PlainLoader(yaml.SafeLoader):
    """The safe loader for a form that people write.

    A key that is stated twice, anchors, tags and very many values are refused. 12:30 is a text, not 750, and
    so is a number of very many digits: either takes longer to work out than anybody waits.
    """

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._left = _MOST_VALUES

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not allowed")
        tag = getattr(self.peek_event(), "tag", None)  # type: ignore[no-untyped-call]
        if tag not in (None, "!"):
            raise yaml.YAMLError(f"tags ({_short(tag)}) are not allowed")
        self._left -= 1
        if self._left < 0:
            raise yaml.YAMLError(f"it holds more than {_MOST_VALUES:,} values")
        return super().compose_node(parent, index)

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is yaml.ScalarNode and (len(value) > _LONGEST_NUMBER or ":" in value):
            return _TEXT
        return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.YAMLError(f"line {key.start_mark.line + 1}: a name must be a word")
            if key.value in seen:
                raise yaml.YAMLError(
                    f"{_short(key.value)!r} is stated twice (line {key.start_mark.line + 1})"
                )
            seen.add(key.value)
        return dict(super().construct_mapping(node, deep=deep))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_NUMBER else f"{text[:_LONGEST_NUMBER]}..."


def mapping_path(path: str | Path) -> Path:
    """Return where the mapping of a file is kept: ``<file>.soleus.yaml`` beside it."""
    where = Path(path)
    return where.with_name(f"{where.name}.soleus.yaml")


def mapping_text(mapping: Mapping, *, name: str, comments: tuple[str, ...] = ()) -> str:
    """Return the mapping as YAML, with what may be written in it and the given comments on top."""
    content = mapping.model_dump(mode="json", exclude_defaults=True)
    for entry, value in zip(content.get("values", ()), mapping.values, strict=True):
        # What a number is must be seen to be mended, also where it is the usual.
        entry.update(kind=value.kind, unit=value.unit)
    content = {"version": mapping.version, **content}
    head = _HEAD.format(name=name, missing=" ".join(word for word in MISSING_WORDS if word))
    marks = "".join(f"# ? {line}\n" for comment in comments for line in comment.splitlines())
    return head + marks + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)


def save_mapping(
    mapping: Mapping, path: str | Path, *, comments: tuple[str, ...] = (), to: Path | None = None
) -> Path:
    """Write the mapping beside its file.

    Parameters
    ----------
    mapping
        What to write.
    path
        The data file.
    comments
        Lines for the user, such as the doubts of a guess.
    to
        Another place than beside the file.

    Returns
    -------
    pathlib.Path
        Where it was written.

    Raises
    ------
    InputError
        The folder cannot be written.
    """
    target = mapping_path(path) if to is None else to
    try:
        write_atomically(
            target, mapping_text(mapping, name=shown(Path(path).name), comments=comments).encode()
        )
    except OSError as error:
        raise refusal(target, f"cannot be written ({error.strerror}); give another place") from error
    return target


def load_mapping(path: str | Path) -> Mapping:
    """Read a mapping file.

    Raises
    ------
    InputError
        Missing, no YAML, or a field that is unknown or wrong; names the field.
    """
    where = Path(path)
    text = read_small_text(where, _LARGEST)
    try:
        content = yaml.load(text, Loader=_PlainLoader)  # noqa: S506  (a safe loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        why = "it nests too deep" if isinstance(error, RecursionError) else error
        raise refusal(where, f"cannot be read as YAML: {why}; mend or remove it") from error
    if not isinstance(content, dict):
        raise refusal(where, "must hold names and values, such as 'columns:'; mend or remove it")
    try:
        return Mapping.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        known = ""
        if first["type"] == "extra_forbidden":
            known = f"; known fields: {', '.join(Mapping.model_fields)}" if len(first["loc"]) == 1 else ""
        raise refusal(where, f"{place}: {first['msg']}{known}; mend it, or remove the file") from None
