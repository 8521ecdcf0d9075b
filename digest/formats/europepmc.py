"""Europe PMC's search, as JSON, both lite and core.

    {"version": "6.9", "hitCount": 1, "resultList": {"result": [
       {"id": "39000001", "source": "MED", "pmid": "39000001", "doi": …, "title": …, "authorString": "Moreau A",
        "journalInfo": {"journal": {"title": …}, "volume": …}, "firstPublicationDate": "2026-05-01", "abstractText": …,
        "authorList": {"author": [{"fullName": "Moreau A", "firstName": "Ada", "lastName": "Moreau"}]}, …}, …]}}

Lite results have neither abstracts nor whole names. `published` is the day of the first publication, `updated` that of
the last revision of the record.
"""

from collections.abc import Iterator
from typing import Any, Final

from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun
from digest.formats.people import Team, given_family, listed, name, team, vancouver
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

NAME = "europepmc"
ABOUT = "Europe PMC's search results as JSON"
EXAMPLE = """\
{"version": "6.9", "hitCount": 1, "resultList": {"result": [
  {"id": "39000001", "source": "MED", "pmid": "39000001", "doi": "10.1000/1", "title": "Counting cells once.",
   "authorString": "Moreau A, Kim Z.", "journalTitle": "J Lists", "pubYear": "2026", "citedByCount": 3,
   "firstPublicationDate": "2026-05-01", "abstractText": "We count …"}]}}
"""
PLACES: Final = ("resultList.result", "result[]")


def detect(head: Head) -> Sign | None:
    """Results name their source and write authors in one string, or stand in a list of results."""
    for record in begun(head, *PLACES):
        if {"id", "source"} <= record.keys() and {"authorString", "firstPublicationDate", "pubYear"} & record.keys():
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The results, in their order."""
    return read(document, _listing, *PLACES)


def _listing(found: Value, position: Position) -> Listing:
    pmid, pmcid = text(found.get("pmid")), text(found.get("pmcid"))
    if not pmid and text(found.get("source")) == "MED":
        pmid = text(found.get("id"))
    ids, version = identified(found.get("doi"), pmid and f"pmid:{pmid}", pmcid)
    people = _people(found)
    published, part = when(
        found.get("firstPublicationDate"),
        found.get("electronicPublicationDate"),
        at(found, "journalInfo", "printPublicationDate"),
        found.get("pubYear"),
    )
    urls = dicts(at(found, "fullTextUrlList", "fullTextUrl"))
    journal = at(found, "journalInfo", "journal")
    return Listing(
        position=position,
        format=NAME,
        ids=ids,
        version=version if version is not None else number(found.get("versionNumber")),
        title=prose(found.get("title")) or None,
        authors=people.names,
        authors_truncated=people.truncated,
        abstract=prose(found.get("abstractText")) or None,
        categories=unique(
            [
                *texts(at(found, "keywordList", "keyword")),
                *texts(at(found, "meshHeadingList", "meshHeading"), "descriptorName"),
            ]
        ),
        published=published,
        updated=when(found.get("dateOfRevision"))[0],
        links=links(**{_style(one): one.get("url") for one in reversed(urls)}),
        metrics=metrics(citations=found.get("citedByCount")),
        details=details(
            date=part,
            venue=at(journal, "title") or found.get("journalTitle"),
            volume=at(found, "journalInfo", "volume") or found.get("journalVolume"),
            issue=at(found, "journalInfo", "issue") or found.get("issue"),
            pages=found.get("pageInfo"),
            publisher=at(found, "bookOrReportDetails", "publisher"),
            language=found.get("language"),
            type_=texts(at(found, "pubTypeList", "pubType") or found.get("pubType")),
            license=found.get("license"),
            issn=at(journal, "issn") or found.get("journalIssn"),
            source=found.get("source"),
        ),
    )


def _people(found: Value) -> Team:
    whole = dicts(at(found, "authorList", "author"))
    if names := [told for one in whole if (told := _person(one))]:
        return team(names)
    people = listed(text(found.get("authorString")).rstrip("."))
    return people._replace(names=tuple(vancouver(one.replace(".", "")) for one in people.names))


def _person(one: Value) -> str:
    if company := text(one.get("collectiveName")):
        return name(company)
    family = text(one.get("lastName"))
    if not family:
        return vancouver(text(one.get("fullName")))
    initials = " ".join(f"{letter}." for letter in text(one.get("initials")) if letter.isalpha())
    return given_family(text(one.get("firstName")) or initials, family, text(one.get("suffix")))


def _style(url: Value) -> str:
    style: Any = text(url.get("documentStyle")).lower()
    return str(style) if style in ("pdf", "html", "doi") else "fulltext"
