"""Published works, and a reason for each use of one: every result cites exactly what it used."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from soleus.errors import CatalogueError, InputError, unknown_name

if TYPE_CHECKING:
    from soleus.schema.values import CitationRow

__all__ = ["Citation", "CitationBook"]

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_INITIALS = re.compile(r"(?:[A-Z]\.?-?){1,4}")
_LATEX = str.maketrans({c: f"\\{c}" for c in "&%$#_{}"})
_YEARS = range(1800, 2101)


@dataclass(frozen=True, slots=True)
class Citation:
    """One published work.

    Parameters
    ----------
    key
        The name by which catalogue files cite it, such as "adami-2018".
    authors
        "Adami R, Pagano J, Bottai D": surname and initials, commas between authors; "et al." may
        end the list.
    title, journal
        As published; the journal is empty for a work that is not an article.
    year
        Year of publication; None where it was not confirmed.
    doi
        Bare, such as "10.3389/fnins.2018.00336"; None where the work has none.
    pmid
        PubMed id.
    note
        Anything a reader of the reference list should know.
    """

    key: str
    authors: str
    title: str
    journal: str
    year: int | None
    doi: str | None
    pmid: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if _KEY.fullmatch(self.key) is None:
            raise CatalogueError(
                f"citation key {self.key!r} must be letters, digits and _ . : -, such as 'adami-2018'"
            )
        if self.doi is not None and _DOI.fullmatch(self.doi) is None:
            raise CatalogueError(
                f"citation {self.key!r}: doi {self.doi!r} must be bare, such as 10.3389/fnins.2018.00336"
            )
        if self.pmid is not None and not self.pmid.isdecimal():
            raise CatalogueError(f"citation {self.key!r}: pmid {self.pmid!r} must be digits only")
        if self.year is not None and self.year not in _YEARS:
            raise CatalogueError(
                f"citation {self.key!r}: year must lie in [{_YEARS[0]}, {_YEARS[-1]}], got {self.year}"
            )
        for name in ("authors", "title"):
            if not getattr(self, name).strip():
                raise CatalogueError(f"citation {self.key!r}: {name} is empty; give it as published")
        self._bibtex_authors()

    @property
    def url(self) -> str:
        """Where to find it: the DOI, else PubMed, else nothing."""
        if self.doi is not None:
            return f"https://doi.org/{quote(self.doi, safe='/')}"
        return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/" if self.pmid is not None else ""

    def bibtex(self) -> str:
        """Return the BibTeX entry, one field a line."""
        fields = {
            "author": self._bibtex_authors(),
            # A second pair of braces keeps the capitals of gene and marker names.
            "title": f"{{{self.title.translate(_LATEX)}}}",
            "journal": self.journal.translate(_LATEX),
            "year": "" if self.year is None else str(self.year),
            "doi": self.doi or "",
            "pmid": self.pmid or "",
            "note": self.note.translate(_LATEX),
        }
        lines = [f"  {name} = {{{text}}}," for name, text in fields.items() if text]
        kind = "article" if self.journal else "misc"
        return "\n".join([f"@{kind}{{{self.key},", *lines, "}"])

    def _bibtex_authors(self) -> str:
        names = [name.strip() for name in self.authors.split(",")]
        return " and ".join(self._bibtex_author(name) for name in names)

    def _bibtex_author(self, name: str) -> str:
        if name.rstrip(".") == "et al":
            return "others"
        surname, _, initials = name.rpartition(" ")
        if not name or (not surname and _INITIALS.fullmatch(name)):
            raise CatalogueError(
                f"citation {self.key!r}: authors {self.authors!r} must be 'Surname Initials' with commas"
                " between authors, such as 'Adami R, Bottai D'"
            )
        if surname and _INITIALS.fullmatch(initials):
            return f"{surname.translate(_LATEX)}, {initials}"
        return f"{{{name.translate(_LATEX)}}}"


class CitationBook:
    """The works that can be cited, and the reasons for which some of them were.

    Parameters
    ----------
    known
        The works that may be cited.

    Raises
    ------
    CatalogueError
        One key for two works, or two keys for one DOI.
    """

    def __init__(self, known: Iterable[Citation] = ()) -> None:
        self._known: dict[str, Citation] = {}
        self._key_of_doi: dict[str, str] = {}
        self._reasons: dict[str, list[str]] = {}
        for citation in known:
            self.add(citation)

    def add(self, citation: Citation) -> None:
        """Make a work citable; adding the same work again changes nothing."""
        present = self._known.get(citation.key)
        if present is not None:
            if present != citation:
                raise CatalogueError(
                    f"citation key {citation.key!r} names two works: {present.title!r} and {citation.title!r}"
                )
            return
        if citation.doi is not None:
            # DOIs do not tell upper from lower case.
            holder = self._key_of_doi.setdefault(citation.doi.lower(), citation.key)
            if holder != citation.key:
                raise CatalogueError(
                    f"doi {citation.doi} has two keys, {holder!r} and {citation.key!r}; keep one of them"
                )
        self._known[citation.key] = citation

    def use(self, key: str, reason: str) -> Citation:
        """Record that a work was used, and what for.

        Parameters
        ----------
        key
            Key of a known work.
        reason
            What it was used for ("cycle length of neuroblasts"); repeated reasons count once.

        Raises
        ------
        UnknownNameError
            No known work has that key.
        InputError
            The reason is empty.
        """
        citation = self._known.get(key)
        if citation is None:
            raise unknown_name("citation", key, self._known)
        if not reason.strip():
            raise InputError(f"citation {key!r} was used without a reason; say what the work was used for")
        reasons = self._reasons.setdefault(key, [])
        if reason not in reasons:
            reasons.append(reason)
        return citation

    def merge(self, other: CitationBook) -> None:
        """Take over the works and the reasons of another book."""
        for citation in other._known.values():
            self.add(citation)
        for key, reasons in other._reasons.items():
            for reason in reasons:
                self.use(key, reason)

    @property
    def known(self) -> tuple[Citation, ...]:
        """All works that can be cited, by key."""
        return tuple(self._known[key] for key in sorted(self._known))

    @property
    def used(self) -> tuple[Citation, ...]:
        """The works that were used, by key."""
        return tuple(self._known[key] for key in sorted(self._reasons))

    def reasons(self, key: str) -> tuple[str, ...]:
        """Return what a work was used for, in the order of use; empty if it was not."""
        return tuple(self._reasons.get(key, ()))

    def bibtex(self) -> str:
        """Return the BibTeX of exactly what was used."""
        return "".join(f"{citation.bibtex()}\n\n" for citation in self.used)

    def to_rows(self) -> list[CitationRow]:
        """Return the works that were used as rows of the result, by key."""
        from soleus.schema.values import CitationRow

        return [
            CitationRow(
                key=citation.key,
                title=citation.title,
                authors=citation.authors,
                year=citation.year,
                doi=citation.doi,
                reasons=list(self._reasons[citation.key]),
                bibtex=citation.bibtex(),
            )
            for citation in self.used
        ]
