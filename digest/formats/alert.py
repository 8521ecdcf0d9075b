"""Any mail or page that leads to papers: each link whose words are a title and whose address is that of a paper.

    <td><a href="https://click.example.org/?url=https%3A%2F%2Fdoi.org%2F10.1000%2Fonce">Counting papers once</a>
        <br>Ada Moreau, Tomás Říha <br>Journal of Counting <a href="https://doi.org/10.1000/once">Read online</a></td>

Alerts, tables of contents and newsletters are endless and change; what they share is that they lead to papers, by
addresses that are known (doi.org, arxiv.org, PubMed, bioRxiv, OpenReview, the ACL Anthology, publishers' pages), often
through counters of clicks. Two such links make a list. Which of the words around a title are names is not to be known:
they are kept as they are, as `details["snippet"]`.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from digest.formats.head import Head
from digest.formats.hypertext import Page, attribute, is_html, line_of, opened, text, unwrapped
from digest.formats.signs import Sign
from digest.identifiers import arxiv, named
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern
from digest.text import one_line, shorten

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

NAME = "alert"
ABOUT = "any mail or page as HTML with links to papers: tables of contents, alerts, newsletters"
EXAMPLE = """
<p><a href="https://doi.org/10.1000/once">Counting papers once</a><br>Ada Moreau</p>
<p><a href="https://arxiv.org/abs/2605.00002">Counting papers twice</a><br>Tomás Říha</p>
"""

_SNIPPET: Final = 1500
"""So many characters of what stands around a title are kept."""
_BOX: Final = 12
"""So many elements may stand around a title and still be of its paper."""

# ------------------------------------------------------------------------------------------------ recognising

_ANCHOR: Final = pattern(
    r"""<a\b[^<>]{0,3000}?\bhref\s*=\s*(?:"([^"<>]{0,3000})"|'([^'<>]{0,3000})'|([^\s"'<>]{1,3000}))[^<>]{0,3000}>(.{0,1200}?)</a""",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP: Final = pattern(r"<[^<>]*>")
_OWN: Final = pattern(r"""\bname\s*=\s*["']?citation_title\b""", re.IGNORECASE)


def detect(head: Head) -> Sign | None:
    """Two titles that lead to two papers, on a page that is not of one paper."""
    if head.look != "markup" or not is_html(head) or _OWN.search(head.text):
        return None
    seen: set[str] = set()
    for quoted, single, bare, inside in _ANCHOR.findall(head.text):
        place = _place((quoted or single or bare).replace("&amp;", "&").strip())
        if place and is_title(one_line(_MARKUP.sub(" ", inside))):
            seen.add(place.key)
            if len(seen) > 1:
                return Sign.LIKELY
    return None


class _Place(NamedTuple):
    """Where a paper is: what tells it from others, its ids, and its address."""

    key: str
    ids: dict[str, str]
    address: str


# Pages of papers whose addresses have no id that others use.
_PAGES: Final = pattern(
    r"(?:www\.)?(?:sciencedirect\.com/science/article/(?:abs/)?pii/\w+|semanticscholar\.org/paper/.+|"
    r"researchgate\.net/publication/\d+.*|ieeexplore\.ieee\.org/(?:abstract/)?document/\d+|"
    r"papers\.ssrn\.com/sol3/papers\.cfm.*|proceedings\.mlr\.press/v\d+/.+\.html|jmlr\.org/papers/v\d+/.+|"
    r"(?:proceedings|papers)\.n(?:eur)?ips\.cc/paper.*|openaccess\.thecvf\.com/content.*\.html|"
    r"(?:ui\.)?adsabs\.harvard\.edu/abs/.+|inspirehep\.net/(?:literature|record)/\d+|"
    r"cell\.com/[\w-]+/(?:fulltext|abstract)/.+|thelancet\.com/journals/.+/article/.+|"
    r"academic\.oup\.com/[\w-]+/(?:advance-)?article(?:-abstract)?/.+|mdpi\.com/\d{4}-\d{3}[\dX]/.+|"
    r"eprint\.iacr\.org/\d{4}/\d+|hal\.science/hal-\d+.*|scholar\.archive\.org/work/.+|osf\.io/preprints/.+)",
    re.IGNORECASE,
)


def _place(address: str) -> _Place | None:
    """The paper to which an address leads; None for any other."""
    if len(address) > 3000 or "://" not in address[:12]:
        return None
    address = unwrapped(address)
    if ids := named(address):
        scheme, value = next(iter(ids.items()))
        return _Place(f"{scheme}:{value}", ids, address)
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    bare = f"{(parts.hostname or '').lower()}{parts.path.rstrip('/')}"
    page = bare if not parts.query or "ssrn" not in bare else f"{bare}?{parts.query}"
    return _Place(page.lower(), {}, address) if _PAGES.fullmatch(bare) else None


_WORD: Final = pattern(r"[^\W\d_][^\W_]*(?:['’-][^\W_]+)*")
_IDEOGRAPHS: Final = pattern(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_FURNITURE: Final = frozenset(
    "a about abs abstract access add alert all and app article articles arxiv as at available be bibtex biorxiv "
    "browser by citation citations cite click code comment comments continue current data details discussion doi "
    "download email epub export facebook figure figures file follow for free from full fulltext get github go here "
    "home html http https in into is issue issues it journal latest learn library like link linkedin login mail "
    "manage material medrxiv menu more my new now of official on online open openreview options or original our "
    "page paper papers pdf permalink plain please preprint preview print privacy proceedings publication published "
    "publisher pubmed read reading recommend reference references related reply repository results save see "
    "settings share show sign similar site slides sm source standard subscribe summary supplement supplementary "
    "table tables text the this to toc today tweet twitter unsubscribe update updates url version video view visit "
    "volume web webpage website www x your".split()
)
_REFERENCE: Final = pattern(
    r"\bet al\b.{0,12}\d{4}|^\W*\d+\W*$|^(?:https?://|www\.|doi:|arxiv:|10\.\d{4,9}/)\S+$", re.IGNORECASE
)


def is_title(words: str) -> bool:
    """Whether the words of a link may be a title: two or more that say something, and no button, id or reference."""
    if len(words) > 500 or _REFERENCE.search(words):
        return False
    if len(_IDEOGRAPHS.findall(words)) >= 6:
        return True
    found = _WORD.findall(words)
    # A third of a title's words are none of those that buttons are made of.
    own = sum(word.lower() not in _FURNITURE for word in found)
    return len(words) >= 10 and len(found) > 1 and own * 3 >= len(found)


# ------------------------------------------------------------------------------------------------ reading


class _Link(NamedTuple):
    node: "LexborNode"
    place: _Place
    words: str


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The papers in the order in which they are first named; a link to one whose title nothing says is a Problem."""
    page = opened(document)
    links = list(_links(page))
    titled: dict[str, _Link] = {}
    for link in links:
        if link.place.key not in titled and is_title(link.words):
            titled[link.place.key] = link
    boxes = _boxes(list(titled.values()))
    keys = _inside(links)
    parts = {key: _Parts.of(boxes[key], titled[key]) for key in titled}
    taken = {key for one in parts.values() for key in one.beside}
    told: set[str] = set()
    for link in links:
        key = link.place.key
        if key in told or (key in taken and key not in titled):
            continue
        told.add(key)
        if key in titled:
            yield _listing(document.origin, titled[key], parts[key])
        elif title := _heading(link, keys):
            found = _Link(link.node, link.place, title)
            yield _listing(document.origin, found, _Parts("", {}, {}))
        else:
            what = f"a link to {key[:80]} whose words are no title: '{link.words[:40]}'"
            yield Problem(document.origin, line_of(link.node), what)
    if not page.whole:
        yield Problem(document.origin, page.lines, "the page breaks off here: what followed is missing")
    elif not told:
        yield Problem(document.origin, 1, "a page without a link to a paper")


def _links(page: Page) -> Iterator[_Link]:
    for node in page.all("a[href]"):
        place = _place(page.address(attribute(node, "href")))
        if place:
            words = text(node)
            yield _Link(node, place, words if words else one_line(attribute(node, "title")))


def _boxes(titled: list[_Link]) -> "dict[str, LexborNode]":
    """Around each title the largest element in which no other title stands."""
    inside = _inside(titled)
    boxes: dict[str, LexborNode] = {}
    for link in titled:
        box = link.node
        for above in _above(link.node):
            if len(inside[above.mem_id]) > 1 or above.tag in ("body", "html"):
                break
            box = above
        boxes[link.place.key] = box
    return boxes


def _inside(links: list[_Link]) -> dict[int, set[str]]:
    """To which papers the links in each element lead."""
    inside: dict[int, set[str]] = {}
    for link in links:
        for above in _above(link.node):
            inside.setdefault(above.mem_id, set()).add(link.place.key)
    return inside


def _above(node: "LexborNode") -> "Iterator[LexborNode]":
    """The elements around a node, from the inside, as far as a box may reach."""
    above = node.parent
    for _ in range(_BOX):
        if above is None or not above.is_element_node:
            return
        yield above
        above = above.parent


class _Parts(NamedTuple):
    """What stands in a box beside the title."""

    snippet: str
    beside: dict[str, _Place]
    """Other addresses of the same paper: `arXiv`, `PDF`."""
    links: dict[str, str]

    @classmethod
    def of(cls, box: "LexborNode", title: _Link) -> "_Parts":
        if box.mem_id == title.node.mem_id:
            return cls("", {}, {})
        beside: dict[str, _Place] = {}
        links: dict[str, str] = {}
        left_out: set[int] = set()
        for anchor in box.css("a"):
            words = text(anchor)
            place = _place(attribute(anchor, "href"))
            if place and place.key != title.place.key and not is_title(words):
                beside.setdefault(place.key, place)
            if place and place.key == title.place.key:
                links.setdefault("pdf" if words.lower().strip("[]") == "pdf" else "url", place.address)
            if not is_title(words) or anchor.mem_id == title.node.mem_id:
                left_out.add(anchor.mem_id)
        pieces: list[str] = []
        size = 0
        for node in box.traverse(include_text=True):
            if node.is_text_node and size < _SNIPPET and not _is_in(node, left_out):
                piece = node.text(deep=False)
                pieces.append(piece)
                size += len(piece)
        snippet = one_line("".join(pieces)).strip(" |·•,;[]()–-")
        return cls(shorten(snippet, _SNIPPET) if _WORD.search(snippet) else "", beside, links)


def _is_in(node: "LexborNode", elements: set[int]) -> bool:
    """Whether a text stands in one of the elements, near enough."""
    above = node.parent
    for _ in range(6):
        if above is None:
            return False
        if above.mem_id in elements:
            return True
        above = above.parent
    return False


def _heading(link: _Link, keys: dict[int, set[str]]) -> str:
    """The one heading that stands with a link whose own words say nothing: `Read more`; where both are of no other
    paper.
    """
    for above in _above(link.node):
        if len(keys[above.mem_id]) > 1:
            break
        found = [words for one in above.css("h1, h2, h3, h4, h5, strong, b")[:3] if is_title(words := text(one))]
        if found:
            return found[0] if len(found) == 1 else ""
    return ""


def _listing(file: str, link: _Link, parts: _Parts) -> Listing:
    ids = dict(link.place.ids)
    addresses = {_name(link.place): link.place.address} | {
        name: address for name, address in parts.links.items() if name == "pdf"
    }
    for place in parts.beside.values():
        for scheme, value in place.ids.items():
            ids.setdefault(scheme, value)
        addresses.setdefault(_name(place), place.address)
    found = arxiv(link.place.address)
    return Listing(
        position=Position(file, line_of(link.node)),
        format=NAME,
        ids=ids,
        version=found.version if found else None,
        title=link.words,
        links=addresses,
        details={"snippet": parts.snippet} if parts.snippet else {},
    )


def _name(place: _Place) -> str:
    path = urlsplit(place.address).path
    if path.lower().endswith(".pdf") or "/pdf/" in path:
        return "pdf"
    return "abs" if "arxiv" in place.ids else "doi" if "doi.org/" in place.address[:24] else "url"
