"""Markup in titles and abstracts made plain text: HTML, JATS and MathML as publishers put them into JSON and XML texts.

    plain("<jats:p>Effects of <jats:italic>E. coli</jats:italic> &amp; H<sub>2</sub>O</jats:p>")
                                                                ->  Effects of E. coli & H2O

Only what is a tag of these languages is taken for one: `n<m and m>k` stays. A block element or a line break is a space.
Of a formula that is given as TeX and as MathML the TeX is kept.
"""

import re
from collections.abc import Callable
from html import unescape
from typing import Final

from digest.text import one_line

_BLOCKS: Final = (
    "p div br hr li ul ol dl dt dd tr td th table tbody thead caption title sec section article header footer h1 h2 h3 "
    "h4 h5 h6 blockquote pre list list-item disp-formula disp-quote label abstracttext boxed-text fig figure figcaption"
)
_INLINE: Final = (
    "i b em strong u s sub sup inf small big tt code span a font italic bold underline monospace sc scp smallcaps "
    "strike del ins q cite mark var kbd abbr dfn roman sans-serif overline named-content styled-content inline-formula "
    "inline-graphic inline-eq ext-link xref uri email institution alternatives tex-math abstract abbrev img picture "
    "source figure-inline underlined wbr nobr xhtml"
)
_MATH: Final = (
    "math mi mn mo ms mtext mrow mfrac msqrt mroot mstyle merror mpadded mphantom mfenced menclose msub msup msubsup "
    "munder mover munderover mmultiscripts mtable mtr mtd mspace mprescripts none semantics "
    "annotation annotation-xml maction"
)
_PREFIX: Final = r"(?:(?:jats|mml|m|xhtml|html|ns\d|cja|ce|sb|bdi)[:_])?"
_ATTRIBUTES: Final = r"""(?:\s+[\w:.-]{1,60}\s*=\s*(?:"[^"<>]{0,2000}"|'[^'<>]{0,2000}'|[^\s"'<>]{1,500}))*"""


def _tags(names: str) -> str:
    return rf"</?{_PREFIX}(?:{'|'.join(names.split())}){_ATTRIBUTES}\s*/?>"


_BLOCK: Final = re.compile(_tags(_BLOCKS), re.IGNORECASE)
_TAG: Final = re.compile(_tags(f"{_INLINE} {_MATH}"), re.IGNORECASE)
_FURNITURE: Final = re.compile(r"<!\[CDATA\[|\]\]>|<\?[a-z][^<>]{0,200}\?>")


def _pair(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What opens and what closes an element."""
    flags = re.IGNORECASE
    return re.compile(rf"<(?:\w{{1,9}}:)?{name}(?:\s[^<>]{{0,500}})?>", flags), re.compile(
        rf"</(?:\w{{1,9}}:)?{name}\s*>", flags
    )


_COMMENT: Final = (re.compile("<!--"), re.compile("-->"))
_HIDDEN: Final = {name: _pair(name) for name in ("script", "style", "annotation", "annotation-xml")}
_EITHER: Final = _pair("alternatives")
_TEX: Final = _pair("tex-math")


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


_REFERENCE: Final = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-f]{1,6});", re.IGNORECASE)


def _untagged(text: str) -> str:
    if "<!" in text or "<?" in text:
        text = _FURNITURE.sub("", _changed(text, _COMMENT, lambda _: ""))
    if "alternatives" in text:
        text = _changed(text, _EITHER, _told)
    if "tex-math" in text:
        text = _changed(text, _TEX, _formula)
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
    opening, closing = _TEX
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
