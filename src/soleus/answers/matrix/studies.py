"""The studies of the matrix with their findings, in words that need no file beside them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from soleus.answers.matrix.values import MatrixArm, MatrixFinding, MatrixStudy
from soleus.catalogue.calibrations import has_resting_calibration
from soleus.catalogue.effect_model import effect_model
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.lineages import lineage_entry, lineage_names
from soleus.catalogue.readouts import readouts
from soleus.catalogue.sourced import sourced
from soleus.catalogue.study_entries import StudyEntry, study_entry
from soleus.evidence.findings import Finding
from soleus.evidence.matrix import Matrix

__all__ = ["matrix_studies", "niche_words"]

_OUTCOMES = {"down": "down", "none": "no difference", "up": "up"}
_Z95 = 1.959963984540054
_LEAST = 1e-300


def matrix_studies(catalogue: Catalogue, matrix: Matrix) -> list[MatrixStudy]:
    """Return the studies: those of the fitted lineage first, other niches, cultures; niche by niche."""
    panels = _panels(catalogue, matrix.findings)
    studies = [_study(catalogue, matrix, name, panels) for name in matrix.studies]
    order = _order(catalogue)
    return sorted(studies, key=lambda s: [order.index(n) for n in s.niches])


def _order(catalogue: Catalogue) -> list[str]:
    def place(lineage: str) -> tuple[bool, bool]:
        fitted = has_resting_calibration(catalogue, f"{lineage}-resting")
        return lineage_entry(catalogue, lineage).in_culture, not fitted

    return [niche_words(catalogue, name) for name in sorted(lineage_names(catalogue), key=place)]


def niche_words(catalogue: Catalogue, lineage: str) -> str:
    """Return what a lineage's niche is called in running text."""
    return lineage_entry(catalogue, lineage).words


def _study(catalogue: Catalogue, matrix: Matrix, name: str, panels: Mapping[str, str]) -> MatrixStudy:
    here = [f for f in matrix.findings if f.study == name]
    arms = [_arm(catalogue, arm) for arm in dict.fromkeys(f.arm for f in here)]
    entry = study_entry(catalogue, name)
    logs = {row.name: math.log10(max(row.cells[name].probability, _LEAST)) for row in matrix.rows}
    best, worst = (pick(logs, key=lambda row: logs[row]) for pick in (max, min))
    return MatrixStudy.model_validate(
        {
            "name": name,
            "title": entry.title,
            "species": list(dict.fromkeys(a.species for a in arms)),
            "niches": list(dict.fromkeys(a.niche for a in arms)),
            "arms": arms,
            "findings": [_finding(catalogue, f, panels[f.id]) for f in here],
            "log10_range": logs[best] - logs[worst],
            "best": best,
            "worst": worst,
            **sourced(catalogue, entry.citation, judged="the catalogue's own study"),
        }
    )


def _arm(catalogue: Catalogue, name: str) -> MatrixArm:
    entry = study_entry(catalogue, name)
    return MatrixArm(
        name=name,
        title=entry.title,
        species=entry.species,
        niche=niche_words(catalogue, entry.lineage),
        lineage=entry.lineage,
        age_days=entry.age_days,
        modelled_as=entry.modelled_as,
    )


def _finding(catalogue: Catalogue, finding: Finding, panel: str) -> MatrixFinding:
    size = finding.log_ratio
    cut = finding.critical * finding.se
    bounds = (None, None) if size is None else tuple(math.exp(size + s * _Z95 * finding.se) for s in (-1, 1))
    return MatrixFinding.model_validate(
        {
            "id": finding.id,
            "label": f"{panel}: {_OUTCOMES[finding.direction]}",
            "panel": panel,
            "arm": finding.arm,
            "niche": niche_words(catalogue, study_entry(catalogue, finding.arm).lineage),
            "readout": finding.readout,
            "day": finding.day,
            "direction": finding.direction,
            "ratio": None if size is None else math.exp(size),
            "low": bounds[0],
            "high": bounds[1],
            "se": finding.se,
            "spread": finding.spread,
            "none_low": math.exp(-cut),
            "none_high": math.exp(cut),
            "differs_by": list(finding.differs_by),
            "scored": _scored(catalogue, finding),
            "status": finding.status,
            "reason": finding.reason,
            **sourced(catalogue, finding.citation),
        }
    )


def _scored(catalogue: Catalogue, finding: Finding) -> str:
    """Say how a finding is scored, with its numbers."""
    if finding.log_ratio is not None:
        how = f"its size, with a standard error of {finding.se:.2f} of the log-ratio"
    else:
        how = f"what a two-sided test at 5 % would say, with a standard error of {finding.se:.2f}"
    model = effect_model(catalogue).direction_studies
    stated = " (not published: as for a study of its size)" if _assumed(catalogue, finding) else ""
    more = ["another laboratory", *(_MORE[kind] for kind in finding.differs_by)]
    return f"{how}{stated}; {finding.spread:.2f} with {_listed(more)}" if model.discrepancy_sd else how


_MORE = {
    "species": "another species",
    "niche": "a niche that is not fitted",
    "age": "an age that the lineage does not reach",
    "culture": "a culture",
}


def _assumed(catalogue: Catalogue, finding: Finding) -> bool:
    return study_entry(catalogue, finding.arm).findings[finding.name].se is None


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _panels(catalogue: Catalogue, found: Sequence[Finding]) -> dict[str, str]:
    """Return each finding without its outcome, in words that are unique within its study."""
    panels = {f.id: _words(catalogue, f) for f in found}
    # The name tells most apart; the same name in two arms needs the arm as well.
    for more in ({f.id: f.name.replace("-", " ") for f in found}, {f.id: f.id for f in found}):
        shared = Counter((f.study, panels[f.id]) for f in found)
        panels = {
            f.id: panels[f.id] + (f" ({more[f.id]})" if shared[f.study, panels[f.id]] > 1 else "")
            for f in found
        }
    return panels


def _words(catalogue: Catalogue, finding: Finding) -> str:
    entry = study_entry(catalogue, finding.arm)
    group, against = (_lowered(entry.groups[g].label) for g in (finding.group, finding.against))
    place = (
        ""
        if entry.lineage == study_entry(catalogue, finding.study).lineage
        else f" of the {niche_words(catalogue, entry.lineage)}"
    )
    label = _readout(catalogue, entry, finding.readout)
    return f"{label}{place}, {group} against {against}, day {finding.day:g}"


def _readout(catalogue: Catalogue, entry: StudyEntry, name: str) -> str:
    if name in entry.labelled:
        return entry.labelled[name].label
    known = readouts(catalogue, entry.lineage)
    return known[name].label if name in known else name.replace("_", " ")


def _lowered(label: str) -> str:
    """Begin with a small letter, unless the first word is spelt in its own way (``HCA1``)."""
    first = label.split(" ", 1)[0]
    return label[:1].lower() + label[1:] if first[1:].islower() else label
