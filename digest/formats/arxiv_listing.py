r"""arXiv's announcements as text: the daily mail, and the listings that it is made of.

    ------------------------------------------------------------------------------
    \\
    arXiv:2605.00001 (*cross-listing*)
    Date: Fri, 1 May 2026 17:59:59 GMT   (243kb,D)

    Title: Counting papers once, and what a title that is longer than a line
      looks like
    Authors: Ada Moreau and Tomás Říha
    Categories: cs.DL cs.IR
    Comments: 8 pages, 3 figures
    \\
      We measure how reading lists change …
    \\ ( https://arxiv.org/abs/2605.00001 ,  243kb)

Records stand between lines of dashes; a replaced paper has no abstract, and says when it was revised. Before 2007 a
record began with `Paper: hep-th/9901001` and told every revision's date. The file is cut into records as bytes; one of
them is held at a time.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final

from digest.formats.dates import parse_date
from digest.formats.head import Head
from digest.formats.people import listed
from digest.formats.records import Record, records
from digest.formats.signs import Sign
from digest.identifiers import arxiv
from digest.model import Document, Kind, Listing, Position, Problem
from digest.patterns import pattern
from digest.text import one_line

NAME = "arxiv_listing"
ABOUT = "arXiv's daily mail and listings as text: records between \\\\ and lines of dashes"
EXAMPLE = r"""
\\
arXiv:2605.00001
Date: Fri, 1 May 2026 17:59:59 GMT   (243kb,D)

Title: Counting papers once
Authors: Ada Moreau and Tomás Říha
Categories: cs.DL cs.IR
Comments: 8 pages, 3 figures
\\
  We measure how reading lists change when repeated papers are counted once …
\\ ( https://arxiv.org/abs/2605.00001 ,  243kb)
------------------------------------------------------------------------------
"""

_RULE: Final = b"----------"
"""A line that begins so stands between two records."""

_BEGINS: Final = pattern(r"^\\\\\n(?:arXiv:|Paper[ :])", re.MULTILINE)


def detect(head: Head) -> Sign | None:
    """A line of two backslashes above an arXiv id is nowhere else; two such lines around fields may be a record."""
    if _BEGINS.search(head.text):
        return Sign.CERTAIN
    if "\n\\\\\n" in head.text and "\nTitle: " in head.text and "\nAuthors: " in head.text:
        return Sign.LIKELY
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The records, in their order; what is around them (the mail's head, its sections, its foot) lists nothing."""
    nothing = True
    for record in records(document, _RULE):
        for item in _told(document.origin, record):
            nothing = False
            yield item
    if nothing:
        yield Problem(document.origin, None, "looks like an announcement of arXiv's, and no record of it can be read")


def _told(file: str, record: Record | Problem) -> Iterator[Listing | Problem]:
    if isinstance(record, Problem):
        yield record
        return
    text = record.text
    begin = 0 if text.startswith("\\\\\n") else text.find("\n\\\\\n") + 1
    if not begin and not text.startswith("\\\\\n"):
        if found := _LOST.search(text):
            line = record.line + text.count("\n", 0, found.start())
            yield Problem(file, line, f"a record without \\\\ before it: '{found[0][:60]}'")
        return
    while begin >= 0:
        # Where the line of dashes is missing, the next record stands behind this one.
        end = text.find("\n\\\\\narXiv:", begin + 3)
        line = record.line + (text.count("\n", 0, begin) if begin else 0)
        if item := _listing(file, line, text[begin + 3 : end if end >= 0 else None]):
            yield item
        begin = end + 1 if end >= 0 else -1


_LOST: Final = pattern(r"^(?:arXiv:\d|Title: ).*$", re.MULTILINE)

_TITLE: Final = pattern(r"^Title:", re.MULTILINE)
_FIRST: Final = pattern(r"(?:arXiv:|Paper\b(?P<old>[^:\n]*):)[ \t]*(?P<id>[^\s(]+)[ \t]*(?P<more>[^\n]*)")
_FIELD: Final = pattern(
    r"^([A-Za-z][A-Za-z-]*)(?: \(([^)\n]*)\))?[ \t]*:[ \t]*([^\n]*(?:\n[ \t]+[^\n]*)*)", re.MULTILINE
)
_REVISED: Final = pattern(r"^replaced with revised version ([^\n(]*)(?:\(([^)\n]*)\))?", re.MULTILINE)
_KEPT: Final = {
    "journal-ref": "venue",
    "report-no": "report",
    "msc-class": "msc",
    "acm-class": "acm",
    "subj-class": "subjects",
    "license": "license",
    "proxy": "proxy",
    "from": "submitter",
}
"""What goes into a listing's details, and under which name."""


def _listing(file: str, line: int, text: str) -> Listing | Problem | None:
    """One record, from behind its first line on; None for what is none."""
    ends = text.find("\n\\\\")
    head, tail = (text, "") if ends < 0 else (text[:ends], text[ends + 3 :])
    first = _FIRST.match(head)
    found = arxiv(first["id"]) if first else None
    if not first or not found:
        if not _TITLE.search(head) and not first:
            return None  # a heading: /* Fri, 3 Mar 2023 */
        what = head.partition("\n")[0][:60]
        return Problem(file, line, f"a record without an arXiv id: '{what}'")
    crossed = "cross" in first["more"] or "cross" in (first["old"] or "")
    revised = _REVISED.search(head) if "\nreplaced " in head else None
    told, details, dates, size = _fields(head, first.end())
    if revised:
        dates.append(_day(revised[1].strip()[:16]))
        size = revised[2] or size
    if not told.get("title"):
        return Problem(file, line, f"arXiv:{found.id}: the record has no title")
    if size:
        details["size"] = size
    kind: Kind = "replaced" if revised else "cross-list" if crossed else "new"
    doi = told.get("doi", "").strip().lower()
    team = listed(one_line(told.get("authors", "")))
    abstract, link = _abstract(tail)
    days = [day for day in dates if day]
    return Listing(
        position=Position(file, line),
        format=NAME,
        ids={"arxiv": found.id, "doi": doi} if doi else {"arxiv": found.id},
        version=found.version,
        title=one_line(told["title"]),
        authors=team.names,
        authors_truncated=team.truncated,
        author_count=team.total,
        abstract=abstract or None,
        comments=one_line(told.get("comments", "")) or None,
        categories=tuple(told.get("categories", "").split()),
        created=None if revised or not days else days[0],
        updated=days[-1] if days and (revised or len(days) > 1) else None,
        links={"abs": link} if link else {},
        kind=kind,
        details=details,
    )


def _fields(head: str, past: int) -> tuple[dict[str, str], dict[str, str], list[date | None], str]:
    """The fields by name, what of them is kept as details, the dates in their order, and the size."""
    told: dict[str, str] = {}
    details: dict[str, str] = {}
    dates: list[date | None] = []
    size = ""
    for name, _, value in _FIELD.findall(head, past):
        low = name.lower()
        if low == "date":
            dates.append(_day(value[:16]))
            size = size or value.partition("(")[2].partition(")")[0]
        elif kept := _KEPT.get(low):
            details.setdefault(kept, one_line(value))
        else:
            told.setdefault(low, value)
    return told, details, dates, size


def _abstract(tail: str) -> tuple[str, str]:
    r"""The abstract, and the address on the line `\\ (https://…)` that closes the record; `tail` is what stands behind
    the line `\\` that closes the fields, or behind the backslashes of the closing line itself.
    """
    if tail.startswith(" ("):
        return "", _link(tail)
    close = tail.find("\n\\\\")
    if close >= 0:
        return one_line(tail[:close]), _link(tail[close + 3 :])
    # A record that was cut off before its last line; signs of percent stand between the mail's sections.
    return one_line(tail.partition("\n%")[0]), ""


def _link(text: str) -> str:
    found = _LINK.match(text)
    return found[1] if found else ""


_LINK: Final = pattern(r" \(\s*(https?://[^\s,)]+)")


@lru_cache(maxsize=256)
def _day(text: str) -> date | None:
    """Of `Fri, 12 Jul 2019`, and what may stand behind it; most records of a file are of a few days."""
    return parse_date(text)
