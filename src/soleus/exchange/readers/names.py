"""The parts of image names: which is the animal, the section, the side, the day, the region, the channel.

The fault: the last number of a name is taken for the section and summed, whatever it is. A part says its role
by its form (ch01, d7, s3, CA1, L); a number whose meaning the name does not tell is asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from soleus.exchange.readers.headers import letters
from soleus.exchange.readers.question import Answers, Choice, Question
from soleus.exchange.readers.sides import side_of
from soleus.exchange.readers.times import time_of
from soleus.exchange.readers.vocabulary import BASELINES, CONTRA, CONTROLS, HEMISPHERES, MOMENTS, REGIONS

__all__ = ["PARTS", "NameGuess", "ask_names", "guess_names", "name_tokens", "pattern_of"]

PARTS = ("animal", "section", "side", "field", "group", "day", "time", "region", "channel")
"""What a part of a name can be."""

_SPLIT = re.compile(r"[_\s\-]+")
_ENDING = re.compile(
    r"(?i)\.(ome\.)?(tiff?|czi|lsm|lif|nd2|vsi|svs|ndpi|png|jpe?g|zvi|oib|oir|qptiff|scn|xml|csv|xls|bmp|fcs)\b.*"
)
_FORMS: dict[str, re.Pattern[str]] = {
    "animal": re.compile(
        r"(?i)(m|mouse|ms|rat|r|animal|an|a|id|tier|t|maus|ratte|souris|raton|topo|subj|subject|sub)#?\d+[a-z]?"
    ),
    "section": re.compile(
        r"(?i)(s|sec|sect|section|sl|slice|schnitt|schn|coupe|tranche|corte|seccion|sezione|sez|fetta)-?\d+[a-z]?"
        r"|(sec|sect|section|slice|schnitt|schn|coupe|tranche|corte|seccion|sezione|sez|fetta)-?[a-h]"
    ),
    "field": re.compile(
        r"(?i)(f|fov|field|img|image|roi|bild|feld|champ|campo|tile|stack|scene|series|rep)\d+"
    ),
    "channel": re.compile(
        r"(?i)(ch|chan|channel|kanal|canal|canale)\d+|dapi|hoechst|gfp|e?yfp|rfp|tdtomato|cy[357]|fitc|tritc|a(lexa)?(405|488|546|555"
        r"|568|594|633|647)|ki-?67|dcx|brdu|edu|neun|gfap|iba1|sox2|s100b|nestin|prox1|pcna|cfos|c-?fos|mcherry"
    ),
    "day": re.compile(
        r"(?i)(d|day|days|tag|dpi|wk|wks|week|weeks|wo|wch|woche|jour|dia|giorno|semaine|semana|settimana|h)-?\d+|\d+(d|dpi|days?|wk|wo|weeks?|h|hr)"
    ),
    "time": re.compile(r"(?i)t\d|p\d{2}|pnd?\d+|e\d{2}"),
}
_GROUP = re.compile(
    r"(?i)(hu|hlu|hls|hls?|unloaded|unloading|loaded|reloaded|normal|treated|ko|het|hom|mut|tg|flight|ground|run(ner)?|sed(entary)?"
    r"|lesion(ed)?|stroke|drug|lps|exp|enriched|aged|young|old|diet|hfd|tbi|mcao|ouvx|flug|boden)"
)
_DATE = re.compile(r"\d{6}|\d{8}")


@dataclass
class NameGuess:
    """Names taken apart.

    Parameters
    ----------
    first
        The name that the pattern is built from.
    roles
        Role of each part; None where it has none.
    columns
        The parts of all names that are built alike, one column a part.
    open
        Parts whose role the name does not tell.
    """

    first: str
    roles: list[str | None]
    columns: list[tuple[str, ...]]
    open: list[int]


def name_tokens(name: str) -> list[str]:
    """Return the parts of a name without folder and ending."""
    last = re.split(r"[\\/]", name)[-1]
    return [token for token in _SPLIT.split(_ENDING.sub("", last)) if token]


def guess_names(names: Sequence[str]) -> NameGuess | None:
    """Tell the parts of names; None where no part can be the animal."""
    known = list(dict.fromkeys(names))
    split = [name_tokens(name) for name in known]
    if not split or not any(split):
        return None
    width = Counter(map(len, split)).most_common(1)[0][0]
    alike = [tokens for tokens in split if len(tokens) == width]
    columns = list(zip(*alike, strict=True))
    first = next(name for name, tokens in zip(known, split, strict=True) if len(tokens) == width)
    roles = _by_form(columns)
    open_parts = _by_place(columns, roles)
    open_parts += [i for i, c in enumerate(columns) if roles[i] == "section" and _may_be_weeks(c)]
    if "animal" not in roles:
        return None
    return NameGuess(first, roles, columns, open_parts)


def _may_be_weeks(column: Sequence[str]) -> bool:
    """Tell S2, S4, S8: numbers with gaps, that sections and "semaines" have alike."""
    found = {re.sub(r"\D", "", token) for token in column if re.fullmatch(r"[sS]\d+", token)}
    numbers = sorted(map(int, found))
    return len(numbers) > 1 and numbers[-1] - numbers[0] >= len(numbers) and len(numbers) <= 6


def _by_form(columns: list[tuple[str, ...]]) -> list[str | None]:
    roles: list[str | None] = [None] * len(columns)

    def take(role: str, fits: Callable[[str], object], *, once: bool = True) -> None:
        for index, column in enumerate(columns):
            if (
                (once and role in roles)
                or roles[index] is not None
                or not all(fits(token) for token in column)
            ):
                continue
            roles[index] = role

    take("channel", _FORMS["channel"].fullmatch)
    take(
        "side",
        lambda token: (
            side_of(token) is not None
            and letters(token) not in ("g", "lt", "rt", "re", "li")
            or token in ("re", "li")
        ),
    )
    take("region", lambda token: letters(token) in CONTRA)
    take("animal", _FORMS["animal"].fullmatch)
    take("section", _FORMS["section"].fullmatch)
    take("day", lambda token: _FORMS["day"].fullmatch(token) and time_of(token) is not None)
    take("field", _FORMS["field"].fullmatch)
    take("time", lambda token: _FORMS["time"].fullmatch(token) or letters(token) in MOMENTS)
    take("region", lambda token: letters(token) in REGIONS and letters(token) != "total")
    for index, column in enumerate(columns):
        controls = any(letters(t) in CONTROLS or letters(t) in BASELINES for t in column)
        if "group" not in roles and roles[index] is None and (controls or all(map(_GROUP.fullmatch, column))):
            roles[index] = "group"
    return roles


def _by_place(columns: list[tuple[str, ...]], roles: list[str | None]) -> list[int]:
    """Give the animal, and then a section, to parts that say nothing; return those that must be asked."""
    open_parts: list[int] = []
    named = any(role in ("section", "field", "side", "day", "channel", "region", "time") for role in roles)
    free = [
        i
        for i, c in enumerate(columns)
        if roles[i] is None and len(set(c)) > 1 and not all(map(_DATE.fullmatch, c))
    ]
    numbered = [i for i in free if all(any(c.isdigit() for c in token) for token in columns[i])]
    words = [i for i in free if i not in numbered]
    if "animal" not in roles:
        likely = numbered or words
        if likely:
            roles[likely[0]] = "animal"
            if not (named and len(numbered) == 1):
                open_parts.append(likely[0])
        else:
            _constant_animal(columns, roles, open_parts)
    rest = [i for i in numbered if roles[i] is None]
    for place in rest:
        if "section" not in roles:
            roles[place] = "section"
        open_parts.append(place)
    for place in words:
        if roles[place] is None and _per_animal(columns, roles, place):
            if "group" not in roles:
                roles[place] = "group"
            elif not any(roles[place + d] == "group" for d in (-1, 1) if 0 <= place + d < len(roles)):
                open_parts.append(place)
            else:
                roles[place] = "group"
        elif roles[place] is None:
            open_parts.append(place)
    return open_parts


def _constant_animal(columns: list[tuple[str, ...]], roles: list[str | None], open_parts: list[int]) -> None:
    free = [i for i, role in enumerate(roles) if role is None]
    if free:
        place = next((i for i in free if any(c.isdigit() for c in columns[i][0])), free[0])
        roles[place] = "animal"
        open_parts.append(place)


def _per_animal(columns: list[tuple[str, ...]], roles: list[str | None], place: int) -> bool:
    if "animal" not in roles:
        return False
    animal = columns[roles.index("animal")]
    pairs = set(zip(animal, columns[place], strict=True))
    return len({a for a, _ in pairs}) == len(pairs) and len(set(columns[place])) < len(set(animal))


def pattern_of(guess: NameGuess) -> str:
    """Write the expression: roles become groups, other parts anything without a separator."""
    last = max(index for index, role in enumerate(guess.roles) if role)
    text = r"(?:^|[\\/])" if re.search(r"[\\/]", guess.first) else "^"
    done: set[str] = set()
    index = 0
    while index <= last:
        role = guess.roles[index]
        width = 1
        while role is not None and index + width <= last and guess.roles[index + width] == role:
            width += 1
        inner = r"[_\s-]+".join([_SIDE_FORM if role == "side" else _PART_FORM] * width)
        named = role is not None and role not in done
        text += (r"[_\s-]+" if index else "") + (f"(?P<{role}>{inner})" if named else inner)
        done |= {role} if role is not None else set()
        index += width
    return text + r"(?=[_\s.-]|$)"


_PART_FORM = r"[^_\s./\\-]+"
_HEMI = "|".join(HEMISPHERES)
_SIDE_FORM = (
    f"(?i:(?:{_HEMI})?(?:left|right|lh|rh|li|re|l|r|g|d|links|rechts|linke|rechte|gauche|droite|droit|dx|sx|izq|der|izdo"
    f"|dcho|izquierda|derecha|sinistra|destra)(?:{_HEMI})?)"
)
_CHOICES = {
    "animal": "the animal",
    "section": "a section of the animal: summed in it",
    "field": "a field or image: summed in its animal",
    "channel": "a channel or stain: compared apart",
    "day": "a day: compared apart",
    "week": "a week or another time point: compared apart",
    "region": "a region: compared apart",
    "group": "the group",
    "ignore": "nothing that matters",
}


def ask_names(guess: NameGuess, answers: Answers, *, what: str = "names of images") -> NameGuess:
    """Ask for the parts that names do not tell, one at a time."""
    roles = list(guess.roles)
    for place in guess.open:
        likely = roles[place]
        words = list(dict.fromkeys(guess.columns[place]))
        first = "first second third fourth fifth sixth seventh eighth".split()[min(place, 7)]
        offered = _offered(words, [role for k, role in enumerate(roles) if k != place])
        if all(re.fullmatch(r"[wW]\d+", word) for word in words):
            likely = "week"
        order = sorted(offered, key=lambda word: word != likely)
        question = Question(
            id=f"part {place + 1}",
            about="names",
            text=(
                f"what does the {first} part of the {what} stand for ({', '.join(words[:4])})? The other"
                f" parts are read as"
                " the table shows."
            ),
            choices=tuple(Choice(word, _CHOICES[word]) for word in order),
            head=("name", *(r if k != place else "?" for k, r in enumerate(_shown(roles)))),
            examples=tuple(
                ("_".join(row), *row) for row in list(dict.fromkeys(zip(*guess.columns, strict=True)))[:3]
            ),
        )
        word = answers.ask(question)
        if word is not None:
            roles[place] = None if word == "ignore" else "time" if word == "week" else word
    return NameGuess(guess.first, roles, guess.columns, [])


def _offered(words: list[str], others: list[str | None]) -> list[str]:
    """Return the answers that can be right: C1 and C2 are never added up, a day can be read as one."""
    left = set(_CHOICES)
    if all(re.fullmatch(r"[cC]\d", word) for word in words) and "animal" in others:
        left -= {"animal", "section", "field", "ignore"}
    if any(time_of(word) is None for word in words):
        left -= {"day"}
    return [word for word in _CHOICES if word in left]


def _shown(roles: list[str | None]) -> list[str]:
    return [role or "-" for role in roles]
