r"""What stands on a line of Markdown: its kind, its links, its plain text (CommonMark 0.31; tables as GitHub has them).

    plain("**Counting** papers [once](https://example.org) at $a_1*b_2$")   ->  Counting papers once at $a_1*b_2$
    links("[[paper]](https://arxiv.org/abs/2605.00001)")                   ->  one link: paper, https://arxiv.org/…

TeX between dollars is left as it is. Nothing here nests or looks back further than a line, so that any text is read in
linear time.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from digest.accents import accented
from digest.formats.prose import plain as without_markup
from digest.patterns import pattern
from digest.text import one_line

# ------------------------------------------------------------------------------------------------ kinds of lines

_HEADING: Final = pattern(r" {0,3}(#{1,6})(?:[ \t]+|(?=[^\s#]))(.*)")
_ITEM: Final = pattern(
    r"([ \t]*)((?:[-*+•·▪‣◦–]|\(?\d{1,4}[.)]|\[\d{1,4}\])(?:[ \t]+|(?=\[\[?[^\]\s]))(?:\[[ xX]\][ \t]+)?)(.*)"
)
_RULE: Final = pattern(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={3,})$")
_FENCE: Final = pattern(r"[ \t]*(`{3,}|~{3,})")
_DELIMITER: Final = pattern(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_QUOTE: Final = pattern(r"[ \t]{0,3}(?:>[ \t]?)+")
_TAB: Final = 4


class Heading(NamedTuple):
    level: int
    text: str


class Item(NamedTuple):
    """The first line of a list's item."""

    indent: int
    text: str


def heading(text: str) -> Heading | None:
    """`## Text ##`; also `##Text`, which is none in CommonMark, and which people write."""
    found = _HEADING.match(text) if "#" in text[:9] else None
    told = found[2].strip().rstrip("#").rstrip() if found else ""
    return Heading(len(found[1]), told) if found and told else None


def item(text: str) -> Item | None:
    """`- text`, `* text`, `3. text`, `[3] text`, and the bullets that come with text out of a browser."""
    found = _ITEM.match(text)
    if not found or not found[3].strip() or is_rule(text):
        return None
    return Item(len(found[1].expandtabs(_TAB)), found[3].strip())


def is_rule(text: str) -> bool:
    return bool(text[:4].strip()) and text.strip()[0] in "-*_=" and _RULE.match(text) is not None


def fence(text: str) -> str:
    """What opens or closes a block of code on this line; empty for none."""
    found = _FENCE.match(text)
    return found[1] if found else ""


def unquoted(text: str) -> str:
    """A line without the marks of a quotation before it."""
    found = _QUOTE.match(text) if ">" in text[:8] else None
    return text[found.end() :] if found else text


def is_delimiter(text: str) -> bool:
    """Whether a line stands between the head of a table and its rows."""
    return "-" in text and "|" in text and len(text) < 2000 and _DELIMITER.match(text) is not None


def cells(row: str) -> list[str]:
    r"""The cells of a table's row: apart at bars that no backslash stands before; `\|` is a bar in a cell."""
    bare = row.strip()
    parts = _BAR.split(bare.removeprefix("|"))
    if parts and not parts[-1].strip() and bare.endswith("|"):
        parts.pop()
    return [part.replace("\\|", "|").strip() for part in parts]


_BAR: Final = pattern(r"(?<!\\)\|")

# ------------------------------------------------------------------------------------------------ links


class Link(NamedTuple):
    text: str
    """Plain; the address itself where it stands bare."""
    target: str
    start: int
    end: int
    bare: bool = False


_LINK: Final = pattern(
    r"""(?<![\\!])\[(?P<text>(?:[^\[\]\\]|\\.|!?\[[^\[\]]{0,300}\](?:\([^()\s]{0,900}\))?){0,1500}+)\]
    \(\s*<?(?P<target>[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+(?:"[^"]{0,300}"|'[^']{0,300}'))?\s*\)
    |<(?P<angled>https?://[^\s<>]+)>
    |(?P<bare>\bhttps?://[^\s<>\[\]"“”`|\\^{}]{1,2000})
    |<a\s[^<>]{0,300}?\bhref\s*=\s*["']?(?P<href>[^\s"'<>]+)["']?[^<>]{0,300}>(?P<anchor>[^<>]{0,500})</a>""",
    re.VERBOSE | re.IGNORECASE,
)
_ENDS: Final = ".,;:!?'\"*_~…”’"


def links(text: str) -> tuple[Link, ...]:
    """The links of a line, in their order: inline ones, `<https://…>`, bare addresses, `<a href>`."""
    if "](" not in text and "://" not in text and "href" not in text:
        return ()
    return _known(text) if len(text) < 4000 else _links(text)


def _links(text: str) -> tuple[Link, ...]:
    found: list[Link] = []
    for one in _LINK.finditer(text):
        if one["bare"]:
            target = _trimmed(one["bare"])
            found.append(Link(target, target, one.start(), one.start() + len(target), bare=True))
        elif one["angled"]:
            found.append(Link(one["angled"], one["angled"], *one.span(), bare=True))
        elif one["href"]:
            found.append(Link(plain(one["anchor"]), one["href"], *one.span()))
        elif one["target"]:
            label = plain(one["text"])
            found.append(Link(label, one["target"], *one.span(), bare=label == one["target"]))
    return tuple(found)


_known = lru_cache(maxsize=32)(_links)
"""An entry's links are asked for more than once."""


def _trimmed(address: str) -> str:
    """A bare address without what ends the sentence, and without a bracket that was opened before it (GFM 6.9)."""
    while True:
        bare = address.rstrip(_ENDS)
        if bare.endswith(")") and bare.count(")") > bare.count("("):
            bare = bare[:-1]
        if bare == address:
            return bare
        address = bare


# ------------------------------------------------------------------------------------------------ plain text

_MATH: Final = pattern(r"(?<!\\)(\${1,2}[^$\n]{1,3000}(?<!\\)\${1,2})")
_IMAGE: Final = pattern(
    r"!\[[^\[\]]{0,500}\]\([^()\s]{0,2000}(?:\s+\"[^\"]{0,300}\")?\)|<img\b[^<>]{0,1000}>", re.IGNORECASE
)
_ANCHOR: Final = pattern(r"<a\b[^<>]{0,300}>\s*</a>", re.IGNORECASE)
_FOLD: Final = pattern(r"<summary\b[^<>]{0,200}>[^<>]{0,200}</summary>|</?details\b[^<>]{0,200}>", re.IGNORECASE)
_STRONG: Final = pattern(r"(?<!\\)(\*{2,3}|~~)(?=[^\s*~])([^*~]{1,3000}?)(?<=[^\s*~\\])\1")
# Inside of a word a star multiplies, as often as not.
_STAR: Final = pattern(r"(?<![\w\\*])(\*)(?=[^\s*])([^*]{1,3000}?)(?<=[^\s*\\])\1(?![\w*])")
_UNDER: Final = pattern(r"(?<![\w\\])(_{1,3})(?=[^\s_])([^_]{1,3000}?)(?<=[^\s_\\])\1(?!\w)")
_CODE: Final = pattern(r"(?<!`)(`{1,9})([^`]{1,500})\1(?!`)")
_ESCAPED: Final = pattern(r"\\([!-/:-@\[-`{-~])")


_MOST_TAGS: Final = 2000
"""A text with more of them is none that has markup in it."""


def plain(text: str) -> str:
    """A piece of Markdown as plain text on one line: of links their text, of images nothing; TeX stays."""
    if "<" in text and text.count("<") < _MOST_TAGS:
        text = _FOLD.sub(" ", _ANCHOR.sub("", uncommented(text)))
    if "![" in text or "<img" in text:
        text = _IMAGE.sub("", text)
    if "](" in text:
        text = _LINK.sub(_shown, text)
    parts = _MATH.split(text) if "$" in text else [text]
    parts[::2] = [_unmarked(part) for part in parts[::2]]
    return one_line("".join(parts))


def uncommented(text: str) -> str:
    """`text` without the comments in it; one that is not closed stays."""
    pieces, at = [], 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin + 4)) >= 0:
        pieces.append(text[at:begin])
        at = end + 3
    return "".join((*pieces, text[at:])) if pieces else text


def _shown(found: re.Match[str]) -> str:
    if found["text"] is not None:
        return found["text"] if "](" not in found["text"] else _LINK.sub(_shown, found["text"])
    return found[0]


def _unmarked(text: str) -> str:
    """Text outside of formulas without marks of emphasis and code, with its escapes and references resolved."""
    if "*" in text or "~" in text:
        text = _STAR.sub(r"\2", _STRONG.sub(r"\2", _STAR.sub(r"\2", text)))
    if "_" in text:
        text = _UNDER.sub(r"\2", text)
    if "`" in text:
        text = _CODE.sub(r"\2", text)
    if "\\" in text:
        text = _ESCAPED.sub(r"\1", accented(text))
    if ("<" in text or "&" in text) and text.count("<") < _MOST_TAGS:
        edge = (text[:1].isspace() and " ") or "", (text[-1:].isspace() and " ") or ""
        text = f"{edge[0]}{without_markup(text)}{edge[1]}"
    return text
