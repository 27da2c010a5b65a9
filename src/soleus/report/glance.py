"""Who, what, which read-outs would tell the mechanisms apart, how sure: the page in ten seconds."""

from __future__ import annotations

from collections.abc import Sequence

from soleus.report.names import Names, sentence_case
from soleus.report.numbers import change_between, group_thousands, percent, ratio_text
from soleus.report.spread import Spread, readout_spreads
from soleus.report.theme import group_labels
from soleus.schema.run import DesignInfo, GroupInfo, RunResult

__all__ = ["glance"]

_TELLING_FOLD, _ALIKE_FOLD = 1.5, 1.1
_NAMED, _NAMED_ALIKE = 3, 2
_SPANS = 3


def glance(result: RunResult) -> list[tuple[str, str]]:
    """Return (question, answer) pairs, only those that the result can answer."""
    names = Names.of(result)
    pairs = [
        ("Who", _who(result.design)),
        ("What", _what(result.design, cultured=result.body is None and result.culture is not None)),
        ("What would tell the possible causes apart", _telling(readout_spreads(result), names)),
        ("How sure", _how_sure(result)),
    ]
    return [(question, answer) for question, answer in pairs if answer]


def _who(design: DesignInfo) -> str:
    labels = group_labels(design)
    groups = ", ".join(f"{labels[g.name]} n = {g.n_animals}" for g in design.groups)
    who = sentence_case(f"{design.sex} {design.species}, {design.strain}, {design.age_days:g} days old")
    return f"{who}. {sentence_case(groups)}. All virtual."


def _what(design: DesignInfo, *, cultured: bool) -> str:
    labels = group_labels(design)
    groups = "; ".join(
        f"{labels[group.name]}: {_regimen(group, cultured=cultured)}" for group in design.groups
    )
    days = _listed([f"{day:g}" for day in design.sampling_days])
    sampled = f" Sampled on day {days}." if days else ""
    return f"{sentence_case(groups)}, for {design.duration_days:g} days.{sampled}"


def _regimen(group: GroupInfo, *, cultured: bool) -> str:
    lived = [span for span in group.regimen if cultured or span.end_day > 0]
    spans = list(dict.fromkeys(span.label for span in lived))
    return ", then ".join(spans[:_SPANS]) + (", and more" if len(spans) > _SPANS else "")


def _telling(spreads: Sequence[Spread], names: Names) -> str:
    apart = [one for one in spreads if one.fold >= _TELLING_FOLD][:_NAMED]
    alike = [one for one in reversed(spreads) if one.fold < _ALIKE_FOLD][:_NAMED_ALIKE]
    if not apart:
        return (
            ""
            if not spreads
            else "No followed read-out differs by more than half between the possible causes."
        )
    text = "; ".join(
        f"{names.readout(one.readout)} (ratio {ratio_text(one.low)} to {ratio_text(one.high)})"
        for one in apart
    )
    if not alike:
        return f"{sentence_case(text)}."
    same = _listed([names.readout(one.readout) for one in alike])
    return f"{sentence_case(text)}. Much the same under all: {same}."


def _how_sure(result: RunResult) -> str:
    parts = []
    if result.headline:
        prior = result.headline[0].prior
        open_ = "no change is within it" if prior.low <= 1 <= prior.high else "no change is outside it"
        parts.append(
            f"Before any data {percent(prior.level)} interval {change_between(prior)} "
            f"({group_thousands(result.prior_draws)} effect sizes): {open_}"
        )
    loose = sum(one.status == "provisional" for one in result.assumptions)
    if loose:
        parts.append(f"{loose} of {len(result.assumptions)} numbers used are not yet checked in a source")
    plain = [f"{claim.word[:1].lower()}{claim.word[1:]}" for claim in result.claims]
    if plain:
        counted = [f"{plain.count(word)} {word}" for word in dict.fromkeys(sorted(plain))]
        parts.append(f"Claims: {', '.join(counted)}")
    return ". ".join(parts) + "." if parts else ""


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" and {parts[-1]}" if parts else ""
