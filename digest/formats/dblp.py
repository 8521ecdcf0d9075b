"""DBLP's XML: the dump, a person's page, single records, and what its search answers.

    <inproceedings mdate="2026-05-24" key="conf/lists/MoreauR26">
      <author orcid="0000-0001-0000-0000">Ada Moreau</author><author>Wei Wang 0001</author>
      <title>Counting papers once.</title>
      <pages>10-19</pages><year>2026</year><booktitle>LISTS</booktitle>
      <ee>https://doi.org/10.5555/lists.10</ee>
      <url>db/conf/lists/lists2026.html#MoreauR26</url>
    </inproceedings>

The number behind a name tells people of the same name apart, and is no part of it. Records of people are no papers, and
list nothing. Titles have the full stop that DBLP gives them. Source: M. Ley, "DBLP: Some Lessons Learned" (PVLDB 2009),
https://dblp.org/xml/dblp.dtd, and dblp.org's FAQ on its search.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from digest.formats.dates import of_parts, of_text
from digest.formats.head import Head, head_of
from digest.formats.markup import child, children, elements, line, local, root, text
from digest.formats.people import name, team
from digest.formats.prose import prose
from digest.formats.signs import Sign
from digest.identifiers import arxiv, doi, named
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern

if TYPE_CHECKING:
    from lxml.etree import _Element

NAME = "dblp"
ABOUT = "DBLP's XML: the dump, people's pages, records, search answers"
EXAMPLE = """
<dblp>
<inproceedings mdate="2026-05-24" key="conf/lists/MoreauR26">
<author>Ada Moreau</author><author>Wei Wang 0001</author>
<title>Counting papers once.</title>
<pages>10-19</pages><year>2026</year><booktitle>LISTS</booktitle>
<ee>https://doi.org/10.5555/lists.10</ee>
</inproceedings>
</dblp>
"""

_RECORDS: Final = (
    *("article", "inproceedings", "proceedings", "book", "incollection", "phdthesis", "mastersthesis", "www", "data"),
)
_KEY: Final = pattern(r"<(?:" + "|".join(_RECORDS) + r"|person)\s[^<>]*\bkey\s*=")


def detect(head: Head) -> Sign | None:
    """DBLP's own roots; a record that has a key and the day of its last change; hits of its search."""
    found = root(head)
    if not found:
        return None
    if found.name in ("dblp", "dblpperson") and (_KEY.search(found.inside) or head.whole):
        return Sign.CERTAIN
    if found.name in _RECORDS and "mdate=" in found.attributes and "key=" in found.attributes:
        return Sign.CERTAIN
    return Sign.CERTAIN if found.name == "result" and re.search(r"<hits\s[^<>]*\bsent=", found.inside) else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The publications, in their order."""
    found_root = root(head_of(document))
    searched = found_root is not None and found_root.name == "result"
    count = 0
    names = ("hit",) if searched else _RECORDS
    for found in elements(document, *names, around=("dblp", "dblpperson", "hits")):
        if isinstance(found, Problem):
            yield found
        elif local(found) == "hit":
            count += 1
            yield _hit(document.origin, found)
        elif local(found) in _RECORDS:
            count += 1
            if not (found.get("key") or "").startswith("homepages/"):
                yield _listing(document.origin, found)
        elif not count and (stray := next((local(one) for one in found if local(one) not in _OF_PERSONS), "")):
            yield Problem(document.origin, line(found), f"no publications, but <{stray[:60]}>")


_OF_PERSONS: Final = frozenset(("person", "homonyms", "coauthors", "r"))


# ------------------------------------------------------------------------------------------------ a record

_KEPT: Final = {
    "volume": "volume",
    "number": "issue",
    "pages": "pages",
    "publisher": "publisher",
    "school": "school",
    "series": "series",
    "crossref": "crossref",
    "note": "note",
    "publnr": "report",
    "chapter": "chapter",
    "address": "address",
}
"""What goes into a listing's details, and under which name."""


def _listing(file: str, record: "_Element") -> Listing | Problem:
    place = line(record)
    key = record.get("key") or ""
    title = ""
    names: list[str] = []
    editors: list[str] = []
    said: dict[str, str] = {}
    details: dict[str, str] = {}
    ids: dict[str, str] = {}
    links: dict[str, str] = {}
    for one in record:
        match local(one):
            case "author":
                names.append(_name(text(one)))
            case "title":
                title = title or prose(one)
            case "ee":
                _link(text(one), ids, links)
            case "editor":
                editors.append(_name(text(one)))
            case "isbn":
                for scheme, value in named(f"isbn {text(one)}").items():
                    ids.setdefault(scheme, value)
            case "url":
                address = text(one)
                links.setdefault("dblp", address if address.startswith("http") else f"https://dblp.org/{address}")
            case other:
                if kept := _KEPT.get(other):
                    details.setdefault(kept, text(one))
                else:
                    said.setdefault(other, text(one))
    if not title:
        return Problem(file, place, f"{key[:100] or 'a record'}: without a title")
    if venue := said.get("journal") or said.get("booktitle", ""):
        details["venue"] = venue
    if said.get("journal") == "CoRR" and (preprint := arxiv(details.get("volume", "").removeprefix("abs/"))):
        ids.setdefault("arxiv", preprint.id)
    if editors:
        details["editor"] = "; ".join(editors)
    day, part = of_parts(said.get("year"))
    if "month" in said:
        day, part = of_text(f"{said['month']} {said.get('year', '')}")
    if part:
        details["date"] = part
    details["type"] = local(record)
    for attribute, kept in (("key", "key"), ("publtype", "publtype"), ("mdate", "changed")):
        details[kept] = record.get(attribute) or ""
    people = team(names)
    return Listing(
        position=Position(file, place),
        format=NAME,
        ids=ids,
        title=title,
        authors=people.names,
        authors_truncated=people.truncated,
        published=day,
        links=links,
        details={kept: value for kept, value in details.items() if value},
    )


_HOMONYM: Final = pattern(r" \d{4}$")


def _name(written: str) -> str:
    return name(_HOMONYM.sub("", written))


def _link(address: str, ids: dict[str, str], links: dict[str, str]) -> None:
    """An electronic edition: it names the paper, and leads to it."""
    for scheme, value in named(address).items():
        ids.setdefault(scheme, value)
    if address.startswith(("http://", "https://")):
        if "//doi.org/" in address or "//dx.doi.org/" in address:
            kind = "doi"
        elif "arxiv.org/abs/" in address:
            kind = "abs"
        else:
            kind = "pdf" if address.lower().endswith(".pdf") else "url"
        links.setdefault(kind, address)


# ------------------------------------------------------------------------------------------------ a search's answer

_TOLD: Final = {
    "volume": "volume",
    "number": "issue",
    "pages": "pages",
    "publisher": "publisher",
    "type": "type",
    "access": "access",
    "key": "key",
}


def _hit(file: str, hit: "_Element") -> Listing | Problem:
    place = line(hit)
    info = child(hit, "info")
    title = prose(child(info, "title"))
    if not title:
        return Problem(file, place, "a hit without a title")
    ids: dict[str, str] = {}
    links: dict[str, str] = {}
    details: dict[str, str] = {}
    if found := doi(text(child(info, "doi"))):
        ids["doi"] = found
    for one in children(info, "ee"):
        _link(text(one), ids, links)
    for one in children(info, "url"):
        links.setdefault("dblp", text(one))
    venues = [text(one) for one in children(info, "venue")]
    details["venue"] = "; ".join(venues)
    for told, kept in _TOLD.items():
        details.setdefault(kept, text(child(info, told)))
    if venues == ["CoRR"] and (preprint := arxiv(details["volume"].removeprefix("abs/"))):
        ids.setdefault("arxiv", preprint.id)
    details["date"] = of_parts(text(child(info, "year")))[1]
    people = team(_name(text(one)) for one in children(child(info, "authors"), "author"))
    return Listing(
        position=Position(file, place),
        format=NAME,
        ids=ids,
        title=title,
        authors=people.names,
        authors_truncated=people.truncated,
        links=links,
        details={kept: value for kept, value in details.items() if value},
    )
