"""Small true values for tests: name what matters, the rest is filled in."""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

from digest.model import (
    Digest,
    Document,
    Edition,
    Listing,
    Paper,
    Position,
    Profile,
    Ranked,
    Reason,
    Score,
    Section,
    Tally,
    Term,
)

ABSTRACT = (
    "We measure how reading lists change when repeated papers are counted once, and find that a tenth of what "
    "a careful reader opens in a week was opened before."
)


def a_document(content: str | bytes, origin: str = "page.txt") -> Document:
    data = content.encode() if isinstance(content, str) else content
    return Document(origin=origin, open=lambda: BytesIO(data))


def a_listing(*, file: str = "page.txt", line: int = 1, format: str = "abstract_id", **known: Any) -> Listing:
    if "arxiv" in known:
        known["ids"] = {"arxiv": known.pop("arxiv"), **known.get("ids", {})}
    known.setdefault("abstract", ABSTRACT)
    known["authors"] = tuple(known.get("authors", ()))
    return Listing(position=Position(file, line), format=format, **known)


def a_paper(id: str = "arxiv:2605.00001", **known: Any) -> Paper:
    if id.startswith("arxiv:"):
        known.setdefault("ids", {"arxiv": id.removeprefix("arxiv:")})
    known.setdefault("abstract", ABSTRACT)
    known.setdefault("title", "Counting papers once")
    known.setdefault("headline", known["title"] or "We measure how reading lists change")
    known.setdefault("listings", ())
    known["authors"] = tuple(known.get("authors", ("Ada Moreau", "Tomás Říha")))
    return Paper(id=id, **known)


def a_profile(name: str = "ana", *, keywords: dict[str, float] | None = None, **known: Any) -> Profile:
    terms = tuple(Term(text=text, weight=weight) for text, weight in (keywords or {}).items())
    return Profile(name=name, title=known.pop("title", name.title()), terms=terms, **known)


def a_reason(points: float = 3.0, term: str = "reading", place: str = "abstract", signal: str = "keyword") -> Reason:
    return Reason(signal=signal, term=term, place=place, points=points)


def a_ranked(paper: Paper | None = None, *reasons: Reason) -> Ranked:
    return Ranked(paper or a_paper(), Score(reasons or (a_reason(),)))


def a_digest(*ranked: Ranked, profile: str = "ana", day: str = "2026-05-26", **known: Any) -> Digest:
    sections = (Section(title="Matches", ranked=ranked),) if ranked else ()
    known.setdefault("tally", Tally(shown=len(ranked)))
    known.setdefault("title", profile.title())
    return Digest(profile=profile, day=date.fromisoformat(day), sections=sections, **known)


def an_edition(*ranked: Ranked, number: int = 1, **known: Any) -> Edition:
    digest = a_digest(*ranked, **known)
    return Edition(digest=digest, number=number, issued=datetime.combine(digest.day, datetime.min.time(), UTC))
