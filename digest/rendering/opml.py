"""OPML 2.0 (http://opml.org/spec2.opml): all feeds of the site in one file, which readers of feeds import."""

from collections.abc import Sequence
from html import escape

from digest.model import Archive, Rendition, Site
from digest.rendering import everything, feed
from digest.rendering.addresses import absolute
from digest.text import one_line

PATH = "feeds.opml"


def render(archives: Sequence[Archive], site: Site) -> Rendition:
    """`feeds.opml`: the RSS of all public profiles and that of each, in the order given, but for those that have none.
    The file has no date, for there is none but that of the run.
    """
    shelves = [everything.gathered(archives), *everything.public(archives)]
    title = one_line(site.title) or "Paper digest"
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        "  <head>",
        f"    <title>{escape(title, quote=False)}</title>",
        "  </head>",
        "  <body>",
        *(_outline(archive, site) for archive in shelves if archive.recent and "rss" in archive.published),
        "  </body>",
        "</opml>",
        "",
    ]
    return Rendition(format="opml", media_type="text/x-opml", path=PATH, content="\n".join(lines).encode())


def _outline(archive: Archive, site: Site) -> str:
    """The profile's RSS: `type` says so, and readers know no other. `text` is what they show, `title` its own name."""
    channel = feed.channel(archive, site)
    values = {
        "type": "rss",
        "version": "RSS2",
        "text": one_line(archive.title) or archive.profile,
        "title": channel.title,
        "description": feed.DESCRIPTION,
        "language": feed.LANGUAGE,
        "htmlUrl": channel.home,
        "xmlUrl": absolute(archive.at("rss.xml"), site),
    }
    attributes = " ".join(f'{name}="{_attribute(value)}"' for name, value in values.items())
    return f"    <outline {attributes}/>"


def _attribute(text: str) -> str:
    return escape(text, quote=False).replace('"', "&quot;")
