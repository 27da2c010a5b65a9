"""XML of other programs, read without entities, document types and outside references."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from soleus.errors import InputError
from soleus.exchange.readers.files import Source, read_bytes, refusal
from soleus.exchange.readers.xml_walk import Attributes, DamagedXMLError, pieces, walk

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["local_name", "parse_xml", "text_of"]

# Each is held with all around it.
_ELEMENTS = 2_000_000


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
        Not XML, cut off (with the line), too deep or too large, or with a document type, which no program of
        the field writes and by which entity bombs arrive.
    """
    source, data = read_bytes(path)
    if data.startswith(b"PK"):
        raise refusal(path, f"is a zip archive, not XML; {of_archive}")
    try:
        root = _tree(data)
    except InputError as error:
        raise refusal(
            path, str(error), row=error.row if isinstance(error, DamagedXMLError) else None
        ) from None
    return source, root


def _tree(data: bytes) -> Element:
    """Build the elements, within the bounds of the walk."""
    from xml.etree.ElementTree import TreeBuilder

    builder = TreeBuilder()

    def start(name: str, attributes: Attributes) -> None:
        builder.start(_clark(name), {_clark(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        builder.end(_clark(name))

    walk(pieces(data), start=start, end=end, text=builder.data, limit=_ELEMENTS)
    root: Element = builder.close()
    return root


def _clark(name: str) -> str:
    """Write a name as ElementTree does: {namespace}name."""
    return f"{{{name}" if "}" in name else name


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def text_of(element: Element | None) -> str:
    """Return all text inside an element, formatting aside, with blanks cut and joined."""
    return "" if element is None else " ".join("".join(element.itertext()).split())
