"""Tables whose layout is easily misread: each is read right, or its user is asked one question.

Every table stands for a kind of fault. The effects were worked out by hand from the animals' values; a table
that is asked about names the question and, where one word settles it, the word.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from soleus.analysis.answers import Effect
from soleus.analysis.declaration import AnalysisPlan
from soleus.analysis.plan import analyse
from soleus.errors import InputError
from soleus.exchange.reading import Imported, QuestionError, read

CONTROL, TREATED = (40, 38, 44), (24, 29, 22)
RATIO = 0.6118  # of the geometric means of the two


def rows(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def simple(header: str, *, groups: tuple[str, str] = ("ctrl", "HU"), extra: str = "") -> str:
    """Six animals in two groups; ``extra`` is put after each row."""
    values = [(groups[0], v) for v in CONTROL] + [(groups[1], v) for v in TREATED]
    return rows(header, *(f"{k},{g},{v}{extra}" for k, (g, v) in enumerate(values, 1)))


@dataclass(frozen=True)
class Case:
    """A table, and what must come out."""

    text: str
    effects: tuple[float, ...] = ()
    asks: str | None = None
    word: str | None = None
    n: tuple[int, int] | None = None
    says: tuple[str, ...] = ()
    answers: tuple[str, ...] = field(default=())


CASES: dict[str, Case] = {
    # 1: parts of an animal taken for animals
    "slices in German ids": Case(
        rows(
            "Tiernummer,Versuchsgruppe,Zellzahl",
            *(
                f"{a} Schnitt {s},{g},{v}"
                for a, g, v in (
                    ("K1", "Kontrolle", 40),
                    ("K2", "Kontrolle", 38),
                    ("K3", "Kontrolle", 44),
                    ("E1", "Flug", 24),
                    ("E2", "Flug", 29),
                    ("E3", "Flug", 22),
                )
                for s in (1, 2)
            ),
        ),
        (RATIO,),
        n=(3, 3),
        says=("2 sections of each animal",),
    ),
    "sides of some animals only": Case(
        rows(
            "Mouse ID,Group,DCX",
            "m1_L,ctrl,40",
            "m1_R,ctrl,40",
            "m2_L,ctrl,38",
            "m3_L,ctrl,44",
            "m3_R,ctrl,44",
            "m4_L,HU,24",
            "m4_R,HU,24",
            "m5_L,HU,29",
            "m5_R,HU,29",
            "m6_R,HU,22",
        ),
        (RATIO,),
        n=(3, 3),
    ),
    "a number behind a point may be a cage or a part": Case(
        rows(
            "Animal,Group,Count",
            "1.1,ctrl,40",
            "1.2,ctrl,41",
            "2.1,ctrl,44",
            "2.2,ctrl,46",
            "3.1,HU,24",
            "3.2,HU,25",
            "4.1,HU,22",
            "4.2,HU,23",
        ),
        (0.549,),
        asks="Animal",
        word="prefix",
        n=(2, 2),
    ),
    "cages explain the front of the ids": Case(
        rows(
            "Cage,Mouse,Group,Count",
            "1,1a,ctrl,40",
            "1,1b,ctrl,38",
            "2,2a,ctrl,44",
            "2,2b,HU,24",
            "3,3a,HU,29",
            "3,3b,HU,22",
        ),
        (RATIO,),
        n=(3, 3),
    ),
    # 2: the last number of a name
    "regions in names": Case(
        rows(
            "Image,Count",
            *(
                f"{g}_rat{a}_{r}.tif,{v + d}"
                for a, (g, v) in enumerate(
                    [("sham", 40), ("sham", 38), ("sham", 44), ("MCAO", 24), ("MCAO", 29), ("MCAO", 22)], 1
                )
                for r, d in (("CA1", 0), ("CA3", 100))
            ),
        ),
        (RATIO, 0.891),
        n=(3, 3),
    ),
    "a bare number in names": Case(
        rows(
            "Filename,Count",
            *(
                f"{g}_m{a}_{s}.tif,{v}"
                for a, (g, v) in enumerate(
                    [("ctrl", 40), ("ctrl", 38), ("ctrl", 44), ("hlu", 24), ("hlu", 29), ("hlu", 22)], 1
                )
                for s in (1, 2)
            ),
        ),
        (RATIO,),
        asks="part 3",
        word="section",
        n=(3, 3),
    ),
    # 3: groups named by words of statistics
    "a group called Total": Case(simple("Mouse,Group,Count", groups=("ctrl", "Total")), (RATIO,), n=(3, 3)),
    "animals called by letters": Case(
        rows("Animal,Group,Count", "N,ctrl,40", "O,ctrl,38", "P,ctrl,44", "Q,HU,24", "R,HU,29", "S,HU,22"),
        (RATIO,),
        n=(3, 3),
    ),
    # 4: summary rows
    "French summaries": Case(
        rows(
            "Souris,Groupe,Cellules",
            "1,Témoin,40",
            "2,Témoin,38",
            "3,Témoin,44",
            "Moyenne Témoin,,40.67",
            "Écart-type,,3.06",
            "4,Traité,24",
            "5,Traité,29",
            "6,Traité,22",
            "Moyenne Traité,,25",
            "Écart-type,,3.61",
        ),
        (RATIO,),
        n=(3, 3),
        says=("Moyenne Témoin",),
    ),
    "n in brackets": Case(
        rows(
            "Animal,Group,Count",
            "1,ctrl,40",
            "2,ctrl,38",
            "3,ctrl,44",
            "MEAN (n=3),ctrl,40.7",
            "4,HU,24",
            "5,HU,29",
            "6,HU,22",
            "MEAN (n=3),HU,25",
        ),
        (RATIO,),
        n=(3, 3),
    ),
    "the mean stands under the group": Case(
        rows(
            "Group,Animal,Count",
            "ctrl,1,40",
            "ctrl,2,38",
            "ctrl,3,44",
            "Mean,,40.7",
            "HU,4,24",
            "HU,5,29",
            "HU,6,22",
            "Mean,,25",
        ),
        (RATIO,),
        n=(3, 3),
    ),
    # 5: strata
    "weeks in Italian": Case(
        rows(
            "Topo,Gruppo,Settimana,Cellule",
            *(
                f"{k},{g},{w},{v}"
                for k, (g, w, v) in enumerate(
                    [
                        *[("Controllo", 1, v) for v in CONTROL],
                        *[("Trattato", 1, v) for v in TREATED],
                        *[("Controllo", 4, v + 10) for v in CONTROL],
                        *[("Trattato", 4, v + 30) for v in TREATED],
                    ],
                    1,
                )
            ),
        ),
        (RATIO, 1.083),
        n=(3, 3),
        says=("day 7, day 28",),
    ),
    "an unknown column of few words": Case(
        rows(
            "Animal,Group,Loc,Count",
            *(
                f"{k},{g},{p},{v + d}"
                for k, (g, v) in enumerate(
                    [("ctrl", 40), ("ctrl", 38), ("ctrl", 44), ("HU", 24), ("HU", 29), ("HU", 22)], 1
                )
                for p, d in (("inner", 0), ("outer", 50))
            ),
        ),
        (RATIO, 0.828),
        asks="Loc",
        word="within",
        n=(3, 3),
    ),
    # 6: two treatments in one animal
    "before and after": Case(
        rows(
            "Mouse,Treatment,Count",
            *(f"{k},{t},{v}" for k in (1, 2, 3) for t, v in (("pre", 40 + k), ("post", 30 + k))),
        ),
        asks="animals",
        says=("--paired",),
    ),
    "conditions in ids": Case(
        rows(
            "ID,Condition,Count",
            *(f"m{k}_{t},{t},{v}" for k in (1, 2, 3, 4) for t, v in (("pre", 40 + k), ("post", 30 + k))),
        ),
        asks="animals",
        says=("--paired",),
    ),
    # 7: what is divided
    "how many slices": Case(
        rows(
            "Souris,Traitement,Nombre de coupes,Cellules DCX",
            "1,véhicule,2,80",
            "2,véhicule,4,152",
            "3,véhicule,3,132",
            "4,drogue,4,96",
            "5,drogue,2,58",
            "6,drogue,3,66",
        ),
        (RATIO,),
        says=("divided by Nombre de coupes",),
    ),
    "a mean is not divided again": Case(
        rows(
            "Animal,Group,Mean cells per section,n sections",
            "1,ctrl,40.5,6",
            "2,ctrl,38.5,5",
            "3,ctrl,44.5,6",
            "4,HU,24.5,6",
            "5,HU,29.5,4",
            "6,HU,22.5,6",
        ),
        (0.616,),
    ),
    "fibre areas are read-outs": Case(
        rows(
            "Animal,Group,Fibers,Fiber CSA (um2)",
            "1,ctrl,40,2000",
            "2,ctrl,38,2100",
            "3,ctrl,44,2050",
            "4,HU,24,1500",
            "5,HU,29,1400",
            "6,HU,22,1450",
        ),
        (RATIO, 0.707),
    ),
    # 8: bookkeeping, and sections side by side
    "bookkeeping": Case(
        rows(
            "No.,Mouse,Group,Slide,Litter size,Count",
            "1,a1,ctrl,1,8,40",
            "2,a2,ctrl,2,7,38",
            "3,a3,ctrl,3,9,44",
            "4,a4,HU,4,8,24",
            "5,a5,HU,5,6,29",
            "6,a6,HU,6,7,22",
        ),
        (RATIO,),
        says=("Litter size",),
    ),
    "slices side by side with their mean": Case(
        rows(
            "Maus,Gruppe,Schnitt 1,Schnitt 2,Mittelwert",
            "1,Kontrolle,39,41,40",
            "2,Kontrolle,37,39,38",
            "3,Kontrolle,43,45,44",
            "4,HU,23,25,24",
            "5,HU,28,30,29",
            "6,HU,21,23,22",
        ),
        (RATIO,),
        says=("Mittelwert is the mean",),
    ),
    "two raters side by side": Case(
        rows(
            "Animal,Group,Rater 1,Rater 2",
            "1,ctrl,39,41",
            "2,ctrl,37,39",
            "3,ctrl,43,45",
            "4,HU,23,25",
            "5,HU,28,30",
            "6,HU,21,23",
        ),
        (RATIO,),
        says=("2 observers",),
    ),
    "doses within a group": Case(
        rows(
            "Mouse,Treatment,Dose (mg/kg),Count",
            "1,vehicle,0,40",
            "2,vehicle,0,38",
            "3,vehicle,0,44",
            "4,drug,10,24",
            "5,drug,10,29",
            "6,drug,10,22",
            "7,drug,30,14",
            "8,drug,30,19",
            "9,drug,30,12",
        ),
        (RATIO, 0.363),
        asks="Dose (mg/kg)",
        word="group",
    ),
    # 9: the control
    "killed on other days than the control": Case(
        rows(
            "Animal,Group,Day,Count",
            "1,ctrl,0,40",
            "2,ctrl,0,38",
            "3,ctrl,0,44",
            "4,HU,7,24",
            "5,HU,7,29",
            "6,HU,7,22",
        ),
        (RATIO,),
        asks="Day",
        word="label",
    ),
    "two groups named like a control": Case(
        simple("Mouse,Group,Count", groups=("sham", "vehicle")), (RATIO,), asks="control", word="sham"
    ),
    # 10, 25: layouts
    "groups across": Case(
        rows("Sham,Stroke", "40,24", "38,29", "44,22"),
        (RATIO,),
        asks="layout",
        word="group-per-column",
        n=(3, 3),
    ),
    "animals across, turned": Case(
        rows("Animal,a1,a2,a3,a4,a5,a6", "Group,ctrl,ctrl,ctrl,HU,HU,HU", "Count,40,38,44,24,29,22"), (RATIO,)
    ),
    "two header rows": Case(
        rows(
            ",,SVZ,,DG,",
            "Animal,Group,Ki67,DCX,Ki67,DCX",
            *(
                f"{k},{g},{v},{v + 1},{v + 2},{v + 3}"
                for k, (g, v) in enumerate(
                    [("ctrl", 40), ("ctrl", 38), ("ctrl", 44), ("HU", 24), ("HU", 29), ("HU", 22)], 1
                )
            ),
        ),
        (RATIO, 0.622, 0.631, 0.639),
    ),
    "a row of units": Case(
        rows(
            "Animal,Group,Ki67,Weight",
            ",,cells,g",
            "1,ctrl,40,25",
            "2,ctrl,38,24",
            "3,ctrl,44,26",
            "4,HU,24,25",
            "5,HU,29,24",
            "6,HU,22,26",
        ),
        (RATIO, 1.0),
    ),
    "notes below": Case(simple("Mouse,Group,Count") + ",,\nCounted by AB,,\n", (RATIO,), n=(3, 3)),
    # 11: dead ends
    "sex in numbers": Case(
        rows(
            "animal,group,sex,count",
            "1,ctrl,0,40",
            "2,ctrl,1,38",
            "3,ctrl,0,44",
            "4,HU,1,24",
            "5,HU,0,29",
            "6,HU,1,22",
        ),
        (RATIO,),
        says=("analysed together",),
    ),
    "samples without values": Case(simple("Sample,Group,Count") + "unstained,,\nFMO,,\n", (RATIO,), n=(3, 3)),
    "groups with commas": Case(
        simple("Mouse,Group,Count", groups=('"saline, WT"', '"drug, WT"')), (RATIO,), n=(3, 3)
    ),
    # 12: raters
    "two raters, two sections": Case(
        rows(
            "Animal,Group,Section,Rater,Cells",
            *(
                f"{k},{g},{s},{r},{v}"
                for k, (g, v) in enumerate(
                    [("ctrl", 40), ("ctrl", 38), ("ctrl", 44), ("HU", 24), ("HU", 29), ("HU", 22)], 1
                )
                for s in (1, 2)
                for r in "AB"
            ),
        ),
        (RATIO,),
        n=(3, 3),
        says=("2 sections of each animal", "2 observers"),
    ),
    # 15: signs and units
    "days before in headers": Case(
        rows(
            "Tier,Gruppe,Gewicht Tag -7 (g),Gewicht Tag 7 (g)",
            "1,Kontrolle,25,40",
            "2,Kontrolle,24,38",
            "3,Kontrolle,26,44",
            "4,HU,25,24",
            "5,HU,24,29",
            "6,HU,26,22",
        ),
        (1.0, RATIO),
        says=("day -7, day 7",),
    ),
    # 16: made of others
    "left, right and their sum": Case(
        rows(
            "Animal,Group,EDL links (mg),EDL rechts (mg),EDL gesamt (mg)",
            "1,ctrl,39,41,80",
            "2,ctrl,37,39,76",
            "3,ctrl,43,45,88",
            "4,HU,23,25,48",
            "5,HU,28,30,58",
            "6,HU,21,23,44",
        ),
        (RATIO,),
        n=(3, 3),
        says=("the sum of",),
    ),
    "an estimate": Case(
        rows(
            "Animal,Group,Counted cells,Estimated total (x6)",
            "1,ctrl,40,240",
            "2,ctrl,38,228",
            "3,ctrl,44,264",
            "4,HU,24,144",
            "5,HU,29,174",
            "6,HU,22,132",
        ),
        (RATIO,),
        says=("6 times",),
    ),
    "a double label": Case(
        rows(
            "Animal,Group,BrdU,BrdU+NeuN+",
            "1,ctrl,40,20",
            "2,ctrl,38,19",
            "3,ctrl,44,22",
            "4,HU,24,6",
            "5,HU,29,7",
            "6,HU,22,6",
        ),
        (RATIO, 19 / 56, 19 / 61),
        says=("share of BrdU",),
    ),
    # 17: joined columns, second factors
    "group and cohort": Case(
        rows(
            "Mouse,Cohort,Group,Count",
            "1,1,CON,40",
            "2,2,CON,38",
            "3,1,CON,44",
            "4,1,HU,24",
            "5,2,HU,29",
            "6,2,HU,22",
        ),
        (RATIO,),
        n=(3, 3),
        says=("Cohort",),
    ),
    "a second factor": Case(
        rows(
            "Mouse,Diet,Treatment,Count",
            *(
                f"{k},{d},{t},{v}"
                for k, (d, t, v) in enumerate(
                    [
                        *[("chow", "veh", v) for v in CONTROL],
                        *[("chow", "drug", v) for v in TREATED],
                        *[("HFD", "veh", v + 10) for v in CONTROL],
                        *[("HFD", "drug", v + 30) for v in TREATED],
                    ],
                    1,
                )
            ),
        ),
        (RATIO, 1.083),
        n=(3, 3),
    ),
    "two factors and no treatment": Case(
        rows(
            "Mouse,Genotype,Housing,Count",
            *(
                f"{k},{d},{t},{v}"
                for k, (d, t, v) in enumerate(
                    [
                        *[("WT", "cage", v) for v in CONTROL],
                        *[("KO", "cage", v) for v in TREATED],
                        *[("WT", "wheel", v + 10) for v in CONTROL],
                        *[("KO", "wheel", v + 30) for v in TREATED],
                    ],
                    1,
                )
            ),
        ),
        (RATIO, 1.083),
        asks="group",
        word="Genotype",
    ),
    # 18: numbers that restart
    "each group numbers its own": Case(
        rows("No.,Group,Count", "1,ctrl,40", "2,ctrl,38", "3,ctrl,44", "1,HU,24", "2,HU,29", "3,HU,22"),
        (RATIO,),
        asks="animals",
        word="separate",
        n=(3, 3),
    ),
    # 21: marks, codes, shares
    "marks in Spanish": Case(
        rows(
            "Ratón,Grupo,Células,Excluido",
            "1,Control,40,",
            "2,Control,38,",
            "3,Control,44,",
            "9,Control,300,x",
            "4,Lesión,24,",
            "5,Lesión,29,",
            "6,Lesión,22,",
        ),
        (RATIO,),
        n=(3, 3),
        says=("Excluido",),
    ),
    "a column of what is used": Case(
        rows(
            "Tier,Gruppe,Zellen,auswertbar",
            "1,Kontrolle,40,ja",
            "2,Kontrolle,38,ja",
            "3,Kontrolle,44,ja",
            "9,Kontrolle,300,nein",
            "4,HU,24,ja",
            "5,HU,29,ja",
            "6,HU,22,ja",
        ),
        (RATIO,),
        n=(3, 3),
    ),
    "a comment that excludes": Case(
        rows(
            "Mouse,Group,Count,Notes",
            "1,ctrl,40,",
            "2,ctrl,38,",
            "3,ctrl,44,",
            '9,ctrl,300,"outlier, exclude"',
            "4,HU,24,fine",
            "5,HU,29,",
            "6,HU,22,",
        ),
        (RATIO,),
        asks="Notes",
        word="exclude",
        n=(3, 3),
    ),
    "minus one for missing": Case(
        simple("Mouse,Group,Count") + "7,ctrl,-1\n", (RATIO,), asks="-1", word="missing", n=(3, 3)
    ),
    "cells counted for per cent": Case(
        rows(
            "Animal,Group,NeuN+ (%),cells counted",
            "1,ctrl,40,50",
            "2,ctrl,38,50",
            "3,ctrl,44,50",
            "4,HU,24,50",
            "5,HU,30,50",
            "6,HU,22,50",
        ),
        ((38 / 112) / (61 / 89),),
    ),
    # 22: codes of time
    "sessions": Case(
        rows(
            "Rat,Group,Session,Count",
            *(
                f"{k},{g},{s},{v + d}"
                for k, (g, v) in enumerate(
                    [("ctrl", 40), ("ctrl", 38), ("ctrl", 44), ("HU", 24), ("HU", 29), ("HU", 22)], 1
                )
                for s, d in (("S2", 0), ("S6", 50))
            ),
        ),
        (RATIO, 0.828),
        n=(3, 3),
    ),
}

REFUSED = {
    "a matrix of genes": rows(
        "gene,s1,s2,s3,s4", *(f"Gene{k},{k},{k + 1},{k + 2},{k + 3}" for k in range(300))
    ),
    "shares and per cent": rows(
        "Animal,Group,DCX+ (%)",
        "1,ctrl,0.41",
        "2,ctrl,38.5",
        "3,ctrl,0.44",
        "4,HU,24.5",
        "5,HU,0.29",
        "6,HU,22.1",
    ),
}


def effects(imported: Imported) -> list[tuple[float, tuple[int, int]]]:
    groups = imported.mapping.groups
    plan = AnalysisPlan(control=str(groups.control), contrasts=groups.contrasts, seed=1)
    return [
        (one.effect.estimate, (one.effect.n[str(one.treated)], one.effect.n[str(one.control)]))
        for one in analyse(imported.observations, plan).comparisons
        if isinstance(one.effect, Effect)
    ]


def said(imported: Imported) -> str:
    plan = imported.plan
    lines = [*plan.within, *plan.summed, *plan.divided, *plan.made_of, *plan.notes]
    lines += [f"{entry.why}" for entry in plan.left_out]
    return "\n".join([*lines, *(f"{c.column}: {c.role}, {c.reason}" for c in plan.columns)])


@pytest.mark.parametrize("name", CASES)
def test_a_table_is_read_right_or_asked_about(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    path = tmp_path / "table.csv"
    path.write_text(case.text, encoding="utf-8")
    answers = list(case.answers)
    if case.asks is not None:
        with pytest.raises(QuestionError) as asked:
            read(path, answers=answers)
        assert asked.value.question.id == case.asks, asked.value
        if case.word is None:
            assert all(words in str(asked.value) for words in case.says)
            return
        answers.append(f"{case.asks}={case.word}")
    imported = read(path, answers=answers)
    found = effects(imported)
    assert sorted(e for e, _ in found) == pytest.approx(sorted(case.effects), rel=4e-3), found
    if case.n is not None:
        assert {n for _, n in found} == {case.n}
    for words in case.says:
        assert words in said(imported), said(imported)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(REFUSED[name], encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read(path)
    assert not isinstance(refused.value, QuestionError)
    assert len(str(refused.value)) - len(str(path)) < 260


def test_the_ratio_is_that_of_the_geometric_means() -> None:
    assert math.prod(TREATED) ** (1 / 3) / math.prod(CONTROL) ** (1 / 3) == pytest.approx(RATIO, rel=1e-3)
