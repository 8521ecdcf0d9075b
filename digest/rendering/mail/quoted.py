"""Quoted-printable (RFC 2045 section 6.7) of UTF-8, a line at a time.

What is quoted line by line can be joined: the quoted form of two texts that end in a line break is that of both. The
standard library's quopri neither keeps characters whole where a line is cut nor hides what a mail server takes for
its own: a dot at the start of a line (RFC 5321 section 4.5.2) and `From ` (RFC 4155).
"""

import re

from digest.patterns import pattern

MOST = 76
"""The longest line."""

FIXED = "\x00"
"""Stands in a text for one character of printable ASCII that is filled in later. Runs of it are kept together."""

_NEEDED = pattern("[^ -<>-~\x00\n]+")
_NEEDED_BUT_HOLES = pattern("[^ -<>-~\ufdd0-\ufdef\n]+")


def quoted(text: str) -> bytes:
    """`text`, its lines ended by `\\n`, as quoted-printable with CRLF."""
    return b"\r\n".join([folded(line)[:-2] for line in coded(text).split("\n")])


def coded(text: str, *, holes: bool = False) -> str:
    """`text` with what is not printable ASCII, and `=`, as octets (rules 1 and 2), but for line breaks, and for holes
    where it has such. What is coded piece by piece can be joined.
    """
    if "=" not in text and text.isascii() and text.isprintable():
        return text
    return (_NEEDED_BUT_HOLES if holes else _NEEDED).sub(_bytes, text)


def folded(coded: str) -> bytes:
    """Coded lines with their ends, one after the last too, each cut to what a line may hold (rules 3 to 5)."""
    if len(coded) <= MOST and "\n" not in coded and coded[:1] not in ".F" and coded[-1:] != " ":
        return f"{coded}\r\n".encode("ascii")
    return "".join([f"{_line(line)}\r\n" for line in coded.split("\n")]).encode("ascii")


def _line(coded: str) -> str:
    if coded.endswith(" "):
        coded = f"{coded[:-1]}=20"
    lines: list[str] = []
    start = 0
    while True:
        lead, start = _lead(coded, start)
        if len(lead) + len(coded) - start <= MOST:
            return "=\r\n".join([*lines, lead + coded[start:]])
        end = whole(coded, start, start + MOST - 1 - len(lead))
        lines.append(lead + coded[start:end])
        start = end


def _bytes(found: re.Match[str]) -> str:
    return "=" + found[0].encode("utf-8", "replace").hex("=").upper()


def _lead(coded: str, start: int) -> tuple[str, int]:
    """What a line begins with, where that must not be as it is, and where it goes on."""
    if coded.startswith(".", start):
        return "=2E", start + 1
    if coded.startswith("From ", start):
        return "=46", start + 1
    return "", start


def whole(coded: str, start: int, end: int) -> int:
    """The last place at or before `end`, beyond `start`, that divides neither a character of `coded`, which has `=` in
    its escapes only, nor what is filled in later.
    """
    if coded[end - 1] == "=":
        end -= 1
    elif coded[end - 2] == "=":
        end -= 2
    at = end
    while at > start and coded[at] == "=" and coded[at + 1] in "89AB":  # the later bytes of a character
        at -= 3
    while at > start and coded[at] == coded[at - 1] == FIXED:
        at -= 1
    return at if at > start else end
