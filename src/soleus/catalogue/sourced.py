"""Where something comes from, in words and as a link: author and year, DOI, or why there is none."""

from __future__ import annotations

from soleus.catalogue.folder import Catalogue
from soleus.catalogue.item import reference
from soleus.catalogue.store import citations
from soleus.values import OURS

__all__ = ["sourced"]


def sourced(catalogue: Catalogue, key: str | None, *, judged: str = OURS) -> dict[str, str | None]:
    """Return the fields that say where something comes from.

    Parameters
    ----------
    key
        Key of the cited work; None where there is none.
    judged
        Whose judgement it is then.
    """
    if key is None:
        words = f"No work is cited: {judged}."
        return {"citation": None, "source": judged, "doi": None, "url": None, "no_doi": words}
    work = citations(catalogue)[key]
    if work.doi is not None:
        url: str | None = reference(catalogue, key).url
        no_doi = None
    else:
        url, no_doi = work.url, work.note or "No DOI is known."
    return {"citation": key, "source": _short(catalogue, key), "doi": work.doi, "url": url, "no_doi": no_doi}


def _short(catalogue: Catalogue, key: str) -> str:
    """Return author and year, ``Adami et al. 2018``; the key in words where the authors are not known."""
    work = citations(catalogue)[key]
    year = "n.d." if work.year is None else str(work.year)
    names = [name.strip().rpartition(" ") for name in work.authors.split(",")]
    first, _, initials = names[0]
    if not (first and initials.isupper()):
        words = key.removesuffix(f"-{year}").replace("-", " ")
        return f"{words[:1].upper()}{words[1:]} {year}"
    if len(names) == 2 and names[1][0] not in ("", "et"):
        return f"{first} and {names[1][0]} {year}"
    return f"{first}{' et al.' if len(names) > 1 else ''} {year}"
