"""Crossref's API: works, one work, and the files of its public data.

    {"status": "ok", "message-type": "work-list", "message": {"items": [
       {"DOI": "10.1000/1", "title": ["…"], "author": [{"given": "Ada", "family": "Moreau", "sequence": "first"}],
        "container-title": ["…"], "issued": {"date-parts": [[2026, 5]]}, "abstract": "<jats:p>…</jats:p>", …}, …]}}

Titles, subtitles and containers are lists here. Dates are in parts: `published` is the first whole day among those of
publication, online before print; a month or a year alone is `details.date`. What the registry calls `created` is the
day of the DOI, which is none of the paper's.
"""

from collections.abc import Iterator
from typing import Final

from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun
from digest.formats.people import given_family, name, team
from digest.formats.prose import abstract
from digest.formats.signs import Sign
from digest.formats.values import at, details, dicts, identified, links, metrics, parts, prose, text, texts, unique
from digest.model import Document, Listing, Position, Problem

NAME = "crossref"
ABOUT = "Crossref's works as JSON: lists, single works, data files"
EXAMPLE = """\
{"status": "ok", "message-type": "work-list", "message": {"items": [
  {"DOI": "10.1000/1", "type": "journal-article", "title": ["Counting papers once"],
   "author": [{"given": "Ada", "family": "Moreau", "sequence": "first"}], "container-title": ["Journal of Lists"],
   "issued": {"date-parts": [[2026, 5]]}, "abstract": "<jats:p>We measure …</jats:p>", "is-referenced-by-count": 3}]}}
"""
PLACES: Final = ("message.items", "message", "items")
_OWN: Final = frozenset(
    "indexed deposited prefix member is-referenced-by-count references-count content-domain reference-count".split()
)


def detect(head: Head) -> Sign | None:
    """Works have a DOI in capitals, which CSL's items have too, and what only the registry itself keeps."""
    for record in begun(head, *PLACES):
        if "DOI" in record and (len(_OWN & record.keys()) >= 2 or isinstance(record.get("title"), list)):
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The works, in their order."""
    return read(document, _listing, *PLACES)


_PUBLISHED: Final = ("published-online", "published-print", "published", "posted", "issued", "published-other")


def _listing(work: Value, position: Position) -> Listing:
    ids, version = identified(work.get("DOI"), *_same(work))
    days = [parts(work.get(key)) for key in _PUBLISHED]
    published = next((day for day, _ in days if day), None)
    part = "" if published else max((part for _, part in days), key=len)
    people = team(filter(None, map(_person, dicts(work.get("author")))))
    # A chapter's containers are the series and the book in it.
    booked = text(work.get("type")) in ("book-chapter", "book-section", "book-part", "proceedings-article")
    venue = (
        texts(work.get("container-title")) or texts(at(work, "event", "name")) or texts(at(work, "institution"), "name")
    )
    return Listing(
        position=position,
        format=NAME,
        ids=ids,
        version=version,
        title=_title(work) or None,
        authors=people.names,
        authors_truncated=people.truncated,
        abstract=abstract(text(work.get("abstract"))) or None,
        categories=unique(texts(work.get("subject"))),
        created=parts(work.get("submitted"))[0],
        updated=parts(work.get("approved"))[0] if work.get("type") == "posted-content" else None,
        published=published,
        links=links(
            doi=work.get("URL"),
            url=at(work, "resource", "primary", "URL"),
            **{_kind(one): one.get("URL") for one in reversed(dicts(work.get("link")))},
        ),
        metrics=metrics(
            citations=work.get("is-referenced-by-count"),
            references=work.get("references-count", work.get("reference-count")),
        ),
        details=details(
            date=part,
            venue=venue[-1:] if booked else venue[:1],
            volume=work.get("volume"),
            issue=work.get("issue") or at(work, "journal-issue", "issue"),
            pages=work.get("page"),
            article_number=work.get("article-number"),
            publisher=work.get("publisher"),
            type_=text(work.get("subtype")) or text(work.get("type")),
            language=work.get("language"),
            license=list(dict.fromkeys(text(one.get("URL")) for one in dicts(work.get("license")))),
            issn=texts(work.get("ISSN")),
            editor=[_person(one) for one in dicts(work.get("editor"))],
            group=work.get("group-title"),
            series=venue[:-1] if booked else "",
            report=texts(work.get("report-number")),
            funder=texts(work.get("funder"), "name"),
            **_related(work),
        ),
    )


def _title(work: Value) -> str:
    """With the subtitle, where the title does not have it already; of a work in two languages the first one."""
    title, subtitle = prose(work.get("title")), prose(work.get("subtitle"))
    if title and subtitle and subtitle.casefold() not in title.casefold():
        return f"{title}{'' if title.endswith((':', '?', '!')) else ':'} {subtitle}"
    return title or subtitle or prose(work.get("original-title"))


def _person(one: Value) -> str:
    """A person of given and family name, or an organisation by its name."""
    if whole := prose(one.get("name")) or prose(one.get("literal")):
        return name(whole)
    return given_family(
        prose(one.get("given")), prose(one.get("family")), prose(one.get("suffix")), prose(one.get("prefix"))
    )


def _same(work: Value) -> Iterator[str]:
    """Other names that the work itself has: ISBNs, and ids of the same version elsewhere."""
    for isbn in texts(work.get("ISBN")):
        yield f"isbn:{isbn.rpartition('/')[2]}"
    for one in dicts(at(work, "relation", "is-identical-to")):
        yield text(one.get("id"))


_RELATIONS: Final = {
    "is-preprint-of": "published_doi",
    "has-preprint": "preprint_doi",
    "is-version-of": "version_of",
    "has-review": "review_doi",
    "is-review-of": "review_of",
    "is-comment-on": "comment_on",
}


def _related(work: Value) -> dict[str, list[str]]:
    """Works that this one is a version of or speaks of, and what it corrects or retracts."""
    related = work.get("relation")
    found = {
        told: [text(one.get("id")) for one in dicts(at(related, key))]
        for key, told in _RELATIONS.items()
        if at(related, key)
    }
    if updates := dicts(work.get("update-to")):
        found["updates"] = [f"{text(one.get('type'))} {text(one.get('DOI'))}".strip() for one in updates]
    return found


def _kind(link: Value) -> str:
    media = text(link.get("content-type"))
    return {"application/pdf": "pdf", "text/html": "html", "text/xml": "xml", "application/xml": "xml"}.get(
        media, "fulltext"
    )
