"""What laboratories write in headers and cells, in English, German, French, Spanish and Italian.

Words are stored without case, accents and marks (see :func:`letters`); a table of data, no rules.
"""

from __future__ import annotations

__all__ = [
    "AMOUNTS",
    "BASELINES",
    "CONTROLS",
    "COUNTED",
    "COUNT_WORDS",
    "DATES",
    "DOMAINS",
    "EXTENT",
    "LOOKED_AT",
    "MARKS",
    "MEASURED",
    "MOMENTS",
    "NOUNS",
    "OWN_AREA",
    "QUALIFIERS",
    "REGIONS",
    "SHARES",
    "SIDES",
    "SOFT_CONTROLS",
    "STATISTICS",
    "TIMES",
    "UNITS_BELOW",
    "UNIT_PLURALS",
    "YOUNG",
]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


QUALIFIERS = _set(
    "id ids no nr nos nro o num number numero nummer code name names tag key label identifier kennung"
    " kennzeichnung"
    " nombre nom nome bezeichnung the of der die das des den de du del della dello di la le les l el lo"
    " il i d"
    " n exp experimental study analysed counted index"
)
"""Words beside a noun that change nothing: "mouse ID", "numéro de l'animal"."""

NOUNS: dict[str, frozenset[str]] = {
    "animal": _set(
        "animal animals mouse mice rat rats subject subjects individual individuals specimen specimens gerbil"
        " hamster rabbit fish zebrafish larva donor pup pups monkey vole eartag"
        " tier tiere maus mause maeuse ratte ratten versuchstier versuchstiere proband individuum"
        " ohrmarke fisch"
        " souris sujet sujets individu individus animaux raton ratones rata ratas sujeto sujetos animales"
        " individuo animale animali topo topi ratto ratti soggetto soggetti cavia"
    ),
    "group": _set(
        "group groups grp treatment treatments condition conditions arm exposuregroup treatmentgroup"
        " experimentalgroup gruppe gruppen behandlung behandlungen bedingung behandlungsgruppe versuchsgruppe"
        " experimentalgruppe versuchsbedingung groupe groupes traitement traitements bras grupo grupos"
        " tratamiento tratamientos condicion gruppo gruppi trattamento condizione intervention"
    ),
    "factor": _set(
        "genotype genotypes genotyp genotipo housing haltung haltungsform logement hebergement stabulation"
        " alojamiento alloggio stabulazione diet diat diaet futter ernahrung regime dieta drug substanz"
        " pharmakon"
        " surgery operation exercise training environment umgebung umwelt environnement ambiente lighting"
        " irradiation bestrahlung altersgruppe agegroup phenotype line linie lesion diete"
    ),
    "sex": _set("sex gender geschlecht sexe sexo genero sesso genere"),
    "strain": _set("strain stamm mausstamm mousestrain souche cepa ceppo background"),
    "age": _set("age ages alter lebensalter edad eta aged agedays alterdays altertage ageweeks agedays"),
    "cage": _set("cage cages kafig kaefig jaula jaulas gabbia gabbie box kafignr homecage"),
    "litter": _set("litter litters wurf portee camada nidiata cucciolata dam muttertier damid"),
    "batch": _set(
        "exp expt batch batches charge run plate platte cohort kohorte cohorte coorte experiment"
        " experiments versuch"
        " versuchsreihe experience experimento esperimento lot lots lote lotes lotto lotti chargen serie"
        " series block bloque blocco"
        " durchgang lauf tanda placa piastra plaque perfusion perfusionen staining session_of_staining"
        " chip lane"
    ),
    "time": _set(
        "day days dpi tag tage jour jours dia dias giorno giorni timepoint timepoints time zeitpunkt"
        " zeitpunkte"
        " zeit temps tiempo tempo week weeks wk wks woche wochen semaine semaines semana semanas settimana"
        " settimane month months monat monate mois mes meses mese mesi hour hours stunde stunden heure heures"
        " hora horas ora ore div session sessions sitzung seance sesion sessione visit visite phase"
        " dayofsampling studyday terminalday versuchstag messzeitpunkt momento postnatal pnd dpl dps survival"
    ),
    "region": _set(
        "niche region regions structure tissue hirnregion gehirnregion hirnareal areal nische struktur gewebe"
        " zone layer layers schicht couche capa strato compartment kompartiment compartiment compartimento"
        " subregion subfield brainregion brainarea regione regiones regioni structureName areacerebrale"
        " areacerebral zonecerebrale estructura struttura tejido tessuto tissu anatomie anatomy muscle muskel"
        " musculo muscolo organ organe organo brain cerebral cerebrale brainregions"
    ),
    "side": _set(
        "side hemisphere hemispheres seite korperseite hemisphare hemisphaere cote lado hemisferio lato"
        " emisfero"
        " laterality leftright"
    ),
    "section": _set(
        "section sections slice slices schnitt schnitte sektion coupe coupes tranche corte cortes"
        " seccion sezione"
        " sezioni fetta fette"
    ),
    "slide": _set("slide slides objekttrager objekttraeger lame portaobjetos vetrino"),
    "field": _set(
        "field fields fov fovs img imgs image images picture roi rois bild bilder feld felder gesichtsfeld"
        " gesichtsfelder"
        " champ champs campo campos imagen imagenes immagine immagini campi fieldofview view frame tile"
    ),
    "replicate": _set(
        "replicate replicates replikat wiederholung replica replicat repetition repeticion technical"
    ),
    "well": _set("well wells wellid napf puits pocillo pozzetto"),
    "culture": _set("culture cultures dish kultur cultivo coltura flask"),
    "passage": _set("passage passageno pasaje passaggio"),
    "observer": _set(
        "observer observers counter countedby rater raters auswerter untersucher beobachter zahler zaehler"
        " observateur compteur evaluateur observador contador evaluador osservatore contatore valutatore"
        " experimenter investigator scorer analyst gezahltvon bewerter experimentator comptepar contadopor"
        " contatoda bearbeiter bearbeiterin bearbeitetvon operateur operatrice manipulateur operador"
        " operadora operatore operatrice manipolatore technician operator lecteur lector lettore"
    ),
    "blinded": _set("blinded blind verblindet blindado cieco aveugle"),
    "excluded": _set(
        "excluded exclude exclusion excl ausschluss ausgeschlossen ausschliessen exclu exclus exclue exclure"
        " excluido excluida excluir esclusione escluso esclusa escludere outlier outliers ausreisser"
        " reject rejected"
        " omit omitted"
    ),
    "included": _set(
        "included include inclusion usable valid auswertbar eingeschlossen inclus inclusa incluido"
        " incluida incluso"
        " valide valido verwendet utilise usado used"
    ),
    "exclusion_reason": _set(
        "exclusionreason reasonforexclusion ausschlussgrund raisonexclusion motivoexclusion motivoesclusione"
        " reason grund"
    ),
    "readout": _set(
        "readout marker markers measure measurement variable celltype zelltyp messgrosse messgroesse"
        " parameter"
        " antibody antikorper anticorps anticuerpo anticorpo channel kanal canal canale endpoint"
        " marqueur marcador"
        " marcatore populationname celltypes typecellulaire tipocelular tipocellulare"
    ),
    "assay": _set("assay stain farbung faerbung coloration tincion colorazione method methode technique"),
    "label": _set(
        "comment comments note notes bemerkung bemerkungen kommentar kommentare remarque remarques"
        " commentaire"
        " commentaires comentario comentarios observaciones osservazioni commento nota notas anmerkung"
        " anmerkungen"
        " filename file path datei dateiname fichier archivo bregma level ap magnification objective"
        " thickness"
        " dicke dob row index x y z xm ym unnamed centroidx centroidy objectid year jahr vergrosserung farbe"
        " colour color couleur color barcode dose dosis doses dosage dosi littersize wurfgrosse threshold"
        " schwellenwert scanner microscope mikroskop gain exposuretime rin initials freezer position"
        " rack order"
        " sequence reihenfolge"
    ),
    "date": _set(
        "date dates datum fecha dateofbirth geburtsdatum perfusionsdatum birth dob datedeperfusion data"
        " geburtstag killed"
    ),
    "study": _set("study studie etude estudio studio"),
}
"""Role to the nouns that name it."""

COUNTED = _set(
    "number no n anzahl nombre nb nbre numero num nr count counted gezahlte gezahlten gezahlt numeros"
    " quantity zahl analysed analyzed scored quantified evaluated examined measured sampled used imaged"
    " ausgewertet ausgewertete ausgewerteten analysierte analysiert untersuchte untersucht ausgezahlte"
    " ausgezahlt comptes"
    " comptees compte analyses analysees evalues quantifiees quantifies contados contadas analizados"
    " analizadas evaluados contati contate analizzati analizzate valutate valutati"
)
"""With a plural of a unit: how many of them were counted."""

LOOKED_AT = _set(
    "analysed analyzed counted quantified scored examined measured imaged sampled used scanned acquired"
    " ausgewertet ausgewertete ausgezahlt gezahlt untersucht untersuchte vermessen analysiert analysierte"
    " aufgenommen analysees analyses comptees comptes quantifiees quantifies examinees examines mesurees"
    " analizadas analizados contadas contados cuantificadas cuantificados examinadas medidas analizzate"
    " analizzati contate contati quantificate quantificati esaminate esaminati misurate"
)
"""With a plural of a unit: that so many of them were looked at."""

UNIT_PLURALS: dict[str, str] = {
    **dict.fromkeys(
        "sections slices schnitte sektionen coupes tranches cortes secciones sezioni fette".split(), "section"
    ),
    **dict.fromkeys(
        "fields fovs images pictures rois felder bilder gesichtsfelder champs campos imagenes campi immagini"
        " frames tiles imgs".split(),
        "field",
    ),
    **dict.fromkeys("wells".split(), "well"),
}
"""Plural of a unit to the unit."""

UNITS_BELOW = _set(
    "fiber fibre faser muskelfaser fibra fibramuscular fibremusculaire myofiber myofibre cell zelle cellule"
    " cellula celula crypt krypte crypte cripta vessel gefass gefaess vaisseau vaso capillary kapillare"
    " synapse sinapsis sinapsi spine dorn epine espina spina dendrite dendrit dendrita neuron neurone"
    " neurona"
    " soma nucleus noyau nucleo zellkern image bild imagen immagine tile kachel stack stapel plane ebene"
    " plan plano"
    " piano roi bouton glomerulus tubule myotube islet villus alveolus follicle colony spheroid neurosphere"
    " organoid grid gitter frame pile plaque"
)
"""What is numbered within an animal beside its sections: many of each are measured, none is an animal."""

COUNT_WORDS = _set(
    "count counts cell cells cellcount number anzahl zellzahl zellen zahl numcells neurons neurone neuronen"
    " neurones neuronas neuroni comptage compte cellules nombre recuento conteo celulas numero conteggio"
    " cellule"
    " conta spheres nuclei puncta profiles positive"
)
SHARES = _set(
    "percent percentage prozent fraction anteil proportion frequency freqof share pourcentage pourcent"
    " porcentaje"
    " porciento percentuale percentuali percento fraktion fraccion frazione prozentsatz pct proporcion"
)
DATES = _set("date datum fecha")

EXTENT = _set(
    "area areas flache flaeche surface superficie volume volumen volumes volumi aire aerea areasize"
)
OWN_AREA = _set(
    "fiber fibre fibers fibres csa crosssection crosssectional cross sectional lesion infarct infarkt"
    " lasion soma"
    " somata cellbody tumor tumour tumeur tumore muscle myotube myofiber plaque graft sphere neurosphere"
    " nucleus"
    " kern faser faserquerschnitt querschnitt fibra fibras sectiontransversale cell cells zelle hematoma"
    " ventricle bouton dendrite spine muskelfaser muskel lesione lesione organoid colony droplet vessel"
    " adipocyte"
)
"""Words that make an area or volume the thing that was measured."""
MEASURED = _set(
    "mean average avg moyenne media mittel mittelwert mw median density dichte densite densidad densita"
    " estimate"
    " estimated schatzung estimation stereological stereology total_estimated"
)

AMOUNTS = _set(
    "kg g mg ug ng pg mol mmol umol nmol pmol iu u ml ul l mn kn pa kpa mpa w mw j kj cal kcal bq kbq mbq dpm"
    " lux cd mgha gha mmhg"
)
"""Units of an amount: what stands above an area is then no number of things (bone mineral, stress, dose)."""

TIMES: dict[str, str] = {
    **dict.fromkeys(
        "d day days dpi tag tage jour jours j dia dias giorno giorni g_ dps dpl div dai dph dpo".split(),
        "day",
    ),
    **dict.fromkeys(
        "w wk wks wo wch week weeks"
        " woche wochen semaine semaines semana semanas settimana settimane kw".split(),
        "week",
    ),
    **dict.fromkeys(
        "h hr hrs hour hours stunde stunden std heure heures hora horas ora ore hpi".split(), "hour"
    ),
    **dict.fromkeys("mo month months monat monate mois mes meses mese mesi".split(), "month"),
}
"""Word of time to its unit."""

HEMISPHERES = (
    "hemisphere hemisphäre hemisphaere hémisphère hemisferio emisfero hemisph hemi hém hem side seite côté"
    " cote lado lato halbe"
).split()
"""Words beside, or written to, a side: "hemL", "linke Hemi"."""

MOMENTS = _set(
    "before after pre post baseline followup vorher nachher vor nach avant apres antes despues prima"
    " dopo basal"
    " start end begin initial final endpoint predose postdose"
)
"""Codes of time points that are no days."""

SIDES: dict[str, str] = {
    **dict.fromkeys(
        "l left lh links li linke linkes linker gauche g izq izqda izqdo izdo izda izquierda izquierdo sx"
        " sinistra sinistro lt lft hl hg".split(),
        "left",
    ),
    **dict.fromkeys(
        "r right rh rechts re rechte rechtes rechter droite droit der dcha dcho derecha derecho dx destra"
        " destro rt rgt hr hd".split(),
        "right",
    ),
}
CONTRA = {
    **dict.fromkeys("ipsi ipsilateral ipsilat ipsilaterale ipsilesional".split(), "ipsi"),
    **dict.fromkeys(
        "contra contralateral kontra kontralateral contralat controlateral controlaterale"
        " contralesional".split(),
        "contra",
    ),
}
__all__ += ["CONTRA", "HEMISPHERES"]

REGIONS = _set(
    "svz sgz dg gcl ca1 ca2 ca3 ca4 ob rms hilus cortex cx ctx striatum str cpu hippocampus hip hpc"
    " hypothalamus"
    " thalamus amygdala bla cerebellum cb brainstem septum pfc mpfc m1cortex s1 v1 acc nac vta sn snc snpc gp"
    " ml iml oml mml pcl so sr slm fimbria corpuscallosum cc choroidplexus dorsal ventral rostral caudal"
    " anterior"
    " posterior medial lateral septal temporal suprapyramidal infrapyramidal upper lower core shell penumbra"
    " soleus gastrocnemius edl ta tibialis plantaris quadriceps diaphragm liver spleen kidney heart lung"
    " bulb bulbus olfactorybulb dentategyrus hirnstamm kleinhirn rinde kortex hipocampo corteza"
    " ippocampo corteccia"
    " hippocampe cervelet hippokampus dentate subgranular subventricular spinalcord rueckenmark graymatter"
    " whitematter grey white total"
)

CONTROLS = _set(
    "control controls ctrl ctl ctr con cntrl wt wildtype wildtyp wild vehicle veh sham shamop untreated"
    " saline pbs naive"
    " placebo kontrolle kontrollen kontrolltiere kontrollgruppe scheinoperiert unbehandelt vehikel"
    " wildtypus nacl"
    " temoin temoins controle controles nontraite sauvage vehicule salin controllo controlli testigo"
    " salino veicolo"
    " vehiculo salina nontrattato silvestre sano dmso normallyloadedcontrol groundcontrol normallyloaded mock"
    " contol intact normoxia unlesioned scheinoperation scrambled scr empty nontreated nt ko_control"
    " cage_control"
)
SOFT_CONTROLS = _set(
    "sedentary sed sedentaire sedentaires sedentario sedentaria sedentari sedentarios inaktiv untrained"
    " untrainiert nonentraine noentrenado nonallenato noexercise norunning norun nowheel lockedwheel locked"
    " ambulatory ambulatorio ambulant weightbearing fullweightbearing freelymoving free freelimb homecage"
    " standard standardhousing standardcage healthy gesund sain sano uninjured noninjured unverletzt lean"
    " chow normaldiet nofall normal normale normales idle rest resting ambient roomair weightbear"
    " loaded scramble"
)
"""What the others are compared with where no group is named a control."""

YOUNG = _set("young jung junge jeune jeunes joven jovenes giovane giovani youngadult adult")
"""The control of the aged where there are two groups."""

BASELINES = _set("baseline basal vivarium bsl bl preflight start basale")
"""Killed at the start, or kept elsewhere: no control of a flight or a treatment."""

STATISTICS = {
    **dict.fromkeys(
        "mean means average avg mittelwert mittel mw durchschnitt moyenne moy moyennes media promedio"
        " medias medie x o".split(),
        "mean",
    ),
    **dict.fromkeys("median mediane mediana zentralwert".split(), "median"),
    **dict.fromkeys(
        "sd stdev std stddev standardabweichung stabw stabwn ecarttype et desviacion de ds"
        " deviazionestandard desvest devstd devst desvstd desvestandar devstandard ecart"
        " standarddeviation deviationstandard desviacionestandar stdabw".split(),
        "sd",
    ),
    **dict.fromkeys(
        "sem se standardfehler sterr stderr erreurstandard esm errorestandar errorestandard"
        " errorstandar errstd errst erreurstd errorestd errorstd errorest errstandard"
        " standarderror".split(),
        "sem",
    ),
    **dict.fromkeys(
        "total sum summe gesamt totale suma somma somme totaux all alle tous tutti todos insgesamt"
        " subtotal gesamtsumme grandtotal".split(),
        "sum",
    ),
    **dict.fromkeys("cv variationskoeffizient coefficientofvariation".split(), "cv"),
    **dict.fromkeys("var variance varianz varianza".split(), "variance"),
    **dict.fromkeys(
        "n count anzahl nombre numero nb effectif effectifs fallzahl stichprobe stichprobenumfang"
        " numerosita tamano taille".split(),
        "n",
    ),
    **dict.fromkeys("p pvalue pwert valeurp valorp ttest anova ttestp".split(), "p"),
    **dict.fromkeys("min minimum max maximum range".split(), "extreme"),
}
"""Word in the place of an animal to the statistic that its row would hold."""

MARKS: dict[str, bool] = {
    **dict.fromkeys("true yes y x xx 1 ja j oui o si sí s ✓ ✔ * +".split(), True),
    **dict.fromkeys(
        "excluded exclude ausgeschlossen exclu excluido escluso outlier ausreißer ausreisser".split(), True
    ),
    **dict.fromkeys(("false", "no", "n", "0", "nein", "non", "-", "–", "", "included", "ok", "keep"), False),
}
"""Mark in a column of exclusions to its meaning."""

DOMAINS = (
    "image",
    "file",
    "slice",
    "filename",
    "bild",
    "datei",
    "imagename",
    "fichier",
    "archivo",
    "immagine",
)
"""Headers of columns that hold names of images."""
