"""Tables that their file complicates: colours, marks of thousands, Prism, tables of soleus saved again.

Beside them what groups and units say by themselves: known controls, amounts per area.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from benchmarks.reading_study import Made, Rng, Study, base

__all__ = [
    "amounts_per_area",
    "coloured_rows",
    "known_controls",
    "own_table",
    "thousands",
    "two_prism_tables",
]

_CONTROLS = {
    "en": (("sedentary", "runner"), ("SED", "EX"), ("untrained", "trained"), ("young", "old"),
           ("ambulatory", "HLU"), ("lean", "obese"), ("young", "aged")),
    "de": (("jung", "alt"), ("sedentär", "Laufrad"), ("untrainiert", "trainiert")),
    "fr": (("sédentaire", "course"), ("jeune", "âgé"), ("sédentaire", "entraîné")),
    "es": (("sedentario", "ejercicio"), ("joven", "viejo"), ("sedentario", "entrenado")),
    "it": (("sedentario", "corsa"), ("giovane", "anziano"), ("sedentario", "allenato")),
}  # fmt: skip
_AMOUNTS = (
    *("Femur BMD (mg/cm²)", "BMD (g/cm2)", "Tb BMD (mgHA/cm3)", "Specific force (N/mm2)", "Bone (mg/mm3)"),
    *("Stress mN/mm2", "Knochendichte (mg/cm2)", "DMO (g/cm²)", "BMC/area [mg/cm2]"),
)


def known_controls(s: Study) -> Made:
    """Groups of which one is what the others are compared with, by its name."""
    pairs = _CONTROLS[s.language]
    old, new = s.groups, pairs[int(s.rng.integers(len(pairs)))]
    keep = [g in old[:2] for g in s.group_of]
    s.ids = [i for i, k in zip(s.ids, keep, strict=True) if k]
    s.group_of = [new[old.index(g)] for g, k in zip(s.group_of, keep, strict=True) if k]
    s.groups = list(new)
    made, _ = base(s, "known controls")
    made.rows = [made.rows[int(k)] for k in s.rng.permutation(len(made.rows))]
    return made


def amounts_per_area(s: Study) -> Made:
    """A mass or force per area, which is no density of cells."""
    made, _ = base(s, "amounts per area", value=s.pick(_AMOUNTS))
    values = np.round(s.values(), 1)
    for row, v in zip(made.rows, values, strict=True):
        row[2] = float(v)
    made.wanted, made.value_kind = s.effects(values), "level"
    # "n/mm2" would be a number, and "StressmN/mm2" is no word.
    made.bare = not made.header[2].endswith((")", "]")) or "N/" in made.header[2]
    return made


def thousands(s: Study) -> Made:
    """1,234 beside 987, which nobody can tell; beside 1,234,567 the mark is told."""
    made, _ = base(
        s, "marks of thousands", value=str(s.rng.choice(["NeuN cells", "DCX", "Iba1 (cells/mm3)"]))
    )
    told = bool(s.rng.random() < 0.4)
    values = np.round(s.values(base=1500.0 if not told else 1_300_000.0))
    mark = "," if s.rng.random() < 0.6 else "."
    for row, v in zip(made.rows, values, strict=True):
        row[2] = f"{int(v):,}".replace(",", mark)
    if not told:
        made.answers["decimal"], made.asks = "thousands", "decimal"
    made.wanted, made.largest = s.effects(values), float(values.max())
    made.plain, made.bare, made.save = told, True, _save_quoted
    return made


def _save_quoted(made: Made, folder: Path, rng: Rng) -> Path:
    path = folder / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=",;\t"[int(rng.integers(3))]).writerows([made.header, *made.rows])
    return path


def coloured_rows(s: Study) -> Made:
    """One or two rows in a colour: to be left out, or nothing."""
    made, counts = base(s, "coloured rows")
    chosen = sorted(int(k) for k in s.rng.choice(len(counts), size=int(s.rng.integers(1, 3)), replace=False))
    exclude = bool(s.rng.random() < 0.5)
    keep = np.ones(len(counts), dtype=bool)
    if exclude:
        keep[chosen] = False
        for k in chosen:
            made.rows[k][2] = int(counts[k] * 3)
    made.wanted = s.effects(counts, keep)
    made.answers["coloured"], made.asks = "exclude" if exclude else "keep", "coloured"
    made.plain, made.bare = False, True
    whole = bool(s.rng.random() < 0.5)

    def save(table: Made, folder: Path, rng: Rng) -> Path:
        import xlsxwriter

        path = folder / "table.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            sheet, colour = book.add_worksheet("Sheet1"), book.add_format({"bg_color": "#FFFF00"})
            for r, row in enumerate([list[object](table.header), *table.rows]):
                for c, cell in enumerate(row):
                    painted = r - 1 in chosen and (whole or c == 2)
                    sheet.write(r, c, cell, *([colour] if painted else []))
        return path

    made.save = save
    return made


def own_table(s: Study) -> Made:
    """A table of soleus, saved again by a spreadsheet."""
    counts = np.round(s.values() * 3) + 5
    second = np.round(counts * s.rng.uniform(0.9, 1.1, len(counts)))
    exposure = np.round(s.rng.uniform(0.1, 0.9, (2, len(counts))), 4)
    wanted = s.effects((counts + second) / exposure.sum(axis=0))
    made = Made("own table saved again", s.language, [], [], wanted, control=s.groups[0], bare=True)
    made.answers["control"] = s.groups[0]
    rows = [
        {
            "study": "s", "animal": i, "group": g, "sex": "male", "day": 14.0, "assay": "counts",
            "readout": "Ki67", "unit_level": "section", "unit_id": str(n + 1), "section": str(n + 1),
            "value": float(part[a]), "value_kind": "count", "unit": "cells",
            "exposure": float(exposure[n, a]), "exposure_unit": "mm2", "excluded": False,
            "source": f"file:{0:064x}", "source_row": 2 + 2 * a + n,
        }
        for a, (i, g) in enumerate(zip(s.ids, s.group_of, strict=True))
        for n, part in enumerate((counts, second))
    ]  # fmt: skip

    def save(table: Made, folder: Path, rng: Rng) -> Path:
        return _save_again(rows, folder, rng)

    made.save = save
    return made


def _save_again(rows: list[dict[str, object]], folder: Path, rng: Rng) -> Path:
    """Write as soleus does, and then as a spreadsheet: semicolons with decimal commas, or a workbook."""
    import pandas as pd

    from soleus.exchange.workbook_writer import write_sheet
    from soleus.observations import Observations, write_csv

    first = folder / "observations.csv"
    write_csv(Observations(pd.DataFrame(rows), factors={}, provenance={}), first)
    form = int(rng.integers(3))
    if form == 0:
        path = folder / "again.xlsx"
        write_sheet(pd.read_csv(first, keep_default_na=False, na_values=[""]), path)
    else:
        frame = pd.read_csv(first, dtype=str, keep_default_na=False)
        if form == 1:
            for name in ("day", "value", "exposure"):
                frame[name] = frame[name].str.replace(".", ",", regex=False)
        frame["excluded"] = frame["excluded"].str.lower().map({"true": "WAHR", "false": "FALSCH"})
        path = folder / "again.csv"
        frame.to_csv(path, sep=";" if form == 1 else "\t", index=False)
    first.unlink()
    return path


def two_prism_tables(s: Study) -> Made:
    """Two tables in one file of Prism."""
    of = np.array(s.group_of)
    tables = {name: np.round(s.values()) + 5 for name in ("Ki67", "DCX")}
    name = str(s.rng.choice(list(tables)))
    wanted = s.effects(tables[name])
    made = Made(
        "two tables of Prism", s.language, [], [], wanted, control=s.groups[0], plain=False, bare=True
    )
    made.answers |= {"sheet": name, "layout": "group-per-column", "control": s.groups[0]}
    made.asks = "sheet"

    def save(table: Made, folder: Path, rng: Rng) -> Path:
        from soleus.exchange.instruments import prism_table, write_pzfx

        path = folder / "table.pzfx"
        write_pzfx(
            [prism_table(t, {g: v[of == g].tolist() for g in s.groups}) for t, v in tables.items()], path
        )
        return path

    made.save = save
    return made
