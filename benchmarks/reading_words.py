"""Words of made-up laboratories in five languages: headers, groups, summaries, notes."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LANGUAGES", "Words"]


@dataclass(frozen=True)
class Words:
    """What one language writes. Every field holds alternatives.

    Parameters
    ----------
    animal, group, counts, section, side, sides, region, week, day, date, sex, sexes
        Headers and their cells.
    controls, treated
        Names of groups.
    means, sds, totals
        Names of rows that sum up others.
    excluded, sections_counted, area, slide, batch, comment, observer, weight, genotype
        Headers of other columns.
    """

    animal: tuple[str, ...]
    group: tuple[str, ...]
    counts: tuple[str, ...]
    section: tuple[str, ...]
    side: tuple[str, ...]
    sides: tuple[tuple[str, str], ...]
    region: tuple[str, ...]
    week: tuple[str, ...]
    day: tuple[str, ...]
    date: tuple[str, ...]
    sex: tuple[str, ...]
    sexes: tuple[tuple[str, str], ...]
    controls: tuple[str, ...]
    treated: tuple[str, ...]
    means: tuple[str, ...]
    sds: tuple[str, ...]
    totals: tuple[str, ...]
    excluded: tuple[str, ...]
    sections_counted: tuple[str, ...]
    area: tuple[str, ...]
    slide: tuple[str, ...]
    batch: tuple[str, ...]
    comment: tuple[str, ...]
    observer: tuple[str, ...]
    weight: tuple[str, ...]
    genotype: tuple[str, ...]
    notes: tuple[str, ...]


LANGUAGES: dict[str, Words] = {
    "en": Words(
        animal=(
            "Animal",
            "Mouse",
            "Mouse ID",
            "animal_id",
            "Rat no.",
            "Subject",
            "Animal number",
            "MouseID",
            "Animal #",
        ),
        group=("Group", "Treatment", "group", "Condition", "Exp. group", "Treatment group"),
        counts=(
            "Ki67 count",
            "DCX+ cells",
            "BrdU",
            "Sox2 cells",
            "c-Fos count",
            "NeuN (cells)",
            "Iba1+",
            "number of cells",
        ),
        section=("Section", "section_no", "Slice", "Section #"),
        side=("Side", "Hemisphere"),
        sides=(("L", "R"), ("left", "right"), ("Left", "Right")),
        region=("Region", "Brain area", "Brain region", "Niche", "Structure", "Layer"),
        week=("Week", "week", "Time (weeks)", "Weeks post injury"),
        day=("Day", "dpi", "Time point (days)", "Days after surgery", "Timepoint (d)"),
        date=("Date", "Perfusion date", "Date of birth", "date_of_surgery"),
        sex=("Sex", "sex", "Gender"),
        sexes=(("m", "f"), ("male", "female"), ("M", "F"), ("0", "1")),
        controls=("control", "Ctrl", "sham", "Vehicle", "WT", "saline", "untreated", "CON"),
        treated=("HLU", "drug", "KO", "stroke", "LPS", "exercise", "Lesion", "SD", "N+", "TBI"),
        means=("Mean", "MEAN", "Average", "mean"),
        sds=("SD", "SEM", "Std dev", "stdev"),
        totals=("Total", "Sum"),
        excluded=("Excluded", "Exclude", "Outlier"),
        sections_counted=(
            "Number of sections",
            "n sections",
            "# sections",
            "Sections counted",
            "No. of slices",
        ),
        area=("Section area (mm2)", "Area (mm2)", "Counted area (mm²)", "ROI area (mm2)"),
        slide=("Slide", "Slide number", "Slide no."),
        batch=("Batch", "Cohort", "Experiment", "Run"),
        comment=("Comment", "Notes", "Remarks"),
        observer=("Observer", "Counted by", "Rater"),
        weight=("Body weight (g)", "Weight (g)", "BW (g)"),
        genotype=("Genotype", "Housing", "Diet"),
        notes=("Counted by AB, blinded", "* p < 0.05", "Values are cells per section"),
    ),
    "de": Words(
        animal=("Tier", "Tier-Nr.", "Maus", "Maus-ID", "Tiernummer", "Ratte Nr.", "Versuchstier", "Mausnr"),
        group=("Gruppe", "Behandlung", "Versuchsgruppe", "Bedingung"),
        counts=("Ki67-Zellen", "Anzahl DCX", "BrdU+ Zellen", "Zellzahl", "NeuN Anzahl", "Iba1 Zellzahl"),
        section=("Schnitt", "Schnitt-Nr.", "Schnittnummer"),
        side=("Seite", "Hemisphäre"),
        sides=(("links", "rechts"), ("L", "R"), ("li", "re")),
        region=("Hirnregion", "Region", "Areal", "Schicht", "Struktur"),
        week=("Woche", "Wochen", "Zeit (Wochen)"),
        day=("Tag", "Zeitpunkt (Tage)", "Versuchstag"),
        date=("Datum", "Perfusionsdatum", "Geburtsdatum"),
        sex=("Geschlecht",),
        sexes=(("m", "w"), ("männlich", "weiblich")),
        controls=("Kontrolle", "Kontrollgruppe", "Sham", "unbehandelt", "Vehikel"),
        treated=("Flug", "Schlaganfall", "Läsion", "Medikament", "Entlastung", "Laufrad"),
        means=("Mittelwert", "MW", "Durchschnitt"),
        sds=("Standardabweichung", "SD", "Stabw"),
        totals=("Summe", "Gesamt"),
        excluded=("Ausschluss", "ausgeschlossen", "Ausreißer"),
        sections_counted=("Anzahl Schnitte", "Anzahl der Schnitte", "n Schnitte"),
        area=("Fläche (mm²)", "Schnittfläche (mm2)", "Gezählte Fläche (mm2)"),
        slide=("Objektträger", "Objektträger-Nr."),
        batch=("Charge", "Kohorte", "Versuch", "Durchgang"),
        comment=("Bemerkung", "Kommentar", "Anmerkungen"),
        observer=("Auswerter", "Untersucher"),
        weight=("Gewicht (g)", "Körpergewicht (g)"),
        genotype=("Genotyp", "Haltung", "Diät"),
        notes=("gezählt von AB, verblindet", "Werte je Schnitt"),
    ),
    "fr": Words(
        animal=("Animal", "Souris", "N° animal", "Numéro de souris", "Rat", "Sujet"),
        group=("Groupe", "Traitement", "Condition"),
        counts=("Cellules Ki67+", "Nombre de cellules DCX", "Comptage BrdU", "NeuN+"),
        section=("Coupe", "N° de coupe", "Numéro de coupe"),
        side=("Côté", "Hémisphère"),
        sides=(("gauche", "droite"), ("G", "D")),
        region=("Région", "Région cérébrale", "Structure", "Couche"),
        week=("Semaine", "Semaines"),
        day=("Jour", "Temps (jours)"),
        date=("Date", "Date de perfusion"),
        sex=("Sexe",),
        sexes=(("m", "f"), ("mâle", "femelle")),
        controls=("Contrôle", "Témoin", "véhicule", "sham"),
        treated=("Vol", "AVC", "Traité", "lésion", "Suspension"),
        means=("Moyenne", "moy."),
        sds=("Écart-type", "ET"),
        totals=("Total", "Somme"),
        excluded=("Exclu", "Exclusion"),
        sections_counted=("Nombre de coupes", "Nb coupes", "nb de coupes"),
        area=("Surface (mm2)", "Aire (mm²)"),
        slide=("Lame", "N° lame"),
        batch=("Lot", "Cohorte", "Expérience"),
        comment=("Commentaire", "Remarques"),
        observer=("Observateur",),
        weight=("Poids (g)", "Poids corporel (g)"),
        genotype=("Génotype", "Régime", "Hébergement"),
        notes=("compté en aveugle par AB",),
    ),
    "es": Words(
        animal=("Animal", "Ratón", "ID ratón", "Rata", "Número de animal", "Sujeto"),
        group=("Grupo", "Tratamiento", "Condición"),
        counts=("Células Ki67+", "Recuento DCX", "Número de células BrdU", "NeuN+"),
        section=("Corte", "N.º de corte", "Sección"),
        side=("Lado", "Hemisferio"),
        sides=(("izquierda", "derecha"), ("izq", "der")),
        region=("Región", "Región cerebral", "Estructura", "Capa"),
        week=("Semana", "Semanas"),
        day=("Día", "Tiempo (días)"),
        date=("Fecha", "Fecha de perfusión"),
        sex=("Sexo",),
        sexes=(("macho", "hembra"), ("M", "H")),
        controls=("Control", "Salino", "vehículo", "Sham"),
        treated=("Vuelo", "Ictus", "Tratado", "Lesión"),
        means=("Media", "Promedio"),
        sds=("Desviación estándar", "DE"),
        totals=("Total", "Suma"),
        excluded=("Excluido", "Excluir"),
        sections_counted=("Número de cortes", "N cortes", "Número de secciones"),
        area=("Área (mm2)", "Superficie (mm²)"),
        slide=("Portaobjetos",),
        batch=("Lote", "Cohorte", "Experimento"),
        comment=("Comentarios", "Observaciones"),
        observer=("Observador",),
        weight=("Peso (g)", "Peso corporal (g)"),
        genotype=("Genotipo", "Dieta", "Alojamiento"),
        notes=("contado a ciegas por AB",),
    ),
    "it": Words(
        animal=("Animale", "Topo", "ID topo", "Ratto", "Numero animale", "Soggetto"),
        group=("Gruppo", "Trattamento", "Condizione"),
        counts=("Cellule Ki67+", "Conteggio DCX", "Numero di cellule BrdU", "NeuN+"),
        section=("Sezione", "Numero sezione", "Fetta"),
        side=("Lato", "Emisfero"),
        sides=(("sinistra", "destra"), ("sx", "dx")),
        region=("Regione", "Regione cerebrale", "Struttura", "Strato"),
        week=("Settimana", "Settimane"),
        day=("Giorno", "Tempo (giorni)"),
        date=("Data", "Data di perfusione"),
        sex=("Sesso",),
        sexes=(("maschio", "femmina"), ("M", "F")),
        controls=("Controllo", "Controlli", "veicolo", "sham"),
        treated=("Volo", "Ictus", "Trattato", "Lesione"),
        means=("Media", "media"),
        sds=("Deviazione standard", "DS"),
        totals=("Totale", "Somma"),
        excluded=("Escluso", "Escludere"),
        sections_counted=("Numero di sezioni", "N sezioni", "Numero di fette"),
        area=("Area (mm2)", "Superficie (mm²)"),
        slide=("Vetrino", "N. vetrino"),
        batch=("Lotto", "Coorte", "Esperimento"),
        comment=("Commenti", "Note"),
        observer=("Osservatore",),
        weight=("Peso (g)", "Peso corporeo (g)"),
        genotype=("Genotipo", "Dieta", "Stabulazione"),
        notes=("contato in cieco da AB",),
    ),
}
