"""Tables whose rows are parts, times or sums of animals, or animals that are numbered anew."""

from __future__ import annotations

import numpy as np

from benchmarks.reading_study import Made, Study, Wanted, base

__all__ = [
    "durations",
    "hemispheres",
    "lettered_sections",
    "number_of_images",
    "numbered_anew",
    "order_of_treatments",
    "statistics_below",
    "weeks_in_names",
]

_HEMISPHERES = {
    "en": (("_hemL", "_hemR"), ("hemL", "hemR"), ("_LH", "_RH"), ("LH", "RH"), ("_Lhem", "_Rhem"),
           (" left hemi", " right hemi"), ("_hemisphereL", "_hemisphereR")),
    "de": ((" linke Hemi", " rechte Hemi"), ("_Seite_li", "_Seite_re"), (" links", " rechts"), ("_li", "_re"),
           ("_linkeHemi", "_rechteHemi")),
    "fr": (("_hém_g", "_hém_d"), (" hg", " hd"), (" gauche", " droite"), ("_hemG", "_hemD")),
    "es": (("_izdo", "_dcho"), (" izq", " der"), ("_hemisferio_izq", "_hemisferio_der"),
           (" hemi izquierdo", " hemi derecho")),
    "it": (("_emisfero_sx", "_emisfero_dx"), ("_sx", "_dx"), (" emi sx", " emi dx"), ("_sin", "_des")),
}  # fmt: skip
_LETTERED = {
    "en": (" slice {}", "_sec{}", " section {}", "_slice_{}", " image {}", "-section-{}"),
    "de": (" Schnitt {}", "_Schnitt{}", " Bild {}", "_Sch_{}", " Feld {}"),
    "fr": (" coupe {}", "_coupe{}", " image {}", " champ {}"),
    "es": (" corte {}", "_corte{}", " imagen {}", " sección {}"),
    "it": (" fetta {}", "_sezione{}", " immagine {}", " sez. {}"),
}
_IMAGES = {
    "en": ("images analysed", "n images", "fields counted", "images per animal", "number of FOV", "n_img",
           "# images", "No. of images", "slices per animal", "images analyzed"),
    "de": ("Anzahl Bilder", "ausgewertete Bilder", "Bilder (n)", "Schnitte pro Tier", "Anzahl der Felder",
           "Zahl der Bilder", "ausgezählte Schnitte"),
    "fr": ("nb images", "champs comptés", "coupes analysées", "images analysées", "Nombre d'images",
           "coupes par animal"),
    "es": ("campos contados", "imágenes analizadas", "Número de imágenes", "nº de campos",
           "cortes por animal"),
    "it": ("sezioni analizzate", "immagini analizzate", "Numero di immagini", "campi contati",
           "n. immagini", "sezioni per animale"),
}  # fmt: skip
_STATISTICS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {"mean": ("Mean", "Avg.", "Average"), "sd": ("SD", "Std. dev."), "sem": ("SEM", "s.e.m."),
           "n": ("n", "N", "Count"), "sum": ("Total", "Sum")},
    "de": {"mean": ("Schnitt", "MW", "Mittelwert", "Ø"), "sd": ("Stabw", "Std.abw."), "sem": ("SEM", "SF"),
           "n": ("n", "Anzahl", "Anzahl Tiere"), "sum": ("Summe", "Gesamt")},
    "fr": {"mean": ("Moyenne", "Moy."), "sd": ("Écart type", "ET"), "sem": ("ESM", "Erreur type"),
           "n": ("Effectif", "n"), "sum": ("Total", "Somme")},
    "es": {"mean": ("Media", "Promedio"), "sd": ("Desv. est.", "DE"), "sem": ("EEM", "Error estándar"),
           "n": ("Número", "n"), "sum": ("Total", "Suma")},
    "it": {"mean": ("Media", "media"), "sd": ("Dev. std.", "DS"), "sem": ("ES", "Err. std"),
           "n": ("Numerosità", "N"), "sum": ("Totale", "Somma")},
}  # fmt: skip
_RUNS = {
    "en": ("Experiment", "Run", "Cohort", "Replicate", "Exp", "Trial", "Batch"),
    "de": ("Versuch", "Durchgang", "Replikat", "Kohorte", "Experiment"),
    "fr": ("Expérience", "Cohorte", "Réplicat", "Série"),
    "es": ("Experimento", "Cohorte", "Réplica", "Lote"),
    "it": ("Esperimento", "Coorte", "Replica", "Lotto"),
}
_WEEK = {
    "en": ("wk{}", "week{}", "w{}", "{}weeks", "{}wk"),
    "de": ("Wo{}", "Woche{}", "wo{}", "KW{}"),
    "fr": ("sem{}", "semaine{}", "S{}"),
    "es": ("sem{}", "semana{}", "S{}"),
    "it": ("sett{}", "settimana{}", "S{}"),
}
_DURATION = {
    "en": (("Duration", "Study duration", "Time after surgery"), ("{} day", "{} days", "{} d", "{}d")),
    "de": (("Dauer", "Versuchsdauer"), ("{} Tage", "{} d")),
    "fr": (("Durée", "Délai"), ("{} jours", "{} j")),
    "es": (("Duración", "Tiempo"), ("{} días", "{} d")),
    "it": (("Durata", "Tempo"), ("{} giorni", "{} g", "{} gg")),
}
_SESSION = {"en": "Session", "de": "Sitzung", "fr": "Séance", "es": "Sesión", "it": "Sessione"}
_DRUG = {"en": "Drug", "de": "Substanz", "fr": "Produit", "es": "Fármaco", "it": "Farmaco"}


def hemispheres(s: Study) -> Made:
    """Words of a hemisphere behind ids."""
    return _parts(s, "hemispheres in ids", list(_pair(s, _HEMISPHERES[s.language])))


def lettered_sections(s: Study) -> Made:
    """Sections with letters or Roman numbers behind ids."""
    marks = (("a", "b"), ("A", "B"), ("I", "II"), ("a", "b", "c"))[int(s.rng.integers(4))]
    form = s.pick(_LETTERED[s.language])
    return _parts(s, "lettered sections in ids", [form.format(m) for m in marks])


def _pair(s: Study, pairs: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    return pairs[int(s.rng.integers(len(pairs)))]


def _parts(s: Study, kind: str, ends: list[str]) -> Made:
    made, counts = base(s, kind)
    parts = np.round(np.outer(s.rng.uniform(0.85, 1.15, len(ends)), counts))
    parts += np.round(s.rng.uniform(0, 4, parts.shape))
    made.rows = [
        [f"{i}{end}", g, int(parts[k, a])]
        for a, (i, g) in enumerate(zip(s.ids, s.group_of, strict=True))
        for k, end in enumerate(ends)
    ]
    made.wanted = s.effects(parts.sum(axis=0))
    made.answers[made.header[0]] = "prefix"
    return made


def number_of_images(s: Study) -> Made:
    """How many images, fields or slices were counted."""
    made, counts = base(s, "number of images")
    sizes = s.rng.integers(3, 12, len(counts)).astype(float)
    total = np.round(counts * sizes)
    place = int(s.rng.integers(2, 4))
    made.header.insert(place, s.pick(_IMAGES[s.language]))
    for row, n, t in zip(made.rows, sizes, total, strict=True):
        row[2] = int(t)
        row.insert(place, int(n))
    made.wanted = s.effects(total / sizes)
    return made


def statistics_below(s: Study) -> Made:
    """Means with deviations, errors, totals and numbers of animals, below each group or at the end."""
    made, counts = base(s, "rows of statistics")
    of, words = np.array(s.group_of), _STATISTICS[s.language]
    some = s.rng.choice(["sd", "sem", "n", "sum"], size=int(s.rng.integers(0, 3)), replace=False)
    ways = [str(way) for way in some]
    labels = {w: s.pick(words[w]) for w in ["mean", *ways]}
    named, filled, below = (bool(s.rng.random() < 0.5) for _ in range(3))
    rows: list[list[object]] = []
    last: list[list[object]] = []
    for g in s.groups:
        mine = counts[of == g]
        sd = float(mine.std(ddof=1))
        value = {"mean": float(mine.mean()), "sd": sd, "sem": sd / len(mine) ** 0.5, "n": len(mine),
                 "sum": float(mine.sum())}  # fmt: skip
        rows += [row for row in made.rows if row[1] == g]
        for way, label in labels.items():
            shown: object = int(value[way]) if way in ("n", "sum") else round(value[way], 2)
            (last if below else rows).append([f"{label} {g}" if named else label, g if filled else "", shown])
    made.rows = rows + last
    made.answers["rows"] = "summary"
    return made


def numbered_anew(s: Study) -> Made:
    """Each experiment numbers its animals from one: other animals, or the same ones, only the user knows."""
    made, _ = base(s, "numbered anew")
    marks = (("1", "2"), ("A", "B"), ("E1", "E2"), ("1", "2", "3"))[int(s.rng.integers(4))]
    title = s.pick(_RUNS[s.language])
    rows: list[list[object]] = []
    values, of = [], []
    for mark in marks:
        drawn = np.round(s.values()) + 5
        order = s.rng.permutation(len(drawn)) if s.rng.random() < 0.5 else np.arange(len(drawn))
        for a, g in enumerate(s.group_of):
            rows.append([mark, str(int(order[a]) + 1), g, int(drawn[a])])
        values.append(drawn)
        of += s.group_of
    made.header.insert(0, title)
    made.rows, s.group_of = rows, of
    made.wanted = s.effects(np.concatenate(values))
    made.answers |= {title: "anew"}
    made.asks, made.plain, made.bare = title, False, True
    return made


def weeks_in_names(s: Study) -> Made:
    """Weeks in the names of images, by their word or by a letter that may be something else."""
    form: str = s.pick(_WEEK[s.language])
    wanted: list[Wanted] = []
    rows: list[list[object]] = []
    for week in (2, 4, 8)[: int(s.rng.integers(2, 4))]:
        values = np.round(s.values()) + 5
        wanted += s.effects(values)
        for a, g in enumerate(s.group_of):
            rows.append([f"rat{a + 1}_{form.format(week)}.tif", g, int(values[a])])
    header = [str(s.rng.choice(["Image", "Filename", "File"])), s.pick(s.words.group), "Count"]
    made = Made("weeks in names", s.language, header, rows, wanted, control=s.groups[0], plain=False)
    made.answers |= {"part 2": "week", "control": s.groups[0]}
    made.asks = "part 2" if form[0] in "wS" and form[1] == "{" else ""
    return made


def durations(s: Study) -> Made:
    """A duration with its unit in each cell: one for all animals, or two with other animals at each."""
    titles, forms = _DURATION[s.language]
    title, form = s.pick(titles), s.pick(forms)
    made, _ = base(s, "durations with units")
    rows: list[list[object]] = []
    wanted: list[Wanted] = []
    for k, day in enumerate((7, 35)[: int(s.rng.integers(1, 3))]):
        values = np.round(s.values()) + 5
        wanted += s.effects(values)
        for a, g in enumerate(s.group_of):
            rows.append([f"m{k * len(s.ids) + a + 1}", g, form.format(day), int(values[a])])
    made.header.insert(2, title)
    made.rows, made.wanted = rows, wanted
    return made


def order_of_treatments(s: Study) -> Made:
    """Every animal has all treatments, and a session says in which order."""
    drugs = s.groups
    n = int(s.rng.integers(5, 9))
    animal = np.exp(s.rng.normal(0, 0.3, n))
    effect = np.exp(s.rng.uniform(-0.7, 0.4, len(drugs)))
    values = np.round(60 * np.outer(animal, effect) * np.exp(s.rng.normal(0, 0.1, (n, len(drugs)))), 1)
    rows: list[list[object]] = [
        [f"a{k + 1}", (k + d) % len(drugs) + 1, drug, float(values[k, d])]
        for k in range(n)
        for d, drug in enumerate(drugs)
    ]
    logs = np.log(values)
    wanted = [Wanted(float(np.exp((logs[:, d] - logs[:, 0]).mean())), (n, n)) for d in range(1, len(drugs))]
    drug = _DRUG[s.language]
    header = [s.pick(s.words.animal), _SESSION[s.language], drug, "Distance (m)"]
    made = Made("order of treatments", s.language, header, rows, wanted, control=drugs[0], plain=False)
    made.answers |= {"group": drug, "control": drugs[0], "animals": "paired"}
    made.asks, made.paired, made.bare = "animals", True, True
    return made
