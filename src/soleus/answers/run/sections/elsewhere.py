"""What else would change with the reported change, cause by cause: the heat-map and its numbers."""

from __future__ import annotations

from soleus.answers.run.figures.translation import translation_figure
from soleus.answers.run.names import Names
from soleus.answers.run.spread import last_day_rows, readout_spreads
from soleus.answers.run.values import RunResult
from soleus.report.names import sentence_case
from soleus.report.section import Column, Row, Section, Table

__all__ = ["elsewhere_section"]


def elsewhere_section(result: RunResult) -> Section:
    """Return true ratios of every read-out under each possible cause."""
    label = result.effect.readout_label
    ki67 = (
        "Ki67 marks every cycling cell; few of those are stem cells. "
        if result.effect.readout == "ki67_density"
        else ""
    )
    lead = (
        f"{ki67}The same change can leave stem cells untouched or take most of them, depending on the cause. "
        "Rows whose colours differ are the read-outs that could tell the possible causes apart; they stand "
        "at the top."
    )
    return Section(
        "translation",
        f"What else would change with {label}",
        (lead,),
        (translation_figure(result), _table(result)),
        brief=False,
    )


def _table(result: RunResult) -> Table:
    names = Names.of(result)
    order = [one.readout for one in readout_spreads(result)]
    rows = tuple(
        Row(
            {
                "cause": sentence_case(names.mechanism(row.mechanism)),
                "reaches": "yes" if row.reaches else "cannot",
                **{name: row.ratios.get(name) for name in order},
            }
        )
        for row in last_day_rows(result)
    )
    columns = (
        Column("cause", "possible cause"),
        Column("reaches", "reaches it"),
        *(Column(name, names.readout(name), "ratio") for name in order),
    )
    return Table(
        "translation", "The same in numbers: true ratio to control", columns, rows, brief=0, folded=True
    )
