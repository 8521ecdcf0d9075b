"""arXiv's pages as text, as they are copied out of a browser: lists, results of a search, a paper's own page.

    [1] arXiv:2605.00001 [pdf, html, other]          1. arXiv:2605.00001 [pdf, other]  cs.DL
    Title: Counting papers once                      Counting papers once
    Ada Moreau, Tomás Říha                           Authors: Ada Moreau, Tomás Říha
    Comments: 8 pages                                Abstract: We measure … ▽ More
    Subjects: Digital Libraries (cs.DL)              Submitted 1 May, 2026; originally announced May 2026.
    We measure how reading lists change …

    arXiv:2605.00001 (cs)
    [Submitted on 1 May 2026 (v1), last revised 4 May 2026 (this version, v2)]
    Title:Counting papers once
    Authors:Ada Moreau, Tomás Říha
    Abstract:We measure …

A paper begins at its id, which stands with the names of its forms in brackets, or above the day of its submission.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from digest.formats.dates import parse_date
from digest.formats.head import Head
from digest.formats.lines import LONGEST_LINE, Line, Lines
from digest.formats.people import listed
from digest.formats.signs import Sign
from digest.identifiers import ARXIV, arxiv, doi
from digest.model import Document, Kind, Listing, Position, Problem
from digest.patterns import pattern
from digest.text import one_line

NAME = "arxiv_page"
ABOUT = "arXiv's lists, search results and papers' pages as text out of a browser"
EXAMPLE = """\
[1] arXiv:2605.00001 [pdf, html, other]
Title: Counting papers once
Ada Moreau, Tomás Říha
Comments: 8 pages, 3 figures
Subjects: Digital Libraries (cs.DL); Information Retrieval (cs.IR)

We measure how reading lists change when repeated papers are counted once …
"""

MOST_LINES: Final = 500
"""No paper has more."""

_BEGINS: Final = pattern(
    rf"\s*(?:\[?\d{{1,6}}[\].]\s*)?arXiv:\s?(?P<id>{ARXIV})(?:v(?P<version>\d{{1,2}}))?\s*(?:\((?P<aside>[^()]{{1,60}})\))?\s*"
    r"(?P<forms>\[[^\[\]]{0,60}\b(?:pdf|ps|html|other|format)\b[^\[\]]{0,60}\])?(?P<rest>.*)$",
    re.IGNORECASE,
)
_SUBMITTED_ON: Final = pattern(r"\s*\[?\s*Submitted on (?P<created>\d{1,2} \w{3,9} \d{4})(?P<rest>.*)")
_REVISED: Final = pattern(r"(?:last )?revised (?P<day>\d{1,2} \w{3,9} \d{4}).*?\bv(?P<version>\d{1,2})\b")
_SUBMITTED: Final = pattern(
    r"\s*Submitted\s+(?P<last>\d{1,2} \w{3,9},? \d{4})(?:;\s*v1 submitted (?P<first>\d{1,2} \w{3,9},? \d{4}))?"
    r"(?:;\s*originally announced (?P<announced>\w{3,9} \d{4}))?"
)
_LABEL: Final = pattern(
    r"\s*(?P<name>Title|Authors?|Abstract|Comments?|Subjects?|Journal[- ]ref(?:erence)?|(?:Related )?DOI|"
    r"MSC[- ]class(?:es)?|ACM[- ]class(?:es)?|Report[- ]n(?:o|umber)|Cite as|From)\s*:\s*(?P<value>.*)$",
    re.IGNORECASE,
)
_ENDS: Final = pattern(
    r"\s*(?:Total of \d+|Submission history|Full-text links|Access Paper|Current browse context|Bookmark|Showing up to|"
    r"\[?\s*showing \d+|About\s*$|Help\s*$|Search v\d|References & Citations|Bibliographic Tools|"
    r"Which authors of this paper|Show all abstracts|Links to:|Disable MathJax)",
    re.IGNORECASE,
)
_FURNITURE: Final = pattern(
    r"\s*(?:View (?:a )?PDF\b|HTML \(experimental\)|TeX Source|Other Formats?|Download(?: a)? PDF|"
    r"Focus to learn more|\(or arXiv:|View recent changes|Learn more)",
    re.IGNORECASE,
)
"""What stands between the parts of a paper's page."""
_SECTION: Final = pattern(
    r"\s*(?P<kind>New|Cross|Replacement)[ -](?:submissions?|lists?|listings?)\b[^.]{0,60}$", re.IGNORECASE
)
_DAY: Final = pattern(
    r"\s*(?:Showing new listings for )?(?P<day>(?:[A-Z][a-z]+, )?\d{1,2} [A-Z][a-z]{2,8} \d{4})\s*(?:\(.{0,60}\))?\s*$"
)
_KINDS: Final[dict[str, Kind]] = {"new": "new", "cross": "cross-list", "replacement": "replaced"}
_CODE: Final = pattern(
    r"[a-z-]{2,10}\.[A-Za-z-]{2,10}|(?:astro-ph|cond-mat|gr-qc|hep-(?:ex|lat|ph|th)|math-ph|nucl-(?:ex|th)|quant-ph)"
)


def detect(head: Head) -> Sign | None:
    """An id with the names of a paper's forms in brackets, or a page's line of its submission, is arXiv's own."""
    text = head.text
    if "arxiv" not in text[:60_000].lower():
        return None
    if _LISTED.search(text) or (_OWN.search(text) and "Title:" in text and "Abstract:" in text):
        return Sign.CERTAIN
    return None


_LISTED: Final = pattern(
    rf"^\s{{0,8}}(?:\[?\d{{1,6}}[\].]\s{{0,8}})?arXiv:\s?{ARXIV}(?:v\d+)?\s{{0,8}}(?:\([^()\n]{{1,60}}\))?\s{{0,8}}"
    r"\[[^\[\]\n]{0,60}\b(?:pdf|ps|html|other|format)\b",
    re.MULTILINE | re.IGNORECASE,
)
_OWN: Final = pattern(r"^\s{0,8}\[\s?Submitted on \d{1,2} [A-Z]", re.MULTILINE)


class _Page(NamedTuple):
    """What the headings above a paper say."""

    day: date | None = None
    kind: Kind | None = None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The papers, in their order. Raises SourceError or OSError."""
    with Lines(document) as lines:
        page = _Page()
        record: list[Line] = []
        ended, nothing = False, True
        while line := lines.take():
            while lines.oversize and lines.oversize[0] <= line.number:
                record = []
                what = f"a line of more than {LONGEST_LINE >> 10} kB: the paper it belongs to was left out"
                yield Problem(document.origin, lines.oversize.popleft(), what)
            if _is_first(line, lines):
                yield from _paper(document.origin, record, page)
                record, ended, nothing = [line], False, False
            elif not record and _SUBMITTED_ON.match(line.text):
                nothing = False
                yield Problem(document.origin, line.number, "a paper without its id above the day of its submission")
            elif heading := _heading(line.text, page):
                yield from _paper(document.origin, record, page)
                record, page = [], heading
            elif record and not ended and len(record) < MOST_LINES:
                ended = bool(_ENDS.match(line.text))
                if not ended:
                    record.append(line)
        yield from _paper(document.origin, record, page)
        if nothing:
            yield Problem(document.origin, None, "looks like arXiv's page, and no paper on it can be read")


def _is_first(line: Line, lines: Lines) -> bool:
    found = _BEGINS.match(line.text) if "arxiv:" in line.text[:24].lower() else None
    if not found:
        return False
    return bool(found["forms"]) or any(_SUBMITTED_ON.match(one.text) for one in lines.peek(3))


def _heading(text: str, page: _Page) -> _Page | None:
    if len(text) > 120 or text.isspace():
        return None
    if found := _SECTION.match(text):
        return page._replace(kind=_KINDS[found["kind"].lower()])
    if (found := _DAY.match(text)) and (day := parse_date(found["day"])):
        return page._replace(day=day)
    return None


def _paper(file: str, record: list[Line], page: _Page) -> Iterator[Listing | Problem]:
    if not record:
        return
    first = _BEGINS.match(record[0].text)
    found = arxiv(first["id"]) if first else None
    if not first or not found:
        return
    told, loose, codes, dates = _fields(record[1:], first["rest"])
    title = told.get("title", "") or (one_line(loose.pop(0)) if loose and "authors" in told else "")
    authors = told.get("authors", "")
    abstract = told.get("abstract", "") or one_line(" ".join(loose))
    if not title:
        yield Problem(file, record[0].number, f"arXiv:{found.id}: no title stands under it")
        return
    aside = (first["aside"] or "").lower()
    kind: Kind | None = "replaced" if "replaced" in aside else "cross-list" if "cross" in aside else page.kind
    team = listed(authors.replace(" ,", ","))
    number = dois[0] if (dois := [one for text in (told.get("doi", ""), *codes) if (one := doi(text.strip()))]) else ""
    details = {
        name: told[key]
        for key, name in (
            ("journal", "venue"),
            ("report", "report"),
            ("msc", "msc"),
            ("acm", "acm"),
            ("from", "submitter"),
        )
        if told.get(key)
    }
    if dates.announced and not page.day:
        details["date"] = dates.announced
    yield Listing(
        position=Position(file, record[0].number),
        format=NAME,
        ids={"arxiv": found.id, "doi": number} if number else {"arxiv": found.id},
        version=dates.version or found.version or (int(first["version"]) if first["version"] else None),
        title=title,
        authors=team.names,
        authors_truncated=team.truncated,
        author_count=team.total,
        abstract=abstract or None,
        comments=told.get("comments") or None,
        categories=tuple(dict.fromkeys((*_subjects(told.get("subjects", "")), *filter(_CODE.fullmatch, codes)))),
        created=dates.created,
        updated=dates.updated,
        published=page.day,
        kind=kind,
        details=details,
    )


class _Dates(NamedTuple):
    created: date | None = None
    updated: date | None = None
    announced: str = ""
    version: int | None = None


_KEYS: Final = {"author": "authors", "comment": "comments", "subject": "subjects", "related doi": "doi"}


def _fields(lines: list[Line], rest: str) -> tuple[dict[str, str], list[str], list[str], _Dates]:
    """The labelled fields, paragraphs without a label, what stands beside the id, and the dates."""
    told: dict[str, str] = {}
    loose: list[str] = []
    codes = [word for word in re.split(r"\s+|doi\b", rest) if word]
    dates = _Dates()
    into = ""
    apart = True
    # Where no label tells the authors, they stand on the line behind the title.
    named = any(_AUTHORS.match(line.text) for line in lines)
    for line in lines:
        text, bare = line.text, line.text.strip()
        full = bool(into and told[into].strip())
        if label := _LABEL.match(text):
            name = label["name"].lower()
            into = _KEYS.get(name) or next((key for key in _SHORT if name.startswith(key)), name)
            value = label["value"].partition("[")[0] if into == "from" else label["value"]
            told[into] = f"{told[into]} {value}" if into in told else value
        elif _FURNITURE.match(text):
            into = "" if full else into
        elif days := _days(text, dates):
            dates, into = days, ""
        elif not bare:
            # The names, too, may stand apart from the title.
            into = "" if full and (named or into != "title") else into
            apart = True
        elif full and (
            into in ("cite as", "doi", "from") or (into == "subjects" and told[into].rstrip().endswith(")"))
        ):
            into = ""
            if "abstract" not in told and ":" not in bare[:20] and "cite as" not in told:
                loose, apart = [*loose, text], False
        elif full and into == "title" and not named:
            into = "authors"
            told[into] = text
        elif into:
            told[into] = f"{told[into]} {text}"
        elif not told and (_CODE.fullmatch(bare) or bare == "doi" or doi(bare)):
            codes.append(bare)
        elif "cite as" not in told:
            loose = [*loose, text] if apart or not loose else [*loose[:-1], f"{loose[-1]} {text}"]
            apart = False
    return {key: _shown(value) for key, value in told.items()}, loose, codes, dates


_AUTHORS: Final = pattern(r"\s*Authors?\s*:", re.IGNORECASE)
_SHORT: Final = ("journal", "report", "msc", "acm")


def _shown(value: str) -> str:
    """A text without the buttons that show more or less of it; where both are there, the whole."""
    short, more, long = value.partition("▽ More")
    if more and long.strip():
        value = long
    elif more:
        value = short
    return one_line(value.replace("△ Less", ""))


def _days(text: str, dates: _Dates) -> _Dates | None:
    if found := _SUBMITTED_ON.match(text):
        revised = _REVISED.search(found["rest"])
        return dates._replace(
            created=parse_date(found["created"]),
            updated=parse_date(revised["day"]) if revised else None,
            version=int(revised["version"]) if revised else None,
        )
    if found := _SUBMITTED.match(text):
        last, first = parse_date(found["last"]), parse_date(found["first"] or "")
        announced = _month(found["announced"] or "")
        return dates._replace(created=first or last, updated=last if first else None, announced=announced)
    return None


def _month(text: str) -> str:
    day = parse_date(f"1 {text}")
    return f"{day:%Y-%m}" if day else ""


def _subjects(text: str) -> list[str]:
    """arXiv's codes, which stand in brackets behind the subjects' names; a name where there is none."""
    found = [part.strip() for part in text.split(";") if part.strip()]
    return [code[1] if (code := re.search(r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)\s*$", part)) else part for part in found]
