"""Feeds: RSS 0.9x, 1.0 (RDF) and 2.0, Atom 1.0 (RFC 4287) and 0.3, as journals, preprint servers and blogs write them.

    <item>
      <title>Counting papers once</title>
      <link>https://journal.example.org/articles/7</link>
      <description>&lt;p&gt;We measure how reading lists change …&lt;/p&gt;</description>
      <dc:creator>Ada Moreau</dc:creator>
      <prism:doi>10.5555/counting.7</prism:doi>
    </item>

Of the modules Dublin Core, DC Terms, PRISM, content, media, slash, threading and Creative Commons are read, whatever
prefix they have, also one that nobody declared. arXiv's announcements (RSS and Atom since 2024, RDF before) are feeds
whose entries say more in their titles and texts, as those of some publishers do: `dialects`.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from digest.formats.dates import of_text
from digest.formats.feeds import dialects
from digest.formats.feeds.entries import Entry, entry, key
from digest.formats.head import Head
from digest.formats.markup import Root, elements, line, local, root, told
from digest.formats.people import Team, byline, listed
from digest.formats.prose import plain
from digest.formats.signs import Sign
from digest.identifiers import arxiv, named
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern
from digest.text import one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

NAME = "feed"
ABOUT = "RSS 0.9x, 1.0 and 2.0, and Atom: journals, preprint servers, arXiv's announcements"
EXAMPLE = """
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>A journal</title>
<item>
  <title>Counting papers once</title>
  <link>https://journal.example.org/articles/7</link>
  <description>We measure how reading lists change when repeated papers are counted once …</description>
  <dc:creator>Ada Moreau, Tomás Říha</dc:creator>
  <dc:identifier>doi:10.5555/counting.7</dc:identifier>
  <pubDate>Fri, 01 May 2026 00:00:00 -0400</pubDate>
</item>
</channel></rss>
"""

_ATOM: Final = ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#")


def detect(head: Head) -> Sign | None:
    """The root says it: `rss`, `RDF` with RSS in it, or `feed`. Some kinds of Atom have a format of their own."""
    found = root(head)
    if not found:
        return None
    if found.name == "rss" or (found.name in ("feed", "channel", "item", "entry") and _is_feed(found)):
        return Sign.LIKELY
    if found.name == "RDF" and _tag("channel", "item").search(found.inside):
        return Sign.LIKELY
    return None


def _is_feed(found: Root) -> bool:
    """Also one whose name space was lost on its way, and entries without a feed around them."""
    return found.space in _ATOM or all(part.search(found.inside) for part in _WITHIN[found.name])


def _tag(*names: str) -> re.Pattern[str]:
    return pattern(rf"<(?:[\w.-]{{1,30}}:)?(?:{'|'.join(names)})[\s/>]")


_WITHIN: Final = {
    "feed": (_tag("entry", "updated", "modified"),),
    "channel": (_tag("item", "description"),),
    "item": (_tag("title"), _tag("link", "guid")),
    "entry": (_tag("title"), _tag("updated", "summary", "link")),
}
"""What a root of that name has in it, where it is a feed's or an entry's."""


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The entries, in their order. A feed that is whole and has none lists nothing, as on a day without news."""
    count, issued = 0, None
    for found in elements(document, "item", "entry", around=("channel", "feed", "RDF")):
        if isinstance(found, Problem):
            yield found
            continue
        name = local(found)
        if name in ("item", "entry"):
            count += 1
            yield _listing(document.origin, found, issued)
        elif not count and (problem := _empty(document.origin, found)):
            count += 1
            yield problem
        elif name == "channel":
            # In RSS 1.0 it stands before the items.
            issued = _day(told(found, "date"))[0]


_OF_CHANNELS: Final = frozenset(
    "title link description language copyright managingeditor webmaster pubdate lastbuilddate category generator docs "
    "cloud ttl rating image textinput skiphours skipdays items channel "
    "id updated modified subtitle tagline info author contributor icon logo rights published".split()
)


def _empty(file: str, feed: "_Element") -> Problem | None:
    """A feed without entries: nothing is wrong with it, unless it says so itself, or holds what no feed has."""
    title = told(feed, "title")
    if title.lower().startswith(("feed error", "error")):
        said = told(feed, "description", "subtitle")
        return Problem(file, line(feed), f"the feed tells an error: {title[:200]}: {said[:200]}")
    for one in feed:
        name = key(one)
        if ":" not in name and name not in _OF_CHANNELS:
            return Problem(file, line(one), f"a feed without entries, but with <{local(one)[:60]}>")
    return None


# ------------------------------------------------------------------------------------------------ the listing


def _listing(file: str, element: "_Element", issued: date | None) -> Listing | Problem:
    """`issued`: when the feed says that it was."""
    known = entry(element)
    said = known.said
    place = line(element)
    title = said["title!"][0] if "title!" in said else plain(known.first("title", "dc:title", "media:title"))
    aside = ""
    if "arxiv:announce_type" in said:
        # arXiv writes plain text there.
        kind = one_line(said["arxiv:announce_type"][0])
        found = dialects.announced(title, known.first("description", "summary"), kind)
    else:
        abstract, aside = _texts(known)
        found = dialects.announced(title, abstract, "") or dialects.published(
            title, abstract, known.first("description", "summary")
        )
    if found:
        title, abstract = found.title, found.abstract
    if not title and not abstract:
        return Problem(file, place, "an entry without a title and without a text")
    announced = found is not None and found.announced
    ids, version = _ids(known, dict(found.ids) if found else {}, whole=announced)
    details = _details(said)
    created, updated, published = _dates(said, details)
    if found:
        for name, value in found.details.items():
            details.setdefault(name, value)
    if aside:
        details.setdefault("summary", aside)
    people = _people(said, announced=announced)
    if found and found.team and not people.names:
        people = found.team
    if found and not published:
        published = found.published or (issued if announced else None)
    if published:
        details.pop("date", None)
    return Listing(
        position=Position(file, place),
        format=NAME,
        ids=ids,
        version=(found.version if found else None) or version,
        title=title or None,
        authors=people.names,
        authors_truncated=people.truncated,
        author_count=people.total,
        abstract=abstract or None,
        comments=one_line(said["arxiv:comment"][0]) if "arxiv:comment" in said else None,
        categories=_categories(said) or (found.categories if found else ()),
        created=created,
        # An announcement has there when the feed was made.
        updated=None if announced else updated,
        published=published,
        links=_links(known),
        metrics=_metrics(said),
        kind=found.kind if found else None,
        details=details,
    )


_BRIEF: Final = 250
_LONG: Final = 6000
"""Letters: a shorter text may be no abstract but a citation or a teaser; a longer one is a whole article."""
_HEADING: Final = pattern(
    r"\s*(?:<[a-z][^<>]{0,200}>\s*){1,4}(?:abstract|summary)\s*:?\s*(?:</[a-z][^<>]{0,20}>\s*){1,4}", re.IGNORECASE
)


def _texts(known: Entry) -> tuple[str, str]:
    """The abstract, and what else is said in short."""
    summary = _text(known, "description", "summary", "dc:description", "tagline", "media:description")
    content = _text(known, "dcterms:abstract", "content:encoded", "content", "body")
    if not content or content == summary:
        return summary, ""
    if len(summary) >= min(_BRIEF, len(content)) or (summary and len(content) > _LONG):
        return summary, ""
    return content, summary


def _text(known: Entry, *names: str) -> str:
    for name in names:
        if f"{name}!" in known.said:
            return known.said[f"{name}!"][0]
        if name in known.said:
            text = known.said[name][0]
            if "<" in text and (heading := _HEADING.match(text)):
                text = text[heading.end() :]
            if found := plain(text):
                return found
    return ""


# ------------------------------------------------------------------------------------------------ ids and links

_NAMED: Final = ("prism:doi", "arxiv:doi", "dc:identifier", "dcterms:identifier", "guid", "id", "prism:url", "link")


def _ids(known: Entry, ids: dict[str, str], *, whole: bool) -> tuple[dict[str, str], int | None]:
    """The ids that are told anywhere, the first of each scheme, and arXiv's version. `whole`: an announcement, whose
    own id is the paper's, and which has nothing in its links.
    """
    version = None
    said = known.said
    for name in _NAMED:
        if whole and ids and name not in ("arxiv:doi", "prism:doi"):
            continue
        for text in said.get(name, ()):
            told_version = arxiv(text)
            if told_version:
                ids.setdefault("arxiv", told_version.id)
                version = version or told_version.version
            else:
                for scheme, value in named(text.partition(" ")[0] if name.endswith("doi") else text).items():
                    ids.setdefault(scheme, value)
    if not whole:
        for link in known.links:
            if link.rel in ("alternate", "related"):
                for scheme, value in named(link.href).items():
                    ids.setdefault(scheme, value)
    return ids, version


def _links(known: Entry) -> dict[str, str]:
    found: dict[str, str] = {}
    said = known.said
    for name in ("feedburner:origlink", "link", "prism:url"):
        for text in said.get(name, ()):
            _add(found, "url", text)
    for link in known.links:
        if link.kind == "application/pdf":
            _add(found, "pdf", link.href)
        elif link.rel in _RELATIONS:
            _add(found, link.title if link.title in ("doi", "pdf", "html") else _RELATIONS[link.rel], link.href)
    for text in said.get("comments", ()):
        _add(found, "comments", text)
    if not found:
        for text in (*said.get("guid", ()), *said.get("id", ())):
            _add(found, "url", text)
    return found


_RELATIONS: Final = {
    "alternate": "url",
    "related": "related",
    "via": "via",
    "enclosure": "enclosure",
    "image": "image",
    "replies": "comments",
}


def _add(links: dict[str, str], name: str, address: str) -> None:
    address = address.strip()
    if address.startswith(("http://", "https://")) and not any(map(str.isspace, address)):
        if name == "url":
            name = "abs" if "arxiv.org/abs/" in address else "doi" if "//doi.org/" in address else name
        links.setdefault(name, address)


# ------------------------------------------------------------------------------------------------ people


def _people(said: dict[str, list[str]], *, announced: bool) -> Team:
    for name in ("dc:creator", "author", "authors", "dcterms:creator", "media:credit", "itunes:author"):
        if texts := said.get(name):
            if announced:
                return listed(plain(texts[0]) if "<" in texts[0] or "&" in texts[0] else texts[0])
            team = _team([_without_mail(plain(text)) for text in texts])
            if team.names:
                return team
    return Team()


def _team(texts: Sequence[str]) -> Team:
    """Names that stand in elements of their own, or a list of them in one."""
    teams = [byline(text) for text in texts if text]
    names = dict.fromkeys(name for team in teams for name in team.names)
    return Team(tuple(names), any(team.truncated for team in teams), teams[0].total if len(teams) == 1 else None)


_MAIL: Final = pattern(r"[^\s()<>,;]{1,100}@[^\s()<>,;]{1,200}")


def _without_mail(text: str) -> str:
    """The name beside a mail address, as RSS has it: `mail@example.org (Ada Moreau)`."""
    if "@" not in text:
        return text
    rest = _MAIL.sub("", text).strip(" ,;<>")
    return rest[1:-1] if rest.startswith("(") and rest.endswith(")") else rest


# ------------------------------------------------------------------------------------------------ the rest


def _categories(said: dict[str, list[str]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in ("arxiv:primary_category", "category", "dc:subject", "dcterms:subject", "prism:keyword"):
        for text in said.get(name, ()):
            for part in text.split(";") if ";" in text and "&" not in text else (text,):
                found[plain(part)] = None
    for text in said.get("media:keywords", ()):
        found |= dict.fromkeys(one_line(part) for part in text.split(","))
    found.pop("", None)
    return tuple(found)


_KEPT: Final = {
    "prism:publicationname": "venue",
    "arxiv:journal_reference": "venue",
    "arxiv:journal_ref": "venue",
    "dc:source": "venue",
    "prism:volume": "volume",
    "volume": "volume",
    "issue": "issue",
    "prism:articlenumber": "elocation",
    "prism:number": "issue",
    "prism:issueidentifier": "issue",
    "prism:pagerange": "pages",
    "prism:issn": "issn",
    "prism:eissn": "eissn",
    "prism:section": "section",
    "prism:genre": "type",
    "prism:copyright": "copyright",
    "dc:publisher": "publisher",
    "dc:language": "language",
    "dc:type": "type",
    "dc:rights": "license",
    "dcterms:license": "license",
    "cc:license": "license",
    "rights": "license",
    "copyright": "license",
    "dc:format": "format",
    "dc:relation": "relation",
    "dc:coverage": "coverage",
    "dcterms:bibliographiccitation": "citation",
    "dcterms:ispartof": "series",
    "source": "source",
    "dc:contributor": "contributor",
    "contributor": "contributor",
}
"""What goes into a listing's details, and under which name."""


def _details(said: dict[str, list[str]]) -> dict[str, str]:
    details: dict[str, str] = {}
    for name, texts in said.items():
        if kept := _KEPT.get(name):
            details.setdefault(kept, plain(texts[0]) if len(texts) == 1 else plain("; ".join(texts)))
    if first := said.get("prism:startingpage") or said.get("startpage"):
        last = said.get("prism:endingpage") or said.get("endpage") or first
        pages = one_line(first[0]) if first == last else f"{one_line(first[0])}-{one_line(last[0])}"
        details.setdefault("pages", pages)
    if len(names := said.get("arxiv:doi", [""])[0].split()) > 1:
        details["dois"] = " ".join(names)
    return {name: value for name, value in details.items() if value}


_CREATED: Final = ("created", "dcterms:created", "dcterms:datesubmitted")
_UPDATED: Final = ("updated", "modified", "dcterms:modified", "prism:modificationdate")
_PUBLISHED: Final = (
    *("pubdate", "published", "issued", "prism:publicationdate", "dcterms:issued", "dc:date", "dcterms:available"),
    *("prism:coverdate", "prism:coverdisplaydate", "dcterms:date", "publicationyear"),
)


def _dates(said: dict[str, list[str]], details: dict[str, str]) -> tuple[date | None, date | None, date | None]:
    """When it was submitted, revised and issued; a date that is no whole day goes into the details."""
    return _dated(said, _CREATED, details), _dated(said, _UPDATED, details), _dated(said, _PUBLISHED, details)


def _dated(said: dict[str, list[str]], names: Sequence[str], details: dict[str, str]) -> date | None:
    for name in names:
        if name in said:
            day, part = _day(said[name][0])
            if day:
                return day
            if part:
                details.setdefault("date", part)
    return None


@lru_cache(maxsize=1024)
def _day(text: str) -> tuple[date | None, str]:
    return of_text(text)


def _metrics(said: dict[str, list[str]]) -> dict[str, int]:
    for name in ("slash:comments", "thr:total"):
        if name in said and (text := said[name][0].strip()).isdecimal() and len(text) < 10:
            return {"comment_count": int(text)}
    return {}
