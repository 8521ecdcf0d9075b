"""Editions in Markdown: for notes, repositories and chats. Python decides what is said; `edition.md` sets it out.

Every text that a template gets is Markdown already, escaped: own templates print it as it is.
"""

from itertools import count
from typing import NamedTuple

from digest.model import Archive, Edition, Paper, Rendition, Site
from digest.rendering import wording
from digest.rendering.addresses import edition_page, links
from digest.rendering.commonmark import link, text
from digest.rendering.environment import environment
from digest.rendering.once import once
from digest.text import one_line


class MarkdownPaper(NamedTuple):
    """A paper in Markdown, the same for every reader; what is not known is empty."""

    title: str
    """A link where the paper can be read."""
    untitled: str
    authors: str
    facts: str
    abstract: str
    comments: str
    links: tuple[str, ...]
    listings: tuple[str, ...]
    """Where it was listed, as `page.txt:12`."""


class MarkdownEntry(NamedTuple):
    """A paper in an edition, and why it stands where it stands."""

    rank: int
    score: str
    reasons: tuple[str, ...]
    paper: MarkdownPaper


class MarkdownPart(NamedTuple):
    """A section; without a title where it is the only one."""

    title: str
    entries: tuple[MarkdownEntry, ...]


def render(archive: Archive, site: Site) -> list[Rendition]:
    """`<day>.md` for each recent edition, in UTF-8."""
    template = environment(site.templates).get_template("edition.md")
    return [
        Rendition(
            format="md",
            media_type="text/markdown",
            path=archive.path(edition.digest.day, ".md"),
            content=template.render(_values(edition, archive, site)).encode(),
        )
        for edition in archive.recent
    ]


def _values(edition: Edition, archive: Archive, site: Site) -> dict[str, object]:
    digest = edition.digest
    page = edition_page(digest.day, archive, site)
    return {
        "site": text(one_line(site.title) or "Paper digest"),
        "profile": text(one_line(archive.title) or archive.profile, start=False),
        "heading": wording.written_day(digest.day),
        "number": edition.number,
        "summary": text(wording.covering(digest)) if digest.ranked else "",
        "quiet": "" if digest.ranked else text(wording.quiet(digest)),
        "page": link("Read it on the web", page) if page else "",
        "parts": _parts(edition),
        "ended": text(wording.ended_oddly(digest)),
        "unread": wording.unread(digest.problems),
        "problems": [text(str(problem._replace(file=wording.document(problem.file)))) for problem in digest.problems],
    }


def _parts(edition: Edition) -> list[MarkdownPart]:
    sections = edition.digest.sections
    ranks = count(1)
    return [
        MarkdownPart(
            title=text(section.title, start=False) if len(sections) > 1 else "",
            entries=tuple(
                MarkdownEntry(
                    rank=next(ranks),
                    score=wording.points(ranked.score.total),
                    reasons=tuple(text(str(reason)) for reason in ranked.score.reasons),
                    paper=_paper(ranked.paper),
                )
                for ranked in section.ranked
            ),
        )
        for section in sections
    ]


@once
def _paper(paper: Paper) -> MarkdownPaper:
    found = links(paper)
    name = wording.name(paper)
    authors = " ".join(filter(None, [", ".join(wording.names(paper)), wording.cut(paper)]))
    return MarkdownPaper(
        title=link(name, found[0].href) if found else text(name, start=False),
        untitled=wording.untitled(paper),
        authors=text(authors),
        facts=text(" · ".join(wording.facts(paper))),
        abstract=text(wording.abstract(paper)),
        comments=text(wording.comments(paper), start=False),
        links=tuple(link(label, href) for label, href in found),
        listings=tuple(text(place, start=False) for place in wording.places(paper)),
    )
