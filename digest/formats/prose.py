"""Texts with markup in them as plain text on one line: titles and abstracts as publishers write them.

    plain("<p>H<sub>2</sub>O &amp; ice</p><p>Found.</p>")  ->  "H2O & ice Found."
    prose(element)                                         ->  the same of an XML element: JATS, MathML, XHTML

A block and a line break are a space, what is inline glues nothing apart; scripts, styles and figures are left out; of a
formula that is there twice its TeX is taken. Signs that are no markup stay: `n<m and m>k` is text.
"""

import re
from html import unescape
from typing import TYPE_CHECKING, Final

from digest.text import one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

_BLOCKS: Final = frozenset(
    "p div br hr li ul ol dl dt dd tr td th table tbody thead h1 h2 h3 h4 h5 h6 h7 blockquote pre section article "
    "header footer aside figcaption address main nav "
    # JATS, PubMed
    "sec title list list-item disp-quote disp-formula break boxed-text def-list def-item term def verse-group "
    "verse-line abstracttext simplesect para".split()
)
_LEFT_OUT: Final = frozenset(
    "script style template iframe object svg noscript head "
    # JATS: what stands beside a text
    "fig graphic inline-graphic table-wrap object-id alt-text long-desc media supplementary-material fn private-char "
    # MathML: what a formula says once more
    "annotation annotation-xml".split()
)

# ------------------------------------------------------------------------------------------------ of elements


def prose(element: "_Element | None", *without: str) -> str:
    """All text in an element, on one line, elements of the local names `without` left out; empty for None."""
    if element is None:
        return ""
    if len(element) == 0:
        return one_line(element.text or "")
    pieces: list[str] = []
    _collect(element, frozenset(without), pieces)
    return one_line("".join(pieces))


def _collect(element: "_Element", without: frozenset[str], pieces: list[str]) -> None:
    """The texts in an element, not its tail. XML is nested 256 deep at most."""
    if element.text:
        pieces.append(element.text)
    for one in element:
        tag: object = one.tag
        # What has no name is a comment, or an entity that nobody knows.
        name = tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else "script"
        block = name in _BLOCKS
        if block:
            pieces.append(" ")
        if name == "tex-math":
            pieces.append(_tex(one.text or ""))
        elif name == "alternatives":
            _collect_best(one, without, pieces)
        elif name not in _LEFT_OUT and name not in without:
            _collect(one, without, pieces)
        if block:
            pieces.append(" ")
        if one.tail:
            pieces.append(one.tail)


def _collect_best(element: "_Element", without: frozenset[str], pieces: list[str]) -> None:
    """Of ways to say the same, the TeX, else the first that has text."""
    ways: list[str] = []
    for one in element:
        name = str(one.tag).rpartition("}")[2]
        if name == "tex-math":
            ways.insert(0, _tex(one.text or ""))
        elif name not in _LEFT_OUT:
            inside: list[str] = []
            _collect(one, without, inside)
            ways.append("".join(inside))
    pieces.append(next((way for way in ways if way.strip()), ""))


_BODY: Final = re.compile(r"\\begin\{document\}(.*?)\\end\{document\}", re.DOTALL)
_DISPLAY: Final = re.compile(r"\s*(?:\$\$(.*)\$\$|\\\[(.*)\\\]|\\\((.*)\\\))\s*", re.DOTALL)


def _tex(text: str) -> str:
    r"""A formula in TeX, in `$…$`, without the document around it that JATS has there."""
    body = _BODY.search(text)
    text = (body[1] if body else text).strip()
    found = _DISPLAY.fullmatch(text)
    if found:
        return f"${(found[1] or found[2] or found[3] or '').strip()}$"
    return text if not text or text.startswith(("$", "\\begin")) else f"${text}$"


# ------------------------------------------------------------------------------------------------ of strings

_NAMES: Final = (
    "a abbr acronym address article aside b bdi bdo big blockquote body br caption center cite code col colgroup dd "
    "del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr html i img ins kbd label "
    "li main mark nav ol p picture pre q s samp section small source span strike strong sub summary sup table tbody "
    "td tfoot th thead time tr tt u ul var wbr "
    # those whose content is no text
    "script style template iframe object svg noscript head "
    # JATS, and MathML, where a prefix is often left out
    "title sec italic bold sc list list-item monospace roman underline xref ext-link inline-formula disp-formula scp "
    "math mrow mi mn mo ms mtext msub msup msubsup mfrac msqrt mroot mover munder munderover mfenced mstyle mtable mtr "
    "mtd mspace semantics annotation mpadded mphantom mmultiscripts mprescripts none"
)
_ATTRIBUTE: Final = r"\s+[A-Za-z_:][\w:.-]{0,50}(?:\s*=\s*(?:\"[^\"<>]{0,4000}\"|'[^'<>]{0,4000}'|[^\s\"'<>=]{1,4000}))"
_TAG: Final = re.compile(
    rf"<(?P<end>/)?(?:[A-Za-z][\w.-]{{0,20}}:(?P<prefixed>[A-Za-z][\w.-]{{0,40}})|(?P<name>{'|'.join(_NAMES.split())}))"
    rf"(?:{_ATTRIBUTE}){{0,40}}\s{{0,100}}/?>",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_SILENT: Final = re.compile(r"<(script|style|template|iframe|object|svg|noscript|head|annotation)[\s>]", re.IGNORECASE)


def plain(text: str) -> str:
    """A string that may hold HTML, JATS or MathML, or entities, as plain text on one line."""
    if "<" in text:
        if "<!" in text:
            text = _without(text, "<!--", "-->")
            text = text.replace("<![CDATA[", "").replace("]]>", "")
        text = _TAG.sub(_gap, _without_silent(text))
    if "&" in text:
        text = _REFERENCE.sub(_letter, text)
    return one_line(text)


def _gap(found: re.Match[str]) -> str:
    return " " if (found["prefixed"] or found["name"]).lower() in _BLOCKS else ""


def _letter(found: re.Match[str]) -> str:
    return unescape(found[0])


def _without(text: str, opens: str, closes: str) -> str:
    """`text` without what stands between the two, and what is left open."""
    kept, begin = [], 0
    while (at := text.find(opens, begin)) >= 0:
        kept.append(text[begin:at])
        end = text.find(closes, at + len(opens))
        if end < 0:
            return "".join(kept)
        begin = end + len(closes)
    return "".join((*kept, text[begin:]))


def _without_silent(text: str) -> str:
    """`text` without the elements whose content is no text; what is not closed stays."""
    low, kept, begin, at = "", [], 0, 0
    while found := _SILENT.search(text, at):
        low = low or text.lower()
        closing = f"</{found[1].lower()}>"
        end = low.find(closing, found.end())
        if end < 0 or len(low) != len(text):
            break
        kept.append(text[begin : found.start()])
        begin = at = end + len(closing)
    return "".join((*kept, text[begin:])) if kept else text
