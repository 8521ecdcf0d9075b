"""HTML as a tree: read as browsers read it, with the line of each element, and safe whatever it is made of.

    page = opened(document)
    for heading in page.all("h3"):
        title, line = text(heading), line_of(heading)

The tree is the WHATWG's (selectolax): what is not closed, crossed or misplaced ends up where a browser puts it, and a
`<template>` holds nothing. A page is held whole, so there is a size from which it is refused. What makes every such
tree quadratic is cut beforehand: elements nested by the thousand, elements with thousands of attributes, and inline
elements that nobody closes.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from digest.errors import SourceError
from digest.formats.charsets import decoded
from digest.formats.head import Head
from digest.model import Document
from digest.patterns import pattern
from digest.text import one_line

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

LONGEST: Final = 1 << 26
"""Bytes. A longer page is refused."""
_DEEPEST: Final = 500
"""So deep may elements stand in each other, as in browsers; what is deeper loses its tags and keeps its text."""
_INLINE_DEEPEST: Final = 20
"""So many inline elements may be open at once: the parser opens them all anew in each block that follows."""
_ATTRIBUTES: Final = 2000
"""An element with more attributes has none."""
_HARMLESS: Final = 1 << 14
"""Bytes. A smaller page cannot be slow."""

# ------------------------------------------------------------------------------------------------ is it HTML?

_FIRST: Final = pattern(
    r"(?:\s+|<!--.{0,20000}?-->|<\?[^>]{0,500}\?>|<!(?!--)[^>]{0,1000}>)*+<([A-Za-z][\w:.-]*)", re.DOTALL
)
_ROOTS: Final = frozenset(
    "html head body title meta base link style script div span p br hr table tbody tr td center font b i strong em a "
    "img h1 h2 h3 h4 h5 h6 ul ol dl li dt dd main form blockquote pre".split()
)


def is_html(head: Head) -> bool:
    """Whether the first element is one of HTML's: feeds, JATS and other XML begin with their own."""
    found = _FIRST.match(head.text[:40000])
    return bool(found) and found[1].lower() in _ROOTS  # type: ignore[index]  # `bool(found)` is not understood


# ------------------------------------------------------------------------------------------------ a page


class Page(NamedTuple):
    """A page that was read whole."""

    tree: "LexborHTMLParser"
    lines: int
    whole: bool
    """What it began, it also closed: it is no file that was written halfway."""
    base: str
    """The address that relative ones are relative to, where the page, or who saved it, says; empty otherwise."""

    def all(self, selector: str) -> "list[LexborNode]":
        """The elements that a CSS selector selects, in the order of the page."""
        return self.tree.css(selector)

    def address(self, href: str | None, base: str = "") -> str:
        """`href` as an address of the web, which a browser would go to; empty for what is none. `base`, a site's own
        address, counts where the page itself says nothing.
        """
        href = re.sub(r"[\t\r\n]+", "", href or "").strip()
        if not href or len(href) > _LONGEST_ADDRESS:
            return ""
        if _LOCAL.fullmatch(href) and not self.base and base:
            # As most of a page's links are: the same as below, ten times as fast.
            return base.rstrip("/") + href
        try:
            whole = href if href[:8].lower().startswith(("http://", "https://")) else urljoin(self.base or base, href)
            parts = urlsplit(whole)
        except ValueError:
            return ""
        return whole.replace(" ", "%20") if parts.scheme in ("http", "https") and parts.hostname else ""


_LONGEST_ADDRESS: Final = 4000
_LOCAL: Final = pattern(r"/(?:[\w.-]+/)*[\w.-]+", re.ASCII)


def opened(document: Document) -> Page:
    """The page that a document is. Raises SourceError for one that is too large, OSError where it cannot be read."""
    from selectolax.lexbor import LexborHTMLParser

    with document.open() as stream:
        data = stream.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise SourceError(f"is a page of more than {LONGEST >> 20} MB: too large to be read whole")
    source = decoded(data, declared(data))
    if "\r" in source:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
    lines = source.count("\n") + 1
    tail = source[-4096:].lower()
    begun = _BEGUN.search(source, 0, 1 << 16)
    whole = not begun or "</html" in tail or "</body" in tail
    saved = _SAVED.search(source, 0, 4096)
    marked = _marked(_tamed(source))
    # NUL is nothing, as in all texts; libraries stop at it.
    tree = LexborHTMLParser(marked.replace("\0", ""))
    _formulas(tree, source)
    for silent in tree.css("script, style, noscript, head > title ~ title"):
        silent.decompose()
    element = tree.css_first("base[href]")
    base = (element.attributes.get("href") or "") if element else ""
    if len(base) > _LONGEST_ADDRESS or not base.lower().startswith(("http://", "https://")):
        base = saved[1] if saved else ""
    return Page(tree, lines, whole, base)


_BEGUN: Final = pattern(r"<(?:html|body)[\s>]", re.IGNORECASE)
_SAVED: Final = pattern(
    r"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url:\s*)(https?://[^\s<>]+)", re.IGNORECASE
)
_CHARSET: Final = pattern(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,80}?encoding=[\"']([\w.:-]{2,40})",
    re.IGNORECASE,
)


def declared(data: bytes) -> str | None:
    """The encoding that a page says it is in (HTML, section 4.2.5.4)."""
    found = _CHARSET.search(data, 0, 1 << 14)
    told = (found[1] or found[2]).decode("ascii", "replace") if found else None
    # Who could read that in bytes has not seen UTF-16.
    return None if told and told.lower().startswith("utf-16") else told


def saved_from(head: Head) -> str:
    """The address that a browser wrote into a page when it saved it; empty where it did not."""
    found = _SAVED.search(head.text, 0, 4096)
    return found[1] if found else ""


# ------------------------------------------------------------------------------------------------ before it is parsed

_BLOCK: Final = pattern(
    r"<(?=/?(?:br|p|div|td|th|tr|li|ul|ol|dl|dt|dd|h[1-6]|table|tbody|thead|section|article|header|footer|aside|main|nav|"
    r"blockquote|pre|hr|center|figure|figcaption|form|option|button|mjx-container)[\s/>])",
    re.IGNORECASE,
)
_PLACED: Final = pattern(r"<(?:a|dt|dd|h[1-6]|li|p|div|td|span|article|meta)(?=[\s>])", re.IGNORECASE)
_LINE: Final = "data-digest-line"


def _marked(source: str) -> str:
    """`source` with a space before each tag of a block, so that no words are glued, and the line of each element that
    may begin something in an attribute of it.
    """
    line, at = 1, 0

    def placed(found: re.Match[str]) -> str:
        nonlocal line, at
        line += source.count("\n", at, found.start())
        at = found.start()
        return f"{found[0]} {_LINE}={line}"

    return _BLOCK.sub(" <", _PLACED.sub(placed, source))


_TAG: Final = pattern(r"<(/?)([A-Za-z][^\s/>]*)")
_FORMATTING: Final = frozenset("b big code em font i nobr s small strike strong tt u".split())
# Void elements, and those that end by themselves where the next one begins.
_FLAT: Final = frozenset(
    "area base br col embed hr img input link meta param source track wbr html head body p li dt dd option optgroup "
    "colgroup tbody thead tfoot tr td th rt rp a path rect circle line polyline polygon use ellipse stop".split()
)
_ATTRIBUTE: Final = r"[\s/]++(?:[^\s/>=][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+)?+)?+)?+"
_OPENED: Final = pattern(rf"<[A-Za-z][^\s/>]*+(?:{_ATTRIBUTE})*+")
"""A tag up to its end: what looks like a tag in it is a part of an attribute."""
_CROWDED: Final = pattern(rf"(<[A-Za-z][^\s/>]*+)(?:{_ATTRIBUTE}){{{_ATTRIBUTES},}}+")


def _uncrowded(opened: re.Match[str]) -> str:
    tag = opened[0]
    crowded = _CROWDED.match(tag) if len(tag) > _ATTRIBUTES else None
    return crowded[1] if crowded else tag


def _tamed(source: str) -> str:
    """`source` without what would cost more than its size: see _DEEPEST, _INLINE_DEEPEST and _ATTRIBUTES."""
    if len(source) < _HARMLESS:
        return source
    source = _OPENED.sub(_uncrowded, source)
    depth = inline = 0
    for closing, name in _TAG.findall(source):
        kind = _kind(name)
        if kind:
            step = -1 if closing else 1
            depth = depth + step if depth or step > 0 else 0
            if kind > 1:
                inline = inline + step if inline or step > 0 else 0
                if inline > _INLINE_DEEPEST:
                    return _flattened(source)
            if depth > _DEEPEST:
                return _flattened(source)
    return source


@lru_cache(maxsize=4096)
def _kind(name: str) -> int:
    """0 for what cannot be nested, 2 for inline elements, 1 for all others."""
    low = name.lower()
    return 2 if low in _FORMATTING else 0 if low in _FLAT else 1


def _flattened(source: str) -> str:
    """`source` without the tags that stand too deep."""
    depth = inline = 0

    def kept(found: re.Match[str]) -> str:
        nonlocal depth, inline
        kind = _kind(found[2])
        if not kind:
            return found[0]
        if found[1]:
            deep = depth > _DEEPEST or (kind > 1 and inline > _INLINE_DEEPEST)
            depth = max(depth - 1, 0)
            inline = max(inline - 1, 0) if kind > 1 else inline
        else:
            depth += 1
            inline += kind > 1
            deep = depth > _DEEPEST or (kind > 1 and inline > _INLINE_DEEPEST)
        # An element that nobody knows and that may stand anywhere, and closes nothing.
        return "<wbr" if deep else found[0]

    return _TAG.sub(kept, source)


def _formulas(tree: "LexborHTMLParser", source: str) -> None:
    """Make formulas that a script has drawn what they were written as, where the page still has that."""
    if "math/tex" in source:
        for drawn in tree.css(".MathJax, .MathJax_Preview, .MathJax_SVG, .MathJax_Display, .MathJax_CHTML, .mjx-chtml"):
            if drawn.parent is not None:
                drawn.decompose()
        for script in tree.css("script[type^='math/tex']"):
            sign = "$$" if "display" in (script.attributes.get("type") or "") else "$"
            script.replace_with(f"{sign}{script.text(deep=True).strip()}{sign}")
    if "application/x-tex" in source:
        for note in tree.css(".katex"):
            tex = note.css_first("annotation[encoding='application/x-tex']")
            if tex is not None and note.parent is not None:
                note.replace_with(f"${tex.text(deep=True).strip()}$")


# ------------------------------------------------------------------------------------------------ looking


def text(node: "LexborNode | None") -> str:
    """All text in an element, on one line; empty where there is no such element."""
    return one_line(node.text(deep=True)) if node is not None else ""


def first(node: "LexborNode", selector: str) -> "LexborNode | None":
    """The first element in `node` that is selected."""
    return node.css_first(selector)


def attribute(node: "LexborNode | None", name: str) -> str:
    """An attribute's value; empty where there is no such one, or no such element."""
    return (node.attributes.get(name) or "") if node is not None else ""


def line_of(node: "LexborNode") -> int:
    """The line on which an element, or the nearest around it that has a line, begins."""
    above: LexborNode | None = node
    while above is not None:
        told = above.attributes.get(_LINE) if above.is_element_node else None
        if told and told.isdecimal():
            return int(told[:9])
        above = above.parent
    return 1


def plain(markup: str) -> str:
    """A text that may have markup or entities in it, as meta elements have, on one line."""
    if "<" not in markup and "&" not in markup:
        return one_line(markup)
    from selectolax.lexbor import LexborHTMLParser

    # `a < b` is no markup.
    ready = re.sub(r"<(?![A-Za-z/!])", "&lt;", _tamed(markup))
    body = LexborHTMLParser(_BLOCK.sub(" <", ready)).body
    return text(body)


# ------------------------------------------------------------------------------------------------ addresses


def unwrapped(address: str) -> str:
    """Where an address leads in the end, where it says so itself: mails lead through counters of clicks and guards.

    `…/scholar_url?url=https://arxiv.org/abs/2605.00001&…`, safe links, urldefense and their kin have the true
    address as a value, or as a part of their path.
    """
    for _ in range(4):
        found = _inner(address)
        if not found:
            break
        address = found
    return address


def _inner(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    if _SHARES.search(parts.path):
        return ""
    if host.endswith("urldefense.proofpoint.com"):
        told = dict(parse_qsl(parts.query)).get("u", "")
        return _http(unquote(told.replace("-", "%").replace("_", "/")))
    if host.endswith("urldefense.com") and (guarded := _DEFENDED.search(address)):
        return _http(guarded[1].replace("https:/", "https://", 1) if "://" not in guarded[1] else guarded[1])
    for name, value in parse_qsl(parts.query, max_num_fields=50) if parts.query.count("&") < 50 else ():
        if name.lower() in _LEADS and (led := _http(value)):
            return led
    found = _IN_PATH.search(parts.path)
    return _http(unquote(found[1])) if found else ""


_DEFENDED: Final = pattern(r"/v3/__(https?:.+?)__;")
_LEADS: Final = frozenset(
    "url u q target dest destination redirect redirect_url redirecturl link to goto href uri r".split()
)
# Buttons that tell others of a page lead elsewhere first.
_SHARES: Final = pattern(r"/(?:intent|share|sharer|scholar_share|sharearticle|submit)\b", re.IGNORECASE)
# awstrack.me/L0/https:%2F%2Fdoi.org%2F10.1000%2Fx/1/0100…
_IN_PATH: Final = pattern(r"/(https?(?::|%3A)(?:%2F|%2f)+[^/]+)")


def _http(text: str) -> str:
    return text if text[:8].lower().startswith(("http://", "https://")) else ""
