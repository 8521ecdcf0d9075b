"""Whether an answer is what was asked for: a page that says "please log in", half an answer and nothing are not.

An answer that is refused here is not kept, and the one before it stays good.
"""

import re
from typing import Final, Literal

from digest.patterns import pattern

Shape = Literal["xml", "json", "feed", "any"]
"""`feed`: XML or JSON; `any`: whatever lists papers, HTML too."""

HEAD: Final = 4096
TAIL: Final = 512
"""So many bytes of its beginning and its end are looked at."""

_LEAD: Final = pattern(rb"(?:\xef\xbb\xbf)?\s*")
_HTML: Final = pattern(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_PROLOGUE: Final = pattern(rb"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?\s*>)", re.DOTALL)
_ROOT: Final = pattern(rb"\s*<([A-Za-z_][\w:.-]*)([^>]*)(>?)")
_PACKED: Final = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")


def fault(shape: Shape, head: bytes, tail: bytes) -> str:
    """What is wrong with an answer that begins and ends so; empty where nothing is. `tail` is the end, of which `head`
    may be a part.
    """
    start = head[_lead(head) :]
    if not start:
        return "the answer is empty"
    if shape == "any" or start.startswith(_WIDE) or head.startswith(_PACKED):
        return ""
    if start.startswith((b"{", b"[")):
        if shape == "xml":
            return "it answers with JSON in place of XML"
        return "" if tail.rstrip().endswith((b"}", b"]")) else "the answer breaks off in the middle"
    if not start.startswith(b"<"):
        return f"it answers with text in place of {_NAMES[shape]}: {_quoted(start)}{_hint(shape)}"
    body = start
    while found := _PROLOGUE.match(body):
        body = body[found.end() :]
    if _HTML.match(start) or _HTML.match(body.lstrip()):
        return f"it answers with a web page in place of {_NAMES[shape]}{_titled(head)}{_hint(shape)}"
    if shape == "json":
        return "it answers with XML in place of JSON"
    root = _ROOT.match(body)
    if root and not _ended(root, tail):
        return "the answer breaks off in the middle"
    return ""


def _lead(head: bytes) -> int:
    found = _LEAD.match(head)
    return found.end() if found else 0


def _ended(root: re.Match[bytes], tail: bytes) -> bool:
    """The last tag is that of the root, which may have been empty."""
    name, attributes, closed = root.groups()
    if closed and attributes.endswith(b"/"):
        return True
    return bool(re.search(rb"</" + re.escape(name) + rb"\s*>\s*(?:<!--.*-->\s*)?\Z", tail, re.DOTALL))


def _titled(head: bytes) -> str:
    found = re.search(rb"<title[^>]*>([^<]{1,200})", head, re.IGNORECASE)
    return f" ({_quoted(found[1])})" if found else ""


def _hint(shape: Shape) -> str:
    return "; if that lists papers, write `- page: ADDRESS`" if shape == "feed" else ""


def _quoted(data: bytes) -> str:
    told = data[:80].decode("utf-8", "replace")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in told).split())


_NAMES: Final = {"xml": "XML", "json": "JSON", "feed": "a feed", "any": "a page"}
