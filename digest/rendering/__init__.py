"""What is published of a profile: its feeds and its pages, as bytes with a path and a media type.

A renderer is a function of an archive and a site that gives renditions; a package adds one under the entry point
group `digest.renderers`. Renderers are pure: they ask no clock, and the same archive gives the same bytes.

Every feed and page is of the one profile, but for the site's front page, which needs all of them: `render_index`.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from digest.model import Archive, Rendition, Site
from digest.plugins import Registry


class Renderer(Protocol):
    """One format of what is published."""

    def __call__(self, archive: Archive, site: Site) -> list[Rendition]:
        """What this format has of a profile; nothing where there is nothing to say yet."""


RENDERERS: Registry[Renderer] = Registry(
    "digest.renderers",
    {
        "rss": "digest.rendering.rss:render",
        "atom": "digest.rendering.atom:render",
        "html": "digest.rendering.html:render",
    },
)


def render(archive: Archive, site: Site, formats: Iterable[str] = ("rss", "atom", "html")) -> list[Rendition]:
    """Everything of one profile: `<profile>/rss.xml`, `<profile>/atom.xml`, `<profile>/index.html`, and
    `<profile>/<day>.html` for each of the archive's recent editions. Pages link to the feeds beside them.

    Raises UsageError for a format that does not exist.
    """
    return [rendition for name in formats for rendition in RENDERERS[name](archive, site)]


def render_index(archives: Sequence[Archive], site: Site) -> list[Rendition]:
    """What is published of the whole site: `index.html`, all profiles in the order given, each with its newest
    edition and its feeds.
    """
    from digest.rendering.html import front_page

    public = [archive for archive in archives if not archive.private]
    return [front_page(public, site)]
