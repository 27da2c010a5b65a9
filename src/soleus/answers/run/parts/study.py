"""The study as it was lived: design, signals, lineage and flows."""

from __future__ import annotations

import numpy as np

from soleus.answers.run.values import DesignInfo, Flow, GroupInfo, LineageType, RegimenSpan, SignalSeries
from soleus.catalogue.folder import Catalogue
from soleus.catalogue.movement import movement_entries
from soleus.catalogue.studies import agreed_entry
from soleus.engines import mean_cells
from soleus.movement import signal_courses
from soleus.study import Experiment, describe_allocation
from soleus.study.design import Study
from soleus.study.flows import type_flows

__all__ = ["design_info", "lineage_picture", "signal_series"]

_SIGNAL_POINTS = 240


def design_info(catalogue: Catalogue, study: Study, *, seed: int) -> DesignInfo:
    """Return who, what and when."""
    entry = agreed_entry(catalogue, study)
    groups = [
        GroupInfo(
            name=g.name,
            label=g.label,
            control=g is study.control,
            n_animals=g.n_animals,
            regimen=[
                RegimenSpan(
                    activity=i.activity.name, label=i.activity.label, start_day=i.start_day, end_day=i.end_day
                )
                for i in g.regimen.intervals
            ],
            silenced=list(g.silenced),
        )
        for g in study.groups
    ]
    return DesignInfo(
        study=study.name,
        title=study.title,
        summary=study.summary,
        species=entry.species,
        strain=study.strain,
        sex=study.sex,
        age_days=study.age_days,
        duration_days=study.sampling_days[-1],
        sampling_days=list(study.sampling_days),
        groups=groups,
        allocation=describe_allocation(study, seed),
        citation=study.citation,
        niche=study.niche.niche,
        lineage=study.niche.name,
        modelled_as=entry.modelled_as,
    )


def signal_series(catalogue: Catalogue, experiment: Experiment) -> list[SignalSeries]:
    """Return the course of every signal that a mechanism (or the body) follows, by group."""
    study = experiment.study
    days = np.linspace(0.0, study.sampling_days[-1], _SIGNAL_POINTS)
    series = []
    courses = {g.name: signal_courses(study.signals, g.regimen, study.feedbacks) for g in study.groups}
    for name, signal in study.signals.items():
        entry = movement_entries(catalogue).signals[name]
        for group in study.groups:
            values = courses[group.name][name](days)
            series.append(
                SignalSeries(
                    signal=name,
                    label=signal.label,
                    group=group.name,
                    days=[round(float(d), 4) for d in days],
                    values=[round(float(v), 6) for v in values],
                    citations=[] if entry.citation is None else [entry.citation],
                    status=entry.status,
                )
            )
    return series


def lineage_picture(experiment: Experiment) -> tuple[list[LineageType], list[Flow]]:
    """Return true mean cells by type and flows between types, by group, on the last day."""
    study = experiment.study
    process = experiment.process
    day = study.sampling_days[-1]
    types = [m.type for m in process.microstates]
    cells: dict[str, dict[str, float]] = {t.name: {} for t in study.niche.lineage.types}
    flows: dict[tuple[str, str | None, str, str], dict[str, float]] = {}
    for group in study.groups:
        modifiers = experiment.modifiers(group.name)
        mean = mean_cells(process, modifiers, experiment.start, days=[day], tolerance=1e-9)[0]
        for name in cells:
            cells[name][group.name] = float(sum(mean[i] for i, t in enumerate(types) if t == name))
        last = int(np.searchsorted(modifiers.edges, day, side="left")) - 1
        values = modifiers.on_roles(process.roles)[:, last]
        for flow in type_flows(process, cells=mean, role_values=values):
            key = (flow.source, flow.target, flow.transition, flow.role)
            flows.setdefault(key, {})[group.name] = flow.cells_per_day
    pictured = [
        LineageType(name=t.name, label=t.label, ontology=t.ontology, column=t.column, cells=cells[t.name])
        for t in study.niche.lineage.types
    ]
    drawn = [
        Flow(source=s, target=t, transition=name, role=role, cells_per_day=rates)
        for (s, t, name, role), rates in flows.items()
    ]
    return pictured, drawn
