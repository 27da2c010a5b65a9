"""Citations: BibTeX, one work one key, reasons."""

from __future__ import annotations

import dataclasses

import pytest

from soleus.citations import Citation, CitationBook
from soleus.errors import CatalogueError, InputError, UnknownNameError

WORK = Citation(
    key="adami-2018",
    authors="Adami R, Pagano J, van der Berg JK, et al.",
    title="Reduction of movement & Ki67_A",
    journal="Front Neurosci",
    year=2018,
    doi="10.3389/fnins.2018.00336",
)


def another(**changes: object) -> Citation:
    return dataclasses.replace(WORK, **changes)  # type: ignore[arg-type]


def test_bibtex() -> None:
    assert WORK.bibtex() == (
        "@article{adami-2018,\n"
        "  author = {Adami, R and Pagano, J and van der Berg, JK and others},\n"
        "  title = {{Reduction of movement \\& Ki67\\_A}},\n"
        "  journal = {Front Neurosci},\n"
        "  year = {2018},\n"
        "  doi = {10.3389/fnins.2018.00336},\n"
        "}"
    )
    assert (
        another(journal="", authors="NASA Open Science")
        .bibtex()
        .startswith("@misc{adami-2018,\n  author = {{NASA Open Science}},")
    )


def test_url() -> None:
    assert WORK.url == "https://doi.org/10.3389/fnins.2018.00336"
    assert another(doi="10.1000/a<b>").url == "https://doi.org/10.1000/a%3Cb%3E"
    assert another(doi=None, pmid="14638459").url == "https://pubmed.ncbi.nlm.nih.gov/14638459/"
    assert another(doi=None).url == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": "adami 2018"}, "citation key"),
        ({"doi": "https://doi.org/10.3389/x"}, "must be bare"),
        ({"pmid": "PMID 5"}, "digits only"),
        ({"year": 18}, "year must lie"),
        ({"title": " "}, "title is empty"),
        ({"authors": "Adami, R., Pagano, J."}, "Surname Initials"),
        ({"authors": "Adami R,, Pagano J"}, "Surname Initials"),
    ],
)
def test_a_work_that_cannot_be_right_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        another(**changes)


def test_two_keys_for_one_doi_are_refused_whatever_the_case() -> None:
    with pytest.raises(CatalogueError, match="'adami-2018' and 'adami'"):
        CitationBook([WORK, another(key="adami", doi="10.3389/FNINS.2018.00336")])
    with pytest.raises(CatalogueError, match="names two works"):
        CitationBook([WORK, another(title="Other")])
    assert CitationBook([WORK, WORK]).known == (WORK,)
    book = CitationBook([another(key="a", doi=None), another(key="b", doi=None)])
    assert len(book.known) == 2


def test_rows_hold_exactly_what_was_used_with_every_reason_once() -> None:
    other = another(key="aaa-2001", doi="10.1000/x")
    book = CitationBook([WORK, other, another(key="unused", doi="10.1000/y")])
    book.use("adami-2018", "design")
    book.use("adami-2018", "Ki67 effect")
    book.use("adami-2018", "design")
    more = CitationBook([other])
    more.use("aaa-2001", "rates")
    book.merge(more)
    rows = book.to_rows()
    assert [(row.key, row.reasons) for row in rows] == [
        ("aaa-2001", ["rates"]),
        ("adami-2018", ["design", "Ki67 effect"]),
    ]
    assert rows[1].bibtex == WORK.bibtex() and rows[1].doi == WORK.doi
    assert book.bibtex() == f"{other.bibtex()}\n\n{WORK.bibtex()}\n\n"
    assert book.reasons("unused") == ()


def test_use_needs_a_known_key_and_a_reason() -> None:
    book = CitationBook([WORK])
    with pytest.raises(UnknownNameError, match="Did you mean 'adami-2018'"):
        book.use("adami-2019", "design")
    with pytest.raises(InputError, match="without a reason"):
        book.use("adami-2018", " ")
    assert book.used == ()
