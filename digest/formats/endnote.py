"""EndNote's tagged text (`.enw`), which is refer's and BibIX's: lines of a sign of percent and a letter.

    %0 Journal Article
    %A Moreau, Ada
    %T Counting papers once
    %D 2026

Records stand apart by blank lines, or begin with %0. The letters are refer's (refer(1)) with those that EndNote added.
"""

import re
from collections.abc import Iterator
from typing import Final

from digest.formats.head import Head
from digest.formats.signs import Sign
from digest.formats.tagged import Dialect, Tagged, gathered, tagged
from digest.formats.works import Work, people, subjects
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern

NAME = "endnote"
ABOUT = "EndNote's tagged text, refer and BibIX: %0, %A, %T, %J …"
EXAMPLE = """
%0 Journal Article
%A Moreau, Ada
%A Říha, Tomás
%T Counting papers once
%J Journal of Lists
%V 7
%P 1-12
%D 2026
%R 10.1000/lists.7.1
%X We measure how reading lists change when repeated papers are counted once.
"""

_TAG: Final = pattern(r"\n\ufeff?(%[0-9A-Z@!#$&(><?+=~^*\[])(?: |(?=\n|$))")
_DIALECT: Final = Dialect(
    begins=pattern(rb"\n[ \t]{0,20}\n(?:\xef\xbb\xbf)?%[0-9A-Z] |\n(?:\xef\xbb\xbf)?%0 "),
    tag=lambda _: _TAG,
    last="",
    ends=False,
)
_FIRST: Final = pattern(r"\s*%[0A-Z] \S")
_TITLE: Final = pattern(r"^%T \S", re.MULTILINE)
_OTHER: Final = pattern(r"^%(?:0 [A-Z][a-z]|[AEJDBIPVRUX] \S)", re.MULTILINE)


def detect(head: Head) -> Sign | None:
    """It begins with a tag, and has a title and another tag."""
    text = head.text
    return Sign.CERTAIN if _FIRST.match(text) and _TITLE.search(text) and _OTHER.search(text) else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The records, in their order."""
    nothing = True
    for record in tagged(document, _DIALECT):
        nothing = False
        yield record if isinstance(record, Problem) else _listing(document.origin, record)
    if nothing:
        yield Problem(document.origin, 1, "there is no record of EndNote's in it")


_DETAILS: Final = {
    "%0": "type", "%V": "volume", "%N": "issue", "%I": "publisher", "%C": "address", "%E": "editor", "%S": "series",
    "%G": "language", "%F": "key", "%L": "call_number", "%M": "accession", "%7": "edition", "%9": "document_type",
    "%Y": "series_editor", "%?": "contributors", "%!": "short_title", "%+": "affiliations", "%Q": "translated_title",
    "%6": "volume_count", "%&": "section", "%(": "original_publication", "%*": "reviewed", "%W": "database_provider",
    "%~": "database", "%[": "accessed", "%H": "translator", "%O": "note", "%<": "research_notes",
}  # fmt: skip
_PEOPLE: Final = frozenset("%E %Y %? %H".split())


def _listing(file: str, record: Tagged) -> Listing | Problem:
    told = gathered(record.fields)
    take = told.pop
    work = Work()
    title = " ".join(take("%T", []))
    for tag in ("%J", "%B"):
        for value in take(tag, []):
            if title:
                work.tell("venue" if "venue" not in work.details else "secondary_title", value)
            else:
                title = value
    for value in take("%R", []):
        if not work.identify(value, "doi"):
            work.tell("doi", value)
    for tag, name in (("%U", ""), ("%>", "pdf")):
        for value in take(tag, []):
            for part in value.split():
                if not work.link(part, name):
                    work.tell("file", part)
    year = " ".join(take("%D", []))
    day = " ".join(take("%8", []))
    if day and not work.date(day, year):
        work.tell("date_told", day)
    if year and not work.date(year):
        work.tell("date_told", year)
    for value in take("%@", []):
        if len(re.sub(r"\D", "", value)) < 9 or not work.identify(value, "isbn"):
            work.tell("issn", value)
    for value in take("%M", []):
        if not work.identify(value):
            work.tell("accession", value)
    work.pages(" ".join(take("%P", [])))
    for value in take("%Z", []):
        work.note(value)
    authors, keywords, abstract = people(take("%A", [])), subjects(take("%K", [])), " ".join(take("%X", []))
    for tag, values in told.items():
        work.tell(_DETAILS.get(tag, tag), *(people(values).names if tag in _PEOPLE else values))
    return work.listing(
        Position(file, record.line), NAME, title=title, authors=authors, abstract=abstract, categories=keywords
    )
