"""A made-up result of a run: plausible in shape, synthetic in every number, for the tests of its answer."""

from __future__ import annotations

import math
import random
from typing import Any, Literal

from soleus.answers.run import biology_values as b
from soleus.answers.run import values as m
from soleus.answers.run.told import told_run
from soleus.report.pages import Page, page_html
from soleus.report.specs import Figure
from soleus.schema import claim_rows as c
from soleus.schema import values as v

MECHANISMS = [
    ("afferent-activation", "Afferent input → activation", "afferent", "activation", True),
    ("afferent-amplification", "Afferent input → amplification", "afferent", "fate", True),
    ("lactate-division", "Lactate → division", "lactate", "division", True),
    ("corticosterone-death", "Corticosterone → death", "corticosterone", "death", True),
    ("igf1-survival", "IGF-1 → survival", "igf1", "death", True),
    ("oxygen-activation", "Oxygen → activation", "oxygen", "activation", False),
    ("afferent-return", "Afferent input → return to rest", "afferent", "return", False),
]
READOUTS = [
    ("ki67_density", "Ki67+ cells, ventral SVZ", "cells/mm²", 2100.0, 0.30, True),
    ("stem-total", "Stem cells, all", "cells", 5400.0, 1.03, False),
    ("stem-active", "Stem cells, active", "cells", 262.0, 0.33, False),
    ("tap", "Transit-amplifying cells", "cells", 470.0, 0.31, False),
    ("nb-dividing", "Neuroblasts, dividing", "cells", 1380.0, 0.30, False),
    ("nb-migrating", "Neuroblasts, migrating", "cells", 9600.0, 0.36, False),
    ("neuron-immature", "Neurons, immature", "cells", 31000.0, 0.55, False),
    ("neuron-mature", "Neurons, mature (new)", "cells", 88000.0, 0.94, False),
    ("opc", "OPC (new)", "cells", 310.0, 0.62, False),
    ("ol-premyelinating", "Premyelinating oligodendrocytes", "cells", 46.0, 0.58, False),
    ("ol-mature", "Oligodendrocytes, mature (new)", "cells", 240.0, 0.9, False),
    ("mature-share", "Mature share of new neurons", "fraction", 0.74, 1.17, False),
]
TYPES = [
    ("dormant", "Dormant stem", 0, 4100.0, 1.01),
    ("quiescent", "Quiescent stem", 1, 1020.0, 1.14),
    ("active", "Active stem", 2, 262.0, 0.33),
    ("tap", "Transit-amplifying", 3, 470.0, 0.31),
    ("nb-dividing", "Dividing neuroblast", 4, 1380.0, 0.30),
    ("opc", "OPC", 4, 310.0, 0.62),
    ("astrocyte", "Astrocyte (new)", 4, 120.0, 0.71),
    ("nb-migrating", "Migrating neuroblast", 5, 9600.0, 0.36),
    ("ol-pre", "Premyelinating OL", 5, 46.0, 0.58),
    ("neuron-immature", "Immature neuron", 6, 31000.0, 0.55),
    ("ol-mature", "Mature OL (new)", 6, 240.0, 0.9),
    ("neuron-mature", "Mature neuron (new)", 7, 88000.0, 0.94),
]
FLOWS = [
    ("dormant", "quiescent", "waking", "activation", 15.6, 1.0),
    ("quiescent", "active", "activation", "activation", 210.0, 0.30),
    ("active", "quiescent", "return to rest", "return", 120.0, 0.33),
    ("active", "active", "self-renewal", "fate", 60.0, 0.33),
    ("active", "tap", "differentiation", "fate", 175.0, 0.33),
    ("tap", "tap", "amplification", "division", 420.0, 0.31),
    ("tap", "nb-dividing", "neuronal fate", "fate", 640.0, 0.31),
    ("tap", "opc", "glial fate", "fate", 9.0, 0.31),
    ("tap", "astrocyte", "astrocyte fate", "fate", 2.5, 0.31),
    ("tap", None, "death", "death", 85.0, 0.31),
    ("nb-dividing", "nb-dividing", "division", "division", 900.0, 0.30),
    ("nb-dividing", "nb-migrating", "export", "export", 1300.0, 0.30),
    ("nb-dividing", None, "death", "death", 210.0, 0.30),
    ("nb-migrating", "neuron-immature", "arrival", "export", 1050.0, 0.36),
    ("nb-migrating", None, "death", "death", 150.0, 0.36),
    ("neuron-immature", "neuron-mature", "maturation", "maturation", 760.0, 0.55),
    ("neuron-immature", None, "death", "death", 290.0, 0.55),
    ("neuron-mature", None, "death", "death", 55.0, 0.94),
    ("opc", "ol-pre", "maturation", "maturation", 12.0, 0.62),
    ("opc", None, "death", "death", 3.0, 0.62),
    ("ol-pre", "ol-mature", "maturation", "maturation", 4.4, 0.58),
    ("ol-pre", None, "death", "death", 7.5, 0.58),
    ("ol-mature", None, "death", "death", 0.2, 0.9),
]
STATEMENT = (
    "Assumption: the true ki67_density ratio is set to 0.3 on day 14 by the mechanism set "
    "'afferent-activation'. Every other number follows from it."
)
VERDICTS = ["supported", "supported for another read-out", "contested", "contradicted", "untested"]
CLAIMS = [
    ("design-groups", "Male mice, 4 months old, two groups.", None, 0),
    ("design-duration", "Observed for 28 days.", None, 3),
    ("feeding", "The mice went on feeding themselves.", "food", 2),
    ("no-stress", "They showed no sign of stress.", "corticosterone", 2),
    (
        "svz-site",
        "The sub-ventricular zone is where neural stem cells make new nerve cells.",
        "neuron-immature",
        0,
    ),
    ("nsc-70", "Production of neural stem cells fell by 70 %.", "new_stem_cells_per_day", 1),
    ("nsc-20", "Not using legs gives 20 % fewer stem cells.", "stem-total", 2),
    ("oligo-immature", "Oligodendrocytes did not mature.", "ol-mature", 1),
    ("neuron-immature", "Neurons did not mature completely.", "mature-share", 1),
    ("oxygen", "Less movement lowers oxygen.", None, 3),
    ("signals", "And lowers the signals that legs send to the brain.", "afferent", 0),
    ("leg-exercise", "Leg exercise makes the body signal for more nerve cells.", "stem-active", 2),
    ("resilience", "Some new cells raise endurance to depression.", None, 4),
    ("two-way", "Health is not a one-way street.", None, 4),
]
RESTING = [
    ("Stem cells, all", "Shook 2012", [60, 90, 180, 360, 720], [6200, 5805, 4607, 1617, 607], 0.08),
    ("Stem cells, active", "Daynac 2016", [60, 120, 180, 270, 360], [307, 242, 352, 276, 305], 0.2),
    ("Stem cells, quiescent", "Daynac 2016", [60, 120, 180, 270, 360], [348, 297, 322, 268, 248], 0.3),
    ("Transit-amplifying cells", "Daynac 2016", [60, 120, 180, 270, 360], [784, 480, 353, 225, 171], 0.12),
    ("Neuroblasts, dividing", "Daynac 2016", [60, 120, 180, 270, 360], [2925, 1375, 900, 875, 400], 0.05),
    ("Neuroblasts, all", "Daynac 2016", [60, 120, 180, 270, 360], [19573, 9612, 7522, 5575, 5014], 0.1),
]


def around(value: float, log_sd: float) -> v.Interval:
    return v.Interval(value=value, low=value * math.exp(-1.96 * log_sd), high=value * math.exp(1.96 * log_sd))


def design(n: int) -> m.DesignInfo:
    def span(activity: str, label: str, start: float, end: float) -> m.RegimenSpan:
        return m.RegimenSpan(activity=activity, label=label, start_day=start, end_day=end)

    groups = [
        m.GroupInfo(
            name="control",
            label="control",
            control=True,
            n_animals=n,
            regimen=[span("free", "free ambulation", -7, 28)],
        ),
        m.GroupInfo(
            name="unloaded",
            label="unloaded",
            control=False,
            n_animals=n,
            regimen=[span("free", "free ambulation", -7, 0), span("hu", "hind-limb unloading", 0, 28)],
        ),
    ]
    return m.DesignInfo(
        study="leg-day",
        title="Leg day: 28 days without the hind limbs",
        summary="Two groups of male mice, four months old; one cannot use its hind legs.",
        species="mouse",
        strain="C57BL/6J",
        sex="male",
        age_days=120,
        duration_days=28,
        sampling_days=[14, 28],
        groups=groups,
        allocation="complete randomisation, seed recorded",
        citation="made-up-2018",
    )


def readout(
    entry: tuple[str, str, str, float, float, bool], *, day: float, n: int, draw: random.Random
) -> m.ReadoutResult:
    name, label, unit, mean, ratio, sections = entry
    true = ratio if day == 28 else ratio ** (0.97 if ratio < 0.4 else 0.6)
    animals = []
    for group, centre in (("control", mean), ("unloaded", mean * true)):
        for k in range(n):
            value = centre * math.exp(draw.gauss(0, 0.24))
            units = [value * math.exp(draw.gauss(0, 0.3)) for _ in range(2)] if sections else [value]
            animals.append(
                m.AnimalValue(
                    animal=f"{group}-d{day:g}-{k + 1}",
                    group=group,
                    value=sum(units) / len(units),
                    units=units,
                )
            )
    by_group = {g: sorted(a.value for a in animals if a.group == g) for g in ("control", "unloaded")}
    means = {g: sum(v) / len(v) for g, v in by_group.items()}
    centres = {g: math.exp(sum(map(math.log, v)) / len(v)) for g, v in by_group.items()}
    return m.ReadoutResult(
        readout=name,
        label=label,
        assay="Ki67 sections" if sections else "whole-niche count",
        unit=unit,
        day=day,
        n_by_group=dict.fromkeys(by_group, n),
        mean_by_group=means,
        centre_by_group=centres,
        centre_kind="geometric mean",
        quantiles_by_group={
            g: [v[min(n - 1, int(q * n))] for q in (0.05, 0.25, 0.5, 0.75, 0.95)] for g, v in by_group.items()
        },
        animals=animals,
        contrast="unloaded / control",
        effect=v.EffectEstimate(
            ratio=around(centres["unloaded"] / centres["control"], 0.14),
            p_value=0.3 if ratio > 0.85 else 2.1e-5,
            method="Welch on log means of animals",
        ),
        true_ratio=true,
    )


def mechanism(k: int) -> m.MechanismRow:
    name, label, signal, role, reaches = MECHANISMS[k]
    bound = 0.30 if reaches else 0.62
    solved = {1: [7, 14, 28], 6: []}.get(k, list(range(29)))
    days = [m.DayPrediction(day=d, ratio=bound ** (1 - math.exp(-d / (2.0 + k)))) for d in solved]
    return m.MechanismRow(
        name=name,
        label=label,
        signal=signal,
        role=role,
        on=k % 2 == 0,
        reaches_reported=reaches,
        strongest_ratio=0.05 * (k + 1) if reaches else bound,
        log_gain_reported=-1.9 + 0.2 * k if reaches else None,
        ratio_by_day=days,
        status="provisional" if k % 2 else "checked",
        citations=["made-up-2018"],
        note="synthetic" if reaches else "loss of this signal cannot lower Ki67 further",
    )


def translation(k: int) -> m.TranslationRow:
    name, label, _, _, reaches = MECHANISMS[k]
    ratios = {r[0]: r[4] ** (1 + 0.25 * math.sin(3.0 * k + i)) for i, r in enumerate(READOUTS)}
    ratios["ki67_density"] = 0.30 if reaches else 0.62
    ratios |= {"quiescent_stem_cells": 2.5, "new_stem_cells_per_day": 0.2 * (k + 1)}
    if k == 3:
        ratios |= {"stem-active": 1.0, "stem-total": 1.0}
    return m.TranslationRow(mechanism=name, label=label, reaches=reaches, day=28, ratios=ratios)


def resting() -> m.RestingFit:
    draw = random.Random(5)
    points = []
    for label, source, ages, values, cv in RESTING:
        for age, value in zip(ages, values, strict=True):
            residual = 2.4 if (label, age) == ("Neuroblasts, dividing", 360) else draw.gauss(0, 0.8)
            predicted = around(value * math.exp(-0.22 * residual), 0.22)
            points.append(
                m.RestingPoint(
                    source=source,
                    readout=label,
                    label=label,
                    age_days=age,
                    observed=value,
                    se=cv * value,
                    predicted=predicted,
                    inside=predicted.low <= value <= predicted.high,
                )
            )
    names = [
        "stem cells to dormant",
        "TAP divisions",
        "TAP early death",
        "neuroblast export",
        "activation at 60 d",
    ]
    folds = [0.31, 0.62, 4.4, 1.05, 1.9]
    moved = [
        m.MovedRate(
            name=n,
            label=n,
            unit="1/d",
            published=0.1 + 0.2 * k,
            fitted=(0.1 + 0.2 * k) * fold,
            fold=fold,
            citation="made-up-2018",
            reason="the counts by age allow no more loss than this",
        )
        for k, (n, fold) in enumerate(zip(names, folds, strict=True))
    ]
    return m.RestingFit(
        points=points,
        fraction_inside=sum(p.inside for p in points) / len(points),
        discrepancy_cv=0.17,
        discrepancy_without_scale={
            "Shook 2012 scale": 0.61,
            "Daynac 2016 stem-cell scale": 0.88,
            "neuroblast FACS scale": 0.42,
        },
        scale_factors={
            "Shook 2012 scale": 1.0,
            "Daynac 2016 stem-cell scale": 0.11,
            "neuroblast FACS scale": 0.55,
        },
        n_points=len(points),
        n_free=11,
        trend_slope=v.Interval(value=0.06, low=-0.5, high=0.62),
        moved=moved,
        variants=["consuming division (default)", "asymmetric division"],
        made_by="soleus catalogue calibrate svz-resting",
    )


WORDS = ["Yes", "Partly", "Researchers disagree", "Measurements point the other way"]


def finding_row(k: int, stance: Literal["supports", "opposes"]) -> c.EvidenceRow:
    return c.EvidenceRow(
        id=f"made-up-{k}-{stance}",
        relation="direct",
        stance=stance,
        told=True,
        found="fewer made-up cells",
        reason="A finding that nobody made (synthetic).",
        readout="neurons_born",
        niche="svz",
        species="mouse",
        day=14,
        direction="down",
        log_ratio=None,
        value=None,
        status="provisional" if stance == "opposes" else "checked",
        citation="made-up-2018" if stance == "supports" else "invented-2012",
        source="Nobody and Noone 2018" if stance == "supports" else "Noone n.d.",
        doi="10.1234/made.up" if stance == "supports" else None,
        url="https://doi.org/10.1234/made.up" if stance == "supports" else None,
        no_doi=None if stance == "supports" else "DOI not confirmed.",
    )


def account() -> c.Account:
    return c.Account(
        main="nsc-70",
        question="Do made-up legs matter?",
        answer="Nobody knows. It is all synthetic.",
        about="“Made up” retells a press release on one paper:",
        paper="Nobody and Noone 2018",
        paper_url="https://doi.org/10.1234/made.up",
        zone="a zone of made-up cells",
        people="This is no study of mice. It says nothing about people.",
        dated="2026-01-02",
        seen_in_part=True,
        dividing=c.DividingCells(stem_share=0.074, age_days=150),
    )


def claim(k: int) -> c.ClaimRow:
    name, words, target, verdict = CLAIMS[k]
    cells = name == "svz-site"
    scale = 30_000 if cells else 1
    sets = (
        []
        if target is None
        else [
            c.IntervalBy(
                mechanism_set=MECHANISMS[j][0], interval=around(scale * (0.35 + 0.11 * ((j + k) % 7)), 0.25)
            )
            for j in range(5)
        ]
    )
    return c.ClaimRow(
        id=name,
        claim=name,
        part=None,
        kind="finding",
        words=words,
        quote=" ".join(words.split()[:4]),
        label="",
        word=WORDS[k % len(WORDS)],
        sentence=f"{k + 2} studies of made-up mice found something (synthetic).",
        situation="against" if k in (3, 4) else "repeated",
        source="popular account",
        primary="The paper says this in other words (synthetic).",
        independent="Two independent studies disagree (synthetic).",
        readout=target or "groups",
        value=around(0.62 * scale, 0.3),
        informed=around(0.58 * scale, 0.3),
        value_scale="cells" if cells else "ratio" if target else "groups",
        unit="cells" if cells else "times" if target else "groups",
        claimed=c.ClaimedInterval(scale="ratio", low=None, high=0.5, reason="half or less (synthetic)"),
        by_mechanism=sets,
        probability_by_mechanism={s.mechanism_set: round(0.1 + 0.13 * j, 2) for j, s in enumerate(sets)},
        uninformed=[sets[0].mechanism_set] if sets else [],
        rule_line="against",
        evidence=[finding_row(k, "supports"), finding_row(k, "opposes")],
        told_by=c.ToldBy(paper="14 days", press="28 days", article="28 days") if k == 1 else None,
        grade="direct, one study" if k % 2 else "indirect",
        verdict=VERDICTS[verdict],
        called=VERDICTS[verdict],
        inputs={"F": k % 3, "A": (k + 1) % 2, "F[neurons_born]": 1.0, "max_p": 0.42},
        note="Synthetic row." if k % 3 else "",
        citations=["made-up-2018"],
    )


def signals() -> list[m.SignalSeries]:
    shapes = [
        ("load", "Hind-limb load", 0.05),
        ("afferent", "Afferent input", 0.35),
        ("lactate", "Exercise lactate", 0.4),
        ("corticosterone", "Corticosterone", 1.6),
        ("igf1", "IGF-1", 0.8),
        ("oxygen", "Resting oxygen use", 1.08),
    ]
    days = [0.25 * i for i in range(113)]
    return [
        m.SignalSeries(
            signal=s,
            label=label,
            group=group,
            days=days,
            values=[1.0 if group == "control" else end + (1 - end) * math.exp(-d / 2.5) for d in days],
            citations=["made-up-2018"],
            status="provisional" if s == "lactate" else "checked",
        )
        for s, label, end in shapes
        for group in ("control", "unloaded")
    ]


def headline(entry: tuple[str, str, str, float, float, bool], observed: v.Interval | None) -> m.Headline:
    name, label, _, _, ratio, _ = entry
    sets = [
        c.IntervalBy(mechanism_set=MECHANISMS[j][0], interval=around(ratio**0.55 * (0.8 + 0.1 * j), 0.35))
        for j in range(5)
    ]
    face = v.Interval(value=ratio, low=ratio * 0.9, high=ratio * 1.12)
    if name == "ki67_density":
        face = v.Interval(value=0.29, low=0.27, high=0.31)
    return m.Headline(
        readout=name,
        label=label,
        day=28,
        face_value=face,
        prior=around(ratio**0.5, 0.45),
        prior_by_set=sets,
        observed=observed,
    )


def headlines(observed: dict[str, v.Interval]) -> list[m.Headline]:
    """One row for the reported day; on the last day every read-out, one of them not measured."""
    reported = headline(READOUTS[0], None).model_copy(
        update={"day": 14, "face_value": v.Interval(value=0.3, low=0.3, high=0.3, level=1.0)}
    )
    last = [headline(READOUTS[i], observed[READOUTS[i][0]]) for i in (0, 1, 2, 4, 7, 10)]
    unmeasured = headline(
        ("quiescent_stem_cells", "quiescent stem cells that have not divided for a week", "", 0, 2.5, False),
        None,
    )
    return [reported, *last, unmeasured]


def assumptions() -> list[v.Assumption]:
    statuses = ["checked", "provisional", "derived", "fitted", "superseded"]
    return [
        v.Assumption(
            name=f"a{k}",
            label=label,
            value=value,
            unit=unit,
            low=value * 0.8,
            high=value * 1.3,
            status=statuses[k % 5],
            reason="synthetic reason for this number",
            citation="made-up-2018",
            source="Nobody et al. 2018",
            doi="10.1234/made.up",
        )  # type: ignore[arg-type]
        for k, (label, value, unit) in enumerate(
            [
                ("cycle of an active stem cell", 17.5, "h"),
                ("animals: coefficient of variation", 0.24, "1"),
                ("half-life of afferent drop", 2.5, "d"),
                ("activation rate at 120 d", 0.205, "1/d"),
                ("premyelinating stage", 2.5, "d"),
                ("section thickness", 10, "µm"),
            ]
        )
    ]


def body(n: int) -> b.BodyInfo:
    curve = {"readout": "body_mass", "label": "Body mass", "course": "only", "course_label": ""}
    days = (0.0, 14.0, 28.0)
    measures = [
        b.BodyMeasure(
            readout="body_mass",
            label="Body mass",
            unit="g",
            day=day,
            contrast="unloaded / control",
            n_by_group={"control": n, "unloaded": n},
            mean_by_group={"control": 29.0, "unloaded": 27.5},
            effect=v.EffectEstimate(ratio=around(0.95, 0.04), p_value=0.21, method="Welch"),
            true_ratio=0.94,
            margin=1.1,
            equivalence="not shown",
            animals_needed=14,
            words=f"equivalence not shown on day {day:g}; about 14 animals a group would be needed",
        )
        for day in days[1:]
    ]
    return b.BodyInfo(
        statement="Synthetic: what is known of the body, and what is provisional.",
        status="provisional",
        measures=measures,
        curves=[
            v.BodyCurve(**curve, group="control", days=days, median=(1, 1, 1), low=(1, 1, 1), high=(1, 1, 1)),
            v.BodyCurve(
                **curve, group="unloaded", days=days, median=(1, 0.9, 0.95), low=(1, 0.8, 0.9), high=(1, 1, 1)
            ),
        ],
    )


def maturation() -> b.MaturationInfo:
    stages = [
        b.StageInfo(name="immature", label="immature neuron", mature=False),
        b.StageInfo(name="mature", label="mature neuron", mature=True),
    ]
    shares = [
        b.MatureShareRow(line="neuron", label="bulb neurons", group=g, day=d, born=900.0, mature_share=s)
        for g, d, s in [
            ("control", 14, 0.02),
            ("control", 28, 0.27),
            ("unloaded", 14, 0.03),
            ("unloaded", 28, 0.4),
        ]
    ]
    line = b.LineStages(
        line="neuron",
        label="bulb neurons",
        group="control",
        ages=[0.5, 14.0, 27.5],
        stages=stages,
        cells=[[100.0, 0.0], [80.0, 10.0], [20.0, 60.0]],
    )
    return b.MaturationInfo(
        statement="Synthetic: no cell is older than the study.",
        status="provisional",
        stages=[line],
        shares=shares,
    )


def dentate() -> b.DentateInfo:
    newborn = b.NewbornInfo(
        niche="dg",
        age_days=120,
        days=[0, 7, 28],
        types=["IP1", "iGC", "mGC"],
        labels=["Progenitor", "Immature granule cell", "Mature granule cell"],
        cells=[[60, 0, 0], [5, 80, 0], [0, 20, 25]],
        died=[0, 20, 60],
    )
    index = b.BufferingInfo(
        group="unloaded",
        day=28,
        status="speculative",
        niche="dg",
        readout="plastic_neurons",
        levels=[-1, 0, 1],
        labels=["weaker", "as in controls", "stronger"],
        ranges=["up to 0.9", "above 0.9, below 1.1", "1.1 or more"],
        reasons=["guess one", "guess two", "guess three"],
        probabilities=[0.25, 0.5, 0.25],
        draws=400,
        statement="Speculative: a guess, made up for this test.",
    )
    return b.DentateInfo(
        statement="Synthetic: most newborn cells die.",
        status="provisional",
        newborn=newborn,
        buffering=[index],
        evidence=["For: a synthetic finding", "Against: another synthetic finding"],
    )


def culture() -> b.CultureInfo:
    curves = [
        b.GrowthCurve(
            group=g, days=[0, 7, 7, 14], flask=[1e5, top, top / 10, top], cumulated=[1e5, top, top, 1e7]
        )
        for g, top in (("control", 1e6), ("unloaded", 4e5))
    ]
    return b.CultureInfo(
        statement="Synthetic: growth over passages.",
        status="provisional",
        passages=[7],
        plated_fraction=0.1,
        readout="cells",
        curves=curves,
    )


def make_result(n: int = 8, drawn: bool = True) -> m.RunResult:
    draw = random.Random(11)
    readouts = [readout(entry, day=day, n=n, draw=draw) for entry in READOUTS for day in (14.0, 28.0)]
    observed = {r.readout: r.effect.ratio for r in readouts if r.day == 28 and r.effect}
    if not drawn:
        readouts = [r.model_copy(update={"animals": []}) for r in readouts]
    return m.RunResult(
        run_id="3f9c1d2e7ab4",
        seed=20240611,
        engine="moments",
        versions={"soleus": "0.1.0", "numpy": "2.4.0", "scipy": "1.17.0", "python": "3.11.9"},
        status="provisional",
        design=design(n),
        effect=m.EffectInfo(
            mode="reported",
            mechanisms=["afferent-activation"],
            statement=STATEMENT,
            true_ratio=[m.DayPrediction(day=14, ratio=0.30), m.DayPrediction(day=28, ratio=0.29)],
        ),
        headline=headlines(observed),
        signals=signals(),
        lineage_types=[
            m.LineageType(
                name=t,
                label=label,
                ontology="CL:0000047" if c < 3 else None,
                column=c,
                cells={"control": n0, "unloaded": n0 * r},
            )
            for t, label, c, n0, r in TYPES
        ],
        flows=[
            m.Flow(
                source=s, target=t, transition=x, role=role, cells_per_day={"control": f, "unloaded": f * r}
            )
            for s, t, x, role, f, r in FLOWS
        ],
        readouts=readouts,
        mechanisms=[mechanism(k) for k in range(7)],
        translation=[translation(k) for k in range(7)],
        resting_fit=resting(),
        body=body(n),
        maturation=maturation(),
        dentate=dentate(),
        culture=culture(),
        claims=[claim(k) for k in range(14)],
        account=account(),
        verdict_rule=[
            "F = A = 0: untested",
            "A >= 1, F = 0 and max P < 0.1: contradicted",
            "or else: contested",
        ],
        verdict_thresholds={"supporting_entries": 2.0, "contradicted_below": 0.1},
        prior_draws=1234,
        numbers=assumptions(),
        citations=[
            v.CitationRow(
                key="made-up-2018",
                title="A synthetic paper about legs",
                authors="Nobody A, Noone B",
                year=2018,
                doi="10.1234/made.up",
                reasons=["reported effect", "sampling days"],
                bibtex="@article{made-up-2018,\n  title = {A synthetic paper},\n  year = {2018}\n}",
            ),
            v.CitationRow(
                key="invented-2012",
                title="Counts by age that nobody made",
                authors="Noone B",
                year=None,
                doi=None,
                reasons=["counts by age"],
                bibtex="@article{invented-2012,\n  year = {2012}\n}",
            ),
        ],
        warnings=[
            "3 provisional numbers were used: the run is provisional.",
            "The account says 28 days, the paper 14.",
            STATEMENT,
        ],
        files={
            "observations (Parquet)": "observations.parquet",
            "observations (CSV)": "observations.csv",
            "manifest": "manifest.json",
        },
    )


def figures_of(result: m.RunResult) -> dict[str, Figure]:
    """Every figure of the answer, by name."""
    return {f.name: f for section in told_run(result).sections for f in section.figures}


def specs_of(result: m.RunResult) -> dict[str, dict[str, Any]]:
    """The specification of every figure, by name."""
    return {name: figure.spec for name, figure in figures_of(result).items()}


def page_of(result: m.RunResult, **paths: str) -> str:
    """The page of the answer."""
    answer = told_run(result)
    footer = f"Made by soleus, run {result.run_id}."
    return page_html(
        Page("Virtual study", answer.title, answer.headline, answer.sections, footer, "0", paths)
    )
