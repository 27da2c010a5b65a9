"""The solved curves of all findings, kept as data with a key of everything that they depend on.

``python -m soleus.evidence.calibrate_findings`` makes the file. Where the key does not match, because a
data file was changed, the curves are solved anew, which takes minutes. The key knows data, not code: whoever
changes what computes the curves raises ``_METHOD``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from soleus.catalogue.calibrations import has_resting_calibration, resting_calibration
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.folder import Catalogue, load_yaml, once
from soleus.catalogue.stored import Stored, read_stored, stored_text
from soleus.catalogue.study_entries import study_entry
from soleus.evidence.claim_targets import ClaimTarget, claim_targets
from soleus.evidence.finding_responses import SetCurves, SetResponses, solve
from soleus.evidence.findings import Finding, findings
from soleus.jobs import Progress

__all__ = [
    "claim_responses",
    "compared",
    "finding_responses",
    "findings_key",
    "read_curves",
    "write_curves",
]

# Raised by hand when engines or responses are changed so that the same data give other numbers.
_METHOD = 3
_DIGITS = 7
_FILE = "findings.json"
_FILES = ("body.yaml", "effect-model.yaml", "movement.yaml", "readouts.yaml")
# What says something and moves no number.
_WORDS = frozenset(
    ("reason", "headrooms_reason", "label", "set_labels", "citation", "status", "note", "location", "found",
     "formula", "words", "ontology", "column")
)  # fmt: skip
_NOT_OF_STUDIES = {
    "title",
    "summary",
    "modelled_as",
    "findings",
    "assays",
    "body",
    "reported",
    "set",
    "strain",
}


class _StoredSet(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    label: str
    mechanisms: tuple[str, ...]
    grid: tuple[float, ...]
    declared: tuple[float, ...]
    flipped: tuple[float, ...]
    reach: float
    curves: tuple[tuple[tuple[float, ...], ...], ...]


class _Stored(Stored):
    key: str
    compared: tuple[str, ...]
    sets: dict[str, _StoredSet]
    made_by: str
    versions: dict[str, str]


def finding_responses(
    catalogue: Catalogue, *, workers: int = 1, progress: Progress | None = None, fresh: bool = False
) -> tuple[SetResponses, ...]:
    """Return what every set predicts for every finding of the catalogue, in the order of ``findings()``.

    Parameters
    ----------
    fresh
        Solve anew even where the stored curves apply; takes minutes.
    """
    everything = _responses(catalogue, workers, progress, fresh)
    return tuple(one.only(range(len(findings(catalogue)))) for one in everything)


def claim_responses(catalogue: Catalogue) -> tuple[SetResponses, ...]:
    """Return what every set predicts for the comparisons of claims, in the order of ``claim_targets()``."""
    return tuple(
        one.only(range(len(findings(catalogue)), len(compared(catalogue))))
        for one in _responses(catalogue, 1, None, False)
    )


def compared(catalogue: Catalogue) -> tuple[Finding | ClaimTarget, ...]:
    """Return everything that is solved: the findings, then the comparisons of claims."""
    return (*findings(catalogue), *claim_targets(catalogue))


@once
def _kept(catalogue: Catalogue) -> list[tuple[SetResponses, ...]]:
    """Return the shelf on which what was read or solved last stays with the catalogue; empty at first."""
    return []


def _responses(
    catalogue: Catalogue, workers: int, progress: Progress | None, fresh: bool
) -> tuple[SetResponses, ...]:
    kept = _kept(catalogue)
    if fresh or not kept:
        curves = None if fresh else read_curves(catalogue)
        if curves is None:
            curves = solve(catalogue, compared(catalogue), workers=workers, progress=progress)
        kept[:] = [tuple(one.responses() for one in curves)]
    return kept[0]


@once
def findings_key(catalogue: Catalogue) -> str:
    """Return a hash of every number that the curves depend on; words of the data files do not count."""
    arms = dict.fromkeys(c.arm for c in compared(catalogue))
    arms[effect_model(catalogue).matrix.reference_study] = None
    studies = {
        arm: study_entry(catalogue, arm).model_dump(mode="json", exclude=_NOT_OF_STUDIES) for arm in arms
    }
    lineages = dict.fromkeys(study_entry(catalogue, arm).lineage for arm in arms)
    content = {
        "method": _METHOD,
        "compared": [[c.id, c.arm, c.readout, c.group, c.against, c.day] for c in compared(catalogue)],
        "studies": studies,
        "files": {name: load_yaml(catalogue, name) for name in _FILES},
        "lineages": {name: load_yaml(catalogue, f"lineages/{name}.yaml") for name in lineages},
        "fitted": {
            name: dict(resting_calibration(catalogue, f"{name}-resting").theta)
            for name in lineages
            if has_resting_calibration(catalogue, f"{name}-resting")
        },
    }
    text = json.dumps(_numbers_only(content), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _numbers_only(content: object) -> object:
    if isinstance(content, dict):
        return {str(k): _numbers_only(v) for k, v in content.items() if k not in _WORDS}
    if isinstance(content, list | tuple):
        return [_numbers_only(one) for one in content]
    return content


def read_curves(catalogue: Catalogue) -> tuple[SetCurves, ...] | None:
    """Return the stored curves, or None where none that are whole apply to these data files."""
    file = catalogue.folder / "calibrations" / _FILE
    stored = read_stored(_Stored, file)
    if (
        stored is None
        or stored.key != findings_key(catalogue)
        or stored.compared != tuple(f.id for f in compared(catalogue))
    ):
        return None
    return tuple(
        SetCurves(
            name=name,
            label=one.label,
            mechanisms=one.mechanisms,
            grid=np.array(one.grid),
            declared=np.array(one.declared),
            flipped=np.array(one.flipped),
            reach=one.reach,
            curves=np.array(one.curves),
        )
        for name, one in stored.sets.items()
    )


def write_curves(
    catalogue: Catalogue, curves: Sequence[SetCurves], *, made_by: str, versions: dict[str, str]
) -> Path:
    """Write curves beside the catalogue's data and return the path."""
    stored = _Stored(
        key=findings_key(catalogue),
        compared=tuple(f.id for f in compared(catalogue)),
        sets={one.name: _stored(one) for one in curves},
        made_by=made_by,
        versions=versions,
    )
    folder = Path(str(catalogue.folder)) / "calibrations"
    target = folder / _FILE
    target.write_text(stored_text(stored), encoding="utf-8")
    return target


def _stored(one: SetCurves) -> _StoredSet:
    def listed(values: np.ndarray) -> list[object]:
        return np.round(values, _DIGITS).tolist()  # type: ignore[no-any-return]

    fields = {key: listed(getattr(one, key)) for key in ("grid", "declared", "flipped", "curves")}
    return _StoredSet.model_validate(
        {"label": one.label, "mechanisms": one.mechanisms, "reach": one.reach, **fields}
    )
