"""Where something comes from, in words and as a link: author and year, DOI, or why there is none."""

from __future__ import annotations

from soleus.catalogue.item import reference
from soleus.catalogue.store import citations

__all__ = ["sourced"]

_OURS = "our estimate"


def sourced(key: str | None, *, judged: str = _OURS) -> dict[str, str | None]:
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
    work = citations()[key]
    if work.doi is not None:
        url: str | None = reference(key).url
        no_doi = None
    else:
        url, no_doi = work.url, work.note or "No DOI is known."
    return {"citation": key, "source": _short(key), "doi": work.doi, "url": url, "no_doi": no_doi}


def _short(key: str) -> str:
    """Return author and year, ``Adami et al. 2018``; the key in words where the authors are not known."""
    work = citations()[key]
    year = "n.d." if work.year is None else str(work.year)
    names = [name.strip().rpartition(" ") for name in work.authors.split(",")]
    first, _, initials = names[0]
    if not (first and initials.isupper()):
        words = key.removesuffix(f"-{year}").replace("-", " ")
        return f"{words[:1].upper()}{words[1:]} {year}"
    if len(names) == 2 and names[1][0] not in ("", "et"):
        return f"{first} and {names[1][0]} {year}"
    return f"{first}{' et al.' if len(names) > 1 else ''} {year}"
