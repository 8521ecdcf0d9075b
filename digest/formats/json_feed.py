"""JSON Feed 1 and 1.1 (jsonfeed.org), and services that list their items in that way.

    {"version": "https://jsonfeed.org/version/1.1", "title": …, "items": [
       {"id": "https://doi.org/10.1000/1", "url": …, "title": …, "content_html": "<p>…</p>", "tags": ["…"],
        "date_published": "2026-05-01T08:00:00Z", "authors": [{"name": "Ada Moreau"}]}, …]}

The abstract is the content, or the summary where the content is as long as an article. Ids are looked for in `id`,
`url`, `external_url` and `doi`. Feeds of this program say with `_digest` why a paper is shown: of their content the
abstract and the comments are read, and their dates are the edition's, not the paper's.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun, outline
from digest.formats.people import inverted, team
from digest.formats.prose import plain
from digest.formats.signs import Sign
from digest.formats.values import Day, at, details, dicts, identified, instant, links, prose, text, texts, unique, when
from digest.model import Document, Listing, Position, Problem

NAME = "json_feed"
ABOUT = "JSON Feed 1 and 1.1"
EXAMPLE = """\
{"version": "https://jsonfeed.org/version/1.1", "title": "Journal of Lists", "items": [
  {"id": "https://doi.org/10.1000/1", "url": "https://lists.example/1", "title": "Counting papers once",
   "content_html": "<p>We measure …</p>", "date_published": "2026-05-01T08:00:00Z",
   "authors": [{"name": "Ada Moreau"}], "tags": ["lists"]}]}
"""
PLACES: Final = ("items",)
_ARTICLE: Final = 6000
"""Letters. Longer content is no abstract."""


def detect(head: Head) -> Sign | None:
    """The version's address; without one, items whose content has a type in its name, as it has only here."""
    whole = outline(head)
    if isinstance(whole, dict) and "jsonfeed.org/version" in text(whole.get("version")):
        return Sign.CERTAIN
    for record in begun(head, *PLACES):
        content = {"content_html", "content_text"} & record.keys()
        if content and {"id", "url"} & record.keys() and {"date_published", "published_at", "title"} & record.keys():
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The items, in their order."""
    return read(document, _listing, *PLACES)


def _listing(item: Value, position: Position) -> Listing | Problem:
    if text(item.get("version")).endswith(("jsonfeed.org/version/1", "jsonfeed.org/version/1.1")) and "title" in item:
        return Problem(position.file, position.line, "a JSON Feed without `items`")
    ours = isinstance(item.get("_digest"), dict)
    ids, version = identified(
        item.get("doi"), item.get("id"), item.get("url"), item.get("external_url"), item.get("guid")
    )
    people = team(inverted(one) for one in texts(item.get("authors") or item.get("author"), "name"))
    published, part = (None, "") if ours else _day(item.get("date_published", item.get("published_at")))
    updated, _ = (None, "") if ours else _day(item.get("date_modified", item.get("updated_at")))
    content = _paragraphs(item.get("content_html"))
    files = dicts(item.get("attachments"))
    return Listing(
        position=position,
        format=NAME,
        ids=ids,
        version=version,
        title=prose(item.get("title")) or None,
        authors=people.names,
        authors_truncated=people.truncated,
        abstract=(_first(content) if ours else _abstract(item)) or None,
        comments=next((one.removeprefix("Comments: ") for one in content if one.startswith("Comments: ")), None)
        if ours
        else None,
        categories=unique(texts(item.get("tags"))),
        published=published,
        updated=updated,
        links=links(
            url=item.get("url"),
            external=item.get("external_url"),
            image=item.get("image"),
            pdf=next((one.get("url") for one in files if text(one.get("mime_type")) == "application/pdf"), None),
            archive=item.get("archive_url"),
        ),
        details=details(
            date=part,
            language=item.get("language"),
            venue=item.get("blog_name") or at(item, "_source", "title"),
            guid="" if ids else text(item.get("id")),
        ),
    )


def _day(value: Any) -> Day:
    """RFC 3339; some services write seconds since 1970."""
    return (instant(value), "") if isinstance(value, int) else when(value)


def _abstract(item: Value) -> str:
    content = prose(item.get("content_html")) or text(item.get("content_text"))
    short = prose(item.get("abstract")) or prose(item.get("summary"))
    return short if short and (not content or len(content) > _ARTICLE) else content


def _paragraphs(value: Any) -> list[str]:
    return [plain(one) for one in re.split(r"</?p>", value) if one.strip()] if isinstance(value, str) else []


def _first(content: list[str]) -> str:
    """The abstract as our own feeds have it; they say where there is none."""
    first = next(iter(content), "")
    return "" if first == "The listing gave no abstract." else first
