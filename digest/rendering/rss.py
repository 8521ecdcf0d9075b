"""RSS 2.0, as the RSS Advisory Board's specification and Best Practices Profile have it."""

import re

from digest.model import Archive, Rendition, Site
from digest.rendering.feed import generator

_PLAIN = re.compile(rb"<(title|dc:creator|category)>[^<]*")
_HEXADECIMAL = ((b"&amp;", b"&#x26;"), (b"&lt;", b"&#x3C;"), (b"&gt;", b"&#x3E;"))


def render(archive: Archive, site: Site) -> list[Rendition]:
    """`<profile>/rss.xml`; nothing for a profile without an edition, for it has no date that a feed could carry."""
    if not archive.recent:
        return []
    path = archive.at("rss.xml")
    content = generator(archive, site, path).rss_str(pretty=True)
    return [Rendition(format="rss", media_type="application/rss+xml", path=path, content=_PLAIN.sub(_spelt, content))]


def _spelt(found: re.Match[bytes]) -> bytes:
    """Plain text with the references that the Profile asks for ("Character Data"): readers that unescape twice
    leave the hexadecimal ones alone.
    """
    text = found[0]
    for named, number in _HEXADECIMAL:
        text = text.replace(named, number)
    return text
