"""Texts with markup in them as plain text on one line: titles and abstracts as publishers write them.

    plain("<p>H<sub>2</sub>O &amp; ice</p><p>Found.</p>")  ->  "H2O & ice Found."
    prose(element)                                         ->  the same of an XML element: JATS, MathML, XHTML

A block and a line break are a space, what is inline glues nothing apart; scripts, styles and figures are left out; of a
formula that is there twice its TeX is taken. Signs that are no markup stay: `n<m and m>k` is text.
"""

import re
from collections.abc import Callable
from html import unescape
from typing import TYPE_CHECKING, Final

from digest.patterns import pattern
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


_BODY: Final = pattern(r"\\begin\{document\}(.*?)\\end\{document\}", re.DOTALL)
_DISPLAY: Final = pattern(r"\s*(?:\$\$(.*)\$\$|\\\[(.*)\\\]|\\\((.*)\\\))\s*", re.DOTALL)


def _tex(text: str) -> str:
    r"""A formula in TeX, in `$…$`, without the document around it that JATS has there."""
    body = _BODY.search(text)
    text = (body[1] if body else text).strip()
    found = _DISPLAY.fullmatch(text)
    if found:
        return f"${(found[1] or found[2] or found[3] or '').strip()}$"
    return text if not text or text.startswith(("$", "\\begin")) else f"${text}$"


# ------------------------------------------------------------------------------------------------ of strings

_BLOCK_TAGS: Final = (
    "p div br hr li ul ol dl dt dd tr td th table tbody thead caption title sec section article header footer h1 h2 h3 "
    "h4 h5 h6 blockquote pre list list-item disp-formula disp-quote label abstracttext boxed-text fig figure figcaption"
)
_INLINE_TAGS: Final = (
    "i b em strong u s sub sup inf small big tt code span a font italic bold underline monospace sc scp smallcaps "
    "strike del ins q cite mark var kbd abbr dfn roman sans-serif overline named-content styled-content inline-formula "
    "inline-graphic inline-eq ext-link xref uri email institution alternatives tex-math abstract abbrev img picture "
    "source figure-inline underlined wbr nobr xhtml"
)
_MATH_TAGS: Final = (
    "math mi mn mo ms mtext mrow mfrac msqrt mroot mstyle merror mpadded mphantom mfenced menclose msub msup msubsup "
    "munder mover munderover mmultiscripts mtable mtr mtd mspace mprescripts none semantics "
    "annotation annotation-xml maction"
)
_PREFIX: Final = r"(?:(?:jats|mml|m|xhtml|html|ns\d|cja|ce|sb|bdi)[:_])?"
_ATTRIBUTES: Final = r"""(?:\s+[\w:.-]{1,60}\s*=\s*(?:"[^"<>]{0,2000}"|'[^'<>]{0,2000}'|[^\s"'<>]{1,500}))*"""


def _tags(names: str) -> str:
    return rf"</?{_PREFIX}(?:{'|'.join(names.split())}){_ATTRIBUTES}\s*/?>"


_BLOCK: Final = pattern(_tags(_BLOCK_TAGS), re.IGNORECASE)
_TAG: Final = pattern(_tags(f"{_INLINE_TAGS} {_MATH_TAGS}"), re.IGNORECASE)
_FURNITURE: Final = pattern(r"<!\[CDATA\[|\]\]>|<\?[a-z][^<>]{0,200}\?>")


def _pair(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What opens and what closes an element."""
    flags = re.IGNORECASE
    return pattern(rf"<(?:\w{{1,9}}:)?{name}(?:\s[^<>]{{0,500}})?>", flags), pattern(
        rf"</(?:\w{{1,9}}:)?{name}\s*>", flags
    )


_COMMENT: Final = (pattern("<!--"), pattern("-->"))
_HIDDEN: Final = {name: _pair(name) for name in ("script", "style", "annotation", "annotation-xml")}
_EITHER: Final = _pair("alternatives")
_TEX_MATH: Final = _pair("tex-math")


def plain(text: str) -> str:
    """`text` without markup, its references to characters resolved, on one line."""
    if "<" not in text and "&" not in text:
        return one_line(text)
    if "<" in text:
        text = _untagged(text)
    if "&" in text:
        text = unescape(text)
        # What was escaped twice, as it comes from feeds and forms.
        if "<" in text and (_TAG.search(text) or _BLOCK.search(text)):
            text = _untagged(text)
        if "&" in text and _REFERENCE.search(text):
            text = unescape(text)
    return one_line(text)


_REFERENCE: Final = pattern(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-f]{1,6});", re.IGNORECASE)


def abstract(text: str) -> str:
    """The same without the heading `Abstract` above the whole, which is a label and no text of it."""
    return plain(_LABEL.sub("", text, count=1) if "<" in text[:40] else text)


_LABEL: Final = pattern(
    rf"^\s*(?:<{_PREFIX}(?:abstract|sec)>\s*)?<{_PREFIX}(title|h[1-6]|b|strong)>\s*(?:abstract|summary)\s*[:.]?\s*</{_PREFIX}\1>",
    re.IGNORECASE,
)


def _untagged(text: str) -> str:
    if "<!" in text or "<?" in text:
        # A comment that is not closed reaches to the end, as in a browser.
        text = _FURNITURE.sub("", _changed(text, _COMMENT, lambda _: "").partition("<!--")[0])
    if "alternatives" in text:
        text = _changed(text, _EITHER, _told)
    if "tex-math" in text:
        text = _changed(text, _TEX_MATH, _formula)
    lower = text.lower()
    for name, pair in _HIDDEN.items():
        if name in lower:
            text = _changed(text, pair, lambda _: "")
    return _TAG.sub("", _BLOCK.sub(" ", text))


def _changed(text: str, pair: tuple[re.Pattern[str], re.Pattern[str]], made: Callable[[str], str]) -> str:
    """`text` with each element of a pair made what `made` says of its content; one that is not closed stays."""
    opening, closing = pair
    pieces: list[str] = []
    at = 0
    while (begin := opening.search(text, at)) and (end := closing.search(text, begin.end())):
        pieces += text[at : begin.start()], made(text[begin.end() : end.start()])
        at = end.end()
    return "".join((*pieces, text[at:]))


def _told(content: str) -> str:
    """Of ways to write the same, the TeX where there is one."""
    opening, closing = _TEX_MATH
    begin = opening.search(content)
    end = closing.search(content, begin.end()) if begin else None
    return content[begin.start() : end.end()] if begin and end else content


def _formula(content: str) -> str:
    """TeX between its dollars, without the document that some publishers put around it."""
    inner = content.strip()
    if r"\begin{document}" in inner:
        inner = inner.partition(r"\begin{document}")[2].partition(r"\end{document}")[0].strip()
    if inner.startswith("$$"):
        inner = inner.removeprefix("$$").removesuffix("$$").strip()
    return inner if inner.startswith(("$", r"\(", r"\[")) or not inner else f"${inner}$"
