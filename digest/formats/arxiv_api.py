"""What arXiv's API answers to a query: Atom with a few elements of its own.

    <entry>
      <id>http://arxiv.org/abs/2605.00001v2</id>
      <published>2026-05-01T17:59:59Z</published>        the first version's
      <updated>2026-05-04T09:00:00Z</updated>            this version's
      <title>Counting papers once</title>
      <author><name>Ada Moreau</name><arxiv:affiliation>Lyon</arxiv:affiliation></author>
      <arxiv:primary_category term="cs.DL"/>

An error is an entry whose id is below `/api/errors`. Source: arXiv API User's Manual, sections 3.3 and 3.4.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from digest.formats.dates import parse_date
from digest.formats.head import Head
from digest.formats.markup import elements, line, local, root, told
from digest.formats.people import name, team
from digest.formats.signs import Sign
from digest.identifiers import arxiv, doi
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern
from digest.text import one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

NAME = "arxiv_api"
ABOUT = "what arXiv's API answers to a query: Atom with authors' comments, journal references, versions"
EXAMPLE = """
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">
<id>http://arxiv.org/api/cHxbiOdZaP56ODnBPIenZhzg5f8</id>
<title>arXiv Query: search_query=all:lists</title>
<entry>
  <id>http://arxiv.org/abs/2605.00001v1</id>
  <published>2026-05-01T17:59:59Z</published>
  <title>Counting papers once</title>
  <summary>We measure how reading lists change when repeated papers are counted once …</summary>
  <author><name>Ada Moreau</name></author>
  <arxiv:comment>8 pages, 3 figures</arxiv:comment>
  <category term="cs.DL"/>
</entry>
</feed>
"""

_ATOM: Final = "http://www.w3.org/2005/Atom"
_ID: Final = r"<(?:\w+:)?id(?:\s[^<>]*)?>\s*https?://(?:export\.)?arxiv\.org"
_QUERY: Final = pattern(rf"{_ID}/api/")
_PAPER: Final = pattern(rf"{_ID}/abs/")


def detect(head: Head) -> Sign | None:
    """Atom whose own id is one of the API's; or without it, entries whose ids are arXiv's pages and that have arXiv's
    elements.
    """
    found = root(head)
    if not found or found.name not in ("feed", "entry") or found.space != _ATOM:
        return None
    inside = found.inside
    before = re.split(r"<(?:\w+:)?entry[\s>]", inside, maxsplit=1)[0]
    alone = ":primary_category" in inside and _PAPER.search(inside)
    return Sign.CERTAIN if _QUERY.search(before) or alone else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The results, in their order; none for a query that found nothing."""
    count = 0
    for found in elements(document, "entry", around=("feed",)):
        if isinstance(found, Problem):
            yield found
        elif local(found) == "entry":
            count += 1
            yield _listing(document.origin, found)
        elif not count and (problem := _empty(document.origin, found)):
            yield problem


_OF_FEEDS: Final = frozenset("id title updated link author subtitle totalResults startIndex itemsPerPage".split())


def _empty(file: str, feed: "_Element") -> Problem | None:
    """A query may find nothing; what says that it found something, and has nothing, is a failure of the API."""
    total, start = told(feed, "totalResults"), told(feed, "startIndex") or "0"
    if total.isdecimal() and start.isdecimal() and int(start[:9]) < int(total[:9]):
        return Problem(file, line(feed), f"the API says that there are {total[:20]} results, and gives none")
    stray = next((local(one) for one in feed if local(one) not in _OF_FEEDS), "")
    return Problem(file, line(feed), f"no entries, but <{stray[:60]}>") if stray else None


# ------------------------------------------------------------------------------------------------ an entry

_KEPT: Final = {"journal_ref": "venue", "rights": "license", "license": "license"}


def _listing(file: str, entry: "_Element") -> Listing | Problem:
    said: dict[str, str] = {}
    details: dict[str, str] = {}
    links: dict[str, str] = {}
    names: list[str] = []
    affiliations: dict[str, None] = {}
    categories: dict[str, None] = {}
    for one in entry:
        key = _KEYS.get(one.tag) or _key(one.tag)
        if key == "author":
            for part in one:
                value = part.text
                if not value:
                    continue
                if (_KEYS.get(part.tag) or _key(part.tag)) == "name":
                    names.append(name(value))
                else:
                    affiliations[one_line(value)] = None
        elif key == "category":
            categories[one.get("term") or ""] = None
        elif key == "link":
            _link(links, one.get("rel"), one.get("title"), one.get("href") or "")
        elif key == "primary_category":
            said["primary"] = one.get("term") or ""
        elif (value := one.text) and key not in said:
            said[key] = value
    place = line(entry)
    address = said.get("id", "").strip()
    summary = one_line(said.get("summary", ""))
    if "/api/errors" in address:
        return Problem(file, place, f"the API tells an error: {summary[:300] or address[:300]}")
    title = one_line(said.get("title", ""))
    known = arxiv(address.partition("/abs/")[2] or address)
    if not title and not summary:
        return Problem(file, place, f"{address[:60] or 'an entry'}: without a title and without an abstract")
    for key, kept in _KEPT.items():
        if key in said:
            details[kept] = one_line(said[key])
    if affiliations:
        details["affiliations"] = "; ".join(affiliations)
    ids = {"arxiv": known.id} if known else {}
    dois = said.get("doi", "").split()
    if dois and (found := doi(dois[0])):
        ids["doi"] = found
    if len(dois) > 1:
        details["dois"] = " ".join(dois)
    people = team(names)
    submitted, revised = said.get("published", ""), said.get("updated", "")
    primary = said.get("primary")
    return Listing(
        position=Position(file, place),
        format=NAME,
        ids=ids,
        version=known.version if known else None,
        title=title or None,
        authors=people.names,
        authors_truncated=people.truncated,
        author_count=people.total,
        abstract=summary or None,
        comments=one_line(said["comment"]) if "comment" in said else None,
        categories=tuple(filter(None, {primary: None} | categories if primary else categories)),
        created=_day(submitted),
        updated=_day(revised) if revised != submitted else None,
        links=links,
        details=details,
    )


def _link(links: dict[str, str], rel: str | None, title: str | None, address: str) -> None:
    if address.startswith(("http://", "https://")):
        kind = title if title in ("pdf", "doi", "html") else "abs" if rel in (None, "alternate") else title or "related"
        links.setdefault(kind, address)


_KEYS: Final[dict[object, str]] = {}
"""What tags are called here, as far as they were met."""


def _key(tag: object) -> str:
    key = tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else "-"
    if len(_KEYS) < 1000:
        _KEYS[tag] = key or "-"
    return key or "-"


@lru_cache(maxsize=4096)
def _day(text: str) -> date | None:
    return parse_date(text)
