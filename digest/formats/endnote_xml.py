"""EndNote's XML export, which other reference managers write too.

    <xml><records><record>
      <ref-type name="Journal Article">17</ref-type>
      <contributors><authors><author><style face="normal" …>Moreau, Ada</style></author></authors>
      </contributors>
      <titles><title><style …>Counting papers once</style></title><secondary-title>J Lists</secondary-title></titles>
      <dates><year>2026</year><pub-dates><date>May 2</date></pub-dates></dates>
      <electronic-resource-num>10.5555/jl.7.10</electronic-resource-num>
    </record></records></xml>

Texts stand in `style` elements, or without them; several values of one field stand on lines of their own. Source: the
RSXML DTD that EndNote's XML follows.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from digest.formats.dates import of_text, parse_date
from digest.formats.head import Head
from digest.formats.markup import child, children, elements, line, local, root, text
from digest.formats.people import inverted, team
from digest.formats.signs import Sign
from digest.identifiers import doi, named
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern
from digest.text import one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

NAME = "endnote_xml"
ABOUT = "EndNote's XML export: references with keywords, abstracts, notes"
EXAMPLE = """
<xml><records><record>
<ref-type name="Journal Article">17</ref-type>
<contributors><authors><author>Moreau, Ada</author></authors></contributors>
<titles><title>Counting papers once</title><secondary-title>J Lists</secondary-title></titles>
<volume>7</volume><dates><year>2026</year></dates>
<electronic-resource-num>10.5555/jl.7.10</electronic-resource-num>
</record></records></xml>
"""

_INSIDE: Final = pattern(r"<(?:ref-type|contributors|titles|source-app)[\s/>]")


def detect(head: Head) -> Sign | None:
    """`xml`, which no XML document may be called and EndNote's are, or `records`, with references in them."""
    found = root(head)
    known = found is not None and found.name in ("xml", "records") and "<record" in found.inside
    return Sign.CERTAIN if known and found and _INSIDE.search(found.inside) else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The references, in their order."""
    count = 0
    for found in elements(document, "record", around=("records",)):
        if isinstance(found, Problem):
            yield found
        elif local(found) == "record":
            count += 1
            yield _listing(document.origin, found)
        elif not count and (stray := next((local(one) for one in found), "")):
            yield Problem(document.origin, line(found), f"no records, but <{stray[:60]}>")


_KEPT: Final = {
    "volume": "volume",
    "number": "issue",
    "pages": "pages",
    "edition": "edition",
    "publisher": "publisher",
    "pub-location": "place",
    "language": "language",
    "work-type": "work_type",
    "section": "section",
    "num-vols": "volumes",
    "caption": "caption",
    "label": "label",
    "notes": "notes",
    "research-notes": "research_notes",
    "call-num": "call_number",
    "accession-num": "accession",
    "remote-database-name": "database",
    "remote-database-provider": "provider",
    "auth-address": "affiliations",
    "orig-pub": "original",
    "reprint-edition": "reprint",
}
"""What goes into a listing's details, and under which name."""


def _listing(file: str, record: "_Element") -> Listing | Problem:
    place = line(record)
    titles = child(record, "titles")
    title, abstract = text(child(titles, "title")), text(child(record, "abstract"))
    if not title and not abstract:
        number = text(child(record, "rec-number"))
        return Problem(file, place, f"record {number[:20] or '?'}: without a title and without an abstract")
    details: dict[str, str] = {}
    kind = child(record, "ref-type")
    if kind is not None:
        details["type"] = kind.get("name") or text(kind)
    venue = text(child(titles, "secondary-title")) or text(child(child(record, "periodical"), "full-title"))
    named_titles = {
        "venue": venue,
        "series": text(child(titles, "tertiary-title")),
        "short_title": text(child(titles, "short-title")),
        "alternative_title": text(child(titles, "alt-title")),
    }
    details |= {key: value for key, value in named_titles.items() if value}
    for one in record:
        kept = _KEPT.get(local(one))
        if kept and (lines := _lines(one)):
            details.setdefault(kept, "; ".join(lines))
    contributors = child(record, "contributors")
    people = team(inverted(text(one)) for one in children(child(contributors, "authors"), "author"))
    for group, kept in (("secondary-authors", "editor"), ("translated-authors", "translator")):
        if others := [inverted(text(one)) for one in children(child(contributors, group), "author")]:
            details[kept] = "; ".join(others)
    words = (text(one) for one in children(child(record, "keywords"), "keyword"))
    return Listing(
        position=Position(file, place),
        format=NAME,
        ids=_ids(record, details),
        title=title or None,
        authors=people.names,
        authors_truncated=people.truncated,
        abstract=abstract or None,
        categories=tuple(dict.fromkeys(word for word in words if word)),
        published=_published(child(record, "dates"), details),
        links=_links(child(record, "urls")),
        details=details,
    )


def _lines(element: "_Element | None") -> list[str]:
    """The values of a field, each on a line of its own (EndNote ends lines with a carriage return)."""
    if element is None:
        return []
    whole = "".join(str(part) for part in element.itertext())
    return [found for part in re.split(r"[\r\n]+", whole) if (found := one_line(part))]


def _ids(record: "_Element", details: dict[str, str]) -> dict[str, str]:
    """An accession number is PubMed's where the record says that it is from there; ISBN and ISSN share a field."""
    ids: dict[str, str] = {}
    for value in _lines(child(record, "electronic-resource-num")):
        if found := doi(value):
            ids.setdefault("doi", found)
    for field in ("custom2", "custom7"):
        for value in _lines(child(record, field)):
            if (known := named(value)) and "pmcid" in known:
                ids |= known
    accession = details.get("accession", "")
    if accession.isdecimal() and re.search(
        r"\bNLM\b|pubmed", f"{details.get('provider')} {details.get('database')}", re.I
    ):
        ids["pmid"] = accession
    for value in _lines(child(record, "isbn")):
        bare = re.sub(r"\s*\(.*", "", value)
        if known := named(f"isbn {bare}"):
            ids |= known
        else:
            details.setdefault("issn", bare)
    return ids


def _published(dates: "_Element | None", details: dict[str, str]) -> date | None:
    """The day, where both parts together tell it; else the month or the year."""
    year = text(child(dates, "year"))
    told = text(child(child(dates, "pub-dates"), "date"))
    for whole in (told, f"{told} {year}", year):
        if day := parse_date(whole):
            return day
    if part := of_text(f"{told} {year}")[1] or of_text(year)[1]:
        details["date"] = part
    return None


def _links(urls: "_Element | None") -> dict[str, str]:
    links: dict[str, str] = {}
    for group in urls if urls is not None else ():
        for one in children(group, "url"):
            for address in _lines(one):
                if address.startswith(("http://", "https://")) and " " not in address:
                    links.setdefault("pdf" if local(group) == "pdf-urls" else "url", address)
    return links
