"""RIS, which reference managers and publishers exchange: lines of a tag of two characters, two spaces, a hyphen.

    TY  - JOUR
    AU  - Moreau, Ada
    TI  - Counting papers once
    PY  - 2026/05/01/
    ER  -

Read by Reference Manager's specification (2011) and the older one (2001), which share most tags, in the dialects of
EndNote (keywords on lines of one KW), Zotero, Scopus, the Web of Science (lone carriage returns between fields, dates
without a year), IEEE, and ours. A record without TY or without ER before the next one is read too.
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
from digest.text import one_line

NAME = "ris"
ABOUT = "RIS: TY, TI, AU, PY … ER, from reference managers, Scopus and others"
EXAMPLE = """
TY  - JOUR
AU  - Moreau, Ada
AU  - Říha, Tomás
TI  - Counting papers once
JO  - Journal of Lists
PY  - 2026/05/01/
DO  - 10.1000/lists.7.1
AB  - We measure how reading lists change when repeated papers are counted once.
ER  -
"""

_STRICT: Final = pattern(r"\n\ufeff?([A-Z][A-Z0-9])  -(?= |\n|$)")
_LOOSE: Final = pattern(r"\n\ufeff?[ \t]{0,8}([A-Z][A-Z0-9])[ \t]{0,3}-(?=\s|$)")
_BEGINS: Final = pattern(rb"\n(?:\xef\xbb\xbf)?[ \t]{0,8}TY[ \t]{0,3}-")
_TYPED: Final = pattern(r"^\ufeff?[ \t]{0,8}TY[ \t]{0,3}-[ \t]*[A-Za-z]{3,20}[ \t]*$", re.MULTILINE)
_TAGS: Final = pattern(
    r"^[ \t]{0,8}(?:TI|T1|CT|BT|AU|A1|AB|N2|JO|T2|PY|Y1|ER|ID|DO|KW)[ \t]{0,3}-(?:[ \t]|$)", re.MULTILINE
)


def _tag(text: str) -> re.Pattern[str]:
    """Two spaces before the hyphen, unless the record's own TY has others; what goes on may begin like a looser tag."""
    return _STRICT if _STRICT.match("\n" + text) or not _LOOSE.match("\n" + text) else _LOOSE


_DIALECT: Final = Dialect(begins=_BEGINS, tag=_tag, last="ER", ends=True)


def detect(head: Head) -> Sign | None:
    """A type of reference, and another of the tags that most records have."""
    return Sign.CERTAIN if _TYPED.search(head.text) and _TAGS.search(head.text) else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The records, in their order; what stands around them lists nothing."""
    nothing = True
    for record in tagged(document, _DIALECT):
        nothing = False
        yield record if isinstance(record, Problem) else _listing(document.origin, record)
    if nothing:
        yield Problem(document.origin, 1, "there is no record of RIS in it")


_TITLES: Final = ("TI", "T1", "CT")
_VENUES: Final = ("JF", "T2", "JO", "BT", "JA", "J2", "J1", "JI", "J9")
_DETAILS: Final = {
    "VL": "volume", "VO": "volume", "IS": "issue", "CP": "issue", "PB": "publisher", "PU": "publisher",
    "LA": "language", "ET": "edition", "T3": "series", "CY": "address", "PP": "address", "AD": "affiliations",
    "ED": "editor", "A2": "editor", "A3": "series_editor", "A4": "contributors", "ID": "key", "LB": "label",
    "DB": "database", "DP": "database_provider", "AN": "accession", "TT": "translated_title", "ST": "short_title",
    "M3": "document_type", "Y2": "accessed", "SE": "section", "FU": "funding", "FX": "funding_text",
    "C7": "article_number",
    "PI": "publisher_city", "PA": "publisher_address", "WE": "index",
}  # fmt: skip
_PEOPLE: Final = frozenset("ED A2 A3 A4".split())
_LINKS: Final = {"UR": "", "LK": "", "L1": "pdf", "L2": "html", "L3": "", "L4": "image"}
_DATES: Final = ("DA", "PY", "Y1")
_BOOKS: Final = frozenset("BOOK EBOOK EDBOOK CHAP ECHAP CONF CPAPER SER RPRT THES".split())


def _listing(file: str, record: Tagged) -> Listing | Problem:
    told = gathered(record.fields)
    kind = _first(told.pop("TY", []))
    told.pop("ER", None)
    work = Work()
    work.tell("type", kind)
    title = next((text for tag in _TITLES for text in told.pop(tag, [])), "")
    if not title:
        # Of a book BT is the title; of what is in one it is the book's.
        title = _first(told.get("BT", [])) or (_first(told.get("T2", [])) if kind in _BOOKS else "")
        told = {tag: values for tag, values in told.items() if title not in values}
    abstract = next((text for tag in ("AB", "N2") for text in told.pop(tag, [])), "")
    authors = people([*told.pop("AU", []), *told.pop("A1", [])])
    _venue(work, told)
    _dates(work, told)
    _ids(work, told, kind)
    keywords = subjects(told.pop("KW", []))
    comments = _notes(work, told.pop("N1", []))
    work.pages(_first(told.pop("SP", [])), _first(told.pop("EP", [])))
    for tag, values in told.items():
        if tag != "ST" or values != [title]:
            work.tell(_DETAILS.get(tag) or tag.lower(), *(people(values).names if tag in _PEOPLE else values))
    return work.listing(
        Position(file, record.line),
        NAME,
        title=title,
        authors=authors,
        abstract=abstract,
        comments=comments,
        categories=keywords,
    )


def _first(values: list[str]) -> str:
    return values[0] if values else ""


def _venue(work: Work, told: dict[str, list[str]]) -> None:
    """The fullest name of where it appeared; shorter ones beside it."""
    for tag in _VENUES:
        if name := one_line(_first(told.pop(tag, []))):
            if "venue" not in work.details:
                work.tell("venue", name)
            elif name.lower() != work.details["venue"].lower():
                work.tell("secondary_title" if tag in ("T2", "BT") else "venue_short", name)


def _dates(work: Work, told: dict[str, list[str]]) -> None:
    """DA, which may be a day alone, PY and Y1, which may have more than the year."""
    values = [(tag, value) for tag in _DATES for value in told.pop(tag, [])]
    years = " ".join(value for tag, value in values if tag != "DA")
    for tag, value in values:
        if not work.date(value, years if tag == "DA" else "") or (tag == "DA" and _SEASON.search(value)):
            work.tell("date_told", value)


_SEASON: Final = pattern(r"\b(?:spr|sum|fal|aut|win|[a-z]{3}\s*[-/]\s*[a-z]{3})", re.IGNORECASE)


def _ids(work: Work, told: dict[str, list[str]], kind: str) -> None:
    for tag in ("DO", "DI"):
        for value in told.pop(tag, []):
            if not work.identify(value, "doi"):
                work.tell("doi", value)
    for tag, name in _LINKS.items():
        for value in told.pop(tag, []):
            for part in value.split():
                if not work.link(part, name):
                    work.tell("url" if tag == "UR" else "file", part)
    for value in told.pop("SN", []):
        _numbers(work, value, kind)
    # EndNote had no place for DOIs once, and has none for PubMed Central.
    for tag in ("M3", "M1", "C2"):
        told[tag] = [value for value in told.get(tag, []) if not _named(work, value)]
    if any("scopus" in value.lower() for value in told.get("DB", [])):
        # Scopus has numbers of PubMed there.
        told["C2"] = [value for value in told["C2"] if not (value.isdecimal() and work.identify(value, "pmid"))]
    at_pubmed = any(_PUBMED.search(value) for tag in ("DB", "DP") for value in told.get(tag, []))
    for value in told.get("AN", []):
        if not _named(work, value) and at_pubmed and value.isdecimal():
            work.identify(value, "pmid")


def _named(work: Work, value: str) -> bool:
    return not value.isdecimal() and work.identify(value)


def _numbers(work: Work, value: str, kind: str) -> None:
    """Numbers of series and books: `0964-6906 (Print)`, `20762615 (ISSN)`, `978-3-16-148410-0 (ISBN)`, or several."""
    issns, isbns = _ISSN.findall(value), _ISBN.findall(value)
    for number in isbns:
        if not work.identify(number, "isbn"):
            work.tell("isbn", number)
    work.tell("isbn" if kind in _BOOKS and not isbns else "issn", *(issns or ([] if isbns else [value])))


_ISSN: Final = pattern(r"(?<![\dXx-])\d{4}-?\d{3}[\dXx](?![\dXx-])")
_ISBN: Final = pattern(r"(?<![\dXx-])(?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx](?![\dXx-])")
_PUBMED: Final = pattern(r"\b(?:pubmed|medline|nlm)\b", re.IGNORECASE)


def _notes(work: Work, notes: list[str]) -> str:
    """What is noted; the authors' own comments come back, where a note says that it is that."""
    comments = ""
    for note in notes:
        if note.startswith("Comments: "):
            comments = note.removeprefix("Comments: ")
        else:
            work.note(note)
    return comments
