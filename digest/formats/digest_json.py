"""What this program writes as JSON, read back: `digest parse`, `papers` and `rank` with `--json`, and published days.

    {"source": {"file": "mail.txt", "line": 3, "format": "arxiv_listing"}, "ids": {"arxiv": …}, "title": …, …}
    {"id": "arxiv:2605.00001", "headline": …, "ids": {…}, …, "listings": [{"file": …, "line": …, "format": …}]}
    {"rank": 1, "score": 3.0, "paper": {…}, "reasons": […]}
    {"version": 1, "profile": {…}, "day": "2026-05-26", "papers": [{"rank": 1, "paper": {…}, …}]}

A listing comes back as it was, but for where it stands: it stands in this document now.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, cast

from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun
from digest.formats.signs import Sign
from digest.formats.values import number, text, when
from digest.model import Document, Kind, Listing, Position, Problem

NAME = "digest_json"
ABOUT = "what this program writes as JSON: parse, papers, rank, and published days"
EXAMPLE = """\
{"source": {"file": "mail.txt", "line": 3, "format": "arxiv_listing"}, "ids": {"arxiv": "2605.00001"}, "version": null,
 "title": "Counting papers once", "authors": ["Ada Moreau"], "authors_truncated": false, "author_count": null,
 "abstract": "We measure …", "comments": null, "categories": ["cs.DL"], "created": "2026-05-01", "updated": null,
 "published": null, "links": {}, "metrics": {}, "kind": "new", "details": {}}
"""
PLACES: Final = ("papers[]",)
_OWN: Final = {"ids", "authors_truncated", "author_count", "metrics", "categories", "links"}


def detect(head: Head) -> Sign | None:
    """All the keys of a listing together, as the command line writes them."""
    for record in begun(head, *PLACES):
        paper = record.get("paper", record)
        if isinstance(paper, dict) and len(_OWN & paper.keys()) >= 5:
            return Sign.CERTAIN
        if "readable" in record and "rank" in record and "paper" in record:
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The listings or papers, in their order."""
    return read(document, _listing, *PLACES)


def _listing(record: Value, position: Position) -> Listing:
    inner = record.get("paper")
    known: Value = inner if isinstance(inner, dict) else record
    kind = known.get("kind")
    return Listing(
        position=position,
        format=NAME,
        ids=_texts(known.get("ids")),
        version=number(known.get("version")),
        title=text(known.get("title")) or None,
        authors=tuple(_names(known.get("authors"))),
        authors_truncated=known.get("authors_truncated") is True,
        author_count=number(known.get("author_count")),
        abstract=text(known.get("abstract")) or None,
        comments=text(known.get("comments")) or None,
        categories=tuple(_names(known.get("categories"))),
        created=_day(known.get("created")),
        updated=_day(known.get("updated")),
        published=_day(known.get("published")),
        links=_texts(known.get("links")),
        metrics=_numbers(known.get("metrics")),
        kind=cast("Kind", kind) if kind in ("new", "cross-list", "replaced") else None,
        details=_texts(known.get("details")),
    )


def _names(value: Any) -> Iterator[str]:
    return (told for one in value if (told := text(one))) if isinstance(value, list) else iter(())


def _texts(value: Any) -> dict[str, str]:
    pairs = value.items() if isinstance(value, dict) else ()
    return {text(name): told for name, one in pairs if text(name) and (told := text(one))}


def _numbers(value: Any) -> dict[str, int]:
    pairs = value.items() if isinstance(value, dict) else ()
    return {text(name): told for name, one in pairs if text(name) and (told := number(one)) is not None}


def _day(value: Any) -> date | None:
    return when(value)[0]
