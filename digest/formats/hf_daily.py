"""Hugging Face's Daily Papers as its API gives them: the list of a day, a search, one paper.

    [{"paper": {"id": "2605.00001", "title": …, "summary": …, "authors": [{"name": …, "hidden": false}], "upvotes": 12,
                "publishedAt": …, "submittedOnDailyAt": …, "githubRepo": …, "projectPage": …, "ai_keywords": […]},
      "numComments": 3, …}, …]

`paper.id` is an arXiv id and `paper.publishedAt` the day on which arXiv published it; the time beside `paper` is the
same in another time zone. `published` is that day, as on the site's pages, and `details.daily` the day in whose list
the paper is. An author who is marked as hidden is hidden from the site's index of people, not from the paper.
"""

from collections.abc import Iterator
from typing import Final

from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun
from digest.formats.people import team
from digest.formats.signs import Sign
from digest.formats.values import address, at, details, dicts, identified, links, metrics, text, texts, unique, when
from digest.model import Document, Listing, Position, Problem

NAME = "hf_daily"
ABOUT = "Hugging Face Daily Papers as JSON: the API's lists, searches and single papers"
EXAMPLE = """\
[{"paper": {"id": "2605.00001", "title": "Counting papers once", "authors": [{"name": "Ada Moreau", "hidden": false}],
            "publishedAt": "2026-05-01T00:00:00.000Z", "submittedOnDailyAt": "2026-05-04T00:00:00.000Z",
            "summary": "We measure how reading lists change …", "upvotes": 12, "discussionId": "6a2c75a4a0d4"},
  "numComments": 3}]
"""
PLACES: Final = ("dailyPapers", "papers")
_OWN: Final = ("upvotes", "submittedOnDailyAt", "submittedOnDailyBy", "discussionId", "ai_summary", "ai_keywords")


def detect(head: Head) -> Sign | None:
    """A `paper` inside of each entry, with keys that the site invented; or such a paper by itself."""
    for record in begun(head, *PLACES):
        inner = record.get("paper")
        paper = inner if isinstance(inner, dict) else record
        own = sum(key in paper for key in _OWN)
        if "id" in paper and own and ("authors" in paper or "summary" in paper) and (paper is inner or own > 1):
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The papers, in their order."""
    return read(document, _listing, *PLACES)


def _listing(record: Value, position: Position) -> Listing:
    inner = record.get("paper")
    paper: Value = inner if isinstance(inner, dict) else record
    ids, version = identified(paper.get("id"))
    people = team(texts(paper.get("authors"), "name", "fullname"))
    published, part = when(paper.get("publishedAt"), record.get("publishedAt"))
    daily, _ = when(paper.get("submittedOnDailyAt"))
    return Listing(
        position=position,
        format=NAME,
        ids=ids,
        version=version,
        title=text(paper.get("title")) or text(record.get("title")) or None,
        authors=people.names,
        authors_truncated=people.truncated,
        abstract=text(paper.get("summary")) or text(record.get("summary")) or None,
        categories=unique(texts(paper.get("ai_keywords"))),
        published=published,
        links=links(
            code=paper.get("githubRepo"),
            project=paper.get("projectPage"),
            thumbnail=record.get("thumbnail") or paper.get("thumbnail"),
            media=next(filter(address, _list(record.get("mediaUrls") or paper.get("mediaUrls"))), None),
        ),
        metrics=metrics(
            upvotes=paper.get("upvotes"),
            comment_count=record.get("numComments", paper.get("numComments")),
            stars=paper.get("githubStars"),
        ),
        details=details(
            date=part,
            daily=daily.isoformat() if daily else "",
            ai_summary=paper.get("ai_summary"),
            submitter=_who(paper.get("submittedOnDailyBy")) or _who(record.get("submittedBy")),
            organization=_who(paper.get("organization") or record.get("organization")),
            withdrawn="true" if paper.get("withdrawnAt") else "",
        ),
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _who(value: object) -> str:
    return next((text(one.get(key)) for one in dicts(value) for key in ("fullname", "name") if text(at(one, key))), "")
