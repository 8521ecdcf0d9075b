"""What the plain-text edition and the mails say of a paper: values that templates print, nothing escaped yet.

Mails have room for so much: a paper is told whole, or with the first sentences of its abstract, or by its title.
What is told is bounded but for the first, so that a mail ends whatever a source said.
"""

from typing import Literal, NamedTuple

from digest.model import Paper, Problem, Reason, Score
from digest.rendering import wording
from digest.rendering.addresses import Link, links
from digest.rendering.columns import COLUMNS, width, wrapped
from digest.rendering.once import once
from digest.text import clean, one_line, sentences, shorten

Level = Literal[0, 1, 2]
WHOLE: Level = 0
SHORT: Level = 1
TITLE: Level = 2

INDENT = "    "
"""Below a paper's rank in plain text."""

_AUTHORS = 20
"""A collaboration has thousands: of more than this the others are counted."""

_LEAD = 280
"""Of a shortened abstract whole sentences are told until there are so many characters."""

REASONS = 12
"""Of more reasons the others are counted; their points are in the score all the same."""


class Entry(NamedTuple):
    """A paper in an edition, as `edition-paper.txt` and `mail-paper.html` print it."""

    rank: str
    title: str
    href: str
    """What the title opens; empty where nothing is known."""
    untitled: str
    """The sentence that says that the title is not the paper's own; empty where it is."""
    authors: str
    facts: str
    why: str
    """Score and reasons, set out by `edition-why.txt` or `mail-why.html`. It stands on lines of its own."""
    abstract: str
    rest: str
    """Where the rest of a shortened abstract is; empty where all is there."""
    comments: str
    links: tuple[Link, ...]
    """Where the paper can be read; the first is what the title opens."""
    listed: str
    """The listings that it was made of; empty in mails."""


class Why(NamedTuple):
    """A score, as `edition-why.txt` and `mail-why.html` print it."""

    score: str
    bar: int
    """Of the best score in the edition so many tenths, 0 to 10."""
    reasons: tuple[str, ...]


def why(score: Score, bar: int) -> Why:
    """Score and reasons of a paper."""
    reasons = score.reasons
    told = tuple(map(reason, reasons[:REASONS]))
    if len(reasons) > REASONS:
        told += (f"and {len(reasons) - REASONS:,} more",)
    return Why(score=wording.points(score.total), bar=bar, reasons=told)


def reason(reason: Reason) -> str:
    """`+3.0 "quantization" in title`"""
    return shorten(one_line(str(reason)), 160)


def briefly(total: float) -> Why:
    """The score of a paper that is told by its title."""
    return Why(score=wording.points(total), bar=0, reasons=())


def bar(total: float, best: float) -> int:
    """`total` in tenths of the `best` score of its edition, 0 to 10."""
    return round(10 * total / best) if 0 < total <= best else 0


@once
def entry(paper: Paper, level: Level) -> Entry:
    """What is said of `paper`, each text in one line, rank and reasons left out."""
    found = [Link(one_line(label), href) for label, href in links(paper)]
    title = wording.name(paper)
    if level == WHOLE:
        return Entry(
            rank="",
            title=title,
            href=found[0].href if found else "",
            untitled=wording.untitled(paper),
            authors=_authors(paper, _AUTHORS),
            facts=" · ".join(wording.facts(paper)),
            why="",
            abstract=wording.abstract(paper),
            rest="",
            comments=_labelled("Comments", wording.comments(paper)),
            links=tuple(found),
            listed="",
        )
    # Half an address leads nowhere, so a monstrous one is left out.
    found = [link for link in found if len(link.href) <= 300][:3]
    if level == TITLE:
        return Entry(
            rank="",
            title=shorten(title, 160),
            href=found[0].href if found else "",
            untitled="",
            authors="",
            facts="",
            why="",
            abstract="",
            rest="",
            comments="",
            links=tuple(found[:1]),
            listed="",
        )
    abstract = wording.abstract(paper)
    lead = _lead(abstract)
    return Entry(
        rank="",
        title=shorten(title, 240),
        href=found[0].href if found else "",
        untitled=wording.untitled(paper),
        authors=shorten(_authors(paper, 8), 320),
        facts=shorten(" · ".join(wording.facts(paper)), 240),
        why="",
        abstract=lead,
        rest=_rest(found) if lead != abstract else "",
        comments=shorten(_labelled("Comments", wording.comments(paper)), 200),
        links=tuple(Link(shorten(label, 40), href) for label, href in found),
        listed="",
    )


def _authors(paper: Paper, most: int) -> str:
    known = wording.names(paper)
    told = ", ".join(known[:most])
    if len(known) > most:
        told += f" and {len(known) - most:,} more"
    return " ".join(filter(None, [told, wording.cut(paper)]))


def _labelled(label: str, text: str) -> str:
    return f"{label}: {text}" if text else ""


def _rest(found: list[Link]) -> str:
    return f"The rest of the abstract: {shorten(found[0].label, 40)}" if found else "The abstract is longer."


def _lead(abstract: str) -> str:
    """The first whole sentences; where the first alone is too long, its beginning. A short rest is not cut off."""
    if len(abstract) <= _LEAD * 3 // 2:
        return abstract
    # A sentence that ends beyond this is cut anyway; to look further costs time with an abstract of a megabyte.
    parts = sentences(abstract[: _LEAD * 4])
    if len(abstract) > _LEAD * 4:
        parts = parts[:-1] or parts
    lead = parts[0]
    for part in parts[1:]:
        if len(lead) >= _LEAD or len(lead) + len(part) > _LEAD * 3 // 2:
            break
        lead = f"{lead} {part}"
    return shorten(lead, _LEAD * 2)


def listed(paper: Paper) -> str:
    """`Listed in 2 places: monday.txt:3, tuesday.txt:40`; empty where no listing is known."""
    if not paper.listings:
        return ""
    places = wording.places(paper)
    count = len(places)
    return one_line(f"{'Listed once' if count == 1 else f'Listed in {count:,} places'}: {', '.join(places)}")


class Heading(NamedTuple):
    """A section, as `edition-section.txt` and `mail-section.html` print it."""

    title: str
    rule: str
    """As wide as the title, for plain text."""


def heading(section: str) -> Heading:
    """What stands above the papers of the section so called."""
    title = shorten(one_line(section), COLUMNS) or "Papers"
    return Heading(title, "-" * width(title))


def in_columns(entry: Entry) -> Entry:
    """`entry` for plain text: each text wrapped and indented below the rank; the title goes on beside it."""
    most = min(max([len(link.label) for link in entry.links], default=0), 20)
    return entry._replace(
        title=wrapped(entry.title, " " * (len(entry.rank) + 2), INDENT)[len(entry.rank) + 2 :],
        untitled=_block(entry.untitled),
        authors=_block(entry.authors),
        facts=_block(entry.facts),
        abstract=_block(entry.abstract),
        rest=_block(entry.rest),
        comments=_block(entry.comments),
        links=tuple([Link(f"{label:<{most}}", href) for label, href in entry.links]),
        listed=_block(entry.listed),
    )


def why_in_columns(why: Why) -> Why:
    """`why` for plain text: each reason on a line of its own, or on more where it is long."""
    return why._replace(reasons=tuple(map(reason_in_columns, why.reasons)))


def reason_in_columns(reason: str) -> str:
    """A reason for plain text."""
    return wrapped(reason, INDENT, f"{INDENT}  ")


def note_in_columns(note: str) -> str:
    """The operator's note for plain text: the Markdown as it stands, for it is written to be read, its lines
    wrapped.
    """
    lines = []
    for line in clean(note).strip().splitlines():
        text = one_line(line)
        indent = " " * min(len(line) - len(line.lstrip()), 20)
        lines.append(wrapped(text, indent) if text else "")
    return "\n".join(lines)


def problem(problem: Problem) -> str:
    """`page.txt:7: an abstract without authors`"""
    return one_line(str(problem._replace(file=wording.document(problem.file))))


def _block(text: str) -> str:
    return wrapped(text, INDENT) if text else ""
