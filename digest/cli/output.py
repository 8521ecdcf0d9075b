"""Values as people and programs read them: lines for a terminal, objects for JSON Lines."""

import json
import shutil
import sys
from collections.abc import Iterable
from datetime import date
from typing import Any

from digest.model import Bibliographic, Listing, Paper, Problem, Ranked


def listing_object(listing: Listing) -> dict[str, Any]:
    """The object that `digest parse --json` prints: unknown is null, or empty for a collection."""
    source = {"file": listing.position.file, "line": listing.position.line, "format": listing.format}
    return {"source": source, **_known(listing)}


def paper_object(paper: Paper) -> dict[str, Any]:
    """The object that `digest papers --json` prints."""
    listings = [{"file": x.position.file, "line": x.position.line, "format": x.format} for x in paper.listings]
    return {"id": paper.id, "headline": paper.headline, **_known(paper), "listings": listings}


def ranked_object(rank: int, ranked: Ranked) -> dict[str, Any]:
    """The object that `digest rank --json` prints."""
    return {
        "rank": rank,
        "score": ranked.score.total,
        "paper": paper_object(ranked.paper),
        "reasons": [
            {"signal": x.signal, "term": x.term, "place": x.place, "points": x.points} for x in ranked.score.reasons
        ],
    }


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
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def print_object(value: dict[str, Any]) -> None:
    """One object on one line, in UTF-8 whatever the terminal's encoding is."""
    text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    # A file's name may hold bytes that are no UTF-8.
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")


def print_problems(problems: Iterable[Problem]) -> None:
    """Each problem as a line on standard error."""
    for problem in problems:
        print(f"digest: {problem}", file=sys.stderr)


def width() -> int:
    """The columns of the terminal; 100 where there is none."""
    return shutil.get_terminal_size((100, 24)).columns


def people(known: Bibliographic, most: int = 3) -> str:
    """Authors in a few words: names, `et al.`, or only their number."""
    if known.authors:
        cut = known.authors_truncated or len(known.authors) > most
        return ", ".join(known.authors[:most]) + (" et al." if cut else "")
    return f"{known.author_count} author{'' if known.author_count == 1 else 's'}" if known.author_count else ""


def name(known: Bibliographic) -> str:
    """The id by which a person would look the paper up; empty where none is known."""
    return next((f"{scheme}:{value}" for scheme, value in known.ids.items()), "")
