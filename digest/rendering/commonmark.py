r"""Text and addresses for Markdown: what a source said stays text, in every dialect that a reader may have.

Held against CommonMark 0.31 with GitHub's additions (tables, strike-through, autolinks, mathematics), Obsidian's
(wiki links, highlights, comments, tags, block names), Mattermost's, and the Python package markdown with its
extensions. A backslash is written where all of them know it, else a character reference.
"""

import re

from digest.patterns import pattern
from digest.text import one_line

# The Python package knows a backslash before \ ` * _ { } [ ] ( ) > # + - . ! alone.
_SPECIAL = pattern(
    r"[\\`*_{}\[\]#>]"
    r"|[$~|^<]"
    r"|&(?=#|[A-Za-z])"
    r"|==+|%%+"
    r"|(?<![A-Za-z0-9])www\.(?=\S)"
    r"|:(?=//)"
    r"|(?<![A-Za-z0-9]):(?=[A-Za-z0-9_+-]+:)",
    re.IGNORECASE,
)
_START = pattern(r"(?:(\d{1,9})([.)])(?=\s|$)|([+\-:!]|=+))")


def text(said: str, *, start: bool = True) -> str:
    """`said` in one line, escaped; shown, it is that line again. `start` says that a line or a block may begin
    with it.
    """
    said = one_line(said)
    if not start:
        return _SPECIAL.sub(_escaped, said)
    if found := _START.match(said):
        number, after, sign = found.groups()
        head = f"{number}\\{after}" if number else f"\\{sign}" if sign in "+-!" else "".join(map(_reference, sign))
        return head + _SPECIAL.sub(_escaped, said[found.end() :])
    return _SPECIAL.sub(_escaped, said)


def _escaped(found: re.Match[str]) -> str:
    what = found[0]
    if what[0] in "\\`*_{}[]#>":
        return f"\\{what}"
    if what[0] in "wW":
        return f"{what[:-1]}\\."
    return "&amp;" if what == "&" else "&lt;" if what == "<" else "".join(map(_reference, what))


def _reference(character: str) -> str:
    return f"&#{ord(character)};"


def destination(href: str) -> str:
    """An address, as `addresses.href` gives them, between the parentheses of a link."""
    found = _HOST.match(href)
    assert found is not None
    written = found[0] + _ENDS.sub(lambda sign: f"%{ord(sign[0]):02X}", href[found.end() :])
    return re.sub(r"&(?=#?\w+;)", "&amp;", written)


_HOST = pattern(r"(?:https?://(?:\[[0-9a-f:.]*\])?)?", re.IGNORECASE)  # an IPv6 address keeps its brackets
_ENDS = pattern(r"[()\[\]<>$']")  # what ends a destination in some dialect, or begins something else


def link(label: str, href: str) -> str:
    """A link whose label is text: `[What a\\_b says](https://…)`."""
    return f"[{text(label, start=False)}]({destination(href)})"
