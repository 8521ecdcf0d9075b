"""IEEE's exchange format (IDAMS): the articles of a volume of a periodical, or of a conference.

    <publication>
      <title><![CDATA[IEEE Lists]]></title>
      <publicationinfo><issn mediatype="Electronic">1234-5678</issn>…</publicationinfo>
      <volume>
        <volumeinfo><year>2026</year><volumenum>7</volumenum><issue><issuenum>2</issuenum></issue></volumeinfo>
        <article>
          <title><![CDATA[Counting papers once]]></title>
          <articleinfo>
            <articledoi>10.5555/LISTS.2026.7</articledoi>
            <abstract abstracttype="Regular"><![CDATA[We measure …]]></abstract>
            <authorgroup><author><firstname>Ada</firstname><surname>Moreau</surname></author></authorgroup>

What stands in CDATA sections has entities in it once more (`S&#x00E3;o Paulo`). Source: the elements of
`ieee_idams_exchange.dtd` as IEEE's deliveries have them.
"""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from digest.formats.dates import of_parts
from digest.formats.head import Head
from digest.formats.markup import child, children, elements, line, local, root
from digest.formats.people import Team, given_family, name, team
from digest.formats.prose import plain
from digest.formats.signs import Sign
from digest.identifiers import doi
from digest.model import Document, Listing, Position, Problem

if TYPE_CHECKING:
    from lxml.etree import _Element

NAME = "ieee_xml"
ABOUT = "IEEE's exchange format: the articles of a volume, with their keywords"
EXAMPLE = """
<publication><title>IEEE Lists</title><volume>
<volumeinfo><year>2026</year><volumenum>7</volumenum><issue><issuenum>2</issuenum></issue></volumeinfo>
<article><title><![CDATA[Counting papers once]]></title>
<articleinfo><articledoi>10.5555/LISTS.2026.7</articledoi>
<abstract abstracttype="Regular"><![CDATA[We measure how reading lists change …]]></abstract>
<authorgroup><author><firstname>Ada</firstname><surname>Moreau</surname></author></authorgroup>
</articleinfo></article>
</volume></publication>
"""


def detect(head: Head) -> Sign | None:
    """A publication with the parts that IEEE's have."""
    found = root(head)
    known = found is not None and found.name == "publication"
    parts = ("<publicationinfo", "<articleinfo", "<volumeinfo")
    return Sign.CERTAIN if known and found and any(part in found.inside for part in parts) else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The articles, in their order. What is said of the publication and the volume stands before them."""
    venue: dict[str, str] = {}
    count = 0
    for found in elements(document, "article", around=("publicationinfo", "volumeinfo", "publication")):
        if isinstance(found, Problem):
            yield found
            continue
        match local(found):
            case "publicationinfo":
                venue = _publication(found)
            case "volumeinfo":
                venue = venue | _volume(found)
            case "article":
                count += 1
                yield _listing(document.origin, found, venue)
            case _ if not count:
                yield Problem(document.origin, line(found), "a publication without articles")
            case _:
                pass


def _told(element: "_Element | None", *names: str) -> str:
    """The text of the child of the first of the names that has some, its inner entities resolved."""
    return next((said for name_ in names for one in children(element, name_) if (said := _said(one))), "")


def _said(element: "_Element | None") -> str:
    return plain("".join(str(part) for part in element.itertext())) if element is not None else ""


def _filled(**told: str) -> dict[str, str]:
    return {key: value for key, value in told.items() if value}


def _publication(info: "_Element") -> dict[str, str]:
    above = info.getparent()
    return _filled(
        venue=_told(above, "title"),
        issn=_told(info, "issn"),
        publisher=_told(child(info, "publisher"), "publishername"),
        conference=_told(child(info, "confgroup"), "conftitle"),
    )


def _volume(info: "_Element") -> dict[str, str]:
    return _filled(
        volume=_told(info, "volumenum"), issue=_told(child(info, "issue"), "issuenum"), date=_told(info, "year")
    )


# ------------------------------------------------------------------------------------------------ an article

_OUT: Final = ("epub", "originalpub")
"""The dates of publication; others are those of preprints and of work in the house."""


def _listing(file: str, article: "_Element", venue: dict[str, str]) -> Listing | Problem:
    place = line(article)
    info = child(article, "articleinfo")
    title = _told(article, "title")
    texts = children(info, "abstract")
    regular = [one for one in texts if (one.get("abstracttype") or "Regular") == "Regular"]
    abstract = next((said for one in (*regular, *texts) if (said := _said(one))), "")
    written = _told(info, "articledoi")
    if not title and not abstract:
        return Problem(file, place, f"{written[:100] or 'an article'}: without a title and without an abstract")
    details = dict(venue)
    known = doi(written)
    people = _people(child(info, "authorgroup"), details)
    published = _published(info, details)
    pages = child(info, "artpagenums")
    if pages is not None:
        first, last = pages.get("startpage") or "", pages.get("endpage") or ""
        details["pages"] = _said(pages) or (f"{first}-{last}" if last and last != first else first)
    details |= _filled(
        type=_told(info, "contenttype"),
        copyright=_told(info, "article_copyright_statement"),
        number=_told(info, "amsid"),
        grants="; ".join(
            " ".join(filter(None, (_told(one, "funder_name"), *map(_said, children(one, "grant_number")))))
            for one in children(child(info, "fundrefgrp"), "fundref")
        ),
    )
    words = (_said(one) for group in children(info, "keywordset") for one in group.iter("{*}keywordterm"))
    return Listing(
        position=Position(file, place),
        format=NAME,
        ids={"doi": known} if known else {},
        title=title or None,
        authors=people.names,
        authors_truncated=people.truncated,
        abstract=abstract or None,
        categories=tuple(dict.fromkeys(word for word in words if word)),
        published=published,
        details={key: value for key, value in details.items() if value},
    )


def _people(group: "_Element | None", details: dict[str, str]) -> Team:
    """Names in parts, with the letters that they have; else as a whole."""
    names: list[str] = []
    editors: list[str] = []
    affiliations: dict[str, None] = {}
    for one in children(group, "author"):
        given, family = _told(one, "unicodefirstname", "firstname"), _told(one, "unicodesurname", "surname")
        whole = given_family(given, family, _told(one, "suffix")) or name(_told(one, "nonnormname", "normname"))
        (editors if _told(one, "authortype") == "Editor" else names).append(whole)
        affiliations |= dict.fromkeys(_said(place) for place in children(one, "affiliation"))
    details |= _filled(editor="; ".join(editors), affiliations="; ".join(filter(None, affiliations)))
    return team(names)


def _published(info: "_Element | None", details: dict[str, str]) -> date | None:
    """The first day on which it was out; the issue's month goes into the details."""
    days = []
    for one in children(info, "date"):
        kind = (one.get("datetype") or "").lower()
        day, part = of_parts(_told(one, "year"), _told(one, "month"), _told(one, "day"))
        if kind == "preprintdate" and day:
            details["preprint"] = day.isoformat()
        elif kind in _OUT and day:
            days.append(day)
        elif kind in _OUT and len(part) > len(details.get("date", "")):
            details["date"] = part
    return min(days, default=None)
