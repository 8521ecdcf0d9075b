"""OpenAlex's works: lists, single works, the files of its snapshot.

    {"meta": {"count": 3, …}, "results": [
       {"id": "https://openalex.org/W1", "doi": "https://doi.org/10.1000/1", "display_name": …, "publication_date": …,
        "authorships": [{"author": {"display_name": "Ada Moreau"}, …}], "primary_location": {"source": {…}, …},
        "abstract_inverted_index": {"We": [0, 7], "measure": [1], …}, "cited_by_count": 3, …}, …]}

An abstract is kept there as the places of each word; it is put together again. A list shows the first hundred authors
of a work and says so.
"""

from collections.abc import Iterator
from typing import Any, Final

from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun
from digest.formats.people import inverted, team
from digest.formats.signs import Sign
from digest.formats.values import (
    at,
    details,
    dicts,
    identified,
    links,
    metrics,
    number,
    prose,
    text,
    texts,
    unique,
    when,
)
from digest.model import Document, Listing, Position, Problem
from digest.text import one_line

NAME = "openalex"
ABOUT = "OpenAlex's works as JSON: lists, single works, the snapshot"
EXAMPLE = """\
{"meta": {"count": 1}, "results": [
  {"id": "https://openalex.org/W1", "doi": "https://doi.org/10.1000/1", "display_name": "Counting papers once",
   "publication_date": "2026-05-01", "authorships": [{"author": {"display_name": "Ada Moreau"}}],
   "abstract_inverted_index": {"We": [0], "measure": [1], "lists.": [2]}, "cited_by_count": 3}]}
"""
PLACES: Final = ("results",)
_MOST_WORDS: Final = 100_000


def detect(head: Head) -> Sign | None:
    """Works are named by addresses of openalex.org/W…, or have authorships, as nobody else calls them."""
    for record in begun(head, *PLACES):
        names = (text(record.get("id")), text(at(record, "ids", "openalex")))
        if any(name.lower().startswith(("https://openalex.org/w", "http://openalex.org/w")) for name in names):
            return Sign.CERTAIN
        if {"authorships", "cited_by_count"} <= record.keys() or "abstract_inverted_index" in record:
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The works, in their order."""
    return read(document, _listing, *PLACES)


def _listing(work: Value, position: Position) -> Listing:
    locations = [
        *dicts(work.get("primary_location")),
        *dicts(work.get("best_oa_location")),
        *dicts(work.get("locations")),
    ]
    pages = [one.get(key) for one in locations for key in ("landing_page_url", "pdf_url")]
    numbers = {key: text(at(work, "ids", key)) for key in ("pmid", "pmcid")}
    ids, version = identified(
        work.get("doi"),
        at(work, "ids", "doi"),
        *(f"{key}:{value}" if value.isdigit() and key == "pmid" else value for key, value in numbers.items()),
        *pages[:40],
    )
    first = locations[0] if locations else {}
    people = team(filter(None, map(_author, dicts(work.get("authorships")))))
    published, part = when(work.get("publication_date"), work.get("publication_year"))
    return Listing(
        position=position,
        format=NAME,
        ids=ids,
        version=version,
        title=prose(work.get("title")) or prose(work.get("display_name")) or None,
        authors=people.names,
        authors_truncated=people.truncated or work.get("is_authors_truncated") is True,
        author_count=number(work.get("authors_count")),
        abstract=_abstract(work.get("abstract_inverted_index")) or prose(work.get("abstract")) or None,
        categories=unique(
            [
                *texts(work.get("primary_topic"), "display_name"),
                *texts(work.get("topics"), "display_name"),
                *texts(work.get("keywords"), "display_name", "keyword"),
                *texts(work.get("concepts"), "display_name"),
                *texts(work.get("mesh"), "descriptor_name"),
            ]
        ),
        published=published,
        links=links(
            doi=work.get("doi"),
            url=first.get("landing_page_url"),
            pdf=next((one["pdf_url"] for one in locations if one.get("pdf_url")), None),
            open=at(work, "open_access", "oa_url"),
        ),
        metrics=metrics(citations=work.get("cited_by_count"), references=work.get("referenced_works_count")),
        details=details(
            date=part,
            openalex=text(work.get("id")).rpartition("/")[2],
            venue=_venue(work, locations),
            volume=at(work, "biblio", "volume"),
            issue=at(work, "biblio", "issue"),
            pages="-".join(unique([text(at(work, "biblio", "first_page")), text(at(work, "biblio", "last_page"))])),
            publisher=at(first, "source", "host_organization_name") or at(work, "host_venue", "publisher"),
            type_=work.get("type"),
            language=work.get("language"),
            license=first.get("license"),
            issn=at(first, "source", "issn_l"),
            retracted="true" if work.get("is_retracted") is True else "",
        ),
    )


def _author(one: Value) -> str:
    """As OpenAlex calls the person, else as the work writes the name."""
    return inverted(text(at(one, "author", "display_name")) or text(one.get("raw_author_name")))


def _venue(work: Value, locations: list[Value]) -> str:
    named = (text(at(one, "source", "display_name")) for one in locations)
    return next(filter(None, named), "") or text(at(work, "host_venue", "display_name"))


def _abstract(index: Any) -> str:
    """The words at their places; what is at no place, or at too many, is left out."""
    if not isinstance(index, dict):
        return ""
    placed = [
        (place, word)
        for word, places in index.items()
        if isinstance(places, list)
        for place in places
        if isinstance(place, int) and not isinstance(place, bool)
    ]
    return one_line(prose(" ".join(word for _, word in sorted(placed)[:_MOST_WORDS])))
