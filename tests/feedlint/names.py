"""Name spaces of feeds, and what elements are called in messages: `title`, `dc:creator`."""

from typing import Any

ATOM = "http://www.w3.org/2005/Atom"
HTML = "http://www.w3.org/1999/xhtml"
XML = "http://www.w3.org/XML/1998/namespace"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RSS1 = "http://purl.org/rss/1.0/"
FH = "http://purl.org/syndication/history/1.0"
CORE = ("", ATOM, RSS1)

PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://webns.net/mvcb/": "admin",
    "http://backend.userland.com/blogChannelModule": "blogChannel",
    "http://backend.userland.com/creativeCommonsRssModule": "creativeCommons",
    "http://web.resource.org/cc/": "cc",
    "http://purl.org/rss/1.0/modules/event/": "ev",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://geourl.org/rss/module/": "geourl",
    "http://postneo.com/icbm": "icbm",
    "http://postneo.com/icbm/": "icbm",
    "http://madskills.com/public/xml/rss/module/trackback/": "trackback",
    "http://wellformedweb.org/CommentAPI/": "wfw",
    "http://purl.org/rss/1.0/modules/wiki/": "wiki",
    "http://purl.org/rss/1.0/modules/taxonomy/": "taxo",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss/": "media",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://www.w3.org/2007/app": "app",
    "http://xmlns.com/foaf/0.1/": "foaf",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs",
    "http://www.georss.org/georss": "georss",
    FH: "fh",
    RDF: "rdf",
    HTML: "xhtml",
    ATOM: "atom",
}


def namespace(element: Any) -> str:
    """The name space of an element; empty where it has none."""
    tag: str = element.tag
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def name_of(element: Any) -> str:
    """What a message calls an element: an Atom element in an Atom feed has no prefix, one in RSS has."""
    if element is None or not isinstance(element.tag, str):
        return ""
    space, local = namespace(element), element.tag.rpartition("}")[2]
    root = element.getroottree().getroot()
    if space in ("", RSS1) or (space == ATOM and namespace(root) == ATOM):
        return local
    prefix = PREFIXES.get(space) or element.prefix
    return f"{prefix}:{local}" if prefix else local


def local_of(element: Any) -> str:
    """The name of an Atom element without a prefix, wherever it stands; of others as `name_of`."""
    return str(element.tag.rpartition("}")[2]) if namespace(element) == ATOM else name_of(element)


# Hexadecimal references are what the RSS Profile asks for in plain text; parsers hide that they were used.
SAFE = {"&": "\ue026", "<": "\ue03c", ">": "\ue03e"}


def plain(text: str) -> str:
    """`text` with what was written as a hexadecimal reference."""
    for sign, mark in SAFE.items():
        text = text.replace(mark, sign)
    return text
