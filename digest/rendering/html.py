"""Pages: what a person reads in a browser. Python decides what is said of papers; templates set it out.

One file a page, with its style inside: no script, no font, no request to anybody.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import count, groupby
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup, escape

from digest.model import Archive, ArchiveDay, Edition, Paper, Ranked, Rendition, Site
from digest.ranking.names import matches
from digest.rendering import wording
from digest.rendering.addresses import Link, anchor, links
from digest.rendering.environment import environment
from digest.text import occurrences, one_line, sentences

_WHOLE = 3
"""So many papers at the top of an edition show their whole abstract; of the others it is folded."""

_LEAD = 300
"""Of a folded abstract whole sentences are shown until there are so many characters."""

_AUTHORS = 8
"""Of a longer list of authors the rest is folded."""

_TEASED = 5
"""So many papers of the newest edition stand on the profile's page."""

_FEEDS = (("RSS", "rss.xml", "application/rss+xml"), ("Atom", "atom.xml", "application/atom+xml"))


# ---------------------------------------------------------------------------------- what templates print


class Feed(NamedTuple):
    """A feed, for links that people see and for those that readers of feeds find."""

    label: str
    title: str
    href: str
    media_type: str


class Entry(NamedTuple):
    """A paper in an edition."""

    rank: int
    anchor: str
    title: Markup
    links: tuple[Link, ...]
    """Where it can be read; the first is what the title opens."""
    untitled: str
    authors: Markup
    folded: Markup
    """The rest of a long list of authors."""
    folded_count: str
    cut: str
    facts: tuple[str, ...]
    score: str
    reasons: tuple[str, ...]
    lead: Markup
    rest: Markup
    """What of the abstract is folded."""
    comments: Markup
    listed: str
    listings: tuple[str, ...]


class Part(NamedTuple):
    """A section; without a title where it is the only one."""

    title: str
    entries: tuple[Entry, ...]


class Line(NamedTuple):
    """An edition or a paper in a list: a link, and what is said beside it."""

    label: str
    href: str
    aside: str = ""
    teaser: str = ""


class Shelf(NamedTuple):
    """A profile on the front page."""

    title: str
    href: str
    newest: Line | None
    feeds: list[Feed]


# ------------------------------------------------------------------------------------------------- pages


def render(archive: Archive, site: Site) -> list[Rendition]:
    """`<profile>/<day>.html` for each recent edition, and `<profile>/index.html`, the way to all of them."""
    note = _note(site)
    pages = [_edition(edition, archive, site, note) for edition in archive.recent]
    return [*pages, _profile(archive, site, note)]


def front_page(archives: Sequence[Archive], site: Site) -> Rendition:
    """`index.html`: all profiles, each with its newest edition and its feeds."""
    path = "index.html"
    return _page(
        path,
        "index.html",
        site,
        title=_site_title(site),
        description="New research papers every day, ranked by what each profile looks for.",
        feeds=[feed for archive in archives for feed in _feeds(archive, path)],
        profiles=[
            Shelf(
                title=_title(archive),
                href=_href(archive.at("index.html"), path),
                newest=_newest(archive, path),
                feeds=_feeds(archive, path),
            )
            for archive in archives
        ],
        note=_note(site),
    )


def _profile(archive: Archive, site: Site, note: Markup) -> Rendition:
    path = archive.at("index.html")
    newest = archive.recent[0] if archive.recent else None
    months = groupby(archive.days, key=lambda day: wording.month(day.day))
    return _page(
        path,
        "profile.html",
        site,
        title=f"{_title(archive)} · {_site_title(site)}",
        description=f"Every edition of “{_title(archive)}”, and its feeds.",
        feeds=_feeds(archive, path),
        heading=_title(archive),
        newest=_newest(archive, path),
        teased=_teased(newest, archive, path) if newest else [],
        months=[(month, [_day(day, archive, path) for day in days]) for month, days in months],
        note=note,
    )


def _edition(edition: Edition, archive: Archive, site: Site, note: Markup) -> Rendition:
    digest = edition.digest
    path = archive.path(digest.day)
    day = wording.written_day(digest.day)
    earlier = next((other for other in archive.days if other.day < digest.day), None)
    later = next((other for other in reversed(archive.days) if other.day > digest.day), None)
    return _page(
        path,
        "edition.html",
        site,
        title=f"{wording.plain_day(digest.day)} · {_title(archive)} · {_site_title(site)}",
        description=f"{day}: {wording.summary(digest.tally)}.",
        feeds=_feeds(archive, path),
        profile=_title(archive),
        heading=day,
        day=digest.day.isoformat(),
        number=edition.number,
        summary=wording.summary(digest.tally) if digest.ranked else "",
        quiet="" if digest.ranked else wording.quiet(digest.tally),
        parts=_parts(edition),
        earlier=_day(earlier, archive, path, wording.plain_day) if earlier else None,
        later=_day(later, archive, path, wording.plain_day) if later else None,
        unread=wording.unread(digest.problems),
        problems=[str(problem._replace(file=wording.document(problem.file))) for problem in digest.problems],
        note=note,
    )


def _page(path: str, template: str, site: Site, **values: object) -> Rendition:
    values["site"] = _site_title(site)
    text = environment(site.templates).get_template(template).render(values)
    return Rendition(format="html", media_type="text/html", path=path, content=text.encode())


def _site_title(site: Site) -> str:
    return one_line(site.title) or "Paper digest"


def _title(archive: Archive) -> str:
    return one_line(archive.title) or archive.profile


def _note(site: Site) -> Markup:
    if not site.note.strip():
        return Markup()
    from digest.rendering.note import as_html

    return as_html(site.note)


# ------------------------------------------------------------------------------------------------- lists


def _href(path: str, page: str) -> str:
    """From one published file to another."""
    folder = page[: page.rfind("/") + 1]
    near = path[len(folder) :] if path.startswith(folder) else "../" * folder.count("/") + path
    return quote(near, safe="/.-_~")


def _feeds(archive: Archive, page: str) -> list[Feed]:
    if not archive.recent:
        return []
    return [
        Feed(
            label=label,
            title=f"{_title(archive)} ({label})",
            href=_href(archive.at(name), page),
            media_type=media_type,
        )
        for label, name, media_type in _FEEDS
    ]


def _newest(archive: Archive, page: str) -> Line | None:
    if not archive.days:
        return None
    return _day(archive.days[0], archive, page, wording.written_day)


def _day(day: ArchiveDay, archive: Archive, page: str, written: Callable[[date], str] = wording.short_day) -> Line:
    return Line(
        label=written(day.day),
        href=_href(archive.path(day.day), page),
        aside=wording.counted(day.shown, "paper") if day.shown else "no papers",
        teaser=one_line(day.headline or ""),
    )


def _teased(edition: Edition, archive: Archive, page: str) -> list[Line]:
    return [
        Line(
            label=wording.name(ranked.paper),
            href=f"{_href(archive.path(edition.digest.day), page)}#{anchor(ranked.paper)}",
            aside=wording.points(ranked.score.total),
        )
        for ranked in edition.digest.ranked[:_TEASED]
    ]


# ------------------------------------------------------------------------------------------------ papers


def _parts(edition: Edition) -> list[Part]:
    sections = edition.digest.sections
    ranks = count(1)
    return [
        Part(
            title=one_line(section.title) if len(sections) > 1 else "",
            entries=tuple(_entry(ranked, next(ranks)) for ranked in section.ranked),
        )
        for section in sections
    ]


def _entry(ranked: Ranked, rank: int) -> Entry:
    paper, reasons = ranked.paper, ranked.score.reasons
    wanted: dict[tuple[str, str], list[str]] = {}
    for reason in reasons:
        if reason.points > 0:
            wanted.setdefault((reason.signal, reason.place), []).append(reason.term)
    in_title, in_abstract, in_comments = (wanted.get(("keyword", place), []) for place in _PLACES)
    shown, folded = _authors(paper, wanted.get(("author", "authors"), []))
    lead, rest = _lead(wording.abstract(paper), whole=rank <= _WHOLE)
    return Entry(
        rank=rank,
        anchor=anchor(paper),
        title=marked(wording.name(paper), in_title),
        links=tuple(links(paper)),
        untitled=wording.untitled(paper),
        authors=_COMMA.join(shown),
        folded=_COMMA.join(folded),
        folded_count=f"and {len(folded):,} more",
        cut=wording.cut(paper),
        facts=tuple(wording.facts(paper)),
        score=wording.points(ranked.score.total),
        reasons=tuple(str(reason) for reason in reasons),
        lead=marked(lead, in_abstract),
        rest=marked(rest, in_abstract),
        comments=marked(wording.comments(paper), in_comments),
        listed="Listed once"
        if len(paper.listings) == 1
        else f"Listed in {wording.counted(len(paper.listings), 'place')}",
        listings=tuple(wording.listed_at(listing.position) for listing in paper.listings),
    )


_COMMA = Markup(", ")
_PLACES = ("title", "abstract", "comments")


def marked(text: str, phrases: Iterable[str]) -> Markup:
    """`text`, escaped, with `<mark>` around each place where one of `phrases` stands."""
    pieces, at = [], 0
    for start, end in occurrences(text, phrases):
        pieces += [escape(text[at:start]), _MARK.format(text[start:end])]
        at = end
    return Markup().join([*pieces, escape(text[at:])])


_MARK = Markup("<mark>{}</mark>")


def _authors(paper: Paper, followed: Sequence[str]) -> tuple[list[Markup], list[Markup]]:
    """The authors to show and those to fold: a followed one is marked and never folded."""
    names = wording.names(paper)
    known = {i for i, name in enumerate(names) if any(matches(wanted, name) for wanted in followed)}
    first = set(range(len(names) if len(names) <= _AUTHORS else _AUTHORS - 2))
    told = [_MARK.format(name) if i in known else escape(name) for i, name in enumerate(names)]
    shown = [told[i] for i in range(len(told)) if i in first | known]
    return shown, [told[i] for i in range(len(told)) if i not in first | known]


def _lead(abstract: str, *, whole: bool) -> tuple[str, str]:
    """An abstract in two: the sentences that are shown and those that are folded. A short rest is not folded."""
    if whole:
        return abstract, ""
    parts = sentences(abstract)
    shown = 1
    while shown < len(parts) and len(" ".join(parts[:shown])) < _LEAD:
        shown += 1
    rest = " ".join(parts[shown:])
    return (" ".join(parts[:shown]), rest) if len(rest) > _LEAD / 2 else (abstract, "")
