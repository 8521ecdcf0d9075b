"""arXiv's metadata snapshot, as Kaggle distributes it: JSON Lines, a paper a line, in arXiv's own words.

    {"id": "2605.00001", "submitter": "Ada Moreau", "authors": "Ada Moreau and Tom\\'a\\v{s} \\v{R}\\'iha", "title": …,
     "comments": …, "journal-ref": …, "doi": …, "report-no": …, "categories": "cs.DL cs.IR", "abstract": …, …
     "versions": [{"version": "v1", "created": "Fri, 1 May 2026 17:59:59 GMT"}, …], "update_date": "2026-05-04",
     "authors_parsed": [["Moreau", "Ada", ""], …]}

Such a file has millions of lines: a stretch of them at a time is decoded into structs that have the fields which are
kept, and a line that does not fit them is read by itself. `created` is the day of the first version, `updated` that of
the last one where there are several; the day on which the metadata changed is `details.update_date`.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any, Final

from msgspec import DecodeError, Struct, field
from msgspec.json import Decoder

from digest.formats.dates import parse_date
from digest.formats.head import Head, head_of
from digest.formats.objects import Value, blocks, checked, decoded, is_lines, objects, within
from digest.formats.outlines import begun
from digest.formats.people import Team, given_family, listed, team
from digest.formats.signs import Sign
from digest.formats.values import text
from digest.identifiers import Arxiv, arxiv, doi
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern
from digest.text import one_line

NAME = "kaggle"
ABOUT = "arXiv's metadata snapshot (Kaggle): JSON Lines, a paper a line"
EXAMPLE = """\
{"id": "2605.00001", "submitter": "Ada Moreau", "authors": "Ada Moreau and Tom\\\\'a\\\\v{s} \\\\v{R}\\\\'iha",
 "title": "Counting papers once", "comments": "8 pages", "journal-ref": null, "doi": null, "report-no": null,
 "categories": "cs.DL cs.IR", "license": null, "abstract": "  We measure how reading lists change …\\n",
 "versions": [{"version": "v1", "created": "Fri, 1 May 2026 17:59:59 GMT"}], "update_date": "2026-05-04",
 "authors_parsed": [["Moreau", "Ada", ""], ["Říha", "Tomáš", ""]]}
"""
PLACES: Final = ("papers",)


class _Version(Struct, gc=False):
    created: str | None = None
    version: str | None = None


class _Paper(Struct, gc=False):
    """What a line says, but for `authors_parsed`, which says it again."""

    id: str
    title: str | None = None
    abstract: str | None = None
    authors: str | None = None
    categories: str | None = None
    versions: list[_Version] = field(default_factory=list)
    update_date: str | None = None
    submitter: str | None = None
    comments: str | None = None
    doi: str | None = None
    license: str | None = None
    journal: str | None = field(default=None, name="journal-ref")
    report: str | None = field(default=None, name="report-no")


def detect(head: Head) -> Sign | None:
    """Names of keys that are arXiv's own: no other source parses authors so, or has journal-ref beside report-no."""
    for record in begun(head, *PLACES):
        keys = record.keys()
        if "id" in keys and (
            {"authors_parsed", "categories"} <= keys
            or {"journal-ref", "report-no"} <= keys
            or {"update_date", "categories", "abstract"} <= keys
            or ({"versions", "submitter"} <= keys and "abstract" in keys)
        ):
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The papers, in their order; one that is no JSON, or has no id or title, is a Problem with its line."""
    file = document.origin
    if not is_lines(head_of(document)):
        for found in objects(document, *PLACES):
            yield found if isinstance(found, Problem) else _of_object(file, found.line, found.value)
        return
    whole = Decoder(_Paper).decode_lines
    number = 1
    for block in blocks(document):
        if isinstance(block, Problem):
            yield block._replace(line=number)
            number += 1
            continue
        lines = block.count(b"\n") + (not block.endswith(b"\n"))
        try:
            papers = whole(block)
        except (DecodeError, UnicodeDecodeError, RecursionError):
            papers = []
        if len(papers) == lines:
            for line, paper in enumerate(papers, number):
                yield _listing(file, line, paper)
        else:
            yield from _one_by_one(file, number, block)
        number += lines


def _one_by_one(file: str, number: int, block: bytes) -> Iterator[Listing | Problem]:
    """The same of lines of which one is blank, broken, or of other types."""
    for line, data in enumerate(block.removesuffix(b"\n").split(b"\n"), number):
        if not data or data.isspace():
            continue
        value = decoded(data)
        if isinstance(value, Problem):
            yield value._replace(file=file, line=line)
        elif isinstance(value, dict):
            for one in within(value, PLACES):
                yield _of_object(file, line, one)
        else:
            yield Problem(file, line, "a line that is no JSON object")


def _of_object(file: str, line: int, value: Value) -> Listing | Problem:
    """Of a record whose values may be of any type."""
    told: dict[str, Any] = {name: _text(value.get(key)) or None for name, key in _KEYS.items()}
    versions = value.get("versions")
    if isinstance(versions, list):
        told["versions"] = [
            _Version(text(one.get("created")), text(one.get("version")))
            if isinstance(one, dict)
            else _Version(None, text(one))
            for one in versions
        ]
    told["id"] = told["id"] or ""
    listing = _listing(file, line, _Paper(**told))
    if isinstance(listing, Listing) and not listing.authors:
        return _with_parsed(listing, value)
    return listing


_KEYS: Final = {
    **{
        name: name for name in "id title abstract authors categories update_date submitter comments doi license".split()
    },
    "journal": "journal-ref",
    "report": "report-no",
}


def _text(value: Any) -> str:
    """A list (of categories, of authors) as one text."""
    return " ".join(filter(None, map(text, value))) if isinstance(value, list) else text(value)


def _with_parsed(listing: Listing, value: Value) -> Listing:
    from dataclasses import replace

    names = [
        given_family(*(text(part) for part in (*one[1:2], *[""] * (len(one) < 2), one[0], *one[2:3])))
        for one in value.get("authors_parsed") or ()
        if isinstance(one, list) and one
    ]
    found = team(names)
    return replace(listing, authors=found.names, authors_truncated=found.truncated)


_MODERN: Final = pattern(r"\d\d(?:0[1-9]|1[0-2])\.\d{4,5}")
"""Such an id is in its one spelling already."""


def _listing(file: str, line: int, paper: _Paper) -> Listing | Problem:
    found = Arxiv(paper.id) if _MODERN.fullmatch(paper.id) else arxiv(paper.id)
    if not found:
        return Problem(file, line, f"a record without an arXiv id: '{one_line(paper.id)[:60]}'")
    ids = {"arxiv": found.id}
    if paper.doi and (known := doi(paper.doi.split()[0] if paper.doi.strip() else "")):
        ids["doi"] = known
    people = listed(one_line(paper.authors)) if paper.authors else Team()
    days = [day for one in paper.versions if (day := _day((one.created or "")[:16]))]
    last = paper.versions[-1].version if paper.versions else None
    return checked(
        Listing(
            position=Position(file, line),
            format=NAME,
            ids=ids,
            version=_number(last) if last else found.version,
            title=one_line(paper.title) or None if paper.title else None,
            authors=people.names,
            authors_truncated=people.truncated,
            author_count=people.total,
            abstract=one_line(paper.abstract) or None if paper.abstract else None,
            comments=one_line(paper.comments) or None if paper.comments else None,
            categories=tuple(paper.categories.split()) if paper.categories else (),
            created=days[0] if days else None,
            updated=days[-1] if len(days) > 1 else None,
            details=_details(paper),
        )
    )


def _details(paper: _Paper) -> dict[str, str]:
    details: dict[str, str] = {}
    if paper.journal:
        details["venue"] = one_line(paper.journal)
    if paper.report:
        details["report"] = one_line(paper.report)
    if paper.license:
        details["license"] = one_line(paper.license)
    if paper.submitter:
        details["submitter"] = one_line(paper.submitter)
    if paper.update_date:
        details["update_date"] = one_line(paper.update_date)
    return details


@lru_cache(maxsize=1 << 14)
def _day(told: str) -> date | None:
    """Of `Mon, 11 Jan 2021` and what may stand behind it: all papers are of some thousand days."""
    return parse_date(told)


@lru_cache(maxsize=256)
def _number(told: str) -> int | None:
    digits = told.removeprefix("v")
    return int(digits) if digits.isdecimal() and len(digits) < 4 else None
