"""XML of other programs, read without entities, document types and outside references."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from soleus.exchange.readers.files import Source, read_bytes, refusal

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["local_name", "parse_xml", "text_of"]


def parse_xml(path: str | Path, *, of_archive: str = "unpack it first") -> tuple[Source, Element]:
    """Read an XML file.

    Parameters
    ----------
    path
        The file.
    of_archive
        What to do with a zip archive instead.

    Returns
    -------
    tuple
        The source, and the root element.

    Raises
    ------
    InputError
        Not XML, cut off (with the line), or with a document type, which no program of the field writes
        and by which entity bombs arrive.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    source, data = read_bytes(path)
    if data.startswith(b"PK"):
        raise refusal(path, f"is a zip archive, not XML; {of_archive}")
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        mend = "no program of the field writes these: get the file again from where it was made"
        problem = f"defines a document type or entities ({type(error).__name__}), which can hide a bomb"
        raise refusal(path, f"{problem}; {mend}") from None
    except ParseError as error:
        problem = f"is not whole XML ({error.msg})"
        raise refusal(
            path, f"{problem}; was it cut off? Save or copy it again", row=error.position[0]
        ) from None
    except (ValueError, LookupError) as error:
        raise refusal(path, f"cannot be decoded ({error}); save it again as UTF-8") from None
    return source, root


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def text_of(element: Element | None) -> str:
    """Return all text inside an element, formatting aside, with blanks cut and joined."""
    return "" if element is None else " ".join("".join(element.itertext()).split())
