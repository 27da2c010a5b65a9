"""Who, what, when; and how to make it again."""

from __future__ import annotations

from collections.abc import Iterator

from soleus.answers.run.figures.design import design_figure
from soleus.answers.run.groups import group_labels
from soleus.answers.run.names import Names
from soleus.answers.run.values import RunResult
from soleus.report.names import sentence_case, words
from soleus.report.numbers import figures3
from soleus.report.section import Facts, Link, Section, Text

__all__ = ["again_section", "design_section"]


def design_section(result: RunResult) -> Section:
    """Return the design of the study."""
    lead = (
        result.design.summary,
        "All animals are virtual: nothing here was measured, except the published counts that are named.",
    )
    parts = (design_figure(result), Facts(tuple(_facts(result))))
    return Section("design", "The design", lead, parts, brief=False)


def _facts(result: RunResult) -> Iterator[tuple[str, Text]]:
    design, labels = result.design, group_labels(result.design)
    yield "animals", f"{design.sex} {design.species}, {design.strain}"
    yield "age at the start", f"{figures3(design.age_days)} days"
    yield "duration", f"{design.duration_days:g} days"
    yield "groups", ", ".join(f"{labels[g.name]} (n = {g.n_animals})" for g in design.groups)
    if design.citation:
        yield "modelled on", Link(design.citation, f"#ref-{design.citation}")
    if design.modelled_as:
        yield "modelled as", design.modelled_as
    for group in design.groups:
        if group.silenced:
            yield f"{labels[group.name]} cannot receive", ", ".join(map(words, group.silenced))
    yield "allocation", sentence_case(Names.of(result).prose(design.allocation))


def again_section(result: RunResult) -> Section:
    """Return what makes the same run again."""
    pairs: list[tuple[str, Text]] = [
        ("run", result.run_id),
        ("seed", str(result.seed)),
        ("engine", result.engine),
    ]
    pairs += [("schema", result.schema_version), *result.versions.items()]
    lead = "The same study, options, seed and versions give the same numbers."
    return Section("again", "To make this again", (lead,), (Facts(tuple(pairs)),), folded=True, brief=False)
