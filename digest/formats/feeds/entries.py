"""The wire's shape of an entry: what it says, by key, whichever of the dozen kinds of feed it stands in."""

from typing import TYPE_CHECKING, Final, NamedTuple

from digest.formats.markup import text, told
from digest.formats.prose import prose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element

_SPACES: Final = {
    "http://www.w3.org/2005/Atom": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://purl.org/net/rss1.1#": "",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://arxiv.org/schemas/atom": "arxiv",
    "http://arxiv.org/schemas/atom/": "arxiv",
    "http://web.resource.org/cc/": "cc",
    "http://creativecommons.org/ns#": "cc",
    "http://backend.userland.com/creativeCommonsRssModule": "cc",
    "http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html": "cc",
}
_KEYS: Final[dict[object, str]] = {}
"""What tags are called here, as far as they were met."""
_MOST_KEYS: Final = 1000


def key(element: "_Element") -> str:
    """The name of an element, in lower case, with the usual prefix of its module; a feed's own have none. A comment's
    is a colon.
    """
    tag: object = element.tag
    known = _KEYS.get(tag)
    if known is None:
        if not isinstance(tag, str):
            return ":"
        space, _, name = tag.rpartition("}")
        prefix = "prism" if "prismstandard.org/" in space else _SPACES.get(space[1:], element.prefix or "")
        known = f"{prefix}:{name}".lower() if prefix else name.lower()
        if len(_KEYS) < _MOST_KEYS:
            _KEYS[tag] = known
    return known


class Link(NamedTuple):
    """A link that an entry has, as Atom has it (RFC 4287, section 4.2.7)."""

    rel: str
    kind: str
    """Its media type."""
    href: str
    title: str


class Entry(NamedTuple):
    """What an entry says, by key, as often as it is said; a text that has elements in it is plain, and under its key
    with `!` behind it.
    """

    said: dict[str, list[str]]
    links: list[Link]

    def first(self, *keys: str) -> str:
        """What is said under the first of `keys` that has something; as it is written."""
        for one in keys:
            if one in self.said:
                return self.said[one][0]
        return ""


_MARKED: Final = frozenset("title summary content description tagline body subtitle dc:title dc:description".split())
"""What may have elements in it: XHTML, or HTML that nobody quoted."""
_PERSONS: Final = frozenset(("author", "contributor"))
_MEDIA: Final = frozenset(("enclosure", "media:content", "media:thumbnail"))


def entry(element: "_Element") -> Entry:
    said: dict[str, list[str]] = {}
    links: list[Link] = []
    known = _KEYS
    for one in element:
        name = known.get(one.tag) or key(one)
        value = one.text
        if name == "link":
            href = one.get("href")
            if href is not None:
                links.append(Link(one.get("rel") or "alternate", one.get("type") or "", href, one.get("title") or ""))
                continue
        elif name == "category":
            value = one.get("label") or one.get("term") or value
        elif len(one):
            if name in _PERSONS:
                value = told(one, "name") or told(one, "email")
            elif name in _MARKED:
                value = prose(one)
                name = f"{name}!"
            elif name.startswith("media:"):
                _read_media(one.iter(), said, links)
                continue
            else:
                value = text(one)
        elif not value:
            if name in _MEDIA:
                _read_media((one,), said, links)
            elif name == "arxiv:primary_category":
                value = one.get("term")
            elif name.startswith(("cc:", "dcterms:", "dc:")):
                value = one.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource")
        if value:
            if name in said:
                said[name].append(value)
            else:
                said[name] = [value]
    return Entry(said, links)


def _read_media(found: "Iterable[_Element]", said: dict[str, list[str]], links: list[Link]) -> None:
    """Enclosures, and what Media RSS nests in groups."""
    for one in found:
        name = key(one)
        address, kind = one.get("url"), one.get("type") or ""
        if address and name in _MEDIA:
            image = name == "media:thumbnail" or kind.startswith("image/") or one.get("medium") == "image"
            links.append(Link("image" if image else "enclosure", kind, address, ""))
        if one.text and name.startswith("media:"):
            said.setdefault(name, []).append(one.text)
