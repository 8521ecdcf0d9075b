"""DataCite's DOIs: the REST API's lists and single DOIs, and records of the metadata schema as JSON.

    {"data": [{"id": "10.5281/zenodo.1", "type": "dois", "attributes": {
       "doi": "10.5281/zenodo.1", "titles": [{"title": …}], "creators": [{"name": "Moreau, Ada", …}],
       "descriptions": [{"description": …, "descriptionType": "Abstract"}], "publicationYear": 2026,
       "dates": [{"date": "2026-05-01", "dateType": "Issued"}], "types": {"resourceTypeGeneral": "Preprint"}, …}}, …]}

`created` is the date of type Submitted, `updated` Updated, `published` Issued or Available; what the API itself calls
created, registered and updated is the record's.
"""

from collections.abc import Iterator
from typing import Any, Final

from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun
from digest.formats.people import given_family, inverted, name, team
from digest.formats.signs import Sign
from digest.formats.values import Day, at, details, dicts, identified, links, metrics, prose, text, texts, unique, when
from digest.model import Document, Listing, Position, Problem

NAME = "datacite"
ABOUT = "DataCite's DOIs as JSON"
EXAMPLE = """\
{"data": [{"id": "10.5281/zenodo.1", "type": "dois", "attributes": {
  "doi": "10.5281/zenodo.1", "titles": [{"title": "Counting papers once"}], "creators": [{"name": "Moreau, Ada"}],
  "publisher": "Zenodo", "publicationYear": 2026, "dates": [{"date": "2026-05-01", "dateType": "Issued"}],
  "descriptions": [{"description": "We measure …", "descriptionType": "Abstract"}]}}]}
"""
PLACES: Final = ("data",)


def detect(head: Head) -> Sign | None:
    """Titles and creators in lists of objects, as the schema has them."""
    for record in begun(head, *PLACES):
        inner = record.get("attributes", record)
        if (
            isinstance(inner, dict)
            and "creators" in inner
            and dicts(inner.get("titles"))
            and ({"publicationYear", "doi", "types", "schemaVersion", "dates"} & inner.keys())
        ):
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The records, in their order."""
    return read(document, _listing, *PLACES)


def _listing(record: Value, position: Position) -> Listing:
    inner = record.get("attributes")
    told: Value = inner if isinstance(inner, dict) else record
    others = [*dicts(told.get("identifiers")), *dicts(told.get("alternateIdentifiers"))]
    ids, version = identified(
        told.get("doi"), record.get("id"), *texts(others[:20], "identifier", "alternateIdentifier"), told.get("url")
    )
    people = team(filter(None, map(_person, dicts(told.get("creators")))))
    created, _ = _date(told, "Submitted")
    published, part = _date(told, "Issued", "Available", "Created")
    holder = told.get("container")
    title, subtitle = _title(told)
    return Listing(
        position=position,
        format=NAME,
        ids=ids,
        version=version,
        title=f"{title}: {subtitle}" if title and subtitle else title or None,
        authors=people.names,
        authors_truncated=people.truncated,
        abstract=_described(told, "Abstract") or None,
        comments=_described(told, "Other") or None,
        categories=unique(texts(told.get("subjects"), "subject")),
        created=created,
        updated=_date(told, "Updated")[0],
        published=published,
        links=links(url=told.get("url"), content=told.get("contentUrl")),
        metrics=metrics(
            citations=told.get("citationCount"),
            references=told.get("referenceCount"),
            downloads=told.get("downloadCount"),
            views=told.get("viewCount"),
        ),
        details=details(
            date="" if published else part or text(told.get("publicationYear")),
            venue=at(holder, "title") or _described(told, "SeriesInformation"),
            volume=at(holder, "volume"),
            issue=at(holder, "issue"),
            pages="-".join(unique([text(at(holder, "firstPage")), text(at(holder, "lastPage"))])),
            publisher=at(told.get("publisher"), "name") or told.get("publisher"),
            type_=text(at(told.get("types"), "resourceTypeGeneral")),
            resource=text(at(told.get("types"), "resourceType")),
            language=told.get("language"),
            license=texts(told.get("rightsList"), "rights", "rightsUri"),
            revision=told.get("version"),
            editor=[
                _person(one) for one in dicts(told.get("contributors")) if text(one.get("contributorType")) == "Editor"
            ],
            funder=texts(told.get("fundingReferences"), "funderName"),
        ),
    )


def _person(one: Value) -> str:
    """Given and family name where they are told; an organisation's name as it is."""
    given, family = text(one.get("givenName")), text(one.get("familyName"))
    if family:
        return given_family(given, family)
    whole = text(one.get("name")) or text(one.get("creatorName"))
    return name(whole) if text(one.get("nameType")) == "Organizational" else inverted(whole)


def _title(told: Value) -> tuple[str, str]:
    """The title, and its subtitle; translations and other titles are marked as such."""
    titles = dicts(told.get("titles"))
    plain = [prose(one.get("title")) for one in titles if not one.get("titleType")]
    under = [prose(one.get("title")) for one in titles if one.get("titleType") == "Subtitle"]
    return next(iter(plain or texts(titles, "title")), ""), next(iter(under), "")


def _described(told: Value, *kinds: str) -> str:
    """The descriptions of the first of these types that has some."""
    for kind in kinds:
        found = [
            prose(one.get("description"))
            for one in dicts(told.get("descriptions"))
            if text(one.get("descriptionType")) == kind
        ]
        if any(found):
            return " ".join(filter(None, found))
    return ""


def _date(told: Value, *kinds: str) -> Day:
    """The first whole day among the dates of these types, in the order of the types, else a part of one. A range counts
    from its beginning.
    """
    values: list[Any] = [
        text(one.get("date")).partition("/")[0]
        for kind in kinds
        for one in dicts(told.get("dates"))
        if text(one.get("dateType")) == kind
    ]
    return when(*values)
