"""INSPIRE's literature (inspirehep.net/api/literature), as JSON.

    {"hits": {"total": 1, "hits": [{"id": "1", "metadata": {
       "titles": [{"title": …}], "authors": [{"full_name": "Moreau, Ada"}], "abstracts": [{"value": …, "source": …}],
       "arxiv_eprints": [{"value": "2605.00001", "categories": ["hep-ex"]}], "dois": [{"value": "10.1000/1"}],
       "publication_info": [{"journal_title": …, "journal_volume": …, "year": 2026}], "citation_count": 3, …}}, …]}}

`created` is the date of the preprint, `published` that of the imprint; where they tell less than a day, it is in
`details.date`.
"""

from collections.abc import Iterator
from typing import Final

from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun
from digest.formats.people import given_family, inverted, name, team
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

NAME = "inspire"
ABOUT = "INSPIRE's literature records as JSON"
EXAMPLE = """\
{"hits": {"total": 1, "hits": [{"id": "1", "metadata": {
  "control_number": 1, "titles": [{"title": "Counting muons once"}], "authors": [{"full_name": "Moreau, Ada"}],
  "abstracts": [{"value": "We count …"}], "arxiv_eprints": [{"value": "2605.00001", "categories": ["hep-ex"]}],
  "preprint_date": "2026-05-01", "citation_count": 3}}]}}
"""
PLACES: Final = ("hits.hits",)
_OWN: Final = {"control_number", "arxiv_eprints", "inspire_categories", "publication_info", "texkeys", "preprint_date"}


def detect(head: Head) -> Sign | None:
    """Metadata with titles and what only high-energy physics' library has."""
    for record in begun(head, *PLACES):
        inner = record.get("metadata", record)
        if isinstance(inner, dict) and isinstance(inner.get("titles"), list) and _OWN & inner.keys():
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The records, in their order."""
    return read(document, _listing, *PLACES)


def _listing(record: Value, position: Position) -> Listing:
    inner = record.get("metadata")
    told: Value = inner if isinstance(inner, dict) else record
    eprints = dicts(told.get("arxiv_eprints"))
    ids, version = identified(*texts(eprints, "value"), *texts(told.get("dois"), "value"))
    teams = [name(one) for one in texts(told.get("collaborations"), "value")]
    people = team(
        [
            *filter(None, map(_person, dicts(told.get("authors")))),
            *(f"{one} Collaboration" if " " not in one else one for one in teams),
        ]
    )
    created, part = when(told.get("preprint_date"))
    published, rest = when(*(one.get("date") for one in dicts(told.get("imprints"))))
    if not (created or published):
        published, earliest = when(told.get("earliest_date"))
        part = max(part, rest, earliest, key=len)
    info = next(iter(dicts(told.get("publication_info"))), {})
    pages = unique([text(info.get("page_start")), text(info.get("page_end"))])
    count = number(told.get("author_count"))
    return Listing(
        position=position,
        format=NAME,
        ids=ids,
        version=version,
        title=_title(told) or None,
        authors=people.names,
        authors_truncated=people.truncated or bool(count and count > len(dicts(told.get("authors"))) > 0),
        author_count=count,
        abstract=next(iter(texts(told.get("abstracts"), "value")), None),
        comments="; ".join(texts(told.get("public_notes"), "value")) or None,
        categories=unique(
            [
                *(word for one in eprints for word in texts(one.get("categories"))),
                *texts(told.get("inspire_categories"), "term"),
                *texts(told.get("keywords"), "value"),
            ]
        ),
        created=created,
        published=published,
        links=links(
            pdf=next(iter(texts(told.get("documents"), "url")), None),
            **{f"url{number or ''}": url for number, url in enumerate(texts(told.get("urls"), "value")[:3])},
        ),
        metrics=metrics(citations=told.get("citation_count"), references=told.get("number_of_references")),
        details=details(
            date="" if created or published else part or text(info.get("year")),
            inspire=text(told.get("control_number")) or text(record.get("id")),
            venue=text(info.get("journal_title"))
            or text(info.get("pubinfo_freetext"))
            or text(at(info, "conference_record", "title")),
            volume=info.get("journal_volume"),
            issue=info.get("journal_issue"),
            pages="-".join(pages) or text(info.get("artid")),
            year=info.get("year") if created or published else "",
            publisher=texts(told.get("imprints"), "publisher"),
            type_=texts(told.get("document_type")),
            language=texts(told.get("languages")),
            license=texts(told.get("license"), "license", "url"),
            report=texts(told.get("report_numbers"), "value"),
            texkey=next(iter(texts(told.get("texkeys"))), ""),
            number_of_pages=text(told.get("number_of_pages")),
        ),
    )


def _title(told: Value) -> str:
    first = next(iter(dicts(told.get("titles"))), {})
    title, subtitle = prose(first.get("title")), prose(first.get("subtitle"))
    return f"{title}: {subtitle}" if title and subtitle else title


def _person(one: Value) -> str:
    if whole := text(one.get("full_name")):
        return inverted(whole)
    return given_family(text(one.get("first_name")), text(one.get("last_name")))
