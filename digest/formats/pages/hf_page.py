"""The text of a Hugging Face Daily Papers page.

    Daily Papers                      the page's head: no paper
    May 26

    Counting papers once              title

    We measure how reading lists …    abstract

      • 8 authors                     a paper may lack these three lines
    ·
    Dec 4, 2025 2                     the number of comments, if any, behind the date

Dates of the year in which the page was made have no year. It is told by the page itself: the site writes the
year of every date but the current one's, so the current year follows the latest that is written; an arXiv id on
the page puts it at least in that id's year. Where the page has neither, those dates stay unknown.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

from digest.formats.dates import YearlessDate, parse_date, parse_yearless
from digest.formats.lines import Line, Lines
from digest.formats.pages.shapes import arxiv_line, authors_count, ends_sentence, heads_prose, joined, people
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern

NAME = "hf_page"
ABOUT = "the text of a Hugging Face Daily Papers page: title, abstract, number of authors, date"
EXAMPLE = """\
Counting Papers Once

We measure how reading lists change when repeated papers are counted once, and find …
  • 8 authors
·
May 26
12
"""

FIRST_YEAR = 2023
"""The service began in May 2023, so no page is older: years that are written and end before tell nothing."""

_SLACK = 2
"""Days by which a paper may seem younger than its page, which may be in another zone."""

MOST_BLOCKS = 400
"""As many paragraphs without a number of authors are more than any page has between two papers."""

_SEPARATOR = pattern(r"[\s•·|*–—-]+")
_HEADING = "daily papers"
_ID = pattern(r"(?:arxiv(?:\.org/(?:abs|pdf))?[:/]|/papers/)(\d\d)(?:0[1-9]|1[0-2])\.\d{4,5}", re.IGNORECASE)
_DATE_LINE = pattern(r"\s*(?:\d{4}-\d\d-\d\d|[A-Za-z]{3,9}\.? \d{1,2}(?:, ?\d{4})?)(?P<comments>\s+\d{1,5})?\s*")
_DATED = pattern(r"[A-Za-z]{3,9}\.? \d{1,2}, ?(\d{4})(?: \d+)?\s*")


def detect(lines: Sequence[Line]) -> int | None:
    """The index of the first line that only this page has: its heading, or a number of authors."""
    for i, line in enumerate(lines):
        if line.text.strip().lower() == _HEADING or authors_count(line.text) is not None:
            return i
    return None


_NONE, _FOOT, _ALL = 0, 7, 1000
"""Words that a text may have which is no paper: between papers, after the last one, before the first."""


# A page as a stream of its parts, each a paragraph (a list of lines) or one of these.


class _Meta(NamedTuple):
    """The lines that close a paper."""

    authors: int | None
    day: date | YearlessDate | None
    comments: int | None


class _Foreign(NamedTuple):
    """A line that only another layout has."""

    line: Line


_Part: TypeAlias = list[Line] | _Meta | _Foreign | YearlessDate


def parse(lines: Lines) -> Iterator[Listing | Problem]:
    """The listings from here on; ends, with the lines given back, where another layout takes over."""
    page = _Page(lines)
    pending: list[list[Line]] = []
    begun = False
    for part in _parts(lines):
        if isinstance(part, list):
            pending.append(part)
            if len(pending) > MOST_BLOCKS:
                yield from _resolved(page, pending[:-2], None, furniture=_FOOT if begun else _ALL)
                pending = pending[-2:]
        elif isinstance(part, _Foreign):
            own, others = _divide(pending)
            yield from _resolved(page, own, None, furniture=_ALL)
            lines.give_back([*(line for block in others for line in (*block, Line(block[-1].number, ""))), part.line])
            return
        elif isinstance(part, _Meta):
            yield from _resolved(page, pending, part, furniture=_NONE if begun else _ALL)
            pending, begun = [], True
        else:
            page.day = part
            yield from _resolved(page, pending, None, furniture=_ALL)
            pending = []
    yield from _resolved(page, pending, None, furniture=_FOOT if begun else _ALL)


def _parts(lines: Lines) -> Iterator[_Part]:
    """Paragraphs, the lines that close a paper as one, and the page's own date."""
    block: list[Line] = []
    while line := lines.take():
        count = authors_count(line.text)
        closing = count is not None or _SEPARATOR.fullmatch(line.text) is not None
        day = None if closing else _lone_date(line.text)
        if block and (closing or line.blank or (day and not isinstance(day, _Meta))):
            yield block
            block = []
        if closing:
            yield _meta(lines, count)
        elif isinstance(day, YearlessDate):
            yield day
        elif arxiv_line(line.text) or (not block and _names_above(line, lines)):
            if block:
                yield block
            yield _Foreign(line)
            return
        elif not line.blank and not day and len(block) < MOST_BLOCKS:
            block.append(line)
    if block:
        yield block


def _meta(lines: Lines, count: int | None) -> _Meta:
    """What a number of authors, separators and a date say together; their lines are taken."""
    day: date | YearlessDate | None = None
    comments: int | None = None
    above = 0
    while line := lines.next_filled():
        if count is None and (found := authors_count(line.text)) is not None:
            count = found
        elif day is None and (told := _lone_date(line.text)):
            day = told
            dated = _DATE_LINE.fullmatch(line.text)
            comments = int(dated["comments"]) if dated and dated["comments"] else None
        elif day and comments is None and line.text.strip().isdecimal() and line.number == above + 1:
            comments = int(line.text)
        elif not _SEPARATOR.fullmatch(line.text):
            break
        while (taken := lines.take()) and taken is not line:
            pass
        above = line.number
    return _Meta(count, day, comments)


def _lone_date(text: str) -> date | YearlessDate | None:
    """The date that is all of a line, but for a number of comments behind it."""
    return (parse_date(text) or parse_yearless(text)) if _DATE_LINE.fullmatch(text) else None


def _names_above(line: Line, lines: Lines) -> bool:
    if "," not in line.text or not people(line.text):
        return False
    following = lines.peek(1)
    return bool(following and heads_prose(line.text, following[0].text))


def _reads_like_abstract(text: str) -> bool:
    return len(text) > 300 or (text.count(" ") >= 19 and ends_sentence(text))


def _pair(blocks: list[list[Line]]) -> tuple[list[tuple[list[Line], list[Line]]], list[list[Line]]]:
    """Titles with their abstracts, and the paragraphs that are neither, in their order."""
    papers: list[tuple[list[Line], list[Line]]] = []
    others: list[list[Line]] = []
    title: list[Line] | None = None
    for block in blocks:
        text = joined(block)
        if not _reads_like_abstract(text):
            if text.endswith((".", ":")) and (title or papers):  # no title ends so: a short paragraph of an abstract
                if title:
                    papers.append((title, block))
                    title = None
                else:
                    papers[-1] = (papers[-1][0], [*papers[-1][1], *block])
                continue
            number = not any(map(str.isalpha, text))  # by itself, of votes or comments: no title beside another
            if title and not number and any(map(str.isalpha, joined(title))):
                others.append(title)
            if not title or not number:
                title = block
        elif title:
            papers.append((title, block))
            title = None
        elif papers:
            papers[-1] = (papers[-1][0], [*papers[-1][1], *block])
        else:
            others.append(block)
    if title:
        others.append(title)
    return papers, others


def _divide(blocks: list[list[Line]]) -> tuple[list[list[Line]], list[list[Line]]]:
    """Paragraphs before another layout's first sign: this page's papers, and what belongs to the other."""
    own = 0
    while own + 1 < len(blocks):
        title, abstract = joined(blocks[own]), joined(blocks[own + 1])
        if _reads_like_abstract(title) or not _reads_like_abstract(abstract):
            break
        own += 2
    return blocks[:own], blocks[own:]


def _resolved(
    page: "_Page", blocks: list[list[Line]], meta: _Meta | None, *, furniture: int
) -> Iterator[Listing | Problem]:
    """The papers among `blocks`, `meta` being the last one's. What is no paper is a problem, unless the page
    has such text by its nature: around its heading, and where texts of up to `furniture` words are to be expected.
    """
    last: tuple[list[Line], list[Line]] | None = None
    if meta and blocks and not _reads_like_abstract(joined(blocks[-1])):
        blocks, last = _short(blocks)
    papers, others = _pair(blocks)
    if last:
        papers.append(last)
    if any(joined(block).lower() == _HEADING for block in others):
        furniture = _ALL
    items: list[Listing | Problem] = [
        _listing(page, title, abstract, meta if i == len(papers) - 1 else None)
        for i, (title, abstract) in enumerate(papers)
    ]
    file = page.lines.document.origin
    for block in others:
        if _reads_like_abstract(joined(block)):
            items.append(Problem(file, block[0].number, f"an abstract without a title: '{block[0].text[:60]}'"))
        elif joined(block).count(" ") >= furniture:
            items.append(Problem(file, block[0].number, f"neither title nor abstract: '{block[0].text[:60]}'"))
    if meta and not papers:
        items.append(Problem(file, page.lines.number, "a number of authors without a title before it"))
    yield from sorted(items, key=lambda item: item.position.line if isinstance(item, Listing) else item.line or 0)


def _short(blocks: list[list[Line]]) -> tuple[list[list[Line]], tuple[list[Line], list[Line]]]:
    """The paper at the end of `blocks` whose last paragraph is too short to be known as an abstract by itself:
    a short abstract below its title, or a title without an abstract.
    """
    *rest, last = blocks
    text = joined(last)
    if rest and (ends_sentence(text) or text.count(" ") >= 11):
        if not _reads_like_abstract(joined(rest[-1])):
            return rest[:-1], (rest[-1], last)
        *rest, title, abstract = blocks[:-1] if len(blocks) > 2 else ([], *blocks[:-1], [])
        return rest, (title, [*abstract, *last])
    return rest, (last, [])


def _listing(page: "_Page", title: list[Line], abstract: list[Line], meta: _Meta | None) -> Listing:
    told = meta or _Meta(None, None, None)
    return Listing(
        position=Position(page.lines.document.origin, title[0].number),
        format=NAME,
        title=joined(title),
        abstract=joined(abstract) or None,
        author_count=told.authors,
        published=page.date(told.day),
        metrics={} if told.comments is None else {"comment_count": told.comments},
    )


# ------------------------------------------------------------------------------------- the page's year


class _Page:
    """A page while it is read: its own date, and the year it was made in."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.day: YearlessDate | None = None
        self._year: int | None = None
        self._looked = False

    def date(self, day: date | YearlessDate | None) -> date | None:
        """`day` with its year. A day well after the page's own can only be last year's."""
        if not isinstance(day, YearlessDate):
            return day
        if not self._looked:
            self._year, self._looked = page_year(self.lines.document), True
        if self._year is None:
            return None
        found, page = day.of(self._year), self.day.of(self._year) if self.day else None
        late = found and page and (found - page).days > _SLACK
        return day.of(self._year - 1) if late else found


def page_year(document: Document) -> int | None:
    """The year in which the page was made: the one after the latest that its dates write out, at least that of
    the newest arXiv id on it, never one after the document was fetched; None without any such evidence.
    """
    year = 0
    with Lines(document) as lines:
        while line := lines.take():
            if found := _DATED.fullmatch(line.text.strip()):
                year = max(year, int(found[1]) + 1)
            if "rxiv" in line.text.lower() or "/papers/" in line.text:
                year = max([year, *(2000 + int(found[1]) for found in _ID.finditer(line.text))])
    if year < FIRST_YEAR:
        return None
    return min(year, document.fetched.year) if document.fetched else year
