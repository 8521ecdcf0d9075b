"""The daily page of benty-fields as text, as it is copied out of a browser:

    Papers for Friday 1 May 2026
    1.
    Counting papers once
    Ada Moreau, Tomás Říha
    et al.
    Show abstract
    |
    Show figures | Show BibTeX | Show discussion
    0
    | View PDF |
    2605.00001v1
    We measure how reading lists change …
    Authors' comments:
    8 pages, 3 figures
    Vote

A paper begins at its number and is known by its buttons; an id may be glued to the abstract. What stands around the
papers is the page's furniture.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from digest.formats.dates import parse_date
from digest.formats.head import Head
from digest.formats.lines import LONGEST_LINE, Line, Lines
from digest.formats.people import listed
from digest.formats.signs import Sign
from digest.identifiers import ARXIV, arxiv
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern
from digest.text import one_line

NAME = "benty_fields"
ABOUT = "benty-fields' daily page as text: numbered papers with their buttons"
EXAMPLE = """\
Papers for Friday 1 May 2026
1.
Counting papers once
Ada Moreau, Tomás Říha
Show abstract | Show figures | Show BibTeX | Show discussion 0 | View PDF | 2605.00001v1
We measure how reading lists change when repeated papers are counted once …
Authors' comments:
8 pages, 3 figures
Vote
"""

MOST_LINES: Final = 500
"""No paper has more."""
_AHEAD: Final = 60
"""So many lines behind its number a paper shows its buttons."""

_COUNT: Final = pattern(r"\s*(\d{1,6})\s*(?:\||$)")
_BUTTONS: Final = pattern(r"^(?:\s*\|?\s*View (?:PDF|HTML)\b)*\s*\|?\s*", re.IGNORECASE)
_OPENS: Final = pattern(r"\s*\|?\s*(?:Show|Hide) abstract\b")
_BUTTON: Final = pattern(
    r"\s*\|?\s*(?:(?:Show|Hide) (?:abstract|figures?|bibtex|discussion(?:\s*(?P<talk>\d+)(?!\d|\.\d))?)|"
    r"View (?:PDF|HTML)|Listen|\|)\s*\|?",
    re.IGNORECASE,
)
_NUMBER: Final = pattern(r"\s*(\d{1,5})\.(?:\s+(?P<title>\S.*))?\s*$")
_ID: Final = pattern(rf"\s*\|?\s*(?:arXiv:\s*)?(?P<id>{ARXIV})(?:v(?P<version>\d{{1,2}}))?(?P<rest>.*)", re.IGNORECASE)
_COMMENTS: Final = pattern(r"\s*Authors?['’]?s? comments?\s*:\s*(.*)", re.IGNORECASE)
_CLOSES: Final = pattern(r"\s*(?:Vote|Add to Library|Recommend|Remove from Library)\s*$")
_DAY: Final = pattern(r"\s*Papers for (?P<day>.{6,40})$")


def detect(head: Head) -> Sign | None:
    """The buttons of a paper stand together nowhere else."""
    if "abstract" in head.text and _SHOWN.search(head.text) and _OTHERS.search(head.text):
        return Sign.CERTAIN
    return None


_SHOWN: Final = pattern(r"(?:^|\|)[ \t]*(?:Show|Hide) abstract[ \t]*(?:$|\|)", re.MULTILINE)
_OTHERS: Final = pattern(r"(?:^|\|)[ \t]*Show (?:BibTeX|discussion)\b", re.MULTILINE)


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The papers, in their order. Raises SourceError or OSError."""
    with Lines(document) as lines:
        record: list[Line] = []
        day: date | None = None
        nothing = True
        while line := lines.take():
            while lines.oversize and lines.oversize[0] <= line.number:
                number = lines.oversize.popleft()
                record = []
                what = f"a line of more than {LONGEST_LINE >> 10} kB: the paper it belongs to was left out"
                yield Problem(document.origin, number, what)
            if told := _DAY.match(line.text):
                day = parse_date(told["day"]) or day
            if _begins(line, lines):
                yield from _paper(document.origin, record, day)
                record, nothing = [line], False
            elif not record and _OPENS.match(line.text):
                nothing = False
                yield Problem(document.origin, line.number, "a paper without its number and its title")
            elif record and len(record) < MOST_LINES:
                record.append(line)
        yield from _paper(document.origin, record, day)
        if nothing:
            yield Problem(document.origin, None, "looks like a page of benty-fields, and no paper on it can be read")


def _begins(line: Line, lines: Lines) -> bool:
    """Whether a paper begins on this line: its number, and its buttons before the next one's."""
    if not line.text[:6].strip()[:1].isdecimal() or not _NUMBER.match(line.text):
        return False
    for ahead in lines.peek(_AHEAD):
        if _OPENS.match(ahead.text):
            return True
        if _NUMBER.match(ahead.text) or _CLOSES.match(ahead.text) or _COMMENTS.match(ahead.text):
            return False
    return False


def _paper(file: str, record: list[Line], day: date | None) -> Iterator[Listing | Problem]:
    """The paper of a record; a Problem for each further one whose number was lost."""
    if not record:
        return
    opened = [at for at, line in enumerate(record) if _OPENS.match(line.text)]
    yield _first(file, record[: opened[1]] if opened[1:] else record, day)
    for at in opened[1:]:
        yield Problem(file, record[at].number, "a paper without its number")


def _first(file: str, record: list[Line], day: date | None) -> Listing | Problem:
    number = _NUMBER.match(record[0].text)
    head, talk, found, below = _divided(record[1:])
    title = number["title"] if number and number["title"] else ""
    if not title and head:
        title, head = head[0], head[1:]
    if found is None:
        return Problem(file, record[0].number, f"a paper without its id: '{one_line(title)[:60]}'")
    told = arxiv(found["id"])
    abstract, comments = _text(found["rest"], below)
    # What is printed already says where, behind its authors; no name has a number in it.
    places = [text for text in head if any(map(str.isdecimal, text))]
    names = [text for text in head if text not in places]
    team = listed(one_line(" ".join(names)).replace(" ,", ","))
    if not one_line(title):
        return Problem(file, record[0].number, f"a paper without a title: {found['id']}")
    return Listing(
        position=Position(file, record[0].number),
        format=NAME,
        ids={"arxiv": told.id} if told else {},
        version=int(found["version"]) if found["version"] else None,
        title=one_line(title),
        authors=team.names,
        authors_truncated=team.truncated,
        author_count=team.total,
        abstract=abstract or None,
        comments=comments or None,
        published=day,
        metrics={"comment_count": talk} if talk is not None else {},
        details={"venue": one_line(" ".join(places))} if places else {},
    )


def _divided(lines: list[Line]) -> tuple[list[str], int | None, "re.Match[str] | None", list[str]]:
    """What stands above the buttons, how many comments there are, the id, and what stands below it."""
    head: list[str] = []
    talk: int | None = None
    shown = asked = False
    for at, line in enumerate(lines):
        text = line.text
        shown = shown or bool(_OPENS.match(text))
        if not shown:
            if text.strip():
                head.append(text)
            continue
        while button := _BUTTON.match(text):
            asked = "discussion" in button[0].lower() or asked
            talk = int(button["talk"]) if button["talk"] else talk
            text = text[button.end() :]
        if asked and talk is None and (count := _COUNT.match(text)):
            talk = int(count[1])
            text = _BUTTONS.sub("", text[count.end() :])
        if found := _ID.match(text):
            return head, talk, found, [one.text for one in lines[at + 1 :]]
    return head, talk, None, []


def _text(rest: str, below: list[str]) -> tuple[str, str]:
    """The abstract and the comments."""
    abstract, comments = [rest], list[str]()
    part = abstract
    for text in below:
        if _CLOSES.match(text):
            break
        if found := _COMMENTS.match(text):
            part = comments
            part.append(found[1])
        else:
            part.append(text)
    return one_line(" ".join(abstract)), one_line(" ".join(comments))
