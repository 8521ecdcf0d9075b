"""DBLP's search, as JSON.

    {"result": {"hits": {"@total": "1", "hit": [{"@score": "3", "info": {
       "authors": {"author": [{"@pid": "1/2", "text": "Ada Moreau 0001"}]}, "title": "Counting Papers Once.",
       "venue": "J. Lists", "volume": "7", "pages": "1-8", "year": "2026", "type": "Journal Articles", "key": …,
       "doi": "10.1000/1", "ee": "https://doi.org/10.1000/1", "url": "https://dblp.org/rec/…"}}, …]}}}

What is one there stands by itself, and several in a list. Titles end in a full stop, which is DBLP's; names that
several people have end in a number. There are no abstracts and no days.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun
from digest.formats.people import name, team
from digest.formats.signs import Sign
from digest.formats.values import at, details, identified, links, prose, text, texts, when
from digest.model import Document, Listing, Position, Problem

NAME = "dblp_json"
ABOUT = "DBLP's search results as JSON"
EXAMPLE = """\
{"result": {"hits": {"@total": "1", "hit": [{"@score": "3", "info": {
  "authors": {"author": [{"@pid": "1/2", "text": "Ada Moreau"}]}, "title": "Counting Papers Once.", "venue": "J. Lists",
  "volume": "7", "year": "2026", "type": "Journal Articles", "key": "journals/lists/Moreau26", "doi": "10.1000/1",
  "url": "https://dblp.org/rec/journals/lists/Moreau26"}}]}}}
"""
PLACES: Final = ("result.hits.hit",)


def detect(head: Head) -> Sign | None:
    """Hits with a score, and publications in them that have a key of DBLP's."""
    for record in begun(head, *PLACES):
        info = record.get("info")
        if isinstance(info, dict) and "@score" in record and {"title", "key", "venue"} & info.keys():
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The publications, in their order; hits that are people or venues are none."""
    return read(document, _listing, *PLACES)


def _listing(hit: Value, position: Position) -> Listing:
    info = hit.get("info")
    info = info if isinstance(info, dict) else {}
    places = texts(info.get("ee"), "text")
    ids, version = identified(info.get("doi"), *places, _eprint(info))
    people = team(_name(one) for one in _several(at(info, "authors", "author")))
    _, year = when(info.get("year"))
    return Listing(
        position=position,
        format=NAME,
        ids=ids,
        version=version,
        title=_told(info.get("title")).removesuffix(".") or None,
        authors=people.names,
        authors_truncated=people.truncated,
        links=links(url=next(iter(places), None), abs=_told(info.get("url"))),
        details=details(
            date=year,
            venue=texts(info.get("venue")),
            volume=info.get("volume"),
            issue=info.get("number"),
            pages=info.get("pages"),
            publisher=info.get("publisher"),
            type_=info.get("type"),
            dblp=info.get("key"),
        ),
    )


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _told(value: Any) -> str:
    return prose(value.get("text")) if isinstance(value, dict) else prose(value)


def _name(value: Any) -> str:
    return name(re.sub(r"\s+\d{4}$", "", _told(value)))


def _eprint(info: Value) -> str:
    """The volume of what stands in arXiv's repository: abs/2605.00001."""
    volume = text(info.get("volume"))
    return f"arXiv:{volume.removeprefix('abs/')}" if volume.startswith("abs/") else ""
