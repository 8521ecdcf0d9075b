"""Papers as JSON objects that nobody specified: lines, arrays, or a list in an envelope, as programs write them.

    {"title": "Counting papers once", "authors": ["Ada Moreau"], "summary": …, "arxiv_id": "2605.00001", "year": 2026}

Keys are known by the names that people use (`columns`), whatever their case; what has another name is kept in
`details`. An object in which the paper stands one level lower (`metadata`, `_source`, `attributes`, …) is read as if it
did not.
"""

from collections.abc import Iterator
from typing import Final

from digest.formats.columns import listing, lists_papers
from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun
from digest.formats.signs import Sign
from digest.model import Document, Listing, Position, Problem

NAME = "json_lines"
ABOUT = "JSON Lines, or an array, of objects with title, authors, abstract, … under usual names"
EXAMPLE = """\
{"title": "Counting papers once", "authors": ["Ada Moreau", "Tomás Říha"], "summary": "We measure …", "year": 2026}
{"title": "Counting them again", "authors": ["Zoe Kim"], "summary": "We measure …", "url": "https://lists.example/2"}
"""
_NAMES: Final = "papers articles results data items records publications entries documents works docs hits".split()
PLACES: Final = ("response.docs[]", "hits.hits[]", *(f"{name}[]" for name in _NAMES))
_INNER: Final = ("metadata", "_source", "attributes", "bibjson", "fields", "document", "paper", "article", "entry")


def detect(head: Head) -> Sign | None:
    """A title and two more things that papers have; every format that knows its keys better comes first."""
    records = [_flat(record) for record in begun(head, *PLACES)]
    return Sign.LIKELY if any(lists_papers(record) for record in records) else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The papers, in their order."""
    return read(document, _listing, *PLACES)


def _flat(record: Value) -> Value:
    """With what stands one level lower, which counts before what is beside it."""
    for name in _INNER:
        inner = record.get(name)
        if isinstance(inner, dict) and inner:
            beside = {key: value for key, value in record.items() if key != name and key not in inner}
            return inner | beside
    return record


def _listing(record: Value, position: Position) -> Listing:
    return listing(_flat(record), position, NAME)
