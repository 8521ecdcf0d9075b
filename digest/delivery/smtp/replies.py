"""What a mail server answers (RFC 5321 section 4.2), cut out of a stream of bytes."""

import re
from typing import NamedTuple

from digest.patterns import pattern

MOST_LINES = 100
MOST_BYTES = 65_536
"""A server that says more than this in one reply is not one that we know how to talk to."""

_LINE = pattern(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
_ENDLESS = "its reply has no end"
_ENHANCED = pattern(r"([245]\.\d{1,3}\.\d{1,3})(?: |$)")


class Reply(NamedTuple):
    """One reply: `250 2.1.0 Ok`."""

    code: int
    lines: tuple[str, ...]
    """Without the code, and safe to print."""

    @property
    def enhanced(self) -> str:
        """The enhanced status (RFC 2034, RFC 3463), as `5.1.1`; empty where there is none."""
        found = _ENHANCED.match(self.lines[0])
        return found[1] if found and found[1][0] == str(self.code)[0] else ""

    @property
    def good(self) -> bool:
        return 200 <= self.code < 300

    @property
    def temporary(self) -> bool:
        return 400 <= self.code < 500

    def __str__(self) -> str:
        return f"{self.code} {' '.join(self.lines)}".strip()[:500]


class Replies:
    """Cuts replies out of what is received: the same ones, however it is cut up. Only CR LF ends a line, and a LF alone
    is a part of it (RFC 5321 section 2.3.8).
    """

    def __init__(self) -> None:
        self._buffer = b""
        self._code = b""
        self._lines: list[str] = []
        self._size = 0
        self.garbled = ""
        """Why what came is no reply; nothing that comes behind it is one any more."""

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that `data` completes, up to what is none: then see `garbled`."""
        found: list[Reply] = []
        *lines, self._buffer = (self._buffer + data).split(b"\r\n")
        for line in lines:
            self._size += len(line)
            if reply := self._line(line):
                found.append(reply)
        if self._size + len(self._buffer) > MOST_BYTES:
            self._garble(_ENDLESS)
        return found

    def _line(self, line: bytes) -> Reply | None:
        read = _LINE.fullmatch(line)
        if not read or (self._code and read[1] != self._code):
            self._garble(f"it said what is no reply: {_printable(line[:80])!r}")
        elif self._size > MOST_BYTES or len(self._lines) == MOST_LINES:
            self._garble(_ENDLESS)
        if not read or self.garbled:
            return None
        self._code = read[1]
        self._lines.append(_printable(read[3] or b""))
        if read[2] == b"-":
            return None
        reply = Reply(int(self._code), tuple(self._lines))
        self._code, self._lines, self._size = b"", [], 0
        return reply

    def _garble(self, why: str) -> None:
        self.garbled = self.garbled or why

    @property
    def pending(self) -> bool:
        """Something came that is no whole reply yet."""
        return bool(self._buffer or self._lines or self.garbled)


def _printable(text: bytes) -> str:
    """Controls would go into logs and terminals."""
    told = text.decode("utf-8", "replace")
    if told.isprintable():
        return told.strip()
    return "".join(letter if letter.isprintable() else "�" for letter in told).strip()
