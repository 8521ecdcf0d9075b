"""What is published of a profile: its feeds and its pages, as bytes with a path and a media type.

A renderer is a function of an archive and a site that gives renditions; a package adds one under the entry point
group `digest.renderers`. Renderers are pure: they ask no clock, and the same archive gives the same bytes.

Every feed and page is of the one profile, but for the site's front page, which needs all of them: `render_index`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from digest.model import PUBLISHED, Archive, Rendition, Site
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
        "jsonfeed": "digest.rendering.jsonfeed:render",
        "html": "digest.rendering.html:render",
        "txt": "digest.rendering.txt:render",
        "md": "digest.rendering.edition_md:render",
        "json": "digest.rendering.edition_json:render",
        "bib": "digest.rendering.bibliography:bib",
        "ris": "digest.rendering.bibliography:ris",
        "slack": "digest.rendering.webhooks:slack",
        "discord": "digest.rendering.webhooks:discord",
        "mattermost": "digest.rendering.webhooks:mattermost",
        "telegram": "digest.rendering.webhooks:telegram",
    },
)


FEEDS = ("rss", "atom", "jsonfeed")
"""The formats that the site's feed of all profiles has."""


def render(archive: Archive, site: Site, formats: Iterable[str] = PUBLISHED) -> list[Rendition]:
    """What is published of one profile: `<profile>/rss.xml`, `<profile>/atom.xml`, `<profile>/feed.json`,
    `<profile>/index.html`, and for each of the archive's recent editions `<profile>/<day>.html`, the same day in the
    other formats, and the feeds' pages `<day>.rss.xml`, `<day>.atom.xml` and `<day>.feed.json`.

    Raises UsageError for a format that does not exist.
    """
    return [rendition for name in formats for rendition in RENDERERS[name](archive, site)]


def render_index(archives: Sequence[Archive], site: Site, first: Mapping[str, date] | None = None) -> list[Rendition]:
    """What is published of the whole site: `index.html`, all public profiles in the order given, each with its newest
    edition and its feeds; `feeds.opml`; the feeds of all profiles in one, `rss.xml`, `atom.xml` and `feed.json` with
    their pages; and `feed.css`, which all feeds name. `first` tells the day on which a public profile first showed a
    paper, as far as anybody remembers.
    """
    from digest.rendering import channel, everything, opml
    from digest.rendering.html import front_page

    public = [archive for archive in archives if archive.public]
    feeds = render(everything.gathered(public, first), site, FEEDS)
    return [front_page(public, site), opml.render(public, site), *feeds, channel.style_sheet(site)]
