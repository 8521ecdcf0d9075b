"""CSL-JSON, which reference managers export and citation processors read: an array of items, or an object with `items`.

    [{"id": "moreau2026", "type": "article-journal", "title": …, "author": [{"family": "Moreau", "given": "Ada"}],
      "container-title": …, "issued": {"date-parts": [[2026, 5, 1]]}, "DOI": …, "abstract": …}, …]

Names are in parts (family, given, particles, suffix) or literal. Dates are in parts, which may be texts, raw, or
literal. What the schema of CSL 1.0.2 has no place for stands in `note`, a `key: value` a line: ids are looked for there
too.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from digest.accents import accented
from digest.formats.head import Head
from digest.formats.objects import Value, read
from digest.formats.outlines import begun
from digest.formats.people import given_family, name, team
from digest.formats.signs import Sign
from digest.formats.values import Day, details, dicts, identified, links, parts, prose, text, unique, when
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern

NAME = "csl_json"
ABOUT = "CSL-JSON, as Zotero, pandoc and citation processors have it"
EXAMPLE = """\
[{"id": "moreau2026", "type": "article-journal", "title": "Counting papers once",
  "author": [{"family": "Moreau", "given": "Ada"}], "container-title": "Journal of Lists",
  "issued": {"date-parts": [[2026, 5, 1]]}, "DOI": "10.1000/1", "abstract": "We measure …"}]
"""
PLACES: Final = ("items[]", "references[]")
_TYPES: Final = frozenset(
    "article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection dataset "
    "document entry entry-dictionary entry-encyclopedia event figure graphic hearing interview legal_case legislation "
    "manuscript map motion_picture musical_score pamphlet paper-conference patent performance periodical "
    "personal_communication post post-weblog regulation report review review-book software song speech standard thesis "
    "treaty webpage".split()
)
_OTHERS: Final = {"indexed", "deposited", "is-referenced-by-count", "member"}
"""Crossref's works look much the same, and have these besides."""


def detect(head: Head) -> Sign | None:
    """Items have a type of CSL's, and names or dates in its parts."""
    for record in begun(head, *PLACES):
        kind = record.get("type")
        if not isinstance(kind, str) or kind not in _TYPES or isinstance(record.get("title"), list):
            continue
        if len(_OTHERS & record.keys()) >= 2:
            continue
        people = dicts(record.get("author")) + dicts(record.get("editor"))
        dated = isinstance(record.get("issued"), dict) and {"date-parts", "raw", "literal"} & record["issued"].keys()
        if dated or "container-title" in record or any({"family", "literal"} & one.keys() for one in people):
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The items, in their order."""
    return read(document, _listing, *PLACES)


def _listing(item: Value, position: Position) -> Listing:
    note = item.get("note") if isinstance(item.get("note"), str) else ""
    ids, version = identified(
        item.get("DOI"),
        *(f"{key}:{text(item[key])}" for key in ("PMID", "ISBN") if text(item.get(key))),
        _pmc(text(item.get("PMCID"))),
        item.get("URL"),
        item.get("number"),
        *_noted(note or ""),
    )
    people = team(filter(None, (_person(one) for one in _people(item.get("author")))))
    published, part = _day(item.get("issued"))
    created, _ = _day(item.get("submitted"))
    return Listing(
        position=position,
        format=NAME,
        ids=ids,
        version=version,
        title=accented(prose(item.get("title")) or prose(item.get("title-short"))) or None,
        authors=people.names,
        authors_truncated=people.truncated,
        abstract=prose(item.get("abstract")) or None,
        comments=_comment(note or "") or None,
        categories=unique([*_keywords(item.get("keyword")), *_keywords(item.get("categories"))]),
        created=created,
        published=published,
        links=links(url=item.get("URL")),
        details=details(
            date=part or ("" if published else text(item.get("year"))),
            key=item.get("citation-key") or item.get("id"),
            venue=item.get("container-title") or item.get("event-title") or item.get("event"),
            volume=item.get("volume"),
            issue=item.get("issue"),
            pages=item.get("page"),
            number=item.get("number"),
            publisher=item.get("publisher"),
            place=item.get("publisher-place"),
            series=item.get("collection-title"),
            edition=item.get("edition"),
            genre=item.get("genre"),
            type_=item.get("type"),
            language=item.get("language"),
            license=item.get("license"),
            issn=item.get("ISSN"),
            note=note,
            archive=item.get("archive"),
            source=item.get("source"),
            editor=[_person(one) for one in dicts(item.get("editor"))],
        ),
    )


def _people(value: Any) -> list[Value]:
    """Some write a name as a text."""
    listed = value if isinstance(value, list) else [value]
    return [one if isinstance(one, dict) else {"literal": text(one)} for one in listed]


def _person(one: Value) -> str:
    if literal := prose(one.get("literal")) or prose(one.get("name")):
        return name(literal)
    given = " ".join(filter(None, (prose(one.get("given")), prose(one.get("dropping-particle")))))
    particle = prose(one.get("non-dropping-particle"))
    return given_family(given, prose(one.get("family")), prose(one.get("suffix")), particle)


def _day(value: Any) -> Day:
    """Of a date in parts, raw, literal, or as a text by itself."""
    if not isinstance(value, dict):
        return when(value)
    day, part = parts(value)
    return (day, part) if day or part else when(value.get("raw"), value.get("literal"))


def _keywords(value: Any) -> list[str]:
    """One text, with commas or semicolons in it."""
    words = (
        [text(one) for one in value]
        if isinstance(value, list)
        else re.split(r"[;,]" if ";" not in text(value) else ";", text(value))
    )
    return [word.strip() for word in words if word.strip()]


def _pmc(value: str) -> str:
    return f"PMC{value}" if value.isdigit() else value


_NOTED: Final = pattern(r"^\s*(arxiv|doi|pmid|pmcid|isbn)\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


_COMMENT: Final = pattern(r"^\s*comments?\s*:\s*(.+)", re.IGNORECASE | re.MULTILINE)


def _comment(note: str) -> str:
    """The authors' comment, as Zotero notes it of arXiv's papers: `Comment: 8 pages`."""
    found = _COMMENT.search(note)
    return prose(found[1]) if found else ""


def _noted(note: str) -> Iterator[str]:
    """Ids on lines of their own: `arXiv:2605.00001 [cs]`, `PMID: 123`."""
    for found in _NOTED.finditer(note):
        yield f"{found[1]}:{found[2]}"
