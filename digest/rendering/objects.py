"""Papers as objects for programs: one shape for `--json` on the command line and for what is published.

Unknown is null, or empty for a collection. Texts are as the source wrote them, TeX included.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from digest.model import Bibliographic, Listing, Paper, Ranked, Score


def listing_object(listing: Listing) -> dict[str, Any]:
    """The object that `digest parse --json` prints."""
    source = {"file": listing.position.file, "line": listing.position.line or None, "format": listing.format}
    return {"source": source, **_known(listing)}


def paper_object(paper: Paper, named: Callable[[str], str] = str) -> dict[str, Any]:
    """The object that `digest papers --json` prints; `named` says what a document is called."""
    listings = [
        {"file": named(x.position.file), "line": x.position.line or None, "format": x.format} for x in paper.listings
    ]
    return {"id": paper.id, "headline": paper.headline, **_known(paper), "listings": listings}


def ranked_object(rank: int, ranked: Ranked) -> dict[str, Any]:
    """The object that `digest rank --json` prints."""
    return {
        "rank": rank,
        "score": ranked.score.total,
        "paper": paper_object(ranked.paper),
        "reasons": reason_objects(ranked.score),
    }


def reason_objects(score: Score) -> list[dict[str, Any]]:
    """The parts of a score, in their order."""
    return [{"signal": x.signal, "term": x.term, "place": x.place, "points": x.points} for x in score.reasons]


def _known(known: Bibliographic) -> dict[str, Any]:
    return {
        "ids": dict(known.ids),
        "version": known.version,
        "title": known.title,
        "authors": list(known.authors),
        "authors_truncated": known.authors_truncated,
        "author_count": known.author_count,
        "abstract": known.abstract,
        "comments": known.comments,
        "categories": list(known.categories),
        "created": _iso(known.created),
        "updated": _iso(known.updated),
        "published": _iso(known.published),
        "links": dict(known.links),
        "metrics": dict(known.metrics),
        "kind": known.kind,
        "details": dict(known.details),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
