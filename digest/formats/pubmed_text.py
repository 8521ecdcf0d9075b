"""What PubMed saves as "Abstract (text)" and as "Summary (text)":

    1. J Small Results. 2026 May 1;10(2):1-9. doi:          1: Moreau A, Říha T. Counting papers once. J Small
    10.1000/jsr.1. Epub 2026 Apr 2.                         Results. 2026 May 1;10(2):1-9. doi: 10.1000/jsr.1.
                                                            PMID: 12345678; PMCID: PMC1234567.
    Counting papers once.

    Moreau A(1), Říha T(1)(2).

    Author information:
    (1)University of Lists, Listopolis.

    BACKGROUND: Lists are long …

    DOI: 10.1000/jsr.1
    PMCID: PMC1234567
    PMID: 12345678 [Indexed for MEDLINE]

Records begin with their number, counted up; paragraphs are apart by blank lines, and wrapped.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Final

from digest.formats.dates import of_parts
from digest.formats.head import Head
from digest.formats.lines import LONGEST_LINE, Line, Lines
from digest.formats.people import Team, is_company, name, team, vancouver
from digest.formats.signs import Sign
from digest.identifiers import doi
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern
from digest.text import one_line

NAME = "pubmed_text"
ABOUT = 'PubMed\'s "Abstract (text)" and "Summary (text)"'
EXAMPLE = """\
1. J Small Results. 2026 May 1;10(2):1-9. doi: 10.1000/jsr.1.

Counting papers once.

Moreau A(1), Říha T(1).

Author information:
(1)University of Lists, Listopolis.

We measure how reading lists change when repeated papers are counted once …

DOI: 10.1000/jsr.1
PMID: 12345678 [Indexed for MEDLINE]
"""

MOST_LINES: Final = 3000
"""No record has more."""

_BEGINS: Final = pattern(r"(?P<number>\d{1,6})(?P<mark>[.:]) (?=\S)")
_YEAR: Final = r"(?:1[89]|20)\d\d"
_DATE: Final = pattern(
    rf"(?P<venue>.{{2,300}}?)\.\s+(?P<year>{_YEAR})"
    r"(?:[ ](?P<month>[A-Z][a-z]{2})(?:[-/][A-Z][a-z]{2})?(?:[ ](?P<day>\d{1,2}))?(?![\d-]))?(?P<rest>.*)"
)
_PLACE: Final = pattern(
    r"[^;:]{0,40};\s*(?P<volume>[^:(;]{1,40}?)?\s*(?:\((?P<issue>[^)]{1,40})\))?\s*"
    r"(?::\s*(?P<pages>[\w.+-]+(?:, ?[\w-]+)*?))?\.(?:\s|$)"
)
_DOI: Final = pattern(r"\bdoi:\s*(10\.\S+)", re.IGNORECASE)
_ID: Final = pattern(r"\b(PMID|PMCID|DOI):\s*(\S+)")
_SUMMARY: Final = pattern(
    r"(?P<authors>.{2,20000}?)\.\s+(?P<title>\S.{2,2000}?[.?!])\]?\s+"
    rf"(?P<rest>[^.?!]{{2,200}}(?:\([^)]{{1,100}}\))?\.\s+{_YEAR}\b.*)"
)
_AUTHORS: Final = pattern(r"\((?:\d{1,3}|#|\*)\)|\[\d{1,3}\]")
_ASIDE: Final = pattern(
    r"(?P<name>Comments? (?:in|on)|Erratum (?:in|for)|Update (?:in|of)|Republished (?:in|from)|"
    r"Corrected and republished|Retraction (?:in|of)|Retracted and republished|Summary for patients|Collaborators|"
    r"Expression of concern|"
    r"Original report|Conflict of interest statement|Publisher|Author information|Reprint (?:in|of)|"
    r"Plain language summary)\b[^:\n]{0,40}[:\n](?P<value>.*)",
    re.DOTALL,
)
_RIGHTS: Final = pattern(r"(?:Copyright\b|©|\(c\) |Published by |This article is a U)", re.IGNORECASE)
_LANGUAGE: Final = pattern(r"\[Article in ([A-Za-z, ]+)[\];]")


def detect(head: Head) -> Sign | None:
    """A number, a journal and a year at the head of a record, and its PMID on a line of its own, or in its summary."""
    text = head.text
    if "PMID: " not in text:
        return None
    for found in islice(_NUMBERED.finditer(text), 50):
        told = text[found.end() : found.end() + 40_000]
        if re.search(_YEAR, told[:800]) and (_FOOT.search(told) if found[1] == "." else "PMID: " in told[:3000]):
            return Sign.CERTAIN
    return None


_NUMBERED: Final = pattern(r"(?:\A|\n[ \t]*\n)\s{0,20}\d{1,6}([.:]) (?=\S)")
_FOOT: Final = pattern(r"^PMID: \d+", re.MULTILINE)


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The records, in their order. Raises SourceError or OSError."""
    with Lines(document) as lines:
        record: list[Line] = []
        number, blank, long = 0, True, False
        nothing = True
        while line := lines.take():
            while lines.oversize and lines.oversize[0] <= line.number:
                record = []
                what = f"a line of more than {LONGEST_LINE >> 10} kB: the record it belongs to was left out"
                yield Problem(document.origin, lines.oversize.popleft(), what)
            found = _BEGINS.match(line.text) if blank else None
            if found and int(found["number"]) > number and _is_citation(line, lines):
                yield from _read(document.origin, record, long=long)
                record, number, long = [line], int(found["number"]), False
                nothing = False
            elif not record and _FOOT.match(line.text):
                nothing = False
                yield Problem(document.origin, line.number, f"a record without its head: '{line.text[:60]}'")
            elif record:
                long = long or len(record) >= MOST_LINES
                record += [] if long else [line]
            blank = line.blank
        yield from _read(document.origin, record, long=long)
        if nothing:
            yield Problem(document.origin, None, "looks like PubMed's text, and no record of it can be read")


def _is_citation(line: Line, lines: Lines) -> bool:
    """Whether a journal's name and a year follow the number, on this line or those that it is wrapped to."""
    if line.text.find(": ") in range(7):
        return True
    text = line.text
    for one in lines.peek(4):
        if one.blank:
            break
        text = f"{text} {one.text.strip()}"
    return bool(_DATE.match(text[text.index(" ") + 1 :]))


def _read(file: str, record: list[Line], *, long: bool) -> Iterator[Listing | Problem]:
    if not record:
        return
    line = record[0].number
    if long:
        yield Problem(file, line, f"a record of more than {MOST_LINES} lines: it was left out")
        return
    paragraphs = [""]
    for one in record:
        if one.blank:
            paragraphs.append("")
        else:
            paragraphs[-1] += f"{one.text.strip()}\n"
    told = [text.strip() for text in paragraphs if text.strip()]
    first = told[0][_first(told[0]) :]
    summary = _BEGINS.match(told[0])
    listing = _brief(file, line, told) if summary and summary["mark"] == ":" else _full(file, line, first, told[1:])
    yield listing
    for one in [one for one in record if _FOOT.match(one.text)][1:]:
        yield Problem(file, one.number, f"a record without its head: '{one.text[:60]}'")


def _first(text: str) -> int:
    found = _BEGINS.match(text)
    return found.end() if found else 0


def _brief(file: str, line: int, told: list[str]) -> Listing | Problem:
    text = one_line(" ".join(told))
    text = text[_first(text) :]
    found = _SUMMARY.match(text[:30_000])
    if not found:
        return Problem(file, line, f"a record that cannot be told apart: '{text[:60]}'")
    cited = _cited(one_line(found["rest"]))
    ids = cited[0] | _ids(found["rest"])
    title = found["title"].strip().strip("[]").rstrip(".")
    people = _people(found["authors"])
    return _made(file, line, ids, title, people, "", cited)


def _full(file: str, line: int, citation: str, told: list[str]) -> Listing | Problem:
    cited = _cited(one_line(citation))
    details = cited[3]
    title, people = "", Team()
    ids: dict[str, str] = dict(cited[0])
    abstract: list[str] = []
    for text in told:
        whole = one_line(text)
        if re.match(r"(?:DOI|PMCID|PMID): ", text):
            ids |= _ids(whole)
            if "[" in whole:
                details.setdefault("status", whole.rpartition("[")[2].rstrip("] "))
        elif language := _LANGUAGE.match(whole):
            details.setdefault("language", language[1])
        elif aside := _ASIDE.match(text):
            key = "_".join(aside["name"].lower().split())
            key = {"author_information": "affiliations", "conflict_of_interest_statement": "conflict_of_interest"}.get(
                key, key
            )
            details.setdefault(key, one_line(aside["value"]))
        elif not title:
            title = whole
        elif not people.names and not abstract and (found := _people(whole)).names:
            people = found
        elif _RIGHTS.match(whole) and abstract:
            details.setdefault("copyright", whole)
        else:
            abstract.append(whole)
    if not title:
        return Problem(file, line, f"a record without a title: '{one_line(citation)[:60]}'")
    if "pmid" not in ids:
        return Problem(file, line, f"a record that breaks off before its PMID: '{title[:60]}'")
    if title.startswith("[") and title.rstrip(".").endswith("]"):
        title = title.rstrip(".")[1:-1]
    return _made(file, line, ids, title.rstrip().removesuffix("."), people, " ".join(abstract), cited)


_Cited = tuple[dict[str, str], date | None, str, dict[str, str]]


def _cited(text: str) -> _Cited:
    """What a citation says: the DOI, the day, or the part of it that is told, and where the paper stands."""
    found = _DATE.match(text[:3000])
    details: dict[str, str] = {}
    told = _DOI.search(text)
    number = doi(told[1].rstrip(".;")) if told else None
    ids = {"doi": number} if number else {}
    if not found:
        return ids, None, "", details
    day, part = of_parts(found["year"], found["month"], found["day"])
    details["venue"] = found["venue"]
    if place := _PLACE.match(found["rest"]):
        details |= {key: value.strip() for key, value in place.groupdict().items() if value and value.strip()}
    if early := re.search(rf"\bEpub ({_YEAR}[^.]{{0,20}})", found["rest"]):
        details["epub"] = early[1]
    if "Online ahead of print" in found["rest"]:
        details["status"] = "Online ahead of print"
    return ids, day, part, details


def _ids(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for scheme, value in _ID.findall(text):
        bare = value.rstrip(".;,")
        if scheme == "DOI":
            if number := doi(bare):
                found["doi"] = number
        elif scheme == "PMID" and bare.isdecimal():
            found["pmid"] = bare
        elif scheme == "PMCID" and re.fullmatch(r"PMC\d+", bare):
            found["pmcid"] = bare
    return found


def _people(text: str) -> Team:
    """The authors, each with marks of affiliations behind; nobody where a part is no such name."""
    bare = _AUTHORS.sub("", text).strip().rstrip(".").replace("; ", ", ")
    parts = [part.strip() for part in bare.split(", ") if part.strip()]
    if not parts or not all(
        _MEDLINE.fullmatch(part) or is_company(part) or part.lower() in ("et al", "...") for part in parts
    ):
        return Team()
    return team(
        vancouver(part) if _MEDLINE.fullmatch(part) else (part if part.lower() == "et al" else name(part))
        for part in parts
    )


_MEDLINE: Final = pattern(r"[^\W\d_][\w'’´ -]{0,60} (?:[A-ZÀ-Þ]-?){1,4}(?: (?:Jr|Sr|2nd|3rd|II|III|IV))?")


def _made(
    file: str, line: int, ids: dict[str, str], title: str, people: Team, abstract: str, cited: _Cited
) -> Listing | Problem:
    _, day, part, details = cited
    if part:
        details = {**details, "date": part}
    return Listing(
        position=Position(file, line),
        format=NAME,
        ids=ids,
        title=title,
        authors=people.names,
        authors_truncated=people.truncated,
        abstract=abstract or None,
        published=day,
        details=details,
    )
