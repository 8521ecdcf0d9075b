"""Atom, RFC 4287, paged as RFC 5005 has it."""

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

ENDING = "atom.xml"


def render(archive: Archive, site: Site) -> list[Rendition]:
    """`<profile>/atom.xml`, and `<profile>/<day>.atom.xml` for each recent day; nothing for a profile without an
    edition, for it has no date that a feed could carry.
    """
    channel = feed.channel(archive, site)
    return [written(page, channel, site) for page in feed.pages(archive, site)]


def written(page: Page, channel: Channel, site: Site) -> Rendition:
    """One document of the feed `channel`."""
    content = document(
        "atom", channel, whereabouts(page, ENDING, site), _date(page.updated), items(page.entries), markup
    )
    path = f"{page.prefix}{ENDING}"
    return Rendition(format="atom", media_type="application/atom+xml", path=path, content=content)


def items(entries: Iterable[Entry]) -> list[bytes]:
    """The lines of each entry's `<entry>`, as feedgen writes them, in pieces."""
    pieces: list[bytes] = []
    for paper, score, link, published, updated, _ in entries:
        title, before, after = _around(paper, link)
        pieces += (title, _date(updated), before, feed.escaped_reasons(score), after, _date(published), _END)
    return pieces


_END = b"</published>\n  </entry>\n"


@once
def _around(paper: Paper, link: str) -> tuple[bytes, bytes, bytes]:
    """An entry in three, parted where the date of its update and the reasons stand, and up to that of publication."""
    before, after = (escape(html, quote=False) for html in feed.around(paper))
    names = "".join(
        f"    <author>\n      <name>{escape(name, quote=False)}</name>\n    </author>\n" for name in feed.authors(paper)
    )
    categories = "".join(f'    <category term="{attribute(term)}"/>\n' for term in feed.categories(paper))
    return (
        f"  <entry>\n"
        f"    <id>{escape(entry_id(paper), quote=False)}</id>\n"
        f'    <title type="html">{markup(feed.title(paper))}</title>\n'
        f"    <updated>".encode(),
        f'</updated>\n{names}    <content type="html">{before}'.encode(),
        f'{after}</content>\n    <link href="{attribute(link)}"/>\n{categories}    <published>'.encode(),
    )


def markup(text: str) -> str:
    """Plain text as HTML that stands in XML: escaped for the one and the other."""
    return escape(escape(text, quote=False), quote=False)


def attribute(text: str) -> str:
    """Plain text in double quotation marks."""
    return escape(text, quote=False).replace('"', "&quot;")


@lru_cache(maxsize=4096)
def _date(instant: datetime) -> bytes:
    """`2026-05-26T00:00:04+00:00` (RFC 3339)."""
    return instant.isoformat().encode()
