"""RSS 2.0, as the RSS Advisory Board's specification and Best Practices Profile have it, paged as RFC 5005 has it."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from html import escape

from digest.model import Archive, Paper, Rendition, Site
from digest.rendering import feed
from digest.rendering.addresses import entry_id
from digest.rendering.channel import document, whereabouts
from digest.rendering.feed import Channel, Entry, Page
from digest.rendering.once import once

ENDING = "rss.xml"


def render(archive: Archive, site: Site) -> list[Rendition]:
    """`<profile>/rss.xml`, and `<profile>/<day>.rss.xml` for each recent day; nothing for a profile without an edition,
    for it has no date that a feed could carry.
    """
    channel = feed.channel(archive, site)
    return [written(page, channel, site) for page in feed.pages(archive, site)]


def written(page: Page, channel: Channel, site: Site) -> Rendition:
    """One document of the feed `channel`."""
    content = document("rss", channel, whereabouts(page, ENDING, site), _date(page.updated), items(page.entries), plain)
    path = f"{page.prefix}{ENDING}"
    return Rendition(format="rss", media_type="application/rss+xml", path=path, content=content)


def items(entries: Iterable[Entry]) -> list[bytes]:
    """The lines of each entry's `<item>`, as feedgen writes them, in pieces."""
    pieces: list[bytes] = []
    for paper, score, link, published, _, _ in entries:
        before, after, names = _around(paper, link)
        pieces += (before, feed.escaped_reasons(score), after, _date(published), names)
    return pieces


@once
def _around(paper: Paper, link: str) -> tuple[bytes, bytes, bytes]:
    """An item in three, parted where the reasons and the date stand."""
    before, after = (escape(html, quote=False) for html in feed.around(paper))
    categories = "".join(f"      <category>{plain(term)}</category>\n" for term in feed.categories(paper))
    names = "".join(f"      <dc:creator>{plain(name)}</dc:creator>\n" for name in feed.authors(paper))
    return (
        f"    <item>\n"
        f"      <title>{plain(feed.title(paper))}</title>\n"
        f"      <link>{escape(link, quote=False)}</link>\n"
        f"      <description>{before}".encode(),
        f"{after}</description>\n"
        f'      <guid isPermaLink="false">{escape(entry_id(paper), quote=False)}</guid>\n'
        f"{categories}"
        f"      <pubDate>".encode(),
        f"</pubDate>\n{names}    </item>\n".encode(),
    )


def plain(text: str) -> str:
    """Plain text with the references that the Profile asks for ("Character Data"): readers that unescape twice
    leave the hexadecimal ones alone.
    """
    return text.replace("&", "&#x26;").replace("<", "&#x3C;").replace(">", "&#x3E;")


@lru_cache(maxsize=4096)
def _date(instant: datetime) -> bytes:
    """`Tue, 26 May 2026 00:00:04 +0000` (RFC 5322 section 3.3), in no locale."""
    day, month = _DAYS[instant.weekday()], _MONTHS[instant.month - 1]
    return f"{day}, {instant.day:02} {month} {instant.year:04} {instant:%H:%M:%S %z}".encode()


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
