"""Pages: what a person reads in a browser. Python decides what is said of papers; templates set it out.

One file a page, with its style inside: no font, no image, no request to anybody. The one script there is searches the
past editions of a profile, on the page of that profile, in files beside it.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from digest.model import Archive, ArchiveDay, Edition, Ranked, Rendition, Site, Tally
from digest.rendering import finding, months, wording
from digest.rendering.addresses import FEEDS, anchor, feeds
from digest.rendering.entries import WHOLE, block, weight
from digest.rendering.environment import environment, source
from digest.rendering.picture import picture
from digest.rendering.tex import readable
from digest.text import one_line

_TEASED = 5
"""So many papers of the newest edition stand on the profile's page."""

_LISTED = 10
"""So many editions before the newest are listed there with their first papers; the calendar has all."""

WEIGHT = 100_000
"""So many bytes has a page at most, where its papers leave it the choice."""

_AROUND, _WHY = 20_000, 250
"""What a page has besides its papers: styles, picture, head and foot; and a paper's reasons and marks."""

_FORMATS = (
    ("txt", "text", ".txt", "text/plain"),
    ("md", "Markdown", ".md", "text/markdown"),
    ("json", "JSON", ".json", "application/json"),
    ("bib", "BibTeX", ".bib", "application/x-bibtex"),
    ("ris", "RIS", ".ris", "application/x-research-info-systems"),
)
"""What else an edition is published as, beside its page."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


# ---------------------------------------------------------------------------------- what templates print


class Feed(NamedTuple):
    """A feed, or an edition in another format, for links that people see and for those that readers of feeds find."""

    label: str
    title: str
    href: str
    media_type: str


class Part(NamedTuple):
    """A section; without a title where it is the only one."""

    title: str
    papers: tuple[Markup, ...]
    """What `paper.html` made of each."""


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
    """`<folder>/<day>.html` for each recent edition, `<folder>/index.html`, the way to all of them, and what the
    search on that page reads: `<folder>/search-<month>.json` for each month that has a recent edition.
    """
    pages = [page(edition, archive, site) for edition in archive.recent]
    return [*pages, _profile(archive, site), *finding.render(archive)]


def page(edition: Edition, archive: Archive, site: Site) -> Rendition:
    """`<folder>/<day>.html`: one edition, with links to its neighbours among `archive.days`."""
    digest = edition.digest
    path = archive.path(digest.day)
    day = wording.written_day(digest.day)
    earlier = next((other for other in archive.days if other.day < digest.day), None)
    later = next((other for other in reversed(archive.days) if other.day > digest.day), None)
    return _page(
        path,
        "edition.html",
        site,
        private=archive.private,
        title=f"{wording.plain_day(digest.day)} · {_title(archive)} · {_site_title(site)}",
        description=f"{day}: {wording.summary(digest.tally)}.",
        feeds=_feeds(archive, path),
        profile=_title(archive),
        heading=day,
        day=digest.day.isoformat(),
        number=edition.number,
        summary=wording.covering(digest) if digest.ranked else "",
        quiet="" if digest.ranked else wording.quiet(digest),
        picture=picture(edition),
        parts=_parts(edition, site),
        more=_more(digest.tally) if digest.ranked else "",
        earlier=_day(earlier, archive, path, wording.plain_day) if earlier else None,
        later=_day(later, archive, path, wording.plain_day) if later else None,
        formats=[
            Feed(
                label=label,
                title=f"{day} ({label})",
                href=_href(archive.path(digest.day, suffix), path),
                media_type=media_type,
            )
            for name, label, suffix, media_type in _FORMATS
            if name in archive.published
        ],
        ended=wording.ended_oddly(digest),
        unread=wording.unread(digest.problems),
        problems=[str(problem._replace(file=wording.document(problem.file))) for problem in digest.problems],
        note=_note(site.note),
    )


def front_page(archives: Sequence[Archive], site: Site) -> Rendition:
    """`index.html`: all public profiles, each with its newest edition and its feeds, and the feeds of all in one."""
    path = "index.html"
    public = [archive for archive in archives if archive.public]
    title = _site_title(site)
    feeds = [
        Feed(label=kind.label, title=f"{title} ({kind.label})", href=kind.name, media_type=kind.media_type)
        for kind in FEEDS
        if any(archive.recent for archive in public)
    ]
    return _page(
        path,
        "index.html",
        site,
        title=title,
        description="New research papers every day, ranked by what each profile looks for.",
        feeds=[*feeds, *(feed for archive in public for feed in _feeds(archive, path))],
        all_feeds=feeds,
        profiles=[
            Shelf(
                title=_title(archive),
                href=_href(archive.at("index.html"), path),
                newest=_newest(archive, path),
                feeds=_feeds(archive, path),
            )
            for archive in public
        ],
        note=_note(site.note),
    )


def _profile(archive: Archive, site: Site) -> Rendition:
    path = archive.at("index.html")
    newest = archive.recent[0] if archive.recent else None
    script = source(environment(site.templates), "search.js").strip()  # so that checkers and browsers agree on its hash
    return _page(
        path,
        "profile.html",
        site,
        policy=f"{_POLICY}; script-src '{_hash(script)}'; connect-src 'self'",
        private=archive.private,
        title=f"{_title(archive)} · {_site_title(site)}",
        description=f"Every edition of “{_title(archive)}”, and its feeds.",
        feeds=_feeds(archive, path),
        heading=_title(archive),
        newest=_newest(archive, path),
        teased=_teased(newest, archive, path) if newest else [],
        earlier=[_day(day, archive, path, wording.plain_day) for day in archive.days[1 : _LISTED + 1]],
        years=months.years(archive.days, lambda day: _href(archive.path(day), path)),
        searched=finding.months(archive),
        script=Markup(script),
        note=_note(site.note),
    )


def _parts(edition: Edition, site: Site) -> list[Part]:
    sections, own = edition.digest.sections, site.templates
    titles = [one_line(section.title) if len(sections) > 1 else "" for section in sections]
    levels = [3 if title else 2 for title, section in zip(titles, sections, strict=True) for _ in section.ranked]
    ranked = edition.digest.ranked
    cited = _room_to_cite(ranked, levels, own)
    blocks = (
        block(one, rank, level, own, cited=cited)
        for rank, (one, level) in enumerate(zip(ranked, levels, strict=True), 1)
    )
    return [
        Part(title=title, papers=tuple(islice(blocks, len(section.ranked))))
        for title, section in zip(titles, sections, strict=True)
    ]


def _room_to_cite(ranked: Sequence[Ranked], levels: Sequence[int], own: str | None) -> bool:
    """Whether the page stays light with every paper's BibTeX in it. Where not, the edition's own file has them."""
    room = WEIGHT - _AROUND
    for rank, (one, level) in enumerate(zip(ranked, levels, strict=True), 1):
        room -= weight(one.paper, rank <= WHOLE, level, own) + _WHY
        if room < 0:
            return False
    return True


def _more(tally: Tally) -> str:
    """What the edition leaves out though it matches: `7 more papers scored below the threshold.`"""
    told = [
        f"{number:,} {what}"
        for number, what in ((tally.below_threshold, "below the threshold"), (tally.beyond_limit, "beyond the limit"))
        if number
    ]
    if not told:
        return ""
    more = tally.below_threshold + tally.beyond_limit
    if len(told) > 1:
        return f"{wording.counted(more, 'more paper')} matched: {' and '.join(told)}."
    return f"{wording.counted(more, 'more paper')} matched, {told[0].partition(' ')[2]}."


def _page(
    path: str, template: str, site: Site, *, policy: str = _POLICY, private: bool = False, **values: object
) -> Rendition:
    values |= {"site": _site_title(site), "policy": Markup(policy), "private": private}
    text = environment(site.templates).get_template(template).render(values)
    return Rendition(format="html", media_type="text/html", path=path, content=text.encode())


def _hash(script: str) -> str:
    """What a policy calls a script that stands in the page (CSP Level 3, section 8.2)."""
    return f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"


def _site_title(site: Site) -> str:
    return one_line(site.title) or "Paper digest"


def _title(archive: Archive) -> str:
    return one_line(archive.title) or archive.profile


@lru_cache(maxsize=16)
def _note(note: str) -> Markup:
    if not note.strip():
        return Markup()
    from digest.rendering.note import as_html

    return as_html(note)


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
            label=kind.label,
            title=f"{_title(archive)} ({kind.label})",
            href=_href(archive.at(kind.name), page),
            media_type=kind.media_type,
        )
        for kind in feeds(archive)
    ]


def _newest(archive: Archive, page: str) -> Line | None:
    if not archive.days:
        return None
    line = _day(archive.days[0], archive, page, wording.written_day)
    newest = next(iter(archive.recent), None)
    if newest and not newest.digest.tally.shown and newest.digest.verdict != "delivered":
        return line._replace(aside=f"{line.aside} ({newest.digest.verdict})")
    return line


def _day(day: ArchiveDay, archive: Archive, page: str, written: Callable[[date], str]) -> Line:
    return Line(
        label=written(day.day),
        href=_href(archive.path(day.day), page),
        aside=wording.counted(day.shown, "paper") if day.shown else "no papers",
        teaser=readable(one_line(day.headline or "")),
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
