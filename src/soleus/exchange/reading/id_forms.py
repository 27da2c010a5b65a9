"""The forms in which ids name a part of an animal: m1_L, rat1_hemL, m1_s1, M1 slice b, L_m1, m1.2, m1a."""

from __future__ import annotations

from dataclasses import dataclass

from soleus.exchange.readers.vocabulary import HEMISPHERES, NOUNS, SIDES, TIMES, UNITS_BELOW

__all__ = ["ANIMALS", "PARTS", "SEP", "SPLITS", "WORD", "Split"]

SEP = r"[\s_.\-/\\:,;|#+~·–—°º()\[\]{}<>]"
_END = r"[\s.)\]}>]*$"
WORD = r"[^\W\d_]+"
_NO = r"(?:(?i:n|nr|no|num)(?![^\W\d_]))"
_NUMBERED = rf"(?:(?!{_NO}){WORD}{SEP}*(?:{_NO}{SEP}*)?-?\d+|\d+{SEP}*{WORD})"
_SIDE_WORDS = "|".join(sorted((w for w in SIDES if len(w) > 2), key=len, reverse=True))
_SIDE_CODES = "lh|rh|hl|hr|hg|hd|li|re|dx|sx|l|r|g"
_HEMI = rf"(?i:{'|'.join(sorted(HEMISPHERES, key=len, reverse=True))})\.?"
# Spanish and Italian halves have letters that mean something else by themselves.
_SIDE = rf"(?P<side>(?i:{_SIDE_WORDS}|{_SIDE_CODES}|d|i))"
_LETTER = r"(?:[a-hA-H]|[IVX]{1,4})"


def _lettered(field: str, known: frozenset[str]) -> str:
    words = "|".join(sorted((w for w in known if len(w) > 2), key=len, reverse=True))
    return rf"(?P<{field}>(?i:{words}){SEP}*{_LETTER})"


PARTS: dict[str, frozenset[str]] = {
    "section": NOUNS["section"] | NOUNS["slide"] | frozenset("s sec sect sl schn sez secc lam obj".split()),
    "field": NOUNS["field"]
    | NOUNS["replicate"]
    | NOUNS["well"]
    | UNITS_BELOW
    | frozenset("f img rep replic fld aufnahme foto photo scan stack".split()),
    "day": frozenset(TIMES),
    "region": NOUNS["region"] | frozenset("ch chan channel kanal canal canale".split()),
    "word": frozenset(),
}
"""Words beside a number that say what the number counts; "word": any other word, which is asked about."""
ANIMALS = NOUNS["animal"] | frozenset("m r a an t id n nr no num".split())


@dataclass(frozen=True, slots=True)
class Split:
    """A way to take ids apart.

    Parameters
    ----------
    pattern
        Regular expression with the groups ``animal`` and one part.
    part
        What the suffix is: side, section, field, day, region, number, letter, another word, or glued on.
    plain
        Whether the suffix says so in a word.
    told
        The pattern itself holds the words of the part.
    """

    pattern: str
    part: str
    plain: bool
    told: bool = False

    @property
    def in_front(self) -> bool:
        """Whether the part stands before the animal."""
        return not self.pattern.startswith("^(?P<animal>")


SPLITS = (
    *(
        Split(rf"^(?P<animal>.*\w){SEP}+(?P<{part}>{_NUMBERED}){_END}", part, True)
        for part in ("section", "field", "day", "region")
    ),
    *(
        Split(rf"^(?P<animal>.*\d){SEP}*{_lettered(part, PARTS[part])}{_END}", part, True, told=True)
        for part in ("section", "field")
    ),
    Split(rf"^(?P<animal>.*\d){SEP}*{_HEMI}{SEP}*{_SIDE}{_END}", "side", True, told=True),
    Split(rf"^(?P<animal>.*\d){SEP}*{_SIDE}{SEP}*{_HEMI}{_END}", "side", True, told=True),
    Split(r"^(?P<animal>.*\d)(?P<side>LH|RH|lh|rh|Lh|Rh|Li|Re|li|re|SX|DX|sx|dx|Sx|Dx)$", "side", True),
    Split(rf"^(?P<animal>.*\w){SEP}+(?P<side>(?i:{_SIDE_WORDS}|{_SIDE_CODES})){_END}", "side", True),
    Split(rf"^(?P<animal>.*\d){SEP}*(?P<side>(?i:{_SIDE_WORDS})){_END}", "side", True),
    Split(r"^(?P<animal>.*\d)(?P<side>[LR])$", "side", False),
    Split(rf"^(?P<animal>.*\w){SEP}+(?P<region>[A-Za-z][\w]*){_END}", "region", True),
    Split(rf"^(?P<section>{_NUMBERED}){SEP}+(?P<animal>\w.*\d)$", "section", True),
    Split(rf"^{_HEMI}{SEP}*{_SIDE}{SEP}+(?P<animal>\w.*\d)$", "side", True, told=True),
    Split(rf"^(?P<side>(?i:{_SIDE_WORDS}|lh|rh)){SEP}*(?P<animal>\w.*\d|\d+)$", "side", True, told=True),
    Split(rf"^(?P<side>[LRlr]){SEP}*(?P<animal>\w.*\d|\d+)$", "side", False, told=True),
    Split(rf"^(?P<animal>.*\d){SEP}+(?P<section>{_NUMBERED}){_END}", "word", False),
    Split(rf"^(?P<animal>.*\d)(?P<section>{WORD}\d+)$", "glued", False),
    Split(rf"^(?P<animal>.*\d){SEP}+{_NO}{SEP}*(?P<section>\d{{1,2}}){_END}", "number", False),
    Split(rf"^(?P<animal>.*\w){SEP}+(?P<section>\d{{1,2}}){_END}", "number", False),
    Split(r"^(?P<animal>.*\d)(?P<section>[a-hA-H])$", "letter", False),
    Split(rf"^(?P<animal>.*\d){SEP}+(?P<section>[a-hA-H]){_END}", "letter", False),
    # Whatever else the ids of every group share: nobody can tell, and it is never taken in silence.
    Split(rf"^(?P<animal>[^\d]*\d+){SEP}+(?P<section>[^\W\d_].*?){_END}", "word", False),
)
