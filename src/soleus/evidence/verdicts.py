"""From counted evidence and predicted probabilities to a verdict: pure functions of their input.

The rule and its thresholds are data (``verdict-rule.yaml``); its lines are tried in order and the
first that holds decides. A verdict is computed here and never written down by hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from soleus.catalogue import Claim, EvidenceEntry, VerdictRule
from soleus.errors import CatalogueError, InputError
from soleus.evidence.bearing import bearing

__all__ = [
    "EvidenceCounts",
    "Verdict",
    "cited_studies",
    "count_evidence",
    "grade_evidence",
    "judge",
    "judge_design",
]


def _no_counts() -> Mapping[str, int]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class EvidenceCounts:
    """What the catalogue holds on one claim, counted.

    Parameters
    ----------
    supporting, opposing
        F and A: works with primary, independent, direct entries for and against; one that tells of several
        days or groups counts once on each side.
    other_supporting, other_opposing
        The same by other read-out that the words could mean.
    direct_studies
        Number of different works behind F and A.
    indirect
        Primary, independent entries of another species, niche or read-out.
    source_study
        Primary entries that are not independent.
    reviews, press
        Entries that are a review or an interpretation; entries of the press.
    """

    supporting: int = 0
    opposing: int = 0
    other_supporting: Mapping[str, int] = field(default_factory=_no_counts)
    other_opposing: Mapping[str, int] = field(default_factory=_no_counts)
    direct_studies: int = 0
    indirect: int = 0
    source_study: int = 0
    reviews: int = 0
    press: int = 0

    def other_readouts(self, at_least: float) -> tuple[str, ...]:
        """Other read-outs with at least so many supporting entries and none opposing."""
        return tuple(
            sorted(
                readout
                for readout, count in self.other_supporting.items()
                if count >= at_least and self.other_opposing.get(readout, 0) == 0
            )
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict and how it came about.

    Parameters
    ----------
    verdict
        supported, supported for another read-out, contested, contradicted or untested; of a design: as
        the paper says, not as the paper says, or not to be found in what could be read.
    grade
        Rung of the evidence ladder (:func:`grade_evidence`).
    inputs
        The numbers that the rule saw; ``max_p`` only where other studies inform a prediction.
    rule_line
        Id of the line that decided.
    rule_text
        That line in words, with its thresholds.
    other_readouts
        The read-outs that the words fit, if that line decided.
    """

    verdict: str
    grade: str
    inputs: Mapping[str, float]
    rule_line: str
    rule_text: str
    other_readouts: tuple[str, ...] = ()


def count_evidence(claim: Claim, entries: Iterable[EvidenceEntry]) -> EvidenceCounts:
    """Count the entries on one claim.

    Parameters
    ----------
    claim
        The statement.
    entries
        Evidence entries; those on other claims are passed over.
    """
    found = bearing(claim, entries)
    direct, other = found.direct, found.other_readout
    return EvidenceCounts(
        supporting=_works(entry for entry in direct if entry.stance == "supports"),
        opposing=_works(entry for entry in direct if entry.stance == "opposes"),
        other_supporting=_by_readout(entry for entry in other if entry.stance == "supports"),
        other_opposing=_by_readout(entry for entry in other if entry.stance == "opposes"),
        direct_studies=_works(direct),
        indirect=len(found.indirect),
        source_study=len(found.source),
        reviews=len(found.reviews),
        press=len(found.press),
    )


def _works(entries: Iterable[EvidenceEntry]) -> int:
    return len({entry.citation for entry in entries})


def _by_readout(entries: Iterable[EvidenceEntry]) -> Mapping[str, int]:
    works: dict[str, list[EvidenceEntry]] = {}
    for entry in entries:
        if entry.readout is not None:
            works.setdefault(entry.readout, []).append(entry)
    return MappingProxyType({readout: _works(own) for readout, own in works.items()})


def grade_evidence(counts: EvidenceCounts) -> str:
    """Name the best rung of the evidence ladder that is occupied, whichever way it points.

    From the top: several direct studies, one direct study, another read-out, indirect only, the
    reported study only, reviews only, press only, none.
    """
    ladder = (
        (counts.direct_studies >= 2, "several independent direct studies"),
        (counts.direct_studies == 1, "one independent direct study"),
        (bool(counts.other_supporting or counts.other_opposing), "another read-out only"),
        (counts.indirect > 0, "indirect only"),
        (counts.source_study > 0, "the reported study only"),
        (counts.reviews > 0, "reviews only"),
        (counts.press > 0, "press only"),
    )
    return next((name for occupied, name in ladder if occupied), "none")


def cited_studies(claim: Claim, entries: Iterable[EvidenceEntry]) -> frozenset[str]:
    """Works cited for a claim or any part of it: a prediction of it must be fitted without any of them."""
    own = {entry.citation for entry in entries if entry.claim == claim.whole}
    return frozenset({claim.source, claim.primary_citation, *claim.citations, *own})


def judge(
    counts: EvidenceCounts,
    predictive: Mapping[str, float],
    rule: VerdictRule,
    *,
    ignorant: Collection[str] = (),
) -> Verdict:
    """Apply the rule: the first of its lines that holds decides.

    Parameters
    ----------
    counts
        The evidence on one claim, from :func:`count_evidence`.
    predictive
        Mechanism set to the probability that the claim's interval holds under it, fitted without
        any of :func:`cited_studies`. Empty: nothing was predicted.
    rule
        Thresholds and lines.
    ignorant
        Sets whose prediction no other study informs. Their probabilities are shown and judge nothing:
        an ignorant prior is no evidence. Where all are such, evidence alone decides.

    Raises
    ------
    InputError
        If a probability is not a number from 0 to 1.
    CatalogueError
        If the rule has a line that this function does not know, or no last resort.
    """
    for name, probability in predictive.items():
        if not 0.0 <= probability <= 1.0:
            raise InputError(f"probability under {name!r} must lie in [0, 1], got {probability}; percent?")
    max_p = max((p for name, p in predictive.items() if name not in ignorant), default=math.nan)
    others = counts.other_readouts(rule.other_readout_entries.value)
    checks = _checks(counts, max_p=max_p, others=others, rule=rule)
    for line in rule.lines:
        if line.id not in checks:
            raise CatalogueError(f"verdict-rule.yaml: unknown line {line.id!r}; known: {', '.join(checks)}")
        if checks[line.id]():
            return Verdict(
                verdict=line.verdict,
                grade=grade_evidence(counts),
                inputs=_inputs(counts, max_p),
                rule_line=line.id,
                rule_text=rule.line(line.id).text,
                other_readouts=others if line.id == "other-readout" else (),
            )
    raise CatalogueError("verdict-rule.yaml: no line holds; the last must be 'otherwise'")


def judge_design(claim: Claim, entries: Iterable[EvidenceEntry], rule: VerdictRule) -> Verdict:
    """Judge a claim on the design of a study by what its paper says of itself; nobody else can testify.

    Raises
    ------
    CatalogueError
        If an entry states a value that does not go with its stance.
    """
    own = bearing(claim, entries)
    of_paper = [e for e in own.source if e.citation == claim.primary_citation and e.readout == claim.readout]
    for entry in of_paper:
        fits = None if entry.value is None else claim.interval.contains(entry.value)
        if fits is not None and fits != (entry.stance == "supports"):
            raise CatalogueError(
                f"evidence.yaml: entry {entry.id!r} {entry.stance} claim {claim.id!r}, but its value"
                f" {entry.value:g} {'lies' if fits else 'does not lie'} in the claimed interval; correct one"
            )
    otherwise = sum(e.stance == "opposes" for e in of_paper)
    decided = "not-seen" if not of_paper else "otherwise-said" if otherwise else "said"
    line = rule.line(decided)
    return Verdict(
        verdict=line.verdict,
        grade="the reported study only" if of_paper else "press only" if own.press else "none",
        inputs=MappingProxyType(
            {"paper_says_so": float(len(of_paper) - otherwise), "paper_says_otherwise": float(otherwise)}
        ),
        rule_line=line.id,
        rule_text=line.text,
    )


def _checks(
    counts: EvidenceCounts, *, max_p: float, others: tuple[str, ...], rule: VerdictRule
) -> dict[str, Callable[[], bool]]:
    nothing = counts.supporting == 0 and counts.opposing == 0
    against = counts.opposing >= rule.opposing_entries.value
    # Where nothing informs P, it neither lifts a verdict nor holds one down.
    ignorant = math.isnan(max_p)
    return {
        "other-readout": lambda: nothing and bool(others),
        "no-evidence": lambda: nothing,
        "against-and-unlikely": lambda: (
            against and counts.supporting == 0 and (ignorant or max_p < rule.contradicted_below.value)
        ),
        "against": lambda: against,
        "repeated-and-likely": lambda: (
            counts.supporting >= rule.supporting_entries.value
            and (ignorant or max_p >= rule.supported_at_least.value)
        ),
        "otherwise": lambda: True,
    }


def _inputs(counts: EvidenceCounts, max_p: float) -> Mapping[str, float]:
    inputs = {"F": float(counts.supporting), "A": float(counts.opposing)}
    for symbol, table in (("F", counts.other_supporting), ("A", counts.other_opposing)):
        inputs |= {f"{symbol}[{readout}]": float(count) for readout, count in sorted(table.items())}
    if not math.isnan(max_p):
        inputs["max_p"] = max_p
    return MappingProxyType(inputs)
