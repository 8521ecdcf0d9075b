"""A message from anybody, taken apart: its head, its parts, what they say (RFC 2045, RFC 2046, RFC 2047).

Heads are read by the email package. Parts are cut here: its parser goes as deep as a message is nested, which anybody
may make too deep, and takes what a report says of each recipient for more messages, or not, by its type. Nothing here
raises, whatever the bytes.
"""

import re
from binascii import Error
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import collapse_rfc2231_value
from typing import NamedTuple

MOST_PARTS = 32
DEEPEST = 4
"""A report has its parts at depth 1, and what forwards a report has them at depth 2."""

_LONGEST = 2_000
"""What is longer than this in a head is cut: the time that reading it takes grows with its square."""


class Part(NamedTuple):
    """A message, or a part of one."""

    head: Message
    """Its fields."""
    kind: str
    """Its type, in lower case: `multipart/report`."""
    content: bytes
    """What comes after the head, with the encoding that the head names, and LF at the end of lines."""

    def field(self, name: str) -> str:
        """A field unfolded and decoded; the first of several, empty where there is none."""
        return next(iter(self.fields(name)), "")

    def fields(self, name: str) -> list[str]:
        return [plain(str(value)) for value in self.head.get_all(name, [])[:MOST_PARTS]]

    def parameter(self, name: str) -> str:
        """A parameter of Content-Type, as it is written; empty where there is none."""
        found = self.head.get_param(name)
        return "" if found is None else collapse_rfc2231_value(found).strip()

    @property
    def decoded(self) -> bytes:
        """The content without its Content-Transfer-Encoding; as it came where it is not as it says."""
        if self.field("content-transfer-encoding").lower() not in ("base64", "quoted-printable"):
            return self.content
        self.head.set_payload(self.content.decode("ascii", "surrogateescape"))
        found = self.head.get_payload(decode=True)
        return found if isinstance(found, bytes) else self.content

    @property
    def text(self) -> str:
        return _decoded(self.decoded, self.parameter("charset") or "utf-8")


def opened(content: bytes) -> Part:
    """The message, or part, that `content` is."""
    first, _, rest = (b"\n" + content.replace(b"\r\n", b"\n")).partition(b"\n\n")
    head = BytesHeaderParser().parsebytes(first[1:] + b"\n\n")
    if len(told := str(head.get("content-type", ""))) > _LONGEST:
        head.replace_header("content-type", told[:_LONGEST])
    return Part(head, head.get_content_type(), rest)


def leaves(whole: Part) -> list[Part]:
    """The parts that are no multipart, in their order; a message within the message is one of them."""
    found: list[Part] = []
    waiting = [(whole, 0)]
    while waiting and len(found) < MOST_PARTS:
        part, depth = waiting.pop(0)
        if part.kind.startswith("multipart/") and depth < DEEPEST:
            waiting[:0] = [(opened(piece), depth + 1) for piece in _pieces(part)]
        else:
            found.append(part)
    return found


def _pieces(part: Part) -> Iterator[bytes]:
    """What stands between the part's boundaries; the last piece may lack the one at its end."""
    boundary = part.parameter("boundary").encode("utf-8", "replace")
    if not boundary:
        return
    line = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*$", re.MULTILINE)
    begins = -1
    for number, found in enumerate(line.finditer(part.content)):
        if begins >= 0:
            yield part.content[begins : max(found.start() - 1, begins)]
        if found[1] or number >= MOST_PARTS:
            return
        begins = found.end() + 1
    if begins >= 0:
        yield part.content[begins:]


def plain(written: str) -> str:
    """A field on one line, its encoded words decoded."""
    written = written[:_LONGEST]
    try:
        words = decode_header(written)
    except (HeaderParseError, Error, ValueError):
        words = [(written, None)]
    told = "".join(word if isinstance(word, str) else _decoded(word, charset or "ascii") for word, charset in words)
    return " ".join(told.split())


def _decoded(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace")
    except (LookupError, ValueError):  # nobody knows that charset, or it takes no replacement
        return content.decode("utf-8", "replace")
