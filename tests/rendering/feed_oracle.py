"""Feeds as feedgen alone writes them, entry by entry, with the content that ours have: what splicing must equal."""

import re
from collections.abc import Sequence

from digest.model import Archive, Rendition, Site
from digest.rendering import feed
from digest.rendering.addresses import entry_id
from digest.rendering.channel import generator, whereabouts
from digest.rendering.feed import Channel, Page

_PLAIN = re.compile(rb"<(title|dc:creator|category)>[^<]*")
_HEXADECIMAL = ((b"&amp;", b"&#x26;"), (b"&lt;", b"&#x3C;"), (b"&gt;", b"&#x3E;"))


def by_feedgen(archive: Archive, site: Site, kind: str) -> list[tuple[str, bytes]]:
    """The path and the bytes of every page of the feed."""
    channel = feed.channel(archive, site)
    return [
        (f"{page.prefix}{kind}.xml", page_by_feedgen(page, channel, site, kind)) for page in feed.pages(archive, site)
    ]


def page_by_feedgen(page: Page, channel: Channel, site: Site, kind: str) -> bytes:
    made = generator(channel, page.updated, whereabouts(page, f"{kind}.xml", site))
    for paper, score, link, published, updated, _ in page.entries:
        names = feed.authors(paper)
        entry = made.add_entry(order="append")
        entry.id(entry_id(paper))
        entry.title(feed.title(paper))
        entry.link(href=link)
        entry.author([{"name": name} for name in names])
        entry.dc.dc_creator(names)
        entry.category([{"term": term} for term in feed.categories(paper)])
        entry.published(published)
        entry.updated(updated)
        entry.content(feed.content(paper, score), type="html")
    return _PLAIN.sub(_spelt, made.rss_str(pretty=True)) if kind == "rss" else made.atom_str(pretty=True)


def _spelt(found: re.Match[bytes]) -> bytes:
    text: bytes = found[0]
    for named, number in _HEXADECIMAL:
        text = text.replace(named, number)
    return text


def unlike(ours: Sequence[Rendition], theirs: Sequence[tuple[str, bytes]]) -> list[str]:
    """Where the two differ, a line each."""
    told = [] if [one.path for one in ours] == [path for path, _ in theirs] else ["other paths"]
    for one, (path, content) in zip(ours, theirs, strict=False):
        pairs = zip(one.content.splitlines(), content.splitlines(), strict=False)
        told += [f"{path}: {mine!r} | {wanted!r}" for mine, wanted in pairs if mine != wanted][:3]
        if one.content != content and not told:
            told.append(f"{path}: {len(one.content)} and {len(content)} bytes")
    return told
