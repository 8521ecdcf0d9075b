"""The head of RSS and Atom documents, written by feedgen, with its traps disarmed; entries are spliced into it.

feedgen knows how a channel is written and checks it; but it takes a tenth of a millisecond for each entry, and a
tenth of that is enough for a whole personal feed from entries that were written once (`digest.rendering.once`). So
feedgen writes one document without entries for each shape that a page can have, with marks in the places of what
differs from feed to feed, and `document` puts that and the entries there. The result is, byte for byte, what feedgen
writes by itself (`tests/rendering/test_splicing.py`).

Its traps: a date that is not set is "now"; an Atom title has no type; RFC 5005's elements are unknown to it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from digest.model import Rendition, Site
from digest.patterns import pattern
from digest.rendering.addresses import absolute
from digest.rendering.feed import DESCRIPTION, GENERATOR, LANGUAGE, Channel, Page

if TYPE_CHECKING:
    from feedgen.feed import FeedGenerator

Kind = Literal["rss", "atom"]

STYLE = "feed.css"
"""Where the feeds' style sheet is published, below the site's root: for people who open a feed in a browser."""

HISTORY = "http://purl.org/syndication/history/1.0"
"""The name space of RFC 5005."""


class Whereabouts(NamedTuple):
    """The absolute addresses of a page and of its neighbours."""

    self: str | None
    """Where it is served itself, where that is known."""
    older: str | None = None
    newer: str | None = None
    current: str | None = None
    """The page to subscribe to, for a page of the archive."""
    style: str | None = None
    """The style sheet, relative to the page."""


def whereabouts(page: Page, ending: str, site: Site) -> Whereabouts:
    """Where `page` and its neighbours are in the format whose files end in `ending`."""

    def address(prefix: str | None) -> str | None:
        return None if prefix is None else absolute(f"{prefix}{ending}", site)

    return Whereabouts(
        self=address(page.prefix) if site.base_url else None,
        older=address(page.older),
        newer=address(page.newer),
        current=address(page.current),
        style=f"{'../' * page.prefix.count('/')}{STYLE}",
    )


def generator(channel: Channel, updated: datetime, where: Whereabouts) -> "FeedGenerator":
    """A page of the feed `channel` as feedgen holds it, without its entries."""
    from feedgen.ext.base import BaseExtension
    from feedgen.feed import FeedGenerator
    from lxml import etree

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

    class Paging(BaseExtension):  # type: ignore[misc]  # feedgen has no types
        """The links of RFC 5005 section 4 and its mark of an archive document."""

        def extend_ns(self) -> dict[str, str]:
            return {"fh": HISTORY} if where.current else {}

        def extend_rss(self, root: Any) -> Any:
            self._extend(root[0], "{http://www.w3.org/2005/Atom}link")
            return self._styled(root)

        def extend_atom(self, root: Any) -> Any:
            self._extend(root, "link")
            return self._styled(root)

        def _extend(self, element: Any, link: str) -> None:
            links = {
                "current": where.current,
                "prev-archive": where.older,
                "next-archive": where.newer,
            }
            if where.current:
                etree.SubElement(element, f"{{{HISTORY}}}archive")
            for rel, href in links.items():
                if href:
                    etree.SubElement(element, link, href=href, rel=rel)

        def _styled(self, root: Any) -> Any:
            if where.style:
                root.addprevious(etree.PI("xml-stylesheet", f'type="text/css" href="{where.style}"'))
            return root

    feed = FeedGenerator()
    feed.load_extension("dc", atom=False)
    feed.register_extension("html_title", HtmlTitle, HtmlTitle, rss=False)
    feed.register_extension("paging", Paging)
    feed.id(channel.id)
    feed.title(channel.title)
    feed.description(DESCRIPTION)
    feed.author({"name": channel.author})
    feed.language(LANGUAGE)
    feed.generator(GENERATOR)
    feed.updated(updated)
    if where.self:
        feed.link(href=where.self, rel="self")
    feed.link(href=channel.home, rel="alternate")
    return feed


def style_sheet(site: Site) -> Rendition:
    """`feed.css`, for all feeds of the site."""
    from digest.rendering.environment import environment, source

    content = source(environment(site.templates), STYLE).encode()
    return Rendition(format="css", media_type="text/css", path=STYLE, content=content)


def document(
    kind: Kind,
    channel: Channel,
    where: Whereabouts,
    updated: bytes,
    entries: Iterable[bytes],
    text: Callable[[str], str],
) -> bytes:
    """The page of a feed: what feedgen writes of `channel`, with the `entries`, which are whole indented lines.

    `updated` is the date as the format writes it; `text` escapes the feed's title.
    """
    values: Mapping[str, bytes] = {
        "id": channel.id.encode(),
        "title": text(channel.title).encode(),
        "author": escape(channel.author, quote=False).encode(),
        "home": _attribute(channel.home).encode(),
        "updated": updated,
        **{name: _attribute(href).encode() for name, href in where._asdict().items() if href},
    }
    pieces, end = _shape(kind, *(href is not None for href in where))
    head = [values[piece] if isinstance(piece, str) else piece for piece in pieces]
    return b"".join([*head, *entries, end])


def _attribute(address: str) -> str:
    """An address has no quotation marks: it is written in an attribute as in text."""
    return escape(address, quote=False)


@cache
def _shape(kind: Kind, *present: bool) -> tuple[list[bytes | str], bytes]:
    """A document of this shape in pieces, of which those of type str are the names of values, and its end."""
    given = (f"slot:{name}:" if there else None for name, there in zip(Whereabouts._fields, present, strict=True))
    slots = Channel(*(f"slot:{name}:" for name in Channel._fields))
    feed = generator(slots, _NEVER, Whereabouts(*given))
    whole: bytes = feed.rss_str(pretty=True) if kind == "rss" else feed.atom_str(pretty=True)
    end = b"  </channel>\n</rss>\n" if kind == "rss" else b"</feed>\n"
    whole = whole.replace(_WRITTEN[kind], b"slot:updated:").removesuffix(end)
    pieces = _SLOT.split(whole)  # every second one is the name of a value
    return [piece.decode() if place % 2 else piece for place, piece in enumerate(pieces)], end


_SLOT = pattern(rb"slot:([a-z]+):")
_NEVER = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
_WRITTEN = {"rss": b"Sat, 03 Feb 2001 04:05:06 +0000", "atom": b"2001-02-03T04:05:06+00:00"}
