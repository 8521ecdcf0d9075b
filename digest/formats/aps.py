"""The American Physical Society's harvest API (harvest.aps.org/v2/journals/articles), as JSON.

{"data": [{"id": "10.1103/PhysRevX.1.000001", "title": {"value": …, "format": "html"}, "abstract": {"value": …},
   "authors": [{"type": "Person", "firstname": "Ada", "surname": "Moreau", "name": "Ada Moreau"}], "date": "2026-05-01",
   "journal": {"id": "PRX", "name": …}, "volume": {"number": "1"}, "issue": {"number": "2"}, …}, …]}
"""

from collections.abc import Iterator
from typing import Any, Final

from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun
from digest.formats.people import given_family, name, team
from digest.formats.signs import Sign
from digest.formats.values import at, details, dicts, identified, prose, text, texts, unique, when
from digest.model import Document, Listing, Position, Problem

NAME = "aps"
ABOUT = "the American Physical Society's harvest API as JSON"
EXAMPLE = """\
{"data": [{"id": "10.1103/PhysRevX.1.000001", "title": {"value": "Counting muons once", "format": "html"},
  "abstract": {"value": "<p>We count …</p>", "format": "html"}, "date": "2026-05-01", "articleType": "article",
  "authors": [{"type": "Person", "firstname": "Ada", "surname": "Moreau"}], "journal": {"name": "Physical Review X"}}]}
"""
PLACES: Final = ("data",)


def detect(head: Head) -> Sign | None:
    """Titles and abstracts that say in which format they are, of an article in a journal."""
    for record in begun(head, *PLACES):
        if (
            "value" in _object(record.get("title"))
            and "journal" in record
            and ({"articleType", "tocSection", "classificationSchemes", "hasArticleId", "pageStart"} & record.keys())
        ):
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The articles, in their order."""
    return read(document, _listing, *PLACES)


def _object(value: Any) -> Value:
    return value if isinstance(value, dict) else {}


def _listing(article: Value, position: Position) -> Listing:
    ids, _ = identified(at(article, "identifiers", "doi"), article.get("id"))
    people = team(filter(None, map(_person, dicts(article.get("authors")))))
    schemes = _object(article.get("classificationSchemes"))
    physh = _object(schemes.get("physh"))
    published, part = when(article.get("date"))
    start, pages = text(article.get("pageStart")), text(article.get("pageEnd"))
    return Listing(
        position=position,
        format=NAME,
        ids=ids,
        title=prose(at(article, "title", "value")) or None,
        authors=people.names,
        authors_truncated=people.truncated,
        abstract=prose(at(article, "abstract", "value")) or None,
        categories=unique(
            [
                *texts(schemes.get("subjectAreas"), "label"),
                *texts(schemes.get("pacs"), "label", "number"),
                *(word for inner in physh.values() for word in texts(inner, "label")),
            ]
        ),
        published=published,
        details=details(
            date=part,
            venue=at(article, "journal", "name"),
            volume=at(article, "volume", "number"),
            issue=at(article, "issue", "number"),
            pages=f"{start}-{pages}" if start and pages else start,
            number_of_pages=text(article.get("numPages")),
            publisher=at(article, "publisher", "name"),
            type_=article.get("articleType") or article.get("type"),
            section=at(article, "tocSection", "label"),
            license=texts(at(article, "rights", "licenses"), "url"),
            funder=texts(article.get("fundings"), "funderName"),
        ),
    )


def _person(one: Value) -> str:
    family = text(one.get("surname"))
    if family and text(one.get("type")) != "Collaboration":
        return given_family(text(one.get("firstname")), family, text(one.get("suffix")))
    return name(text(one.get("name")))
