"""XML walked through piece by piece, within bounds: what nests, repeats or grows without end is refused.

Memory never depends on what the file declares, and hardly on its size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from soleus.errors import InputError

__all__ = ["ELEMENT_LIMIT", "Attributes", "DamagedXMLError", "Stop", "pieces", "walk"]

ELEMENT_LIMIT = 12_000_000
"""Elements of one part of a file."""

Attributes = dict[str, str]

_DEEPEST = 200
# One tag with all its attributes, or one comment: the parser holds it whole.
_LONGEST_TAG = 2**20
_PIECE = 2**16
_FEW = 20


class DamagedXMLError(InputError):
    """The XML is not well formed; ``row`` is the line where it breaks."""

    def __init__(self, why: str, row: int) -> None:
        self.row, self._why = row, why
        super().__init__(f"is not whole XML ({why}); was it cut off? Save or copy it again")

    def __reduce__(self) -> tuple[type[DamagedXMLError], tuple[str, int]]:
        return type(self), (self._why, self.row)


class Stop(Exception):
    """Raised by a handler that has seen enough."""


def pieces(data: bytes) -> Iterator[bytes]:
    """Cut bytes into the pieces that :func:`walk` takes."""
    view = memoryview(data)
    for start in range(0, len(view), _PIECE):
        yield bytes(view[start : start + _PIECE])


def walk(
    data: Iterable[bytes],
    *,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
    limit: int = ELEMENT_LIMIT,
) -> None:
    """Walk through XML that declares no entities.

    Parameters
    ----------
    data
        The file in pieces of some 64 KiB.
    start, end, text
        Called for each element and each run of text. Names with a namespace are ``namespace}name``. A
        handler ends the walk by raising :class:`Stop`.
    limit
        Largest number of elements.

    Raises
    ------
    InputError
        Not well formed, with a document type (entity bombs need one), nested deeper than any table, with too
        many elements, or with a tag of more than 1 MiB; the message does not name the file.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler, parser.EndElementHandler = _guarded(start, end, limit)
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        _feed(parser, data)
    except Stop:
        return
    except expat.ExpatError as error:
        raise DamagedXMLError(expat.ErrorString(error.code), error.lineno) from None
    except InputError:
        raise
    except (ValueError, LookupError) as error:
        raise InputError(f"holds XML that cannot be decoded ({error}); save it again as UTF-8") from None


def _feed(parser: expat.XMLParserType, data: Iterable[bytes]) -> None:
    fed = 0
    for piece in data:
        fed += len(piece)
        parser.Parse(piece, False)
        if fed - parser.CurrentByteIndex > _LONGEST_TAG:
            raise InputError("holds a tag of more than 1 MiB, which no table needs; export it again")
    parser.Parse(b"", True)


def _refuse(*_: object) -> None:
    raise InputError(
        "declares XML entities or a document type, which can hide a bomb; no program of the field writes"
        " these: get it again from where it was made"
    )


def _guarded(
    start: Callable[[str, Attributes], None], end: Callable[[str], None] | None, limit: int
) -> tuple[Callable[[str, Attributes], None], Callable[[str], None]]:
    """Count elements and how deep they nest, and hand them on."""
    left, depth = limit, 0

    def opened(name: str, attributes: Attributes) -> None:
        nonlocal left, depth
        depth += 1
        # A tag of very many attributes takes the time of as many elements.
        left -= 1 if len(attributes) < _FEW else len(attributes)
        if depth > _DEEPEST:
            raise InputError(f"nests more than {_DEEPEST} elements, which no table does; export it again")
        if left < 0:
            raise InputError(f"holds more than {limit:,} elements; split the table, or export it as CSV")
        start(name, attributes)

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(name)

    return opened, closed
