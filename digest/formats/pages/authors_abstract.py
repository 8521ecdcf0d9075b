"""A line of authors, an abstract, perhaps `Authors' comments:`; nothing marks where the next paper begins.

    Ada Moreau, Tomás Říha, Keiko Mori et al.
    We measure how reading lists change when repeated papers are
    counted once.
    Authors' comments: 8 pages, 3 figures
    Ngozi Okafor
    Long abstracts may also stand on one line …

There are no titles, no identifiers, no blank lines. A new paper is known by the look of its authors line, by
what stands before it (a paragraph that has ended) and after it (prose). `et al.` closes a list that was cut.
"""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from digest.formats.lines import Line, Lines
from digest.formats.pages.shapes import (
    NARROWEST,
    People,
    arxiv_line,
    authors_count,
    broken_on_purpose,
    comments_label,
    ends_sentence,
    hangs,
    heads_prose,
    is_heading,
    is_prose,
    joined,
    paragraphs,
    people,
    runs_on,
    widest,
)
from digest.model import Listing, Position, Problem

NAME = "authors_abstract"
ABOUT = 'a line of authors, the abstract, perhaps "Authors\' comments:"; nothing between two papers'
EXAMPLE = """\
Ada Moreau, Tomás Říha, et al.
We measure how reading lists change when repeated papers are counted once, and find …
Authors' comments: 8 pages, 3 figures
"""

MOST_LINES = 500
"""No listing is longer; text that goes on without a new authors line is refused there and not held."""


class _Record(NamedTuple):
    """The lines of one listing while they come in."""

    authors: Line
    people: People
    abstract: list[Line]
    comments: list[Line]

    @property
    def part(self) -> list[Line]:
        return self.comments or self.abstract


def detect(lines: Sequence[Line]) -> int | None:
    """The index of the first line that only this layout has: names directly above prose, or the label."""
    for i, line in enumerate(lines):
        if comments_label(line.text) is not None and "author" in line.text[:12].lower():
            return i
        following = lines[i + 1].text if i + 1 < len(lines) else ""
        if heads_prose(line.text, following) and not (i and _continues(lines[i - 1].text, line.text)):
            return i
    return None


def _continues(before: str, line: str) -> bool:
    """Whether `line` may be the middle of a wrapped paragraph, capitals or not."""
    return bool(before.strip()) and not ends_sentence(before) and not broken_on_purpose(before, line, NARROWEST)


def parse(lines: Lines) -> Iterator[Listing | Problem]:
    """The listings from here on; ends, with the lines given back, where another layout takes over."""
    record: _Record | None = None
    stray: Line | None = None
    while line := lines.take():
        if found := _begins(record, line, lines):
            if stray:
                yield _stray(lines, stray)
                stray = None
            if record:
                yield _listing(lines, record)
            record = _Record(line, found, [], [])
        elif foreign(line):
            if not record:
                lines.give_back([stray, line] if stray else [line])
                return
            own, others = _split(record)
            lines.give_back([*others, line])
            yield _listing(lines, own)
            return
        elif not record:
            stray = stray or (None if line.blank else line)
        elif (label := comments_label(line.text)) is not None and not record.comments:
            record.comments.append(Line(line.number, label))
        elif len(record.part) < MOST_LINES:
            record.part.append(line)
        if record:
            part = record.part
            part += lines.take_while(runs_on, MOST_LINES - len(part))
    if stray:
        yield _stray(lines, stray)
    if record:
        yield _listing(lines, record)


def foreign(line: Line) -> bool:
    """Whether only another layout has such a line: an arXiv id, or the number of authors after a bullet."""
    return arxiv_line(line.text) is not None or authors_count(line.text) is not None


def _begins(record: _Record | None, line: Line, lines: Lines) -> People | None:
    """The names on `line` where a new paper begins with it."""
    found = people(line.text) or _mononym(line.text)
    if not found:
        return None
    # A single name may be two words of anything: then no blank line may stand below it.
    following = lines.next_filled(3 if found.full > 1 else 1)
    after = following.text if following else ""
    label = comments_label(after) is not None
    if following and not label and not is_prose(after):
        return None
    if not record:
        return found
    before = next((x.text for x in reversed(record.part) if not x.blank), None)
    if before is None:
        # Names directly below names: the first were the authors, and this is how an abstract begins.
        return None
    if not found.full:
        ended = ends_sentence(before) or (bool(record.comments) and not hangs(before))
        return found if ended and not label and len(after) > NARROWEST else None
    if following and broken_on_purpose(line.text, after, NARROW):
        # A line that stands alone above prose can only be names, or the end of a paragraph.
        return None if hangs(before) else found
    apart = bool(record.comments) or ends_sentence(before) or broken_on_purpose(before, line.text, widest(record.part))
    return found if found.full > 1 and apart and not hangs(before) else None


NARROW = 79
"""Where the pages of this layout wrap an abstract; a shorter line stands alone."""


def _mononym(text: str) -> People | None:
    """The one name on a line that is a single word with a capital, and no heading within an abstract."""
    word = text.strip()
    if " " in word:
        return None
    alone = word.isalpha() and len(word) > 1 and not word[0].islower() and not is_heading(word)
    return People((word,), False, 0) if alone else None


def _split(record: _Record) -> tuple[_Record, list[Line]]:
    """A record that ran on into another layout: what is its own, and the lines that are not."""
    part = record.part
    # The layout has no blank lines of its own, so what follows one is another's.
    unbroken = list(takewhile(lambda line: not line.blank, part))
    own = next(iter(paragraphs(unbroken)), [])
    rest = part[len(own) :]
    if record.comments:
        return _Record(record.authors, record.people, record.abstract, own), rest
    return _Record(record.authors, record.people, own, []), rest


def _listing(lines: Lines, record: _Record) -> Listing | Problem:
    file, number = lines.document.origin, record.authors.number
    if len(record.part) >= MOST_LINES:
        return Problem(file, number, f"more than {MOST_LINES} lines without a new line of authors: not a listing")
    abstract, comments = joined(record.abstract), joined(record.comments)
    if not abstract and not comments:
        return Problem(file, number, f"authors without an abstract: '{record.authors.text[:60]}'")
    return Listing(
        position=Position(file, number),
        format=NAME,
        authors=record.people.names,
        authors_truncated=record.people.truncated,
        abstract=abstract or None,
        comments=comments or None,
    )


def _stray(lines: Lines, line: Line) -> Problem:
    return Problem(lines.document.origin, line.number, f"text before the first line of authors: '{line.text[:60]}'")
