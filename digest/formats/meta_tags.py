"""The page of one paper, by what it tells search engines of it in its head.

    <meta name="citation_title" content="Counting papers once">
    <meta name="citation_author" content="Moreau, Ada">
    <meta name="citation_publication_date" content="2026/05/01">
    <meta name="citation_doi" content="10.1000/once">

Highwire's `citation_*` (Google Scholar's inclusion guidelines), with PRISM's and Dublin Core's where those say more:
publishers, preprint servers, OpenReview, the ACL Anthology and repositories have them. The head is read, not the page.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from digest.formats.dates import of_parts, parse_date
from digest.formats.head import Head
from digest.formats.hypertext import Page, attribute, is_html, line_of, opened, plain
from digest.formats.people import Team, inverted, team
from digest.formats.signs import Sign
from digest.identifiers import arxiv, doi, named
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern

NAME = "meta_tags"
ABOUT = "the page of one paper as HTML, by its citation_* and Dublin Core meta elements"
EXAMPLE = """
<html><head>
<meta name="citation_title" content="Counting papers once">
<meta name="citation_author" content="Moreau, Ada">
<meta name="citation_publication_date" content="2026/05/01">
<meta name="citation_doi" content="10.1000/once">
</head></html>
"""

_TITLE: Final = pattern(r"""<meta\b[^<>]{0,300}?\bname\s*=\s*["']?citation_title\b""", re.IGNORECASE)


def detect(head: Head) -> Sign | None:
    """A title told to search engines: likely, since a page of many may have that too."""
    return Sign.LIKELY if head.look == "markup" and is_html(head) and _TITLE.search(head.text) else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The one paper of the page."""
    page = opened(document)
    told: dict[str, list[str]] = {}
    line = 0
    for node in page.all("meta"):
        name = (attribute(node, "name") or attribute(node, "property")).strip().lower().replace("dcterms.", "dc.")
        content = attribute(node, "content").strip()
        if name and content:
            told.setdefault(name, []).append(content)
            if name == "citation_title" and not line:
                line = line_of(node)
    title = _one(told, "citation_title", "dc.title")
    if not title:
        yield Problem(document.origin, 1, "a page whose meta elements name no paper")
        return
    yield _listing(document.origin, page, line or 1, title, told)


_Told = Mapping[str, Sequence[str]]


def _one(told: _Told, *names: str) -> str:
    """The first text under one of the names, plain."""
    return next((found for name in names for value in told.get(name, ()) if (found := plain(value))), "")


def _listing(file: str, page: Page, line: int, title: str, told: _Told) -> Listing:
    published, part = _date(
        told, "citation_publication_date", "citation_date", "prism.publicationdate", "dc.date", "dc.issued"
    )
    online, _ = _date(told, "citation_online_date")
    details = {name: _one(told, *keys) for name, keys in _DETAILS.items()}
    if not (published or online):
        details["date"] = part or of_parts(_one(told, "citation_year"))[1]
    pages = [
        _one(told, "citation_firstpage", "prism.startingpage"),
        _one(told, "citation_lastpage", "prism.endingpage"),
    ]
    details["pages"] = "-".join(dict.fromkeys(filter(None, pages)))
    people = _authors(told)
    found = next((one for text in _all(told, "citation_arxiv_id", "citation_pdf_url") if (one := arxiv(text))), None)
    return Listing(
        position=Position(file, line),
        format=NAME,
        ids=_ids(told),
        version=found.version if found else None,
        title=title,
        authors=people.names,
        authors_truncated=people.truncated,
        abstract=_abstract(told),
        categories=tuple(dict.fromkeys(_keywords(told))),
        published=published or online,
        links={name: address for name, key in _LINKS if (address := page.address(_one(told, key)))},
        details={name: value for name, value in details.items() if value},
    )


_DETAILS: Final = {
    "venue": ("citation_journal_title", "citation_conference_title", "citation_inbook_title", "citation_book_title",
              "prism.publicationname", "dc.source"),
    "volume": ("citation_volume", "prism.volume"),
    "issue": ("citation_issue", "prism.number"),
    "publisher": ("citation_publisher", "dc.publisher", "citation_dissertation_institution",
                  "citation_technical_report_institution"),
    "language": ("citation_language", "dc.language"),
    "type": ("citation_article_type", "dc.type", "prism.section"),
    "report": ("citation_technical_report_number",),
    "issn": ("citation_issn", "prism.issn"),
    "license": ("dc.rights.license", "dc.rights", "prism.copyright"),
}  # fmt: skip
_LINKS: Final = (
    ("pdf", "citation_pdf_url"),
    ("html", "citation_fulltext_html_url"),
    ("abs", "citation_abstract_html_url"),
    ("url", "citation_public_url"),
    ("url", "og:url"),
)


def _all(told: _Told, *names: str) -> Iterator[str]:
    for name in names:
        yield from told.get(name, ())


def _ids(told: _Told) -> dict[str, str]:
    """Every id that is told; an arXiv id as a DOI is an arXiv id."""
    ids: dict[str, str] = {}
    for text in _all(told, "citation_doi", "prism.doi", "bepress_citation_doi", "dc.identifier.doi"):
        if bare := doi(text):
            ids |= named(bare)
    for text in _all(told, "citation_arxiv_id"):
        if found := arxiv(text):
            ids["arxiv"] = found.id
    for text in _all(told, "citation_pmid"):
        ids |= named(f"pmid:{text}")
    for text in _all(told, "citation_isbn"):
        ids |= named(f"isbn:{text}")
    for text in _all(told, "dc.identifier", "citation_pdf_url", "citation_abstract_html_url", "og:url"):
        for scheme, value in named(text.removeprefix("doi:")).items():
            ids.setdefault(scheme, value)
    return ids


_YEAR: Final = pattern(r"(\d{4})(?:[-/.](\d{1,2}))?\s*")


def _date(told: _Told, *names: str) -> tuple[date | None, str]:
    """The first whole day under one of the names, and what is told where none is whole."""
    part = ""
    for text in _all(told, *names):
        if day := parse_date(text):
            return day, ""
        if not part and (found := _YEAR.fullmatch(text)):
            part = of_parts(*found.groups())[1]
    return None, part


def _authors(told: _Told) -> Team:
    """`citation_author` one by one, `citation_authors` with semicolons between; families may stand first in either."""
    several = [part for text in told.get("citation_authors", ()) for part in text.split(";")]
    names = [*told.get("citation_author", ()), *several] or list(_all(told, "dc.creator", "dc.contributor.author"))
    if len(names) == 1 and ";" in names[0]:
        names = names[0].split(";")
    return team(one for text in names if (one := inverted(plain(text))))


def _abstract(told: _Told) -> str | None:
    """The abstract; a description counts only where Dublin Core has one, since other ones speak of the site."""
    whole = _one(told, "citation_abstract", "dc.description.abstract", "dc.description")
    return _LABEL.sub("", whole) or None


_LABEL: Final = pattern(r"^(?:abstract|summary)[:.\s]+(?=[A-Z0-9])", re.IGNORECASE)


def _keywords(told: _Told) -> Iterator[str]:
    for text in _all(told, "citation_keywords", "citation_keyword", "dc.subject", "prism.keyword"):
        parts = text.split(";") if ";" in text else text.split(",") if text.count(",") > 1 else [text]
        yield from filter(None, (plain(part) for part in parts))
