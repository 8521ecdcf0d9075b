"""What RSS and Atom share: one feedgen generator of a profile's recent papers, its traps disarmed.

Those are: entries are prepended, dates not set are "now", an RSS author without an address is dropped, authors
added one by one cost the square of their number, characters that XML forbids raise, and an Atom title has no type.

Newest edition first, in each the ranking's order. A date is the edition's, some seconds later the higher a paper
ranks, so that readers that sort by date keep that order; none lies in the future and none is the time of a run.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from html import escape
from typing import Any

from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator

from digest.model import Archive, Edition, Ranked, Site
from digest.rendering import addresses, wording
from digest.text import one_line

ENTRIES = 100
"""A feed is what is new: older papers stand in the archive. With whole abstracts this many are about 250 kB."""

_AUTHORS_IN_TEXT = 20
"""A collaboration has thousands; the entry's author elements have them all."""


class HtmlTitle(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Gives a feed's or an entry's Atom title the type `html`.

    A title of type text that reads like markup (`O(n<m)`, `<b>`) is shown with parts missing by readers that
    take all titles for HTML; escaped twice it comes out right everywhere (RFC 4287 section 3.1.1.2).
    """

    def extend_atom(self, element: Any) -> Any:
        title = element.find("title")
        title.text = escape(title.text, quote=False)
        title.set("type", "html")
        return element


def generator(archive: Archive, site: Site, path: str) -> FeedGenerator:
    """The feed of `archive`, to be published at `path`, as feedgen holds it. An archive needs an edition."""
    newest = archive.recent[0]
    title = one_line(archive.title) or archive.profile
    feed = FeedGenerator()
    feed.load_extension("dc", atom=False)
    feed.register_extension("html_title", HtmlTitle, HtmlTitle, rss=False)
    feed.id(addresses.feed_id(archive, site))
    feed.title(" – ".join(filter(None, [title, one_line(site.title)])))
    feed.description("New research papers every day, the best match first, with the reasons why.")
    feed.author({"name": one_line(site.title) or title})
    feed.language("en")
    feed.generator("paperdigest")
    feed.updated(_instants(newest)[0])
    if site.base_url:
        feed.link(href=addresses.absolute(path, site), rel="self")
    feed.link(href=addresses.profile_page(archive, site), rel="alternate")
    for edition, ranked, instant in entries(archive):
        _add(feed, edition, ranked, instant, archive, site)
    return feed


def entries(archive: Archive) -> Iterator[tuple[Edition, Ranked, datetime]]:
    """The papers that a feed has, with their editions and dates: whole papers, at most `ENTRIES`, each paper once."""
    seen: set[str] = set()
    for edition in archive.recent:
        for ranked, instant in zip(edition.digest.ranked, _instants(edition), strict=False):
            if ranked.paper.id not in seen:
                seen.add(ranked.paper.id)
                yield edition, ranked, instant
            if len(seen) == ENTRIES:
                return


def _instants(edition: Edition) -> list[datetime]:
    """The date of each paper, the first the latest; that of the edition where it has none."""
    count = len(edition.digest.ranked)
    return [edition.issued + timedelta(seconds=count - i) for i in range(count)] or [edition.issued]


def _add(
    feed: FeedGenerator, edition: Edition, ranked: Ranked, instant: datetime, archive: Archive, site: Site
) -> None:
    paper = ranked.paper
    authors = wording.names(paper)
    entry = feed.add_entry(order="append")
    entry.id(addresses.entry_id(paper))
    entry.title(wording.name(paper))
    entry.link(href=addresses.entry_link(paper, edition, archive, site))
    entry.author([{"name": name} for name in authors])
    entry.dc.dc_creator(authors)
    entry.category([{"term": term} for category in paper.categories if (term := one_line(category))])
    entry.published(instant)
    entry.updated(instant)
    entry.content(content(ranked), type="html")


def content(ranked: Ranked) -> str:
    """The text of an entry, as HTML: the abstract, why it is here, who wrote it, when, and where it is."""
    paper = ranked.paper
    known = wording.names(paper)
    more = len(known) - _AUTHORS_IN_TEXT
    told = ", ".join([*known[:_AUTHORS_IN_TEXT], *([f"and {more:,} more"] if more > 0 else [])])
    reasons = "; ".join(map(str, ranked.score.reasons))
    paragraphs = [
        wording.abstract(paper),
        wording.untitled(paper),
        f"Score {wording.points(ranked.score.total)}: {reasons}" if reasons else "",
        f"{told} {wording.cut(paper)}",
        " · ".join(wording.facts(paper)),
        f"Comments: {said}" if (said := wording.comments(paper)) else "",
    ]
    lines = [escape(line, quote=False) for text in paragraphs if (line := one_line(text))]
    lines.append(
        " · ".join(
            f'<a href="{escape(href)}">{escape(label, quote=False)}</a>' for label, href in addresses.links(paper)
        )
    )
    return "\n".join(f"<p>{line}</p>" for line in lines if line)
