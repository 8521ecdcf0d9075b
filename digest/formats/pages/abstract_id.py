"""An abstract, perhaps a line of comments, and `arXiv:ID`; perhaps dates. Two layouts, one grammar:

    We measure how reading lists change …        We measure how reading lists change …
    8 pages, 3 figures
    arXiv:2605.00001Long abstracts may also …    8 pages, 3 figures
    arXiv:2605.00002
                                                 arXiv:2605.00001
                                                 Created: 2026-05-01 Updated: 2026-05-04

An id belongs to the text before it, and the next abstract may be glued to it. A paragraph between abstract and
id is comments, though it may look like an abstract of one line.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain, groupby

from digest.formats.dates import parse_date
from digest.formats.lines import Line, Lines
from digest.formats.pages.shapes import (
    UNWRAPPED,
    ArxivLine,
    arxiv_line,
    authors_count,
    begins_remarks,
    broken_on_purpose,
    comments_label,
    ends_sentence,
    heads_prose,
    joined,
    looks_like_remarks,
    people,
    widest,
)
from digest.model import Listing, Position, Problem
from digest.patterns import pattern

NAME = "abstract_id"
ABOUT = "the abstract, perhaps comments, then arXiv:ID; perhaps Created: and Updated:"
EXAMPLE = """\
We measure how reading lists change when repeated papers are counted once, and find …

8 pages, 3 figures

arXiv:2605.00001
Created: 2026-05-01 Updated: 2026-05-04
"""

MOST_LINES = 500
"""No listing is longer; text that goes on without an id is refused there and not held."""

_DATES = pattern(r"(created|updated|published)\s*:\s*", re.IGNORECASE)


def detect(lines: Sequence[Line]) -> int | None:
    """The index of the first line that begins with an arXiv id."""
    return next((i for i, line in enumerate(lines) if arxiv_line(line.text)), None)


def parse(lines: Lines) -> Iterator[Listing | Problem]:
    """The listings from here on; ends, with the lines given back, where another layout takes over."""
    pending: list[Line] = []
    refused = 0
    while line := lines.take():
        if found := arxiv_line(line.text):
            if found.rest:
                lines.give_back([Line(line.number, found.rest)])
            dates = {} if found.rest else _dates(lines)
            yield _listing(lines, pending, line, found, dates, refused)
            pending, refused = [], 0
        elif _foreign(pending, line, lines):
            lines.give_back([*pending, line])
            return
        elif len(pending) < MOST_LINES:
            if pending or not line.blank:
                pending.append(line)
        else:
            refused += 1
    if any(not line.blank for line in pending):
        what = f"text without an arXiv id after it: '{pending[0].text[:60]}'"
        yield Problem(lines.document.origin, pending[0].number, what)


def _foreign(pending: Sequence[Line], line: Line, lines: Lines) -> bool:
    """Whether another layout has begun: a count of authors, or names directly above prose."""
    if authors_count(line.text) is not None:
        return True
    if pending or not people(line.text):
        return False
    following = lines.peek(1)
    return bool(following and heads_prose(line.text, following[0].text))


def _dates(lines: Lines) -> dict[str, date]:
    """The labelled dates on the lines after an id, taken; those that cannot be read are left out."""
    found: dict[str, date] = {}
    while (line := lines.next_filled()) and _DATES.match(line.text.lstrip()):
        while (taken := lines.take()) and taken.number != line.number:
            pass
        parts = _DATES.split(line.text.strip())[1:]
        for label, text in zip(parts[::2], parts[1::2], strict=True):
            if day := parse_date(text):
                found[label.lower()] = day
    return found


def _listing(
    lines: Lines, pending: list[Line], line: Line, found: ArxivLine, dates: dict[str, date], refused: int
) -> Listing | Problem:
    file = lines.document.origin
    if refused:
        return Problem(file, pending[0].number, f"more than {MOST_LINES} lines before arXiv:{found.id}: not a listing")
    if not any(not x.blank for x in pending):
        return Problem(file, line.number, f"arXiv:{found.id} without an abstract before it")
    abstract, comments = _divide(pending)
    return Listing(
        position=Position(file, pending[0].number),
        format=NAME,
        ids={"arxiv": found.id},
        version=found.version,
        abstract=abstract,
        comments=comments,
        categories=found.categories,
        created=dates.get("created"),
        updated=dates.get("updated"),
        published=dates.get("published"),
    )


def _divide(pending: Sequence[Line]) -> tuple[str, str | None]:
    """The abstract and the comments among the lines before an id."""
    for i, line in enumerate(pending):
        if (label := comments_label(line.text)) is not None and i:
            return joined(pending[:i]), joined([Line(line.number, label), *pending[i + 1 :]]) or None
    blocks = [list(block) for blank, block in groupby(pending, key=lambda line: line.blank) if not blank]
    if len(blocks) > 1:
        turn = len(blocks) - looks_like_remarks(joined(blocks[-1]))
        while 1 < turn < len(blocks) and begins_remarks(joined(blocks[turn - 1])):
            turn -= 1
        return joined(list(chain(*blocks[:turn]))), joined(list(chain(*blocks[turn:]))) or None
    turn = _turn(blocks[0])
    return joined(blocks[0][:turn]), joined(blocks[0][turn:]) or None


def _in_a_sentence(line: Line) -> bool:
    """Whether a wrapped line breaks off before its sentence ends: comments begin elsewhere, however short it is."""
    return len(line.text) <= UNWRAPPED and not ends_sentence(line.text)


def _turn(block: list[Line]) -> int:
    """The index in a block without blank lines at which the comments begin; its length where there are none."""
    if len(block) == 1:
        return 1
    width = widest(block)
    apart = [i for i in range(1, len(block)) if broken_on_purpose(block[i - 1].text, block[i].text, width)]
    ended = [i for i in range(1, len(block)) if ends_sentence(block[i - 1].text)]
    for i in sorted({*apart, *ended}):
        if begins_remarks(joined(block[i:])):
            return i
    return next(
        (i for i in apart if not _in_a_sentence(block[i - 1]) and looks_like_remarks(joined(block[i:]))), len(block)
    )
