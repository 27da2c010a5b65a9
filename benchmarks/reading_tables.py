"""Tables of made-up laboratories, each with what is true of it.

A table is a plain experiment (animals in two or three groups, one count each) to which one or two
complications are added: parts in the ids, weeks, summary rows, a second factor, and so on. What each does to
the right answer is known, because the animals' values are drawn before the table is written.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.reading_files import (
    amounts_per_area,
    coloured_rows,
    known_controls,
    own_table,
    thousands,
    two_prism_tables,
)
from benchmarks.reading_headers import three_rows, two_rows
from benchmarks.reading_parts import (
    durations,
    hemispheres,
    lettered_sections,
    number_of_images,
    numbered_anew,
    order_of_treatments,
    statistics_below,
    weeks_in_names,
)
from benchmarks.reading_study import Made, Rng, Study, Wanted, base, new_study
from benchmarks.reading_words import LANGUAGES

__all__ = ["KINDS", "draw"]


def plain(s: Study) -> Made:
    """Nothing but animal, group and count."""
    return base(s, "plain")[0]


def sections(s: Study) -> Made:
    """Several sections an animal, numbered in a column."""
    made, _ = base(s, "sections")
    rows, totals = [], []
    n = int(s.rng.integers(2, 5))
    for i, g, v in made.rows:
        parts = [max(1, int(float(str(v)) * s.rng.uniform(0.8, 1.2))) for _ in range(n)]
        totals.append(sum(parts))
        rows += [[i, g, k + 1, p] for k, p in enumerate(parts)]
    made.header.insert(2, s.pick(s.words.section))
    made.rows, made.wanted = rows, s.effects(np.array(totals, dtype=float))
    made.answers[made.header[2]] = "parts"
    return made


def parts_in_ids(s: Study) -> Made:
    """Ids that name a side or a section of the animal."""
    made, _ = base(s, "parts in ids")
    forms = [
        ("_L", "_R"),
        ("-left", "-right"),
        (" s1", " s2"),
        ("_slice1", "_slice2", "_slice3"),
        (".1", ".2"),
        ("a", "b"),
        ("_sec1", "_sec2"),
    ]
    suffixes = forms[int(s.rng.integers(len(forms)))]
    if not made.rows[0][0].__str__()[-1:].isdigit():
        suffixes = forms[0]
    rows, totals = [], []
    for i, g, v in made.rows:
        parts = [max(1, int(float(str(v)) * s.rng.uniform(0.8, 1.2))) for _ in suffixes]
        totals.append(sum(parts))
        rows += [[f"{i}{x}", g, p] for x, p in zip(suffixes, parts, strict=True)]
    made.rows, made.wanted = rows, s.effects(np.array(totals, dtype=float))
    made.answers[made.header[0]] = "prefix"
    made.plain = False
    return made


def summary_rows(s: Study) -> Made:
    """Means, standard deviations or totals below each group or at the end."""
    made, counts = base(s, "summary rows")
    of = np.array(s.group_of)
    out: list[list[object]] = []
    form = int(s.rng.integers(5))
    word = s.pick(s.words.totals if s.rng.random() < 0.25 else s.words.means)
    total = word in s.words.totals
    for group in s.groups:
        mine = counts[of == group]
        out += [row for row in made.rows if row[1] == group]
        value = round(float(mine.sum() if total else mine.mean()), int(s.rng.integers(0, 3)))
        label = [f"{word} {group}", word, f"{word} (n={len(mine)})", f"{group} {word}", word][form]
        if form != 4:
            out.append([label, group if s.rng.random() < 0.7 else "", value])
            if s.rng.random() < 0.5:
                sd = round(float(mine.std(ddof=1)), 2)
                out.append([s.pick(s.words.sds), group if s.rng.random() < 0.5 else "", sd])
    if form == 4:
        out.append([word, "", round(float(counts.sum() if total else counts.mean()), 1)])
    made.rows = out
    return made


def groups_of_statistics(s: Study) -> Made:
    """Groups whose names are words of statistics."""
    s.groups[1] = str(s.rng.choice(["SD", "N", "SE", "CV", "P", "Mean", "Total", "n", "SD+rec"]))
    sizes = s.group_of.count(s.groups[0])
    others = [g for g in dict.fromkeys(s.group_of) if g != s.groups[0]]
    s.group_of = [s.groups[1] if g == others[0] else g for g in s.group_of]
    assert sizes
    return base(s, "groups named by statistics")[0]


def weeks(s: Study) -> Made:
    """Two or three times crossed with the groups."""
    return _crossed(s, "times", s.pick(s.words.week if s.rng.random() < 0.5 else s.words.day),
                    [str(v) for v in s.rng.choice([1, 2, 4, 7, 14, 28], size=2, replace=False)])  # fmt: skip


def time_codes(s: Study) -> Made:
    """Time points written as codes, under a header that may say nothing."""
    codes = [("T0", "T1"), ("pre", "post"), ("baseline", "follow-up"), ("S2", "S6"), ("P21", "P60")]
    header = str(s.rng.choice(["Timepoint", "Session", "Visit", "Phase", "Stage"]))
    made = _crossed(s, "time codes", header, list(codes[int(s.rng.integers(len(codes)))]))
    made.plain = header != "Stage"
    return made


def regions(s: Study) -> Made:
    """Regions within each animal."""
    pools = [
        ("SVZ", "DG"),
        ("CA1", "CA3"),
        ("dorsal", "ventral"),
        ("GCL", "hilus"),
        ("ipsi", "contra"),
        ("cortex", "striatum"),
    ]
    return _within_animal(s, "regions", s.pick(s.words.region), list(pools[int(s.rng.integers(len(pools)))]))


def unknown_strata(s: Study) -> Made:
    """A column of an unknown header whose few words every animal has."""
    header = str(s.rng.choice(["Compartment type", "Zn", "Abt.", "Part", "Where", "Loc", "Ebene"]))
    made = _within_animal(
        s,
        "unknown strata",
        header,
        list(s.rng.choice([("a1", "b2"), ("inner", "outer"), ("I", "II"), ("x-zone", "y-zone")])),
    )
    made.answers[header] = "within"
    made.plain = False
    return made


def markers(s: Study) -> Made:
    """A tidy table with a column of markers."""
    header = str(
        s.rng.choice(["Marker", "Antibody", "Cell type", "Channel", "Marqueur", "Antikörper", "Marcador"])
    )
    return _within_animal(
        s, "markers", header, list(s.rng.choice([("Ki67", "DCX"), ("GFAP", "Iba1"), ("NeuN", "S100b")]))
    )


def _within_animal(s: Study, kind: str, header: str, words: list[str]) -> Made:
    made, _ = base(s, kind)
    wanted: list[Wanted] = []
    columns = []
    for _ in words:
        values = np.round(s.values()) + 5
        columns.append(values)
        wanted += s.effects(values)
    made.rows = [
        [i, g, w, int(columns[k][a])]
        for a, (i, g) in enumerate(zip(s.ids, s.group_of, strict=True))
        for k, w in enumerate(words)
    ]
    made.header.insert(2, header)
    made.wanted = wanted
    return made


def _crossed(s: Study, kind: str, header: str, words: list[str]) -> Made:
    """Every group at each time, other animals at each."""
    made, _ = base(s, kind)
    rows: list[list[object]] = []
    wanted: list[Wanted] = []
    count = len(s.ids)
    for k, word in enumerate(words):
        values = np.round(s.values()) + 5
        wanted += s.effects(values)
        for a, g in enumerate(s.group_of):
            name = s.ids[a]
            digits = "".join(c for c in name if c.isdigit())
            rows.append([name.replace(digits, str(int(digits) + k * count)), g, word, int(values[a])])
    made.rows, made.wanted = rows, wanted
    made.header.insert(2, header)
    return made


def paired(s: Study) -> Made:
    """The same animals before and after: no unpaired answer is right."""
    pair = [
        ("before", "after"),
        ("pre", "post"),
        ("vorher", "nachher"),
        ("lesioned", "intact"),
        ("ipsi", "contra"),
    ]
    one, other = pair[int(s.rng.integers(len(pair)))]
    values = np.round(s.values()) + 5
    header = [s.pick(s.words.animal), s.pick(s.words.group), s.pick(s.words.counts)]
    rows: list[list[object]] = []
    for i, v in zip(s.ids, values, strict=True):
        rows += [[i, one, int(v)], [i, other, int(v * 0.8) + 1]]
    made = Made("paired", s.language, header, rows, [], ask_only=True, plain=False, control=one)
    made.asks, made.answers["control"] = "animals", one
    return made


def numbered_in_groups(s: Study) -> Made:
    """Each group numbers its animals from one."""
    made, _ = base(s, "numbered in groups")
    seen: dict[str, int] = {}
    for row in made.rows:
        seen[str(row[1])] = seen.get(str(row[1]), 0) + 1
        row[0] = str(seen[str(row[1])])
    made.answers["animals"] = "separate"
    made.plain = False
    return made


def number_of_sections(s: Study) -> Made:
    """How many sections were counted."""
    made, counts = base(s, "number of sections")
    sizes = s.rng.integers(4, 12, len(counts)).astype(float)
    total = np.round(counts * sizes)
    made.header.insert(int(s.rng.integers(2, 4)), s.pick(s.words.sections_counted))
    place = 2 if made.header[2] in s.words.sections_counted else 3
    for row, n, t in zip(made.rows, sizes, total, strict=True):
        row[2] = int(t)
        row.insert(place, int(n))
    made.wanted = s.effects(total / sizes)
    return made


def areas(s: Study) -> Made:
    """The area that was counted."""
    made, counts = base(s, "counted area")
    sizes = np.round(s.rng.uniform(0.5, 3, len(counts)), 2)
    made.header.append(s.pick(s.words.area))
    for row, n in zip(made.rows, sizes, strict=True):
        row.append(float(n))
    made.wanted = s.effects(counts / sizes)
    return made


def own_areas(s: Study) -> Made:
    """An area that was measured, beside a count: nothing is divided by it."""
    made, counts = base(s, "own area")
    sizes = np.round(s.values(base=2000), 1)
    header = str(s.rng.choice(["Fiber cross-sectional area (um2)", "Lesion volume (mm3)", "Soma area (µm²)",
                               "CSA (µm²)",
                               "Tumour volume (mm3)", "Faserquerschnitt (µm²)", "Infarct area"
                                                                                " (mm2)"]))  # fmt: skip
    made.header.append(header)
    for row, n in zip(made.rows, sizes, strict=True):
        row.append(float(n))
    made.wanted = s.effects(counts) + s.effects(sizes)
    made.answers[header] = "value"
    return made


def bookkeeping(s: Study) -> Made:
    """Slides, experiments, doses, litter sizes, dates, comments."""
    made, counts = base(s, "bookkeeping")
    n = len(counts)
    extras: list[tuple[str, list[object]]] = [
        (s.pick(s.words.slide), [k + 1 for k in range(n)]),
        (s.pick(s.words.batch), [1 + k % 2 for k in range(n)]),
        (s.pick(s.words.date), [f"{1 + k % 28:02d}.03.2023" for k in range(n)]),
        (s.pick(s.words.comment), ["ok" if k % 3 else "" for k in range(n)]),
        ("Litter size", [int(v) for v in s.rng.integers(5, 11, n)]),
        ("Dose (mg/kg)", [0 if g == s.groups[0] else 10 for g in s.group_of]),
        ("Image no.", [k + 1 for k in range(n)]),
        (s.pick(s.words.sex), [s.words.sexes[0][k % 2] for k in range(n)]),
        ("ID", [1000 + k for k in range(n)]),
        ("Cage", [1 + k % 4 for k in range(n)]),
        (s.pick(s.words.observer), ["AB" if k % 2 else "CD" for k in range(n)]),
        ("Bregma (mm)", [round(-1.5 - 0.1 * (k % 4), 1) for k in range(n)]),
    ]
    chosen = s.rng.choice(len(extras), size=int(s.rng.integers(1, 5)), replace=False)
    for k in chosen:
        title, cells = extras[int(k)]
        if title in made.header:
            continue
        place = int(s.rng.integers(1, len(made.header) + 1))
        made.header.insert(place, title)
        for row, cell in zip(made.rows, cells, strict=True):
            row.insert(place, cell)
    return made


def second_factor(s: Study) -> Made:
    """A second treatment crossed with the group: groups are compared within it."""
    header = s.pick(s.words.genotype)
    made = _crossed(
        s, "second factor", header, list(s.rng.choice([("WT", "KO"), ("std", "enriched"), ("chow", "HFD")]))
    )
    made.answers["group"] = made.header[1]
    return made


def baseline_groups(s: Study) -> Made:
    """Animals killed at the start, a ground control and a flight."""
    s.groups = [
        str(s.rng.choice(["Ground", "Ground Control", "GC"])),
        "Baseline",
        "Vivarium",
        str(s.rng.choice(["Flight", "FLT", "Space Flight"])),
    ]
    s.ids, s.group_of = [], []
    for g in s.groups:
        for _ in range(5):
            s.ids.append(f"m{len(s.ids) + 1}")
            s.group_of.append(g)
    made, _ = base(s, "baseline")
    made.wanted, made.allowed = made.wanted[-1:], made.wanted[:-1]
    made.rows = [made.rows[k] for k in s.rng.permutation(len(made.rows))]
    return made


def days_in_headers(s: Study) -> Made:
    """One read-out on several days, one column each."""
    made, _ = base(s, "days in headers")
    days = [("d-3", "d3"), ("d0", "d14"), ("day 1", "day 7"), ("Tag 0", "Tag 21"), ("wk1", "wk4")][
        int(s.rng.integers(5))
    ]
    name = str(s.rng.choice(["BW", "Weight", "Score total", "Gewicht"]))
    wanted: list[Wanted] = []
    made.header = [*made.header[:2], *(f"{name} {d} (g)" for d in days)]
    columns = []
    for _ in days:
        values = np.round(s.values(base=25), 1)
        columns.append(values)
        wanted += s.effects(values)
    for a, row in enumerate(made.rows):
        row[2:] = [float(c[a]) for c in columns]
    made.wanted = wanted
    return made


def sides_in_headers(s: Study) -> Made:
    """Left and right of one organ in two columns."""
    made, _ = base(s, "sides in headers")
    left, right = s.words.sides[0] if len(s.words.sides[0][0]) > 1 else ("left", "right")
    name = str(s.rng.choice(["Soleus", "DCX", "Hippocampus", "Gastrocnemius"]))
    unit = "" if name == "DCX" else " (mg)"
    one, other = (
        np.round(s.values(base=60), 0 if name == "DCX" else 2) + 2,
        np.round(s.values(base=60), 0 if name == "DCX" else 2) + 2,
    )
    other = np.round(one * s.rng.uniform(0.9, 1.1, len(one)), 0 if name == "DCX" else 2)
    made.header = [*made.header[:2], f"{name} {left}{unit}", f"{name} {right}{unit}"]
    for a, row in enumerate(made.rows):
        row[2:] = [float(one[a]), float(other[a])]
    if s.rng.random() < 0.4:
        made.header.append(f"{name} total{unit}")
        for a, row in enumerate(made.rows):
            row.append(round(float(one[a] + other[a]), 4))
    made.wanted = s.effects((one + other) / 2)
    return made


def numbered_columns(s: Study) -> Made:
    """Sections side by side, with or without their mean."""
    made, _ = base(s, "numbered columns")
    stem = str(
        s.rng.choice(
            ["Section {}", "S{}", "Slice {}", "Schnitt {}", "Coupe {}", "Corte {}", "Field {}", "Ki67 {}"]
        )
    )
    n = int(s.rng.integers(3, 5))
    parts = np.array(
        [
            np.round(
                s.values() * 0
                + np.array([float(str(r[2])) for r in made.rows]) * s.rng.uniform(0.85, 1.15, len(made.rows))
            )
            for _ in range(n)
        ]
    )
    made.header = [*made.header[:2], *(stem.format(k + 1) for k in range(n))]
    for a, row in enumerate(made.rows):
        row[2:] = [int(parts[k, a]) for k in range(n)]
    if s.rng.random() < 0.5:
        made.header.append(str(s.rng.choice(["Mean", "Sum", "Mittelwert", "Total"])))
        for a, row in enumerate(made.rows):
            value = (
                parts[:, a].sum()
                if made.header[-1] in ("Sum", "Total")
                else round(float(parts[:, a].mean()), 2)
            )
            row.append(float(value))
    made.wanted = s.effects(parts.mean(axis=0))
    made.answers["numbers"] = "parts"
    return made


def missing_codes(s: Study) -> Made:
    """999 or -1 for a missing value."""
    made, counts = base(s, "missing codes")
    code = int(s.rng.choice([999, -1, 9999, -99]))
    keep = np.ones(len(counts), dtype=bool)
    for k in s.rng.choice(len(counts), size=2, replace=False):
        made.rows[int(k)][2] = code
        keep[int(k)] = False
    made.wanted = s.effects(counts, keep)
    made.answers[str(code)] = "missing"
    made.plain = False
    return made


def exclusion_marks(s: Study) -> Made:
    """Marks of exclusion in a column, or in a comment."""
    made, counts = base(s, "exclusion marks")
    keep = np.ones(len(counts), dtype=bool)
    comment = bool(s.rng.random() < 0.3)
    title = s.pick(s.words.comment if comment else s.words.excluded)
    mark = "outlier, exclude" if comment else str(s.rng.choice(["x", "X", "yes", "1"]))
    made.header.append(title)
    for row in made.rows:
        row.append("")
    for k in s.rng.choice(len(counts), size=2, replace=False):
        made.rows[int(k)][2], made.rows[int(k)][-1] = int(counts[int(k)] * 4), mark
        keep[int(k)] = False
    made.wanted = s.effects(counts, keep)
    made.answers[title] = "exclude"
    made.plain = not comment
    return made


def mixed_per_cent(s: Study) -> Made:
    """Shares and per cent in one column."""
    made, _ = base(s, "mixed per cent", value="NeuN+ of BrdU+ (%)")
    for k, row in enumerate(made.rows):
        share = float(s.rng.uniform(0.2, 0.45))
        row[2] = round(share, 3) if k % 2 else round(100 * share, 1)
    made.wanted, made.ask_only, made.plain = [], True, False
    return made


def notes_below(s: Study) -> Made:
    """Notes below the table, and empty rows."""
    made, _ = base(s, "notes below")
    width = len(made.header)
    made.rows.append([""] * width)
    made.rows.append([s.pick(s.words.notes), *[""] * (width - 1)])
    return made


def groups_across(s: Study) -> Made:
    """One column a group."""
    counts = np.round(s.values()) + 5
    of = np.array(s.group_of)
    columns = [counts[of == g] for g in s.groups]
    height = max(map(len, columns))
    rows: list[list[object]] = [[int(c[k]) if k < len(c) else "" for c in columns] for k in range(height)]
    made = Made(
        "groups across", s.language, list(s.groups), rows, s.effects(counts), control=s.groups[0], plain=False
    )
    made.answers |= {"layout": "group-per-column", "control": s.groups[0]}
    if s.rng.random() < 0.5:
        made.options["layout"] = "group-per-column"
    return made


def turned(s: Study) -> Made:
    """Animals across: the group in a row."""
    made, _ = base(s, "animals across")
    header = [made.header[0], *(str(row[0]) for row in made.rows)]
    rows = [[made.header[k], *(row[k] for row in made.rows)] for k in (1, 2)]
    made.header, made.rows = header, rows
    made.plain = False
    return made


def image_names(s: Study) -> Made:
    """A table of images: group, animal and a part in their names."""
    form = int(s.rng.integers(5))
    tags = [("ch00", "ch01"), ("d7", "d28"), ("CA1", "CA3"), ("s1", "s2"), ("1", "2")][form]
    group_words = {g: w for g, w in zip(s.groups, ("ctrl", "hlu", "drug"), strict=False)}
    s.group_of = [group_words[g] for g in s.group_of]
    s.groups = [group_words[g] for g in s.groups]
    wanted: list[Wanted] = []
    columns = []
    for _ in tags:
        values = np.round(s.values()) + 5
        columns.append(values)
        wanted += s.effects(values)
    if form >= 3:
        wanted = s.effects(sum(columns))  # type: ignore[arg-type]
    header = [str(s.rng.choice(["Image", "Filename", "Slice", "File"])), "Count"]
    rows = [
        [f"{g}_m{a + 1}_{t}.tif", int(columns[k][a])]
        for a, g in enumerate(s.group_of)
        for k, t in enumerate(tags)
    ]
    made = Made("image names", s.language, header, rows, wanted, control=s.groups[0], plain=False)
    made.answers["part 3"] = "section"
    return made


def double_labels(s: Study) -> Made:
    """Double-labelled cells beside all cells of the first label."""
    made, counts = base(s, "double labels", value="BrdU")
    made.header.append(str(s.rng.choice(["BrdU/DCX", "BrdU+DCX+", "BrdU+/NeuN+", "BrdU & DCX"])))
    for row, v in zip(made.rows, counts, strict=True):
        row.append(int(max(1, v * s.rng.uniform(0.2, 0.5))))
    doubles = np.array([float(str(row[3])) for row in made.rows])
    of = np.array(s.group_of)
    made.wanted += s.effects(doubles)  # as counts of their own
    control = of == s.groups[0]
    for g in s.groups[1:]:
        mine = of == g
        odds = [doubles[m].sum() / (counts[m] - doubles[m]).sum() for m in (mine, control)]
        made.wanted.append(Wanted(float(odds[0] / odds[1]), (int(mine.sum()), int(control.sum()))))
    return made


def matched_days(s: Study) -> Made:
    """Each group is killed on its own day, with its own control."""
    made, _ = base(s, "matched days")
    rows: list[list[object]] = []
    wanted: list[Wanted] = []
    for day in (14, 28):
        two = [np.round(s.rng.uniform(40, 90, 5)) for _ in range(2)]
        ratio = float(np.exp(np.log(two[1]).mean() - np.log(two[0]).mean()))
        wanted.append(Wanted(ratio, (5, 5)))
        for label, values in ((f"CON{day}", two[0]), (f"HLU{day}", two[1])):
            rows += [[f"{label}_{k + 1}", label, int(v), day] for k, v in enumerate(values)]
    made.header.append(str(s.rng.choice(["Terminal day", "Day", "Day of sacrifice", "Tag"])))
    made.rows, made.wanted = rows, wanted
    return made


def duplicates_of_total(s: Study) -> Made:
    """Regions with their total."""
    made = _within_animal(s, "regions with total", s.pick(s.words.region), ["SVZ", "DG"])
    out: list[list[object]] = []
    totals = []
    for k in range(0, len(made.rows), 2):
        a, b = made.rows[k], made.rows[k + 1]
        whole = int(str(a[3])) + int(str(b[3]))
        totals.append(whole)
        out += [a, b, [a[0], a[1], "Total", whole]]
    made.rows = out
    made.allowed = s.effects(np.array(totals, dtype=float))
    return made


KINDS: dict[str, Callable[[Study], Made]] = {
    f.__name__: f
    for f in (
        *(plain, sections, parts_in_ids, summary_rows, groups_of_statistics, weeks, time_codes, regions),
        *(unknown_strata, markers, paired, numbered_in_groups, number_of_sections, areas, own_areas),
        *(bookkeeping, second_factor, baseline_groups, days_in_headers, sides_in_headers, numbered_columns),
        *(missing_codes, exclusion_marks, mixed_per_cent, notes_below, groups_across, turned, image_names),
        *(double_labels, matched_days, duplicates_of_total, two_rows, three_rows, hemispheres),
        *(lettered_sections, number_of_images, statistics_below, numbered_anew, weeks_in_names, durations),
        *(order_of_treatments, known_controls, amounts_per_area, thousands, coloured_rows, own_table),
        *(two_prism_tables,),
    )
}


def draw(seed: int) -> Made:
    """Draw one table."""
    rng = np.random.default_rng(seed)
    kind = list(KINDS.values())[int(rng.integers(len(KINDS)))]
    made = kind(new_study(rng))
    if not made.bare:
        _clutter(made, rng)
        _spell(made, rng)
    return made


def _spell(made: Made, rng: Rng) -> None:
    """Write headers as people do: in capitals, without blanks, with a colon."""
    if made.kind in ("groups across", "animals across", "days in headers") or rng.random() < 0.5:
        return
    ways: list[Callable[[str], str]] = [
        str.upper,
        str.lower,
        lambda h: h.replace(" ", "_"),
        lambda h: h.replace(" ", ""),
        lambda h: f"{h}:",
        lambda h: f" {h} ",
        lambda h: h.replace(" ", "."),
    ]
    way = ways[int(rng.integers(len(ways)))]
    new = [way(h) for h in made.header]
    if len({h.strip() for h in new}) < len(new):
        return
    told = {old: " ".join(h.split()) for old, h in zip(made.header, new, strict=True)}
    made.answers = {told.get(key, key): told.get(word, word) for key, word in made.answers.items()}
    made.asks = told.get(made.asks, made.asks)
    made.header = new


def _clutter(made: Made, rng: Rng) -> None:
    """Add what every table may have: a date, a sex, a comment, shuffled rows."""
    if made.kind in ("groups across", "animals across", "notes below", "bookkeeping", "summary rows",
                     "rows of statistics"):  # fmt: skip
        return
    words = LANGUAGES[made.language]
    animals = [str(row[0]) for row in made.rows]
    if rng.random() < 0.25:
        made.header.append(str(rng.choice(words.date)))
        for row in made.rows:
            row.append("2023-03-12")
    if rng.random() < 0.2 and "Comment" not in made.header:
        made.header.append("Comment")
        for row in made.rows:
            row.append("" if rng.random() < 0.7 else "fine")
    if rng.random() < 0.3 and len(set(animals)) == len(animals):
        made.rows = [made.rows[k] for k in rng.permutation(len(made.rows))]
